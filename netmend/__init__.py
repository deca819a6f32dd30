"""Netmend finds drift in AWS networks, mends it, and proves it."""

__version__ = "0.1.0"

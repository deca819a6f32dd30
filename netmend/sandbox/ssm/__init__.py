"""The Automation API of Systems Manager, on top of the engine in `netmend.sandbox.automation`."""

from netmend.sandbox.ssm import documents, reading, starting  # each registers its operations

__all__ = ["documents", "reading", "starting"]

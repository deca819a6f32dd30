"""Aggregators see what Config knows in all accounts and Regions that they may look at."""

from netmend.sandbox.config.aggregation import packs, resources, rules, sources

__all__ = ["packs", "resources", "rules", "sources"]

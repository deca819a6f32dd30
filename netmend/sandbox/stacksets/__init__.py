"""CloudFormation StackSets: one template in many accounts and Regions, kept there by operations."""

from netmend.sandbox.organizations.tree import LISTENERS
from netmend.sandbox.stacksets import auto, instances, reads, sets, trust

__all__ = ["auto", "instances", "reads", "sets", "trust"]

LISTENERS.append(auto.follow)

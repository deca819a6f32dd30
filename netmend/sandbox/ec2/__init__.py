"""EC2 as it is: what moto's answers leave to be desired about security groups and prefix lists."""

from netmend.sandbox.ec2 import changes, groups, prefix_lists

__all__ = ["changes", "groups", "prefix_lists"]

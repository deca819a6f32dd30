"""The Automation API of Systems Manager, on top of the engine in `netmend.sandbox.automation`."""

from netmend.sandbox.ssm import (  # each registers its operations
    documents,
    reading,
    starting,
    unrun,
)

__all__ = ["documents", "reading", "starting", "unrun"]

"""The Automation API of Systems Manager, on top of the engine in `netmend.sandbox.automation`."""

from netmend.sandbox.ssm import (  # each registers its operations
    catalogue,
    documents,
    listing,
    reading,
    sharing,
    starting,
    tags,
    unrun,
    validation,
)

__all__ = [
    "catalogue",
    "documents",
    "listing",
    "reading",
    "sharing",
    "starting",
    "tags",
    "unrun",
    "validation",
]

"""The tags of EC2 resources: those of the template, and those that tell which stack owns them."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import Properties, tag_changes, tag_list


def specification(kind: str, properties: Properties) -> dict[str, Any]:
    """The TagSpecifications of a create call for EC2's name of a kind, such as `vpc`."""
    tags = tag_list(properties)
    return {"TagSpecifications": [{"ResourceType": kind, "Tags": tags}]} if tags else {}


def retag(site: Site, physical_id: str, old: Properties, new: Properties) -> None:
    """Mark what was just made; change the tags of what stands."""
    if not old:
        mark(site, physical_id)
        return
    client = site.client("ec2")
    gone, changed = tag_changes(old, new)
    if gone:
        client.delete_tags(Resources=[physical_id], Tags=[{"Key": key} for key in gone])
    if changed:
        tags = [{"Key": key, "Value": value} for key, value in changed.items()]
        client.create_tags(Resources=[physical_id], Tags=tags)


def mark(site: Site, physical_id: str) -> None:
    """Give a resource the tags by which everyone sees that a stack owns it.

    They are put directly in the backend, because the API refuses keys that begin with `aws:`.
    """
    where = site.access
    ec2_backends[where.account][where.region].create_tags(
        [physical_id],
        {
            "aws:cloudformation:stack-name": site.stack_name,
            "aws:cloudformation:stack-id": site.stack_id,
            "aws:cloudformation:logical-id": site.logical_id,
        },
    )

"""AWS::KMS::Key and AWS::KMS::Alias."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    same,
    tag_changes,
    tag_map,
)
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, JSON, STRING, TAGS, json_text

DEFAULT_WINDOW_DAYS: Final = 30
SWITCHES: Final = (("key_rotation", "EnableKeyRotation", False), ("key", "Enabled", True))
"""What can be turned on and off: the end of the operations' names, property, default."""


class Key(Provider):
    """Ref is the id; deleting schedules the deletion."""

    type = "AWS::KMS::Key"
    shape: ClassVar[Shapes] = {
        "Description": STRING,
        "EnableKeyRotation": BOOLEAN,
        "Enabled": BOOLEAN,
        "KeyPolicy": JSON,
        "KeySpec": STRING,
        "KeyUsage": STRING,
        "MultiRegion": BOOLEAN,
        "PendingWindowInDays": INTEGER,
        "Tags": TAGS,
    }
    create_only = ("KeySpec", "KeyUsage", "MultiRegion")
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, key: site.access.arn("kms", f"key/{key}"),
        "KeyId": lambda site, key: key,
    }

    def create(self, site: Site, wanted: Properties) -> str:
        policy = read(wanted, "KeyPolicy")
        made = site.client("kms").create_key(
            Tags=[{"TagKey": k, "TagValue": v} for k, v in tag_map(wanted).items()],
            **({"Policy": json_text(policy)} if policy else {}),
            **pick(wanted, "Description", "KeySpec", "KeyUsage", "MultiRegion"),
        )
        return str(made["KeyMetadata"]["KeyId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("kms")
        read(new, "PendingWindowInDays")  # matters when the key is deleted
        for what, name, default in SWITCHES:
            states = [read(properties, name, default) for properties in (old, new)]
            _turn(client, physical_id, what, states)
        if old:
            self._change(client, physical_id, old, new)

    def _change(self, client: Any, key: str, old: Properties, new: Properties) -> None:
        if not same(old, new, "Description"):
            client.update_key_description(KeyId=key, Description=read(new, "Description", ""))
        policy = read(new, "KeyPolicy")
        if policy and not same(old, new, "KeyPolicy"):
            client.put_key_policy(KeyId=key, PolicyName="default", Policy=json_text(policy))
        gone, changed = tag_changes(old, new)
        if gone:
            client.untag_resource(KeyId=key, TagKeys=gone)
        if changed:
            tags = [{"TagKey": name, "TagValue": value} for name, value in changed.items()]
            client.tag_resource(KeyId=key, Tags=tags)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        window = read(properties, "PendingWindowInDays", DEFAULT_WINDOW_DAYS)
        site.client("kms").schedule_key_deletion(KeyId=physical_id, PendingWindowInDays=window)


def _turn(client: Any, key: str, what: str, states: list[bool]) -> None:
    before, after = states
    if before != after:
        verb = "enable" if after else "disable"
        getattr(client, f"{verb}_{what}")(KeyId=key)


class Alias(Provider):
    """Ref is the name."""

    type = "AWS::KMS::Alias"
    name_property = "AliasName"
    shape: ClassVar[Shapes] = {"AliasName": STRING, "TargetKeyId": STRING}
    required = ("AliasName", "TargetKeyId")
    create_only = ("AliasName",)

    def create(self, site: Site, wanted: Properties) -> str:
        site.client("kms").create_alias(**pick(wanted, "AliasName", "TargetKeyId"))
        return str(read(wanted, "AliasName"))

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old and not same(old, new, "TargetKeyId"):
            site.client("kms").update_alias(
                AliasName=physical_id, TargetKeyId=read(new, "TargetKeyId")
            )

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("kms").delete_alias(AliasName=physical_id)


PROVIDERS = by_name((Key, Alias))

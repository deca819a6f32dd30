"""AWS::Logs::LogGroup."""

from __future__ import annotations

from typing import ClassVar

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    read,
    same,
    tag_changes,
    tag_map,
)
from netmend.sandbox.cloudformation.shapes import INTEGER, STRING, TAGS


class LogGroup(Provider):
    """Ref is the name; the ARN ends with `:*`."""

    type = "AWS::Logs::LogGroup"
    name_property = "LogGroupName"
    shape: ClassVar[Shapes] = {
        "KmsKeyId": STRING,
        "LogGroupName": STRING,
        "RetentionInDays": INTEGER,
        "Tags": TAGS,
    }
    create_only = ("LogGroupName", "KmsKeyId")
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, name: site.access.arn("logs", f"log-group:{name}:*")
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "LogGroupName") or site.name(512))
        key = read(wanted, "KmsKeyId")
        site.client("logs").create_log_group(
            logGroupName=name, tags=tag_map(wanted), **({"kmsKeyId": key} if key else {})
        )
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("logs")
        if not same(old, new, "RetentionInDays"):
            days = read(new, "RetentionInDays")
            if days:
                client.put_retention_policy(logGroupName=physical_id, retentionInDays=days)
            else:
                client.delete_retention_policy(logGroupName=physical_id)
        if old:
            gone, changed = tag_changes(old, new)
            arn = site.access.arn("logs", f"log-group:{physical_id}")
            if gone:
                client.untag_resource(resourceArn=arn, tagKeys=gone)
            if changed:
                client.tag_resource(resourceArn=arn, tags=changed)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("logs").delete_log_group(logGroupName=physical_id)


PROVIDERS = by_name((LogGroup,))

"""AWS::DynamoDB::Table."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure
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
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, STRING, TAGS, Shape

KEYS: Final[Shape] = [{"AttributeName": STRING, "KeyType": STRING}]
PROJECTION: Final[Shape] = {"NonKeyAttributes": [STRING], "ProjectionType": STRING}
THROUGHPUT: Final[Shape] = {"ReadCapacityUnits": INTEGER, "WriteCapacityUnits": INTEGER}
CHANGEABLE: Final = (
    "BillingMode",
    "DeletionProtectionEnabled",
    "ProvisionedThroughput",
    "SSESpecification",
    "StreamSpecification",
)


class Table(Provider):
    """Ref is the name."""

    type = "AWS::DynamoDB::Table"
    name_property = "TableName"
    shape: ClassVar[Shapes] = {
        "AttributeDefinitions": [{"AttributeName": STRING, "AttributeType": STRING}],
        "BillingMode": STRING,
        "DeletionProtectionEnabled": BOOLEAN,
        "GlobalSecondaryIndexes": [
            {
                "IndexName": STRING,
                "KeySchema": KEYS,
                "Projection": PROJECTION,
                "ProvisionedThroughput": THROUGHPUT,
            }
        ],
        "KeySchema": KEYS,
        "LocalSecondaryIndexes": [
            {"IndexName": STRING, "KeySchema": KEYS, "Projection": PROJECTION}
        ],
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": BOOLEAN},
        "ProvisionedThroughput": THROUGHPUT,
        "SSESpecification": {"KMSMasterKeyId": STRING, "SSEEnabled": BOOLEAN, "SSEType": STRING},
        "StreamSpecification": {"StreamViewType": STRING},
        "TableName": STRING,
        "Tags": TAGS,
        "TimeToLiveSpecification": {"AttributeName": STRING, "Enabled": BOOLEAN},
    }
    required = ("KeySchema",)
    # A new global index is an update in AWS; here it is a new table, which tells of the change.
    create_only = (
        "AttributeDefinitions",
        "GlobalSecondaryIndexes",
        "KeySchema",
        "LocalSecondaryIndexes",
        "TableName",
    )
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, name: site.access.arn("dynamodb", f"table/{name}"),
        "StreamArn": lambda site, name: _table(site, name).get("LatestStreamArn", ""),
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "TableName") or site.name(255))
        site.client("dynamodb").create_table(
            TableName=name,
            Tags=tag_list(wanted),
            **{"BillingMode": "PROVISIONED", **_changeable(wanted)},
            **pick(
                wanted,
                "AttributeDefinitions",
                "GlobalSecondaryIndexes",
                "KeySchema",
                "LocalSecondaryIndexes",
            ),
        )
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("dynamodb")
        if old and not same(old, new, *CHANGEABLE):
            client.update_table(TableName=physical_id, **_reset(old), **_changeable(new))
        if not same(old, new, "PointInTimeRecoverySpecification"):
            off = {"PointInTimeRecoveryEnabled": False}
            client.update_continuous_backups(
                TableName=physical_id,
                PointInTimeRecoverySpecification=read(new, "PointInTimeRecoverySpecification", off),
            )
        self._expire(client, physical_id, old, new)
        if old:
            gone, changed = tag_changes(old, new)
            arn = site.access.arn("dynamodb", f"table/{physical_id}")
            if gone:
                client.untag_resource(ResourceArn=arn, TagKeys=gone)
            if changed:
                tags = [{"Key": key, "Value": value} for key, value in changed.items()]
                client.tag_resource(ResourceArn=arn, Tags=tags)

    def _expire(self, client: Any, name: str, old: Properties, new: Properties) -> None:
        if same(old, new, "TimeToLiveSpecification"):
            return
        after = read(new, "TimeToLiveSpecification")
        before = read(old, "TimeToLiveSpecification", {})
        if after is None:
            after = {**before, "Enabled": False}
        if after.get("Enabled") or before.get("Enabled"):
            client.update_time_to_live(TableName=name, TimeToLiveSpecification=after)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        if _table(site, physical_id).get("DeletionProtectionEnabled"):
            raise Failure(
                f"Resource cannot be deleted as it is currently protected against deletion. "
                f"Disable deletion protection first: {physical_id}"
            )
        site.client("dynamodb").delete_table(TableName=physical_id)


def _table(site: Site, name: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client("dynamodb").describe_table(TableName=name)["Table"]
    return found


def _changeable(properties: Properties) -> dict[str, Any]:
    found = pick(properties, *CHANGEABLE)
    if sse := found.get("SSESpecification"):
        found["SSESpecification"] = {
            {"SSEEnabled": "Enabled"}.get(key, key): value for key, value in sse.items()
        }
    if stream := found.get("StreamSpecification"):
        found["StreamSpecification"] = {"StreamEnabled": True, **stream}
    return found


def _reset(old: Properties) -> dict[str, Any]:
    return {"DeletionProtectionEnabled": False} if "DeletionProtectionEnabled" in old else {}


PROVIDERS = by_name((Table,))

"""AWS::Events::Rule and EventBus."""

from __future__ import annotations

import json
from typing import Any, ClassVar

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
from netmend.sandbox.cloudformation.shapes import INTEGER, JSON, STRING, TAGS, MapOf

TARGET = {
    "Arn": STRING,
    "DeadLetterConfig": {"Arn": STRING},
    "Id": STRING,
    "Input": STRING,
    "InputPath": STRING,
    "InputTransformer": {"InputPathsMap": MapOf(STRING), "InputTemplate": STRING},
    "RetryPolicy": {"MaximumEventAgeInSeconds": INTEGER, "MaximumRetryAttempts": INTEGER},
    "RoleArn": STRING,
}


RULE = ("Description", "EventBusName", "ScheduleExpression", "State")
"""What PutRule takes as it stands."""


class Rule(Provider):
    """Ref is the name, or `bus|name` on another bus than the default one."""

    type = "AWS::Events::Rule"
    name_property = "Name"
    shape: ClassVar[Shapes] = {
        "Description": STRING,
        "EventBusName": STRING,
        "EventPattern": JSON,
        "Name": STRING,
        "ScheduleExpression": STRING,
        "State": STRING,
        "Tags": TAGS,
        "Targets": [TARGET],
    }
    create_only = ("EventBusName", "Name")
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, rule: site.access.arn("events", f"rule/{_path(rule)}")
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "Name") or site.name(64))
        bus = read(wanted, "EventBusName")
        self._put(site, name, wanted, Tags=tag_list(wanted))
        return f"{bus}|{name}" if bus else name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        name = physical_id.split("|")[-1]
        client = site.client("events")
        if old and not same(old, new, "EventPattern", *RULE):
            self._put(site, name, new)
        if old:
            _retag(client, site.access.arn("events", f"rule/{_path(physical_id)}"), old, new)
        self._aim(client, name, old, new)

    def _put(self, site: Site, name: str, wanted: Properties, **more: Any) -> None:
        pattern = read(wanted, "EventPattern")
        if pattern is not None:
            more["EventPattern"] = pattern if isinstance(pattern, str) else json.dumps(pattern)
        site.client("events").put_rule(Name=name, **pick(wanted, *RULE), **more)

    def _aim(self, client: Any, name: str, old: Properties, new: Properties) -> None:
        before, after = read(old, "Targets", []), read(new, "Targets", [])
        where = {"Rule": name, **pick(new or old, "EventBusName")}
        stale = sorted({t["Id"] for t in before} - {t["Id"] for t in after})
        if stale:
            _refuse_failed(client.remove_targets(**where, Ids=stale))
        if after and after != before:
            _refuse_failed(client.put_targets(**where, Targets=after))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client, name = site.client("events"), physical_id.split("|")[-1]
        self._aim(client, name, properties, {})
        client.delete_rule(Name=name, **pick(properties, "EventBusName"))


def _path(physical_id: str) -> str:
    return physical_id.replace("|", "/")


def _refuse_failed(answer: dict[str, Any]) -> None:
    for entry in answer["FailedEntries"]:
        raise Failure(f"{entry.get('ErrorCode')}: {entry.get('ErrorMessage')}")


class EventBus(Provider):
    """Ref is the name."""

    type = "AWS::Events::EventBus"
    name_property = "Name"
    shape: ClassVar[Shapes] = {"Description": STRING, "Name": STRING, "Tags": TAGS}
    required = ("Name",)
    create_only = ("Description", "Name")
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, name: _bus(site, name),
        "Name": lambda site, name: name,
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "Name"))
        site.client("events").create_event_bus(
            Name=name, Tags=tag_list(wanted), **pick(wanted, "Description")
        )
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old:
            _retag(site.client("events"), _bus(site, physical_id), old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("events").delete_event_bus(Name=physical_id)


def _bus(site: Site, name: str) -> str:
    return site.access.arn("events", f"event-bus/{name}")


def _retag(client: Any, arn: str, old: Properties, new: Properties) -> None:
    gone, changed = tag_changes(old, new)
    if gone:
        client.untag_resource(ResourceARN=arn, TagKeys=gone)
    if changed:
        tags = [{"Key": key, "Value": value} for key, value in changed.items()]
        client.tag_resource(ResourceARN=arn, Tags=tags)


PROVIDERS = by_name((EventBus, Rule))

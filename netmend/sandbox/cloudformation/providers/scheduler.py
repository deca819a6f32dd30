"""AWS::Scheduler::Schedule and ScheduleGroup."""

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
    tag_changes,
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import INTEGER, STRING, TAGS, Shape

TARGET: Final[dict[str, Shape]] = {
    "Arn": STRING,
    "DeadLetterConfig": {"Arn": STRING},
    "EventBridgeParameters": {"DetailType": STRING, "Source": STRING},
    "Input": STRING,
    "RetryPolicy": {"MaximumEventAgeInSeconds": INTEGER, "MaximumRetryAttempts": INTEGER},
    "RoleArn": STRING,
    "SqsParameters": {"MessageGroupId": STRING},
}
SET: Final = (
    "Description",
    "EndDate",
    "FlexibleTimeWindow",
    "GroupName",
    "ScheduleExpression",
    "ScheduleExpressionTimezone",
    "StartDate",
    "State",
    "Target",
)


class Schedule(Provider):
    """Ref is the name."""

    type = "AWS::Scheduler::Schedule"
    name_property = "Name"
    shape: ClassVar[Shapes] = {
        "Description": STRING,
        "EndDate": STRING,
        "FlexibleTimeWindow": {"MaximumWindowInMinutes": INTEGER, "Mode": STRING},
        "GroupName": STRING,
        "Name": STRING,
        "ScheduleExpression": STRING,
        "ScheduleExpressionTimezone": STRING,
        "StartDate": STRING,
        "State": STRING,
        "Target": TARGET,
    }
    required = ("FlexibleTimeWindow", "ScheduleExpression", "Target")
    create_only = ("GroupName", "Name")
    attributes: ClassVar[Attributes] = {"Arn": lambda site, name: _find(site, name)["Arn"]}

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "Name") or site.name(64))
        site.client("scheduler").create_schedule(Name=name, **pick(wanted, *SET))
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        wanted = pick(new, *SET)
        if old and wanted != pick(old, *SET):
            site.client("scheduler").update_schedule(Name=physical_id, **wanted)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        where = pick(properties, "GroupName")
        site.client("scheduler").delete_schedule(Name=physical_id, **where)


class ScheduleGroup(Provider):
    """Ref is the name."""

    type = "AWS::Scheduler::ScheduleGroup"
    name_property = "Name"
    shape: ClassVar[Shapes] = {"Name": STRING, "Tags": TAGS}
    create_only = ("Name",)
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, name: site.access.arn("scheduler", f"schedule-group/{name}")
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "Name") or site.name(64))
        site.client("scheduler").create_schedule_group(Name=name, Tags=tag_list(wanted))
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old:
            return
        client, arn = site.client("scheduler"), self.attribute(site, physical_id, "Arn")
        gone, changed = tag_changes(old, new)
        if gone:
            client.untag_resource(ResourceArn=arn, TagKeys=gone)
        if changed:
            tags = [{"Key": key, "Value": value} for key, value in changed.items()]
            client.tag_resource(ResourceArn=arn, Tags=tags)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("scheduler").delete_schedule_group(Name=physical_id)


def _find(site: Site, name: str) -> dict[str, Any]:
    pages = site.client("scheduler").get_paginator("list_schedules").paginate(NamePrefix=name)
    return next(one for page in pages for one in page["Schedules"] if one["Name"] == name)


PROVIDERS = by_name((Schedule, ScheduleGroup))

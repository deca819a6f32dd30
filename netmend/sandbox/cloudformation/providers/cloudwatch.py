"""AWS::CloudWatch::Alarm."""

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
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, NUMBER, STRING, TAGS, Shape

DIMENSIONS: Final[Shape] = [{"Name": STRING, "Value": STRING}]
METRIC: Final[Shape] = {"Dimensions": DIMENSIONS, "MetricName": STRING, "Namespace": STRING}
SETTINGS: Final[dict[str, Shape]] = {
    "ActionsEnabled": BOOLEAN,
    "AlarmActions": [STRING],
    "AlarmDescription": STRING,
    "ComparisonOperator": STRING,
    "DatapointsToAlarm": INTEGER,
    "Dimensions": DIMENSIONS,
    "EvaluateLowSampleCountPercentile": STRING,
    "EvaluationPeriods": INTEGER,
    "ExtendedStatistic": STRING,
    "InsufficientDataActions": [STRING],
    "MetricName": STRING,
    "Metrics": [
        {
            "Expression": STRING,
            "Id": STRING,
            "Label": STRING,
            "MetricStat": {"Metric": METRIC, "Period": INTEGER, "Stat": STRING, "Unit": STRING},
            "Period": INTEGER,
            "ReturnData": BOOLEAN,
        }
    ],
    "Namespace": STRING,
    "OKActions": [STRING],
    "Period": INTEGER,
    "Statistic": STRING,
    "Threshold": NUMBER,
    "TreatMissingData": STRING,
    "Unit": STRING,
}


class Alarm(Provider):
    """Ref is the name."""

    type = "AWS::CloudWatch::Alarm"
    name_property = "AlarmName"
    shape: ClassVar[Shapes] = {"AlarmName": STRING, "Tags": TAGS, **SETTINGS}
    required = ("ComparisonOperator", "EvaluationPeriods")
    create_only = ("AlarmName",)
    attributes: ClassVar[Attributes] = {"Arn": lambda site, name: _arn(site, name)}

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "AlarmName") or site.name(255))
        self._put(site, name, wanted, Tags=tag_list(wanted))
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old:
            return
        client = site.client("cloudwatch")
        self._put(site, physical_id, new)
        gone, changed = tag_changes(old, new)
        if gone:
            client.untag_resource(ResourceARN=_arn(site, physical_id), TagKeys=gone)
        if changed:
            tags = [{"Key": key, "Value": value} for key, value in changed.items()]
            client.tag_resource(ResourceARN=_arn(site, physical_id), Tags=tags)

    def _put(self, site: Site, name: str, wanted: Properties, **more: Any) -> None:
        site.client("cloudwatch").put_metric_alarm(
            AlarmName=name, **pick(wanted, *SETTINGS), **more
        )

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("cloudwatch").delete_alarms(AlarmNames=[physical_id])


def _arn(site: Site, name: str) -> str:
    return site.access.arn("cloudwatch", f"alarm:{name}")


PROVIDERS = by_name((Alarm,))

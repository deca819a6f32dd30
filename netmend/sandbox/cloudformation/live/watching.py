"""Live alarms, log groups, Config rules and conformance packs."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.live.base import Properties, Reader, chosen, tags
from netmend.sandbox.cloudformation.providers.cloudwatch import SETTINGS
from netmend.sandbox.cloudformation.providers.config import ConfigRule, ConformancePack


def alarm(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("cloudwatch")
    for found in client.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        listed = client.list_tags_for_resource(ResourceARN=found["AlarmArn"])["Tags"]
        return {**chosen(found, "AlarmName", *SETTINGS), "Tags": tags(listed)}
    return {}


def log_group(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("logs")
    for found in client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]:
        if found["logGroupName"] == name:
            arn = found["arn"].removesuffix(":*")
            live = {
                "LogGroupName": name,
                "RetentionInDays": found.get("retentionInDays"),
                "KmsKeyId": found.get("kmsKeyId"),
            }
            listed = client.list_tags_for_resource(resourceArn=arn).get("tags", {})
            return {**chosen(live, *live), "Tags": tags(listed)}
    return {}


def config_rule(site: Site, name: str, expected: Properties) -> Properties:
    answer = site.client("config").describe_config_rules(ConfigRuleNames=[name])
    return chosen(answer["ConfigRules"][0], *ConfigRule.shape)


def conformance_pack(site: Site, name: str, expected: Properties) -> Properties:
    """The template of a pack cannot be read, so it is not compared."""
    answer = site.client("config").describe_conformance_packs(ConformancePackNames=[name])
    found = answer["ConformancePackDetails"][0]
    unread = ("TemplateBody", "TemplateS3Uri")
    return {**chosen(expected, *unread), **chosen(found, *ConformancePack.shape)}


READERS: Final[dict[str, Reader]] = {
    "AWS::CloudWatch::Alarm": alarm,
    "AWS::Config::ConfigRule": config_rule,
    "AWS::Config::ConformancePack": conformance_pack,
    "AWS::Logs::LogGroup": log_group,
}

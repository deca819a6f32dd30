"""Live functions, their permissions, and what starts them."""

from __future__ import annotations

import json
from typing import Any, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.live.base import Properties, Reader, chosen, tags, unless_gone
from netmend.sandbox.cloudformation.providers.lambda_ import SETTINGS


def function(site: Site, name: str, expected: Properties) -> Properties:
    """Its code is not compared, as in AWS."""
    client = site.client("lambda")
    found = client.get_function_configuration(FunctionName=name)
    listed = client.list_tags(Resource=found["FunctionArn"])["Tags"]
    live = chosen(found, "Architectures", "FunctionName", *SETTINGS)
    return {**live, "Tags": tags(listed)}


def permission(site: Site, statement: str, expected: Properties) -> Properties:
    client = site.client("lambda")
    answer = unless_gone(lambda: client.get_policy(FunctionName=expected["FunctionName"]))
    listed = json.loads(answer["Policy"])["Statement"] if answer else []
    for found in listed:
        if found["Sid"] == statement:
            return {"FunctionName": expected["FunctionName"], **_statement(found)}
    return {}


def _statement(found: dict[str, Any]) -> Properties:
    principal, conditions = found["Principal"], found.get("Condition", {})
    if isinstance(principal, dict):
        principal = next(iter(principal.values()))
    values = {key: value for one in conditions.values() for key, value in one.items()}
    live = {"Action": found["Action"], "Principal": principal}
    for name, key in CONDITIONS.items():
        if key in values:
            live[name] = values[key]
    return live


CONDITIONS: Final = {
    "PrincipalOrgID": "aws:PrincipalOrgID",
    "SourceAccount": "AWS:SourceAccount",
    "SourceArn": "AWS:SourceArn",
}


def invoke_config(site: Site, _: str, expected: Properties) -> Properties:
    where = chosen(expected, "FunctionName", "Qualifier")
    found = site.client("lambda").get_function_event_invoke_config(**where)
    settings = ("DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")
    return {**where, **chosen(found, *settings)}


def rule(site: Site, physical_id: str, expected: Properties) -> Properties:
    client, name = site.client("events"), physical_id.split("|")[-1]
    bus = chosen(expected, "EventBusName")
    found = client.describe_rule(Name=name, **bus)
    targets = client.list_targets_by_rule(Rule=name, **bus)["Targets"]
    listed = client.list_tags_for_resource(ResourceARN=found["Arn"])["Tags"]
    names = ("Description", "EventPattern", "Name", "ScheduleExpression", "State")
    return {**chosen(found, *names), **bus, "Targets": targets, "Tags": tags(listed)}


READERS: Final[dict[str, Reader]] = {
    "AWS::Events::Rule": rule,
    "AWS::Lambda::EventInvokeConfig": invoke_config,
    "AWS::Lambda::Function": function,
    "AWS::Lambda::Permission": permission,
}

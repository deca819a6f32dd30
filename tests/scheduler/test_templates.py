"""A template makes, changes and deletes schedules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox import extensions
from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
REGION = "us-east-1"


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    modules = ("iam", "events", "scheduler", "functions", "notifications", "cloudformation")
    monkeypatch.setattr(extensions, "MODULES", modules)
    with Sandbox() as started:
        yield started


def template(role: str, **changes: Any) -> str:
    schedule = {
        "ScheduleExpression": "rate(1 hour)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "GroupName": {"Ref": "Group"},
        "Target": {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:q", "RoleArn": role, "Input": "x"},
        **changes,
    }
    resources = {
        "Group": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "g"}},
        "Sweep": {"Type": "AWS::Scheduler::Schedule", "Properties": schedule},
    }
    outputs = {"Arn": {"Value": {"Fn::GetAtt": ["Sweep", "Arn"]}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def test_a_stack_has_schedules(sandbox, role, queue):
    waiting = queue("q")
    arn = role("sqs:SendMessage", group=f"arn:aws:scheduler:{REGION}:{ACCOUNT}:schedule-group/g")
    stacks, scheduler = sandbox.client("cloudformation"), sandbox.client("scheduler")
    stacks.create_stack(StackName="s", TemplateBody=template(arn))
    sandbox.settle()
    assert waiting.bodies() == ["x"]
    (stack,) = stacks.describe_stacks(StackName="s")["Stacks"]
    assert stack["StackStatus"] == "CREATE_COMPLETE"
    (made,) = scheduler.list_schedules(GroupName="g")["Schedules"]
    assert stack["Outputs"][0]["OutputValue"] == made["Arn"]
    stacks.update_stack(StackName="s", TemplateBody=template(arn, State="DISABLED"))
    assert scheduler.get_schedule(GroupName="g", Name=made["Name"])["State"] == "DISABLED"
    stacks.delete_stack(StackName="s")
    sandbox.settle()
    assert scheduler.list_schedules()["Schedules"] == []
    groups = scheduler.list_schedule_groups()["ScheduleGroups"]
    assert [group["Name"] for group in groups] == ["default"]

"""Runs make room for others however they end, and parents wait for children without a jam."""

from __future__ import annotations

from typing import Any

import pytest

from netmend.sandbox.api import ApiCall
from netmend.sandbox.faults import Cut
from netmend.sandbox.ssm import runs
from tests.ssm.world import World, nap, quick


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """One run at a time."""
    monkeypatch.setitem(runs.RUNNING, runs.SINGLE, 1)


def calling(child: str) -> dict[str, Any]:
    step = {"name": "Call", "action": "aws:executeAutomation", "inputs": {"DocumentName": child}}
    return {"schemaVersion": "0.3", "mainSteps": [step]}


def test_a_child_does_not_wait_for_the_parent_that_waits_for_it(world: World) -> None:
    world.document("Nap", nap(10))
    world.document("Middle", calling("Nap"))
    world.document("Outer", calling("Middle"))
    first, second = world.start("Outer"), world.start("Outer")
    world.sandbox.settle()
    assert (world.status(first), world.status(second)) == ("InProgress", "Pending")
    world.sandbox.settle(within=60)
    assert (world.status(first), world.status(second)) == ("Success", "Success")
    (middle,) = world.listed(ParentExecutionId=[first])
    (inner,) = world.listed(ParentExecutionId=[middle["AutomationExecutionId"]])
    assert inner["DocumentName"] == "Nap"


def test_stopping_a_parent_stops_all_below_it(world: World) -> None:
    world.document("Nap", nap(3600))
    world.document("Middle", calling("Nap"))
    world.document("Outer", calling("Middle"))
    outer = world.start("Outer")
    world.sandbox.settle()
    world.ssm.stop_automation_execution(AutomationExecutionId=outer)
    world.sandbox.settle()
    assert {one["AutomationExecutionStatus"] for one in world.listed()} == {"Cancelled"}


class Saboteur:
    """A hook that cuts the run that makes a call."""

    def before(self, call: ApiCall) -> None:
        if call.operation == "GetCallerIdentity":
            raise Cut("here")

    def after(self, call: ApiCall) -> None:
        return None


def test_a_run_that_is_cut_makes_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.document("Quick", quick())
    world.document("Nap", nap(10))
    monkeypatch.setattr(world.sandbox, "hooks", [Saboteur()])
    cut, second = world.start("Quick", Parameters={"Id": ["a"]}), world.start("Nap")
    world.sandbox.settle()
    assert (world.status(cut), world.status(second)) == ("Failed", "InProgress")


def test_a_rate_controlled_run_goes_on_while_its_children_take_turns(world: World) -> None:
    world.document("Nap", nap(10, parameters={"Id": {"type": "String"}}))
    targets = [{"Key": "ParameterValues", "Values": list("abcd")}]
    parent = world.start("Nap", TargetParameterName="Id", Targets=targets, MaxConcurrency="4")
    alone = world.start("Nap", Parameters={"Id": ["e"]})
    world.sandbox.settle(within=300)
    assert (world.status(parent), world.status(alone)) == ("Success", "Success")


def test_the_status_changes_of_a_parent_are_events(world: World) -> None:
    events, sqs = world.client("events"), world.client("sqs")
    url = sqs.create_queue(QueueName="told")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = '{"source": ["aws.ssm"], "detail": {"Status": ["Success"]}}'
    events.put_rule(Name="ended", EventPattern=pattern)
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal":'
        ' {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",'
        f' "Resource": "{arn["QueueArn"]}"}}]}}'
    )
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    events.put_targets(Rule="ended", Targets=[{"Id": "1", "Arn": arn["QueueArn"]}])
    world.document("Nap", nap(1, parameters={"Id": {"type": "String"}}))
    targets = [{"Key": "ParameterValues", "Values": ["a"]}]
    parent = world.run("Nap", TargetParameterName="Id", Targets=targets)
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert any(parent["AutomationExecutionId"] in one["Body"] for one in received)

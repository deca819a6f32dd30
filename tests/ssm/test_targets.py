"""One start makes a run for each target, so many at once, until too many have failed."""

from __future__ import annotations

from typing import Any

import pytest

from netmend.sandbox.ssm.fleet import limit
from tests.ssm.world import World, nap, quick, refused, waiting

LIMITS = {
    "a number": ("3", 10, 3),
    "a number beyond the total": ("30", 10, 30),
    "AWS's own example: the sixth error of fifty stops at 10%": ("10%", 50, 5),
    "a percentage is rounded down": ("7%", 50, 3),
    "less than one is none": ("7%", 10, 0),
    "all": ("100%", 7, 7),
    "none": ("0%", 7, 0),
}


@pytest.mark.parametrize(("text", "total", "found"), LIMITS.values(), ids=LIMITS)
def test_a_limit_is(text: str, total: int, found: int) -> None:
    assert limit(text, total) == found


def values(*texts: str) -> dict[str, Any]:
    targets = [{"Key": "ParameterValues", "Values": list(texts)}]
    return {"TargetParameterName": "Id", "Targets": targets}


G, B = "good", "bad"
ERRORS = {
    "none fails": ([G, G, G], {}, "Success", 3),
    "none may fail, and the first does": ([B, G, G], {}, "Failed", 1),
    "none may fail, and the second does": ([G, B, G, G, G], {"MaxErrors": "0"}, "Failed", 3),
    "one may fail, and one does": ([B, G, G], {"MaxErrors": "1"}, "Success", 3),
    "one may fail, and two do": ([B, B, G, G], {"MaxErrors": "1"}, "Failed", 3),
    "all may fail, and do": ([B, B, B], {"MaxErrors": "100%"}, "Success", 3),
    "7% of three is none": ([B, G, G], {"MaxErrors": "7%"}, "Failed", 1),
    "34% of three is one": ([B, G, G], {"MaxErrors": "34%"}, "Success", 3),
    "what runs when the error comes is let finish": (
        [G, G, B, G, G, G, G],
        {"MaxErrors": "0", "MaxConcurrency": "2"},
        "Failed",
        4,
    ),
}


@pytest.mark.parametrize(("targets", "limits", "status", "begun"), ERRORS.values(), ids=ERRORS)
def test_errors(world: World, targets: list[str], limits: Any, status: str, begun: int) -> None:
    world.document("Quick", quick())
    maps = [{"Id": [target]} for target in targets]
    record = world.run("Quick", TargetMaps=maps, TargetParameterName="Id", **limits)
    counted, summary = record["ProgressCounters"], record["TargetsSummary"]
    assert record["AutomationExecutionStatus"] == status
    assert (counted["TotalSteps"], summary["StartedCount"]) == (len(targets), begun)
    assert summary["FailedCount"] == counted["FailedSteps"] == targets[:begun].count(B)
    children = world.listed(ParentExecutionId=[record["AutomationExecutionId"]])
    assert len(children) == begun


def test_a_failed_parent_says_how_many_failed_and_why(world: World) -> None:
    world.document("Quick", quick())
    record = world.run("Quick", **values("bad", "good"))
    (child,) = world.listed(ParentExecutionId=[record["AutomationExecutionId"]])
    assert record["FailureMessage"] == (
        "1 of 2 automations failed, of which 0 may. The first: The automation"
        f" {child['AutomationExecutionId']} ended Failed."
    )


def test_parent_and_child_know_each_other(world: World) -> None:
    world.document("Quick", quick())
    parent = world.run("Quick", **values("a", "b"), MaxConcurrency="50%", MaxErrors="1")
    name = parent["AutomationExecutionId"]
    children = world.listed(ParentExecutionId=[name])
    assert {one["Target"] for one in children} == {"a", "b"}
    assert {one["ParentAutomationExecutionId"] for one in children} == {name}
    assert parent["ResolvedTargets"] == {"ParameterValues": ["a", "b"], "Truncated": False}
    assert (parent["MaxConcurrency"], parent["MaxErrors"]) == ("50%", "1")
    assert (parent["TargetParameterName"], parent["Mode"]) == ("Id", "Auto")
    steps = parent["StepExecutions"]
    assert [one["StepName"] for one in steps] == ["a", "b"]
    assert {one["Action"] for one in steps} == {"aws:executeAutomation"}
    assert [one["Inputs"] for one in steps] == [{"Id": '"a"'}, {"Id": '"b"'}]
    started = [one["Outputs"]["ExecutionId"][0] for one in steps]
    assert set(started) == {one["AutomationExecutionId"] for one in children}
    assert world.record(started[0])["Parameters"]["Id"] == ["a"]
    # AWS's own runbooks look up a child by the id of its step.
    assert [one["StepExecutionId"] for one in steps] == started


def test_runs_grow_from_one_to_as_many_as_may_run_at_once(world: World) -> None:
    world.document("Nap", nap(10, parameters={"Id": {"type": "String"}}))
    parent = world.start("Nap", **values(*"abcdefghijk"), MaxConcurrency="4")
    seen = []
    for _ in range(4):
        world.sandbox.settle()
        running = [one["StepStatus"] for one in world.record(parent)["StepExecutions"]]
        seen.append(running.count("InProgress"))
        world.sandbox.clock.advance(11)
    assert seen == [1, 2, 4, 4]


def test_a_target_given_twice_is_one(world: World) -> None:
    world.document("Quick", quick())
    assert world.run("Quick", **values("a", "a"))["ProgressCounters"]["TotalSteps"] == 1


def test_parameters_that_all_share_go_to_each(world: World) -> None:
    both = {"Id": {"type": "String"}, "Other": {"type": "String"}}
    world.document("Nap", nap(parameters=both))
    parent = world.run("Nap", **values("a", "b"), Parameters={"Other": ["x"]})
    children = [one["Outputs"]["ExecutionId"][0] for one in parent["StepExecutions"]]
    assert [world.record(one)["Parameters"]["Other"] for one in children] == [["x"], ["x"]]
    assert parent["Parameters"] == {"Other": ["x"]}


@pytest.mark.parametrize(("kind", "child"), [("Cancel", "Cancelled"), ("Complete", "Success")])
def test_a_stopped_parent_begins_no_other_child(world: World, kind: str, child: str) -> None:
    world.document("Nap", nap(10, parameters={"Id": {"type": "String"}}))
    parent = world.start("Nap", **values("a", "b"))
    world.sandbox.settle()
    world.ssm.stop_automation_execution(AutomationExecutionId=parent, Type=kind)
    again = {"AutomationExecutionId": parent, "Type": kind}
    code, _ = refused(world.ssm.stop_automation_execution, **again)
    assert code == "InvalidAutomationStatusUpdateException"
    world.sandbox.settle(within=60)
    record = world.record(parent)
    assert record["AutomationExecutionStatus"] == child
    assert [one["StepStatus"] for one in record["StepExecutions"]] == [child, "Pending"]


def test_a_parent_takes_no_signal_and_its_child_does(world: World) -> None:
    world.document("Hold", waiting() | {"parameters": {"Id": {"type": "String"}}})
    parent = world.start("Hold", **values("a"))
    world.sandbox.settle()
    signal = {"SignalType": "Resume", "Payload": {"StepName": ["a"]}}
    code, _ = refused(world.ssm.send_automation_signal, AutomationExecutionId=parent, **signal)
    assert code == "InvalidAutomationSignalException"
    (child,) = world.listed(ParentExecutionId=[parent])
    world.ssm.send_automation_signal(
        AutomationExecutionId=child["AutomationExecutionId"],
        SignalType="Resume",
        Payload={"StepName": ["Hold"]},
    )
    world.sandbox.settle()
    assert world.status(parent) == "Success"


INVALID = "InvalidAutomationExecutionParametersException"
A_TAG = {"Key": "tag:env", "Values": ["dev"]}
REFUSALS = {
    "targets without a parameter": ({"Targets": [A_TAG]}, INVALID),
    "a parameter without targets": ({"TargetParameterName": "Id"}, INVALID),
    "targets and maps": ({**values("a"), "TargetMaps": [{"Id": ["a"]}]}, INVALID),
    "an unknown parameter": ({**values("a"), "TargetParameterName": "id"}, INVALID),
    "a map with an unknown parameter": ({"TargetMaps": [{"X": ["a"]}]}, INVALID),
    "the role as the target": ({**values("a"), "TargetParameterName": "Role"}, INVALID),
    "a parameter of the wrong form": (
        {**values("a"), "Parameters": {"Other": ["x"]}},
        INVALID,
    ),
    "a key that AWS has not": (
        {"TargetParameterName": "Id", "Targets": [{"Key": "name", "Values": ["a"]}]},
        "InvalidTarget",
    ),
    "a tag without a key": (
        {"TargetParameterName": "Id", "Targets": [{"Key": "tag:", "Values": ["a"]}]},
        "InvalidTarget",
    ),
    "no values": (
        {"TargetParameterName": "Id", "Targets": [{"Key": "ParameterValues", "Values": []}]},
        "InvalidTarget",
    ),
    "a group that does not exist": (
        {"TargetParameterName": "Id", "Targets": [{"Key": "ResourceGroup", "Values": ["g"]}]},
        "InvalidTarget",
    ),
    "a concurrency of none": ({**values("a"), "MaxConcurrency": "0"}, "ValidationException"),
    "errors below none": ({**values("a"), "MaxErrors": "-1"}, "ValidationException"),
}


@pytest.mark.parametrize(("params", "code"), REFUSALS.values(), ids=REFUSALS)
def test_is_refused(world: World, params: Any, code: str) -> None:
    parameters = {"Id": {"type": "String"}, "Role": {"type": "String", "default": ""}}
    world.document("Quick", quick(parameters=parameters, assumeRole="{{ Role }}"))
    found, _ = refused(world.ssm.start_automation_execution, DocumentName="Quick", **params)
    assert found == code
    assert world.listed() == []


def groups(world: World) -> dict[str, str]:
    """Three security groups by name: a and b are tagged, the VPC of all too."""
    ec2 = world.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = {
        name: ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in "abc"
    }
    ec2.create_tags(Resources=[made["a"], vpc], Tags=[{"Key": "env", "Value": "dev"}])
    ec2.create_tags(Resources=[made["b"]], Tags=[{"Key": "env", "Value": "test"}])
    return made


def devs(world: World) -> None:
    """A resource group of what is tagged env: dev."""
    query = (
        '{"ResourceTypeFilters": ["AWS::AllSupported"],'
        ' "TagFilters": [{"Key": "env", "Values": ["dev"]}]}'
    )
    world.client("resource-groups").create_group(
        Name="devs", ResourceQuery={"Type": "TAG_FILTERS_1_0", "Query": query}
    )


SECURITY_GROUPS = {"TargetType": "/AWS::EC2::SecurityGroup"}
TAGS = {
    "the groups with a tag's value": ({"Key": "tag:env", "Values": ["dev"]}, "a"),
    "those with one of two values": ({"Key": "tag:env", "Values": ["dev", "test"]}, "ab"),
    "those with a tag of any value": ({"Key": "tag-key", "Values": ["env"]}, "ab"),
    "those in a resource group": ({"Key": "ResourceGroup", "Values": ["devs"]}, "a"),
}


@pytest.mark.parametrize(("target", "names"), TAGS.values(), ids=TAGS)
def test_targets_are(world: World, target: Any, names: str) -> None:
    world.document("Quick", quick(), **SECURITY_GROUPS)
    made = groups(world)
    devs(world)
    record = world.run("Quick", TargetParameterName="Id", Targets=[target])
    assert record["AutomationExecutionStatus"] == "Success"
    assert sorted(record["ResolvedTargets"]["ParameterValues"]) == sorted(made[n] for n in names)


def test_a_tag_that_nothing_has_fails_the_parent(world: World) -> None:
    world.document("Quick", quick())
    record = world.run("Quick", TargetParameterName="Id", Targets=[A_TAG])
    assert record["AutomationExecutionStatus"] == "Failed"
    assert record["FailureMessage"] == "There are no targets to run the automation on."


def test_runs_that_target_a_resource_group_are_found_by_it(world: World) -> None:
    world.document("Quick", quick())
    world.run("Quick", **values("a"))
    devs(world)
    target = {"Key": "ResourceGroup", "Values": ["devs"]}
    parent = world.start("Quick", TargetParameterName="Id", Targets=[target])
    found = world.listed(TargetResourceGroup=["devs"])
    assert [one["AutomationExecutionId"] for one in found] == [parent]

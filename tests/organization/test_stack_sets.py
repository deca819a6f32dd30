"""Stack sets as CloudFormation runs them: where they go, how far, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.organization.fleet import (
    ALL,
    BODY,
    BROKEN,
    CHANGED,
    REGIONS,
    ROLE,
    Fleet,
    refusal,
)

TARGETS: dict[str, tuple[list[str], dict[str, Any], set[str]]] = {
    "an OU with those below it": (["top"], {}, {"top", "below"}),
    "an OU below": (["below"], {}, {"below"}),
    "several": (["below", "beside"], {}, {"below", "beside"}),
    "some of an OU": (
        ["top"],
        {"Accounts": ["below", "beside"], "AccountFilterType": "INTERSECTION"},
        {"below"},
    ),
    "an OU but for some": (
        ["top"],
        {"Accounts": ["below"], "AccountFilterType": "DIFFERENCE"},
        {"top"},
    ),
    "everybody but the management account": ([], {}, {"top", "below", "beside"}),
}


@pytest.mark.parametrize(("units", "said", "reached"), TARGETS.values(), ids=TARGETS)
def test_reaches(fleet: Fleet, units: list[str], said: dict[str, Any], reached: set[str]) -> None:
    fleet.made()
    named = [fleet.accounts[one] for one in said.get("Accounts", ())]
    ids = [fleet.units[one] for one in units] or [fleet.root]
    targets = {**said, "OrganizationalUnitIds": ids, **({"Accounts": named} if named else {})}
    fleet.put(DeploymentTargets=targets)
    assert fleet.where() == reached
    assert all(fleet.topics(name) == ["plain"] for name in reached)


def test_operation_runs_behind_the_api(fleet: Fleet) -> None:
    fleet.made()
    operation = fleet.put("top", settle=False)
    assert fleet.status(operation) == "RUNNING"
    assert {one["StackInstanceStatus"]["DetailedStatus"] for one in fleet.instances("set")} == {
        "PENDING"
    }
    fleet.settle()
    assert fleet.status(operation) == "SUCCEEDED"
    assert {one["Status"] for one in fleet.instances("set")} == {"CURRENT"}


def test_stack_is_named_after_the_set_and_a_role_fits_its_limit(fleet: Fleet) -> None:
    fleet.made("a" * 100, json.dumps(ROLE), Capabilities=["CAPABILITY_IAM"])
    fleet.put("below", StackSetName="a" * 100)
    stack = fleet.instances("a" * 100)[0]["StackId"].split("/")[1]
    roles = fleet.member(fleet.accounts["below"], "iam").list_roles()["Roles"]
    made = [one["RoleName"] for one in roles if one["RoleName"].startswith("StackSet-aaa")]
    assert (len(stack), stack[:12]) == (128, "StackSet-aaa")
    assert [len(name) for name in made] == [64]


def test_failure_stops_its_region_and_the_later_ones(fleet: Fleet) -> None:
    fleet.made(body=json.dumps(BROKEN))
    operation = fleet.put(
        "top",
        "beside",
        Regions=REGIONS,
        OperationPreferences={"RegionOrder": ["eu-west-1", "us-east-1"]},
    )
    assert fleet.status(operation) == "FAILED"
    found = fleet.sets_api.list_stack_set_operation_results(
        StackSetName="set", OperationId=operation
    )["Summaries"]
    ended = [(one["Region"], one["Status"]) for one in found]
    assert sorted(ended) == [
        *[("eu-west-1", "CANCELLED")] * 2,
        ("eu-west-1", "FAILED"),
        *[("us-east-1", "CANCELLED")] * 3,
    ]
    failed = next(one for one in fleet.instances("set") if "StatusReason" in one)
    assert failed["Status"] == "OUTDATED"


def test_failures_within_the_tolerance_are_success(fleet: Fleet) -> None:
    fleet.made(body=json.dumps(BROKEN))
    operation = fleet.put("top", OperationPreferences=ALL)
    assert (fleet.status(operation), fleet.results(operation)) == ("SUCCEEDED", ["FAILED"] * 2)
    instance = fleet.instances("set")[0]
    assert instance["StatusReason"].startswith("ResourceLogicalId:Permission, ResourceType:AWS::")
    assert instance["StackInstanceStatus"] == {"DetailedStatus": "FAILED"}
    fleet.sets_api.update_stack_set(StackSetName="set", TemplateBody=BODY, OperationPreferences=ALL)
    fleet.settle()
    assert {one["Status"] for one in fleet.instances("set")} == {"CURRENT"}


def test_operation_that_is_stopped_begins_no_more(fleet: Fleet) -> None:
    fleet.made()
    operation = fleet.put("top", "beside", settle=False)
    while "SUCCEEDED" not in fleet.results(operation):
        assert fleet.sandbox.engine.step()
    fleet.sets_api.stop_stack_set_operation(StackSetName="set", OperationId=operation)
    assert fleet.status(operation) == "STOPPING"
    fleet.settle()
    assert fleet.status(operation) == "STOPPED"
    assert sorted(fleet.results(operation)) == ["CANCELLED", "CANCELLED", "SUCCEEDED"]
    code, _ = refusal(
        lambda: fleet.sets_api.stop_stack_set_operation(StackSetName="set", OperationId=operation)
    )
    assert code == "InvalidOperationException"


def test_update_reaches_every_instance_and_keeps_overrides(fleet: Fleet) -> None:
    fleet.made(Tags=[{"Key": "team", "Value": "a"}])
    fleet.put("top")
    override = [{"ParameterKey": "Name", "ParameterValue": "own"}]
    fleet.sets_api.update_stack_instances(
        StackSetName="set",
        DeploymentTargets={"OrganizationalUnitIds": [fleet.units["below"]]},
        Regions=["us-east-1"],
        ParameterOverrides=override,
    )
    fleet.settle()
    fleet.sets_api.update_stack_set(StackSetName="set", TemplateBody=CHANGED)
    fleet.settle()
    assert (fleet.topics("top"), fleet.topics("below")) == (["plain"], ["own"])
    one = fleet.sets_api.describe_stack_instance(
        StackSetName="set",
        StackInstanceAccount=fleet.accounts["below"],
        StackInstanceRegion="us-east-1",
    )["StackInstance"]
    assert (one["ParameterOverrides"], one["Status"]) == (override, "CURRENT")
    arn = f"arn:aws:sns:us-east-1:{fleet.accounts['below']}:own"
    sns = fleet.member(fleet.accounts["below"], "sns")
    assert sns.get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"] == "two"


def test_update_of_some_leaves_the_others_outdated(fleet: Fleet) -> None:
    fleet.made()
    fleet.put("top")
    fleet.sets_api.update_stack_set(
        StackSetName="set",
        TemplateBody=CHANGED,
        DeploymentTargets={"OrganizationalUnitIds": [fleet.units["below"]]},
        Regions=["us-east-1"],
    )
    fleet.settle()
    found = {one["Account"]: one["Status"] for one in fleet.instances("set")}
    assert found[fleet.accounts["below"]] == "CURRENT"
    assert found[fleet.accounts["top"]] == "OUTDATED"


@pytest.mark.parametrize(
    ("retain", "left"),
    [
        pytest.param(False, [], id="the stacks go too"),
        pytest.param(True, ["plain"], id="retained stacks stay, as nobody's instances"),
    ],
)
def test_instances_are_deleted(fleet: Fleet, retain: bool, left: list[str]) -> None:
    fleet.made()
    fleet.put("top")
    fleet.take("top", RetainStacks=retain)
    assert (fleet.where(), fleet.topics("below")) == (set(), left)
    fleet.sets_api.delete_stack_set(StackSetName="set")
    listed = fleet.sets_api.list_stack_sets(Status="DELETED")["Summaries"]
    assert [one["StackSetName"] for one in listed] == ["set"]


def test_managed_execution_queues_what_would_be_refused(fleet: Fleet) -> None:
    fleet.made(ManagedExecution={"Active": True})
    first, second = fleet.put("top", settle=False), fleet.put("beside", settle=False)
    assert (fleet.status(first), fleet.status(second)) == ("RUNNING", "QUEUED")
    fleet.settle()
    assert (fleet.status(first), fleet.status(second)) == ("SUCCEEDED", "SUCCEEDED")
    assert fleet.where() == {"top", "below", "beside"}


def test_closed_account_is_skipped(fleet: Fleet) -> None:
    fleet.api.close_account(AccountId=fleet.accounts["below"])
    fleet.settle()
    fleet.made()
    assert fleet.status(fleet.put("below")) == "SUCCEEDED"
    found = fleet.instances("set")[0]["StackInstanceStatus"]["DetailedStatus"]
    assert (found, fleet.topics("below")) == ("SKIPPED_SUSPENDED_ACCOUNT", [])


def test_same_request_makes_one_set(fleet: Fleet) -> None:
    made = [
        fleet.sets_api.create_stack_set(
            StackSetName="once", TemplateBody=BODY, ClientRequestToken="token"
        )["StackSetId"]
        for _ in range(2)
    ]
    assert made[0] == made[1]
    fleet.sets_api.update_stack_set(StackSetName="once", TemplateBody=CHANGED)
    code, _ = refusal(
        lambda: fleet.sets_api.create_stack_set(
            StackSetName="once", TemplateBody=BODY, ClientRequestToken="token"
        )
    )
    assert code == "CreatedButModifiedException"

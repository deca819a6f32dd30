"""A run in many accounts and Regions, each as that account's own execution role."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ssm.world import ACCOUNT, FAR, OTHER, REGION, World, nap, quick, refused

EXECUTION = "AWS-SystemsManager-AutomationExecutionRole"
THIRD = "333333333333"


def places(*accounts: str, regions: tuple[str, ...] = (REGION,), **more: Any) -> dict[str, Any]:
    return {"TargetLocations": [{"Accounts": list(accounts), "Regions": list(regions), **more}]}


def ready(world: World, *accounts: str, name: str = EXECUTION) -> None:
    """A runbook that is shared with accounts, in each of which is the execution role."""
    world.document("Nap", nap(10, parameters={"Id": {"type": "String", "default": "x"}}))
    for account in accounts:
        world.role(name, account)
    others = [account for account in accounts if account != ACCOUNT]
    if others:
        world.ssm.modify_document_permission(
            Name="Nap", PermissionType="Share", AccountIdsToAdd=others
        )


def test_each_account_runs_it_as_its_own_role(world: World) -> None:
    ready(world, ACCOUNT, OTHER)
    parent = world.run("Nap", **places(ACCOUNT, OTHER))
    name = parent["AutomationExecutionId"]
    assert parent["AutomationExecutionStatus"] == "Success"
    for account, step in zip((ACCOUNT, OTHER), parent["StepExecutions"], strict=True):
        client = world.client(account=account)
        child = world.record(step["Outputs"]["ExecutionId"][0], client)
        assert child["ParentAutomationExecutionId"] == name
        assert child["ExecutedBy"] == f"arn:aws:sts::{account}:assumed-role/{EXECUTION}/{name}"
        assert step["TargetLocation"]["Accounts"] == [account]
        assert len(world.listed(client, ParentExecutionId=[name])) == 1
    assert [one["AutomationType"] for one in world.listed(ExecutionId=[name])] == ["CrossAccount"]
    assert len(world.listed(AutomationType=["CrossAccount"])) == 1


def test_regions_need_a_runbook_of_their_own(world: World) -> None:
    ready(world, ACCOUNT)
    where = places(ACCOUNT, regions=(FAR, REGION), TargetLocationMaxErrors="1")
    steps = world.run("Nap", **where)["StepExecutions"]
    assert [one["StepStatus"] for one in steps] == ["Failed", "Success"]
    assert "AutomationDefinitionNotFoundException" in steps[0]["FailureMessage"]
    world.document("Nap", nap(), world.client(region=FAR))
    steps = world.run("Nap", **where)["StepExecutions"]
    assert [one["StepStatus"] for one in steps] == ["Success", "Success"]


LACKS = {
    "the role": ("role", "does not exist or cannot be assumed"),
    "a share of the runbook": ("share", "AutomationDefinitionNotFoundException"),
}


@pytest.mark.parametrize(("lack", "message"), LACKS.values(), ids=LACKS)
def test_it_fails_in_an_account_without(world: World, lack: str, message: str) -> None:
    ready(world, OTHER)
    if lack == "share":
        world.role(EXECUTION, THIRD)
    else:
        world.ssm.modify_document_permission(
            Name="Nap", PermissionType="Share", AccountIdsToAdd=[THIRD]
        )
    record = world.run("Nap", **places(THIRD, OTHER))
    steps = record["StepExecutions"]
    assert record["AutomationExecutionStatus"] == "Failed"
    assert [one["StepStatus"] for one in steps] == ["Failed", "Pending"]
    assert message in steps[0]["FailureMessage"]


def test_the_execution_role_may_have_another_name(world: World) -> None:
    ready(world, OTHER, name="net-ops")
    assert world.run("Nap", **places(OTHER))["AutomationExecutionStatus"] == "Failed"
    named = places(OTHER, ExecutionRoleName="net-ops")
    assert world.run("Nap", **named)["AutomationExecutionStatus"] == "Success"


def test_the_role_that_the_runbook_names_becomes_the_execution_role(world: World) -> None:
    ready(world, OTHER)
    parameters = {"AutomationAssumeRole": {"type": "String"}}
    runbook = nap(1, assumeRole="{{ AutomationAssumeRole }}", parameters=parameters)
    world.document("Central", runbook)
    world.ssm.modify_document_permission(
        Name="Central", PermissionType="Share", AccountIdsToAdd=[OTHER]
    )
    central = world.role("Administration")
    given = {"AutomationAssumeRole": [central]}
    parent = world.run("Central", Parameters=given, **places(OTHER))
    (step,) = parent["StepExecutions"]
    child = world.record(step["Outputs"]["ExecutionId"][0], world.client(account=OTHER))
    assert parent["Parameters"] == given
    assert child["Parameters"]["AutomationAssumeRole"] == [f"arn:aws:iam::{OTHER}:role/{EXECUTION}"]
    assert child["AutomationExecutionStatus"] == "Success"


def test_a_role_that_may_not_assume_the_execution_role_fails(world: World) -> None:
    ready(world, OTHER)
    parameters = {"AutomationAssumeRole": {"type": "String"}}
    world.document(
        "Central", nap(1, assumeRole="{{ AutomationAssumeRole }}", parameters=parameters)
    )
    nothing = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "sts:*", "Resource": "*"}],
    }
    given = {"AutomationAssumeRole": [world.role("Administration", policy=nothing)]}
    (step,) = world.run("Central", Parameters=given, **places(OTHER))["StepExecutions"]
    assert "is not authorized to perform: sts:AssumeRole" in step["FailureMessage"]


def test_one_location_at_a_time_unless_more_may(world: World) -> None:
    ready(world, ACCOUNT, OTHER, THIRD)
    for most, running in (({}, 1), ({"TargetLocationMaxConcurrency": "67%"}, 2)):
        parent = world.start("Nap", **places(ACCOUNT, OTHER, THIRD, **most))
        world.sandbox.settle()
        steps = [one["StepStatus"] for one in world.record(parent)["StepExecutions"]]
        assert steps.count("InProgress") == running
        world.sandbox.settle(within=100)
        assert world.status(parent) == "Success"


def test_stopping_the_parent_stops_its_child_in_the_other_account(world: World) -> None:
    ready(world, OTHER)
    parent = world.start("Nap", **places(OTHER))
    world.sandbox.settle()
    world.ssm.stop_automation_execution(AutomationExecutionId=parent)
    world.sandbox.settle()
    (step,) = world.record(parent)["StepExecutions"]
    child = world.record(step["Outputs"]["ExecutionId"][0], world.client(account=OTHER))
    assert (world.status(parent), step["StepStatus"]) == ("Cancelled", "Cancelled")
    assert child["AutomationExecutionStatus"] == "Cancelled"


def test_targets_are_looked_for_in_each_location(world: World) -> None:
    ready(world, OTHER)
    world.document("Quick", quick())
    world.ssm.modify_document_permission(
        Name="Quick", PermissionType="Share", AccountIdsToAdd=[OTHER]
    )
    ec2 = world.client("ec2", OTHER)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "env", "Value": "dev"}])
    targets = [{"Key": "tag:env", "Values": ["dev"]}]
    parent = world.run("Quick", TargetParameterName="Id", **places(OTHER, Targets=targets))
    (step,) = parent["StepExecutions"]
    client = world.client(account=OTHER)
    fleet = world.record(step["Outputs"]["ExecutionId"][0], client)
    assert parent["AutomationExecutionStatus"] == "Success"
    assert fleet["ResolvedTargets"]["ParameterValues"] == [vpc]
    (child,) = world.listed(client, ParentExecutionId=[fleet["AutomationExecutionId"]])
    assert child["Target"] == vpc


REFUSALS = {
    "no accounts": ({"Regions": [REGION]}, "InvalidTarget"),
    "no Regions": ({"Accounts": [OTHER]}, "InvalidTarget"),
    "an unknown Region": ({"Accounts": [OTHER], "Regions": ["moon-1"]}, "InvalidTarget"),
    "a unit without an organization": (
        {"Accounts": ["ou-ab12-11111111"], "Regions": [REGION]},
        "InvalidTarget",
    ),
}


@pytest.mark.parametrize(("place", "code"), REFUSALS.values(), ids=REFUSALS)
def test_is_refused(world: World, place: dict[str, Any], code: str) -> None:
    world.document("Nap", nap())
    found, _ = refused(
        world.ssm.start_automation_execution, DocumentName="Nap", TargetLocations=[place]
    )
    assert (found, world.listed()) == (code, [])


def test_units_of_the_organization_stand_for_their_accounts(world: World) -> None:
    organizations = world.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="apps")
    unit_id = unit["OrganizationalUnit"]["Id"]
    below = organizations.create_organizational_unit(ParentId=unit_id, Name="web")
    made = []
    for name, parent in (("a", unit_id), ("b", unit_id), ("c", below["OrganizationalUnit"]["Id"])):
        answer = organizations.create_account(Email=f"{name}@example.com", AccountName=name)
        world.sandbox.settle(within=60)
        asked = answer["CreateAccountStatus"]["Id"]
        status = organizations.describe_create_account_status(CreateAccountRequestId=asked)
        account = status["CreateAccountStatus"]["AccountId"]
        organizations.move_account(
            AccountId=account, SourceParentId=root, DestinationParentId=parent
        )
        made.append(account)
    ready(world, *made)
    own = {"ExcludeAccounts": [made[1]], "IncludeChildOrganizationUnits": True}
    deep = world.run("Nap", **places(unit_id, **own))
    flat = world.run("Nap", **places(unit_id, TargetLocationMaxConcurrency="2"))
    assert [one["StepName"] for one in deep["StepExecutions"]] == [
        f"{made[0]}-{REGION}",
        f"{made[2]}-{REGION}",
    ]
    assert len(flat["StepExecutions"]) == 2
    assert {deep["AutomationExecutionStatus"], flat["AutomationExecutionStatus"]} == {"Success"}

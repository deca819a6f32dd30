"""A template makes stack sets with their instances, changes them, and takes all of it away."""

from __future__ import annotations

import json
from typing import Any

from tests.organization.fleet import BODY, BROKEN, CHANGED, ROLE, Fleet

NAME = "organisation"
AUTOMATIC = {"Enabled": True, "RetainStacksOnAccountRemoval": False}


def resource(fleet: Fleet, name: str, body: str, *units: str, **more: Any) -> dict[str, Any]:
    groups = [
        {
            "DeploymentTargets": {"OrganizationalUnitIds": [fleet.units[unit]]},
            "Regions": ["us-east-1"],
        }
        for unit in units
    ]
    properties = {
        "AutoDeployment": AUTOMATIC,
        "OperationPreferences": {"FailureToleranceCount": 0, "MaxConcurrentCount": 1},
        "PermissionModel": "SERVICE_MANAGED",
        "StackInstancesGroup": groups,
        "StackSetName": name,
        "TemplateBody": body,
        **more,
    }
    return {"Type": "AWS::CloudFormation::StackSet", "Properties": properties}


def template(**resources: Any) -> str:
    return json.dumps(
        {"Resources": resources, "Outputs": {"Id": {"Value": {"Ref": next(iter(resources))}}}}
    )


def status(fleet: Fleet) -> str:
    found = fleet.sets_api.describe_stacks(StackName=NAME)["Stacks"][0]
    return str(found["StackStatus"])


def create(fleet: Fleet, body: str) -> None:
    fleet.sets_api.create_stack(StackName=NAME, TemplateBody=body)
    fleet.settle()


def update(fleet: Fleet, body: str) -> None:
    fleet.sets_api.update_stack(StackName=NAME, TemplateBody=body)
    fleet.settle()


def test_stack_stands_when_its_instances_do(fleet: Fleet) -> None:
    arn = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stackset/${Base}"
    needs = {**AUTOMATIC, "DependsOn": [{"Fn::Sub": arn}]}
    user = resource(
        fleet,
        "user",
        json.dumps(ROLE),
        "top",
        AutoDeployment=needs,
        Capabilities=["CAPABILITY_IAM"],
    )
    create(fleet, template(Base=resource(fleet, "base", BODY, "top"), User=user))
    assert status(fleet) == "CREATE_COMPLETE"
    assert (fleet.where("base"), fleet.where("user")) == ({"top", "below"}, {"top", "below"})
    made = fleet.sets_api.describe_stacks(StackName=NAME)["Stacks"][0]["Outputs"][0]["OutputValue"]
    found = fleet.sets_api.describe_stack_set(StackSetName="user")["StackSet"]
    assert made.startswith("base:")
    assert found["AutoDeployment"]["DependsOn"][0].endswith(f":stackset/{made}")


def test_update_changes_template_and_targets(fleet: Fleet) -> None:
    create(fleet, template(Set=resource(fleet, "set", BODY, "top")))
    update(fleet, template(Set=resource(fleet, "set", CHANGED, "beside", "below")))
    assert status(fleet) == "UPDATE_COMPLETE"
    assert fleet.where() == {"beside", "below"}
    assert fleet.topics("top") == []
    found = fleet.sets_api.describe_stack_set(StackSetName="set")["StackSet"]
    assert found["TemplateBody"] == CHANGED
    assert {one["Status"] for one in fleet.instances("set")} == {"CURRENT"}


def test_instances_go_with_the_stack(fleet: Fleet) -> None:
    create(fleet, template(Set=resource(fleet, "set", BODY, "top", "beside")))
    fleet.sets_api.delete_stack(StackName=NAME)
    fleet.settle()
    assert fleet.sets() == []
    assert [fleet.topics(name) for name in fleet.accounts] == [[], [], []]


def test_failed_operation_rolls_the_stack_back(fleet: Fleet) -> None:
    create(fleet, template(Set=resource(fleet, "set", json.dumps(BROKEN), "top")))
    events = fleet.sets_api.describe_stack_events(StackName=NAME)["StackEvents"]
    said = [one["ResourceStatusReason"] for one in events if one["ResourceStatus"].endswith("LED")]
    assert status(fleet) == "ROLLBACK_COMPLETE"
    assert "ResourceLogicalId:Permission" in said[0]
    assert fleet.sets() == []

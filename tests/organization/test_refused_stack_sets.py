"""What StackSets refuses is refused, by the codes of its model."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.organization.fleet import (
    CHANGED,
    NAMED,
    ROLE,
    Fleet,
    arn_of,
    automatic,
    refusal,
)
from tests.organization.world import TRUSTED


def test_update_that_is_refused_changes_nothing(fleet: Fleet) -> None:
    fleet.made(Description="first")
    before = fleet.sets_api.describe_stack_set(StackSetName="set")
    code, _ = refusal(
        lambda: fleet.sets_api.update_stack_set(
            StackSetName="set",
            TemplateBody=CHANGED,
            Description="second",
            AutoDeployment=automatic(False, "none"),
        )
    )
    after = fleet.sets_api.describe_stack_set(StackSetName="set")
    assert code == "StackSetNotFoundException"
    assert after["StackSet"] == before["StackSet"]


def _second(fleet: Fleet) -> Any:
    fleet.put("top", settle=False)
    return fleet.put("top")


def _again(fleet: Fleet, *between: str) -> Any:
    fleet.put("top", OperationId="one")
    for number in between:
        fleet.put("top", OperationId=number)
    return fleet.put("top", OperationId="one")


def _delete_full(fleet: Fleet) -> Any:
    fleet.put("top")
    return fleet.sets_api.delete_stack_set(StackSetName="set")


def _templated(fleet: Fleet, **resources: Any) -> Any:
    return fleet.made("other", json.dumps({"Resources": resources}))


def _transformed(fleet: Fleet) -> Any:
    return fleet.made("other", json.dumps({**NAMED, "Transform": "AWS::Serverless-2016-10-31"}))


def _circle(fleet: Fleet) -> Any:
    fleet.made("a", AutoDeployment=automatic())
    fleet.made("b", AutoDeployment=automatic(False, arn_of(fleet, "a")))
    return fleet.sets_api.update_stack_set(
        StackSetName="a",
        UsePreviousTemplate=True,
        AutoDeployment=automatic(False, arn_of(fleet, "b")),
    )


REFUSALS: dict[str, tuple[Callable[[Fleet], Any], str, str]] = {
    "a name that is taken": (lambda f: f.made(), "NameAlreadyExistsException", "set"),
    "a set that does not exist": (
        lambda f: f.sets_api.describe_stack_set(StackSetName="none"),
        "StackSetNotFoundException",
        "none",
    ),
    "a second operation at a time": (_second, "OperationInProgressException", "in progress"),
    "an operation id twice": (_again, "OperationIdAlreadyExistsException", "one"),
    "an operation id from before others": (
        lambda f: _again(f, "two"),
        "StaleRequestException",
        "since one",
    ),
    "a set with instances deleted": (_delete_full, "StackSetNotEmptyException", "not empty"),
    "an operation that never was": (
        lambda f: f.sets_api.describe_stack_set_operation(StackSetName="set", OperationId="x"),
        "OperationNotFoundException",
        "x",
    ),
    "an instance that never was": (
        lambda f: f.sets_api.describe_stack_instance(
            StackSetName="set", StackInstanceAccount="1" * 12, StackInstanceRegion="us-east-1"
        ),
        "StackInstanceNotFoundException",
        "1" * 12,
    ),
    "a transform": (_transformed, "ValidationError", "macros or transforms"),
    "a nested stack": (
        lambda f: _templated(f, Inner={"Type": "AWS::CloudFormation::Stack"}),
        "ValidationError",
        "nested stacks",
    ),
    "roles without the capability": (
        lambda f: f.made("other", json.dumps(ROLE)),
        "InsufficientCapabilitiesException",
        "CAPABILITY_IAM",
    ),
    "a union to create": (
        lambda f: f.put(
            DeploymentTargets={
                "OrganizationalUnitIds": [f.root],
                "Accounts": [f.accounts["top"]],
                "AccountFilterType": "UNION",
            }
        ),
        "ValidationError",
        "UNION is not supported",
    ),
    "an OU that does not exist": (
        lambda f: f.put(DeploymentTargets={"OrganizationalUnitIds": ["ou-none-12345678"]}),
        "ValidationError",
        "ou-none-12345678",
    ),
    "a circle of dependencies": (_circle, "ValidationError", "leads back"),
    "an account without OU": (
        lambda f: f.put(DeploymentTargets={"Accounts": [f.accounts["top"]]}),
        "ValidationError",
        "OrganizationalUnitIds",
    ),
    "drift of a set": (
        lambda f: f.sets_api.detect_stack_set_drift(StackSetName="set"),
        "NotImplemented",
        "DetectStackSetDrift",
    ),
}


@pytest.mark.parametrize(("call", "code", "why"), REFUSALS.values(), ids=REFUSALS)
def test_is_refused(fleet: Fleet, call: Callable[[Fleet], Any], code: str, why: str) -> None:
    fleet.made()
    found, message = refusal(lambda: call(fleet))
    assert found == code
    assert why in message


def test_service_managed_set_needs_trusted_access(fleet: Fleet) -> None:
    fleet.api.disable_aws_service_access(ServicePrincipal=TRUSTED)
    assert fleet.sets_api.describe_organizations_access()["Status"] == "DISABLED"
    code, why = refusal(fleet.made)
    assert (code, "enable organizations access" in why) == ("ValidationError", True)
    fleet.sets_api.activate_organizations_access()
    fleet.made()

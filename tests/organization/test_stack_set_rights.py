"""As whom a stack set acts: roles that are really assumed, bounded as everybody is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.organization.fleet import (
    BODY,
    LOG,
    Fleet,
    refusal,
)
from tests.organization.world import TRUSTED


def test_delegated_administrator_runs_the_managements_sets(fleet: Fleet) -> None:
    account = fleet.accounts["beside"]
    fleet.api.register_delegated_administrator(AccountId=account, ServicePrincipal=TRUSTED)
    keys = fleet.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/nobody-made-it", RoleSessionName="delegate"
    )["Credentials"]
    api = fleet.sandbox.client("cloudformation", "us-east-1", keys)
    made = {"StackSetName": "set", "TemplateBody": BODY, "PermissionModel": "SERVICE_MANAGED"}
    _, why = refusal(lambda: api.create_stack_set(**made))
    assert why.startswith("You must be the management account or delegated admin account")
    api.create_stack_set(**made, CallAs="DELEGATED_ADMIN")
    api.create_stack_instances(
        StackSetName="set",
        DeploymentTargets={"OrganizationalUnitIds": [fleet.root]},
        Regions=["us-east-1"],
        CallAs="DELEGATED_ADMIN",
    )
    fleet.settle()
    assert fleet.where() == {"top", "below", "beside"}  # seen from the management account


EXEMPT = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/stacksets-exec-*"}}


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        pytest.param({}, "OUTDATED", id="as everybody in the account"),
        pytest.param(EXEMPT, "CURRENT", id="unless it exempts their role"),
    ],
)
def test_service_control_policies_bind_stack_sets(
    fleet: Fleet, condition: dict[str, Any], status: str
) -> None:
    deny = {"Effect": "Deny", "Action": "sns:CreateTopic", "Resource": "*", "Condition": condition}
    made = fleet.api.create_policy(
        Content=json.dumps({"Version": "2012-10-17", "Statement": [deny]}),
        Description="",
        Name="no topics",
        Type="SERVICE_CONTROL_POLICY",
    )["Policy"]["PolicySummary"]
    fleet.api.attach_policy(PolicyId=made["Id"], TargetId=fleet.units["top"])
    fleet.made()
    fleet.put("below")
    assert [one["Status"] for one in fleet.instances("set")] == [status]
    code, _ = refusal(
        lambda: fleet.member(fleet.accounts["below"], "sns").create_topic(Name="mine")
    )
    assert code == "AuthorizationError"


class TestSelfManaged:
    """The roles of a self-managed set are really assumed."""

    ADMINISTRATION = "AWSCloudFormationStackSetAdministrationRole"
    EXECUTION = "AWSCloudFormationStackSetExecutionRole"

    def trust(self, **principal: str) -> str:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        return json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    def allow(self, iam: Any, role: str, action: str, resource: str) -> None:
        statement = {"Effect": "Allow", "Action": action, "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=document)

    def administration(self, fleet: Fleet) -> None:
        iam = fleet.client("iam")
        iam.create_role(
            RoleName=self.ADMINISTRATION,
            AssumeRolePolicyDocument=self.trust(Service="cloudformation.amazonaws.com"),
        )
        self.allow(
            iam, self.ADMINISTRATION, "sts:AssumeRole", f"arn:aws:iam::*:role/{self.EXECUTION}"
        )

    def execution(self, fleet: Fleet, account: str, action: str) -> None:
        iam = fleet.sandbox.client("iam", credentials=_administrator(fleet, account))
        iam.create_role(
            RoleName=self.EXECUTION,
            AssumeRolePolicyDocument=self.trust(AWS="arn:aws:iam::123456789012:root"),
        )
        self.allow(iam, self.EXECUTION, action, "*")

    def run(self, fleet: Fleet) -> dict[str, Any]:
        account = fleet.accounts["top"]
        fleet.sets_api.create_stack_set(StackSetName="own", TemplateBody=json.dumps(LOG))
        fleet.sets_api.create_stack_instances(
            StackSetName="own", Accounts=[account], Regions=["us-east-1"]
        )
        fleet.settle()
        return fleet.instances("own")[0]

    def test_deploys_where_both_roles_let_it(self, fleet: Fleet) -> None:
        self.administration(fleet)
        self.execution(fleet, fleet.accounts["top"], "*")
        assert self.run(fleet)["Status"] == "CURRENT"

    def test_says_which_role_is_missing(self, fleet: Fleet) -> None:
        assert (
            "should have 'AWSCloudFormationStackSetAdministrationRole' role with trust"
            in (self.run(fleet)["StatusReason"])
        )

    def test_says_whose_execution_role_is_missing(self, fleet: Fleet) -> None:
        self.administration(fleet)
        reason = self.run(fleet)["StatusReason"]
        assert reason.startswith(f"Account {fleet.accounts['top']} should have '{self.EXECUTION}'")

    def test_may_no_more_than_its_execution_role(self, fleet: Fleet) -> None:
        self.administration(fleet)
        self.execution(fleet, fleet.accounts["top"], "sqs:*")
        found = self.run(fleet)
        assert found["Status"] == "OUTDATED"
        assert "ResourceLogicalId:Log" in found["StatusReason"]


def _administrator(fleet: Fleet, account: str) -> dict[str, str]:
    role = f"arn:aws:iam::{account}:role/nobody-made-it"
    answer = fleet.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    found: dict[str, str] = answer["Credentials"]
    return found

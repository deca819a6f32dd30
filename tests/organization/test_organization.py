"""Each account of an organisation mends its own drift by its own roles, and nobody else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from netmend.sandbox.api import ApiCall
from netmend.sandbox.core import Sandbox
from netmend.sandbox.events.injection import inject
from tests.organization.world import ACCOUNTS, HOME, MENDER, REGIONS, UNITS, Organisation

PLACES = [(name, region) for name in ACCOUNTS for region in REGIONS]
CHANGE = "RevokeSecurityGroupIngress"


@pytest.fixture(scope="module")
def organisation() -> Iterator[Organisation]:
    with Sandbox() as sandbox:
        made = Organisation(sandbox, UNITS, REGIONS)
        for name, unit in ACCOUNTS.items():
            made.create(name, unit)
        made.deploy_netmend("enforce")
        yield made


@dataclass
class Changes:
    """Every call that took a rule away: (account, Region, group, role)."""

    seen: list[tuple[str, str, str, str]] = field(default_factory=list)

    def before(self, call: ApiCall) -> None:
        """Nothing to do."""

    def after(self, call: ApiCall) -> None:
        if call.operation == CHANGE:
            group = call.params["GroupId"]
            self.seen.append((call.account, call.region, group, call.caller.role_arn))


@contextmanager
def watched(organisation: Organisation) -> Iterator[Changes]:
    changes = Changes()
    organisation.sandbox.hooks.append(changes)
    try:
        yield changes
    finally:
        organisation.sandbox.hooks.remove(changes)


def role(account: str, name: str = MENDER) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def outcomes(records: list[dict[str, Any]], group: str) -> list[tuple[str, str]]:
    return [(one["kind"], one["outcome"]) for one in records if one["resource"] == group]


def test_every_stack_stands_in_every_member_and_none_in_the_management_account(
    organisation: Organisation,
) -> None:
    members = set(organisation.accounts.values())
    for name in organisation.sets():
        instances = organisation.instances(name)
        assert {one["Status"] for one in instances} == {"CURRENT"}
        assert {one["Account"] for one in instances} >= members
    stacks = [organisation.client("cloudformation", r).list_stacks() for r in REGIONS]
    assert [one["StackSummaries"] for one in stacks] == [[], []]


def test_drift_is_mended_in_each_place_by_its_own_role(organisation: Organisation) -> None:
    groups = {
        place: organisation.group(organisation.accounts[place[0]], place[1], "drifting")
        for place in PLACES
    }
    organisation.settle()
    with watched(organisation) as changes:
        for (name, region), group in groups.items():
            organisation.open(organisation.accounts[name], region, group)
        organisation.settle()
    assert sorted(changes.seen) == sorted(
        (account, region, group, role(account))
        for (name, region), group in groups.items()
        for account in [organisation.accounts[name]]
    )
    for (name, region), group in groups.items():
        account = organisation.accounts[name]
        assert not organisation.is_open(account, region, group)
        records = organisation.evidence(account, region)
        assert outcomes(records, group) == [("intent", "MEND"), ("outcome", "MENDED")]
        strangers = {one["resource"] for one in records} & (set(groups.values()) - {group})
        assert strangers == set()
        runs = organisation.runs(account, region)
        assert {run["Parameters"]["AutomationAssumeRole"][0] for run in runs} == {role(account)}
        assert {run["AutomationExecutionStatus"] for run in runs} == {"Success"}


def test_no_role_of_one_account_can_be_assumed_by_another(organisation: Organisation) -> None:
    shop, lab = (organisation.accounts[name] for name in ("shop", "lab"))
    sts = organisation.member(shop, "sts")
    with pytest.raises(sts.exceptions.ClientError, match="AccessDenied"):
        sts.assume_role(RoleArn=role(lab), RoleSessionName="shop")


def verdict(organisation: Organisation, account: str, group: str) -> dict[str, Any]:
    """Config's event that a group of an account is NON_COMPLIANT, as Config words it."""
    return {
        "Source": "aws.config",
        "DetailType": "Config Rules Compliance Change",
        "Detail": {
            "messageType": "ComplianceChangeNotification",
            "awsAccountId": account,
            "awsRegion": HOME,
            "configRuleName": organisation.rule_name(account, HOME),
            "resourceType": "AWS::EC2::SecurityGroup",
            "resourceId": group,
            "newEvaluationResult": {"complianceType": "NON_COMPLIANT"},
        },
    }


@pytest.fixture
def unmended(organisation: Organisation) -> Iterator[str]:
    """A group of `audit` that stays open, because it was opened while the mode was observe."""
    audit = organisation.accounts["audit"]
    mode(organisation, audit, "observe")
    group = organisation.group(audit, HOME, "left-open")
    organisation.settle()
    organisation.open(audit, HOME, group)
    organisation.settle()
    mode(organisation, audit, "enforce")
    yield group
    ec2 = organisation.member(audit, "ec2")
    ec2.delete_security_group(GroupId=group)
    organisation.settle()


def mode(organisation: Organisation, account: str, value: str) -> None:
    organisation.member(account, "ssm").put_parameter(
        Name="/netmend/mode", Value=value, Type="String", Overwrite=True
    )


def runs_about(organisation: Organisation, account: str, group: str) -> int:
    runs = organisation.runs(account, HOME)
    return sum(run["Parameters"]["ResourceId"] == [group] for run in runs)


def test_forged_event_of_another_account_mends_nothing(
    organisation: Organisation, unmended: str
) -> None:
    audit, shop = (organisation.accounts[name] for name in ("audit", "shop"))
    before = runs_about(organisation, audit, unmended)
    forged = verdict(organisation, audit, unmended)
    bus = f"arn:aws:events:{HOME}:{audit}:event-bus/default"
    # The victim has even opened its bus to the forger.
    organisation.member(audit, "events").put_permission(
        Action="events:PutEvents", Principal=shop, StatementId="shop"
    )
    pattern = json.dumps({"source": ["aws.config"]})
    organisation.member(shop, "events").put_rule(Name="relay", EventPattern=pattern)
    organisation.member(shop, "events").put_targets(
        Rule="relay", Targets=[{"Id": "audit", "Arn": bus, "RoleArn": _relay(organisation, shop)}]
    )
    entry = {**forged, "Detail": json.dumps(forged["Detail"]), "EventBusName": bus}
    put = organisation.member(shop, "events").put_events(Entries=[entry])
    with watched(organisation) as changes:
        inject(organisation.sandbox, shop, HOME, [forged])
        organisation.settle()
    assert put["Entries"][0]["ErrorCode"] == "NotAuthorizedForSourceException"
    assert changes.seen == []
    assert runs_about(organisation, audit, unmended) == before
    assert organisation.is_open(audit, HOME, unmended)
    with watched(organisation) as changes:  # the same event of the account itself is heeded
        inject(organisation.sandbox, audit, HOME, [forged])
        organisation.settle()
    assert changes.seen == [(audit, HOME, unmended, role(audit))]


def _relay(organisation: Organisation, account: str) -> str:
    """A role with which EventBridge may send to any bus."""
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    policy = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
    iam = organisation.member(account, "iam")
    made = iam.create_role(
        RoleName="relay", AssumeRolePolicyDocument=_document(trust, Action="sts:AssumeRole")
    )
    organisation.member(account, "iam").put_role_policy(
        RoleName="relay", PolicyName="relay", PolicyDocument=_document(policy)
    )
    return str(made["Role"]["Arn"])


def _document(statement: dict[str, Any], **more: str) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{**statement, **more}]})


def test_account_that_joins_is_covered_without_anybodys_doing(organisation: Organisation) -> None:
    account = organisation.create("newcomer", "production")
    organisation.settle()
    for name in organisation.sets():
        mine = [one for one in organisation.instances(name) if one["Account"] == account]
        assert mine
        assert {one["Status"] for one in mine} == {"CURRENT"}
    _assert_in_order(organisation)
    group = organisation.group(account, "eu-west-1", "drifting")
    organisation.settle()
    organisation.open(account, "eu-west-1", group)
    organisation.settle()
    assert not organisation.is_open(account, "eu-west-1", group)
    records = organisation.evidence(account, "eu-west-1")
    assert outcomes(records, group) == [("intent", "MEND"), ("outcome", "MENDED")]


def _assert_in_order(organisation: Organisation) -> None:
    """Roles before detection before remediation, by the times of the last operations."""
    ended = {name: organisation.operations(name)[0] for name in organisation.sets()}
    assert {one["Action"] for one in ended.values()} == {"CREATE"}
    for region in REGIONS:
        order = ["netmend-roles", f"netmend-detection-{region}", f"netmend-remediation-{region}"]
        times = [ended[name]["EndTimestamp"] for name in order]
        assert times == sorted(times)


def test_account_that_leaves_loses_its_stacks_but_not_its_evidence(
    organisation: Organisation,
) -> None:
    logs = organisation.accounts["logs"]
    organisation.move(logs, organisation.units["security"], organisation.root)
    organisation.settle()
    left = [
        one
        for name in organisation.sets()
        for one in organisation.instances(name)
        if one["Account"] == logs
    ]
    stacks = [organisation.member(logs, "cloudformation", r).describe_stacks() for r in REGIONS]
    assert left == []
    assert [one["Stacks"] for one in stacks] == [[], []]
    buckets = organisation.member(logs, "s3").list_buckets()["Buckets"]
    assert {one["Name"] for one in buckets} == {
        f"netmend-evidence-{logs}-{region}" for region in REGIONS
    }

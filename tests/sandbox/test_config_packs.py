"""A conformance pack is a stack; its rules are renamed, and nobody else may touch them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox import config_world
from tests.sandbox.config_world import ACCOUNT, CHANGE, FUNCTION, GROUP, REGION, World, source

RULE = {
    "Type": "AWS::Config::ConfigRule",
    "Properties": {
        "ConfigRuleName": "no-ssh",
        "InputParameters": {"GuardedPorts": {"Ref": "Ports"}},
        "Scope": {"ComplianceResourceTypes": [GROUP]},
        "Source": {**source(CHANGE), "SourceIdentifier": {"Ref": "Detector"}},
    },
}
PARAMETERS = {"Detector": {"Type": "String"}, "Ports": {"Type": "String", "Default": "22"}}
NUMBERS = count()
NAME = r"no-ssh-conformance-pack-[a-z0-9]{9}"
ARN = (
    rf"arn:aws:config:{REGION}:{ACCOUNT}:config-rule/aws-service-rule/"
    r"config-conforms\.amazonaws\.com/config-rule-[a-z0-9]{6}"
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with config_world.started("cloudformation") as started:
        started.group()
        started.settle()
        yield started


@contextmanager
def fresh(world: World) -> Iterator[str]:
    """A new name for a pack, and no such pack afterwards."""
    name = f"pack-{next(NUMBERS)}"
    yield name
    config = world.client("config")
    standing = config.describe_conformance_packs()["ConformancePackDetails"]
    if name in [pack["ConformancePackName"] for pack in standing]:
        config.delete_conformance_pack(ConformancePackName=name)


@pytest.fixture
def name(world: World) -> Iterator[str]:
    """A pack's name for the test, and no such pack after it."""
    with fresh(world) as name:
        yield name


def template(*extra: dict[str, Any], **rules: dict[str, Any]) -> str:
    resources = {f"Rule{n}": one for n, one in enumerate([RULE, *extra])}
    return json.dumps({"Parameters": PARAMETERS, "Resources": {**resources, **rules}})


def other(base: str) -> dict[str, Any]:
    properties = {**RULE["Properties"], "ConfigRuleName": base}
    return {**RULE, "Properties": properties}


def put(world: World, name: str, body: str = "", **parameters: str) -> str:
    given = {"Detector": FUNCTION, **parameters}
    answer = world.client("config").put_conformance_pack(
        ConformancePackName=name,
        TemplateBody=body or template(),
        ConformancePackInputParameters=[
            {"ParameterName": key, "ParameterValue": value} for key, value in given.items()
        ],
    )
    return str(answer["ConformancePackArn"])


def status(world: World, name: str) -> dict[str, Any]:
    (found,) = world.client("config").describe_conformance_pack_status(ConformancePackNames=[name])[
        "ConformancePackStatusDetails"
    ]
    result: dict[str, Any] = found
    return result


def rules(world: World) -> list[dict[str, Any]]:
    pages = world.client("config").get_paginator("describe_config_rules").paginate()
    return [rule for page in pages for rule in page["ConfigRules"]]


def test_a_pack_renames_its_rules_and_owns_them(world: World, name: str) -> None:
    arn = put(world, name)
    (rule,) = rules(world)
    assert re.fullmatch(NAME, rule["ConfigRuleName"])
    assert re.fullmatch(ARN, rule["ConfigRuleArn"])
    assert rule["CreatedBy"] == "config-conforms.amazonaws.com"
    assert rule["InputParameters"] == '{"GuardedPorts":"22"}'
    assert rule["Source"]["SourceIdentifier"] == FUNCTION
    assert arn.endswith(f"/{rule['ConfigRuleName'].removeprefix('no-ssh-')}")


def test_a_pack_is_a_stack_named_after_it(world: World, name: str) -> None:
    put(world, name)
    found = status(world, name)
    assert found["ConformancePackState"] == "CREATE_COMPLETE"
    stack = found["StackArn"].split("/")[1]
    assert stack == f"awsconfigconforms-{name}-{found['ConformancePackId']}"
    resources = world.client("cloudformation").describe_stack_resources(StackName=stack)
    assert resources["StackResources"][0]["PhysicalResourceId"] == rules(world)[0]["ConfigRuleName"]


def test_a_rule_of_a_pack_judges_and_tells_under_its_new_name(world: World, name: str) -> None:
    put(world, name)
    world.settle()
    rule = rules(world)[0]
    group = world.group()
    world.settle()
    (event,) = world.events_of(group, rule["ConfigRuleName"])
    assert event["configRuleArn"] == rule["ConfigRuleArn"]
    assert event["ruleParameters"] == '{"GuardedPorts":"22"}'
    detail = [e["detail"] for e in world.published if e["detail"].get("resourceId") == group][-1]
    assert detail["configRuleName"] == rule["ConfigRuleName"]
    assert detail["configRuleARN"] == rule["ConfigRuleArn"]


def test_nobody_else_may_change_or_delete_a_rule_of_a_pack(world: World, name: str) -> None:
    put(world, name)
    config, rule = world.client("config"), rules(world)[0]["ConfigRuleName"]
    with pytest.raises(ClientError, match="An AWS service owns ServiceLinkedConfigRule"):
        config.put_config_rule(ConfigRule={"ConfigRuleName": rule, "Source": source(CHANGE)})
    with pytest.raises(ClientError, match="AccessDeniedException"):
        config.delete_config_rule(ConfigRuleName=rule)


def test_an_update_keeps_names_and_arns_and_changes_the_rest(world: World, name: str) -> None:
    put(world, name)
    (before,) = rules(world)
    put(world, name, Ports="3389")
    (after,) = rules(world)
    assert after == {**before, "InputParameters": '{"GuardedPorts":"3389"}'}
    assert status(world, name)["ConformancePackState"] == "UPDATE_COMPLETE"


def test_an_update_that_changes_nothing_is_complete(world: World, name: str) -> None:
    put(world, name)
    put(world, name)
    assert status(world, name)["ConformancePackState"] == "UPDATE_COMPLETE"


def test_an_update_adds_and_removes_rules(world: World, name: str) -> None:
    put(world, name)
    put(world, name, template(other("no-rdp")))
    assert [r["ConfigRuleName"].split("-conf")[0] for r in rules(world)] == ["no-rdp", "no-ssh"]
    put(world, name)
    assert [r["ConfigRuleName"].split("-conf")[0] for r in rules(world)] == ["no-ssh"]


def test_a_pack_that_cannot_be_made_says_why_and_leaves_nothing(world: World, name: str) -> None:
    put(world, name, template(other("no-rdp")), Detector=f"{FUNCTION}-absent")
    found = status(world, name)
    assert found["ConformancePackState"] == "CREATE_FAILED"
    assert "cannot be invoked" in found["ConformancePackStatusReason"]
    assert rules(world) == []
    stacks = world.client("cloudformation").describe_stacks()["Stacks"]
    assert [s for s in stacks if name in s["StackName"]] == []


def test_a_pack_that_failed_may_be_put_again(world: World, name: str) -> None:
    put(world, name, Detector=f"{FUNCTION}-absent")
    put(world, name)
    assert status(world, name)["ConformancePackState"] == "CREATE_COMPLETE"
    assert len(rules(world)) == 1


def test_an_update_that_fails_leaves_the_rules_as_they_were(world: World, name: str) -> None:
    put(world, name)
    before = rules(world)
    put(world, name, Detector=f"{FUNCTION}-absent")
    found = status(world, name)
    assert found["ConformancePackState"] == "UPDATE_FAILED"
    assert "cannot be invoked" in found["ConformancePackStatusReason"]
    assert rules(world) == before


def test_a_deleted_pack_takes_its_rules_and_stack_with_it(world: World, name: str) -> None:
    config = world.client("config")
    put(world, name)
    stack = status(world, name)["StackArn"]
    config.delete_conformance_pack(ConformancePackName=name)
    assert rules(world) == []
    (left,) = world.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    assert left["StackStatus"] == "DELETE_COMPLETE"
    with pytest.raises(config.exceptions.NoSuchConformancePackException):
        config.describe_conformance_packs(ConformancePackNames=[name])


def test_a_pack_is_described_as_it_was_put(world: World, name: str) -> None:
    arn = put(world, name)
    (found,) = world.client("config").describe_conformance_packs(ConformancePackNames=[name])[
        "ConformancePackDetails"
    ]
    assert found["ConformancePackArn"] == arn
    assert found["ConformancePackInputParameters"] == [
        {"ParameterName": "Detector", "ParameterValue": FUNCTION}
    ]
    assert found["LastUpdateRequestedTime"].tzinfo is not None


def test_a_template_may_lie_in_s3(world: World, name: str) -> None:
    s3 = world.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="packs/one.json", Body=template().encode())
    config = world.client("config")
    config.put_conformance_pack(
        ConformancePackName=name,
        TemplateS3Uri="s3://templates/packs/one.json",
        ConformancePackInputParameters=[{"ParameterName": "Detector", "ParameterValue": FUNCTION}],
    )
    assert len(rules(world)) == 1
    with pytest.raises(config.exceptions.InsufficientPermissionsException):
        config.put_conformance_pack(
            ConformancePackName=name, TemplateS3Uri="s3://templates/absent.json"
        )


QUEUE = {"Type": "AWS::SQS::Queue"}

REFUSED = [
    pytest.param(
        {"TemplateBody": template(QUEUE)},
        "resource types AWS::SQS::Queue are not supported",
        id="a pack holds rules and remediations only",
    ),
    pytest.param(
        {"TemplateBody": template(*[{"Type": RULE["Type"]}] * 130)},
        "exceeds the allowed limit",
        id="a pack holds at most 130 resources",
    ),
    pytest.param(
        {"TemplateBody": "Resources: ["},
        "ConformancePackTemplateValidationException",
        id="the template does not parse",
    ),
    pytest.param(
        {"TemplateBody": "x" * 51_201},
        "length less than or equal to 51200",
        id="a body has at most 51,200 characters",
    ),
    pytest.param(
        {"TemplateBody": template(), "TemplateS3Uri": "s3://a/b"},
        "exactly one",
        id="the template comes one way",
    ),
    pytest.param({}, "exactly one", id="there is no template"),
    pytest.param(
        {"TemplateBody": template(), "DeliveryS3Bucket": "mine"},
        "must begin with awsconfigconforms",
        id="the delivery bucket's name begins as AWS demands",
    ),
    pytest.param(
        {
            "TemplateBody": template(),
            "ConformancePackInputParameters": [
                {"ParameterName": f"P{n}", "ParameterValue": "1"} for n in range(61)
            ],
        },
        "at most 60",
        id="a pack has at most 60 parameters",
    ),
]


@pytest.mark.parametrize(("params", "message"), REFUSED)
def test_a_pack_is_refused_when(world: World, params: dict[str, Any], message: str) -> None:
    config = world.client("config")
    with pytest.raises(ClientError, match=message):
        config.put_conformance_pack(ConformancePackName="refused", **params)
    assert config.describe_conformance_packs()["ConformancePackDetails"] == []


def test_a_stack_may_not_pass_for_a_pack(world: World) -> None:
    client = world.client("cloudformation")
    client.create_stack(
        StackName="awsconfigconforms-mine",
        TemplateBody=template(),
        Parameters=[{"ParameterKey": "Detector", "ParameterValue": FUNCTION}],
    )
    (stack,) = client.describe_stacks(StackName="awsconfigconforms-mine")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert rules(world) == []


PACK = {
    "Type": "AWS::Config::ConformancePack",
    "Properties": {
        "ConformancePackName": "inside",
        "TemplateBody": template(),
        "ConformancePackInputParameters": [
            {"ParameterName": "Detector", "ParameterValue": {"Ref": "Detector"}}
        ],
    },
}


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        pytest.param(FUNCTION, "CREATE_COMPLETE", id="stands with its pack"),
        pytest.param(f"{FUNCTION}-absent", "ROLLBACK_COMPLETE", id="fails with its pack"),
    ],
)
def test_a_stack_that_holds_a_pack(world: World, function: str, expected: str) -> None:
    client = world.client("cloudformation")
    body = {"Parameters": {"Detector": {"Type": "String"}}, "Resources": {"Pack": PACK}}
    client.create_stack(
        StackName="detection",
        TemplateBody=json.dumps(body),
        Parameters=[{"ParameterKey": "Detector", "ParameterValue": function}],
    )
    (stack,) = client.describe_stacks(StackName="detection")["Stacks"]
    assert stack["StackStatus"] == expected
    assert len(rules(world)) == (expected == "CREATE_COMPLETE")
    client.delete_stack(StackName="detection")
    assert rules(world) == []
    config = world.client("config")
    assert config.describe_conformance_packs()["ConformancePackDetails"] == []

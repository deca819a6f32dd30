"""Rules are refused where AWS refuses them, and invoked for what is in their scope."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.config import messages
from netmend.sandbox.config.paging import MARK
from tests.sandbox import config_world
from tests.sandbox.config_world import (
    CHANGE,
    FUNCTION,
    GROUP,
    OVERSIZED,
    PREFIX_LIST,
    SCHEDULED,
    World,
    source,
)

MANAGED = {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with config_world.started() as started:
        started.group()
        started.settle()
        started.rule()
        yield started


def put(world: World, **rule: Any) -> None:
    world.client("config").put_config_rule(ConfigRule=rule)


def described(world: World, *names: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.client("config").describe_config_rules(
        **({"ConfigRuleNames": list(names)} if names else {})
    )["ConfigRules"]
    return found


def test_a_rule_is_described_as_it_was_put(world: World) -> None:
    put(
        world,
        ConfigRuleName="described",
        Description="what it is for",
        InputParameters='{"GuardedPorts":"22"}',
        Scope={"ComplianceResourceTypes": [GROUP]},
        Source=source(CHANGE, OVERSIZED),
    )
    (rule,) = described(world, "described")
    assert rule.pop("ConfigRuleArn").endswith(f"config-rule/{rule.pop('ConfigRuleId')}")
    assert rule == {
        "ConfigRuleName": "described",
        "Description": "what it is for",
        "InputParameters": '{"GuardedPorts":"22"}',
        "Scope": {"ComplianceResourceTypes": [GROUP]},
        "Source": source(CHANGE, OVERSIZED),
        "ConfigRuleState": "ACTIVE",
        "EvaluationModes": [{"Mode": "DETECTIVE"}],
    }


def test_a_rule_that_is_put_again_keeps_its_arn(world: World) -> None:
    world.rule("again")
    (before,) = described(world, "again")
    world.rule("again", Description="changed")
    (after,) = described(world, "again")
    assert after == {**before, "Description": "changed"}


@pytest.mark.parametrize("key", ["ConfigRuleArn", "ConfigRuleId"])
def test_a_rule_may_be_changed_by(world: World, key: str) -> None:
    world.rule("known")
    (rule,) = described(world, "known")
    put(world, **{key: rule[key]}, Source=source(SCHEDULED))
    (after,) = described(world, "known")
    assert after["Source"]["SourceDetails"][0]["MaximumExecutionFrequency"] == "TwentyFour_Hours"


REFUSED = [
    pytest.param(
        {"Source": {**source(CHANGE), "SourceIdentifier": f"{FUNCTION}-absent"}},
        "InsufficientPermissionsException",
        id="the function cannot be invoked",
    ),
    pytest.param(
        {"Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": FUNCTION}},
        "SourceDetails should be provided",
        id="a custom rule says what invokes it",
    ),
    pytest.param(
        {"Source": {**source(CHANGE), **MANAGED}},
        "SourceDetails should be null/empty",
        id="a managed rule does not",
    ),
    pytest.param(
        {"Source": {**MANAGED, "SourceIdentifier": "NO_SUCH_RULE"}},
        "NO_SUCH_RULE is invalid",
        id="AWS has no such managed rule",
    ),
    pytest.param(
        {"Source": source(CHANGE, MaximumExecutionFrequency="One_Hour")},
        "maximum execution frequency is not allowed",
        id="changes have no frequency",
    ),
    pytest.param(
        {"Source": source(CHANGE), "MaximumExecutionFrequency": "One_Hour"},
        "for managed rules",
        id="a custom rule's frequency stands in its details",
    ),
    pytest.param(
        {"Source": source(CHANGE), "InputParameters": "{not json"},
        "Invalid json",
        id="parameters are JSON",
    ),
    pytest.param(
        {"Source": source(CHANGE), "InputParameters": f'{{"a":"{"x" * 1024}"}}'},
        "length less than or equal to 1024",
        id="parameters have at most 1,024 characters",
    ),
    pytest.param(
        {"Source": source(CHANGE), "ConfigRuleName": "n" * 129},
        "length less than or equal to 128",
        id="a name has at most 128 characters",
    ),
    pytest.param(
        {"Source": source("Hourly")},
        "enum value set",
        id="there is no such message",
    ),
    pytest.param(
        {"Source": source(CHANGE), "Scope": {"ComplianceResourceTypes": [GROUP] * 101}},
        "length less than or equal to 100",
        id="a scope has at most 100 types",
    ),
    pytest.param(
        {"Source": source(CHANGE), "Scope": {"ComplianceResourceId": "sg-1"}},
        "single resourceType",
        id="an id needs its type",
    ),
    pytest.param(
        {"Source": source(CHANGE), "Scope": {"TagValue": "a"}},
        "Tag key should not be empty",
        id="a tag's value needs its key",
    ),
    pytest.param(
        {
            "Source": source(CHANGE),
            "Scope": {"TagKey": "a", "ComplianceResourceTypes": [GROUP]},
        },
        "both resource and tag",
        id="a scope is by type or by tag",
    ),
    pytest.param(
        {"Source": source(CHANGE), "ConfigRuleId": "config-rule-abcdef"},
        "can not be specified when creating",
        id="ids are Config's to give",
    ),
]


@pytest.mark.parametrize(("rule", "message"), REFUSED)
def test_a_rule_is_refused_when(world: World, rule: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        put(world, **{"ConfigRuleName": "refused", **rule})


UNBUILT = [
    pytest.param(
        {"Source": {"Owner": "CUSTOM_POLICY"}}, "CUSTOM_POLICY", id="rules written in Guard"
    ),
    pytest.param(
        {"Source": source("ConfigurationSnapshotDeliveryCompleted")}, "snapshots", id="snapshots"
    ),
    pytest.param(
        {"Source": source(CHANGE), "EvaluationModes": [{"Mode": "PROACTIVE"}]},
        "DETECTIVE",
        id="proactive evaluation",
    ),
]


@pytest.mark.parametrize(("rule", "message"), UNBUILT)
def test_the_sandbox_says_so_where_it_lacks(
    world: World, rule: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=message):
        put(world, ConfigRuleName="unbuilt", **rule)


def _marked(place: str) -> str:
    return base64.b64encode(f"{MARK}{place}".encode()).decode()


@pytest.mark.parametrize(
    "token", ["elsewhere", "\u00b2", *(_marked(n) for n in ("-1", " 1", "9" * 5_000))]
)
def test_a_bad_page_token_is_refused(world: World, token: str) -> None:
    config = world.client("config")
    with pytest.raises(config.exceptions.InvalidNextTokenException):
        config.describe_config_rules(NextToken=token)


def test_a_managed_rule_is_kept_and_never_judges(world: World) -> None:
    put(world, ConfigRuleName="managed", Source=MANAGED)
    group = world.group()
    world.settle()
    (compliance,) = world.client("config").describe_compliance_by_config_rule(
        ConfigRuleNames=["managed"]
    )["ComplianceByConfigRules"]
    assert compliance["Compliance"] == {"ComplianceType": "INSUFFICIENT_DATA"}
    assert world.events_of(group, "managed") == []


def test_a_rule_that_is_deleted_is_not_invoked_any_more(world: World) -> None:
    config = world.client("config")
    world.rule("passing")
    config.delete_config_rule(ConfigRuleName="passing")
    group = world.group()
    world.settle()
    assert [e for e in world.invocations if e["configRuleName"] == "passing"] == []
    with pytest.raises(config.exceptions.NoSuchConfigRuleException):
        config.describe_config_rules(ConfigRuleNames=["passing"])
    assert world.events_of(group)


def test_tags_of_a_rule_are_kept_and_changed_only_by_tagging(world: World) -> None:
    config = world.client("config")
    for value in ("a", "b"):
        config.put_config_rule(
            ConfigRule={"ConfigRuleName": "tagged", "Source": MANAGED},
            Tags=[{"Key": "team", "Value": value}],
        )
    arn = described(world, "tagged")[0]["ConfigRuleArn"]
    assert config.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "a"}]
    config.tag_resource(ResourceArn=arn, Tags=[{"Key": "cost", "Value": "1"}])
    config.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert config.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "cost", "Value": "1"}]


def test_a_new_rule_judges_what_stands_and_nothing_twice(world: World) -> None:
    old = world.group()
    world.settle()
    recent = world.group()
    world.rule("new")
    world.settle()
    for group in (old, recent):
        (event,) = world.events_of(group, "new")
        assert event["invokingEvent"]["configurationItemDiff"] is None
    assert not [e for e in world.events_of(old, "new") if e["eventLeftScope"]]


def test_a_rule_that_is_put_again_judges_again(world: World) -> None:
    group = world.group()
    world.rule("twice")
    world.settle()
    world.rule("twice")
    world.settle()
    assert len(world.events_of(group, "twice")) == 2


def test_rule_parameters_are_absent_where_the_rule_has_none(world: World) -> None:
    group = world.group()
    world.rule("bare")
    world.rule("given", InputParameters='{"GuardedPorts":"22"}')
    world.settle()
    assert "ruleParameters" not in world.events_of(group, "bare")[0]
    assert world.events_of(group, "given")[0]["ruleParameters"] == '{"GuardedPorts":"22"}'


SCOPES = [
    pytest.param({}, True, id="no scope covers every type"),
    pytest.param({"ComplianceResourceTypes": [PREFIX_LIST, GROUP]}, True, id="its type"),
    pytest.param({"ComplianceResourceTypes": [PREFIX_LIST]}, False, id="another type"),
    pytest.param({"TagKey": "team"}, True, id="a tag with any value"),
    pytest.param({"TagKey": "team", "TagValue": "a"}, True, id="a tag with its value"),
    pytest.param({"TagKey": "team", "TagValue": "b"}, False, id="a tag with another value"),
    pytest.param({"TagKey": "cost"}, False, id="a tag that it lacks"),
    pytest.param(
        {"ComplianceResourceTypes": [GROUP], "ComplianceResourceId": "sg-0"},
        False,
        id="another resource",
    ),
]


@pytest.mark.parametrize(("scope", "invoked"), SCOPES)
def test_a_tagged_group_is_covered_by(world: World, scope: dict[str, Any], invoked: bool) -> None:
    world.rule("scoped", Scope=scope)
    world.settle()
    group = world.group(team="a")
    world.settle()
    assert bool(world.events_of(group, "scoped")) is invoked
    world.client("config").delete_config_rule(ConfigRuleName="scoped")


def test_a_group_that_loses_the_tag_left_the_scope(world: World) -> None:
    world.rule("teams", Scope={"TagKey": "team"})
    group = world.group(team="a")
    world.settle()
    world.client("ec2").delete_tags(Resources=[group], Tags=[{"Key": "team"}])
    world.settle()
    assert [e["eventLeftScope"] for e in world.events_of(group, "teams")] == [False, True]
    assert group not in world.results("teams")


def test_a_large_item_comes_as_a_summary_to_rules_that_hear_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.rule("both", CHANGE, OVERSIZED)
    world.rule("small-only")
    world.settle()
    monkeypatch.setattr(messages, "LARGEST", 200)
    group = world.group()
    world.settle()
    (event,) = world.events_of(group, "both")
    message = event["invokingEvent"]
    assert message["messageType"] == OVERSIZED
    assert message["recordVersion"]
    assert message["notificationCreationTime"]
    assert "configurationItem" not in message
    assert list(message["configurationItemSummary"])[:4] == [
        "changeType",
        "configurationItemVersion",
        "configurationItemCaptureTime",
        "configurationStateId",
    ]
    assert message["configurationItemSummary"]["changeType"] == "CREATE"
    assert world.events_of(group, "small-only") == []


def start(world: World, *names: str) -> None:
    named = {"ConfigRuleNames": list(names)} if names else {}
    world.client("config").start_config_rules_evaluation(**named)


STARTS = [
    pytest.param([], "ConfigRuleNames is empty", id="no rule"),
    pytest.param(["absent"], "NoSuchConfigRuleException", id="a rule that is not there"),
    pytest.param([f"r{n}" for n in range(26)], "ValidationException", id="more than 25 rules"),
]


@pytest.mark.parametrize(("names", "message"), STARTS)
def test_starting_is_refused_for(world: World, names: list[str], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        start(world, *names)

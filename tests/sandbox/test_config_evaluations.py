"""Only what a rule was asked about is stored, and only a change of compliance is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ParamValidationError
from dateutil.parser import isoparse

from tests.sandbox import config_world
from tests.sandbox.config_world import (
    COMPLIANCE,
    GROUP,
    SCHEDULED,
    World,
    evaluation,
    source,
)

ISO_MILLISECONDS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with config_world.started() as started:
        started.group()
        started.settle()
        started.rule()
        yield started


@pytest.fixture
def silent(world: World) -> Iterator[World]:
    """The function puts nothing; the tests do."""
    world.answers = lambda *_: None
    yield world
    world.answers = config_world.verdict


class Asked:
    """A group that the rule was asked about: its item, and a token to answer with."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.group = world.group()
        world.settle()
        (event,) = world.events_of(self.group)
        self.token = event["resultToken"]
        self.item = event["invokingEvent"]["configurationItem"]

    def put(self, compliance: str, token: str = "", **more: Any) -> None:
        self.world.put(token or self.token, evaluation(self.item, compliance), **more)

    def put_at(self, compliance: str, seconds: float) -> None:
        moment = isoparse(self.item["configurationItemCaptureTime"])
        at = {"OrderingTimestamp": moment + timedelta(seconds=seconds)}
        self.world.put(self.token, {**evaluation(self.item, compliance), **at})


def test_a_group_is_found_and_found_mended(world: World) -> None:
    group = world.group()
    world.settle()
    world.open(group)
    world.settle()
    assert world.results()[group] == "NON_COMPLIANT"
    world.close(group)
    world.settle()
    assert world.results()[group] == "COMPLIANT"
    assert world.changes(group) == [
        (None, "COMPLIANT"),
        ("COMPLIANT", "NON_COMPLIANT"),
        ("NON_COMPLIANT", "COMPLIANT"),
    ]


def test_a_change_that_keeps_compliance_is_no_event(world: World) -> None:
    group = world.group()
    world.settle()
    world.tag(group, team="a")
    world.settle()
    assert len(world.events_of(group)) == 2
    assert world.changes(group) == [(None, "COMPLIANT")]


def test_a_deleted_group_becomes_not_applicable_and_has_no_result(world: World) -> None:
    group = world.group()
    world.settle()
    world.client("ec2").delete_security_group(GroupId=group)
    world.settle()
    assert world.changes(group)[-1] == ("COMPLIANT", "NOT_APPLICABLE")
    assert group not in world.results()
    assert world.results(ComplianceTypes=["NOT_APPLICABLE"])[group] == "NOT_APPLICABLE"


def test_what_never_applied_is_no_event(silent: World) -> None:
    asked = Asked(silent)
    asked.put("NOT_APPLICABLE")
    assert silent.changes(asked.group) == []


def event_of(world: World, group: str) -> dict[str, Any]:
    found = [e for e in world.published if e["type"] == COMPLIANCE]
    return [e for e in found if e["detail"]["resourceId"] == group][-1]


def test_a_first_result_has_the_shape_of_a_recorded_event(world: World) -> None:
    group = world.group()
    world.settle()
    event = event_of(world, group)
    assert event["source"] == "aws.config"
    assert event["resources"] == []
    detail = event["detail"]
    assert list(detail) == [
        "resourceId",
        "awsRegion",
        "awsAccountId",
        "configRuleName",
        "recordVersion",
        "configRuleARN",
        "messageType",
        "newEvaluationResult",
        "notificationCreationTime",
        "resourceType",
    ]
    assert detail["recordVersion"] == "1.0"
    assert detail["messageType"] == "ComplianceChangeNotification"
    assert detail["resourceType"] == GROUP
    result = detail["newEvaluationResult"]
    assert list(result) == [
        "evaluationResultIdentifier",
        "complianceType",
        "resultRecordedTime",
        "configRuleInvokedTime",
    ]
    assert result["evaluationResultIdentifier"]["evaluationResultQualifier"] == {
        "configRuleName": "no-ssh",
        "resourceType": GROUP,
        "resourceId": group,
    }
    for time in (
        result["evaluationResultIdentifier"]["orderingTimestamp"],
        result["resultRecordedTime"],
        result["configRuleInvokedTime"],
        detail["notificationCreationTime"],
    ):
        assert re.fullmatch(ISO_MILLISECONDS, time)


def test_a_later_result_tells_the_earlier_one_beside_it(world: World) -> None:
    group = world.group()
    world.settle()
    first = event_of(world, group)["detail"]["newEvaluationResult"]
    world.open(group)
    world.settle()
    assert event_of(world, group)["detail"]["oldEvaluationResult"] == first


def test_an_annotation_is_told_and_kept(silent: World) -> None:
    asked = Asked(silent)
    silent.put(
        asked.token, evaluation(asked.item, "NON_COMPLIANT", Annotation="22/tcp from anywhere")
    )
    detail = event_of(silent, asked.group)["detail"]
    assert detail["newEvaluationResult"]["annotation"] == "22/tcp from anywhere"
    (result,) = silent.client("config").get_compliance_details_by_resource(
        ResourceType=GROUP, ResourceId=asked.group
    )["EvaluationResults"]
    assert result["Annotation"] == "22/tcp from anywhere"


def test_a_token_serves_several_calls(silent: World) -> None:
    asked = Asked(silent)
    asked.put("NON_COMPLIANT")
    asked.put("COMPLIANT")
    assert silent.results()[asked.group] == "COMPLIANT"


TOKENS = [
    pytest.param("TESTMODE", id="a word"),
    pytest.param("bm90IGEgdG9rZW4=", id="another base64 text"),
    pytest.param("", id="an empty text"),
]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_is_refused_that_is(silent: World, token: str) -> None:
    asked = Asked(silent)
    config = silent.client("config")
    with pytest.raises(config.exceptions.InvalidResultTokenException):
        silent.put(token, evaluation(asked.item, "COMPLIANT"))


def test_a_token_that_was_altered_is_refused(silent: World) -> None:
    asked = Asked(silent)
    config = silent.client("config")
    altered = asked.token[:-6] + ("AAAA==" if not asked.token.endswith("AAAA==") else "BBBB==")
    with pytest.raises(config.exceptions.InvalidResultTokenException):
        asked.put("COMPLIANT", token=altered)


def test_a_token_of_another_region_is_refused(silent: World) -> None:
    asked = Asked(silent)
    elsewhere = silent.sandbox.client("config", "eu-west-1")
    with pytest.raises(elsewhere.exceptions.InvalidResultTokenException):
        elsewhere.put_evaluations(
            ResultToken=asked.token, Evaluations=[evaluation(asked.item, "COMPLIANT")]
        )


def test_a_token_of_a_deleted_rule_names_the_rule(silent: World) -> None:
    config = silent.client("config")
    silent.rule("short")
    group = silent.group()
    silent.settle()
    event = silent.events_of(group, "short")[-1]
    config.delete_config_rule(ConfigRuleName="short")
    with pytest.raises(config.exceptions.NoSuchConfigRuleException, match="short"):
        silent.put(
            event["resultToken"],
            evaluation(event["invokingEvent"]["configurationItem"], "COMPLIANT"),
        )


def test_test_mode_stores_nothing_and_takes_any_token(silent: World) -> None:
    asked = Asked(silent)
    asked.put("NON_COMPLIANT", token="any", TestMode=True)
    assert asked.group not in silent.results()
    assert silent.changes(asked.group) == []


def test_an_older_result_is_ignored(silent: World) -> None:
    asked = Asked(silent)
    asked.put_at("NON_COMPLIANT", 0)
    asked.put_at("COMPLIANT", -1)
    assert silent.results()[asked.group] == "NON_COMPLIANT"
    asked.put_at("COMPLIANT", 1)
    assert silent.results()[asked.group] == "COMPLIANT"


def test_what_is_gone_is_not_brought_back_by_an_older_result(silent: World) -> None:
    asked = Asked(silent)
    asked.put("COMPLIANT")
    asked.put_at("NOT_APPLICABLE", 1)
    asked.put_at("NON_COMPLIANT", 0)
    assert asked.group not in silent.results()


BAD = [
    pytest.param(
        {"ComplianceType": "INSUFFICIENT_DATA"},
        "INSUFFICIENT_DATA cannot be put",
        id="Config alone says insufficient data",
    ),
    pytest.param({"ComplianceType": "FINE"}, "enum value set", id="there is no such compliance"),
    pytest.param(
        {"Annotation": "x" * 257},
        "length less than or equal to 256",
        id="an annotation has at most 256 characters",
    ),
    pytest.param(
        {"ComplianceResourceType": "group"}, "Unknown resource type", id="that is no type"
    ),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_an_evaluation_is_refused_when(silent: World, change: dict[str, Any], message: str) -> None:
    asked = Asked(silent)
    with pytest.raises(ClientError, match=message):
        silent.put(asked.token, {**evaluation(asked.item, "COMPLIANT"), **change})


def test_an_empty_annotation_is_refused(silent: World) -> None:
    asked = Asked(silent)
    with pytest.raises(ParamValidationError, match="Annotation"):
        silent.put(asked.token, evaluation(asked.item, "COMPLIANT", Annotation=""))


def test_at_most_100_evaluations_go_into_one_call(silent: World) -> None:
    asked = Asked(silent)
    one = evaluation(asked.item, "COMPLIANT")
    with pytest.raises(ClientError, match=r"'evaluations'.*less than or equal to 100"):
        silent.put(asked.token, *[one] * 101)
    silent.put(asked.token, *[one] * 100)


def test_a_periodic_rule_may_judge_anything(world: World) -> None:
    def answer(found: World, event: dict[str, Any]) -> None:
        if event["configRuleName"] == "account":
            at = event["invokingEvent"]["notificationCreationTime"]
            found.put(
                event["resultToken"],
                {
                    "ComplianceResourceType": "AWS::::Account",
                    "ComplianceResourceId": "123456789012",
                    "ComplianceType": "NON_COMPLIANT",
                    "OrderingTimestamp": at,
                },
            )

    world.answers = answer
    world.rule("account", Source=source(SCHEDULED), Scope={})
    world.settle()
    world.answers = config_world.verdict
    assert world.results("account") == {"123456789012": "NON_COMPLIANT"}

"""Compliance by rule, by resource and in sum says the same as the evaluations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox import config_world
from tests.sandbox.config_world import CHANGE, GROUP, World, resource_of, source


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Two rules that judge alike, one that was never answered, thirty open groups, one closed."""
    with config_world.started() as started:
        groups = [started.group() for _ in range(30)]
        for group in groups:
            started.open(group)
        started.settle()
        started.rule("first")
        started.rule("second")
        started.rule("idle", Scope={"ComplianceResourceTypes": ["AWS::EC2::Volume"]})
        started.settle()
        yield started


def rules(world: World, **more: Any) -> dict[str, Any]:
    found = world.client("config").describe_compliance_by_config_rule(**more)
    return {one["ConfigRuleName"]: one["Compliance"] for one in found["ComplianceByConfigRules"]}


def test_a_rule_is_as_compliant_as_its_worst_resource(world: World) -> None:
    many = {"CappedCount": 25, "CapExceeded": True}
    bad = {"ComplianceType": "NON_COMPLIANT", "ComplianceContributorCount": many}
    assert rules(world) == {
        "first": bad,
        "second": bad,
        "idle": {"ComplianceType": "INSUFFICIENT_DATA"},
    }


def test_rules_are_filtered_by_compliance_and_name(world: World) -> None:
    assert list(rules(world, ComplianceTypes=["INSUFFICIENT_DATA"])) == ["idle"]
    assert list(rules(world, ConfigRuleNames=["second"])) == ["second"]


def test_details_of_a_rule_come_in_pages(world: World) -> None:
    pages = world.client("config").get_paginator("get_compliance_details_by_config_rule")
    found = list(pages.paginate(ConfigRuleName="first", ComplianceTypes=["NON_COMPLIANT"]))
    assert [len(page["EvaluationResults"]) for page in found] == [10, 10, 10]
    ids = [resource_of(result) for page in found for result in page["EvaluationResults"]]
    assert len(set(ids)) == 30


def test_a_result_has_the_api_shape(world: World) -> None:
    result = world.client("config").get_compliance_details_by_config_rule(
        ConfigRuleName="first", Limit=1
    )["EvaluationResults"][0]
    assert set(result) == {
        "EvaluationResultIdentifier",
        "ComplianceType",
        "ResultRecordedTime",
        "ConfigRuleInvokedTime",
    }
    identifier = result["EvaluationResultIdentifier"]
    assert set(identifier) == {"EvaluationResultQualifier", "OrderingTimestamp"}
    assert identifier["EvaluationResultQualifier"]["EvaluationMode"] == "DETECTIVE"
    assert identifier["OrderingTimestamp"].tzinfo is not None


def test_a_resource_counts_the_rules_that_it_fails(world: World) -> None:
    config = world.client("config")
    group = next(iter(world.results("first", ComplianceTypes=["NON_COMPLIANT"])))
    (found,) = config.describe_compliance_by_resource(ResourceType=GROUP, ResourceId=group)[
        "ComplianceByResources"
    ]
    assert found["Compliance"] == {
        "ComplianceType": "NON_COMPLIANT",
        "ComplianceContributorCount": {"CappedCount": 2, "CapExceeded": False},
    }
    details = config.get_compliance_details_by_resource(ResourceType=GROUP, ResourceId=group)
    names = [
        d["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ConfigRuleName"]
        for d in details["EvaluationResults"]
    ]
    assert names == ["first", "second"]


def test_resources_come_in_pages_and_by_compliance(world: World) -> None:
    pages = world.client("config").get_paginator("describe_compliance_by_resource")
    found = [
        one["ResourceId"]
        for page in pages.paginate(ResourceType=GROUP, ComplianceTypes=["COMPLIANT"])
        for one in page["ComplianceByResources"]
    ]
    assert set(found) == set(world.results("first", ComplianceTypes=["COMPLIANT"]))


def test_a_summary_counts_rules(world: World) -> None:
    found = world.client("config").get_compliance_summary_by_config_rule()["ComplianceSummary"]
    assert found["NonCompliantResourceCount"] == {"CappedCount": 2, "CapExceeded": False}
    assert found["CompliantResourceCount"] == {"CappedCount": 0, "CapExceeded": False}
    assert found["ComplianceSummaryTimestamp"].tzinfo is not None


SUMMARIES = [
    pytest.param([], [(None, 30)], id="all resources in one"),
    pytest.param([GROUP, "AWS::EC2::VPC"], [(GROUP, 30), ("AWS::EC2::VPC", 0)], id="each type"),
]


@pytest.mark.parametrize(("types", "expected"), SUMMARIES)
def test_a_summary_counts_resources(
    world: World, types: list[str], expected: list[tuple[str | None, int]]
) -> None:
    found = world.client("config").get_compliance_summary_by_resource_type(ResourceTypes=types)
    told = [
        (one.get("ResourceType"), one["ComplianceSummary"]["NonCompliantResourceCount"])
        for one in found["ComplianceSummariesByResourceType"]
    ]
    assert told == [(kind, {"CappedCount": bad, "CapExceeded": False}) for kind, bad in expected]


def test_a_status_tells_of_invocation_and_evaluation(world: World) -> None:
    found = {
        one["ConfigRuleName"]: one
        for one in world.client("config").describe_config_rule_evaluation_status()[
            "ConfigRulesEvaluationStatus"
        ]
    }
    assert found["first"]["FirstEvaluationStarted"] is True
    assert "LastSuccessfulInvocationTime" in found["first"]
    assert "LastSuccessfulEvaluationTime" in found["first"]
    assert found["idle"]["FirstEvaluationStarted"] is False
    assert "LastSuccessfulInvocationTime" not in found["idle"]


REFUSED = [
    pytest.param(
        "get_compliance_details_by_config_rule",
        {"ConfigRuleName": "absent"},
        "NoSuchConfigRuleException",
        id="details of a rule that is not there",
    ),
    pytest.param(
        "get_compliance_details_by_config_rule",
        {"ConfigRuleName": "first", "ComplianceTypes": ["INSUFFICIENT_DATA"]},
        "InvalidParameterValueException",
        id="details that nobody puts",
    ),
    pytest.param(
        "get_compliance_details_by_config_rule",
        {"ConfigRuleName": "first", "Limit": 101},
        "ValidationException",
        id="more than 100 a page",
    ),
    pytest.param(
        "describe_compliance_by_config_rule",
        {"ComplianceTypes": ["NOT_APPLICABLE"]},
        "InvalidParameterValueException",
        id="a rule is never not applicable",
    ),
    pytest.param(
        "describe_compliance_by_resource",
        {"ResourceId": "sg-1"},
        "InvalidParameterValueException",
        id="a resource without its type",
    ),
    pytest.param(
        "delete_evaluation_results",
        {"ConfigRuleName": "absent"},
        "NoSuchConfigRuleException",
        id="deleting results of a rule that is not there",
    ),
]


@pytest.mark.parametrize(("operation", "params", "code"), REFUSED)
def test_is_refused(world: World, operation: str, params: dict[str, Any], code: str) -> None:
    with pytest.raises(ClientError, match=code):
        getattr(world.client("config"), operation)(**params)


def test_deleted_results_are_found_anew(world: World) -> None:
    world.rule("anew", Source=source(CHANGE))
    group = world.group()
    world.settle()
    config = world.client("config")
    config.delete_evaluation_results(ConfigRuleName="anew")
    assert world.results("anew") == {}
    world.sandbox.clock.advance(61)
    config.start_config_rules_evaluation(ConfigRuleNames=["anew"])
    world.settle()
    assert world.results("anew")[group] == "COMPLIANT"
    firsts = [before for before, _ in world.changes(group)]
    assert firsts.count(None) == len(firsts)
    config.delete_config_rule(ConfigRuleName="anew")

"""Packs are as compliant as their rules, in one place and over all that an aggregator sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox import config_world
from tests.sandbox.config_world import ACCOUNT, GROUP, REGION, World
from tests.sandbox.test_config_packs import NAME, fresh, put


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with config_world.started("cloudformation") as started:
        started.group()
        started.settle()
        yield started


@pytest.fixture
def name(world: World) -> Iterator[str]:
    """A pack's name for the test, and no such pack after it."""
    with fresh(world) as name:
        yield name


@pytest.fixture
def judged(world: World, name: str) -> str:
    """A pack of one rule that judged all groups, one of which is open."""
    world.open(world.group())
    put(world, name)
    world.settle()
    return name


def test_a_pack_is_as_compliant_as_its_worst_rule(world: World, judged: str) -> None:
    config = world.client("config")
    found = config.describe_conformance_pack_compliance(ConformancePackName=judged)
    (rule,) = found["ConformancePackRuleComplianceList"]
    assert rule["ComplianceType"] == "NON_COMPLIANT"
    assert re.fullmatch(NAME, rule["ConfigRuleName"])
    (summary,) = config.get_conformance_pack_compliance_summary(ConformancePackNames=[judged])[
        "ConformancePackComplianceSummaryList"
    ]
    assert summary["ConformancePackComplianceStatus"] == "NON_COMPLIANT"


def test_details_of_a_pack_are_filtered(world: World, judged: str) -> None:
    config = world.client("config")
    everything = config.get_conformance_pack_compliance_details(ConformancePackName=judged)
    bad = config.get_conformance_pack_compliance_details(
        ConformancePackName=judged,
        Filters={"ComplianceType": "NON_COMPLIANT", "ResourceType": GROUP},
    )["ConformancePackRuleEvaluationResults"]
    assert 0 < len(bad) < len(everything["ConformancePackRuleEvaluationResults"])
    assert {result["ComplianceType"] for result in bad} == {"NON_COMPLIANT"}


def test_a_score_is_the_part_of_pairs_that_complies(world: World, judged: str) -> None:
    config = world.client("config")
    results = config.get_conformance_pack_compliance_details(ConformancePackName=judged)[
        "ConformancePackRuleEvaluationResults"
    ]
    good = sum(result["ComplianceType"] == "COMPLIANT" for result in results)
    (score,) = config.list_conformance_pack_compliance_scores()["ConformancePackComplianceScores"]
    assert score["ConformancePackName"] == judged
    assert float(score["Score"]) == pytest.approx(100 * good / len(results), abs=0.005)
    assert 0 < float(score["Score"]) < 100


def test_a_pack_without_results_has_no_score(world: World, name: str) -> None:
    put(world, name)
    config = world.client("config")
    (score,) = config.list_conformance_pack_compliance_scores()["ConformancePackComplianceScores"]
    assert score["Score"] == "INSUFFICIENT_DATA"
    (summary,) = config.get_conformance_pack_compliance_summary(ConformancePackNames=[name])[
        "ConformancePackComplianceSummaryList"
    ]
    assert summary["ConformancePackComplianceStatus"] == "INSUFFICIENT_DATA"
    world.settle()


ABSENT = [
    pytest.param("describe_conformance_pack_compliance", "absent", {}, id="compliance"),
    pytest.param("get_conformance_pack_compliance_details", "absent", {}, id="details"),
    pytest.param("delete_conformance_pack", "absent", {}, id="deletion"),
]


@pytest.mark.parametrize(("operation", "pack", "params"), ABSENT)
def test_a_pack_that_is_not_there_has_no(
    world: World, operation: str, pack: str, params: dict[str, Any]
) -> None:
    config = world.client("config")
    with pytest.raises(config.exceptions.NoSuchConformancePackException):
        getattr(config, operation)(ConformancePackName=pack, **params)


def test_a_rule_that_is_not_in_the_pack_is_refused(world: World, name: str) -> None:
    put(world, name)
    config = world.client("config")
    with pytest.raises(config.exceptions.NoSuchConfigRuleInConformancePackException):
        config.describe_conformance_pack_compliance(
            ConformancePackName=name, Filters={"ConfigRuleNames": ["no-ssh"]}
        )
    world.settle()


def test_packs_of_all_sources_are_told_and_summed_up(world: World, judged: str) -> None:
    config = world.client("config")
    config.put_configuration_aggregator(
        ConfigurationAggregatorName="all",
        AccountAggregationSources=[{"AccountIds": [ACCOUNT], "AllAwsRegions": True}],
    )
    (found,) = config.describe_aggregate_compliance_by_conformance_packs(
        ConfigurationAggregatorName="all"
    )["AggregateComplianceByConformancePacks"]
    assert found == {
        "ConformancePackName": judged,
        "Compliance": {
            "ComplianceType": "NON_COMPLIANT",
            "CompliantRuleCount": 0,
            "NonCompliantRuleCount": 1,
            "TotalRuleCount": 1,
        },
        "AccountId": ACCOUNT,
        "AwsRegion": REGION,
    }
    (summary,) = config.get_aggregate_conformance_pack_compliance_summary(
        ConfigurationAggregatorName="all", GroupByKey="AWS_REGION"
    )["AggregateConformancePackComplianceSummaries"]
    assert summary == {
        "ComplianceSummary": {
            "CompliantConformancePackCount": 0,
            "NonCompliantConformancePackCount": 1,
        },
        "GroupName": REGION,
    }


FILTERS: list[Any] = [
    pytest.param({"ComplianceType": "NON_COMPLIANT"}, 1, id="its verdict"),
    pytest.param({"ComplianceType": "COMPLIANT"}, 0, id="another verdict"),
    pytest.param({"ConformancePackName": "other"}, 0, id="another name"),
    pytest.param({"AwsRegion": "eu-west-1"}, 0, id="another Region"),
]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_packs_of_all_sources_are_filtered_by(
    world: World, judged: str, filters: dict[str, str], expected: int
) -> None:
    config = world.client("config")
    config.put_configuration_aggregator(
        ConfigurationAggregatorName="all",
        AccountAggregationSources=[{"AccountIds": [ACCOUNT], "AllAwsRegions": True}],
    )
    found = config.describe_aggregate_compliance_by_conformance_packs(
        ConfigurationAggregatorName="all", Filters=filters
    )
    assert len(found["AggregateComplianceByConformancePacks"]) == expected


def test_the_compliance_of_a_pack_is_queried(world: World, judged: str) -> None:
    (found,) = world.client("config").select_resource_config(
        Expression="SELECT resourceName, configuration.nonCompliantRuleCount WHERE "
        "resourceType = 'AWS::Config::ConformancePackCompliance' "
        "AND configuration.complianceType = 'NON_COMPLIANT'"
    )["Results"]
    assert found == (f'{{"resourceName":"{judged}","configuration":{{"nonCompliantRuleCount":1}}}}')

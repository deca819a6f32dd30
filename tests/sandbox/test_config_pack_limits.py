"""A pack keeps to AWS's limits, and its template may come from an SSM document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox import config_world
from tests.sandbox.config_world import FUNCTION, World
from tests.sandbox.test_config_packs import PARAMETERS, RULE, other, put, rules, status, template

MANAGED = {"Owner": "AWS", "SourceIdentifier": "VPC_DEFAULT_SECURITY_GROUP_CLOSED"}


@pytest.fixture
def world() -> Iterator[World]:
    with config_world.started("cloudformation", "ssm") as started:
        yield started


def managed(count: int) -> str:
    """A template of so many managed rules."""
    properties = [{"ConfigRuleName": f"rule-{n}", "Source": MANAGED} for n in range(count)]
    resources = {f"Rule{n}": {**RULE, "Properties": one} for n, one in enumerate(properties)}
    return json.dumps({"Parameters": PARAMETERS, "Resources": resources})


def test_a_pack_may_have_130_rules(world: World) -> None:
    put(world, "large", managed(130))
    assert status(world, "large")["ConformancePackState"] == "CREATE_COMPLETE"
    assert len(rules(world)) == 130


def test_a_pack_of_131_rules_is_refused(world: World) -> None:
    with pytest.raises(ClientError, match="exceeds the allowed limit"):
        put(world, "larger", managed(131))
    assert rules(world) == []


def test_an_account_and_region_has_at_most_50_packs(world: World) -> None:
    for number in range(50):
        put(world, f"pack-{number}")
    config = world.client("config")
    with pytest.raises(config.exceptions.MaxNumberOfConformancePacksExceededException):
        put(world, "one-more")
    assert len(rules(world)) == 50
    config.delete_conformance_pack(ConformancePackName="pack-7")
    put(world, "one-more")
    assert status(world, "one-more")["ConformancePackState"] == "CREATE_COMPLETE"


def test_rules_of_packs_count_among_the_1000_of_an_account_and_region(world: World) -> None:
    config = world.client("config")
    for number in range(999):
        config.put_config_rule(ConfigRule={"ConfigRuleName": f"own-{number}", "Source": MANAGED})
    put(world, "two", template(other("no-rdp")))
    found = status(world, "two")
    assert found["ConformancePackState"] == "CREATE_FAILED"
    assert "maximum number of rules" in found["ConformancePackStatusReason"]
    put(world, "one")
    assert status(world, "one")["ConformancePackState"] == "CREATE_COMPLETE"
    with pytest.raises(config.exceptions.MaxNumberOfConfigRulesExceededException):
        config.put_config_rule(ConfigRule={"ConfigRuleName": "one-more", "Source": MANAGED})


def test_a_pack_takes_60_parameters(world: World) -> None:
    declared = {f"P{n}": {"Type": "String"} for n in range(59)}
    body = json.loads(template())
    body["Parameters"].update(declared)
    put(world, "many", json.dumps(body), **dict.fromkeys(declared, "1"))
    assert status(world, "many")["ConformancePackState"] == "CREATE_COMPLETE"


def document(world: World, name: str, kind: str) -> dict[str, str]:
    world.client("ssm").create_document(
        Name=name, DocumentType=kind, DocumentFormat="JSON", Content=template()
    )
    return {"DocumentName": name}


def put_document(world: World, document: dict[str, str]) -> None:
    world.client("config").put_conformance_pack(
        ConformancePackName="from-document",
        TemplateSSMDocumentDetails=document,
        ConformancePackInputParameters=[{"ParameterName": "Detector", "ParameterValue": FUNCTION}],
    )


def test_a_template_may_be_an_ssm_document(world: World) -> None:
    put_document(world, document(world, "pack", "ConformancePackTemplate"))
    assert status(world, "from-document")["ConformancePackState"] == "CREATE_COMPLETE"
    assert len(rules(world)) == 1


UNREADABLE: list[Any] = [
    pytest.param({"DocumentName": "absent"}, "SSM document absent cannot be read", id="absent"),
    pytest.param(
        {"DocumentName": "pack", "DocumentVersion": "7"}, "cannot be read", id="not in this version"
    ),
]


@pytest.mark.parametrize(("wanted", "message"), UNREADABLE)
def test_a_pack_is_refused_whose_document_is(
    world: World, wanted: dict[str, str], message: str
) -> None:
    document(world, "pack", "ConformancePackTemplate")
    with pytest.raises(ClientError, match=message):
        put_document(world, wanted)
    assert rules(world) == []


REMEDIATION = {
    "Type": "AWS::Config::RemediationConfiguration",
    "Properties": {"ConfigRuleName": "no-ssh", "TargetId": "Mend", "TargetType": "SSM_DOCUMENT"},
}


def test_a_pack_with_a_remediation_fails_and_leaves_nothing(world: World) -> None:
    put(world, "mending", template(REMEDIATION))
    found = status(world, "mending")
    assert found["ConformancePackState"] == "CREATE_FAILED"
    assert "RemediationConfiguration" in found["ConformancePackStatusReason"]
    assert rules(world) == []


NEVER: list[Any] = [
    ("put_organization_conformance_pack", {"OrganizationConformancePackName": "pack"}),
    ("describe_organization_conformance_packs", {}),
    ("describe_remediation_configurations", {"ConfigRuleNames": ["no-ssh"]}),
    (
        "put_remediation_configurations",
        {
            "RemediationConfigurations": [
                {"ConfigRuleName": "no-ssh", "TargetType": "SSM_DOCUMENT", "TargetId": "Mend"}
            ]
        },
    ),
    ("list_resource_evaluations", {}),
    ("delete_resource_config", {"ResourceType": "My::Own::Type", "ResourceId": "one"}),
]


@pytest.mark.parametrize(("operation", "params"), NEVER, ids=[one[0] for one in NEVER])
def test_what_the_sandbox_has_not_is_refused_with_what_to_do(
    world: World, operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=r"NotImplemented.*the sandbox does not have config:.*: "):
        getattr(world.client("config"), operation)(**params)

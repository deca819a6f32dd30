"""Only a rule of our packs, our own runbook and our own account may have anything changed."""

from __future__ import annotations

from typing import Any

import pytest
from moto.ec2.models import ec2_backends

from tests.handlers import books
from tests.handlers.faults import (
    Watch,
    answered,
    hooked,
)
from tests.handlers.stories import unchanged
from tests.loop.world import ACCOUNT, REGION, World, permission
from tests.stacks import ROOT

MENDED = [("intent", "MEND"), ("outcome", "MENDED")]
DETECTOR = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:netmend-detector"
PLANNING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:netmend-planner"

pytestmark = pytest.mark.usefixtures("no_pauses")

pytestmark = pytest.mark.usefixtures("no_pauses")


def test_look_alike_rule_may_find_but_not_change(world: World, group: str) -> None:
    name = "netmend-security-group-no-public-ingress-conformance-pack-lookalike"
    config = world.client("config")
    config.put_config_rule(
        ConfigRule={
            "ConfigRuleName": name,
            "InputParameters": '{"GuardedPorts": "0-65535"}',
            "Source": {
                "Owner": "CUSTOM_LAMBDA",
                "SourceIdentifier": DETECTOR,
                "SourceDetails": [
                    {
                        "EventSource": "aws.config",
                        "MessageType": "ConfigurationItemChangeNotification",
                    }
                ],
            },
        }
    )
    writes = Watch()
    with hooked(world, writes):
        world.settle()
    config.delete_config_rule(ConfigRuleName=name)
    started = [r for r in world.runs(group) if r["Parameters"]["ConfigRuleName"] == [name]]
    assert started, "Config's event of a look-alike starts the runbook as well"
    assert writes.calls == []
    assert world.evidence(group)[-1]["rule"] == name
    assert world.outcomes(group)[-1] == ("refusal", "HELD")


def test_rule_of_another_pack_of_ours_mends_as_well(world: World) -> None:
    config = world.client("config")
    config.put_conformance_pack(
        ConformancePackName="the-networks-own",
        TemplateBody=(ROOT / "conformance-packs" / "network-exposure.yaml").read_text(),
        ConformancePackInputParameters=[
            {"ParameterName": "DetectorFunctionArn", "ParameterValue": DETECTOR},
            {"ParameterName": "GuardedPorts", "ParameterValue": "8080"},
        ],
    )
    world.settle()
    group = world.group(permission("tcp", (8080, 8080), "0.0.0.0/0"))
    world.settle()
    config.delete_conformance_pack(ConformancePackName="the-networks-own")
    (ended,) = world.runs(group)
    assert ended["Parameters"]["ConfigRuleName"] != [world.rule_name]
    assert world.outcomes(group) == MENDED
    assert world.evidence(group)[0]["parameters"]["GuardedPorts"] == "8080"


Change = dict[str, Any]
NOT_OURS = [
    pytest.param({"CreatedBy": ""}, "conformance pack", id="a rule outside of a pack"),
    pytest.param(
        {"CreatedBy": "fms.amazonaws.com"}, "conformance pack", id="a rule of another service"
    ),
    pytest.param(
        {"Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": PLANNING}},
        "not judged by Netmend's detector",
        id="a rule that another function judges",
    ),
    pytest.param(
        {"Source": {"Owner": "CUSTOM_LAMBDA", "SourceIdentifier": f"{DETECTOR}:1"}},
        "not judged by Netmend's detector",
        id="a rule that another version of the detector judges",
    ),
    pytest.param(
        {"Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"}},
        "not judged by Netmend's detector",
        id="a rule of AWS",
    ),
    pytest.param(
        {"Source": {"Owner": "CUSTOM_POLICY"}},
        "not judged by Netmend's detector",
        id="a rule in Guard",
    ),
    pytest.param({"InputParameters": "{"}, "not valid", id="parameters that are no JSON"),
    pytest.param({"InputParameters": "[]"}, "not valid", id="parameters that are a list"),
    pytest.param({"InputParameters": "null"}, "not valid", id="parameters that are null"),
    pytest.param(
        {"InputParameters": '{"GuardedPorts": "22;"}'}, "GuardedPorts='22;'", id="a wrong port"
    ),
    pytest.param(
        {"InputParameters": '{"GuardedPorts": 22}'}, "GuardedPorts=22", id="a port as a number"
    ),
    pytest.param(
        {"InputParameters": '{"AllProtocols": "always"}'}, "AllProtocols", id="a wrong choice"
    ),
    pytest.param({"InputParameters": '{"Ports": "22"}'}, "Ports", id="an unknown parameter"),
]


@pytest.mark.parametrize(("change", "reason"), NOT_OURS)
def test_rule_that_is_not_ours_is_held(
    world: World, group: str, change: Change, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(
        monkeypatch,
        "config",
        "DescribeConfigRules",
        lambda answer: [rule.update(change) for rule in answer["ConfigRules"]],
    )
    status, decision, why = unchanged(world, group)
    assert (status, decision) == ("Success", "HELD")
    assert reason in why
    assert world.evidence(group)[-1]["reason"] == why
    assert world.outcomes(group)[-1] == ("refusal", "HELD")


def test_runbook_of_another_control_is_held(world: World, group: str) -> None:
    text = (ROOT / "ssm-documents" / "RevokePublicIngress.yaml").read_text(encoding="utf-8")
    world.client("ssm").create_document(
        Name="Netmend-DoSomethingElse",
        Content=text,
        DocumentType="Automation",
        DocumentFormat="YAML",
    )
    status, decision, reason = unchanged(world, group, document=["Netmend-DoSomethingElse"])
    assert (status, decision) == ("Success", "HELD")
    assert "RevokePublicIngress, not DoSomethingElse" in reason


def test_document_that_is_not_netmends_gets_nothing(world: World, group: str) -> None:
    text = (ROOT / "ssm-documents" / "RevokePublicIngress.yaml").read_text(encoding="utf-8")
    world.client("ssm").create_document(
        Name="Somebodys", Content=text, DocumentType="Automation", DocumentFormat="YAML"
    )
    told = world.evidence(group)
    assert unchanged(world, group, document=["Somebodys"])[0] == "Failed"
    assert world.evidence(group) == told


def test_shared_group_of_another_account_is_held_and_told_once(
    world: World, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = ec2_backends[ACCOUNT][REGION].get_security_group_from_id(group)
    monkeypatch.setattr(shared, "owner_id", "210987654321")
    for _ in range(2):
        status, decision, reason = unchanged(world, group)
        assert (status, decision) == ("Success", "HELD")
        assert "210987654321" in reason
    assert world.outcomes(group)[1:] == [("refusal", "HELD")]


def test_group_that_is_gone_or_compliant_is_left_alone(world: World, group: str) -> None:
    fine = world.group(permission("tcp", (443, 443), "0.0.0.0/0"), settle=True)
    assert unchanged(world, fine)[:2] == ("Success", "NONE")
    gone = world.group(settle=True)
    world.client("ec2").delete_security_group(GroupId=gone)
    assert unchanged(world, gone)[:2] == ("Success", "NONE")
    assert world.evidence(fine) + world.evidence(gone) == []


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)

"""What cannot be read, proved or recorded changes nothing, and the next run makes it good."""

from __future__ import annotations

from typing import Any

import pytest
from moto.ec2.models import ec2_backends

from tests.handlers import books
from tests.handlers.faults import (
    PLANNER,
    Error,
    Fault,
    Watch,
    answered,
    coded,
    denied,
    hooked,
    start,
    throttled,
    unreachable,
)
from tests.loop.world import ACCOUNT, REGION, World, permission
from tests.stacks import ROOT

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
ALL = permission("-1", None, "0.0.0.0/0")
OPEN = ("tcp", 22, 22, "0.0.0.0/0")
FAILED = [("outcome", "FAILED")]
MENDED = [("intent", "MEND"), ("outcome", "MENDED")]
DETECTOR = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:netmend-detector"
PLANNING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:netmend-planner"

pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture
def group(world: World) -> str:
    """An open group that nobody has mended yet."""
    world.mode("off")
    made = world.group(SSH)
    world.settle()
    world.mode("enforce")
    return made


def run(world: World, group: str, **changed: list[str]) -> tuple[str, str, str]:
    """(status, decision, reason) of a run that is started by hand and changes nothing."""
    before, writes = world.rules(group), Watch()
    with hooked(world, writes):
        execution = start(world, group, **changed)
        world.settle()
    assert writes.calls == []
    assert world.rules(group) == before
    found = world.run(execution)
    outputs = found["StepExecutions"][0].get("Outputs", {})
    decision, reason = (outputs.get(name, [""])[0] for name in ("Decision", "Reason"))
    return found["AutomationExecutionStatus"], decision, reason


UNREADABLE = [
    pytest.param("ssm:GetParameters", denied, FAILED, id="the mode is denied"),
    pytest.param("ssm:GetParameters", throttled, FAILED, id="the mode is throttled"),
    pytest.param("ssm:GetParameters", unreachable, FAILED, id="the mode is unreachable"),
    pytest.param("ssm:GetAutomationExecution", denied, [], id="the run itself is denied"),
    pytest.param("ssm:DescribeDocument", denied, [], id="the hash of the runbook is denied"),
    pytest.param("config:DescribeConfigRules", denied, FAILED, id="the rule is denied"),
    pytest.param(
        "config:DescribeConfigRules", coded("NoSuchConfigRuleException"), FAILED, id="no such rule"
    ),
    pytest.param("config:GetResourceConfigHistory", denied, FAILED, id="the history is denied"),
    pytest.param("ec2:DescribeSecurityGroups", denied, FAILED, id="the group is denied"),
    pytest.param(
        "ec2:DescribeSecurityGroupRules",
        coded("RequestLimitExceeded", 503),
        FAILED,
        id="the rules of the group are throttled",
    ),
    pytest.param("ec2:DescribeVpcs", denied, FAILED, id="the VPC is denied"),
    pytest.param("dynamodb:GetItem", denied, [], id="the ledger cannot be read"),
    pytest.param("dynamodb:UpdateItem", throttled, FAILED, id="the lease is throttled"),
    pytest.param("dynamodb:TransactWriteItems", throttled, None, id="the ledger is throttled"),
    pytest.param("s3:PutObject", denied, [], id="the evidence bucket is denied"),
    pytest.param("s3:PutObject", coded("SlowDown", 503), [], id="the evidence is throttled"),
    pytest.param("s3:PutObject", unreachable, [], id="the evidence bucket is unreachable"),
    pytest.param("s3:PutObject", coded("NoSuchBucket", 404), [], id="the evidence bucket is gone"),
    pytest.param("s3:PutObject", coded("KMS.DisabledException"), [], id="its key is disabled"),
]


@pytest.mark.parametrize(("name", "error", "outcomes"), UNREADABLE)
def test_what_fails_before_the_change_changes_nothing(
    world: World, name: str, error: Error, outcomes: list[tuple[str, str]] | None
) -> None:
    group = world.group(settle=True)
    fault, writes = Fault(name, error, role=PLANNER), Watch()
    with hooked(world, fault, writes):
        world.open(group, SSH)
        world.settle()
    (ended,) = world.runs(group)
    assert fault.fired
    assert writes.calls == []
    assert ended["AutomationExecutionStatus"] == "Failed"
    assert OPEN in world.rules(group)
    # A ledger that takes no transactions leaves an intent and the failure of its run.
    before = [("intent", "MEND"), *FAILED] if outcomes is None else outcomes
    assert world.outcomes(group) == before

    start(world, group)
    world.settle()
    assert OPEN not in world.rules(group)
    assert world.outcomes(group) == [*before, *MENDED]


@pytest.mark.parametrize(
    "error", [pytest.param(denied, id="denied"), pytest.param(unreachable, id="unreachable")]
)
def test_quota_that_cannot_be_read_is_the_default(world: World, error: Error) -> None:
    group = world.group(settle=True)
    fault = Fault("service-quotas:GetServiceQuota", error)
    with hooked(world, fault):
        world.open(group, SSH)
        world.settle()
    assert fault.fired
    assert world.outcomes(group) == MENDED


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
    status, decision, why = run(world, group)
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
    status, decision, reason = run(world, group, document=["Netmend-DoSomethingElse"])
    assert (status, decision) == ("Success", "HELD")
    assert "RevokePublicIngress, not DoSomethingElse" in reason


def test_document_that_is_not_netmends_gets_nothing(world: World, group: str) -> None:
    text = (ROOT / "ssm-documents" / "RevokePublicIngress.yaml").read_text(encoding="utf-8")
    world.client("ssm").create_document(
        Name="Somebodys", Content=text, DocumentType="Automation", DocumentFormat="YAML"
    )
    told = world.evidence(group)
    assert run(world, group, document=["Somebodys"])[0] == "Failed"
    assert world.evidence(group) == told


def test_shared_group_of_another_account_is_held_and_told_once(
    world: World, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = ec2_backends[ACCOUNT][REGION].get_security_group_from_id(group)
    monkeypatch.setattr(shared, "owner_id", "210987654321")
    for _ in range(2):
        status, decision, reason = run(world, group)
        assert (status, decision) == ("Success", "HELD")
        assert "210987654321" in reason
    assert world.outcomes(group)[1:] == [("refusal", "HELD")]


def test_group_that_is_gone_or_compliant_is_left_alone(world: World, group: str) -> None:
    fine = world.group(permission("tcp", (443, 443), "0.0.0.0/0"), settle=True)
    assert run(world, fine)[:2] == ("Success", "NONE")
    gone = world.group(settle=True)
    world.client("ec2").delete_security_group(GroupId=gone)
    assert run(world, gone)[:2] == ("Success", "NONE")
    assert world.evidence(fine) + world.evidence(gone) == []


MODES = [
    pytest.param("off", "the mode became off", id="off"),
    pytest.param("observe", "the mode became observe", id="observe"),
    pytest.param("approve", "the mode became approve", id="approve"),
    pytest.param("on", "the mode 'on' is none of", id="no mode at all"),
]


@pytest.mark.parametrize(("mode", "reason"), MODES)
def test_mode_that_flips_between_its_two_reads_stops_the_run(
    world: World, group: str, mode: str, reason: str
) -> None:
    flip = Fault("ssm:GetParameters", lambda: world.mode(mode), first=2, role=PLANNER)
    with hooked(world, flip):
        status, decision, why = run(world, group)
    world.mode("enforce")
    assert (status, decision) == ("Success", "HELD")
    assert reason in why
    assert world.outcomes(group)[1:] == [("intent", "MEND"), ("outcome", "HELD")]
    assert not books.lease(world, group)


def test_mode_that_cannot_be_read_the_second_time_stops_the_run(world: World, group: str) -> None:
    fault = Fault("ssm:GetParameters", denied, first=2, role=PLANNER)
    with hooked(world, fault):
        assert run(world, group)[0] == "Failed"
    assert world.outcomes(group)[1:] == [("intent", "MEND"), ("outcome", "FAILED")]
    assert not books.lease(world, group)


def lists_of(world: World, group: str) -> str:
    return next(rule[3] for rule in world.rules(group) if rule[3].startswith("pl-"))


def test_prefix_list_that_is_narrowed_while_the_plan_is_made_needs_no_mend(world: World) -> None:
    halves = ("0.0.0.0/1", "128.0.0.0/1")
    listed = world.prefix_list("198.51.100.0/24", *halves)
    world.mode("off")
    group = world.group(permission("tcp", (22, 22), listed))
    world.settle()
    world.mode("enforce")

    def narrow() -> None:
        world.client("ec2").modify_managed_prefix_list(
            PrefixListId=listed, CurrentVersion=1, RemoveEntries=[{"Cidr": c} for c in halves]
        )

    with hooked(world, Fault("ec2:DescribeManagedPrefixLists", narrow, times=1)):
        assert run(world, group)[:2] == ("Success", "NONE")
    assert world.outcomes(group) == [("refusal", "HELD")]


def test_edit_between_two_reads_of_a_group_is_read_again(world: World) -> None:
    group = world.group(settle=True)
    other = permission("tcp", (443, 443), "0.0.0.0/0")
    edit = Fault("ec2:DescribeSecurityGroupRules", lambda: world.open(group, other), times=1)
    with hooked(world, edit):
        world.open(group, SSH)
        world.settle()
    assert world.outcomes(group) == MENDED
    assert ("tcp", 443, 443, "0.0.0.0/0") in world.rules(group)


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)

"""Evidence says who did what to what, when and why, and people are told that it is there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from rules.netlib.evidence import canonical, sha256
from tests.handlers import books
from tests.handlers.faults import Fault, Watch, cut, denied, hooked, start
from tests.loop.world import ACCOUNT, REGION, World, permission
from tests.stacks import ROOT

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
ALL = permission("-1", None, "0.0.0.0/0")
CONTROL = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")
HEX = re.compile(r"[0-9a-f]{64}")

pytestmark = pytest.mark.usefixtures("no_pauses")


def mended(world: World) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """(group, intent, outcome)."""
    group = world.group(permission("tcp", (443, 443), "0.0.0.0/0"), SSH)
    world.settle()
    intent, outcome = world.evidence(group)
    return group, intent, outcome


def times(value: Any, path: str = "") -> dict[str, str]:
    """Every value under a key that is called a time, by its path."""
    if isinstance(value, list):
        return {k: v for n, one in enumerate(value) for k, v in times(one, f"{path}/{n}").items()}
    if not isinstance(value, dict):
        return {path: value} if path.rsplit("/")[-1].lower() in ("time", "recorded") else {}
    return {k: v for name, one in value.items() for k, v in times(one, f"{path}/{name}").items()}


def test_intent_says_all_that_a_mend_rests_on(world: World) -> None:
    group, intent, _ = mended(world)
    (run,) = world.runs(group)
    described = world.client("ssm").describe_document(Name="Netmend-RevokePublicIngress")
    assert intent["kind"] == "intent"
    assert (intent["account"], intent["region"]) == (ACCOUNT, REGION)
    assert (intent["control"], intent["rule"], intent["resource"]) == (
        CONTROL,
        world.rule_name,
        group,
    )
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", intent["version"])
    assert intent["execution"] == run["AutomationExecutionId"]
    assert intent["started_by"] == run["ExecutedBy"]
    assert intent["role"] == run["Parameters"]["AutomationAssumeRole"][0]
    assert intent["document"] == {
        "name": "Netmend-RevokePublicIngress",
        "version": "1",
        "hash": described["Document"]["Hash"],
    }
    assert intent["mode"] == "enforce"
    assert intent["parameters"]["AllProtocols"] == "approve"
    assert set(intent["facts"]) == {"prefix_lists", "vpc_cidrs", "rules_quota"}
    assert intent["facts"]["vpc_cidrs"] == sha256(canonical(["10.20.0.0/16"]))
    assert HEX.fullmatch(intent["digest"])
    assert HEX.fullmatch(intent["fingerprint"])
    assert "open to 0.0.0.0/0: tcp/22" in intent["drift"]["what"]
    (violation,) = intent["drift"]["violations"]
    assert (violation["ports"], violation["sources"]) == (["22"], ["0.0.0.0/0"])


def test_intent_has_the_rules_that_go_and_the_group_as_it_will_be(world: World) -> None:
    _, intent, outcome = mended(world)
    (gone,) = intent["plan"]["before"]
    assert (gone["CidrIpv4"], gone["FromPort"], gone["IsEgress"]) == ("0.0.0.0/0", 22, False)
    (revoke,) = [c for c in intent["plan"]["calls"] if c["op"].startswith("Revoke")]
    assert revoke["SecurityGroupRuleIds"] == [gone["SecurityGroupRuleId"]]
    assert outcome["as_planned"] is True
    assert outcome["intent"] == intent["number"]
    assert outcome["digest"] == intent["digest"]

    def sources(image: list[dict[str, Any]]) -> set[tuple[int, str]]:
        return {(p["FromPort"], r["CidrIp"]) for p in image for r in p["IpRanges"]}

    assert sources(outcome["after"]) == sources(intent["plan"]["after"])
    assert (443, "0.0.0.0/0") in sources(outcome["after"])


def test_every_change_is_told_with_the_request_id_that_aws_gave_it(world: World) -> None:
    writes = Watch()
    with hooked(world, writes):
        _, _, outcome = mended(world)
    made = [(call.operation, call.request_id) for call in writes.calls]
    told = [(json.loads(call["inputs"]["Api"]), call["request_id"]) for call in outcome["calls"]]
    assert told == made
    assert [operation for operation, _ in made] == [
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
    ]
    assert all(call["status"] == "Success" for call in outcome["calls"])


def test_times_are_in_utc_and_in_order(world: World) -> None:
    _, intent, outcome = mended(world)
    found = {**times(intent), **{f"outcome{k}": v for k, v in times(outcome).items()}}
    assert len(found) >= 7
    assert {k: v for k, v in found.items() if not UTC.fullmatch(str(v))} == {}
    assert intent["started"]["source"] == "ssm:GetAutomationExecution"
    assert intent["drift"]["recorded_by"] == "config:GetResourceConfigHistory"
    moments = [
        intent["drift"]["recorded"],
        intent["started"]["time"],
        intent["time"],
        *(call["time"] for call in outcome["calls"]),
        outcome["time"],
    ]
    assert moments == sorted(moments)


def test_approved_mend_names_who_approved_which_plan(world: World) -> None:
    group = world.group(ALL)
    world.settle()
    (run,) = world.runs(group)
    world.answer(run["AutomationExecutionId"], "Approve")
    world.settle()
    question, intent, _ = world.evidence(group)
    (decision,) = intent["approval"]["decisions"]
    assert decision["Approver"] == f"arn:aws:iam::{ACCOUNT}:user/demo-approver"
    assert (decision["Decision"], decision["Comment"]) == ("Approved", "seen")
    assert UTC.fullmatch(decision["Time"])
    assert intent["approval"]["digest"] == question["digest"] == intent["digest"]
    assert question["digest"] in question["question"]


def test_document_that_is_made_anew_shows_its_own_hash(world: World) -> None:
    ssm, name = world.client("ssm"), "Netmend-RevokePublicIngress"
    _, before, _ = mended(world)
    text = (ROOT / "ssm-documents" / "RevokePublicIngress.yaml").read_text(encoding="utf-8")
    ssm.delete_document(Name=name)
    made = ssm.create_document(
        Name=name, Content=f"{text}# anew\n", DocumentType="Automation", DocumentFormat="YAML"
    )
    _, after, outcome = mended(world)
    assert after["document"]["version"] == before["document"]["version"] == "1"
    assert made["DocumentDescription"]["Hash"] != before["document"]["hash"]
    assert after["document"]["hash"] == made["DocumentDescription"]["Hash"]
    assert outcome["document"] == after["document"]


def refused(world: World, group: str, mode: str) -> list[tuple[str, str]]:
    world.mode(mode)
    start(world, group)
    world.settle()
    return world.outcomes(group)


def test_refusal_is_recorded_when_it_differs_from_the_last(world: World) -> None:
    observed, off = ("refusal", "OBSERVE"), ("refusal", "HELD")
    mends = [("intent", "MEND"), ("outcome", "MENDED")]
    world.mode("observe")
    group = world.group(SSH)
    world.settle()
    assert world.outcomes(group) == [observed]
    assert refused(world, group, "observe") == [observed]
    assert refused(world, group, "off") == [observed, off]
    assert refused(world, group, "off") == [observed, off]
    assert refused(world, group, "observe") == [observed, off, observed]
    world.open(group, permission("tcp", (3389, 3389), "0.0.0.0/0"))
    world.settle()
    assert refused(world, group, "observe") == [observed, off, *[observed] * 2], "another plan"
    assert refused(world, group, "enforce")[-2:] == mends
    world.mode("observe")
    world.open(group, SSH)
    world.settle()
    assert world.outcomes(group)[4:] == [*mends, observed], "again after a mend"
    world.mode("enforce")


def test_refusal_has_the_plan_that_was_not_carried_out(world: World) -> None:
    world.mode("observe")
    group = world.group(SSH)
    world.settle()
    world.mode("enforce")
    (refusal,) = world.evidence(group)
    assert [call["op"] for call in refusal["plan"]["calls"]] == [
        "AuthorizeSecurityGroupIngress",
        "RevokeSecurityGroupIngress",
    ]
    assert HEX.fullmatch(refusal["fingerprint"])


def runs(world: World, group: str) -> list[dict[str, Any]]:
    """The executions that the evidence of a group names."""
    return [world.run(record["execution"]) for record in world.evidence(group)]


def test_every_recorded_decision_is_told_by_ids_alone(world: World) -> None:
    published = Watch("sns:Publish")
    with hooked(world, published):
        groups = [mended(world)[0], world.group(settle=True), world.group(settle=True)]
        with hooked(world, Fault("ec2:RevokeSecurityGroupIngress", denied, times=1)):
            world.open(groups[1], SSH)
            world.settle()
        with hooked(world, Fault("ec2:RevokeSecurityGroupIngress", cut, times=1)):
            world.open(groups[2], SSH)
            world.settle()
        world.mode("observe")
        for group in groups[1:]:
            start(world, group)
            world.settle()
        world.mode("enforce")
    expected = [r for g in groups for r in world.evidence(g) if r["kind"] != "intent"]
    told_ = [json.loads(call.params["Message"]) for call in published.calls]
    assert [m["outcome"] for m in told_] == [
        "MENDED",
        "FAILED",
        "OBSERVE",
        "INTERRUPTED",
        "OBSERVE",
    ]
    names = ("number", "hash", "outcome", "resource", "execution", "rule")
    assert {m["number"]: [m[n] for n in names] for m in told_} == {
        r["number"]: [r[n] for n in names] for r in expected
    }
    for group in groups:
        start(world, group)
    world.settle()


def test_refusal_that_cannot_be_told_fails_the_run(world: World) -> None:
    world.mode("observe")
    group, fault = world.group(settle=True), Fault("sns:Publish", denied)
    with hooked(world, fault):
        world.open(group, SSH)
        world.settle()
    world.mode("enforce")
    assert fault.fired
    assert runs(world, group)[-1]["AutomationExecutionStatus"] == "Failed"
    assert ("tcp", 22, 22, "0.0.0.0/0") in world.rules(group)


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)

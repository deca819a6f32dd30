"""Whatever is taken from the three templates, the loop fails and says where."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend import catalog, deployment
from netmend.sandbox.core import Sandbox
from netmend.stacks import StackError
from tests.loop.clues import clues
from tests.loop.proof import PARTS, ProofFailed, prove
from tests.loop.world import RULE, World
from tests.stacks import ROOT, TEMPLATES, parse

Path_ = tuple[Any, ...]
Template = dict[str, Any]
ELSEWHERE = "ec2.amazonaws.com"


def policies(properties: Template) -> Iterator[Path_]:
    """Where the policy documents of a resource are."""
    for key in ("AssumeRolePolicyDocument", "PolicyDocument", "KeyPolicy"):
        if key in properties:
            yield (key,)
    for number, _ in enumerate(properties.get("Policies", [])):
        yield "Policies", number, "PolicyDocument"


def at(value: Any, path: Path_) -> Any:
    for step in path:
        value = value[step]
    return value


def denied(role: str, *actions: str) -> str:
    """What AWS says when a role lacks one of the actions, as a pattern."""
    return f"assumed-role/{role}/\\S+ is not authorized to perform: ({'|'.join(actions)}) "


START_FAILED = "netmend-RevokePublicIngress could not start .*The defined assume role is unable"
NO_QUEUE = "the policy of netmend-start-dlq does not let EventBridge sqs:SendMessage"

LEADS = {
    "no ModeParameter": "evidence: OBSERVE: the mode is observe",
    "no EvidenceKeyAlias": denied("netmend-planner", "kms:GenerateDataKey"),
    "no EvidenceBucketPolicy": "evidence was overwritten: its bucket policy lets",
    "EvidenceBucketPolicy without DenyOverwriting": "evidence was overwritten: its bucket policy",
    "EvidenceBucketPolicy without DenyOtherPrefixes": "put under another account's prefix: its",
    "EvidenceBucketPolicy without DenyWithoutTls": "evidence is not read without TLS",
    "EvidenceKey without LetIamDecide": r"EvidenceKey \(AWS::KMS::Key\): .*not authorized",
    "no StartDeadLettersPolicy": NO_QUEUE,
    "StartDeadLettersPolicy without LetRulesOfNetmendSend": NO_QUEUE,
    "no RevokePublicIngressRole": START_FAILED,
    "RevokePublicIngressRole trusts another": START_FAILED,
    "no RevokePublicIngressRule": "there is no event rule netmend-RevokePublicIngress",
    "no NetworkExposurePack": "no conformance pack has made the Config rule",
    "NetworkExposurePack judges something else": "not judged sg-.* at all; it hears of .*EC2::VPC",
    "RevokePublicIngressRule without target": "event rule netmend-\\S+ has no target",
    "RevokePublicIngressRule hears another rule": "matched no event: it hears of .*another-rule",
    "RevokePublicIngressRule passes something else": 'Parameter "(ResourceId|ConfigRuleName)" has',
    "RevokePublicIngressRule loses failed starts": "the target of .* has no DeadLetterConfig",
    "DetectorRole without WriteLog": "/aws/lambda/netmend-detector is written",
    "PlannerRole without ReadQuotas": "evidence: HELD: .* and the quota is 60",
    "PlannerRole without WriteLog": "/aws/lambda/netmend-planner is written",
}
"""What leads to the sabotaged thing, as a pattern, where the mutant itself does not say it."""


def mutant(name: str, path: Path_, changed: Any, label: str, lead: str) -> Any:
    return pytest.param(name, path, changed, LEADS.get(label, lead), id=f"{name}: {label}")


def unproved() -> set[str]:
    """What belongs to other controls than the one that is proved here: theirs are other tests."""
    known = catalog.load()
    proved = next(control for control in known.controls if control.name == RULE)
    packs = {name for name in known.packs() if name != proved.pack}
    runbooks = {runbook.name for runbook in known.runbooks if runbook.name != proved.runbook}
    found = {"".join(word.capitalize() for word in f"{name}-pack".split("-")) for name in packs}
    return found | {f"{name}{kind}" for name in runbooks for kind in ("Role", "Rule", "Runbook")}


def mutants() -> Iterator[Any]:
    for name in TEMPLATES:
        body = parse((ROOT / "cloudformation" / f"{name}.yaml").read_text())
        for logical, resource in body["Resources"].items():
            if logical in unproved():
                continue
            properties = resource.get("Properties", {})
            alarm = properties.get("AlarmName")
            lead = f"the alarm {alarm} tells" if alarm else rf"\b{logical}\b"
            yield mutant(name, ("Resources", logical), None, f"no {logical}", lead)
            yield from _inside(name, logical, properties)


def _inside(name: str, logical: str, properties: Template) -> Iterator[Any]:
    here = ("Resources", logical, "Properties")
    for path in policies(properties):
        for number, statement in enumerate(at(properties, path)["Statement"]):
            place = (*here, *path, "Statement", number)
            yield from _statement(name, logical, properties, place, statement)
    yield from _events(name, logical, properties, here)
    if "TemplateBody" in properties:
        body = properties["TemplateBody"].replace("AWS::EC2::SecurityGroup", "AWS::EC2::VPC")
        yield mutant(
            name, (*here, "TemplateBody"), body, f"{logical} judges something else", "none"
        )
    if "AlarmActions" in properties:
        lead = f"the alarm {properties['AlarmName']} tells"
        yield mutant(name, (*here, "AlarmActions"), [], f"{logical} tells nobody", lead)
    if "Handler" in properties:
        changed = "rules.handlers.nothing.handle"
        lead = f"No module named '{changed.rpartition('.')[0]}'"
        yield mutant(name, (*here, "Handler"), changed, f"{logical} has no code", lead)


def _statement(
    name: str, logical: str, properties: Template, place: Path_, statement: Template
) -> Iterator[Any]:
    role = properties.get("RoleName", "")
    if "AssumeRolePolicyDocument" in place:
        changed = {**statement, "Principal": {"Service": ELSEWHERE}}
        lead = f"perform: sts:AssumeRole on resource: \\S+:role/{role}\\b"
        yield mutant(name, place, changed, f"{logical} trusts another", lead)
        return
    granted = statement["Action"]
    actions = [granted] if isinstance(granted, str) else granted
    label = f"{logical} without {statement['Sid']}"
    yield mutant(name, place, None, label, denied(role, *actions))
    for action in actions if len(actions) > 1 else ():
        left = {**statement, "Action": [other for other in actions if other != action]}
        found = f"{label}'s {action}"
        yield mutant(name, place, left, found, LEADS.get(label, denied(role, action)))


def _events(name: str, logical: str, properties: Template, here: Path_) -> Iterator[Any]:
    if "EventPattern" not in properties:
        return
    target = (*here, "Targets", 0)
    old = at(properties, ("Targets", 0, "InputTransformer"))
    paths = dict.fromkeys(old["InputPathsMap"], "$.detail.awsRegion")
    pattern = (*here, "EventPattern", "detail", "configRuleName")
    for path, changed, what in (
        (target, None, "without target"),
        (pattern, ["another-rule"], "hears another rule"),
        ((*target, "InputTransformer", "InputPathsMap"), paths, "passes something else"),
        ((*target, "DeadLetterConfig"), None, "loses failed starts"),
    ):
        yield mutant(name, path, changed, f"{logical} {what}", "none")


def sabotage(body: Template, path: Path_, changed: Any) -> str:
    made = copy.deepcopy(body)
    parent = at(made, path[:-1])
    if changed is None:
        del parent[path[-1]]
    else:
        parent[path[-1]] = changed
    return json.dumps(made, default=str)


@pytest.mark.parametrize(("name", "path", "changed", "lead"), list(mutants()))
def test_sabotage_is_noticed_and_named(
    name: str,
    path: Path_,
    changed: Any,
    lead: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "cloudformation").mkdir()
    for other in TEMPLATES:
        text = (ROOT / "cloudformation" / f"{other}.yaml").read_text()
        if other == name:
            text = sabotage(parse(text), path, changed)
        (tmp_path / "cloudformation" / f"{other}.yaml").write_text(text)
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    with pytest.raises((ProofFailed, StackError, ClientError)) as caught, Sandbox() as sandbox:
        prove(World(sandbox))
    assert re.search(lead, str(caught.value))


def test_every_lead_is_of_a_mutant() -> None:
    ids = {str(found.id).partition(": ")[2] for found in mutants()}
    assert set(LEADS) <= ids


def test_nothing_is_noticed_where_nothing_was_done() -> None:
    with Sandbox() as sandbox:
        world = World(sandbox)
        PARTS[0](world)
        assert clues(world) == []
        prove(world)

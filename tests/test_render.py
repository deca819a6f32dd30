"""Rendered text is fresh, the same each time, and follows what is written by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netmend import catalog
from netmend.catalog import CatalogError
from netmend.render import render
from netmend.rendering.text import RenderError, block, replace_regions
from tests.stacks import ROOT, Stack, parse, role

RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
SECOND = "DOOR_CLOSED"
WRITE = {"Sid": "Close", "Effect": "Allow", "Action": "ec2:Close", "Resource": ["d/*"]}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with the sources of what is rendered, and that fresh."""
    for folder in ("ssm-documents", "conformance-packs", "cloudformation"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for source in (ROOT / "rules").glob("*/parameters.json"):
        target = tmp_path / source.relative_to(ROOT)
        target.parent.mkdir(parents=True)
        shutil.copy(source, target)
    render(check=False, root=tmp_path)
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def files(root: Path) -> dict[str, str]:
    return {p.relative_to(root).as_posix(): p.read_text() for p in sorted(root.rglob("*.yaml"))}


def test_what_is_committed_is_fresh() -> None:
    assert render(check=True) == []


def test_rendering_again_changes_nothing(copy: Path) -> None:
    before = files(copy)
    assert render(check=False, root=copy) == []
    assert files(copy) == before


def stale(root: Path, **options: bool) -> list[str]:
    return [path.relative_to(root).as_posix() for path in render(root=root, **options)]


EDITS: dict[str, tuple[str, str, str, list[str]]] = {
    "a step of the envelope": (
        "ssm-documents/RevokePublicIngress.yaml",
        "timeoutSeconds: 90",
        "timeoutSeconds: 91",
        ["ssm-documents/RevokePublicIngress.yaml"],
    ),
    "a step of the change": (
        "ssm-documents/RevokePublicIngress.yaml",
        "description: Revokes the rules",
        "description: Revokes all rules",
        ["cloudformation/remediation.yaml"],
    ),
    "where the change begins": (
        "ssm-documents/RevokePublicIngress.yaml",
        "# on MEND_REMOVE takes",
        "# on MEND_TAKE takes",
        ["ssm-documents/RevokePublicIngress.yaml", "cloudformation/remediation.yaml"],
    ),
    "a pack": (
        "conformance-packs/network-exposure.yaml",
        "Owner: CUSTOM_LAMBDA",
        "Owner: CUSTOM_POLICY",
        ["conformance-packs/network-exposure.yaml"],
    ),
    "a role's tail": (
        "cloudformation/roles.yaml",
        "RoleName: netmend-start",
        "RoleName: netmend-begin",
        ["cloudformation/roles.yaml"],
    ),
    "a rule's severity, which nothing shows": (
        f"rules/{RULE}/parameters.json",
        '"Netmend": {',
        '"Netmend": {"Severity": "low", ',
        [],
    ),
}


@pytest.mark.parametrize(("path", "old", "new", "expected"), EDITS.values(), ids=EDITS.keys())
def test_an_edit_makes_what_hangs_on_it_stale(
    copy: Path, path: str, old: str, new: str, expected: list[str]
) -> None:
    edit(copy / path, old, new)
    assert stale(copy, check=True) == expected
    assert stale(copy, check=False) == expected
    assert stale(copy, check=True) == []


def test_checking_writes_nothing(copy: Path) -> None:
    edit(copy / "cloudformation/roles.yaml", "RoleName: netmend-start", "RoleName: netmend-begin")
    before = files(copy)
    render(check=True, root=copy)
    assert files(copy) == before


def test_a_pack_that_no_rule_is_in_goes(copy: Path) -> None:
    (copy / "conformance-packs" / "old.yaml").write_text("Parameters: {}\n")
    assert stale(copy, check=True) == ["conformance-packs/old.yaml"]
    render(check=False, root=copy)
    assert not (copy / "conformance-packs" / "old.yaml").exists()


def second(root: Path, change: Callable[[dict[str, Any]], object] = lambda _: None) -> None:
    """Another control: its folder and its document, and nothing else."""
    content = json.loads((root / "rules" / RULE / "parameters.json").read_text())
    content["Parameters"] |= {"RuleName": SECOND, "SourceEvents": "", "InputParameters": "{}"}
    content["Parameters"] |= {"SourcePeriodic": "One_Hour", "OptionalParameters": '{"Locks": "2"}'}
    content["Netmend"] |= {"Pack": "house-doors", "Runbook": "CloseDoor"}
    content["Netmend"] |= {"ParameterDescriptions": {"Locks": "How many."}}
    content["Netmend"] |= {"Writes": [WRITE], "ParameterValues": {"Locks": ["1", "2"]}}
    content["Netmend"] |= {"ParameterPatterns": {}}
    change(content)
    (root / "rules" / SECOND).mkdir()
    (root / "rules" / SECOND / "parameters.json").write_text(json.dumps(content))
    text = (root / "ssm-documents" / "RevokePublicIngress.yaml").read_text()
    document = root / "ssm-documents" / "CloseDoor.yaml"
    document.write_text(text.replace("RevokePublicIngress", "CloseDoor"))


def load(root: Path, name: str) -> Stack:
    return Stack(parse((root / "cloudformation" / f"{name}.yaml").read_text()))


def test_a_new_control_is_a_folder_and_a_document(copy: Path) -> None:
    second(copy)
    render(check=False, root=copy)
    roles = {role["RoleName"] for role in load(copy, "roles").of("AWS::IAM::Role").values()}
    assert {"netmend-CloseDoor", "netmend-RevokePublicIngress"} <= roles
    detection = load(copy, "detection")
    packs = detection.of("AWS::Config::ConformancePack").values()
    names = {pack["ConformancePackName"] for pack in packs}
    assert {"netmend-house-doors", "netmend-network-exposure"} <= names
    assert parse((copy / "cloudformation/detection.yaml").read_text())["Parameters"]["Locks"] == {
        "Description": "How many.",
        "Type": "String",
        "Default": "2",
        "AllowedValues": ["1", "2"],
        "ConstraintDescription": "must be 1 or 2.",
    }
    remediation = load(copy, "remediation").resources
    documents = [n for n, r in remediation.items() if r["Type"] == "AWS::SSM::Document"]
    assert "CloseDoorRunbook" in documents
    assert [remediation[n].get("DependsOn") for n in documents] == [None, *documents[:-1]]
    pack = Stack(parse((copy / "conformance-packs" / "house-doors.yaml").read_text()))
    rule = pack.resources["DoorClosed"]["Properties"]
    assert rule["Source"]["SourceDetails"] == [
        {
            "EventSource": "aws.config",
            "MessageType": "ScheduledNotification",
            "MaximumExecutionFrequency": "One_Hour",
        }
    ]
    assert "Scope" not in rule


def test_two_rules_may_share_a_runbook(copy: Path) -> None:
    writes = json.loads((copy / "rules" / RULE / "parameters.json").read_text())["Netmend"][
        "Writes"
    ]
    own = {"Runbook": "RevokePublicIngress", "Writes": writes}
    second(copy, lambda content: content["Netmend"].update(own))
    (copy / "ssm-documents" / "CloseDoor.yaml").unlink()
    render(check=False, root=copy)
    pattern = load(copy, "remediation").resources["RevokePublicIngressRule"]["Properties"]
    assert pattern["EventPattern"]["detail"]["configRuleName"] == [
        {"prefix": "netmend-door-closed-conformance-pack-"},
        {"prefix": "netmend-security-group-no-public-ingress-conformance-pack-"},
    ]


CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "a parameter with two meanings": (
        {
            "ParameterDescriptions": {"GuardedPorts": "Another."},
            "Parameters": '{"GuardedPorts": "1"}',
            "ParameterValues": {},
        },
        "GuardedPorts is another rule's parameter with another meaning",
    ),
    "a statement with two meanings": (
        {"Runbook": "RevokePublicIngress", "Writes": "own"},
        "has other Writes called",
    ),
}


@pytest.mark.parametrize(("change", "expected"), CONTRADICTIONS.values(), ids=CONTRADICTIONS.keys())
def test_rules_that_contradict_each_other_are_named(
    copy: Path, change: dict[str, Any], expected: str
) -> None:
    first = json.loads((copy / "rules" / RULE / "parameters.json").read_text())["Netmend"]["Writes"]
    if "Writes" in change:
        change = {**change, "Writes": [{**first[0], "Resource": ["other/*"]}]}

    def contradict(content: dict[str, Any]) -> None:
        optional = change.get("Parameters", content["Parameters"]["OptionalParameters"])
        content["Parameters"]["OptionalParameters"] = optional
        content["Netmend"].update({k: v for k, v in change.items() if k != "Parameters"})

    second(copy, contradict)
    if "Runbook" in change:
        (copy / "ssm-documents" / "CloseDoor.yaml").unlink()
    with pytest.raises(CatalogError, match=expected):
        render(check=True, root=copy)


MARKERS: dict[str, tuple[str, str]] = {
    "a missing region": ("top\n", "file: the region 'a.yaml' is missing or open"),
    "an open region": ("# >>> rendered by `netmend render`: a.yaml\n", "is missing or open"),
    "an end without a begin": ("# <<< rendered: a.yaml\n", "file:1: no region ends here"),
    "an unknown region": (
        "x\n# >>> rendered by `netmend render`: b.yaml\n# <<< rendered: b.yaml\n",
        "file:2: this region is not expected",
    ),
}


@pytest.mark.parametrize(("text", "expected"), MARKERS.values(), ids=MARKERS.keys())
def test_broken_markers_are_named(text: str, expected: str) -> None:
    with pytest.raises(RenderError, match=expected):
        replace_regions(Path("file"), text, {"a.yaml": "body"})


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("# on MEND_REMOVE takes", "# on REMOVE takes", r"yaml:\d+: this begins no step"),
        ("SecurityGroupRuleIds StringList", "SecurityGroupRuleIds Strings", "this begins no step"),
        ("  # on ", "  # from ", "no step begins the change"),
    ],
)
def test_a_comment_that_begins_no_step_is_named(
    copy: Path, old: str, new: str, expected: str
) -> None:
    path = copy / "ssm-documents" / "RevokePublicIngress.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(RenderError, match=expected):
        render(check=True, root=copy)


def test_a_runbook_may_have_no_change_and_its_role_no_write(copy: Path) -> None:
    second(copy, lambda content: content["Netmend"].update(Writes=[]))
    path = copy / "ssm-documents" / "CloseDoor.yaml"
    head, _, rest = path.read_text(encoding="utf-8").partition("  # The change,")
    tail = rest[rest.index("  # >>> rendered by `netmend render`: envelope-after") :]
    path.write_text(head + tail, encoding="utf-8")
    render(check=False, root=copy)
    document = parse(path.read_text(encoding="utf-8"))
    names = [step["name"] for step in document["mainSteps"]]
    assert names[4:] == ["DecideApproved", "Close", "Done", "Abort"]
    words = [c["StringEquals"] for c in document["mainSteps"][1]["inputs"]["Choices"]]
    assert words == ["APPROVE", "NONE", "OBSERVE", "HELD", "EXEMPT"]
    found = role(load(copy, "roles"), "netmend-CloseDoor")["Policies"][0]["PolicyDocument"]
    assert [s["Sid"] for s in found["Statement"]] == ["AskPlanner", "AskApprovers"]


def test_a_pack_of_rules_without_parameters_has_none(copy: Path) -> None:
    second(copy, without_parameters)
    render(check=False, root=copy)
    pack = parse((copy / "conformance-packs" / "house-doors.yaml").read_text(encoding="utf-8"))
    assert pack["Parameters"].keys() == {"DetectorFunctionArn"}
    assert "InputParameters" not in pack["Resources"]["DoorClosed"]["Properties"]
    interface = parse((copy / "cloudformation" / "detection.yaml").read_text(encoding="utf-8"))
    groups = interface["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert all(group["Parameters"] for group in groups)


def without_parameters(content: dict[str, Any]) -> None:
    content["Parameters"]["OptionalParameters"] = "{}"
    content["Netmend"] |= {"ParameterDescriptions": {}, "ParameterValues": {}}


VALUES: dict[str, Any] = {
    "texts that YAML 1.1 reads otherwise": {"Null": "no", "on": ["off", "1:20", "0123"]},
    "nested lists and maps": {"a": [{"b": ["c", {"d": "e"}]}, "f"], "g": {"h": {"i": "j"}}},
    "numbers, booleans and odd texts": [1, True, None, "", "a: b", "#c", "a:", 'q"q', "ü", "*"],
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_json_written_as_yaml_reads_as_itself(value: Any) -> None:
    assert parse(block(value, 4)) == value


def test_a_text_with_a_variable_is_substituted() -> None:
    assert parse(block(["arn:${AWS::Partition}:x", "$y"], 0)) == [
        {"Fn::Sub": "arn:${AWS::Partition}:x"},
        "$y",
    ]


def test_the_catalog_of_a_copy_is_the_catalog(copy: Path) -> None:
    assert catalog.load(copy).packs().keys() == catalog.load().packs().keys()

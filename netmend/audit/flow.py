"""The flow from drift to mend is what the templates say: nothing of it is drawn by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from netmend.catalog import ROOT

SUB: Final = re.compile(r"\$\{(?:AWS::)?(\w+)[^}]*\}")
CHANGES: Final = frozenset({"aws:executeAwsApi", "aws:executeScript"})


class Step(NamedTuple):
    """One step of a runbook. does: what it calls, in words; changes: whether it may change AWS."""

    name: str
    does: str
    changes: bool


class Rule(NamedTuple):
    """A Config rule as its pack creates it."""

    name: str
    pack: str
    kinds: tuple[str, ...]
    judged_by: str
    started_by: tuple[str, ...]


class Target(NamedTuple):
    """What an EventBridge rule starts, and how. steps: of its document, empty where it has none."""

    name: str
    arn: str
    role: str
    retries: str
    dead_letters: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Lane:
    """One way through: rules (source), the EventBridge rule's pattern (event), targets, steps.

    event: '' where no EventBridge rule takes up what the rules find.
    """

    event: str
    pattern: tuple[tuple[str, str], ...]
    rules: tuple[Rule, ...]
    targets: tuple[Target, ...]


class _Loader(yaml.SafeLoader):
    pass


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    """CloudFormation's short functions: what they name, for a picture needs no more."""
    if isinstance(node, yaml.ScalarNode):
        said = str(loader.construct_scalar(node))
        return f"<{said.removeprefix('AWS::')}>" if suffix == "Ref" else SUB.sub(r"<\1>", said)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True) if isinstance(node, yaml.MappingNode) else None


_Loader.add_multi_constructor("!", _function)


def lanes(root: Path = ROOT) -> tuple[Lane, ...]:
    """Every way that cloudformation/ and its documents and packs make, by EventBridge rule."""
    stacks = _Stacks(root / "cloudformation")
    rules = [rule for pack in stacks.of(PACK) for rule in _rules(pack, stacks.names)]
    found = [_lane(event, rules, stacks) for event in stacks.of(EVENTS)]
    taken = {rule.name for lane in found for rule in lane.rules}
    left = tuple(rule for rule in rules if rule.name not in taken)
    return (*found, *([Lane("", (), left, ())] if left else []))


PACK: Final = "AWS::Config::ConformancePack"
EVENTS: Final = "AWS::Events::Rule"
DOCUMENT: Final = "AWS::SSM::Document"
NAMES: Final = ("FunctionName", "QueueName")


class _Stacks:
    """The resources of all templates. names: what GetAtt of an ARN stands for, by logical id."""

    def __init__(self, folder: Path) -> None:
        self.resources: dict[str, dict[str, Any]] = {}
        for path in sorted(folder.glob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            body = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
            self.resources |= body.get("Resources", {})
        self.names = {
            f"{logical}.Arn": str(resource["Properties"][name])
            for logical, resource in self.resources.items()
            for name in NAMES
            if name in resource.get("Properties", {})
        }
        self.documents = {
            of["Name"]: yaml.safe_load(of["Content"])["mainSteps"] for of in self.of(DOCUMENT)
        }

    def of(self, kind: str) -> Iterator[dict[str, Any]]:
        """Properties of the resources of one type."""
        return (r["Properties"] for r in self.resources.values() if r["Type"] == kind)


def _rules(pack: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Rule]:
    given = {
        one["ParameterName"]: str(one["ParameterValue"])
        for one in pack.get("ConformancePackInputParameters", ())
    }
    for resource in yaml.safe_load(pack["TemplateBody"])["Resources"].values():
        of = resource["Properties"]
        identifier = of["Source"].get("SourceIdentifier", "")
        if isinstance(identifier, dict):
            identifier = given.get(identifier.get("Ref", ""), "")
        yield Rule(
            of["ConfigRuleName"],
            pack["ConformancePackName"],
            tuple(of.get("Scope", {}).get("ComplianceResourceTypes", ())),
            names.get(str(identifier), str(identifier)),
            tuple(one["MessageType"] for one in of["Source"].get("SourceDetails", ())),
        )


def _lane(event: Mapping[str, Any], rules: list[Rule], stacks: _Stacks) -> Lane:
    pattern = tuple(_pattern(event.get("EventPattern", {})))
    wanted = [value for key, value in pattern if key.endswith("configRuleName")]
    taken = tuple(rule for rule in rules if any(_takes(name, rule.name) for name in wanted))
    targets = tuple(_target(target, stacks) for target in event.get("Targets", ()))
    return Lane(str(event.get("Name", "")), pattern, taken, targets)


def _takes(pattern: str, rule: str) -> bool:
    """A pack adds `-conformance-pack-<suffix>` to the rule's name."""
    return any(
        name == rule or name == f"{rule}-conformance-pack-*" for name in pattern.split(" or ")
    )


def _pattern(part: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    for name, value in part.items():
        if isinstance(value, Mapping):
            yield from _pattern(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", " or ".join(_filter(one) for one in value)


def _filter(one: Any) -> str:
    """One alternative of an event pattern: a value, or a filter such as {"prefix": ...}."""
    if not isinstance(one, Mapping):
        return str(one)
    ((kind, value),) = one.items()
    return f"{value}*" if kind == "prefix" else f"{kind} {value}"


def _target(target: Mapping[str, Any], stacks: _Stacks) -> Target:
    arn = str(target["Arn"])
    name = re.sub(r":(\$DEFAULT|\d+)$", "", arn.rpartition("automation-definition/")[2])
    letters = str(target.get("DeadLetterConfig", {}).get("Arn", ""))
    retry = target.get("RetryPolicy", {})
    times, age = retry.get("MaximumRetryAttempts"), retry.get("MaximumEventAgeInSeconds")
    return Target(
        name,
        arn,
        str(target.get("RoleArn", "")).rpartition("/")[2],
        f"{times} times within {age} s" if retry else "",
        stacks.names.get(letters, letters),
        tuple(_step(step) for step in stacks.documents.get(name, ())),
    )


def _step(step: Mapping[str, Any]) -> Step:
    given = step.get("inputs", {})
    action = str(step["action"])
    phase = given.get("InputPayload", {}).get("phase", "")
    does = {
        "aws:executeAwsApi": f"{given.get('Service')}:{given.get('Api')}",
        "aws:invokeLambdaFunction": f"{given.get('FunctionName')} {phase}".rstrip(),
        "aws:approve": "asks a person",
        "aws:branch": "goes to the step that the plan begins with",
        "aws:sleep": "ends the run",
    }.get(action, action)
    return Step(str(step["name"]), does, action in CHANGES)

"""The three stacks as they lie in cloudformation/, and what their parameters may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import yaml

from netmend.errors import UsageError, did_you_mean

STACKS: Final = {
    "netmend-roles": "roles.yaml",
    "netmend-detection": "detection.yaml",
    "netmend-remediation": "remediation.yaml",
}
"""In the order in which they need each other."""

OWN: Final = frozenset(
    {"CodeBucket", "CodeKey", "KeptEvidenceBucket", "KeptEvidenceKey", "KeptLedger"}
)
"""Parameters that the deployment itself fills in."""

OPTIONS: Final = {"Mode": "--mode", "Approvers": "--approvers"}

Specification = Mapping[str, Any]  # a parameter as its template declares it


DONE_FROM: Final = ("Resources", "Conditions", "Outputs")
"""Sections of ours that CloudFormation acts on: other words alone are no change to it."""


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Keeps CloudFormation's short functions as (name, argument)."""


def _function(loader: yaml.SafeLoader, name: str, node: yaml.Node) -> tuple[str, Any]:
    if isinstance(node, yaml.SequenceNode):
        return name, loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return name, loader.construct_mapping(node, deep=True)
    return name, node.value


_Loader.add_multi_constructor("!", _function)


@dataclass(frozen=True)
class Template:
    """One stack's template; parameters: what it declares."""

    stack: str
    text: str
    parameters: Mapping[str, Specification]


def read(root: Path) -> tuple[Template, ...]:
    """The templates of the repository at root."""
    texts = {stack: root / "cloudformation" / file for stack, file in STACKS.items()}
    return tuple(_template(stack, path.read_text("utf-8")) for stack, path in texts.items())


def _template(stack: str, text: str) -> Template:
    return Template(stack, text, _parsed(text).get("Parameters", {}))


@lru_cache(maxsize=8)
def _parsed(text: str) -> Any:
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader


def same(one: str, other: str) -> bool:
    """Whether two texts of a template make the same stack of the same parameters."""
    if one.strip() == other.strip():
        return True
    try:
        first, second = _parsed(one) or {}, _parsed(other) or {}
    except yaml.YAMLError:
        return False
    return all(first.get(name) == second.get(name) for name in DONE_FROM)


def settings(templates: Iterable[Template], given: Iterable[str]) -> dict[str, str]:
    """`Name=Value` texts as parameters; raises UsageError for what no template would take."""
    declared = {n: s for t in templates for n, s in t.parameters.items() if n not in OWN}
    found: dict[str, str] = {}
    for text in given:
        name, separator, value = text.partition("=")
        if not separator:
            raise UsageError(f"--set {text} has no value", "write --set Name=Value")
        if name in OPTIONS:
            raise UsageError(f"--set {name} is not how that is given", f"use {OPTIONS[name]}")
        if name not in declared:
            known = [one for one in declared if one not in OPTIONS]
            raise UsageError(f"no stack has a parameter {name}", did_you_mean(name, known))
        check(name, value, declared[name])
        found[name] = value
    return found


def check(name: str, value: str, declared: Specification) -> None:
    """Refuse what CloudFormation would refuse, before anything is made."""
    each = value.split(",") if declared["Type"] == "CommaDelimitedList" else [value]
    for one in each:
        if not _allowed(one.strip(), declared):
            said = declared.get("ConstraintDescription") or _limits(declared)
            raise UsageError(f"{name}={value}: that can't be", str(said).rstrip("."))


def _allowed(value: str, declared: Specification) -> bool:
    values = [str(one) for one in declared.get("AllowedValues", ())]
    pattern = declared.get("AllowedPattern")
    if (values and value not in values) or (pattern and not re.fullmatch(str(pattern), value)):
        return False
    if declared["Type"] != "Number":
        return True
    if not re.fullmatch(r"[0-9]+", value):
        return False
    least, most = declared.get("MinValue", 0), declared.get("MaxValue", int(value))
    return int(least) <= int(value) <= int(most)


def _limits(declared: Specification) -> str:
    if values := declared.get("AllowedValues"):
        return f"one of {', '.join(map(str, values))}"
    if "MinValue" in declared:
        return f"a whole number of {declared['MinValue']} to {declared['MaxValue']}"
    return str(declared.get("Description", ""))

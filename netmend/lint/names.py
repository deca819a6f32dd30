"""What a reference names, and of which type its value will be, as far as a file can tell."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from netmend.lint.runbook import Runbook, Step, table, texts
from netmend.lint.source import Path
from netmend.lint.tables import PREDEFINED
from netmend.sandbox.automation.parameters import TEXTS
from netmend.sandbox.automation.references import REFERENCE
from netmend.sandbox.automation.scope import Facts
from netmend.sandbox.automation.values import TYPES

SYSTEM: Final = frozenset(Facts("", "", "", "", "", "", "").system(0))
VARIABLE: Final = "variable:"
PARAMETER_STORE: Final = "ssm:"
PLAIN: Final = re.compile(r"[A-Za-z0-9_]+")


class Use(NamedTuple):
    """A reference where it stands. offset: of the name's braces in the text at `path`."""

    name: str
    path: Path
    offset: int
    whole: bool


def uses(value: object, path: Path) -> Iterator[Use]:
    """Every reference in a value; whole: the text is nothing else."""
    for place, text in texts(value, path):
        for match in REFERENCE.finditer(text):
            yield Use(match[1], place, match.start(), match[0] == text)


def input_uses(step: Step) -> Iterator[Use]:
    """References in a step's inputs; a script's braces are its own, inner steps are themselves."""
    for name, value in step.inputs.items():
        script = step.action == "aws:executeScript" and name == "Script"
        if not script and not (step.inner and name == "Steps"):
            yield from uses(value, step.input(name))


def base_type(written: object) -> str:
    """The plain type of a declared one: String of AWS::EC2::Instance::Id; '' of none."""
    name = str(written)
    if name in TYPES:
        return name
    if name in TEXTS:
        return "String"
    listed = name.startswith("List<") and name.endswith(">") and name[5:-1] in TEXTS
    return "StringList" if listed else ""


def type_of(runbook: Runbook, name: str) -> str:
    """The type of a reference's value, '' where that is not certain."""
    if name in SYSTEM:
        return "String"
    if name.startswith(VARIABLE):
        variable = runbook.variables.get(name.removeprefix(VARIABLE))
        return base_type(table(variable).get("type", ""))
    step_name, dot, output = name.partition(".")
    if not dot:
        return base_type(runbook.parameter_type(name))
    step = runbook.by_name.get(step_name)
    if step is None:
        return ""
    if output in step.outputs:
        return base_type(step.outputs[output][1].get("Type") or "String")
    return PREDEFINED.get(step.action, {}).get(output, "")

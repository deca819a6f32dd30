"""A child runbook exists, and is given the parameters that it declares."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from netmend.errors import did_you_mean
from netmend.lint.runbook import Problem, Runbook, Step, table
from netmend.sandbox.automation.references import REFERENCE

CHILD: Final = "aws:executeAutomation"
OF_AWS: Final = re.compile(r"AWS[A-Za-z0-9]*-.+")
ARN: Final = "arn:"

Library = Mapping[str, Runbook]
"""Linted runbooks by the names of their files, without the ending."""


def check(runbook: Runbook, library: Library) -> Iterator[Problem]:
    for step in runbook.steps:
        name = step.inputs.get("DocumentName")
        literal = isinstance(name, str) and not REFERENCE.search(name) and "{{" not in name
        if step.action == CHILD and literal:
            yield from _child(step, str(name), library)


def find(name: str, library: Library) -> Runbook | None:
    """A document is called as its file, maybe with a prefix: Netmend-VerbNoun of VerbNoun.yaml."""
    if name in library:
        return library[name]
    return library.get(name.partition("-")[2])


def _child(step: Step, name: str, library: Library) -> Iterator[Problem]:
    name = name.rpartition("/")[2] if name.startswith(ARN) else name
    child = find(name, library)
    if child is not None:
        yield from _parameters(step, name, child)
    elif not OF_AWS.fullmatch(name) and not str(step.inputs["DocumentName"]).startswith(ARN):
        hint = did_you_mean(name, library)
        fix = hint if hint.startswith("did") else "lint it together with its children"
        reason = f"no linted file is the runbook {name}, and its name is none of AWS's"
        yield Problem("unknown-child", step.input("DocumentName"), reason, fix)


def _parameters(step: Step, name: str, child: Runbook) -> Iterator[Problem]:
    given = step.inputs.get("RuntimeParameters")
    if given is not None and not isinstance(given, dict):
        return
    for key in table(given):
        if key not in child.parameters:
            reason, fix = f"{name} has no parameter {key}", did_you_mean(key, child.parameters)
            yield Problem(
                "child-parameter", step.input("RuntimeParameters", key), reason, fix, key=True
            )
    for key, entry in child.parameters.items():
        required = "default" not in table(entry)
        elsewhere = "TargetMaps" in step.inputs or key == step.inputs.get("TargetParameterName")
        if required and key not in table(given) and not elsewhere:
            reason = f"{name} needs the parameter {key}"
            path = step.input("RuntimeParameters")
            yield Problem("child-parameter-missing", path, reason, f"add {key}")

"""An action has the inputs that it documents, of their types, and within their limits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from netmend.errors import did_you_mean
from netmend.lint.names import VARIABLE, base_type, type_of
from netmend.lint.runbook import API_ACTIONS, Problem, Runbook, Step, a_kind, listing, table
from netmend.lint.tables import ANY_OF, INPUTS, MAX_ITERATIONS, MOST, ONE_OF, VALUES
from netmend.sandbox.automation.actions.sleep import DURATION, LONGEST, UNITS
from netmend.sandbox.automation.references import REFERENCE

NUMBER: Final = re.compile(r"\d+")
SINGLES: Final = ("String", "Integer", "Boolean")


def check(runbook: Runbook) -> Iterator[Problem]:
    for step in runbook.steps:
        if step.action in INPUTS:
            yield from _names(step)
            for name in step.inputs:
                yield from _value(step, name)
            yield from SPECIAL.get(step.action, _nothing)(runbook, step)


def _names(step: Step) -> Iterator[Problem]:
    known = INPUTS[step.action]
    for name in step.inputs:
        if name not in known and step.action not in API_ACTIONS:
            reason, fix = f"{step.action} has no input {name}", did_you_mean(name, known)
            yield Problem("unknown-input", step.input(name), reason, fix, key=True)
    for name, kind in known.items():
        if kind.endswith("!") and name not in step.inputs:
            reason = f"{step.action} needs the input {name}"
            yield Problem("missing-input", step.input(), reason, f"add {name}")
    yield from _one_of(step)


def _one_of(step: Step) -> Iterator[Problem]:
    wanted = ONE_OF.get(step.action) or ANY_OF.get(step.action, ())
    given = [name for name in wanted if name in step.inputs]
    if wanted and not given:
        reason = f"{step.action} needs {' or '.join(wanted)}"
        yield Problem("missing-input", step.input(), reason, f"add {' or '.join(wanted)}")
    if len(given) > 1 and step.action in ONE_OF:
        reason = f"{step.action} cannot have both {' and '.join(given)}"
        yield Problem("input-conflict", step.input(given[1]), reason, "keep one", key=True)


def _value(step: Step, name: str) -> Iterator[Problem]:
    value, path = step.inputs[name], step.input(name)
    kind = INPUTS[step.action].get(name, "Any").removesuffix("!")
    if not _fits(value, kind):
        reason = f"{name} must be {a_kind(kind)}, not {_written(value)}"
        yield Problem("input-type", path, reason, f"write {a_kind(kind)}")
    allowed = VALUES.get((step.action, name), ())
    if allowed and isinstance(value, str) and not REFERENCE.search(value) and value not in allowed:
        reason = f"{name} cannot be {value}"
        yield Problem("input-value", path, reason, did_you_mean(value, allowed))
    most = MOST.get((step.action, name))
    if most and isinstance(value, str if kind == "String" else list) and len(value) > most:
        unit = "characters" if isinstance(value, str) else "items"
        reason = f"{name} has {len(value)} {unit}, and AWS takes {most}"
        yield Problem("over-limit", path, reason, "shorten it")


def _fits(value: Any, kind: str) -> bool:
    """Whether a literal may become the kind; a text with a reference may become anything."""
    if kind == "Any" or value is None or (isinstance(value, str) and REFERENCE.search(value)):
        return True
    if kind in SINGLES:
        return _is_single(value, kind)
    if kind == "StringList":
        return not isinstance(value, dict) and not _has_maps(value)
    if isinstance(value, str):
        return _is_json(value)
    return isinstance(value, dict if kind == "Map" else list | dict)


def _is_single(value: Any, kind: str) -> bool:
    if isinstance(value, list | dict):
        return False
    written = str(value)
    if kind == "Integer":
        return bool(NUMBER.fullmatch(written))
    return kind == "String" or written.lower() in ("true", "false")


def _has_maps(value: Any) -> bool:
    return any(isinstance(item, dict) for item in listing(value))


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


def _written(value: Any) -> str:
    names = {dict: "a map", list: "a list", bool: "a boolean", int: "a number", float: "a number"}
    return names.get(type(value)) or f"the text {value[:40]!r}"


def _nothing(runbook: Runbook, step: Step) -> Iterator[Problem]:
    yield from ()


def _sleep(runbook: Runbook, step: Step) -> Iterator[Problem]:
    written = step.inputs.get("Duration")
    if not isinstance(written, str) or REFERENCE.search(written):
        return
    match = DURATION.fullmatch(written)
    if match is None:
        reason, fix = f"{written} is no ISO 8601 duration", "write for example PT10M"
        yield Problem("sleep-duration", step.input("Duration"), reason, fix)
    elif sum(float(match[unit] or 0) * size for unit, size in UNITS.items()) > LONGEST:
        reason = f"a run sleeps at most {LONGEST} seconds, which is under seven days"
        yield Problem("sleep-duration", step.input("Duration"), reason, "sleep in several steps")


def _loop(runbook: Runbook, step: Step) -> Iterator[Problem]:
    most = step.inputs.get("MaxIterations")
    literal = NUMBER.fullmatch(str(most))
    if literal and not 1 <= int(literal[0]) <= MAX_ITERATIONS:
        reason = f"MaxIterations is {most}, and must be 1 to {MAX_ITERATIONS}"
        yield Problem("over-limit", step.input("MaxIterations"), reason, "choose a number in it")


def _variable(runbook: Runbook, step: Step) -> Iterator[Problem]:
    written, path = str(step.inputs.get("Name", "")), step.input("Name")
    name = written.strip("{} ").removeprefix(VARIABLE)
    if name not in runbook.variables:
        fix = did_you_mean(name, runbook.variables) or "declare it under variables"
        yield Problem("undeclared-variable", path, f"there is no variable {name}", fix)
    elif not written.startswith(VARIABLE):
        reason = f"the Name {written} does not begin with {VARIABLE}"
        yield Problem("variable-name", path, reason, f"write {VARIABLE}{name}")
    else:
        yield from _variable_type(runbook, step, name)


def _variable_type(runbook: Runbook, step: Step, name: str) -> Iterator[Problem]:
    declared = base_type(table(runbook.variables[name]).get("type", ""))
    value = step.inputs.get("Value")
    match = REFERENCE.fullmatch(value) if isinstance(value, str) else None
    given = type_of(runbook, match[1]) if match else ""
    if declared and given and declared != given:
        types = f"{a_kind(given)}, and the variable {name} {a_kind(declared)}"
        reason = f"{value} is {types}: nothing is converted"
        fix = f"give it {a_kind(declared)}"
        yield Problem("variable-type", step.input("Value"), reason, fix)


def _approve(runbook: Runbook, step: Step) -> Iterator[Problem]:
    approvers = listing(step.inputs.get("Approvers"))
    wanted = NUMBER.fullmatch(str(step.inputs.get("MinRequiredApprovals")))
    literal = approvers and not any(REFERENCE.search(str(one)) for one in approvers)
    if literal and wanted and int(wanted[0]) > len(approvers):
        reason = f"{wanted[0]} approvals are wanted of {len(approvers)} approvers, who cannot do it"
        fix = "name more approvers, or ask for fewer"
        yield Problem("too-few-approvers", step.input("MinRequiredApprovals"), reason, fix)


SPECIAL: Final = {
    "aws:approve": _approve,
    "aws:loop": _loop,
    "aws:sleep": _sleep,
    "aws:updateVariable": _variable,
}

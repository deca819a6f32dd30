"""A call names a service, an API and members that boto3 has, and gives them its types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from botocore.model import OperationModel, Shape

from netmend.errors import did_you_mean
from netmend.lint import models
from netmend.lint.names import type_of
from netmend.lint.runbook import API_ACTIONS, Problem, Runbook, Step, a_kind
from netmend.lint.source import Path
from netmend.lint.tables import INPUTS
from netmend.sandbox.automation.references import REFERENCE

PLAIN: Final = re.compile(r"[-+]?\d+(\.\d+)?|(?i:true|false)")
"""Numbers and booleans as they are typed."""

LITERALS: Final[Mapping[str, tuple[type, ...]]] = {
    "string": (str,),
    "character": (str,),
    "blob": (str,),
    "timestamp": (str, int, float),
    "integer": (int,),
    "long": (int,),
    "float": (int, float),
    "double": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "structure": (dict,),
    "map": (dict,),
}
REFERENCES: Final[Mapping[str, tuple[str, ...]]] = {
    "string": ("String",),
    "character": ("String",),
    "blob": ("String",),
    "timestamp": ("String", "Integer"),
    "integer": ("Integer",),
    "long": ("Integer",),
    "float": ("Integer",),
    "double": ("Integer",),
    "boolean": ("Boolean",),
    "list": ("StringList", "MapList"),
    "structure": ("StringMap",),
    "map": ("StringMap",),
}
COUNTED: Final = ("string", "list")
SIZED: Final = (*COUNTED, "integer", "long", "float", "double")
NESTED: Final = ("list", "structure", "map")
LISTS: Final = ("StringList", "MapList")


class Given(NamedTuple):
    """A value for a shape, where it stands; `runbook` knows the types of references."""

    value: Any
    shape: Shape
    path: Path
    runbook: Runbook


def check(runbook: Runbook) -> Iterator[Problem]:
    for step in runbook.steps:
        if step.action in API_ACTIONS:
            yield from _call(runbook, step)


def model_of(step: Step) -> OperationModel | None:
    """The API that a step calls, None where no file can tell or there is none."""
    service, api = step.inputs.get("Service"), step.inputs.get("Api")
    if step.action not in API_ACTIONS or not isinstance(service, str) or not isinstance(api, str):
        return None
    return models.operation(service, api)


def _call(runbook: Runbook, step: Step) -> Iterator[Problem]:
    service, api = (str(step.inputs.get(name, "{{ ? }}")) for name in ("Service", "Api"))
    model = model_of(step)
    if model is not None:
        yield from _streams(step, model)
        yield from _members(runbook, step, model)
    elif "{{" in service or "{{" in api:
        return
    elif models.service(service) is None:
        reason, fix = f"boto3 has no service {service}", did_you_mean(service, models.services())
        yield Problem("unknown-service", step.input("Service"), reason, fix)
    else:
        known = models.operations(service).values()
        reason = f"boto3's {service.lower()} has no API {api}"
        fix = _nearest(api, known)
        yield Problem("unknown-api", step.input("Api"), reason, fix)


def _nearest(name: str, known: Any) -> str:
    """A hint with one name: a service has too many to list."""
    hint = did_you_mean(name, known)
    return hint if hint.startswith("did") else "see the service's API reference"


def _streams(step: Step, model: OperationModel) -> Iterator[Problem]:
    if model.has_streaming_output or model.has_event_stream_output:
        reason = f"{model.name} answers with a stream, which no step can hold"
        yield Problem("streaming-api", step.input("Api"), reason, "read it in aws:executeScript")


def _members(runbook: Runbook, step: Step, model: OperationModel) -> Iterator[Problem]:
    known = models.members(model.input_shape)
    given = [name for name in step.inputs if name not in INPUTS[step.action]]
    for name in given:
        shape = known.get(models.original(model, name))
        if shape is not None:
            yield from _value(Given(step.inputs[name], shape, step.input(name), runbook))
        else:
            reason = f"{model.name} takes no {name}"
            fix = _member_hint(name, known)
            yield Problem("unknown-member", step.input(name), reason, fix, key=True)
    passed = {models.original(model, name) for name in given}
    for name in getattr(model.input_shape, "required_members", ()):
        if name not in passed and name not in models.filled(model):
            reason = f"{model.name} needs {name}"
            yield Problem("missing-member", step.input(), reason, f"add {name}")


def _member_hint(name: str, known: Mapping[str, Shape]) -> str:
    hint = did_you_mean(name, known) if known else ""
    return hint if hint.startswith("did") or 0 < len(known) <= 12 else "leave it out"


def _value(given: Given) -> Iterator[Problem]:
    value, shape = given.value, given.shape
    open_type = getattr(shape, "is_document_type", False) or shape.serialization.get("jsonvalue")
    # Documents that AWS runs give a list of one where a single value is wanted.
    single = isinstance(value, list) and len(value) == 1 and shape.type_name not in NESTED
    if open_type or value is None or single:
        return
    if isinstance(value, str) and REFERENCE.search(value):
        yield from _reference(given, REFERENCE.fullmatch(value))
    elif not _is_literal(value, shape.type_name):
        reason = f"{_name(given)} must be {a_kind(shape.type_name)}, not {value!r:.60}"
        yield Problem("member-type", given.path, reason, _type_hint(value, shape.type_name))
    elif shape.type_name == "structure":
        yield from _structure(given)
    else:
        yield from _minimum(given)
        yield from _items(given)


def _minimum(given: Given) -> Iterator[Problem]:
    """boto3 holds values against a shape's least, and leaves its greatest to the service."""
    low, kind = given.shape.metadata.get("min"), given.shape.type_name
    if low is None or kind not in SIZED:
        return
    size = len(given.value) if kind in COUNTED else given.value
    if size < low:
        what = "long" if kind in COUNTED else "great"
        reason = f"{_name(given)} must be at least {low} {what}, not {size}"
        yield Problem("member-minimum", given.path, reason, "give it a greater value")


def _name(given: Given) -> str:
    return str(next(part for part in reversed(given.path) if isinstance(part, str)))


def _is_literal(value: Any, kind: str) -> bool:
    if isinstance(value, bool) and kind != "boolean":
        return False
    return isinstance(value, LITERALS.get(kind, (object,)))


def _type_hint(value: Any, kind: str) -> str:
    if kind == "list":
        return "write it as a list"
    if kind == "string" and isinstance(value, int):
        return "put it in quotes"
    plain = isinstance(value, str) and PLAIN.fullmatch(value)
    return "write it without quotes" if plain else f"write {a_kind(kind)}"


def _reference(given: Given, whole: Any) -> Iterator[Problem]:
    found = type_of(given.runbook, whole[1]) if whole else "String"
    kind = given.shape.type_name
    if found and found not in REFERENCES.get(kind, (found,)):
        reason = f"{_name(given)} must be {a_kind(kind)}, and {given.value:.60} is {a_kind(found)}"
        fix = f"declare it as {' or '.join(REFERENCES[kind])}"
        yield Problem("reference-type", given.path, reason, fix)


def _structure(given: Given) -> Iterator[Problem]:
    known = models.members(given.shape)
    for name, value in given.value.items():
        path = (*given.path, name)
        if name in known:
            yield from _value(Given(value, known[name], path, given.runbook))
        else:
            reason = f"{given.shape.name} has no {name}"
            fix = _member_hint(name, known)
            yield Problem("unknown-member", path, reason, fix, key=True)
    for name in getattr(given.shape, "required_members", ()):
        if name not in given.value:
            reason = f"{given.shape.name} needs {name}"
            yield Problem("missing-member", given.path, reason, f"add {name}")


def _items(given: Given) -> Iterator[Problem]:
    """The elements of a list or of a map; an element that is a whole list is spliced in."""
    shape: Any = given.shape
    if isinstance(given.value, list):
        for number, item in enumerate(given.value):
            whole = REFERENCE.fullmatch(item) if isinstance(item, str) else None
            if not whole or type_of(given.runbook, whole[1]) not in LISTS:
                path = (*given.path, number)
                yield from _value(Given(item, shape.member, path, given.runbook))
    elif isinstance(given.value, dict):
        for key, item in given.value.items():
            yield from _value(Given(item, shape.value, (*given.path, key), given.runbook))

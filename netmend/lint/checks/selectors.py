"""A selector finds something in the API's answer, and its output can be of the declared type."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from botocore.model import OperationModel, Shape
from jsonpath_ng import Child, Descendants, Fields, Index, JSONPath, Root, Slice

from netmend.errors import did_you_mean
from netmend.lint import models
from netmend.lint.checks.apis import model_of
from netmend.lint.runbook import Problem, Runbook, Step, a_kind, listing
from netmend.lint.source import Path
from netmend.sandbox.automation.selectors import SelectorError, compiled

METADATA: Final = "ResponseMetadata"
TEXT: Final = "text"
KINDS: Final = {
    "string": TEXT,
    "character": TEXT,
    "blob": TEXT,
    "timestamp": TEXT,
    "integer": "number",
    "long": "number",
    "float": "number",
    "double": "number",
    "boolean": "boolean",
    "structure": "map",
    "map": "map",
    "list": "list",
}
ACCEPTED: Final = {
    "String": (TEXT, "number", "boolean"),
    "Integer": (TEXT, "number"),
    "Boolean": (TEXT, "boolean"),
    "StringList": (TEXT, "number", "boolean"),
    "StringMap": ("map",),
    "MapList": (),
}
"""What may become the type, alone or as the one element of a list; MapList takes lists of maps."""


class Absent(Exception):
    """The selector looks for what the answer never has; `fix` is a hint."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(what)
        self.fix = fix


class Found(NamedTuple):
    """What a selector leads to. shape: None where no file can tell; many: a list of such."""

    shape: Shape | None
    many: bool = False


def check(runbook: Runbook) -> Iterator[Problem]:
    for step in runbook.steps:
        model = model_of(step)
        for path, output in step.outputs.values():
            yield from _root(step, path, output)
            if model is not None:
                selector = str(output.get("Selector", ""))
                yield from _output(step, model, (*path, "Selector"), selector, output.get("Type"))
        if model is not None and isinstance(step.inputs.get("PropertySelector"), str):
            yield from _property(step, model)


def _root(step: Step, path: Path, output: Any) -> Iterator[Problem]:
    """A script's value stands under Payload."""
    selector = str(output.get("Selector", ""))
    right = selector == "$" or selector.startswith(("$.Payload", "$..", "$['Payload']", "Payload"))
    if step.action == "aws:executeScript" and not right:
        yield Problem(
            "selector-root",
            (*path, "Selector"),
            f"{selector} finds nothing: what a script returns stands under $.Payload",
            f"write $.Payload{selector.removeprefix('$')}",
        )


def _output(
    step: Step, model: OperationModel, path: Path, selector: str, declared: Any
) -> Iterator[Problem]:
    found = _looked_up(selector, model, path)
    if isinstance(found, Problem):
        yield found
    else:
        yield from _type(found, str(declared or "String"), (*path[:-1], "Type"), selector, model)


def _property(step: Step, model: OperationModel) -> Iterator[Problem]:
    selector, path = step.inputs["PropertySelector"], step.input("PropertySelector")
    if "{{" in selector:
        return
    found = _looked_up(selector, model, path)
    if isinstance(found, Problem):
        yield found
    else:
        yield from _desired(step, found)


def _looked_up(selector: str, model: OperationModel, path: Path) -> Found | Problem:
    try:
        return _find(compiled(selector), model)
    except SelectorError as error:
        fix = "write a JSONPath such as $.Vpcs[0].VpcId"
        return Problem("selector-syntax", path, str(error), fix)
    except Absent as absent:
        return Problem("selector-member", path, f"{selector} finds nothing: {absent}", absent.fix)


def _desired(step: Step, found: Found) -> Iterator[Problem]:
    if found.shape is None or found.shape.type_name != "boolean" or found.many:
        return
    for number, value in enumerate(listing(step.inputs.get("DesiredValues"))):
        if isinstance(value, str) and "{{" not in value and value not in ("True", "False"):
            yield Problem(
                "desired-boolean",
                step.input("DesiredValues", number),
                f"the property is a boolean, which reads True or False, never {value}",
                "write True or False",
            )


def _type(
    found: Found, declared: str, path: Path, selector: str, model: OperationModel
) -> Iterator[Problem]:
    shape, many = found
    while shape is not None and shape.type_name == "list":
        shape, many = shape.member, True
    if shape is None or declared not in ACCEPTED or models.is_decoded(_service(model), shape):
        return
    kind = KINDS.get(shape.type_name, TEXT)
    fits = many and kind == "map" if declared == "MapList" else kind in ACCEPTED[declared]
    # A list of one may stand for its element, a longer one for no single value.
    if not fits or (many and declared == "StringMap"):
        what = f"a list of {kind}s" if many else f"a {kind}"
        reason = f"{selector} gives {what}, which cannot become {a_kind(declared)}"
        yield Problem("output-type", path, reason, _type_hint(kind, many))


def _type_hint(kind: str, many: bool) -> str:
    if kind == "map":
        return f"declare it as {'MapList' if many else 'StringMap'}, or select one value in it"
    return "declare it as StringList" if many else "declare it as String"


def _service(model: OperationModel) -> str:
    return str(model.service_model.service_name)


def _find(path: JSONPath, model: OperationModel) -> Found:
    """Follows a selector through the answer's shape; raises Absent."""
    if isinstance(path, Root):
        return Found(model.output_shape)
    if isinstance(path, Fields):  # published documents leave the $. out
        return _member(path, Found(model.output_shape), model, top=True)
    if isinstance(path, Child):
        top = isinstance(path.left, Root)
        return _step(path.right, _find(path.left, model), model, top=top)
    return Found(None)


def _step(path: JSONPath, found: Found, model: OperationModel, *, top: bool) -> Found:
    if isinstance(path, Fields):
        return _member(path, found, model, top=top)
    if isinstance(path, Index | Slice) and found.shape is not None:
        return _element(path, found, model)
    if isinstance(path, Descendants):
        return Found(None)
    return Found(None)


def _element(path: JSONPath, found: Found, model: OperationModel) -> Found:
    shape: Any = found.shape
    if models.is_decoded(_service(model), shape) or shape.type_name == "map":
        return Found(None)
    if shape.type_name != "list":
        what = f"{shape.name} is no list, so it has no {path}"
        raise Absent(what, "leave the index out")
    return Found(shape.member, found.many or isinstance(path, Slice))


def _member(path: Fields, found: Found, model: OperationModel, *, top: bool) -> Found:
    name = path.fields[0]
    known = models.members(found.shape)
    if len(path.fields) > 1 or name == "*" or (top and name == METADATA):
        return Found(None)
    if top and found.shape is None:
        raise Absent(f"{model.name} answers with {METADATA} alone", "leave the output out")
    shape: Any = found.shape
    if shape is None or models.is_decoded(_service(model), shape):
        return Found(None)
    if shape.type_name == "map":
        return Found(shape.value, found.many)
    if shape.type_name == "structure" and not getattr(shape, "is_document_type", False):
        return Found(_known(name, known, model, top), found.many)
    raise Absent(*_wrong_member(name, shape))


def _known(name: str, known: dict[str, Shape], model: OperationModel, top: bool) -> Shape | None:
    if name in known:
        return known[name]
    if top and name == "Payload":
        what = f"{model.name} answers with no Payload: only scripts and functions do"
        raise Absent(what, "select in the answer itself, as in $.Vpcs[0].VpcId")
    hint = did_you_mean(name, known)
    short = hint.startswith("did") or 0 < len(known) <= 12
    where = f"{model.name}'s answer" if top else "what it looks in"
    raise Absent(f"{where} has no {name}", hint if short else "see the API's reference")


def _wrong_member(name: str, shape: Shape) -> tuple[str, str]:
    if shape.type_name == "list":
        return f"{name} is looked for in a list", "select an element first, as in [0]"
    return f"{name} is looked for in {a_kind(shape.type_name)}", "leave the rest out"

"""Rate control: a run for each target, which parameter values, tags or a resource group name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.automation.scope import Facts
from netmend.sandbox.ssm import library, resolving
from netmend.sandbox.ssm.fleet import CHILDREN, Branch, Fleet, Group, limit
from netmend.sandbox.ssm.making import Order, Runbook, execution, facts, role_parameter, runbook
from netmend.sandbox.ssm.runs import SINGLE, About, admit

Values = Mapping[str, list[str]]

MOST_SHOWN: Final = 200
"""ResolvedTargets is truncated, AWS says; how long a list it shows it does not say."""


def fleet(order: Order) -> Fleet:
    """The parent of one child for each target; raises ApiError for what cannot be started."""
    book = runbook(order)
    params = order.call.params
    name = _target_parameter(params, book)
    maps = _maps(order, name)
    parent = facts(order, book)
    given = params.get("Parameters") or {}
    if maps:  # refused at once where the first child would be
        execution(order, book, {**given, **maps[0]}, parent)
    branches = [_branch(order, book, parent, name, {**given, **one}, one) for one in maps]
    return Fleet(order.sandbox, parent, given, [_group(params, branches)], _members(name, maps))


def _group(params: Mapping[str, Any], branches: list[Branch]) -> Group:
    total = len(branches)
    concurrency = limit(str(params.get("MaxConcurrency") or CHILDREN), total)
    return Group(
        branches, max(1, concurrency), limit(str(params.get("MaxErrors") or 0), total), gently=True
    )


def _members(name: str, maps: list[Values]) -> dict[str, Any]:
    shown = [_label(name, one) for one in maps]
    resolved = {"ParameterValues": shown[:MOST_SHOWN], "Truncated": len(shown) > MOST_SHOWN}
    return {"ResolvedTargets": resolved}


def _label(name: str, one: Values) -> str:
    return ",".join(one[name] if name in one else [v for values in one.values() for v in values])


def _branch(
    order: Order, book: Runbook, parent: Facts, name: str, parameters: Values, own: Values
) -> Branch:
    label = _label(name, own)
    begin = partial(_child, order, book, parent, parameters, label)
    inputs = {key: values[0] if len(values) == 1 else values for key, values in own.items()}
    return Branch(label, (parent.account, parent.region), inputs, begin)


def _child(order: Order, book: Runbook, parent: Facts, parameters: Values, label: str) -> str:
    kin = (parent.account, parent.region, parent.execution_id)
    own = Order(order.sandbox, order.call, kin)
    made = execution(own, book, parameters)
    admit(order.sandbox, made, About(own.members({"Target": label}), SINGLE, kin))
    return made.facts.execution_id


def _target_parameter(params: Mapping[str, Any], book: Runbook) -> str:
    name = str(params.get("TargetParameterName") or "")
    targets, maps = params.get("Targets"), params.get("TargetMaps")
    if targets and maps:
        raise _parameters("Targets and TargetMaps cannot be specified together.")
    if name and not targets and not maps:
        raise _parameters("TargetParameterName is specified without Targets.")
    if targets and not name:
        raise _parameters("Targets are specified without TargetParameterName.")
    declared = {parameter.name for parameter in book.document.parameters}
    named = {name} if name else {key for one in maps or [] for key in one}
    for unknown in sorted(named - declared):
        raise _parameters(f"The document has no parameter {unknown} to be targeted.")
    if name and name == role_parameter(book.document):
        raise _parameters(f"{name} is not a valid target parameter.")
    return name


def _maps(order: Order, name: str) -> list[Values]:
    """The parameters of each child beside those that all have."""
    params = order.call.params
    if params.get("TargetMaps"):
        return list(params["TargetMaps"])
    shelf = library.shelf(order.call.account, order.call.region, params["DocumentName"])
    kind = str(shelf.version("$DEFAULT").target_type or "")
    found = resolving.resolve(order.sandbox, order.call, params["Targets"][0], kind)
    return [{name: [value]} for value in dict.fromkeys(found)]


def _parameters(message: str) -> ApiError:
    return ApiError("InvalidAutomationExecutionParametersException", message)

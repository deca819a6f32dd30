"""A choice of aws:branch is a condition on one value, or And, Or and Not of conditions."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from netmend.sandbox.automation.references import Lookup, Unresolved, resolve
from netmend.sandbox.automation.selectors import MISSING
from netmend.sandbox.automation.values import ConversionError, convert, text

Read = Callable[[Any], Any]
"""The value of what may refer, or MISSING."""


class ConditionError(ValueError):
    """The choice is not one that aws:branch knows, or its value cannot be compared."""


def _texts(compare: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, constant: compare(text(value), text(constant))


def _numbers(compare: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, constant: compare(_number(value), _number(constant))


def _booleans(value: Any, constant: Any) -> bool:
    try:
        return bool(convert(value, "Boolean") == convert(constant, "Boolean"))
    except ConversionError as problem:
        raise ConditionError(str(problem)) from None


OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "StringEquals": _texts(operator.eq),
    "EqualsIgnoreCase": _texts(lambda a, b: a.lower() == b.lower()),
    "StartsWith": _texts(str.startswith),
    "EndsWith": _texts(str.endswith),
    "Contains": _texts(operator.contains),
    "NumericEquals": _numbers(operator.eq),
    "NumericGreater": _numbers(operator.gt),
    "NumericLesser": _numbers(operator.lt),
    "NumericGreaterOrEquals": _numbers(operator.ge),
    "NumericLesserOrEquals": _numbers(operator.le),
    "BooleanEquals": _booleans,
}
LOGIC: Final = ("And", "Or", "Not")


def check(condition: Any) -> None:
    """Raise ConditionError, naming the part, unless `condition` has a form that can be evaluated.

    A NextStep beside the condition is allowed: the outermost condition is the choice itself.
    """
    if not isinstance(condition, Mapping):
        raise ConditionError("a condition must be a map")
    keys = sorted(key for key in condition if key != "NextStep")
    if len(keys) == 1 and keys[0] in LOGIC:
        return _check_logic(keys[0], condition[keys[0]])
    unknown = [key for key in keys if key != "Variable" and key not in OPERATORS]
    if unknown:
        raise ConditionError(f"unknown operator {unknown[0]}")
    if "Variable" not in keys or len(keys) != 2:
        raise ConditionError("a condition needs a Variable and one operator, or And, Or or Not")
    return None


def _check_logic(name: str, parts: Any) -> None:
    if name == "Not":
        return check(parts)
    if not isinstance(parts, list) or not parts:
        raise ConditionError(f"{name} needs a list of conditions")
    for part in parts:
        check(part)
    return None


def holds(condition: Mapping[str, Any], read: Read) -> bool:
    """Whether a checked condition is true; a Variable without a value equals nothing.

    The user guide calls what stands beside the operator a constant; AWS's own runbooks refer there.
    """
    if "And" in condition:
        return all(holds(part, read) for part in condition["And"])
    if "Or" in condition:
        return any(holds(part, read) for part in condition["Or"])
    if "Not" in condition:
        return not holds(condition["Not"], read)
    name = next(key for key in condition if key in OPERATORS)
    value, constant = read(condition["Variable"]), read(condition[name])
    return MISSING not in (value, constant) and OPERATORS[name](value, constant)


def reader(lookup: Lookup) -> Read:
    """How conditions read a Variable; one without a value is MISSING and does no harm."""

    def read(variable: Any) -> Any:
        try:
            return resolve(variable, lookup)
        except Unresolved:
            return MISSING

    return read


def _number(value: Any) -> float:
    if isinstance(value, list) and len(value) == 1:
        return _number(value[0])
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    try:
        return float(value) if isinstance(value, str) else _no_number(value)
    except ValueError:
        return _no_number(value)


def _no_number(value: Any) -> float:
    raise ConditionError(f"the value {text(value)[:200]} is not a number")

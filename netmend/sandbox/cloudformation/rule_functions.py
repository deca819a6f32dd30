"""The functions that only the Rules of a template have: they compare, and ask of parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.cloudformation import intrinsics
from netmend.sandbox.cloudformation.errors import ValidationError

if TYPE_CHECKING:
    from netmend.sandbox.cloudformation.scope import Scope


def _contains(scope: Scope, argument: Any) -> bool:
    values, wanted = intrinsics.arguments("Fn::Contains", scope.resolve(argument), 2)
    return bool(wanted in values)


def _each_in(scope: Scope, argument: Any) -> bool:
    values, allowed = intrinsics.arguments("Fn::EachMemberIn", scope.resolve(argument), 2)
    return all(value in allowed for value in values)


def _each_equals(scope: Scope, argument: Any) -> bool:
    values, wanted = intrinsics.arguments("Fn::EachMemberEquals", scope.resolve(argument), 2)
    return all(value == wanted for value in values)


def _ref_all(scope: Scope, argument: Any) -> list[Any]:
    return [value for _, value in _of_type(scope, argument)]


def _of_type(scope: Scope, kind: Any) -> list[tuple[str, str]]:
    """Every value of each parameter of a type, with the type of one of them."""
    found: list[tuple[str, str]] = []
    for name, parameter in scope.template.section("Parameters").items():
        if parameter["Type"] in (kind, f"List<{kind}>"):
            value = scope.names[name]
            found += [(kind, one) for one in (value if isinstance(value, list) else [value])]
    return found


def _value_of(scope: Scope, argument: Any) -> list[str]:
    name, attribute = intrinsics.arguments("Fn::ValueOf", argument, 2)
    declared = scope.template.section("Parameters")
    if name not in declared:
        raise ValidationError(f"Template error: Fn::ValueOf names no parameter: {name}")
    kind = declared[name]["Type"].removeprefix("List<").removesuffix(">")
    value = scope.names[name]
    values = value if isinstance(value, list) else [value]
    return [scope.look(kind, one, attribute) for one in values]


def _value_of_all(scope: Scope, argument: Any) -> list[str]:
    kind, attribute = intrinsics.arguments("Fn::ValueOfAll", argument, 2)
    return [scope.look(kind, value, attribute) for _, value in _of_type(scope, kind)]


RULE_VALUES: Final[dict[str, Callable[[Scope, Any], Any]]] = {
    "Fn::RefAll": _ref_all,
    "Fn::ValueOf": _value_of,
    "Fn::ValueOfAll": _value_of_all,
}
RULE_LOGIC: Final[dict[str, Callable[[Scope, Any], bool]]] = {
    "Fn::Contains": _contains,
    "Fn::EachMemberEquals": _each_equals,
    "Fn::EachMemberIn": _each_in,
}

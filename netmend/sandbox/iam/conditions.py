"""The operators of a policy's Condition element, as a table."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from netmend.sandbox.iam.patterns import (
    Context,
    PolicyError,
    Values,
    arn_like,
    expand,
    like,
    plain,
)

Test = Callable[[str, str], bool]
"""(value of the request, value of the policy) -> whether they match."""


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise PolicyError(f"'{text}' is not a number: give digits to a Numeric operator") from None


def _moment(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise PolicyError(f"'{text}' is not a date: give ISO 8601 or epoch seconds") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _in_network(actual: str, wanted: str) -> bool:
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        raise PolicyError(f"'{wanted}' is not an address range: give a CIDR") from None
    try:
        address = ipaddress.ip_address(actual)
    except ValueError:
        raise PolicyError(f"'{actual}' of the request is not an IP address") from None
    return address.version == network.version and address in network


def _equal(actual: str, wanted: str) -> bool:
    return actual == plain(wanted)


def _equal_folded(actual: str, wanted: str) -> bool:
    return actual.lower() == plain(wanted).lower()


TESTS: Final[dict[str, tuple[Test, bool]]] = {
    "StringEquals": (_equal, False),
    "StringNotEquals": (_equal, True),
    "StringEqualsIgnoreCase": (_equal_folded, False),
    "StringNotEqualsIgnoreCase": (_equal_folded, True),
    "StringLike": (lambda actual, wanted: like(wanted, actual), False),
    "StringNotLike": (lambda actual, wanted: like(wanted, actual), True),
    "ArnEquals": (lambda actual, wanted: arn_like(wanted, actual), False),
    "ArnLike": (lambda actual, wanted: arn_like(wanted, actual), False),
    "ArnNotEquals": (lambda actual, wanted: arn_like(wanted, actual), True),
    "ArnNotLike": (lambda actual, wanted: arn_like(wanted, actual), True),
    "NumericEquals": (lambda actual, wanted: _number(actual) == _number(wanted), False),
    "NumericNotEquals": (lambda actual, wanted: _number(actual) == _number(wanted), True),
    "NumericLessThan": (lambda actual, wanted: _number(actual) < _number(wanted), False),
    "NumericLessThanEquals": (lambda actual, wanted: _number(actual) <= _number(wanted), False),
    "NumericGreaterThan": (lambda actual, wanted: _number(actual) > _number(wanted), False),
    "NumericGreaterThanEquals": (lambda actual, wanted: _number(actual) >= _number(wanted), False),
    "DateEquals": (lambda actual, wanted: _moment(actual) == _moment(wanted), False),
    "DateNotEquals": (lambda actual, wanted: _moment(actual) == _moment(wanted), True),
    "DateLessThan": (lambda actual, wanted: _moment(actual) < _moment(wanted), False),
    "DateLessThanEquals": (lambda actual, wanted: _moment(actual) <= _moment(wanted), False),
    "DateGreaterThan": (lambda actual, wanted: _moment(actual) > _moment(wanted), False),
    "DateGreaterThanEquals": (lambda actual, wanted: _moment(actual) >= _moment(wanted), False),
    "Bool": (_equal_folded, False),
    "IpAddress": (_in_network, False),
    "NotIpAddress": (_in_network, True),
}
"""Operator -> (test, whether the operator holds where the test does not)."""

QUANTIFIERS: Final = ("ForAllValues:", "ForAnyValue:")


@dataclass(frozen=True)
class Condition:
    """One line of a Condition element; all lines of a statement must hold."""

    operator: str
    key: str
    values: Values
    quantifier: str = ""
    if_exists: bool = False

    def holds(self, context: Context) -> bool:
        """Whether the request meets this condition."""
        actual = context.get(self.key)
        if self.operator == "Null":
            return any((actual is None) == (value.lower() == "true") for value in self.values)
        test, negated = TESTS[self.operator]
        if actual is None:
            return self._holds_absent(negated)
        if not self.quantifier and len(actual) > 1:
            raise PolicyError(f"{self.key} has many values: use ForAnyValue: or ForAllValues:")
        expanded = [expand(value, context) for value in self.values]
        wanted = [value for value in expanded if value is not None]
        found = (any(test(value, one) for one in wanted) != negated for value in actual)
        return any(found) if self.quantifier == "ForAnyValue:" else all(found)

    def _holds_absent(self, negated: bool) -> bool:
        if self.quantifier:
            return self.quantifier == "ForAllValues:" or self.if_exists
        return self.if_exists or negated


def parse(element: Any) -> tuple[Condition, ...]:
    """The conditions of a Condition element; raises `PolicyError` for an unknown operator."""
    if not isinstance(element, dict):
        raise PolicyError(f"Condition is {element!r}: give an object of operators")
    return tuple(
        _condition(operator, key, values)
        for operator, keys in element.items()
        for key, values in _object(operator, keys).items()
    )


def _object(operator: str, keys: Any) -> dict[str, Any]:
    if not isinstance(keys, dict):
        raise PolicyError(f"Condition {operator} is {keys!r}: give an object of condition keys")
    return keys


def _condition(written: str, key: str, values: Any) -> Condition:
    quantifier = next((name for name in QUANTIFIERS if written.startswith(name)), "")
    operator = written.removeprefix(quantifier)
    if_exists = operator.endswith("IfExists")
    operator = operator.removesuffix("IfExists")
    if operator not in TESTS and not (operator == "Null" and not quantifier and not if_exists):
        raise PolicyError(f"the sandbox's IAM does not know the condition operator {written}")
    listed = values if isinstance(values, list) else [values]
    return Condition(operator, key, tuple(_text(v) for v in listed), quantifier, if_exists)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise PolicyError(f"a condition compares with {value!r}: give text, a number or a Boolean")

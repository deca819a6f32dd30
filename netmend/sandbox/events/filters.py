"""Each content filter of an event pattern is a test of one value of an event."""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable
from typing import Any, Final

Test = Callable[[Any], bool]

RANGE: Final = 5_000_000_000
"""EventBridge compares numbers from minus to plus this."""

COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class PatternError(ValueError):
    """Why EventBridge would not take a pattern, in its own words where they are known."""


def equals(wanted: Any) -> Test:
    """A bare value: text, number, true, false or null, each of its own type alone."""
    return lambda value: _kind(value) == _kind(wanted) and bool(value == wanted)


def content(filter_: dict[str, Any]) -> Test:
    """The test of `{"operator": argument}`, other than `exists`."""
    (name, argument), *more = filter_.items()
    if more:
        raise PatternError("Only one key allowed in match expression")
    if name not in _FILTERS:
        raise PatternError(f"Unrecognized match type {name}")
    return _FILTERS[name](argument)


def _kind(value: Any) -> type:
    return float if isinstance(value, int) and not isinstance(value, bool) else type(value)


def _text(name: str, argument: Any) -> str:
    if not isinstance(argument, str):
        raise PatternError(f"{name} match pattern must be a string")
    return argument


def _edge(name: str, method: Callable[[str, str], bool]) -> Callable[[Any], Test]:
    def build(argument: Any) -> Test:
        if isinstance(argument, dict) and list(argument) == ["equals-ignore-case"]:
            folded = _text("equals-ignore-case", argument["equals-ignore-case"]).casefold()
            return lambda value: isinstance(value, str) and method(value.casefold(), folded)
        wanted = _text(name, argument)
        if not wanted:
            raise PatternError(f"Null {name} not allowed")
        return lambda value: isinstance(value, str) and method(value, wanted)

    return build


def _ignoring_case(argument: Any) -> Test:
    folded = _text("equals-ignore-case", argument).casefold()
    return lambda value: isinstance(value, str) and value.casefold() == folded


def _wildcard(argument: Any) -> Test:
    text = _text("wildcard", argument)
    parts: list[str] = []
    for piece in re.findall(r"\\.|\\|[^\\]", text, re.DOTALL):
        if piece == "*" and parts[-1:] == [".*"]:
            raise PatternError(f"Consecutive wildcard characters at pos {len(parts) - 1}")
        if piece[0] == "\\" and piece not in ("\\*", "\\\\"):
            raise PatternError(f"Invalid escape character at pos {len(parts)}")
        parts.append(".*" if piece == "*" else re.escape(piece[-1]))
    compiled = re.compile("".join(parts), re.DOTALL)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numeric(argument: Any) -> Test:
    if not isinstance(argument, list) or len(argument) not in (2, 4):
        raise PatternError("Value of numeric must be an array.")
    pairs = list(zip(argument[::2], argument[1::2], strict=True))
    for sign, bound in pairs:
        if sign not in COMPARISONS:
            raise PatternError(f"Unrecognized numeric range operator: {sign}")
        if not _number(bound) or abs(bound) > RANGE:
            raise PatternError(f"Value must be between -{RANGE} and {RANGE}, inclusive: {bound}")
    if len(pairs) == 2:
        _check_range(pairs)
    return lambda value: _number(value) and all(COMPARISONS[s](value, b) for s, b in pairs)


def _check_range(pairs: list[tuple[str, float]]) -> None:
    (first, bottom), (second, top) = pairs
    if not first.startswith(">") or not second.startswith("<"):
        raise PatternError(f"Bad numeric range operator: {second}")
    if bottom >= top:
        raise PatternError("Bottom must be less than top")


def _cidr(argument: Any) -> Test:
    text = _text("cidr", argument)
    if text.count("/") != 1:
        raise PatternError("Malformed CIDR, one '/' required")
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise PatternError(f"Malformed CIDR: {text}") from None

    def test(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return test


def _anything_but(argument: Any) -> Test:
    if isinstance(argument, dict):
        return _anything_but_like(argument)
    values = argument if isinstance(argument, list) else [argument]
    if not values:
        raise PatternError("Anything-But: list of values must not be empty")
    if len({_kind(value) for value in values}) > 1:
        raise PatternError(
            "Inside anything but list, either all values are number or string, "
            "mixed type is not supported"
        )
    return _none_of([equals(value) for value in values])


def _anything_but_like(argument: dict[str, Any]) -> Test:
    if len(argument) != 1:
        raise PatternError("Only one key allowed in match expression")
    ((name, wanted),) = argument.items()
    if name not in ("prefix", "suffix", "equals-ignore-case", "wildcard"):
        raise PatternError(f"Unsupported anything-but pattern: {name}")
    values = wanted if isinstance(wanted, list) else [wanted]
    return _none_of([_FILTERS[name](value) for value in values])


def _none_of(tests: list[Test]) -> Test:
    return lambda value: not any(test(value) for test in tests)


_FILTERS: Final[dict[str, Callable[[Any], Test]]] = {
    "anything-but": _anything_but,
    "cidr": _cidr,
    "equals-ignore-case": _ignoring_case,
    "numeric": _numeric,
    "prefix": _edge("prefix", str.startswith),
    "suffix": _edge("suffix", str.endswith),
    "wildcard": _wildcard,
}

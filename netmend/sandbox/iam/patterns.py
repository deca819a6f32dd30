"""Wildcards and policy variables mean in a policy what AWS says they mean, ARNs part by part."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

Values = tuple[str, ...]

UNKNOWN: Final = "\ue002"
"""Stands in a request's ARN for a part that nobody knows; only a wildcard surely matches it."""

VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
DEFAULT: Final = re.compile(r"^(?P<key>[^,]+?)\s*,\s*'(?P<default>.*)'$")
LITERALS: Final = {"*": "\ue000", "?": "\ue001", "$": "$"}
"""`${*}` and wildcards inside a variable's value stand for themselves, so they are masked."""

_MASK: Final = str.maketrans({"*": "\ue000", "?": "\ue001"})
_UNMASK: Final = str.maketrans({"\ue000": "*", "\ue001": "?"})
_SYMBOLS: Final = {"*": ".*", "?": ".", "\ue000": r"\*", "\ue001": r"\?"}
ARN_PARTS: Final = 6


class PolicyError(ValueError):
    """A policy says something that this evaluator does not know, so it decides nothing."""


class Context:
    """What is known of one request: condition keys, whose case does not matter, to their values.

    `knows` tells whether a key that is absent is truly absent. A condition on a key of which
    nothing is known raises `PolicyError`: a Deny that is skipped in silence would be an allow.
    `missing` are the absent keys that a condition or a variable asked for.
    """

    def __init__(
        self,
        values: Mapping[str, str | Values],
        knows: Callable[[str], bool] = lambda _: True,
    ) -> None:
        self._values = {
            key.lower(): (value,) if isinstance(value, str) else value
            for key, value in values.items()
        }
        self._knows = knows
        self.missing: set[str] = set()

    def get(self, key: str) -> Values | None:
        """The values of a key, or None where the request has none."""
        folded = key.lower()
        if folded in self._values:
            return self._values[folded]
        if not self._knows(folded):
            raise PolicyError(f"the sandbox's IAM does not know the condition key {key}")
        self.missing.add(key)
        return None


def expand(pattern: str, context: Context) -> str | None:
    """`pattern` with its variables filled in; None where one has no single value."""
    if "${" not in pattern:
        return pattern
    filled = [_value(match[1], context) for match in VARIABLE.finditer(pattern)]
    if None in filled:
        return None
    values = iter(filled)
    return VARIABLE.sub(lambda _: next(values) or "", pattern)


def _value(name: str, context: Context) -> str | None:
    if name in LITERALS:
        return LITERALS[name]
    match = DEFAULT.match(name)
    found = context.get(match["key"] if match else name)
    if found is not None and len(found) == 1:
        return found[0].translate(_MASK)
    return match["default"].translate(_MASK) if match else None


def plain(expanded: str) -> str:
    """An expanded text as it is compared where wildcards have no meaning."""
    return expanded.translate(_UNMASK)


@lru_cache(maxsize=4096)
def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    text = "".join(_SYMBOLS.get(character) or re.escape(character) for character in pattern)
    return re.compile(text, re.DOTALL | flags)


@lru_cache(maxsize=1 << 14)
def like(pattern: str, value: str, *, fold: bool = False) -> bool:
    """Whether `*` and `?` of an expanded pattern make it match the whole value."""
    if _compiled(pattern, re.IGNORECASE if fold else 0).fullmatch(value) is not None:
        return True
    if UNKNOWN in value and _begin_alike(pattern, value):
        shown = value.replace(UNKNOWN, "?")
        raise PolicyError(f"the sandbox cannot tell whether {shown} is {plain(pattern)}")
    return False


def _begin_alike(pattern: str, value: str) -> bool:
    fixed, certain = re.split(r"[*?]", pattern, maxsplit=1)[0], value.split(UNKNOWN)[0]
    return fixed.startswith(certain) or certain.startswith(fixed)


def arn_like(pattern: str, arn: str) -> bool:
    """Match part by part: a wildcard ends at a colon, except in the last part."""
    if pattern == "*":
        return True
    wanted, actual = pattern.split(":", ARN_PARTS - 1), arn.split(":", ARN_PARTS - 1)
    if len(actual) != ARN_PARTS:
        return like(pattern, arn)
    parts = zip(wanted, actual, strict=False)
    return len(wanted) == ARN_PARTS and all(like(part, value) for part, value in parts)


def resource_like(pattern: str, arn: str) -> bool:
    """As `arn_like`; IAM completes an ARN that lacks parts with wildcards."""
    missing = ARN_PARTS - 1 - pattern.count(":")
    if pattern.startswith("arn:") and missing > 0:
        pattern += ":*" * missing
    return arn_like(pattern, arn)

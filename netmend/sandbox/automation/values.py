"""A value keeps its type inside a run; only the API's records turn it into text."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

TYPES: Final = frozenset({"String", "StringList", "Integer", "Boolean", "StringMap", "MapList"})
INTEGER: Final = re.compile(r"-?[0-9]{1,19}")
# AWS serialises with Gson, which keeps its text safe inside HTML.
GSON: Final = str.maketrans({c: f"\\u{ord(c):04x}" for c in "<>&='\u2028\u2029"})


class ConversionError(ValueError):
    """A value is not of the type asked for, and AWS has no conversion for it."""

    def __init__(self, value: object, type_name: str) -> None:
        super().__init__(f"the value {text(value)[:200]} is not convertible to {type_name}")


def plain(value: Any) -> Any:
    """JSON values alone: what a selector can read of a boto3 response.

    Times become ISO 8601 text and bytes base64. A stream raises TypeError: no output could hold it.
    """
    if isinstance(value, float) and not math.isfinite(value):
        raise TypeError(f"{value} cannot be an output of a step: JSON has no such number")
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(v) for v in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    raise TypeError(f"a {type(value).__name__} cannot be an output of a step")


def compact(value: Any) -> str:
    """JSON without blanks, other alphabets as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def gson(value: Any) -> str:
    """JSON as AWS prints it in outputs: '=' is \\u003d, and so on."""
    return compact(value).translate(GSON)


def text(value: Any) -> str:
    """How a value looks inside a longer text: a list of one is its element, maps are JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and len(value) == 1:
        return text(value[0])
    return compact(plain(value))


def wire(value: Any) -> list[str]:
    """How the API shows a typed value: always a list of texts; maps and lists of maps as JSON."""
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return [text(item) for item in value]
    return [gson(value) if isinstance(value, dict | list) else text(value)]


def convert(value: Any, type_name: str) -> Any:
    """`value` as `type_name`, by the conversions that AWS lists and no others.

    Raises ConversionError. Source: user guide, automation-action-outputs-inputs.
    """
    scalar = isinstance(value, str | int | float)
    if isinstance(value, list) and len(value) == 1 and type_name in _SCALARS:
        return convert(value[0], type_name)
    if type_name in _SCALARS and scalar:
        return _SCALARS[type_name](value)
    if type_name == "StringList" and scalar:
        return [text(value)]
    if type_name == "StringList" and _is_list_of(value, str | int | float):
        return [text(item) for item in value]
    if type_name == "StringMap" and isinstance(value, dict):
        return value
    if type_name == "MapList" and _is_list_of(value, dict):
        return value
    raise ConversionError(value, type_name)


def fits(value: Any, type_name: str) -> bool:
    """Whether `value` has the type as it is, without any conversion."""
    if isinstance(value, list):
        kind = {"StringList": str, "MapList": Mapping}.get(type_name)
        return kind is not None and _is_list_of(value, kind)
    return isinstance(value, _PLAIN.get(type_name, ())) and (
        type_name == "Boolean" or not isinstance(value, bool)
    )


def _is_list_of(value: Any, kind: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, kind) for item in value)


def _integer(value: Any) -> int:
    fraction = isinstance(value, float) and not value.is_integer()
    wordy = isinstance(value, str) and not INTEGER.fullmatch(value)
    if isinstance(value, bool) or fraction or wordy:
        raise ConversionError(value, "Integer")
    return int(value)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise ConversionError(value, "Boolean")


_PLAIN: Final[Mapping[str, Any]] = {
    "String": str,
    "Integer": int,
    "Boolean": bool,
    "StringMap": Mapping,
}
_SCALARS: Final = {"String": text, "Integer": _integer, "Boolean": _boolean}

"""Lists are handed out in pages, each with an opaque token for the next one."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from netmend.sandbox.api import ApiCall, ApiError

Item = TypeVar("Item")

PAGE: Final = 50
PAGING: Final = ("NextToken", "MaxResults")


def page(
    call: ApiCall, items: Sequence[Item], name_of: Callable[[Item], str], size: int = PAGE
) -> tuple[list[Item], dict[str, str]]:
    """The items of the page that is asked for, and its NextToken where more follow.

    A token says after which item the page begins, so that it holds while others come and go.
    Raises ApiError InvalidNextToken for a token of another request.
    """
    first = 0
    if token := call.params.get("NextToken"):
        last = _read(call, str(token))
        names = [name_of(item) for item in items]
        if last not in names:
            raise _invalid()
        first = names.index(last) + 1
    last_place = first + int(call.params.get("MaxResults") or size)
    shown = list(items[first:last_place])
    if last_place >= len(items) or not shown:
        return shown, {}
    return shown, {"NextToken": _written(call, name_of(shown[-1]))}


def _written(call: ApiCall, last: str) -> str:
    text = json.dumps([_mark(call), last])
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read(call: ApiCall, token: str) -> str:
    try:
        mark, last = json.loads(base64.urlsafe_b64decode(token.encode()))
    except (ValueError, TypeError):
        raise _invalid() from None
    if mark != _mark(call) or not isinstance(last, str):
        raise _invalid()
    return last


def _mark(call: ApiCall) -> str:
    """What a token is good for: the same question, in the same account and Region."""
    asked = {name: value for name, value in call.params.items() if name not in PAGING}
    question = [call.operation, call.account, call.region, asked]
    return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:16]


def _invalid() -> ApiError:
    return ApiError("InvalidNextToken", "The specified token isn't valid.")

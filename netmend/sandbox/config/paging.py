"""Lists come in pages, and a page's token is opaque to the caller."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from netmend.sandbox.api import ApiError
from netmend.sandbox.paging import PLACE

Entry = TypeVar("Entry")

MARK: Final = "config-page:"


def page(
    entries: Sequence[Entry], params: dict[str, Any], *, default: int, name: str = "NextToken"
) -> tuple[list[Entry], dict[str, str]]:
    """(the entries of the page that params ask for, the token's member of the answer or nothing).

    The limit is read from Limit or limit; 0 means the default, as Config has it.
    """
    limit = params.get("Limit") or params.get("limit") or default
    start = _start(params.get(name))
    end = start + limit
    rest = {name: _token(end)} if end < len(entries) else {}
    return list(entries[start:end]), rest


def _token(start: int) -> str:
    return base64.b64encode(f"{MARK}{start}".encode()).decode()


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        text = base64.b64decode(token, validate=True).decode()
    except ValueError:
        return _refuse()
    place = text.removeprefix(MARK)
    return int(place) if text.startswith(MARK) and PLACE.fullmatch(place) else _refuse()


def _refuse() -> int:
    raise ApiError(
        "InvalidNextTokenException",
        "The specified nextToken is invalid: pass the one that the last page came with",
    )

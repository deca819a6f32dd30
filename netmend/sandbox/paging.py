"""A list in pages whose token is the place at which the next one begins."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from netmend.sandbox.api import ApiError

PLACE: Final = re.compile(r"[0-9]{1,9}")


def page(
    name: str, entries: Sequence[Any], token: str | None, size: int, refusal: ApiError
) -> dict[str, Any]:
    """The answer's members: the entries under their name, and NextToken where more follow.

    Raises `refusal` for a token that no page of this list came with.
    """
    token = token or "0"
    if not PLACE.fullmatch(token) or int(token) > len(entries):
        raise refusal
    start = int(token)
    end = start + size
    following = {"NextToken": str(end)} if end < len(entries) else {}
    return {name: list(entries[start:end]), **following}

"""What the sandbox alone can do, and no API of AWS, has paths of its own: POST /_netmend/NAME."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from netmend.sandbox.api import ApiError

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PREFIX: Final = "/_netmend/"
"""No bucket's name begins like this, so no request to S3 comes by."""

PrivateDoor = Callable[["Sandbox", dict[str, Any]], dict[str, Any]]

DOORS: dict[str, PrivateDoor] = {}


def door(name: str) -> Callable[[PrivateDoor], PrivateDoor]:
    """Register what answers `POST /_netmend/NAME`: from a JSON object to a JSON object."""

    def register(function: PrivateDoor) -> PrivateDoor:
        DOORS[name] = function
        return function

    return register


def answer(sandbox: Sandbox, name: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """(status, answer); an `ApiError` becomes {"error": CODE, "message": WHY}."""
    try:
        if name not in DOORS:
            known = ", ".join(sorted(DOORS)) or "none"
            raise ApiError("NotFound", f"no door {name}: there are {known}", 404)
        return 200, DOORS[name](sandbox, _object(body))
    except ApiError as error:
        return error.status_code, {"error": error.code, "message": error.message}


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body or b"{}")
    except ValueError as problem:
        raise ApiError("ValidationException", f"the body is no JSON: {problem}") from None
    if not isinstance(found, dict):
        raise ApiError("ValidationException", "the body is no JSON object")
    return found

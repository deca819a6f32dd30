"""A result token ties an evaluation to the rule and to the event that asked for it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from typing import Any

from netmend.sandbox.api import ApiError
from netmend.sandbox.config.place import Place


class Keys:
    """The secret that signs one account's and Region's tokens, drawn when first needed."""

    def __init__(self) -> None:
        self._key = b""

    def key(self, place: Place) -> bytes:
        """32 bytes from the seeded generator."""
        if not self._key:
            self._key = place.sandbox.random.randbytes(32)
        return self._key


def issue(place: Place, claims: dict[str, Any]) -> str:
    """A token for these claims: opaque to the function, and good in this place alone."""
    body = json.dumps(claims).encode()
    return base64.b64encode(_sign(place, body) + body).decode()


def read(place: Place, token: str) -> dict[str, Any]:
    """The claims of a token that was issued here; refuses any other."""
    try:
        raw = base64.b64decode(token, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid() from None
    signature, body = raw[:32], raw[32:]
    if not hmac.compare_digest(signature, _sign(place, body)):
        raise _invalid()
    claims: dict[str, Any] = json.loads(body)
    return claims


def _sign(place: Place, body: bytes) -> bytes:
    return hmac.new(place.state(Keys).key(place), body, hashlib.sha256).digest()


def _invalid() -> ApiError:
    return ApiError(
        "InvalidResultTokenException",
        "The resultToken provided is invalid: pass the one that the invocation came with",
    )

"""moto leaves bucket policies to our judge, and keeps a GovCloud call in its own partition."""

from __future__ import annotations

from typing import Any, Final

from moto.iam.access_control import PermissionResult

_saved: Final[list[tuple[type, str, Any]]] = []


def install() -> None:
    """Make every bucket neutral to moto, and let a signature say a global call's Region."""
    from moto.iam.responses import IamResponse
    from moto.s3.models import FakeBucket

    # It would take every condition of a bucket policy for unmet and deny.
    _patch(FakeBucket, "get_permission", lambda *_: PermissionResult.NEUTRAL)
    _patch(IamResponse, "get_region_from_url", _signed_region)


def _signed_region(response: Any, request: Any, full_url: str) -> str:
    # moto reads `us-gov` from iam.us-gov.amazonaws.com, which is in no partition that it knows.
    scope = str(request.headers.get("Authorization", "")).split(",")[0].split("/")
    if len(scope) > 2:
        return scope[2]
    return str(super(type(response), response).get_region_from_url(request, full_url))


def _patch(kind: type, name: str, replacement: Any) -> None:
    _saved.append((kind, name, kind.__dict__.get(name)))
    setattr(kind, name, replacement)


def uninstall() -> None:
    """Undo `install`."""
    while _saved:
        kind, name, original = _saved.pop()
        if original is None:  # it was inherited
            delattr(kind, name)
        else:
            setattr(kind, name, original)

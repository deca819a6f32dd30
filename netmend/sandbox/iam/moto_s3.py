"""moto leaves bucket policies to our judge: it would take every condition for unmet and deny."""

from __future__ import annotations

from typing import Any, Final

from moto.iam.access_control import PermissionResult

_saved: Final[dict[type, Any]] = {}


def install() -> None:
    """Make every bucket neutral to moto."""
    from moto.s3.models import FakeBucket

    _saved[FakeBucket] = FakeBucket.get_permission
    FakeBucket.get_permission = lambda *_: PermissionResult.NEUTRAL  # type: ignore[method-assign]


def uninstall() -> None:
    """Undo `install`."""
    for kind, method in _saved.items():
        kind.get_permission = method  # type: ignore[attr-defined]
    _saved.clear()

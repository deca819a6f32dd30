"""Service models are read once in a process, not once for each session that a handler makes."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, cast

import botocore.session
from botocore.loaders import create_loader

_original: Final = create_loader


class _SearchPaths(list[str]):
    """Every boto3 session adds its own folder, which a shared loader has already."""

    def append(self, path: str) -> None:
        if path not in self:
            super().append(path)


@cache
def _shared(search_path: str | None = None) -> Any:
    loader = _original(search_path)
    loader._search_paths = _SearchPaths(loader.search_paths)
    return loader


def share_models() -> None:
    """Give every botocore session of this process the same loader."""
    cast(Any, botocore.session).create_loader = _shared


def unshare_models() -> None:
    """Give each new session a loader of its own again."""
    cast(Any, botocore.session).create_loader = _original

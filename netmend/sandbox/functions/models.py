"""Service models are read once in a process, not once for each session that a handler makes."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, cast

import botocore.session
from botocore.client import ClientCreator
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


_create_class: Final = ClientCreator._create_client_class
_classes: dict[str, type] = {}


def _shared_class(creator: ClientCreator, service_name: str, service_model: Any) -> type:
    # A client class is made of its service's model alone, at some 14 ms for EC2's 700 methods.
    if service_name not in _classes:
        _classes[service_name] = _create_class(creator, service_name, service_model)
    return _classes[service_name]


def share_models() -> None:
    """Give every botocore session of this process the same loader and client classes."""
    cast(Any, botocore.session).create_loader = _shared
    cast(Any, ClientCreator)._create_client_class = _shared_class


def unshare_models() -> None:
    """Give each new session a loader and classes of its own again."""
    cast(Any, botocore.session).create_loader = _original
    cast(Any, ClientCreator)._create_client_class = _create_class

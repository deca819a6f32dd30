"""Inside a container only its own modules, variables and session are to be seen."""

from __future__ import annotations

import contextlib
import importlib.machinery
import io
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final

import boto3

from netmend.sandbox.functions.handler import LogHandler

SESSION: Final = "DEFAULT_SESSION"


class CodeFinder:
    """Finds the packages of a zip in its own folder, and nowhere else."""

    def __init__(self, root: str, names: frozenset[str]) -> None:
        self._root = root
        self._names = names

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """None for what is not the zip's; ModuleNotFoundError for what the zip should have."""
        if name.partition(".")[0] not in self._names:
            return None
        places = [self._root] if path is None else list(path)
        spec = importlib.machinery.PathFinder.find_spec(name, places, target)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        if spec.loader is None:  # a package without __init__.py would grow by each sys.path entry
            found = list(spec.submodule_search_locations or ())
            spec.submodule_search_locations = found
        return spec


class Modules:
    """The modules of one container, kept between its invocations."""

    def __init__(self, root: str, names: frozenset[str]) -> None:
        self._finder = CodeFinder(root, names)
        self._names = names
        self._foreign: list[str] = []
        self._kept: dict[str, ModuleType] = {}
        self._session: Any = None

    @contextlib.contextmanager
    def present(self) -> Iterator[None]:
        """Swap the container's modules and boto3 session in, and out again."""
        outer = self._take()
        outer_session = getattr(boto3, SESSION)
        sys.modules.update(self._kept)
        setattr(boto3, SESSION, self._session)
        sys.meta_path.insert(0, self._finder)
        try:
            yield
        finally:
            sys.meta_path.remove(self._finder)
            self._session = getattr(boto3, SESSION)
            setattr(boto3, SESSION, outer_session)
            self._kept = self._take()
            sys.modules.update(outer)

    def _take(self) -> dict[str, ModuleType]:
        # There are thousands, and this happens twice an invocation, so each is looked at once: a
        # dict keeps its order, and what is swapped in and out is at its end.
        names = list(sys.modules)
        known = len(self._foreign)
        new = names[known:] if names[:known] == self._foreign else names
        mine = [name for name in new if name.partition(".")[0] in self._names]
        taken = {name: sys.modules.pop(name) for name in mine}
        if len(mine) < len(new):
            self._foreign = list(sys.modules)
        return taken


@contextlib.contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Exactly these environment variables, until the block ends."""
    outer = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(outer)


class Printed:
    """Catches what one container prints, or logs from files below `root`."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._level = logging.WARNING

    @contextlib.contextmanager
    def caught(self, request_id: str) -> Iterator[Callable[[], str]]:
        """What the block has written so far; the root logger's level is the container's own."""
        output = io.StringIO()
        handler = LogHandler(output.write, self._is_ours)
        handler.request_id = request_id
        logger = logging.getLogger()
        outer = logger.level
        _set_level(logger, self._level)
        logger.addHandler(handler)
        try:
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
                yield output.getvalue
        finally:
            logger.removeHandler(handler)
            self._level = logger.level
            _set_level(logger, outer)

    def _is_ours(self, record: logging.LogRecord) -> bool:
        return record.pathname.startswith(self._root)


def _set_level(logger: logging.Logger, level: int) -> None:
    if logger.level != level:  # else every logger of the process would forget what it knows
        logger.setLevel(level)

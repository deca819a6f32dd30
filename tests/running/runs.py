"""How the tests of this folder run a runbook, as a user would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from netmend import cli
from netmend.running import building, network
from netmend.running.places import Inside
from netmend.sandbox.core import Sandbox

BOOKS = Path(__file__).parent / "books"
NETWORK = str(BOOKS / "network.json")


class Ran(NamedTuple):
    code: int
    told: str
    progress: str

    @property
    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.told)
        return found


class Command:
    """`netmend run` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, book: str | Path, *arguments: str) -> Ran:
        self._capsys.readouterr()
        code = cli.main(["run", str(BOOKS / book), *arguments])
        return Ran(code, *self._capsys.readouterr())

    def seeded(self, book: str | Path, *arguments: str) -> Ran:
        """In the network of this folder."""
        return self(book, "--network", NETWORK, *arguments)


class Built:
    """A sandbox with a network in it."""

    def __init__(self, sandbox: Sandbox, file: Path) -> None:
        self.place = Inside(sandbox, fresh=True)
        self.names = building.build(self.place, network.read(file))
        self.ec2 = self.place.client("ec2")

    def group(self, name: str) -> dict[str, Any]:
        answer = self.ec2.describe_security_groups(GroupIds=[self.names[name]])
        found: dict[str, Any] = answer["SecurityGroups"][0]
        return found

"""What `netmend --help`, and the help of the slowest command, cost as processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys

import typer

from benchmarks.figures import Figure
from netmend.cli import app

TRIES = 3
ITSELF_MS = 150
COMMAND_MS = 300
PROGRAM = "from netmend.cli import main; raise SystemExit(main())"


def figures() -> list[Figure]:
    itself = max(least((option,)) for option in ("--help", "--version"))
    _, words = max((once((*words, "--help")), words) for words in commands())
    slowest = least((*words, "--help"))
    return [
        Figure("netmend --help", itself, ITSELF_MS, "ms CPU", "or --version"),
        Figure(
            "slowest command --help", slowest, COMMAND_MS, "ms CPU", f"netmend {' '.join(words)}"
        ),
    ]


def commands() -> list[tuple[str, ...]]:
    """The words of each command, and of each command of a group."""
    found: list[tuple[str, ...]] = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        found.append((name,))
        found += [(name, inner) for inner in getattr(command, "commands", ())]
    return found


def least(arguments: tuple[str, ...]) -> float:
    """Milliseconds of CPU of the quickest of a few runs: neighbours cost CPU time as well."""
    return min(once(arguments) for _ in range(TRIES))


def once(arguments: tuple[str, ...]) -> float:
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    before = os.times()
    command = [sys.executable, "-c", PROGRAM, *arguments]
    subprocess.run(command, capture_output=True, check=True, env=bare)
    after = os.times()
    spent = after.children_user - before.children_user
    return 1000 * (spent + after.children_system - before.children_system)

"""Help costs next to nothing: no AWS library, no network, no AWS setting, hardly any time."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import typer

from netmend.cli import app

HEAVY = {"boto3", "botocore", "cfnlint", "moto", "rdklib", "rich", "yaml"}
PROGRAM = "import sys; from netmend.cli import main; code = main(); print(*sys.modules); exit(code)"


def commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        found.append((name,))
        found += [(name, inner) for inner in getattr(command, "commands", ())]
    return found


def started(*arguments: str) -> tuple[float, set[str]]:
    """CPU seconds of one run as a process of its own, and the modules that it imported."""
    command = [sys.executable, "-c", PROGRAM, *arguments]
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, env=bare, check=True)
    after = os.times()
    spent = after.children_user - before.children_user
    spent += after.children_system - before.children_system
    return spent, set(done.stdout.splitlines()[-1].split())


def least(*arguments: str, enough: float) -> float:
    """The least CPU of ten runs, or the first that is enough: neighbours cost CPU time as well."""
    seconds = float("inf")
    for _ in range(10):
        seconds = min(seconds, started(*arguments)[0])
        if seconds < enough:
            break
    return seconds


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_command_itself_answers_within_150_ms_of_cpu(option: str) -> None:
    assert least(option, enough=0.150) < 0.150


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_the_help_of_each_command_comes_within_300_ms_of_cpu(command: tuple[str, ...]) -> None:
    assert least(*command, "--help", enough=0.300) < 0.300


@pytest.mark.parametrize("command", [(), *commands()], ids=" ".join)
def test_help_imports_no_library_that_a_command_runs_on(command: tuple[str, ...]) -> None:
    assert started(*command, "--help")[1] & HEAVY == set()


@pytest.mark.parametrize("command", commands(), ids=" ".join)
def test_each_command_says_what_it_and_its_parameters_are_for(command: tuple[str, ...]) -> None:
    found = typer.main.get_command(app)
    for name in command:
        found = found.commands[name]  # type: ignore[attr-defined]
    assert found.help
    assert [param.name for param in found.params if not getattr(param, "help", "")] == []

"""`netmend verify --live` checks in a real account what only AWS can show."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum
from functools import cache
from typing import Annotated, Any

import typer

from netmend.commands.ambient import client, told_in_one_line
from netmend.errors import DRIFT, FINE, UsageError


class Format(StrEnum):
    """How the results are written."""

    TABLE = "table"
    JSON = "json"


def verify(
    live: Annotated[bool, typer.Option("--live", help="Run the checks in this account.")] = False,
    only: Annotated[str, typer.Option(help="Run these checks alone, such as 3,13.")] = "",
    listed: Annotated[bool, typer.Option("--list", help="List the checks, without AWS.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    vpc: Annotated[str, typer.Option(help="VPC for scratch groups; else the default one.")] = "",
    timeout: Annotated[float, typer.Option(min=0.01, help="Minutes that each wait may last.")] = 15,
    format: Annotated[Format, typer.Option(help="How to write the results.")] = Format.TABLE,
) -> int:
    """Check in a real account what only AWS shows.

    Mode enforce is refused there until it has passed. Exit codes: 0 all passed, 2 AWS does
    something else than Netmend takes to be so, 1 something could not be checked or removed.
    """
    numbers = _numbers(only)
    if listed:
        from netmend.verification.show import listing

        return _say(listing())
    if not live:
        raise UsageError("the checks make and remove things in an account", "add --live, or --list")
    with told_in_one_line():
        return _live(numbers, yes, vpc, timeout * 60, format)


def _live(numbers: tuple[int, ...], yes: bool, vpc: str, seconds: float, format: Format) -> int:
    from netmend.verification import place, show
    from netmend.verification.live import verify as check
    from netmend.verification.stage import Stage, leftovers

    clients: Callable[[str], Any] = cache(client)
    found = place.find(clients, vpc)
    old = leftovers(clients("ec2"))
    for line in show.intent(found, numbers, old):
        _tell(line)
    if not (yes or _confirmed()):
        return DRIFT
    report = check(Stage(clients, found, seconds, _tell), numbers, old)
    if format is Format.JSON:
        typer.echo(json.dumps(report.to_json(), indent=2))
    else:
        _say(show.table(report))
    return report.exit_code


def _numbers(only: str) -> tuple[int, ...]:
    from netmend.verification.live import ALL

    named = [part.strip() for part in only.split(",") if part.strip()]
    known = {str(number): number for number in ALL}
    for name in named:
        if name not in known:
            raise UsageError(f"there is no check {name}", f"known: {', '.join(known)}")
    return tuple(known[name] for name in named) or ALL


def _confirmed() -> bool:
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        _tell("netmend: nothing was checked: nobody is at a terminal to ask - add --yes")
        return False
    # Not typer.confirm: where stdout is a pipe it writes part of the prompt there.
    typer.echo("go on? [y/N] ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    _tell("nothing was checked")
    return False


def _tell(line: str) -> None:
    typer.echo(line, err=True)


def _say(lines: Iterable[str]) -> int:
    for line in lines:
        typer.echo(line)
    return FINE

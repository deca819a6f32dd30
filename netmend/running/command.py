"""What `netmend run` does with its options: where, with what, and how it is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import typer

from netmend.errors import COULD_NOT, DRIFT, FINE, UsageError, UserError, one_line
from netmend.running import as_markdown, as_text, document, given, hints, told
from netmend.running.document import Book
from netmend.running.job import Job, Text
from netmend.running.people import APPROVE, REJECT
from netmend.running.places import Inside, Place, Served
from netmend.running.runner import SUCCESSES, Runner

FORMS: Final = {"text": as_text.outcome, "md": as_markdown.outcome}
COLOURS: Final = {"Success": "green", "Waiting": "yellow"}


@dataclass(frozen=True)
class Wish:
    """The command line, as `netmend run` has it."""

    document: str
    parameters: str = "{}"
    single: Sequence[str] = ()
    network: str = ""
    endpoint: str = ""
    policy: str = ""
    approve: bool = False
    reject: bool = False
    plan: bool = False
    permissions: bool = False
    show_parameters: bool = False
    form: str = "text"

    @property
    def answer(self) -> str:
        """What the command line says to whatever asks."""
        return APPROVE if self.approve else REJECT if self.reject else ""


def run(wish: Wish) -> int:
    """The exit code; raises UserError and UsageError."""
    conflicts(wish)
    book = document.read(Path(wish.document))
    values = given.collected(book.parameters, wish.parameters, wish.single)
    given.require(book.parameters, values, book.role_parameter)
    with _world(wish) as (place, names):
        wired = given.wired(book.parameters, given.resolved(values, names))
        if wish.show_parameters:
            typer.echo(json.dumps(given.forms(book.name, wired), indent=2))
            return FINE
        books, missing = document.family(book, values)
        for name in missing:
            _note(f"no document {name} lies beside {book.path.name}: it has to be there already")
        job = _job(wish, books, wired)
        try:
            found = _outcome(wish, place, job)
        except UserError as error:
            raise hints.located(error, books) from error
    _write(wish, found)
    if found["cause"]:
        for line in hints.lines(books):
            _note(line)
    return _code(found, wish.plan)


def conflicts(wish: Wish) -> None:
    """Raises UsageError for options that contradict each other."""
    pairs = {
        "--approve and --reject": wish.approve and wish.reject,
        "--network and --endpoint": wish.network and wish.endpoint,
        "--permissions and --show-parameters": wish.permissions and wish.show_parameters,
    }
    for both, stand in pairs.items():
        if stand:
            raise UsageError(f"{both} exclude each other", "give one of them")


@contextmanager
def _world(wish: Wish) -> Iterator[tuple[Place, dict[str, str]]]:
    """The sandbox, and the ids of what was described by name."""
    if wish.endpoint:
        yield Served(wish.endpoint), {}
        return
    from netmend.running import building, network
    from netmend.sandbox.clock import Clock
    from netmend.sandbox.core import Sandbox

    described = network.read(Path(wish.network)) if wish.network else None
    with Sandbox(start=Clock().time()) as sandbox:
        place = Inside(sandbox, fresh=True)
        names = building.build(place, described) if described is not None else {}
        sandbox.settle()
        yield place, names


def _job(wish: Wish, books: Sequence[Book], wired: Mapping[str, list[str]]) -> Job:
    book = books[-1]
    parameter = book.role_parameter
    role = wired[parameter][0] if parameter in wired else ""
    if not parameter and "{{" not in book.role:
        role = book.role
    if wish.policy and not (parameter or role):
        raise UsageError("the document assumes no role", "leave --policy out")
    return Job(
        documents=tuple(Text(one.name, one.text, one.form) for one in books),
        parameters=wired,
        role_parameter="" if parameter in wired else parameter,
        role=role,
        policy=_policy(wish.policy) if wish.policy else None,
        answer=wish.answer,
    )


def _policy(file: str) -> dict[str, Any]:
    try:
        found = json.loads(given.read(file))
    except ValueError as error:
        raise UserError(f"{file} is not JSON: {error}", "name an IAM policy") from error
    if not isinstance(found, dict):
        raise UserError(f"{file} is not a JSON object", "name an IAM policy")
    return found


def _outcome(wish: Wish, place: Place, job: Job) -> dict[str, Any]:
    if wish.plan and isinstance(place, Served):
        found = place.ask("plan", job.data())
        for note in found["notes"]:
            _note(note)
        for step in found["steps"]:
            _step(step)
        return found
    return Runner(place, _note, _step, _asked).run(job)


def _asked(question: Mapping[str, Any]) -> str:
    """The answer of whoever sits at the terminal; nothing where nobody does."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    typer.echo(one_line(told.waiting(question)), err=True)
    return APPROVE if typer.confirm("Approve?", err=True) else REJECT


def _note(text: str) -> None:
    typer.echo(one_line(text), err=True)


def _step(one: Mapping[str, Any]) -> None:
    first, *others = as_text.step(one)
    typer.secho(told.clean(first), err=True, fg=COLOURS.get(one["status"], "red"))
    for line in others:
        typer.secho(told.clean(line), err=True, dim=True)


def _write(wish: Wish, found: Mapping[str, Any]) -> None:
    if wish.permissions:
        _permissions(wish, found["permissions"])
    elif wish.form == "json":
        typer.echo(json.dumps(found, indent=2, default=str))
    else:
        for line in FORMS[wish.form](found, planned=wish.plan):
            typer.echo(told.clean(line))


def _permissions(wish: Wish, listed: Sequence[Mapping[str, Any]]) -> None:
    """The policy of the role that the run acted as; of several roles each, by its ARN."""
    for one in listed:
        for action, why in one["broad"].items():
            _note(f"{action}: not on one resource alone: {why}")
    policies = {one["role"] or "the caller": one["policy"] for one in listed}
    empty = {"Version": "2012-10-17", "Statement": []}
    if len(policies) > 1:
        _note(f"the run acted as {len(policies)} roles: {', '.join(policies)}")
        typer.echo(json.dumps(policies, indent=2))
    else:
        typer.echo(json.dumps(next(iter(policies.values()), empty), indent=2))


def _code(found: Mapping[str, Any], planned: bool) -> int:
    if found["waiting"]:
        return DRIFT
    if found["status"] not in SUCCESSES:
        return COULD_NOT
    return DRIFT if planned and (found["changes"] or found["writes"]) else FINE

"""`netmend deploy` puts Netmend into one account and Region, and takes it away again."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from netmend.commands.ambient import client, told_in_one_line
from netmend.commands.sandbox import Mode
from netmend.errors import DRIFT, FINE, UsageError

if TYPE_CHECKING:
    from netmend.deploy.plan import Plan, Wish
    from netmend.deploy.site import Site
    from netmend.deploy.writes import Write

MOST = 10
"""Approvers that aws:approve takes."""


def deploy(
    mode: Annotated[
        Mode | None,
        typer.Option(help="The most that may happen: what is deployed, observe at first."),
    ] = None,
    approvers: Annotated[
        str | None,
        typer.Option(help="IAM names or ARNs that may approve, separated by commas; '' for none."),
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Another parameter of the stacks."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan; exit code 2 when it has calls.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take Netmend away; its evidence stays.")
    ] = False,
) -> int:
    """Deploy to one account and Region, or remove.

    Goes to where you are signed in to. Shows every AWS call that it will make, asks, and says each
    before it makes it. When it was interrupted, the next run goes on from what stands. What is not
    given stays as it is deployed.
    """
    with told_in_one_line():
        if remove:
            if mode or approvers is not None or setting:
                raise UsageError("--remove takes no --mode, --approvers or --set", "leave them out")
            return take_away(yes=yes, dry_run=dry_run)
        return put_up(mode, approvers, setting or [], yes=yes, dry_run=dry_run)


def put_up(
    mode: Mode | None, approvers: str | None, setting: Sequence[str], *, yes: bool, dry_run: bool
) -> int:
    from netmend.deploy import plan
    from netmend.deploy.change import agreed
    from netmend.deploy.survey import survey
    from netmend.deployment import goods

    cargo = goods()
    wish = wished(mode, approvers, setting, cargo.templates)
    site = signed_in()
    found = survey(site, cargo.types, progress, wait=not dry_run)
    planned = plan.make(site, cargo, wish, found, progress, agreed if yes else confirmed)
    if not dry_run:
        planned.refuse()
    if not planned.writes and not planned.refusals:
        typer.echo(f"nothing to change: {told(planned)}")
        return FINE
    show(planned.lines, planned.writes, err=not dry_run)
    planned.refuse()
    code = carried_out(planned.writes, yes=yes, dry_run=dry_run)
    if code == FINE:
        typer.echo(f"deployed: {told(planned)}")
    return code


def wished(
    mode: Mode | None, approvers: str | None, setting: Sequence[str], templates: Sequence[Any]
) -> Wish:
    """The options as parameters of the stacks; raises UsageError for what these would refuse."""
    from netmend.deploy.plan import Wish
    from netmend.deploy.survey import REMEDIATION
    from netmend.deploy.templates import check, settings

    names = None
    if approvers is not None:
        names = tuple(name.strip() for name in approvers.split(",") if name.strip())
        if len(names) > MOST:
            raise UsageError(f"{len(names)} approvers, a runbook asks {MOST}", "name a role")
        declared = next(t.parameters for t in templates if t.stack == REMEDIATION)
        check("--approvers", ",".join(names), declared["Approvers"])
    return Wish(mode.value if mode else None, names, settings(templates, setting))


def take_away(*, yes: bool, dry_run: bool) -> int:
    from netmend.deploy import removal

    site = signed_in()
    planned = removal.make(site, progress, wait=not dry_run)
    code = FINE
    if planned.writes:
        show(planned.lines, planned.writes, err=not dry_run)
        code = carried_out(planned.writes, yes=yes, dry_run=dry_run)
    if code == FINE:
        done = "removed from" if planned.writes else "nothing is there to remove in"
        typer.echo(f"{done} {site}")
        for line in removal.stays(site):
            typer.echo(line)
    return code


def signed_in() -> Site:
    from functools import cache

    from netmend.deploy.site import here

    site = here(cache(client))
    progress(f"{site} as {site.caller}")
    return site


def told(planned: Plan) -> str:
    """Where, in which mode, and where to listen."""
    from netmend.deploy.standing import look
    from netmend.deploy.survey import REMEDIATION

    stack = look(planned.site.clients("cloudformation"), REMEDIATION)
    approvers = stack.parameters.get("Approvers") or "none"
    outputs = [f"  {name} {value}" for name, value in sorted(stack.outputs.items())]
    head = f"{planned.site}, mode {planned.mode}, approvers: {approvers}"
    return "\n".join([head, *outputs])


def show(lines: Sequence[str], writes: Sequence[Write], *, err: bool) -> None:
    for line in lines:
        typer.echo(f"  {line}", err=err)
    for number, write in enumerate(writes, 1):
        typer.echo(f"{number:4}  {write.line}", err=err)


def carried_out(writes: Sequence[Write], *, yes: bool, dry_run: bool) -> int:
    """Asks, and makes the calls; exit code 2 where they are left unmade."""
    from netmend.deploy.writes import carry_out

    if dry_run:
        return DRIFT
    if not (yes or confirmed(f"make these {len(writes)} calls")):
        return DRIFT
    done = False
    try:
        carry_out(writes, progress)
        done = True
    finally:
        if not done:
            progress("not finished: run it again, it goes on from what stands")
    return FINE


def confirmed(question: str) -> bool:
    """Whether the user wants it; where nobody sits at a terminal, no."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        progress("netmend: nothing was done: nobody is at a terminal to ask - add --yes")
        return False
    typer.echo(f"{question}? [y/N] ", nl=False, err=True)
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        return True
    progress("nothing was done")
    return False


def progress(line: str) -> None:
    typer.echo(line, err=True)

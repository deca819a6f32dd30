"""`netmend sandbox` serves the embedded AWS on loopback."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from netmend.errors import UsageError


class Mode(StrEnum):
    """What mending may do, weakest first."""

    OFF = "off"
    OBSERVE = "observe"
    APPROVE = "approve"
    ENFORCE = "enforce"


def sandbox(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")
    ],
    deploy: Annotated[
        bool, typer.Option("--deploy", help="Deploy Netmend's own templates before it is ready.")
    ] = False,
    mode: Annotated[
        Mode | None,
        typer.Option(help="What a deployed Netmend may do.", show_default=Mode.OBSERVE.value),
    ] = None,
    approvers: Annotated[
        str, typer.Option(help="IAM names or ARNs that may approve, by commas; else any caller.")
    ] = "",
) -> int:
    """Serve the embedded AWS for any CLI or SDK.

    On loopback, until interrupted; any credentials will do.
    """
    idle = [name for name, given in (("--mode", mode), ("--approvers", approvers)) if given]
    if idle and not deploy:
        raise UsageError(
            f"nothing is deployed that could heed {' and '.join(idle)}", "add --deploy"
        )
    names = approving(approvers) if approvers else ()
    from netmend.sandbox.serve import serve

    return serve(port, deploy, (mode or Mode.OBSERVE).value, names)


def approving(approvers: str) -> tuple[str, ...]:
    """Their names; raises UsageError for what the stacks would refuse."""
    from netmend.commands.deploy import wished
    from netmend.deploy import templates
    from netmend.deployment import ROOT

    return wished(None, approvers, (), templates.read(ROOT)).approvers or ()

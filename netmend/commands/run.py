"""`netmend run` runs any Automation runbook against a sandbox."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Format(StrEnum):
    """How the outcome is written."""

    TEXT = "text"
    JSON = "json"
    MD = "md"


Document = Annotated[str, typer.Argument(help="A runbook file of schema 0.3, YAML or JSON.")]
Parameters = Annotated[str, typer.Option(help="Its parameters: a JSON object, or @FILE with one.")]
Single = Annotated[
    list[str] | None,
    typer.Option("-p", help="One parameter, NAME=VALUE; @NAME is a thing of --network."),
]
Network = Annotated[
    str, typer.Option(help="Describes the network that the new sandbox begins with (JSON).")
]
Endpoint = Annotated[str, typer.Option(help="Address of a running sandbox, instead of a new one.")]
Policy = Annotated[
    str, typer.Option(help="What the role that is made may do (JSON); else everything.")
]
Approve = Annotated[bool, typer.Option("--approve", help="Answer yes to what asks.")]
Reject = Annotated[bool, typer.Option("--reject", help="Answer no to what asks.")]
Plan = Annotated[bool, typer.Option("--plan", help="Run on a copy, and change nothing.")]
Permissions = Annotated[
    bool, typer.Option("--permissions", help="Write the least IAM policy for the calls it made.")
]
ShowParameters = Annotated[
    bool, typer.Option("--show-parameters", help="Write the parameters in AWS's forms, and end.")
]
Form = Annotated[Format, typer.Option("--format", help="How to write it.")]


def run(
    document: Document,
    parameters: Parameters = "{}",
    single: Single = None,
    network: Network = "",
    endpoint: Endpoint = "",
    policy: Policy = "",
    approve: Approve = False,
    reject: Reject = False,
    plan: Plan = False,
    permissions: Permissions = False,
    show_parameters: ShowParameters = False,
    form: Form = Format.TEXT,
) -> int:
    """Run a runbook against a sandbox, step by step.

    Shows what changed, before and after. Exit code 1 when it failed, 2 when it waits for a person,
    or when --plan shows changes.
    """
    from netmend.running import command

    given = {**locals(), "single": tuple(single or ()), "form": form.value}
    del given["command"]
    return command.run(command.Wish(**given))

"""`netmend completion` teaches a shell the commands, their options and the names of the rules."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

VARIABLE = "_NETMEND_COMPLETE"
"""What the script sets when it asks for completions; typer derives the name from the program's."""


class Shell(StrEnum):
    """A shell whose completion is known."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(
    shell: Annotated[Shell, typer.Argument(help="The shell that is to read the script.")],
) -> None:
    """Print the completion script of a shell.

    bash: source <(netmend completion bash). zsh: the same, after compinit. fish: netmend completion
    fish | source. PowerShell: netmend completion powershell | Out-String | Invoke-Expression.
    All but bash call netmend itself, so it has to be on the PATH.
    """
    from typer.completion import (  # type: ignore[attr-defined]  # it does not say so in __all__
        get_completion_script,
    )

    typer.echo(
        get_completion_script(prog_name="netmend", complete_var=VARIABLE, shell=shell.value).lstrip(
            "\n"
        )
    )


def rule_names(incomplete: str) -> list[str]:
    """The rules whose folder's name begins so; read without loading any."""
    rules = Path(__file__).resolve().parents[2] / "rules"
    names = sorted(found.name for found in rules.glob("[A-Z]*_*"))
    return [name for name in names if name.startswith(incomplete)]

"""`netmend explain` tells why a resource is open or fine, or what a rule is."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from netmend.commands.completion import rule_names


class Format(StrEnum):
    """How an explanation is written."""

    TEXT = "text"
    JSON = "json"
    MD = "md"


def explain(
    subject: Annotated[
        str,
        typer.Argument(
            help="Id of a resource (sg-..., read live), a JSON file, - for standard input, a rule.",
            autocompletion=rule_names,
        ),
    ],
    rule: Annotated[
        str,
        typer.Option(
            help="The rule to explain by; by default all that judge the resource.",
            autocompletion=rule_names,
        ),
    ] = "",
    parameters: Annotated[
        str | None,
        typer.Option(
            help="The rule's parameters, a JSON object of strings; live, those of the deployed rule"
            " by default.",
            show_default=False,
        ),
    ] = None,
    form: Annotated[Format, typer.Option("--format", help="How to write it.")] = Format.TEXT,
) -> int:
    """Explain why a resource is open, or a rule.

    A file holds a configuration item, a rule invocation, or what describe-security-groups answers.
    Exit code 2 when a resource is not compliant.
    """
    from netmend.commands.evaluate import parsed
    from netmend.explain.command import run

    given = None if parameters is None else parsed(parameters)
    return run(subject, rule, given, form.value)

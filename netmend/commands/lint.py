"""`netmend lint` reads runbooks and says what is wrong with them, without AWS."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from netmend.errors import COULD_NOT, DRIFT, FINE


class Format(StrEnum):
    """How findings are written."""

    text = "text"
    json = "json"
    csv = "csv"
    md = "md"


def lint(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            help="Runbooks (YAML or JSON), or folders of them. Default: ssm-documents/."
        ),
    ] = None,
    output: Annotated[
        Format, typer.Option("--format", help="How to write the findings.")
    ] = Format.text,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with code 2 for warnings as well.")
    ] = False,
) -> int:
    """Find what is wrong in Automation runbooks.

    Judges actions, inputs, calls against boto3's models, references, selectors, flow, scripts and
    children, without AWS. Writes FILE:LINE:COLUMN: LEVEL ID: REASON - FIX. Exit codes: 2 when there
    is an error (with --strict, or a warning), 1 when a file cannot be read, else 0. docs/lint.md
    has all ids.
    """
    from netmend.catalog import ROOT
    from netmend.lint import linting, writing

    result = linting.lint(paths or [str(ROOT / "ssm-documents")])
    typer.echo(writing.FORMATS[output](result.findings), nl=False)
    for problem in result.unreadable:
        typer.echo(f"netmend: {problem}", err=True)
    errors = sum(one.level == "error" for one in result.findings)
    warnings = len(result.findings) - errors
    typer.echo(f"runbooks: {result.runbooks}, errors: {errors}, warnings: {warnings}", err=True)
    if result.unreadable:
        return COULD_NOT
    return DRIFT if errors or (strict and warnings) else FINE

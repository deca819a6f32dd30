"""`netmend evaluate` runs a rule on files, as the detector and the planner run it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from io import TextIOWrapper
from typing import Annotated, Any, TextIO

import typer

from netmend.commands.completion import rule_names
from netmend.errors import UsageError, UserError
from netmend.plain_json import loads

UNREADABLE = "surrogateescape"
EXAMPLE = '--parameters \'{"GuardedPorts": "22,3389"}\''


def evaluate(
    rule: Annotated[
        str, typer.Argument(help="Name of a folder under rules/.", autocompletion=rule_names)
    ],
    file: Annotated[
        str, typer.Argument(help="JSON Lines of configuration items, events or Describe answers.")
    ] = "-",
    parameters: Annotated[
        str, typer.Option(help="The rule's parameters: a JSON object of strings.")
    ] = "{}",
) -> int:
    """Judge resources in a file by a rule.

    Reads one JSON value a line and writes one a line: compliance, violations, annotation, and the
    plan of a mend. Without a file it reads standard input. Exit code 2 when one is not compliant.
    """
    given = parsed(parameters)
    from netmend.evaluate import evaluate_lines, exit_code, find_rule

    found = find_rule(rule)
    return exit_code(written(evaluate_lines(found, given, read(file)), file))


def parsed(parameters: str) -> dict[str, str]:
    """The JSON of --parameters: an object of strings, as Config hands parameters to a rule."""
    try:
        value = loads(parameters)
    except ValueError as error:
        raise UsageError(f"--parameters is not JSON: {error}", f"for example {EXAMPLE}") from error
    if not isinstance(value, dict):
        raise UsageError("--parameters is not a JSON object", f"for example {EXAMPLE}")
    for name, one in value.items():
        if not isinstance(one, str):
            text = json.dumps(one)
            fix = f'write "{name}": {json.dumps(text)}'
            raise UsageError(f"--parameters: {name} is {text}, not a string", fix)
    return value


def read(file: str) -> Iterator[str]:
    """The lines of a file, or of standard input for "-"; bytes that are no UTF-8 are surrogates.

    Raises UserError where they can't be read.
    """
    try:
        with opened(file) as lines:
            yield from lines
    except OSError as error:
        what = f"{file or 'a file without a name'}: cannot be read: {error.strerror}"
        raise UserError(what, "name a readable file, or - for standard input") from error


def opened(file: str) -> TextIO:
    if file != "-":
        return open(file, encoding="utf-8", errors=UNREADABLE)
    if sys.stdin.isatty():
        typer.echo("reading JSON Lines from the terminal; Ctrl-D ends", err=True)
    return TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors=UNREADABLE)


def written(results: Iterable[dict[str, Any]], file: str) -> Iterator[dict[str, Any]]:
    """Passes results on, each written out as soon as it is known; no result is a UserError."""
    result = None
    for result in results:
        sys.stdout.write(json.dumps(result, separators=(",", ":")) + "\n")
        sys.stdout.flush()
        yield result
    if result is None:
        what = f"{'standard input' if file == '-' else file} is empty: nothing was judged"
        raise UserError(what, "give one JSON object a line")

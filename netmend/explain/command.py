"""What a user names is a resource in AWS, resources in a file, or a rule; each is explained."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Mapping
from typing import Final

import typer

from netmend.errors import (
    COULD_NOT,
    DRIFT,
    FINE,
    UsageError,
    UserError,
    did_you_mean,
    one_line,
)
from netmend.explain import sheet
from netmend.explain.model import NON_COMPLIANT, SCHEMA_VERSION, Explanation

RESOURCE_ID: Final = re.compile(r"(?P<kind>[a-z]{1,12})-[0-9a-f]{8,17}")
FILE: Final = re.compile(r"-|.*[/.\\].*")


def run(subject: str, rule: str, given: Mapping[str, str] | None, form: str) -> int:
    """Explain it on stdout; errors of single resources go to stderr. Returns the exit code."""
    from netmend.explain import pages

    if RESOURCE_ID.fullmatch(subject):
        from netmend.explain.subjects import live

        return told(live(subject, rule, given), form)
    if FILE.fullmatch(subject) or os.path.isfile(subject):
        from netmend.explain.subjects import from_file

        return told(from_file(subject, rule, given or {}), form)
    page = pages.find(subject)
    if page is None:
        known = pages.names()
        hint = did_you_mean(subject.removeprefix("netmend-").replace("-", "_"), known)
        what = f"{subject or repr('')} is no rule, file or id of a resource such as sg-0abc..."
        raise UsageError(what, hint)
    if rule or given is not None:
        option = "--rule" if rule else "--parameters"
        raise UsageError(f"{option} goes with a resource, {subject} is a rule", "leave it out")
    pages.show(page, form)
    return FINE


def told(found: Iterable[Explanation | UserError], form: str) -> int:
    """Writes explanations, each as soon as it is there; JSON is one document."""
    writers = {"text": _text, "md": _markdown, "json": _nothing}
    explanations: list[Explanation] = []
    failed = False
    for one in found:
        if isinstance(one, UserError):
            failed = True
            typer.echo(f"netmend: {one_line(str(one))}", err=True)
            continue
        writers[form](one, bool(explanations))
        explanations.append(one)
    if form == "json":
        bodies = [one.to_json() for one in explanations]
        typer.echo(json.dumps({"schema_version": SCHEMA_VERSION, "explanations": bodies}, indent=2))
    drift = any(one.compliance == NON_COMPLIANT for one in explanations)
    return COULD_NOT if failed else DRIFT if drift else FINE


def _text(one: Explanation, another: bool) -> None:
    from netmend.explain.as_text import lines

    columns = sheet.width()
    between = [sheet.Line(""), sheet.Line("-" * columns, "dim"), sheet.Line("")] * another
    sheet.show([*between, *lines(one, columns)])


def _markdown(one: Explanation, another: bool) -> None:
    from netmend.explain.as_markdown import markdown

    typer.echo("\n" * another + markdown(one), nl=False)


def _nothing(one: Explanation, another: bool) -> None:
    """JSON is written at the end."""

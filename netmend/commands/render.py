"""`netmend render` writes what is rendered from the rules, or says what is stale."""

from __future__ import annotations

from typing import Annotated

import typer

from netmend.errors import DRIFT, FINE, UserError


def render(
    check: Annotated[
        bool, typer.Option("--check", help="Change nothing; exit code 2 when a file is stale.")
    ] = False,
) -> int:
    """Render anew what is made from the rules.

    Conformance packs, template tails, runbook envelopes, rule pages and docs/commands.md; names
    each file that it changes.
    """
    from netmend.catalog import ROOT, CatalogError
    from netmend.render import render as render_all
    from netmend.rendering.text import RenderError

    try:
        stale = render_all(check)
    except (CatalogError, RenderError) as error:
        raise UserError(str(error)) from error
    for path in stale:
        typer.echo(path.relative_to(ROOT))
    if check and stale:
        typer.echo("stale; write them anew with: netmend render", err=True)
        return DRIFT
    return FINE

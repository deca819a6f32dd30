"""`netmend new-rule` writes a rule and its runbook, which pass every test at once."""

from __future__ import annotations

from typing import Annotated

import typer

from netmend.errors import UserError


def new_rule(
    name: Annotated[
        str, typer.Argument(help="SERVICE_CONDITION: what is compliant, as ROUTE_TABLE_HAS_OWNER.")
    ],
    resource_type: Annotated[
        str, typer.Option(help="What it judges, as AWS Config calls it: AWS::EC2::RouteTable.")
    ],
    runbook: Annotated[
        str, typer.Option(help="VerbNoun of the runbook; else made from NAME.", show_default=False)
    ] = "",
    pack: Annotated[
        str, typer.Option(help="Conformance pack of the rule; else own-rules.", show_default=False)
    ] = "",
    title: Annotated[
        str, typer.Option(help="One sentence for reports; else NAME in words.", show_default=False)
    ] = "",
) -> None:
    """Write a new rule and its runbook.

    They have tables to fill. The rule finds one small thing, which you replace, and holds every
    mend until you write one.
    """
    from netmend.catalog import ROOT, CatalogError
    from netmend.rendering.text import RenderError
    from netmend.scaffold import names, steps, write

    new = names.plan(ROOT, name, resource_type, runbook, pack, title)
    try:
        written = write.write(new, ROOT)
    except (CatalogError, RenderError) as error:
        raise UserError(str(error)) from error
    for verb, paths in (("wrote", written.new), ("rendered", written.changed)):
        for path in paths:
            typer.echo(f"{verb} {path.relative_to(ROOT)}")
    typer.echo(steps.text(new), err=True)

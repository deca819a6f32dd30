"""`netmend bundle` builds the Lambda zip, or says whether one is this repository's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from netmend.errors import DRIFT, FINE

SHOWN = 5


def bundle(
    out: Annotated[Path, typer.Option(help="Where to write it.")] = Path("build/netmend.zip"),
    check: Annotated[
        Path | None,
        typer.Option(help="Write nothing: say whether this zip holds the code of this repository."),
    ] = None,
) -> int:
    """Build the Lambda zip."""
    from netmend.bundle import build

    if check is not None:
        return compared(check)
    built = build(out)
    typer.echo(f"{built.path} {built.size} bytes sha256:{built.sha256}")
    return FINE


def compared(archive: Path) -> int:
    from netmend.bundle import differences

    wrong = differences(archive)
    if not wrong:
        typer.echo(f"{archive} holds exactly the code of this repository")
        return FINE
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    typer.echo(f"{archive} is not this repository's: {', '.join(wrong[:SHOWN])}{more} differ")
    return DRIFT

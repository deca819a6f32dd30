"""`netmend bundle` builds the Lambda zip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def bundle(
    out: Annotated[Path, typer.Option(help="Where to write it.")] = Path("build/netmend.zip"),
) -> None:
    """Build the Lambda zip."""
    from netmend.bundle import build

    built = build(out)
    typer.echo(f"{built.path} {built.size} bytes sha256:{built.sha256}")

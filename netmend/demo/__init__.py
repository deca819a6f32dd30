"""`make demo`: drift is made, found, mended and proved on the embedded AWS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["run"]

KEPT: Final = Path(__file__).resolve().parent.parent.parent / "build" / "report"
"""Where the report of the demo lies afterwards; git ignores it."""


def run(console: Console, folder: Path = KEPT) -> int:
    """Show the whole loop; returns the exit code: 0 when everything ended as it should.

    The last line told is the absolute path of the report, alone.
    """
    from netmend.demo.show import show

    return show(console, folder)

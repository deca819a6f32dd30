"""`make demo`: drift is made, found, mended and proved on the embedded AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["run"]


def run(console: Console) -> int:
    """Show the whole loop; returns the exit code: 0 when everything ended as it should."""
    from netmend.demo.show import show

    return show(console)

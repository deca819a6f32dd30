"""`netmend demo` shows the whole loop on the embedded AWS."""

from __future__ import annotations


def demo() -> int:
    """Show the whole loop at work on the embedded AWS."""
    from rich.console import Console

    from netmend.demo import run

    return run(Console())

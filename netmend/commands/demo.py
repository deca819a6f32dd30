"""`netmend demo` shows the whole loop on the embedded AWS."""

from __future__ import annotations


def demo() -> int:
    """Show the whole loop on the embedded AWS.

    Leaves its report and evidence in build/report/.
    """
    from rich.console import Console

    from netmend.demo import run

    return run(Console())

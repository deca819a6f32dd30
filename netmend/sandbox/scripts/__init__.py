"""aws:executeScript: the script's Python runs in a process of its own, or in this one.

Nothing here imports moto at the top, because worker processes import this package too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

__all__ = ["uninstall"]


def uninstall(sandbox: Sandbox) -> None:
    """End every script that still runs."""
    from netmend.sandbox.scripts.running import Scripts

    sandbox.state(Scripts, "", "").close()

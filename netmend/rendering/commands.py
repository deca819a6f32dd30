"""The reference of all commands is what the commands say of themselves."""

from __future__ import annotations

import re


def reference() -> str:
    """Markdown: each command with its arguments and options."""
    from typer import Context
    from typer.cli import get_docs_for_click
    from typer.main import get_command

    from netmend.cli import app

    command = get_command(app)
    told = get_docs_for_click(
        obj=command, ctx=Context(command), name="netmend", title="The commands"
    )
    return re.sub(r"[ \t]+$", "", told, flags=re.MULTILINE).rstrip() + "\n"

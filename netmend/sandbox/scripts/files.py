"""A document's attachments lie in a folder of their own while a script runs."""

from __future__ import annotations

import contextlib
import io
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from netmend.sandbox.automation import ScriptFailed

LARGEST: Final = 512 * 1024 * 1024
"""Bytes that attachments may unpack to."""


def folder(attachments: Mapping[str, bytes]) -> tempfile.TemporaryDirectory[str]:
    """A folder with the zips unpacked and other files as they are; ScriptFailed for a bad zip."""
    made = tempfile.TemporaryDirectory(prefix="netmend-script-", ignore_cleanup_errors=True)
    with contextlib.ExitStack() as undo:
        undo.callback(made.cleanup)
        for name, content in attachments.items():
            _place(Path(made.name), name, content)
        undo.pop_all()
    return made


def _place(root: Path, name: str, content: bytes) -> None:
    if not name.endswith(".zip"):
        (root / PurePosixPath(name).name).write_bytes(content)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(member.file_size for member in archive.infolist())
            if size > LARGEST:
                raise ScriptFailed(f"The attachment {name} unpacks to more than {LARGEST} bytes")
            archive.extractall(root)
    except zipfile.BadZipFile as error:
        raise ScriptFailed(f"The attachment {name} cannot be unzipped: {error}") from None

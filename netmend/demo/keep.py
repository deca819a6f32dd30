"""What the demo leaves in a folder: the report, and the evidence that it was made from."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from netmend.audit import live
from netmend.audit.page import html
from netmend.audit.report import Report, of_live
from netmend.audit.source import Clients
from netmend.errors import UserError
from rules.netlib import clock
from rules.netlib.evidence import stamp

PAGE = "index.html"
EVIDENCE = "evidence"


def report(clients: Clients) -> Report:
    """The report of an account as it is now."""
    return of_live(live.read(clients), made=stamp(clock.now()))


def everything(found: Report, records: Iterable[tuple[str, bytes]], folder: Path) -> Path:
    """Write page and evidence, in place of those of the last demo; returns the page's path."""
    folder = folder.resolve()
    try:
        shutil.rmtree(folder / EVIDENCE, ignore_errors=True)
        for key, data in records:
            path = folder / EVIDENCE / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (folder / PAGE).write_text(html(found), encoding="utf-8", newline="\n")
    except OSError as error:
        what = f"{error.filename}: cannot be written: {error.strerror}"
        raise UserError(what, "make it writable, the demo keeps its report there") from error
    return folder / PAGE

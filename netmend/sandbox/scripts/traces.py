"""A traceback shows the script's files where AWS has them, and nothing of this machine.

Only the standard library is imported here: this runs inside worker processes.
"""

from __future__ import annotations

import sys
import traceback
from pathlib import Path
from types import TracebackType
from typing import Final

from netmend.sandbox.scripts.job import Job

INTERPRETER: Final = "/var/lang"


def told(error: BaseException, job: Job) -> str:
    """The text of the traceback, from the script's first frame on."""
    own = (job.folder, job.root)
    error.__traceback__ = _from_script(error.__traceback__, own)
    if error.__traceback__ is None:
        error.__context__ = None
    text = "".join(traceback.format_exception(error)).rstrip()
    if not text.startswith("Traceback"):
        text = f"Traceback (most recent call last):\n{text}"
    for here, there in _places(job):
        text = text.replace(here, there)
    return text


def _from_script(trace: TracebackType | None, own: tuple[str, str]) -> TracebackType | None:
    while trace is not None and not trace.tb_frame.f_code.co_filename.startswith(own):
        trace = trace.tb_next
    return trace


def _places(job: Job) -> list[tuple[str, str]]:
    ours = str(Path(__file__).parents[3])
    places = [(job.root, job.folder)]
    places += [(sys.prefix, INTERPRETER), (sys.base_prefix, INTERPRETER), (ours, INTERPRETER)]
    return sorted(places, key=lambda place: -len(place[0]))

"""A cold start of the detector beside stock rdklib's, each in fresh interpreters by turns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from benchmarks import first
from benchmarks.figures import Figure, milliseconds, ratio
from benchmarks.invocations import events
from benchmarks.wire import SETTINGS
from netmend.bundle import build

ROUNDS = 9
LIMIT = 0.95


class ForeignCodeError(RuntimeError):
    """A run imported Netmend from elsewhere than the unpacked zip."""


def figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        unpacked, event = prepared(Path(folder))
        for which in first.HANDLERS:
            run(unpacked, which, event)  # the files are in the system's cache from now on
        spent: dict[str, list[float]] = {which: [] for which in first.HANDLERS}
        for number in range(ROUNDS):
            for which in sorted(spent, reverse=number % 2 == 1):
                spent[which].append(run(unpacked, which, event))
    own, other = spent["ours"], spent["stock"]
    told = f"{milliseconds(own):.0f} ms, rdklib {milliseconds(other):.0f} ms"
    return [Figure("cold start", ratio(own, other), LIMIT, "of stock rdklib's", told)]


def prepared(folder: Path) -> tuple[Path, Path]:
    """The unpacked zip, and a file with an invocation."""
    unpacked, event = folder / "task", folder / "event.json"
    with zipfile.ZipFile(build(folder / "netmend.zip").path) as archive:
        archive.extractall(unpacked)
    event.write_text(json.dumps(events(1, seed=13)[0]))
    return unpacked, event


def run(unpacked: Path, which: str, event: Path) -> float:
    """CPU seconds of one cold start; raises ForeignCodeError."""
    done = subprocess.run(
        [sys.executable, "-I", first.__file__, str(unpacked), which, str(event)],
        check=True,
        capture_output=True,
        env={"PATH": os.environ.get("PATH", ""), **SETTINGS},
        cwd=unpacked,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    if not told["unpacked"]:
        raise ForeignCodeError(f"{which} did not run the code of the zip")
    return float(told["seconds"])

"""The first verdict of a fresh interpreter: its import, its client, its evaluation, in CPU time.

A process of its own: python -I first.py UNPACKED_ZIP OURS_OR_STOCK EVENT_FILE. The zip lies
unpacked as in Lambda, whose runtime brings boto3; neither run may write or read .pyc files of it.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HANDLERS = {"ours": "rules.handlers.detector", "stock": "benchmarks.stock"}


def main(unpacked: str, which: str, event_file: str) -> None:
    event = json.loads(Path(event_file).read_text())
    sys.dont_write_bytecode = True
    sys.path[:] = [unpacked, *(place for place in sys.path if Path(place) != ROOT), str(ROOT)]
    began = time.process_time()
    handler = importlib.import_module(HANDLERS[which])
    wire = importlib.import_module("benchmarks.wire").Wire()
    with wire:
        handler.handle(event, None)
    spent = time.process_time() - began
    code = Path(str(importlib.import_module("rules.netlib.permissions").__file__))
    told = {"seconds": spent, "calls": wire.calls, "unpacked": code.is_relative_to(unpacked)}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])

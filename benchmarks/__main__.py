"""`make bench`: every figure in one table; exit code 0 when all limits hold, else 2.

Usage: python -m benchmarks [--format table|json] [NAME ...]. No network, no AWS settings.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
import time
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

from benchmarks.figures import Figure

SUITES = ("verdicts", "warm", "cold", "size", "loop", "helps", "sandbox", "organization")
HOLDS, MISSED, USAGE = 0, 2, 64
HEAD = ("what", "measured", "limit", "unit", "absolute", "ok")


class Parser(argparse.ArgumentParser):
    """argparse ends with 2 where it is used wrongly, which here is a missed limit."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"benchmarks: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = Parser(prog="benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--format", choices=("table", "json"), default="table")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(SUITES)}")
    options = parser.parse_args(arguments)
    wrong = sorted(set(options.names) - set(SUITES))
    if wrong:
        parser.error(f"no figure {wrong[0]} - one of {', '.join(SUITES)}")
    found = measured(options.names or SUITES)
    sys.stdout.write(as_json(found) if options.format == "json" else as_table(found))
    return HOLDS if all(figure.ok for figure in found) else MISSED


def measured(names: Iterable[str]) -> list[Figure]:
    found: list[Figure] = []
    for name in names:
        began = time.monotonic()
        sys.stderr.write(f"{name} ...")
        sys.stderr.flush()
        found += import_module(f"benchmarks.{name}").figures()
        sys.stderr.write(f" {time.monotonic() - began:.0f} s\n")
    return found


def as_table(figures: Iterable[Figure]) -> str:
    rows = [HEAD, *map(row, figures)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.rjust(width) if number in (1, 2) else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(one, widths, strict=True))
        ).rstrip()
        for one in rows
    ]
    return "\n".join(lines) + "\n"


def row(figure: Figure) -> tuple[str, ...]:
    sign = "=" if figure.exact else "<="
    limit = f"{sign} {number(figure.limit)}"
    verdict = "ok" if figure.ok else "MISSED"
    return figure.what, number(figure.measured), limit, figure.unit, figure.told, verdict


def number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or value >= 100 else f"{value:.2f}"


def as_json(figures: Iterable[Figure]) -> str:
    told: dict[str, Any] = {
        "schema_version": 1,
        "python": platform.python_version(),
        "figures": [{**figure._asdict(), "ok": figure.ok} for figure in figures],
    }
    return json.dumps(told, indent=2) + "\n"


if __name__ == "__main__":
    sys.exit(main())

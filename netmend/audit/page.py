"""One file shows a report: HTML that loads nothing, Markdown, or JSON."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any, Final, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from netmend.audit.cases import Drift
from netmend.audit.changes import RULES, Table
from netmend.audit.drawing import draw
from netmend.audit.report import BROKEN, EMPTY, NOT_READ, VERIFIED, Report, is_safe
from netmend.audit.states import GROUPS, MENDED
from netmend.audit.text import brief, clock, duration, sentence, text, unlisted, visible
from rules.netlib.evidence import GENESIS

TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
SCHEMA: Final = 1
MOST_PROBLEMS: Final = 20
MOST_CARDS: Final = 200
MOST_MENDS: Final = 20
SHORT: Final = 12
"""Digits of a hash that stands in full in the row above."""

LOOKS: Final = {
    VERIFIED: ("good", "✓"),
    BROKEN: ("bad", "✗"),
    EMPTY: ("calm", "–"),  # noqa: RUF001 - a dash is meant
    NOT_READ: ("bad", "✗"),
}


class Row(NamedTuple):
    """One record in the table of the chain."""

    number: int
    time: str
    kind: str
    outcome: str
    resource: str
    hash: str
    previous: str
    check: str


def html(report: Report) -> str:
    """The whole page."""
    style = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    tone, symbol = LOOKS[report.verdict]
    if report.unread:
        tone = "bad"
    return (
        _environment(True, _shown)
        .get_template("report.html")
        .render(
            **_context(report),
            style=Markup(style),  # noqa: S704 - it is our own
            style_hash=f"sha256-{digest}",
            tone=tone,
            symbol=symbol,
            lanes=[(lane, draw(lane)) for lane in report.lanes],
        )
    )


def markdown(report: Report) -> str:
    """The same in brief, for a ticket or a terminal."""
    page = _environment(False, _marked).get_template("report.md").render(**_context(report))
    return re.sub(r"\n{3,}", "\n\n", page)


def _environment(escaped: bool, finalize: Callable[[Any], Any]) -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=escaped,  # noqa: S701 - Markdown has an escape of its own, see _marked
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _shown(value: Any) -> Any:
    """Every text that a template puts out passes here, and markup of its own does not."""
    return value if hasattr(value, "__html__") or not isinstance(value, str) else visible(value)


SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|!~])")


def _marked(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return SPECIAL.sub(r"\\\1", " ".join(visible(value).split()))


def _context(report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "verification": verification(report),
        "chains": list(_chains(report)),
        "groups": GROUPS,
        "brief": brief,
        "unlisted": unlisted,
        "clock": clock,
        "duration": duration,
        "is_safe": is_safe,
        "sentence": sentence,
        "told": told,
        "cards": cards(report.drifts),
        "most_problems": MOST_PROBLEMS,
    }


def cards(drifts: Sequence[Drift]) -> set[str]:
    """Ids of the drifts that are told whole: all, but of very many the newest of each kind."""
    if len(drifts) <= MOST_CARDS:
        return {drift.id for drift in drifts}
    mended = [drift.id for drift in drifts if drift.state.group == MENDED]
    other = [drift.id for drift in drifts if drift.state.group != MENDED]
    return {*other[-MOST_CARDS:], *mended[-MOST_MENDS:]}


def told(table: Table, row: Sequence[str]) -> str:
    """One row of a table of changes in words."""
    if table.columns != RULES:
        return ", ".join(filter(None, row))
    protocol, ports, sources, description, ids = row
    what = "all protocols" if protocol == "all" else f"{protocol} {'' if ports == 'all' else ports}"
    said = f' "{description}"' if description else ""
    return f"{what.strip()} from {sources}{said}" + (f" ({ids})" if ids else "")


def verification(report: Report) -> str:
    """What is known of the chain, in a sentence."""
    if report.verdict == NOT_READ:
        return "The evidence bucket could not be read, so that nothing of the chain is known."
    if report.verdict == EMPTY:
        return "Nothing is recorded yet: the bucket holds no record and the ledger has no head."
    said = f"{report.verification.count:,} records: {report.verification.message}"
    if report.head is None:
        return f"{said}. Without a head, records cut off at the end would not be missed."
    return f"{said}. Head from {report.head_from}: {report.head.number}:{report.head.hash}"


def _chains(report: Report) -> Iterator[tuple[str, list[Row]]]:
    for chain, links in groupby(report.links, key=lambda link: link.chain):
        rows: list[Row] = []
        for link in links:
            of = {n: text(link.record, n) for n in ("time", "kind", "outcome", "resource", "hash")}
            previous = text(link.record, "previous")
            if rows and rows[-1].hash == previous and not link.problem:
                previous = f"{previous[:SHORT]}…"
            elif previous == GENESIS:
                previous = "64 zeros: the first"
            check = f"✗ {link.problem}" if link.problem else "✓ verified"
            rows.append(Row(link.number, **of, previous=previous, check=check))
        yield chain, rows


def as_json(report: Report) -> str:
    """Everything, as the records have it; ASCII alone, so that no terminal obeys it."""
    return json.dumps(document(report), indent=1) + "\n"


def document(report: Report) -> Mapping[str, Any]:
    """The report as JSON types."""
    live = report.live
    return {
        "schema_version": SCHEMA,
        "made": report.made,
        "version": report.version,
        "source": report.source,
        "verification": {
            "verdict": report.verdict,
            "message": verification(report),
            "records": report.verification.count,
            "problems": report.problems,
            "head": asdict(report.head) if report.head else None,
            "head_from": report.head_from,
        },
        "sources": [asdict(source) for source in live.sources] if live else [],
        "places": report.places,
        "period": report.period,
        "summary": _summary(report) if report.is_read else None,
        "waiting": [asdict(one) for one, _ in report.waiting],
        "broken": [drift.id for drift in report.broken],
        "open": [{**one._asdict(), "last": one.last and one.last.id} for one in report.left],
        "drifts": [_drift(report, drift) for drift in report.drifts],
        "trials": [_drift(report, drift) for drift in report.trials],
        "chain": [
            {"chain": chain, **row._asdict()} for chain, rows in _chains(report) for row in rows
        ],
        "controls": [
            {"rule": c.rule, "title": c.title, "severity": c.severity, "frameworks": c.frameworks}
            for c in report.controls
        ],
        "flow": [asdict(lane) for lane in report.lanes],
    }


def _summary(report: Report) -> dict[str, Any]:
    times = report.times._asdict() if report.times else None
    return {"drifts": len(report.drifts), **report.counts, "time_to_mend": times}


def _drift(report: Report, drift: Drift) -> dict[str, Any]:
    found = {name: _plain(value) for name, value in vars(drift).items()}
    found["captions"] = drift.captions
    return {**found, "severity": report.severity(drift.control), "proof": dict(drift.proof)}


def _plain(value: Any) -> Any:
    """Named tuples as objects, all the way down."""
    if hasattr(value, "_asdict"):
        return {name: _plain(one) for name, one in value._asdict().items()}
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value


FORMATS: Final[Mapping[str, Callable[[Report], str]]] = {
    "html": html,
    "json": as_json,
    "md": markdown,
}

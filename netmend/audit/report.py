"""A report is computed from evidence, templates and what AWS says now; nothing is typed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median
from typing import Final, NamedTuple

from netmend import catalog
from netmend.audit.cases import Drift, drifts
from netmend.audit.evidence import Head, Link, Verification, verify
from netmend.audit.flow import Lane, lanes
from netmend.audit.live import Live, Open, Source, Waiting
from netmend.audit.source import Record
from netmend.audit.states import (
    FAILED,
    GROUPS,
    INTERRUPTED,
    REFUSED,
    UNFINISHED,
    UNREAD,
    WAITING,
    advice,
)
from netmend.audit.text import moment, text
from netmend.catalog import Control
from rules.netlib.version import VERSION

SAFE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9:/_.-]{0,127}")
"""What may stand in a command that somebody copies."""

NAME: Final = 60
"""Characters of a name that the head of the page shows."""

VERIFIED, BROKEN, EMPTY, NOT_READ = "VERIFIED", "NOT VERIFIED", "EMPTY", "NOT READ"


class Times(NamedTuple):
    """Seconds from Config's recorded drift to the verified mend.

    mends: how many were timed; asked: how many of them waited for a person's answer.
    """

    mends: int
    asked: int
    median: float
    longest: float


class Left(NamedTuple):
    """A resource that is open now, or was when its last record was written."""

    resource: str
    control: str
    said: str
    since: str
    last: Drift | None


@dataclass(frozen=True)
class Report:
    """All that a page shows. made: when, in UTC. head_from: whose word the head is, '' for none.

    trials: of `netmend verify --live`, which are no drifts and need nobody.
    """

    made: str
    source: str
    head: Head | None
    head_from: str
    verification: Verification
    drifts: tuple[Drift, ...]
    trials: tuple[Drift, ...]
    live: Live | None
    controls: tuple[Control, ...]
    lanes: tuple[Lane, ...]
    version: str = VERSION

    @property
    def verdict(self) -> str:
        if self.live and self.live.records is None:
            return NOT_READ
        if self.live and not self.links and not self.head:
            return EMPTY
        return VERIFIED if self.verification.ok else BROKEN

    @property
    def is_read(self) -> bool:
        """Whether anything is known of drifts; where it is not, nothing may be said of them."""
        return self.verdict != NOT_READ

    @property
    def has_current(self) -> bool:
        """Whether all that is said of now is AWS's own word."""
        return self.live is not None and not self.live.unread

    @property
    def problems(self) -> tuple[str, ...]:
        """Of the chain; none where it was not read, or nothing was ever written."""
        return self.verification.problems if self.verdict in (VERIFIED, BROKEN) else ()

    @property
    def links(self) -> tuple[Link, ...]:
        return self.verification.links

    @property
    def unread(self) -> Sequence[Source]:
        """What could not be read, each with its reason."""
        return self.live.unread if self.live else ()

    @cached_property
    def period(self) -> tuple[str, str]:
        """The first and the last time that a record states; '' where none does."""
        said = (text(link.record, "time") for link in self.links)
        found = sorted((when, one) for one in said if (when := moment(one)))
        return (found[0][1], found[-1][1]) if found else ("", "")

    @cached_property
    def places(self) -> tuple[str, ...]:
        """account/Region of each chain, and of what was read live."""
        named = (d for d in (*self.drifts, *self.trials) if d.account or d.region)
        found = {f"{d.account}/{d.region}"[:NAME] for d in named}
        live = {f"{self.live.account}/{self.live.region}"} if self.live else set()
        return tuple(sorted(found | live))

    @cached_property
    def versions(self) -> tuple[str, ...]:
        """Of Netmend, as records state them."""
        found = {text(link.record, "version")[:NAME] for link in self.links}
        return tuple(sorted(found - {""}))

    @cached_property
    def odd(self) -> tuple[Link, ...]:
        """Records that are part of no drift, because they can't be read or are of no known kind."""
        known = {(d.chain, n) for d in (*self.drifts, *self.trials) for n in d.numbers}
        return tuple(link for link in self.links if (link.chain, link.number) not in known)

    @cached_property
    def counts(self) -> dict[str, int]:
        """Drifts by what became of them, every group."""
        found = [drift.state.group for drift in self.drifts]
        counts = {group: found.count(group) for group in GROUPS}
        counts[WAITING] = len(self.waiting)
        counts[UNREAD] += len(self.odd)
        return counts

    @cached_property
    def times(self) -> Times | None:
        mended = [d for d in self.drifts if d.seconds is not None and d.state.group == "mended"]
        seconds = [d.seconds for d in mended if d.seconds is not None]
        if not seconds:
            return None
        asked = sum(drift.asked for drift in mended)
        return Times(len(seconds), asked, median(seconds), max(seconds))

    @cached_property
    def latest(self) -> dict[tuple[str, str, str, str], Drift]:
        """The drift of each resource under each rule that has the last word."""
        ordered = sorted(self.drifts, key=lambda drift: drift.numbers[-1])
        return {drift.subject: drift for drift in ordered}

    @cached_property
    def waiting(self) -> tuple[tuple[Waiting, Drift | None], ...]:
        """Each question that waits, with its evidence: of Systems Manager where it was read."""
        known = {d.execution: d for d in self.drifts if d.state.group == WAITING}
        if self.live and self.live.waiting is not None:
            trials = {drift.execution for drift in self.trials}
            found = (one for one in self.live.waiting if one.execution not in trials)
            return tuple((one, known.get(one.execution)) for one in found)
        return tuple((_asked(drift), drift) for drift in known.values())

    @cached_property
    def broken(self) -> tuple[Drift, ...]:
        """What failed, was interrupted or can't be relied on, and was not mended since."""
        groups = (FAILED, INTERRUPTED, UNREAD)
        return tuple(d for d in self.latest.values() if d.state.group in groups)

    @cached_property
    def left(self) -> tuple[Left, ...]:
        """What Config says is open now; without its word, what the last record left open."""
        if self.live and self.live.open is not None:
            return tuple(self._open(one) for one in self.live.open)
        return tuple(
            Left(d.resource, d.control, d.opened or d.reason, d.times[-1].time, d)
            for d in self.latest.values()
            if d.state.group == REFUSED and not d.is_over
        )

    def _open(self, one: Open) -> Left:
        control = next((c.rule for c in self.controls if one.rule.startswith(c.name)), one.rule)
        place = (self.live.account, self.live.region) if self.live else ("", "")
        subject = (*place, control, one.resource)
        tried = {drift.subject: drift for drift in self.trials}  # it may be open all the same
        last = self.latest.get(subject) or tried.get(subject)
        return Left(one.resource, control, one.annotation, one.since, last)

    def severity(self, control: str) -> str:
        found = next((c.severity for c in self.controls if c.rule == control), "")
        return found or "severity not known to this version"

    def title(self, control: str) -> str:
        return next((c.title for c in self.controls if c.rule == control), control)


def _ended(drift: Drift, live: Live | None) -> Drift:
    """A question whose run waits no more, says Systems Manager, is one that was not closed."""
    if drift.state.group != WAITING or live is None or live.waiting is None:
        return drift
    if any(one.execution == drift.execution for one in live.waiting):
        return drift
    reason = "its run waits no more, and ended without closing its books"
    said = advice("UNFINISHED", reason)
    return replace(drift, outcome="UNFINISHED", state=UNFINISHED, reason=reason, advice=said)


def _asked(drift: Drift) -> Waiting:
    document = next((value for name, value in drift.proof if name == "document"), "")
    since = next((m.time for m in drift.times if m.what.startswith("question")), "")
    asked = drift.question
    return Waiting(drift.execution, document, drift.resource, drift.rule, since, asked, ())


def is_safe(word: str) -> bool:
    """Whether a word of a record may stand in a command."""
    return SAFE.fullmatch(word) is not None


def build(
    found: Iterable[Record],
    *,
    made: str,
    source: str,
    head: Head | None = None,
    head_from: str = "",
    live: Live | None = None,
) -> Report:
    """The report of the records of a source; live: what else was read of the same place."""
    verification = verify(found, head)
    told = [_ended(drift, live) for drift in drifts(verification.links)]
    return Report(
        made=made,
        source=source,
        head=head,
        head_from=head_from if head else "",
        verification=verification,
        drifts=tuple(drift for drift in told if not drift.trial),
        trials=tuple(drift for drift in told if drift.trial),
        live=live,
        controls=catalog.load().controls,
        lanes=lanes(),
    )


def of_live(live: Live, *, made: str, head: Head | None = None) -> Report:
    """The report of an account and Region; head: one that is known from elsewhere."""
    return build(
        live.records or (),
        made=made,
        source=f"AWS account {live.account}, Region {live.region}, read live",
        head=head or live.head,
        head_from="the caller" if head else "the ledger",
        live=live,
    )

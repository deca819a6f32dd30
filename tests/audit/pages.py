"""Reports of every kind: of all outcomes, of broken and of hostile records, of live accounts."""

from __future__ import annotations

from typing import Any

from netmend.audit.evidence import Head
from netmend.audit.live import Live, Open, Source, Waiting
from netmend.audit.report import Report, build, of_live
from tests.audit.chains import (
    ACCOUNT,
    REGION,
    RULE,
    Records,
    execution,
    grant,
    intent,
    outcome,
    question,
    raised,
    record,
    refusal,
    sealed,
)

MADE = "2026-11-02T00:00:00.000Z"
EVIL = "</td></style><script>alert(1)</script>\u202e&amp;\x00" + "x" * 100_000


def made(records: Records, head: Head | None = None) -> Report:
    return build(records, made=MADE, source="a folder", head=head, head_from="the caller")


def mixed() -> Records:
    return sealed(
        intent(1),
        outcome(1),
        question(2),
        refusal(3, "HELD", "the moon is full"),
        intent(4),
        outcome(4, "FAILED"),
        intent(5),
        question(6),
        outcome(6, "REJECTED"),
        record(7, "heartbeat", "FINE"),
    )


def evil(value: Any) -> Any:
    """The same shape with hostile texts."""
    if isinstance(value, dict):
        return {name: evil(one) for name, one in value.items()}
    if isinstance(value, list):
        return [evil(one) for one in value]
    return EVIL if isinstance(value, str) else value


def hostile() -> Records:
    whole = {**intent(1), **outcome(1), "approval": {"decisions": [{"Approver": "a"}]}}
    return sealed(
        *(evil(whole) | {"kind": kind, "execution": kind} for kind in ("intent", "outcome")),
        evil(question(2)) | {"kind": "question"},
        evil(refusal(3, "x", "y")) | {"kind": "refusal"},
        evil(record(4, "x", "y")),
        {"kind": ["intent"], "plan": 3},
        {},
    )


def broken(records: Records) -> Records:
    name, data = records[1]
    return [records[0], (name, data.replace(b"MENDED", b"FAILED")), *records[3:], ("x.json", b"{")]


def live(**parts: Any) -> Report:
    waiting = Waiting(
        execution(2), "Netmend-RevokePublicIngress", "sg-2", RULE, MADE, "Why?", ("eve",)
    )
    now = [Open(RULE, "AWS::EC2::SecurityGroup", "sg-9", "open to ::/0: tcp/22", MADE)]
    source = Source("the bucket", "s3:GetObject", MADE, "")
    given = {"sources": [source], "records": mixed(), "waiting": [waiting], "open": now} | parts
    return of_live(Live(ACCOUNT, REGION, **given), made=MADE)


def unread() -> Report:
    source = Source("the bucket", "s3:GetObject", MADE, "AWS refused GetObject: AccessDenied")
    return live(sources=[source], records=None, waiting=None, open=None)


PAGES = {
    "of every outcome": made(mixed()),
    "of trials": made(
        sealed(raised(1), intent(2, scratch=grant(2)), outcome(2), raised(3), intent(4), outcome(4))
    ),
    "with a head": made(sealed(intent(1), outcome(1)), Head(2, "0" * 64)),
    "of a broken chain": made(broken(mixed())),
    "of hostile records": made(hostile()),
    "of refusals alone": made(sealed(*(refusal(n, "OBSERVE", "observe") for n in range(3)))),
    "of one question": made(sealed(question(1))),
    "of what can't be read": made([("000000000001.json", b"\xff")]),
    "of a live account": live(),
    "of an account without records": live(records=[], waiting=[], open=[]),
    "of an account that can't be read": unread(),
    "of very many drifts": made(sealed(*(intent(n) for n in range(300)))),
}

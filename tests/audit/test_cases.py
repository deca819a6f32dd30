"""Records of a run become one drift, whose state is what its last verified record says."""

from __future__ import annotations

from typing import Any

import pytest

from netmend.audit.cases import Drift, drifts
from netmend.audit.evidence import verify
from netmend.audit.states import STATES
from tests.audit.chains import (
    Records,
    drift,
    execution,
    intent,
    outcome,
    permission,
    question,
    record,
    refusal,
    sealed,
)

APPROVED = {
    "Approver": "arn:aws:iam::1:user/eve",
    "Decision": "Approved",
    "Time": "t",
    "Comment": "",
}


def told(*contents: dict[str, Any]) -> tuple[Drift, ...]:
    return drifts(verify(sealed(*contents)).links)


STORIES = {
    "an intent and an outcome are a mend": ([intent(1), outcome(1)], "MENDED", "mended"),
    "a question without an answer waits": ([question(1)], "WAITING", "waiting"),
    "an approved question is a mend": ([question(1), intent(1), outcome(1)], "MENDED", "mended"),
    "a rejected question is refused": (
        [question(1), outcome(1, "REJECTED")],
        "REJECTED",
        "refused",
    ),
    "an expired question is refused": ([question(1), outcome(1, "EXPIRED")], "EXPIRED", "refused"),
    "an intent alone is not closed": ([intent(1)], "UNFINISHED", "interrupted"),
    "a dead run is interrupted": (
        [intent(1), outcome(1, "INTERRUPTED")],
        "INTERRUPTED",
        "interrupted",
    ),
    "a failed run failed": ([intent(1), outcome(1, "FAILED")], "FAILED", "failed"),
    "a refusal is refused": ([refusal(1, "HELD", "no")], "HELD", "refused"),
    "an outcome of another version is unread": ([intent(1), outcome(1, "NEW")], "NEW", "unread"),
}


@pytest.mark.parametrize(("contents", "word", "group"), STORIES.values(), ids=STORIES.keys())
def test_what_became_of_it(contents: list[dict[str, Any]], word: str, group: str) -> None:
    (found,) = told(*contents)
    assert (found.outcome, found.state.group) == (word, group)
    assert found.numbers == tuple(range(1, len(contents) + 1))


def test_runs_that_overlap_are_told_apart() -> None:
    first, second = told(intent(1), intent(2), outcome(2), outcome(1, "FAILED"))
    assert (first.execution, first.outcome, first.numbers) == (execution(1), "FAILED", (1, 4))
    assert (second.execution, second.outcome, second.numbers) == (execution(2), "MENDED", (2, 3))


def test_a_mend_is_told_whole() -> None:
    approval = {"approval": {"decisions": [APPROVED]}}
    after = [permission(22, 22, "10.0.0.0/8", "192.168.0.0/16"), permission(80, 80, "192.0.2.0/24")]
    (found,) = told(question(1), intent(1, **approval), outcome(1, second=62, after=after))
    assert found.opened == "open to 0.0.0.0/0: tcp/22"
    assert found.seconds == 62.0
    assert found.asked
    assert [one.who for one in found.approvals] == ["arn:aws:iam::1:user/eve"]
    assert [(c.step, c.api, c.request_id) for c in found.calls] == [
        (
            "AuthorizeRemainder",
            "ec2:AuthorizeSecurityGroupIngress",
            "request-of-AuthorizeRemainder",
        ),
        ("RevokeOffenders", "ec2:RevokeSecurityGroupIngress", "request-of-RevokeOffenders"),
    ]
    assert found.changes.gone.rows == (("tcp", "22", "0.0.0.0/0", "ticket 4711", f"sgr-{1:017x}"),)
    assert found.changes.added.rows == (
        ("tcp", "22", "10.0.0.0/8, 192.168.0.0/16", "ticket 4711", ""),
    )
    assert found.changes.kept.rows == (("tcp", "80", "192.0.2.0/24", "", ""),)
    assert dict(found.proof)["digest of the plan"] == f"{1:064x}"
    assert all(moment.source for moment in found.times)


def test_what_aws_said_of_the_change_stands_before_what_was_planned() -> None:
    came = {
        "SecurityGroupRuleId": "sgr-new",
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "CidrIpv4": "10.0.0.0/8",
    }
    (failed,) = told(intent(1), outcome(1, "FAILED", added=[came], removed=None))
    assert failed.changes.added.rows == (("tcp", "22", "10.0.0.0/8", "", "sgr-new"),)
    assert (failed.changes.added_told, failed.changes.gone_told) == (True, False)
    (mended,) = told(intent(1), outcome(1, added=[came], removed=[{**came, "ToPort": 23}]))
    assert mended.changes.gone.rows == (("tcp", "22-23", "10.0.0.0/8", "", "sgr-new"),)


def test_times_are_known_only_for_mends_and_where_both_are_told() -> None:
    content = intent(1)
    content["drift"] = {**content["drift"], "recorded": "yesterday"}
    assert told(content, outcome(1))[0].seconds is None
    assert told(intent(1), outcome(1, "FAILED"))[0].seconds is None


def altered(records: Records, number: int) -> Records:
    name, data = records[number - 1]
    changed = data.replace(b"FAILED", b"MENDED").replace(b"0.1.0", b"9.9.9")
    return [*records[: number - 1], (name, changed), *records[number:]]


def test_an_altered_outcome_is_never_counted_as_a_mend() -> None:
    records = altered(sealed(intent(1), outcome(1, "FAILED"), intent(2), outcome(2)), 2)
    first, second = drifts(verify(records).links)
    assert first.state.word == "not verified"
    assert "record 2 was altered" in first.problems[0]
    assert second.state.word == "mended"


def test_both_neighbours_of_a_broken_link_are_not_verified() -> None:
    records = sealed(intent(1), outcome(1), intent(2), outcome(2))
    forged = sealed(intent(1), outcome(1, "FAILED"))[1]
    first, second = drifts(verify([records[0], forged, *records[2:]]).links)
    assert first.state.word == second.state.word == "not verified"


REASONS = {
    "raise the mode": ("OBSERVE", "the mode is observe", "Raise the mode"),
    "name approvers": ("HELD", "it needs approval and nobody may approve: x", "Name Approvers"),
    "run the checks": ("HELD", "enforce is refused until `netmend verify --live`", "verify --live"),
    "mend it elsewhere": (
        "HELD",
        "sg-1 belongs to account 2: it is shared",
        "account that owns it",
    ),
    "anything else": ("HELD", "the moon is full", "Take the reason away"),
}


@pytest.mark.parametrize(("word", "reason", "advised"), REASONS.values(), ids=REASONS.keys())
def test_a_refusal_says_what_would_change_it(word: str, reason: str, advised: str) -> None:
    (found,) = told(refusal(1, word, reason))
    assert found.reason == reason
    assert advised in found.advice


def test_every_outcome_but_a_mend_and_a_wait_has_an_advice() -> None:
    for word in STATES:
        (found,) = told(refusal(1, word, "why"))
        assert bool(found.advice) == (word not in ("MENDED", "WAITING", "EXEMPT")), word


HOSTILE: dict[str, Any] = {
    "nothing but a kind": {"kind": "outcome"},
    "every field is a number": dict.fromkeys(record(1, "x", "y"), 7) | {"kind": "intent"},
    "every field is a list": {name: [None] for name in record(1, "x", "y")} | {"kind": "refusal"},
    "a plan that is text": {**intent(1), "plan": "calls"},
    "calls that are numbers": {**outcome(1), "calls": [1, None, "x", [], {"inputs": 3}]},
    "rules that are numbers": {**intent(1), "plan": {"before": [1], "after": [2], "calls": [3]}},
    "rules without sources": {**intent(1), "plan": {"before": [{"IpProtocol": 6}], "after": []}},
    "ranges that are text": {
        **intent(1),
        "plan": {"after": [{"IpProtocol": "tcp", "IpRanges": "10.0.0.0/8"}]},
    },
    "violations of another rule": {**intent(1), "drift": {"violations": [{"route": "0/0"}, 5]}},
    "an endless number of addresses": {
        **intent(1),
        "drift": {"violations": [{"protocol": "x", "sources": ["y"], "addresses": 10**4000}]},
    },
    "changes that are numbers": {**outcome(1), "added": [1], "removed": [None], "after": {}},
    "checks that are text": {**intent(1), "verified": "yes", "scratch": [1]},
    "decisions that are text": {**outcome(1), "approval": {"decisions": "Approved"}},
    "a time before all times": {**intent(1), "drift": {"recorded": "0001-01-01T00:00:00+14:00"}},
    "a document that is a list": {**intent(1), "document": [1], "started": "now"},
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_record_of_any_shape_is_told_without_an_error(content: dict[str, Any]) -> None:
    (found,) = told(content)
    assert found.numbers == (1,)


def test_a_plan_of_another_kind_of_resource_has_tables_too() -> None:
    plan = {
        "before": [{"Destination": "0.0.0.0/0", "Target": "igw-1"}],
        "after": [{"Destination": "10.0.0.0/8", "Target": "tgw-1"}],
        "calls": [{"op": "DeleteRoute", "Destination": "0.0.0.0/0"}],
    }
    (found,) = told({**intent(1), **drift(1), "plan": plan}, outcome(1))
    assert found.changes.gone.columns == ("Destination", "Target")
    assert found.changes.gone.rows == (("0.0.0.0/0", "igw-1"),)
    assert found.changes.kept.rows == (("10.0.0.0/8", "tgw-1"),)

"""A trial of `netmend verify --live` is set apart, and nothing that only looks like one is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netmend.audit.report import Report
from tests.audit.chains import (
    LAMBDA_ERROR,
    OWN_WORDS,
    execution,
    grant,
    intent,
    outcome,
    question,
    raised,
    refusal,
    sealed,
)
from tests.audit.pages import live, made

Contents = list[dict[str, Any]]
SCRATCH = {"scratch": grant(1)}

TRIALS: dict[str, Contents] = {
    "a mend under the grant": [intent(1, **SCRATCH), outcome(1)],
    "a mend that has not ended": [intent(1, **SCRATCH)],
    "a mend that failed": [intent(1, **SCRATCH), outcome(1, "FAILED")],
    "a question that waits": [question(1, scratch=grant(1, "approve"))],
    "a rejected question": [question(1, **SCRATCH), outcome(1, "REJECTED")],
    "an approved question": [question(1, **SCRATCH), intent(1, **SCRATCH), outcome(1)],
    "a plan that was held": [refusal(1, "HELD", "no room") | SCRATCH],
    "a run for a rule that does not exist": [raised(1)],
}


@pytest.mark.parametrize("contents", TRIALS.values(), ids=TRIALS.keys())
def test_a_trial_is_no_drift_and_needs_nobody(contents: Contents) -> None:
    report = made(sealed(*contents))
    assert [one.resource for one in report.trials] == [f"sg-{1:017x}"]
    assert report.drifts == ()
    assert set(report.counts.values()) == {0}
    assert (report.waiting, report.broken, report.left, report.odd) == ((), (), (), ())
    assert len(report.links) == len(contents)


def granted(**other: str) -> Contents:
    return [intent(1, scratch=grant(1, **other)), outcome(1)]


DRIFTS: dict[str, Contents] = {
    "no grant": [intent(1), outcome(1)],
    "a grant for another group": [intent(1, scratch=grant(2)), outcome(1)],
    "a grant for another account": granted(account="210987654321"),
    "a grant for another Region": granted(region="eu-west-1"),
    "a grant that had ended": granted(until="2026-11-01T12:00:00.000Z"),
    "a grant for longer than an hour": granted(until="2026-11-01T13:00:02.000Z"),
    "a grant of no mode": granted(mode="observe"),
    "a grant of another schema": granted(schema="netmend-scratch/2"),
    "a grant that is no text": [intent(1, scratch=json.loads(grant(1))), outcome(1)],
    "a grant without a time of the record": [intent(1, **SCRATCH) | {"time": "noon"}, outcome(1)],
    "a grant at the end of all times": [
        intent(1, **SCRATCH) | {"time": "9999-12-31T23:59:59.000Z"},
        outcome(1),
    ],
    "a grant in the outcome alone": [intent(1), outcome(1, **SCRATCH)],
    "a change after the grant had ended": [question(1, **SCRATCH), intent(1), outcome(1)],
    "the tag and the name of a scratch group": [
        refusal(1, "OBSERVE", "the mode is observe") | {"tags": ["netmend:scratch"]}
    ],
    "the made-up rule's name, with a decision": [
        refusal(1, "HELD", LAMBDA_ERROR) | {"rule": raised(1)["rule"]}
    ],
    "the made-up rule's name, with another error": [raised(1) | {"reason": "Plan: AccessDenied"}],
    "the made-up rule's error, for a rule of a pack": [raised(1) | {"rule": intent(1)["rule"]}],
    "the made-up rule's error, after an intent": [raised(1, intent=1)],
}


@pytest.mark.parametrize("contents", DRIFTS.values(), ids=DRIFTS.keys())
def test_what_only_looks_like_a_trial_is_a_drift(contents: Contents) -> None:
    report = made(sealed(*contents))
    assert report.trials == ()
    assert [one.resource for one in report.drifts] == [f"sg-{1:017x}"]
    assert sum(report.counts.values()) == 1


def test_a_trial_whose_record_was_altered_is_a_drift_that_is_not_verified() -> None:
    (name, data), *rest = sealed(intent(1, **SCRATCH), outcome(1))
    report = made([(name, data.replace(b"enforce", b"approve")), *rest])
    assert report.trials == ()
    assert [one.state.word for one in report.broken] == ["not verified"]


LATER: dict[str, Contents] = {
    "a mend": [intent(2, scratch=grant(1)), outcome(2)],
    "a run for a rule that does not exist": [raised(2)],
}


@pytest.mark.parametrize("contents", LATER.values(), ids=LATER.keys())
def test_a_trial_settles_no_drift_of_the_same_group(contents: Contents) -> None:
    later = [one | {"resource": f"sg-{1:017x}"} for one in contents]
    report = made(sealed(intent(1), outcome(1, "FAILED"), *later))
    assert len(report.trials) == 1
    assert [one.execution for one in report.broken] == [execution(1)]


def waiting() -> Report:
    return live(records=sealed(question(2, scratch=grant(2))))


def test_a_trial_that_waits_asks_nobody() -> None:
    report = waiting()
    assert report.waiting == ()
    assert report.counts["waiting"] == 0
    assert [one.state.word for one in report.trials] == ["waits for a person"]


def test_what_config_holds_for_open_stands_there_trial_or_not() -> None:
    now = live().left[0]
    trial = question(9, scratch=grant(9)) | {"resource": "sg-9"}
    trial["scratch"] = grant(9, group="sg-9")
    (left,) = live(records=sealed(trial), waiting=[]).left
    assert (left.resource, left.since) == (now.resource, now.since)
    assert left.last is not None
    assert left.last.trial


def test_a_failure_is_told_by_its_own_words() -> None:
    (found,) = made(sealed(raised(1))).trials
    assert found.reason == OWN_WORDS

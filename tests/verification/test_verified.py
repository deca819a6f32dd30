"""Enforce is refused by everything but a whole record of this place; a grant is for one group."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from netmend.verification import record
from rules.netlib import verified
from rules.netlib.verified import MUST_PASS, SCRATCH_SCHEMA, granted, refusal

ACCOUNT, REGION, GROUP = "123456789012", "eu-central-1", "sg-0123456789abcdef0"
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
WHOLE = json.loads(record.text(ACCOUNT, REGION, "arn:aws:iam::1:user/a", MUST_PASS, NOW, "aws"))


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in WHOLE.items() if key != name}


REFUSED = {
    "there is no record": (None, "until `netmend verify --live` has passed"),
    "an empty text": ("", "is not a record"),
    "no JSON": ("passed", "is not a record"),
    "JSON that is no object": ("[]", "is not a record"),
    "JSON deeper than a parser goes": ("[" * 100_000, "is not a record"),
    "another schema": ({**WHOLE, "schema": "netmend-verified/2"}, "is not a record"),
    "a grant in the place of a record": ({**WHOLE, "schema": SCRATCH_SCHEMA}, "is not a record"),
    "no checks": (without("checks"), "is not a record"),
    "checks that are no list": ({**WHOLE, "checks": "all"}, "is not a record"),
    "no time": (without("passed"), "is not a record"),
    "a time without a zone": ({**WHOLE, "passed": "2026-05-04T12:00:00"}, "is not a record"),
    "a time that is a number": ({**WHOLE, "passed": 1}, "is not a record"),
    "a record of another account": ({**WHOLE, "account": "210987654321"}, "of another place"),
    "a record of another Region": ({**WHOLE, "region": "eu-west-1"}, "of another place"),
    "a record without a place": (without("account"), "of another place"),
    "a check that came later": (
        {**WHOLE, "checks": list(MUST_PASS[:-1])},
        "has passed check 16 too",
    ),
    "a record that a sandbox has left under another account": (
        {**WHOLE, "account": "210987654321", "made_for": "sandbox"},
        "was made for a sandbox",
        "210987654321",
    ),
    "truth in the place of a number": ({**WHOLE, "checks": [True, *MUST_PASS[1:]]}, "check 1 too"),
    "no check at all": ({**WHOLE, "checks": []}, "has passed check 1, 2, 3"),
}


@pytest.mark.parametrize("case", REFUSED.values(), ids=REFUSED)
def test_enforce_is_refused_for(case: tuple[Any, ...]) -> None:
    value, why, *account = case
    text = json.dumps(value) if isinstance(value, dict) else value
    said = refusal(text, account[0] if account else ACCOUNT, REGION)
    assert said.startswith("enforce is refused")
    assert why in said
    assert "netmend verify --live" in said


@pytest.mark.parametrize(
    "checks",
    [
        pytest.param(MUST_PASS, id="what must pass has passed"),
        pytest.param((*MUST_PASS, 5, 99), id="more than that has passed"),
    ],
)
def test_enforce_is_allowed_once(checks: tuple[int, ...]) -> None:
    assert refusal(json.dumps({**WHOLE, "checks": checks}), ACCOUNT, REGION) == ""


def test_record_fits_into_a_standard_parameter_with_a_hundred_checks() -> None:
    long_name = f"arn:aws:sts::{ACCOUNT}:assumed-role/{'r' * 64}/{'s' * 64}"
    text = record.text(ACCOUNT, REGION, long_name, range(100), NOW, record.AWS)
    assert len(text.encode()) < 4096


GRANT = {
    "schema": SCRATCH_SCHEMA,
    "account": ACCOUNT,
    "region": REGION,
    "group": GROUP,
    "mode": "enforce",
    "until": "2026-05-04T12:50:00.000Z",
}


@pytest.mark.parametrize("mode", ["approve", "enforce"])
def test_grant_lets_its_group_act(mode: str) -> None:
    text = json.dumps({**GRANT, "mode": mode})
    assert granted(text, GROUP, ACCOUNT, REGION, NOW) == mode
    assert granted(text, GROUP, ACCOUNT, REGION, NOW + timedelta(minutes=49, seconds=59)) == mode


def until(**later: int) -> str:
    return (NOW + timedelta(**later)).isoformat()


VOID = {
    "there is none": None,
    "an empty text": "",
    "no JSON": "sg-0123456789abcdef0",
    "a record in the place of a grant": WHOLE,
    "another schema": {**GRANT, "schema": "netmend-scratch/2"},
    "another group": {**GRANT, "group": "sg-0fedcba9876543210"},
    "every group": {**GRANT, "group": "*"},
    "a list of groups": {**GRANT, "group": [GROUP]},
    "a part of the id": {**GRANT, "group": "sg-"},
    "no group": {key: value for key, value in GRANT.items() if key != "group"},
    "another account": {**GRANT, "account": "210987654321"},
    "another Region": {**GRANT, "region": "eu-west-1"},
    "a mode that it cannot grant": {**GRANT, "mode": "off"},
    "a word that is no mode": {**GRANT, "mode": "everything"},
    "a list of modes": {**GRANT, "mode": ["enforce"]},
    "a time that is past": {**GRANT, "until": until(seconds=-1)},
    "the very moment": {**GRANT, "until": until()},
    "a time more than an hour ahead": {**GRANT, "until": until(hours=1, seconds=1)},
    "a time without a zone": {**GRANT, "until": "2026-05-04T12:50:00"},
    "no time": {key: value for key, value in GRANT.items() if key != "until"},
    "a time that is a number": {**GRANT, "until": 1777898400},
}


@pytest.mark.parametrize("value", VOID.values(), ids=VOID)
def test_grant_is_as_if_it_were_not_there_with(value: Any) -> None:
    text = json.dumps(value) if isinstance(value, dict) else value
    assert granted(text, GROUP, ACCOUNT, REGION, NOW) == ""


def test_a_set_of_checks_that_grew_has_no_number_twice() -> None:
    assert sorted(set(verified.MUST_PASS)) == list(verified.MUST_PASS)

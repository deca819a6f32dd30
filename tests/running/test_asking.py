"""On a terminal a run asks whoever sits there."""

from __future__ import annotations

import sys

import pytest
import typer

from tests.running.runs import Command


@pytest.mark.parametrize(("yes", "code"), [(True, 0), (False, 1)], ids=["yes", "no"])
def test_a_person_is_asked_once(
    run: Command, monkeypatch: pytest.MonkeyPatch, yes: bool, code: int
) -> None:
    asked: list[str] = []

    def confirm(text: str, **_: object) -> bool:
        asked.append(text)
        return yes

    monkeypatch.setattr(typer, "confirm", confirm)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    ran = run.seeded("ask.yaml", "-p", "SubnetId=@front")
    assert (ran.code, asked) == (code, ["Approve?"])
    assert "Ask waits for 2 of ann, bob: No public addresses in subnet-" in ran.progress


def test_nobody_is_asked_where_nobody_sits(run: Command) -> None:
    ran = run.seeded("ask.yaml", "-p", "SubnetId=@front")
    assert ran.code == 2
    assert "Ask waits for 2 of ann, bob" in ran.told

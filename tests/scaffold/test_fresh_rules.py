"""A rule that was just written passes all that one more rule can break, whatever it is typed to."""

from __future__ import annotations

from pathlib import Path

import pytest

from netmend.scaffold import types
from tests.scaffold.checkout import copied, expect

LONGEST_NAME = "A_RULE_WITH_AS_LONG_A_NAME_AS_THERE_IS_A"
FRESH = {
    LONGEST_NAME: "AWS::EC2::SecurityGroup",
    "ROUTE_TABLE_OF_A_TEST": "AWS::EC2::RouteTable",
    "OF_A_TEST": max(types.supported(), key=len),
}
WALKERS = " ".join(
    f"tests/test_{name}.py"
    for name in ("catalog", "runbooks", "wiring", "architecture", "templates")
)
"""Tests that look at each rule, runbook, pack and role there is."""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy with a rule of each kind."""
    root = copied(tmp_path_factory.mktemp("fresh"))
    for name, kind in FRESH.items():
        expect(root, f"make new-rule NAME={name} TYPE={kind}")
    return root


def test_the_longest_name_is_the_longest() -> None:
    assert len(LONGEST_NAME) == 40


def test_they_are_in_the_projects_style(fresh: Path) -> None:
    folders = " ".join(f"rules/{name}" for name in FRESH)
    expect(fresh, f".venv/bin/ruff check {folders} && .venv/bin/ruff format --check {folders}")
    expect(fresh, f".venv/bin/mypy {' '.join(f'rules/{name}/{name}.py' for name in FRESH)}")


def test_what_is_rendered_is_fresh(fresh: Path) -> None:
    expect(fresh, ".venv/bin/netmend render --check")


def test_every_test_passes_that_one_more_rule_can_break(fresh: Path) -> None:
    folders = " ".join(f"rules/{name}" for name in FRESH)
    # Bad parameters are those of one rule, and each deploys a stack.
    chosen = "-k 'not bad_parameter_of_a_rule'"
    expect(fresh, f".venv/bin/pytest {folders} tests/scaffold/raw_loop.py {WALKERS} {chosen}")

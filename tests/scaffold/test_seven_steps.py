"""Who takes the steps of CONTRIBUTING.md has a rule that passes, finds, and mends."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.scaffold.checkout import copied, expect
from tests.scaffold.contributing import apply, blocks

NAME = "SECURITY_GROUP_NO_TRIAL_RULES"
FOLDER = f"rules/{NAME}"
WALKERS = " ".join(
    f"tests/test_{name}.py" for name in ("catalog", "runbooks", "wiring", "architecture")
)
"""Tests that compare a rule with its runbook and its role; a fresh rule meets the others too."""

PARTS_OF_TEST = (
    f".venv/bin/ruff check {FOLDER} && .venv/bin/ruff format --check {FOLDER}",
    f".venv/bin/mypy {FOLDER}/{NAME}.py",
    ".venv/bin/netmend render --check",
    f".venv/bin/pytest {FOLDER} {WALKERS}",
)
"""Of `make test`, what one more rule can break; the rest of it runs beside this very test."""


def without_the_example(root: Path) -> Path:
    """Who reads the steps may have taken them in the checkout that is tested."""
    if (root / FOLDER).exists():
        shutil.rmtree(root / FOLDER)
        (root / "ssm-documents" / "RevokeTrialRules.yaml").unlink()
        expect(root, ".venv/bin/netmend render")
    return root


def test_the_steps_lead_to_a_rule_that_mends(tmp_path: Path) -> None:
    root = without_the_example(copied(tmp_path))
    steps = list(blocks())
    assert [block.step for block in steps] == sorted(block.step for block in steps)
    assert {block.step for block in steps} == set(range(1, 8))
    for _, kind, text in steps:
        if kind == "diff":
            apply(text, root)
        for line in text.splitlines() if kind == "sh" else ():
            for command in PARTS_OF_TEST if line == "make test" else (line,):
                expect(root, command)

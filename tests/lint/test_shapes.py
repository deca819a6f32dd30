"""A runbook of any shape gets findings: it never ends in an error of the linter itself."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netmend.lint import linting, rules
from netmend.lint.loading import load
from tests.lint.firing import FIRES
from tests.lint.silent import SILENT
from tests.lint.small import HEAD

WRONG = st.sampled_from(
    [None, True, -1, 1.5, "", "{{ x }}", "{{ Call.Out }}", "step:", [], {}, [[]], [None], {"a": 1}]
)


def trees() -> list[Any]:
    cases = [text for texts in [*FIRES.values(), *SILENT.values()] for text in texts]
    small = [text.replace("¶", "") for text in cases if len(text) < 5_000]
    return [load(text if "schemaVersion" in text else HEAD + text, "YAML").tree for text in small]


TREES = trees()


def paths(tree: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    found = [path] if path else []
    if isinstance(tree, dict | list):
        for key, item in items:
            found += paths(item, (*path, key)) if isinstance(item, dict | list) else [(*path, key)]
    return found


def judged(tree: Any) -> set[str]:
    runbook = linting.parse("a.json", json.dumps(tree))
    return {one.id for one in linting.findings(runbook, {"Child": runbook})}


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(TREES), st.data())
def test_a_wrong_value_anywhere_is_judged(tree: Any, data: st.DataObject) -> None:
    changed = copy.deepcopy(tree)
    *way, last = data.draw(st.sampled_from(paths(changed)))
    place = changed
    for part in way:
        place = place[part]
    place[last] = data.draw(WRONG)
    assert judged(changed) <= set(rules.RULES)


@pytest.mark.parametrize("tree", [None, [], "x", 5, {}, {"mainSteps": [1]}, {"mainSteps": {}}])
def test_what_is_no_runbook_at_all_is_an_error(tree: Any) -> None:
    assert judged(tree) & {"not-a-runbook", "refused"}

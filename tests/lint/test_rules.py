"""Each id has runbooks in which it fires, where it should, and runbooks in which nothing does."""

from __future__ import annotations

from pathlib import Path

import pytest

from netmend.lint import linting, rules
from netmend.lint.checks.children import Library
from netmend.lint.runbook import Finding
from netmend.lint.writing import line
from tests.lint.firing import FIRES
from tests.lint.silent import SILENT
from tests.lint.small import CHILD, HEAD, call, script

HERE = "¶"
DOCS = Path(__file__).parents[2] / "docs" / "lint.md"


def whole(text: str) -> str:
    return text if "schemaVersion" in text else HEAD + text


def findings(text: str) -> list[Finding]:
    child = linting.parse("Child.yaml", CHILD)
    library: Library = {"Child": child}
    return linting.findings(linting.parse("Parent.yaml", text), library)


def numbered(cases: dict[str, list[str]]) -> list[pytest.param]:  # type: ignore[valid-type]
    return [
        pytest.param(name, text, id=f"{name} {number}")
        for name, texts in cases.items()
        for number, text in enumerate(texts, 1)
    ]


@pytest.mark.parametrize(("name", "text"), numbered(FIRES))
def test_a_wrong_runbook_has_that_finding_where_it_is_wrong(name: str, text: str) -> None:
    marked = whole(text)
    before, found, after = marked.partition(HERE)
    assert found
    told = [one for one in findings(before + after) if one.id == name]
    place = (before.count("\n") + 1, len(before) - before.rfind("\n"))
    assert [(one.line, one.column) for one in told] == [place]
    assert told[0].level == rules.RULES[name].level
    assert told[0].reason
    assert told[0].fix


@pytest.mark.parametrize(("name", "text"), numbered(SILENT))
def test_a_right_runbook_has_no_finding_at_all(name: str, text: str) -> None:
    assert findings(whole(text)) == []


def test_every_id_has_both_kinds_of_examples_and_no_other_id_has() -> None:
    assert set(FIRES) == set(SILENT) == set(rules.RULES)


def test_the_page_shows_a_finding_as_it_is_told() -> None:
    text = HEAD + call("Service: ec2\nApi: DescribeVpcs\nVpcId: vpc-1")
    (shown,) = (row for row in DOCS.read_text(encoding="utf-8").splitlines() if " takes no " in row)
    told = [line(one) for one in findings(text)]
    assert [one.partition(": ")[2] for one in told] == [shown.partition(": ")[2]]


def test_a_comment_in_a_script_suppresses_what_is_on_its_line() -> None:
    text = HEAD + script("def handler(events):  # netmend: ignore=handler-arguments\n    return 1")
    assert findings(text) == []


def test_the_page_has_the_table_of_all_ids() -> None:
    assert rules.markdown() in DOCS.read_text(encoding="utf-8")

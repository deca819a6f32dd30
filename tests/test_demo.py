"""What `make demo` shows is the whole loop: every drift found, mended, and proved."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from netmend import demo
from netmend.audit.evidence import verify
from netmend.audit.source import folder_records
from netmend.demo.network import DRIFTS, FINE, LEFT

GROUPS = {"mended": "mended", "waits for a person": "waiting", "observed only": "refused"}
NAMES = [drift.name for drift in DRIFTS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the demo keeps its report; something of an older demo lies there."""
    folder = tmp_path_factory.mktemp("build") / ("a-long-name-" * 10) / "report"
    (folder / "evidence").mkdir(parents=True)
    (folder / "evidence" / "old.json").touch()
    return folder


@pytest.fixture(scope="module")
def told(folder: Path) -> str:
    """All that the demo says on a terminal of 200 columns; it ends with exit code 0."""
    console = Console(record=True, width=200, file=StringIO())
    code = demo.run(console, folder)
    text = console.export_text()
    assert code == 0, text
    return text


def section(told: str, name: str) -> str:
    """What is told of one drift, from its name to the empty line."""
    found = re.search(rf"^{name} \(sg-[0-9a-f]+\): .*?\n\n", told, re.MULTILINE | re.DOTALL)
    assert found, f"nothing is told of {name}"
    return found[0]


@pytest.mark.parametrize("name", NAMES)
def test_each_drift_is_found_and_ends_compliant(told: str, name: str) -> None:
    lines = section(told, name).splitlines()
    (found,) = [n for n, line in enumerate(lines) if "AWS Config: NON_COMPLIANT" in line]
    (started,) = [n for n, line in enumerate(lines) if "EventBridge started" in line]
    (revoked,) = [n for n, line in enumerate(lines) if line.split()[:1] == ["RevokeOffenders"]]
    (ended,) = [n for n, line in enumerate(lines) if re.match(r"  COMPLIANT after [\d.]+ s", line)]
    assert 0 < found < started < revoked < ended


def test_all_protocols_alone_wait_for_the_approver(told: str) -> None:
    asked = [name for name in NAMES if "demo-approver" in section(told, name)]
    assert asked == ["lab"]
    assert re.search(r"demo-approver has read the plan and approves it", section(told, "lab"))


def test_the_table_has_a_row_for_each_drift(told: str) -> None:
    table = told.partition("What was mended")[2].partition("Looked alarming")[0]
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in table.splitlines()]
    assert [row[0] for row in cells if row and row[0] in NAMES] == NAMES
    begins = [n for n, row in enumerate(cells) if row and row[0] in NAMES]
    for begin, end in zip(begins, [*begins[1:], None], strict=True):
        shown = {row[1]: row for row in cells[begin:end] if row and row[1]}
        assert {"was open", "taken away"} <= set(shown)
        assert all(row[2] for row in shown.values())
        assert float(cells[begin][3]) >= 0
        assert ("approved by" in shown) == (cells[begin][0] == "lab")


def test_what_is_fine_is_shown_to_be_left_alone(told: str) -> None:
    fine = told.partition("Looked alarming, was fine, was not touched:")[2]
    for name, (story, _) in FINE.items():
        assert f"  COMPLIANT {name}: {story}" in fine


def test_the_default_mode_and_the_evidence_are_told(told: str) -> None:
    assert "The default mode is observe" in told
    (line,) = re.findall(r"^Evidence: (\d+) records, .+\.$", told, re.MULTILINE)
    # An intent and an outcome for each drift, the question, and what was left.
    assert int(line) == 2 * len(NAMES) + 1 + len(LEFT)


def test_what_is_left_is_told(told: str) -> None:
    left = told.partition("Not mended, and nothing was changed:")[2].partition("Evidence:")[0]
    for one in LEFT:
        assert f"  {one.told} {one.drift.name}: {one.drift.story}" in left


def test_the_last_line_is_the_path_of_the_report_alone(told: str, folder: Path) -> None:
    path = folder.resolve() / "index.html"
    assert told.splitlines()[-1] == str(path)
    page = path.read_text(encoding="utf-8")
    assert "Evidence chain: VERIFIED" in page
    for word, count in (("mended", len(NAMES)), ("waits for a person", 1), ("observed only", 1)):
        assert page.count(f'</h3><span class="state {GROUPS[word]}">') >= count, word
    assert "netmend approve" in page


def test_its_evidence_lies_beside_the_report(told: str, folder: Path) -> None:
    found = verify(folder_records(folder / "evidence"))
    assert found.ok
    assert f"Evidence: {found.count} records" in told

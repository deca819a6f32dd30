"""A page is its rule: every parameter, case, step, right and framework is there, and fresh."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from netmend import catalog
from netmend.explain import pages
from netmend.explain.page import Page, of_disk
from netmend.render import render
from netmend.rendering.pages import index, markdown
from netmend.rendering.text import RenderError
from tests.stacks import ROOT, Stack, statements, template

EVERY = of_disk(catalog.load())
RULES = pytest.mark.parametrize("page", EVERY, ids=lambda page: page.rule)


def text(page: Page, columns: int = 80) -> str:
    return "\n".join(line.text for line in pages.lines(page, columns))


def unwrapped(told: str) -> str:
    return " ".join(told.split())


def test_every_rule_has_a_page() -> None:
    assert [page.rule for page in EVERY] == [c.rule for c in catalog.load().controls]


@RULES
def test_both_forms_tell_everything(page: Page) -> None:
    for told in (unwrapped(text(page)), pages.bare(unwrapped(markdown(page)))):
        for parameter in page.parameters:
            assert parameter.name in told
            assert pages.bare(parameter.description) in told
            assert parameter.default.replace(",", ", ") in told
        for sentence in (*page.fires, *page.silent):
            assert f"- {pages.bare(sentence)}" in told
        for step in page.steps:
            assert step.name in told
            assert unwrapped(pages.bare(step.does)) in told
        for name, framework in page.frameworks.items():
            assert name in told
            assert ", ".join(framework["Ids"]) in told
        for allowed in page.allowed:
            assert ", ".join(allowed.actions) in told
        for _, why in (row for listing in page.listings for row in listing.rows):
            assert why in told


@RULES
def test_its_role_is_told_whole(page: Page) -> None:
    role = next(
        role
        for role in Stack(template("roles")).of("AWS::IAM::Role").values()
        if role["RoleName"] == f"netmend-{page.runbook}"
    )
    given = [s for policy in role["Policies"] for s in statements(policy["PolicyDocument"])]
    assert [one.sid for one in page.allowed] == [s["Sid"] for s in given]
    assert [list(one.actions) for one in page.allowed] == [s["Action"] for s in given]
    assert [bool(one.condition) for one in page.allowed] == ["Condition" in s for s in given]


@RULES
def test_its_changing_calls_are_counted(page: Page) -> None:
    document = (ROOT / "ssm-documents" / f"{page.runbook}.yaml").read_text()
    changing = re.findall(r"- name: (\w+)\n    action: aws:execute", document)
    assert page.changing == changing
    if changing:
        assert f"at most {len(changing)} API calls" in markdown(page)


@RULES
@pytest.mark.parametrize("columns", [80, 100])
def test_the_page_fits_the_terminal(page: Page, columns: int) -> None:
    commands = re.compile(r" {2}(aws|netmend) ")
    lines = [line for line in text(page, columns).splitlines() if not commands.match(line)]
    assert max(map(len, lines)) <= columns
    assert all(len(line) <= 80 for line in text(page).splitlines())


@RULES
def test_its_links_lead_somewhere(page: Page) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", markdown(page) + index(EVERY))
    assert links
    for link in links:
        assert (ROOT / "docs" / "rules" / link).exists(), link


@RULES
def test_json_is_the_page(page: Page, capsys: pytest.CaptureFixture[str]) -> None:
    pages.show(page, "json")
    told = json.loads(capsys.readouterr().out)
    assert told["schema_version"] == 1
    assert told["page"]["rule"] == page.rule
    assert told["page"]["fires"] == list(page.fires)


@RULES
def test_a_rule_is_found_by_all_its_names(page: Page) -> None:
    suffixed = f"{page.config_name}-conformance-pack-abc123def"
    for name in (page.rule, page.rule.lower(), page.config_name, suffixed):
        found = pages.find(name)
        assert found is not None
        assert found.rule == page.rule
    assert pages.find(f"{page.rule}_NOT") is None


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A repository with all that pages are rendered from."""
    for folder in ("ssm-documents", "conformance-packs", "cloudformation", "rules"):
        leave = shutil.ignore_patterns("__pycache__", "netlib", "handlers")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=leave)
    render(check=False, root=tmp_path)
    return tmp_path


def stale(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in render(check=True, root=root)]


RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
PAGE = f"docs/rules/{RULE}.md"
EDITS = {
    "a case": (f"rules/{RULE}/{RULE}_test.py", '"a web server"', '"a web site"', [PAGE]),
    "a reason": (f"rules/{RULE}/{RULE}.py", "RDP, over TCP", "RDP over TCP", [PAGE]),
    "the severity": (
        f"rules/{RULE}/parameters.json",
        '"Severity": "high"',
        '"Severity": "low"',
        ["docs/rules/README.md", PAGE],
    ),
    "a section of the runbook": (
        "ssm-documents/RevokePublicIngress.yaml",
        "never edits a shared prefix list",
        "edits no shared prefix list",
        ["cloudformation/remediation.yaml", PAGE],
    ),
    "a right of its role": (
        "cloudformation/roles.yaml",
        "Sid: AskPlanner\n",
        "Sid: AskPlanner \n",
        ["cloudformation/roles.yaml"],
    ),
}


@pytest.mark.parametrize(("path", "old", "new", "expected"), EDITS.values(), ids=EDITS.keys())
def test_an_edit_makes_the_page_stale(
    copy: Path, path: str, old: str, new: str, expected: list[str]
) -> None:
    assert stale(copy) == []
    whole = (copy / path).read_text(encoding="utf-8")
    assert old in whole
    (copy / path).write_text(whole.replace(old, new), encoding="utf-8")
    assert sorted(stale(copy)) == sorted(expected)


def test_the_page_of_no_rule_goes(copy: Path) -> None:
    (copy / "docs" / "rules" / "GONE_RULE.md").write_text("old\n")
    assert stale(copy) == ["docs/rules/GONE_RULE.md"]
    render(check=False, root=copy)
    assert stale(copy) == []


def test_a_test_without_its_tables_is_named(copy: Path) -> None:
    path = copy / "rules" / RULE / f"{RULE}_test.py"
    path.write_text(path.read_text().replace("SILENT:", "QUIET:").replace("SILENT.", "QUIET."))
    with pytest.raises(RenderError, match=r"_test\.py: it has no table SILENT"):
        render(check=True, root=copy)

"""The page is one well-formed file that loads nothing, whatever the records hold."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from netmend.audit import page
from netmend.audit.evidence import Head
from netmend.audit.report import Report
from netmend.catalog import ROOT
from rules.netlib.evidence import unseal
from tests.audit.chains import (
    LAMBDA_ERROR,
    OWN_WORDS,
    execution,
    intent,
    outcome,
    permission,
    question,
    record,
    refusal,
    sealed,
)
from tests.audit.pages import PAGES, live, made, mixed

every_page = pytest.mark.parametrize("report", PAGES.values(), ids=PAGES.keys())


TREES: dict[int, tuple[Report, ElementTree.Element]] = {}


def parsed(report: Report) -> ElementTree.Element:
    if id(report) not in TREES:
        TREES[id(report)] = report, ElementTree.fromstring(page.html(report))
    return TREES[id(report)][1]


def shown(element: ElementTree.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def named(root: ElementTree.Element, *tags: str) -> Iterator[ElementTree.Element]:
    return (one for one in root.iter() if one.tag.rpartition("}")[2] in tags)


@every_page
def test_it_is_well_formed_and_holds_no_script_and_no_address(report: Report) -> None:
    root = parsed(report)
    assert not list(named(root, "script", "link", "img", "iframe", "object", "base", "form"))
    for one in root.iter():
        for name, value in one.attrib.items():
            assert not name.startswith("on"), name
            assert name not in ("style", "src", "srcset", "action"), name
            assert name != "href" or re.fullmatch(r"#[a-z0-9-]+", value), value


@every_page
def test_its_policy_allows_its_own_style_alone(report: Report) -> None:
    root = parsed(report)
    (style,) = named(root, "style")
    digest = base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode()
    (policy,) = (m for m in named(root, "meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.get("content") == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in (style.text or "")
    assert "@import" not in (style.text or "")


@every_page
def test_it_can_be_used_without_eyes(report: Report) -> None:
    root = parsed(report)
    assert root.get("lang") == "en"
    assert [one.tag for one in named(root, "main")] == ["main"]
    levels = [int(one.tag[1]) for one in named(root, "h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in named(root, "table"):
        assert [shown(c) for c in named(table, "caption")] != [""]
        assert all(head.get("scope") for head in named(table, "th"))
        widths = {len(list(named(row, "th", "td"))) for row in named(table, "tr")}
        assert len(widths) == 1
    for svg in named(root, "svg"):
        assert all(shown(next(named(svg, part))) for part in ("title", "desc"))


@every_page
def test_every_link_leads_somewhere_and_no_id_is_given_twice(report: Report) -> None:
    root = parsed(report)
    ids = [one.get("id") for one in root.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    for name in ("href", "aria-labelledby"):
        for value in (one.get(name, "") for one in root.iter()):
            assert set(value.removeprefix("#").split()) <= set(ids)


@every_page
def test_every_drift_stands_in_the_page(report: Report) -> None:
    text = shown(parsed(report))
    for drift in report.drifts:
        assert drift.state.word in text
        assert drift.resource in text or len(drift.resource) > 2000 or "\x00" in drift.resource


@every_page
def test_equal_evidence_gives_equal_bytes(report: Report) -> None:
    again = Report(**{name: vars(report)[name] for name in report.__dataclass_fields__})
    for write in page.FORMATS.values():
        assert write(report) == write(again)


@every_page
def test_all_of_it_is_json_too(report: Report) -> None:
    text = page.as_json(report)
    assert text.isascii()
    found = json.loads(text)
    assert found["schema_version"] == 1
    assert found["verification"]["verdict"] == report.verdict
    assert len(found["drifts"]) == len(report.drifts)
    assert len(found["chain"]) == len(report.links)


def test_hostile_text_is_shown_as_text() -> None:
    root = parsed(PAGES["of hostile records"])
    text = shown(root)
    assert "</td></style><script>alert(1)</script>⟨U+202E⟩&amp;⟨U+0000⟩" in text
    assert "it has 100,0" in text


def test_hostile_text_stays_in_its_place_in_markdown() -> None:
    text = page.markdown(PAGES["of hostile records"])
    assert "<script" not in text.replace("\\<script", "")
    assert "\u202e" not in text
    assert "\x00" not in text


def nested(depth: int) -> list[object]:
    found: list[object] = []
    for _ in range(depth):
        found = [found]
    return found


def test_a_record_as_deep_as_can_be_sealed_is_shown() -> None:
    for depth in range(3000, 0, -20):
        try:
            records = sealed({**intent(1), "resource": nested(depth), "plan": nested(depth)})
        except RecursionError:
            continue
        break
    assert depth > 20
    report = made(records)
    assert "Every drift" in page.html(report)
    assert page.as_json(report)
    assert page.markdown(report)


def test_a_command_is_never_made_of_text_that_is_no_id() -> None:
    asked = {**question(1), "execution": "x; rm -rf /"}
    root = parsed(made(sealed(asked)))
    assert not [one for one in named(root, "pre") if one.get("class") == "command"]
    assert "no command is shown: x; rm -rf /" in shown(root)


def section(report: Report, name: str) -> str:
    (found,) = (one for one in named(parsed(report), "section") if one.get("id") == name)
    return shown(found)


def test_what_needs_a_person_comes_first_and_whole() -> None:
    text = section(PAGES["of every outcome"], "now")
    assert f"netmend approve {execution(2)}" in text
    assert "Netmend asks to change sg-00000000000000002." in text
    for run, word in ((4, "failed"), (5, "begun, not closed"), (3, "the moon is full")):
        assert f"sg-{run:017x}" in text
        assert word in text
    assert f"sg-{1:017x}" not in text


EMPTY = "Nothing waits for an answer, nothing failed, and nothing was left open"


def test_nothing_to_do_is_said() -> None:
    assert EMPTY in section(made(sealed(intent(1), outcome(1))), "now")
    report = PAGES["of an account without records"]
    assert EMPTY in section(report, "now")
    assert "No drift is recorded" in section(report, "drifts")
    assert report.verdict == "EMPTY"


def test_what_was_mended_since_needs_nobody() -> None:
    again = {**intent(2), "resource": f"sg-{1:017x}"}, {**outcome(2), "resource": f"sg-{1:017x}"}
    assert EMPTY in section(made(sealed(intent(1), outcome(1, "FAILED"), *again)), "now")


def test_a_run_that_was_stopped_needs_nobody_once_the_group_is_mended() -> None:
    stopped, closed = question(1), outcome(1, "INTERRUPTED", closed_by=execution(2))
    group = {"resource": f"sg-{1:017x}"}
    report = made(sealed(stopped, closed, intent(2) | group, outcome(2) | group))
    assert EMPTY in section(report, "now")
    assert "✗ interrupted" in section(report, "drifts")


def test_the_last_record_has_the_last_word_and_not_the_last_run() -> None:
    observed = refusal(2, "OBSERVE", "the mode is observe") | {"resource": f"sg-{1:017x}"}
    report = made(sealed(question(1), observed, intent(1), outcome(1)))
    assert EMPTY in section(report, "now")


def test_trials_stand_apart_and_in_the_chain() -> None:
    report = PAGES["of trials"]
    for run in (1, 2, 3):
        assert f"sg-{run:017x}" in section(report, "trials")
        assert f"sg-{run:017x}" in section(report, "chain")
        assert f"sg-{run:017x}" not in section(report, "drifts")
    assert EMPTY in section(report, "now")
    told = page.markdown(report)
    assert "## Trials of netmend verify --live" in told
    assert f"- sg-{2:017x}: mended, begun 2026-11-01T12:00:00.500Z, records 2, 3: open to" in told
    found = json.loads(page.as_json(report))
    assert found["summary"]["drifts"] == len(found["drifts"]) == 1
    assert len(found["trials"]) == 3


def test_a_failure_is_told_once_and_without_its_stack() -> None:
    failed = record(1, "outcome", "FAILED", reason=LAMBDA_ERROR)
    report = made(sealed(failed))
    drifts = page.markdown(report).partition("## Every drift")[2].partition("## Evidence")[0]
    for text in (section(report, "drifts"), drifts.replace("\\", "")):
        assert text.count(OWN_WORDS) == 1
    for write in page.FORMATS.values():
        assert "stackTrace" not in write(report)
        assert "^^^^" not in write(report)


PLANS = {
    "a refusal": ([refusal(1, "HELD", "the moon is full")], "as planned"),
    "a run that was not closed": ([intent(1)], "as planned"),
    "an interrupted run": ([intent(1), outcome(1, "INTERRUPTED")], "as planned"),
    "a mend": ([intent(1), outcome(1)], "done"),
}


@pytest.mark.parametrize(("contents", "state"), PLANS.values(), ids=PLANS.keys())
def test_a_plan_that_was_not_carried_out_is_not_told_as_done(
    contents: list[dict[str, object]], state: str
) -> None:
    report = made(sealed(*contents))
    planned = "To be taken away, as planned", "To be added, as planned"
    gone, added = planned if state == "as planned" else ("Taken away", "Added")
    assert f'- {gone}: tcp 22 from 0.0.0.0/0 "ticket 4711" (sgr-' in page.markdown(report)
    assert f"- {added}: tcp 22 from 10.0.0.0/8, 192.168.0.0/16" in page.markdown(report)
    (drift,) = json.loads(page.as_json(report))["drifts"]
    assert drift["captions"] == {"gone": gone, "added": added, "kept": "Kept as it was"}
    assert f"{gone} (1) " in section(report, "drifts")


def test_a_rule_for_everything_is_told_in_words() -> None:
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    icmp = permission(-1, -1, "0.0.0.0/0") | {"IpProtocol": "icmp"}
    held = refusal(1, "HELD", "it is held")
    held["plan"] = {"before": [everything, icmp], "after": [], "calls": []}
    told = page.markdown(made(sealed(held)))
    assert "as planned: all protocols from 0.0.0.0/0\n" in told
    assert "as planned: icmp from 0.0.0.0/0\n" in told


def test_a_full_stop_parts_why_from_what_would_change_it() -> None:
    told = page.markdown(made(sealed(refusal(1, "HELD", "the moon is full"))))
    assert "Why: the moon is full. Take the reason away" in told


def test_what_systems_manager_no_longer_waits_for_is_not_asked_for() -> None:
    report = live(records=sealed(question(2)), waiting=[], open=[])
    assert "netmend approve" not in section(report, "now")
    assert "ended without closing its books" in section(report, "now")
    assert report.counts["waiting"] == 0
    assert report.counts["interrupted"] == 1


def header(report: Report) -> str:
    return shown(
        next(one for one in named(parsed(report), "div") if "verdict" in one.get("class", ""))
    )


def test_a_broken_chain_is_said_first_with_each_problem() -> None:
    report = PAGES["of a broken chain"]
    text = header(report)
    assert "✗ Evidence chain: NOT VERIFIED" in text
    assert len(report.problems) >= 3
    assert all(problem in text for problem in report.problems)


def test_what_was_not_read_is_named_in_the_page() -> None:
    text = header(PAGES["of an account that can't be read"])
    assert "NOT READ" in text
    assert "the bucket: AWS refused GetObject: AccessDenied" in text


def test_of_what_was_not_read_nothing_is_said() -> None:
    report = PAGES["of an account that can't be read"]
    assert EMPTY not in shown(parsed(report))
    assert "Not everything could be read" in section(report, "now")
    assert "nothing can be said of any drift" in section(report, "drifts")
    numbers = next(one for one in named(parsed(report), "dl") if one.get("class") == "numbers")
    assert {shown(number) for number in named(numbers, "dd")} == {"?"}
    assert json.loads(page.as_json(report))["summary"] is None
    assert EMPTY not in page.markdown(report)


def test_a_head_that_is_not_given_is_said_to_be_missing() -> None:
    records = sealed(intent(1), outcome(1))
    assert "no head given" in header(made(records))
    newest = unseal(records[-1][1])
    text = header(made(records, Head(2, newest["hash"])))
    assert f"head confirmed). Head from the caller: 2:{newest['hash']}" in text


def test_the_chain_names_every_record_with_its_check() -> None:
    report = PAGES["of a broken chain"]
    text = section(report, "chain")
    for link in report.links:
        assert (link.problem or "✓ verified") in text


def test_a_record_that_is_part_of_no_drift_is_named() -> None:
    report = PAGES["of every outcome"]
    assert "does not know: record 10." in section(report, "chain")
    assert report.counts["unread"] == 1


def test_of_very_many_drifts_the_table_has_all_and_says_so() -> None:
    text = section(PAGES["of very many drifts"], "drifts")
    assert "200 of 300 drifts are told whole below" in text
    assert all(f"sg-{run:017x}" in text for run in range(300))


def test_a_page_of_very_many_records_stays_small() -> None:
    records = sealed(*(one for run in range(1000) for one in (intent(run), outcome(run))))
    assert len(page.html(made(records)).encode()) < 1_000_000


COLOURS = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")
PAIRS = (
    *((ink, paper) for ink in ("ink", "muted", "link") for paper in ("paper", "card", "sunk")),
    *(
        (tone, ground)
        for tone in ("good", "bad", "wait", "calm")
        for ground in (f"{tone}-soft", "card")
    ),
    *(("ink", f"{tone}-soft") for tone in ("good", "bad", "wait", "calm")),
)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_text_has_contrast_in_each_scheme() -> None:
    css = (ROOT / "netmend/audit/templates/report.css").read_text()
    schemes = [
        dict(COLOURS.findall(block)) for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    ]
    assert len(schemes) == 3  # light, dark, print
    for scheme in schemes:
        for ink, ground in PAIRS:
            low, high = sorted((luminance(scheme[ink]), luminance(scheme[ground])))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (ink, ground)


def test_severity_and_frameworks_come_from_the_catalog() -> None:
    report = made(mixed())
    for control in report.controls:
        text = section(report, "controls")
        assert control.title in text
        for name, of in control.frameworks.items():
            assert f"{name} {', '.join(of['Ids'])} {of['Mapping']}" in text
    unknown = {**intent(1), "control": "SOMETHING_ELSE"}
    assert "severity not known to this version" in section(made(sealed(unknown)), "drifts")


def test_the_times_are_of_verified_mends_alone() -> None:
    records = sealed(intent(1), outcome(1, second=10), intent(2), outcome(2, second=30), intent(3))
    report = made(records)
    assert report.times is not None
    assert (report.times.mends, report.times.median, report.times.longest) == (2, 20.0, 30.0)
    assert made(sealed(intent(1))).times is None

"""`netmend report` writes what it found, and its exit code says how far that can be relied on."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend import cli
from netmend.audit.source import Clients
from netmend.sandbox.core import Sandbox
from netmend.verification import place
from netmend.verification.openings import opened
from netmend.verification.stage import Stage
from rules.netlib.evidence import unseal
from tests.audit.chains import Records, execution, intent, outcome, question, sealed
from tests.loop.world import World, permission

CHAIN = sealed(intent(1), outcome(1), question(2))


@pytest.fixture
def source(tmp_path: Path) -> str:
    return laid(tmp_path / "evidence", CHAIN)


def laid(folder: Path, records: Records) -> str:
    for name, body in records:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return str(folder)


def head(records: Records) -> str:
    newest = unseal(records[-1][1])
    return f"{newest['number']}:{newest['hash']}"


FORMS = {
    "a page": ("html", "<!DOCTYPE html>"),
    "data": ("json", "{"),
    "a text": ("md", "# Netmend"),
}


@pytest.mark.parametrize(("form", "begins"), FORMS.values(), ids=FORMS.keys())
def test_it_is_written_to_stdout_in_each_form(
    form: str, begins: str, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", source, "--head", head(CHAIN), "--format", form]) == 0
    told = capsys.readouterr()
    assert told.out.startswith(begins)
    assert "head confirmed" in told.out
    assert told.err.startswith("VERIFIED: 3 records")


def test_a_file_is_written_with_its_folder_and_named(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "report.html"
    assert cli.main(["report", source, "--out", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert f"netmend approve {execution(2)}" in path.read_text()


def test_without_a_head_that_is_said(source: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["report", source, "--format", "md"]) == 0
    assert "no head given" in capsys.readouterr().out


def damaged(records: Records) -> Records:
    name, data = records[1]
    return [records[0], (name, data.replace(b"MENDED", b"FAILED")), records[2]]


def test_a_damaged_chain_is_reported_all_the_same_and_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = laid(tmp_path, damaged(CHAIN))
    assert cli.main(["report", source, "--format", "md"]) == 2
    first = capsys.readouterr().out.partition("| Account")[0]
    assert "NOT VERIFIED" in first
    assert "record 2 was altered" in first


WRONG = {
    "a folder that is not there": (["nowhere"], 1, "- name the folder, or the s3:// prefix"),
    "a head that is none": (["SOURCE", "--head", "3"], 64, "is not NUMBER:HASH"),
    "a form that is none": (["SOURCE", "--format", "pdf"], 64, "'html', 'json', 'md'"),
    "a file in a file": (["SOURCE", "--out", "/dev/null/x"], 1, "cannot be written"),
}


@pytest.mark.parametrize(("given", "code", "said"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_in_one_line(
    given: list[str], code: int, said: str, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [source if one == "SOURCE" else one for one in given]
    assert cli.main(["report", *arguments]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert len(told.err.splitlines()) == 1


def test_a_page_is_kept_from_a_terminal(
    source: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert cli.main(["report", source]) == 64
    assert "add --out report.html, or --format md" in capsys.readouterr().err


def test_at_a_given_time_equal_evidence_gives_equal_bytes(
    source: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1764000000")
    pages = [(cli.main(["report", source]), capsys.readouterr().out) for _ in range(2)]
    assert pages[0] == pages[1]
    assert "2025-11-24 16:00:00 UTC" in pages[0][1]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "noon")
    assert cli.main(["report", source]) == 1


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox)


def live(
    clients: Clients, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any], str]:
    monkeypatch.setattr("netmend.commands.report.client", clients)
    code = cli.main(["report", "--format", "json"])
    told = capsys.readouterr()
    return code, json.loads(told.out), told.err


def test_without_a_source_aws_is_read(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, _ = live(world.client, monkeypatch, capsys)
    assert (code, found["verification"]["verdict"]) == (0, "EMPTY")

    mended = world.group(permission("tcp", (22, 22), "0.0.0.0/0"))
    world.settle()
    asked = world.group(permission("-1", None, "0.0.0.0/0"))
    world.settle()
    code, found, _ = live(world.client, monkeypatch, capsys)
    assert (code, found["verification"]["verdict"]) == (0, "VERIFIED")
    assert found["verification"]["head_from"] == "the ledger"
    assert {d["resource"]: d["outcome"] for d in found["drifts"]} == {
        mended: "MENDED",
        asked: "WAITING",
    }
    (waits,) = found["waiting"]
    assert waits["resource"] == asked
    assert waits["approvers"] == ["demo-approver"]
    assert f"netmend approve {waits['execution']}" in waits["question"]
    (still,) = found["open"]
    assert (still["resource"], still["last"]) == (asked, found["drifts"][1]["id"])
    assert [source["problem"] for source in found["sources"]] == [""] * 4
    assert all(source["time"] for source in found["sources"])


def test_trials_of_verify_are_set_apart(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, before, _ = live(world.client, monkeypatch, capsys)
    stage = Stage(world.client, place.find(world.client), 1.0, lambda _: None)
    group, other = opened(stage), stage.group()
    for one, mode, rule in ((group, "enforce", ""), (other, "approve", f"{place.RULE}verify0")):
        with stage.granted(one, mode):
            stage.start(one, rule=rule)
            world.settle()
    assert stage.clean() == []
    world.settle()
    _, found, _ = live(world.client, monkeypatch, capsys)
    trials = {trial["resource"]: trial["outcome"] for trial in found["trials"]}
    assert trials == {group: "MENDED", other: "FAILED"}
    for part in ("summary", "drifts", "waiting", "broken", "open"):
        assert found[part] == before[part], part
    assert len(found["chain"]) == len(before["chain"]) + 3


SERVICES = {"dynamodb": "head of the chain", "s3": "evidence", "ssm": "wait", "config": "NON_COMPL"}


@pytest.mark.parametrize(("service", "named"), SERVICES.items(), ids=SERVICES.keys())
def test_what_cannot_be_read_is_named_and_ends_with_1(
    service: str,
    named: str,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def clients(wanted: str) -> Any:
        if wanted == service:
            error = {"Code": "AccessDeniedException", "Message": "not you"}
            raise ClientError({"Error": error}, "Anything")
        return world.client(wanted)

    code, found, said = live(clients, monkeypatch, capsys)
    assert code == 1
    (unread,) = (source for source in found["sources"] if source["problem"])
    assert named in unread["name"]
    assert "AccessDeniedException: not you" in unread["problem"]
    assert f"unread: {unread['name']}" in said


def test_records_that_the_bucket_lost_are_missed(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = world.client("dynamodb")
    before = ledger.get_item(TableName="netmend-ledger", Key={"pk": {"S": "chain"}})["Item"]
    ledger.put_item(TableName="netmend-ledger", Item={**before, "number": {"N": "99"}})
    try:
        code, found, _ = live(world.client, monkeypatch, capsys)
    finally:
        ledger.put_item(TableName="netmend-ledger", Item=before)
    assert code == 2
    assert "to 99 were removed" in found["verification"]["problems"][0]


def test_a_head_that_the_caller_knows_goes_before_the_ledgers(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("netmend.commands.report.client", world.client)
    assert cli.main(["report", "--format", "json", "--head", f"1:{'0' * 64}"]) == 2
    found = json.loads(capsys.readouterr().out)["verification"]
    assert found["head_from"] == "the caller"
    assert "record 1 is not the one that the head states" in found["problems"][0]


def test_without_aws_there_is_no_report(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert os.environ["AWS_EC2_METADATA_DISABLED"] == "true"
    assert cli.main(["report", "--format", "md"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert "set AWS_REGION" in told.err

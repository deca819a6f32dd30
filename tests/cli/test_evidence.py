"""`netmend evidence verify` reads folders and buckets, and its exit code is the verdict."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from netmend import cli
from netmend.commands.ambient import client
from rules.netlib.evidence import GENESIS, key, seal, unseal

ACCOUNT, REGION = "123456789012", "us-east-1"


def chain(count: int) -> dict[str, bytes]:
    records, previous = {}, GENESIS
    for number in range(1, count + 1):
        record = {"outcome": "MENDED", "account": ACCOUNT, "region": REGION}
        body = seal(record, number, previous)
        records[key(ACCOUNT, REGION, number)] = body
        previous = unseal(body)["hash"]
    return records


def head(records: dict[str, bytes]) -> str:
    newest = unseal(records[max(records)])
    return f"{newest['number']}:{newest['hash']}"


def laid(folder: Path, records: dict[str, bytes]) -> str:
    for name, body in records.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return str(folder)


def altered(records: dict[str, bytes]) -> dict[str, bytes]:
    name = key(ACCOUNT, REGION, 2)
    return {**records, name: records[name].replace(b"MENDED", b"FAILED")}


def without(number: int) -> Callable[[dict[str, bytes]], dict[str, bytes]]:
    return lambda records: {n: b for n, b in records.items() if n != key(ACCOUNT, REGION, number)}


CHANGED = {
    "one altered": (altered, "record 2 was altered"),
    "one removed": (without(2), "record 2 was removed"),
    "the last cut off": (without(3), "records 3 to 3 were removed"),
}


@pytest.mark.parametrize(("change", "named"), CHANGED.values(), ids=CHANGED.keys())
def test_a_changed_chain_is_named_and_ends_with_2(
    change: Callable[[dict[str, bytes]], dict[str, bytes]],
    named: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    records = chain(3)
    source = laid(tmp_path, change(records))
    assert cli.main(["evidence", "verify", source, "--head", head(records)]) == 2
    assert named in capsys.readouterr().out


def test_an_unchanged_chain_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    records = chain(3)
    assert cli.main(["evidence", "verify", laid(tmp_path, records), "--head", head(records)]) == 0
    assert capsys.readouterr().out.startswith("3 records: complete")


@pytest.mark.parametrize("inner", ["", ACCOUNT, f"{ACCOUNT}/{REGION}"], ids=str)
@pytest.mark.parametrize(("owner", "code"), [(ACCOUNT, 0), ("210987654321", 2)])
def test_a_copy_of_another_accounts_chain_is_named_however_its_folder_is_given(
    owner: str,
    code: int,
    inner: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    laid(tmp_path, {name.replace(ACCOUNT, owner): body for name, body in chain(2).items()})
    monkeypatch.chdir(tmp_path / inner.replace(ACCOUNT, owner))
    assert cli.main(["evidence", "verify", "."]) == code
    told = capsys.readouterr().out
    assert f"{owner}/{REGION}" in told
    assert ("record 1 was copied here" in told) == bool(code)


def test_a_bucket_is_read_in_the_region_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert client("s3").meta.region_name == "eu-central-1"


def test_a_bucket_is_read_like_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    with mock_aws():
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket="evidence")
        for name, body in chain(2).items():
            s3.put_object(Bucket="evidence", Key=name, Body=body)
        assert cli.main(["evidence", "verify", f"s3://evidence/{ACCOUNT}/"]) == 0
    assert "2 records" in capsys.readouterr().out


UNREADABLE = {
    "no such folder": "nowhere",
    "a folder without evidence": "empty",
    "a record that cannot be read beside good ones": "beside",
    "a file": "file",
    "a link to itself": "beside/loop.json",
}


@pytest.mark.parametrize("source", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_no_evidence_is_never_success(
    source: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laid(tmp_path / "beside", chain(1))
    (tmp_path / "beside" / "loop.json").symlink_to("loop.json")  # not even root can read it
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").touch()
    assert cli.main(["evidence", "verify", str(tmp_path / source)]) == 1
    assert "- name the folder, or the s3:// prefix" in capsys.readouterr().err


def test_a_bucket_that_is_not_there_is_never_success(capsys: pytest.CaptureFixture[str]) -> None:
    with mock_aws():
        assert cli.main(["evidence", "verify", "s3://nowhere/"]) == 1
    assert "AWS refused ListObjectsV2: NoSuchBucket" in capsys.readouterr().err


def test_a_head_needs_a_chain_to_belong_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = chain(1)
    moved = {name.replace(REGION, "eu-west-1"): body for name, body in records.items()}
    source = laid(tmp_path, {**records, **moved})
    assert cli.main(["evidence", "verify", source, "--head", head(records)]) == 64
    assert "--head belongs to one chain" in capsys.readouterr().err

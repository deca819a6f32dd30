"""The same deeds with the same seed are the same calls, ids, times and evidence, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path
from types import SimpleNamespace

import pytest

from netmend.sandbox.api import ApiCall
from netmend.sandbox.core import Sandbox
from netmend.sandbox.journal import Journal
from rules.netlib import clock
from tests.loop.world import World, permission

START = 1_790_000_000.0  # 2026-09-21T14:13:20Z
ROOT = Path(__file__).resolve().parents[2]


def loop(seed: int) -> str:
    """A journal, and the evidence, of drift that is mended, and of drift that is asked about."""
    with Sandbox(seed=seed, start=START) as sandbox, pytest.MonkeyPatch.context() as patch:
        # What the workshop itself makes up, outside the sandbox, follows it too.
        made_up = SimpleNamespace(uuid4=lambda: uuid.UUID(sandbox.uuid()))
        patch.setattr("netmend.deploy.change.uuid", made_up)
        patch.setattr(clock, "_source", sandbox.clock.time)
        journal = Journal(sandbox)
        world = World(sandbox)
        world.group(permission("tcp", (22, 22), "0.0.0.0/0"))
        world.group(permission("-1", None, "0.0.0.0/0"))
        sandbox.settle(within=60)
        evidence = "".join(f"{key} {data.decode()}\n" for key, data in world.objects())
        return journal.text() + evidence


def test_equal_seeds_give_equal_journals_and_evidence_whatever_the_hash_seed() -> None:
    command = "from tests.sandbox.test_journal import loop; print(loop(7), end='')"
    run = subprocess.run(
        [sys.executable, "-c", command],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "5"},
    )
    here = loop(7)
    assert "ec2:RevokeSecurityGroupIngress" in here
    assert '"outcome":"MENDED"' in here
    assert run.stdout == here


def test_another_seed_gives_other_ids() -> None:
    assert loop(7) != loop(8)


def test_time_goes_on_by_calls_and_jumps_to_what_is_due() -> None:
    with Sandbox(start=START) as sandbox:
        assert sandbox.clock.time() == START
        sandbox.client("ec2").describe_vpcs()
        assert sandbox.clock.time() == pytest.approx(START + 0.001)
        seen: list[float] = []
        sandbox.engine.submit("later", lambda: seen.append(sandbox.clock.time()), at=START + 50)
        sandbox.engine.submit("too late", lambda: seen.append(0.0), at=START + 500)
        assert sandbox.settle(within=60) == 1
        assert seen == [START + 50]


def test_moto_tells_the_sandboxs_time() -> None:
    with Sandbox(start=START) as sandbox:
        sandbox.clock.advance(86_400)
        made = sandbox.client("iam").create_user(UserName="someone")["User"]["CreateDate"]
        assert made.timestamp() == pytest.approx(START + 86_400, abs=1)


def test_what_is_refused_is_in_the_journal_with_its_error() -> None:
    with Sandbox(start=START) as sandbox:
        journal = Journal(sandbox)
        ec2 = sandbox.client("ec2")
        with pytest.raises(ec2.exceptions.ClientError):
            ec2.delete_security_group(GroupId="sg-00000000000000000")
        (line,) = journal.text().splitlines()
        assert '"call": "ec2:DeleteSecurityGroup"' in line
        assert '"error": "InvalidGroup.NotFound"' in line


def test_a_journal_keeps_what_was_sent_and_bytes_as_a_hash() -> None:
    with Sandbox(start=START) as sandbox:
        journal = Journal(sandbox)
        params = {"Body": b"secret", "Key": "a"}
        call = ApiCall("s3", "PutObject", params, "1", "r", SimpleNamespace(arn="me"), "id")  # type: ignore[arg-type]
        journal.before(call)
        params["Key"] = "changed later"
        assert '"Key": "a"' in journal.text()
        assert "secret" not in journal.text()

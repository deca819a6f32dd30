"""As a user does it: the sandbox and each deployment are processes that know each other by HTTP."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

PROGRAM = "import sys; from netmend.cli import main; sys.exit(main())"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", PROGRAM, *arguments]


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    served = command("sandbox", "--port", "0")
    with subprocess.Popen(served, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[1]
        yield {**os.environ, "AWS_ENDPOINT_URL": url, "AWS_REGION": "eu-west-1"}
        process.send_signal(signal.SIGINT)


def test_ctrl_c_in_the_middle_and_once_more(environment: dict[str, str]) -> None:
    deploy = command("deploy", "--yes")
    with subprocess.Popen(
        deploy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("cloudformation:ExecuteChangeSet netmend-roles"):
                process.send_signal(signal.SIGINT)
                break
        left = process.stderr.read()
    assert process.returncode == 130
    assert left.endswith("not finished: run it again, it goes on from what stands\n")
    again = subprocess.run(deploy, capture_output=True, text=True, env=environment, check=True)
    assert again.stdout.startswith("deployed: 123456789012/eu-west-1, mode observe")
    assert "s3:PutObject" not in again.stderr
    last = subprocess.run(deploy, capture_output=True, text=True, env=environment, check=True)
    assert last.stdout.startswith("nothing to change: 123456789012/eu-west-1, mode observe")

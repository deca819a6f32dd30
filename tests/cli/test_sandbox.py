"""`netmend sandbox` hands its options on, says when it is ready, and ends when it is asked to."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from typing import Any

import pytest

from netmend import cli

OPTIONS: dict[str, tuple[list[str], tuple[Any, ...]]] = {
    "a port alone observes": (["--port", "4566"], (4566, False, "observe", ())),
    "deployed it observes": (["--port", "0", "--deploy"], (0, True, "observe", ())),
    "all of them": (
        ["--port", "0", "--deploy", "--mode", "enforce", "--approvers", "ann, bob"],
        (0, True, "enforce", ("ann", "bob")),
    ),
}


@pytest.mark.parametrize(("options", "handed"), OPTIONS.values(), ids=OPTIONS.keys())
def test_its_options_reach_the_door(
    options: list[str], handed: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[tuple[Any, ...]] = []

    def serve(*arguments: Any) -> int:
        served.append(arguments)
        return 0

    monkeypatch.setattr("netmend.sandbox.serve.serve", serve)
    assert cli.main(["sandbox", *options]) == 0
    assert served == [handed]


IDLE: dict[str, tuple[list[str], str]] = {
    "a mode": (["--mode", "observe"], "--mode"),
    "approvers": (["--approvers", "ann"], "--approvers"),
    "both": (["--approvers", "ann", "--mode", "enforce"], "--mode and --approvers"),
}


@pytest.mark.parametrize(("options", "named"), IDLE.values(), ids=IDLE.keys())
def test_what_only_a_deployed_netmend_heeds_needs_deploy(
    options: list[str],
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("netmend.sandbox.serve.serve", lambda *_: 0)  # it would wait for ever
    assert cli.main(["sandbox", "--port", "0", *options]) == 64
    line = f"netmend: nothing is deployed that could heed {named} - add --deploy\n"
    assert capsys.readouterr() == ("", line)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_it_says_when_it_is_ready_and_ends_cleanly(number: signal.Signals) -> None:
    program = "import sys; from netmend.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", program, "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        ready, _, address = process.stdout.readline().decode().strip().partition(" ")
        assert ready == "ready"
        reset = urllib.request.Request(f"{address}/moto-api/reset", method="POST")
        with urllib.request.urlopen(reset, timeout=30) as answer:
            assert answer.status == 200
        process.send_signal(number)
        assert process.communicate(timeout=30) == (b"", b"")
        assert process.returncode == 0

"""A shell that has read the script completes commands, options and the names of rules."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from netmend.cli import main
from netmend.commands.completion import Shell

PROGRAM = Path(sys.executable).with_name("netmend")
RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
LINES = {
    "a command": ("netmend eval", "evaluate"),
    "the name of a rule": ("netmend evaluate SECURITY_GROUP_NO", RULE),
    "an option": ("netmend evaluate --para", "--parameters"),
    "a word of a few": ("netmend completion po", "powershell"),
}


def asking(shell: str, line: str) -> Mapping[str, str]:
    """The environment by which the script of a shell asks what the line may become."""
    words = line.split(" ")
    told = {
        "bash": {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)},
        "zsh": {"_TYPER_COMPLETE_ARGS": line},
        "fish": {"_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"},
        "powershell": {
            "_TYPER_COMPLETE_ARGS": line,
            "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1],
        },
    }
    return {**told[shell], "_NETMEND_COMPLETE": f"complete_{shell}"}


def answered(environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [PROGRAM], env={**os.environ, **environment}, capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("shell", list(Shell))
@pytest.mark.parametrize(("line", "completed"), LINES.values(), ids=LINES.keys())
def test_what_a_shell_asks_is_answered(shell: Shell, line: str, completed: str) -> None:
    assert completed in answered(asking(shell, line))


@pytest.mark.parametrize("shell", list(Shell))
def test_the_script_asks_as_the_program_listens(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert f"complete_{shell}" in script
    assert "_NETMEND_COMPLETE" in script
    for name in asking(shell, "netmend ev"):
        assert name in script


def test_bash_itself_completes_a_line() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = (
        f'source <("{PROGRAM}" completion bash); COMP_WORDS=(netmend evaluate {RULE[:-7]}); '
        f'COMP_CWORD=2; _netmend_completion "{PROGRAM}"; printf "%s\\n" "${{COMPREPLY[@]}}"'
    )
    done = subprocess.run([bash, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [RULE]


def test_a_shell_that_is_not_known_is_refused_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["completion", "tcsh"]) == 64
    assert "bash" in capsys.readouterr().err

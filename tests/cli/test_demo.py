"""`netmend demo` ends as the demo ended."""

from __future__ import annotations

import pytest
from rich.console import Console

from netmend import cli


@pytest.mark.parametrize("code", [0, 1])
def test_its_exit_code_is_the_demos(
    code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(console: Console) -> int:
        console.print("mended")
        return code

    monkeypatch.setattr("netmend.demo.run", run)
    assert cli.main(["demo"]) == code
    assert capsys.readouterr().out == "mended\n"

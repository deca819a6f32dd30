"""`netmend render` names what it wrote, and with --check what is stale, by exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest

from netmend import catalog, cli

STALE = [catalog.ROOT / "conformance-packs" / "network.yaml"]


def stub(monkeypatch: pytest.MonkeyPatch, stale: list[Path]) -> list[bool]:
    asked: list[bool] = []
    monkeypatch.setattr("netmend.render.render", lambda check: asked.append(check) or stale)
    return asked


CASES = {
    "nothing stale, checked": (["render", "--check"], [], 0, ""),
    "one stale, checked": (["render", "--check"], STALE, 2, "conformance-packs/network.yaml\n"),
    "one stale, written": (["render"], STALE, 0, "conformance-packs/network.yaml\n"),
}


@pytest.mark.parametrize(("arguments", "stale", "code", "out"), CASES.values(), ids=CASES.keys())
def test_the_stale_files_are_named(
    arguments: list[str],
    stale: list[Path],
    code: int,
    out: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = stub(monkeypatch, stale)
    assert cli.main(arguments) == code
    assert capsys.readouterr().out == out
    assert asked == ["--check" in arguments]


def test_a_file_of_the_catalog_that_is_wrong_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(check: bool) -> list[Path]:
        raise catalog.CatalogError(catalog.ROOT / "rules" / "R" / "parameters.json", "no", "fix")

    monkeypatch.setattr("netmend.render.render", fail)
    assert cli.main(["render"]) == 1
    assert capsys.readouterr() == ("", "netmend: rules/R/parameters.json: no - fix\n")

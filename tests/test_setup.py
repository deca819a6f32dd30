"""Set-up does its work once, and says in one line what a machine lacks."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tools import setup


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks set up, and an installer that fails the test when it is called."""

    def set_up(_: object) -> None:
        raise setup.SetupError("set-up began")

    lock = tmp_path / "requirements.lock"
    lock.write_text("moto==5.2.5\n")
    wanted = setup.Environment(tmp_path / ".venv", lock, holds_netmend=False)
    monkeypatch.setattr(setup, "ENVIRONMENTS", {"netmend": wanted})
    monkeypatch.setattr(setup, "set_up", set_up)
    monkeypatch.setattr(sys, "argv", ["setup.py"])
    wanted.python.parent.mkdir(parents=True)
    wanted.python.touch()
    wanted.stamp.write_text(setup.key(wanted))
    return tmp_path


def test_a_second_run_sets_nothing_up(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert setup.main() == 0
    assert capsys.readouterr() == ("", "")


STALE = {
    "the lock has changed": lambda clone: (clone / "requirements.lock").write_text("moto==6\n"),
    "the environment is gone": lambda clone: shutil.rmtree(clone / ".venv"),
    "its interpreter is gone": lambda clone: (clone / ".venv" / "bin" / "python").unlink(),
    "set-up was interrupted": lambda clone: (clone / ".venv" / "netmend-setup").unlink(),
}


@pytest.mark.parametrize("change", STALE.values(), ids=STALE.keys())
def test_set_up_begins_anew_when(
    change: object, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert callable(change)
    change(clone)
    assert setup.main() == 1
    assert capsys.readouterr().err == "setup: set-up began\n"


def test_an_old_python_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert setup.main() == 1
    assert capsys.readouterr().err == (
        "setup: Python 3.10 is too old - install 3.11 or newer, or name one: make PYTHON=...\n"
    )


def test_a_python_without_venv_is_told_in_one_line(
    clone: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "TOOLS", clone / ".venv-tools")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(setup, "set_up", lambda _: setup.tools_pip())
    (clone / ".venv" / "netmend-setup").unlink()
    assert setup.main() == 1
    major, minor = sys.version_info[:2]
    assert capsys.readouterr().err == (
        "setup: this Python makes no virtual environments - install uv, or: "
        f"sudo apt-get install python{major}.{minor}-venv\n"
    )


def test_uv_is_told_the_index_that_pip_is_set_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "UV_CONFIGS", ())
    for name in setup.UV_INDEX_SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    assert setup.uv_environment()["UV_DEFAULT_INDEX"] == "https://packages.example/simple"


def test_an_index_of_uvs_own_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    monkeypatch.setenv("UV_INDEX_URL", "https://other.example/simple")
    assert "UV_DEFAULT_INDEX" not in setup.uv_environment()


def test_the_locks_name_no_address_and_no_path_of_a_machine() -> None:
    for lock in (setup.UV_LOCK, *(one.lock for one in setup.ENVIRONMENTS.values())):
        text = lock.read_text()
        assert "--hash=sha256:" in text
        assert [line for line in text.splitlines() if "://" in line or "-index" in line] == []
        assert str(Path.home()) not in text

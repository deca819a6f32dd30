"""What every refusal of a command has in common, whatever was wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from netmend import cli

SECRETS = {"AWS_SECRET_ACCESS_KEY": "s3cr3t-k3y", "AWS_SESSION_TOKEN": "s3cr3t-t0k3n"}


@pytest.fixture
def refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., str]:
    """Runs a command line that ends with a code, and gives the one line of its refusal."""
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)

    def run(arguments: Sequence[str], code: int) -> str:
        assert cli.main(arguments) == code
        told, errors = capsys.readouterr()
        assert told == ""
        (line,) = errors.splitlines()
        what, _, fix = line.removeprefix("netmend: ").partition(" - ")
        assert line.startswith("netmend: ")
        assert not what.startswith("unexpected ")
        assert what.strip()
        assert fix.strip()
        assert not any(secret in line for secret in SECRETS.values())
        return line

    return run

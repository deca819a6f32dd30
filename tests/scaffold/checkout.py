"""A copy of this repository as git sees it, in which a command runs as its user would run it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.stacks import ROOT

NETMEND = """#!{python}
import sys
from netmend.cli import main
sys.exit(main())
"""


def copied(target: Path) -> Path:
    """All files that git tracks or would; raises CalledProcessError outside of a git checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    _tools(target / ".venv" / "bin")
    return target


def _tools(folder: Path) -> None:
    """The packages of this environment with the copy's own netmend."""
    folder.mkdir(parents=True)
    for name in ("ruff", "mypy", "cfn-lint", "pytest"):
        (folder / name).symlink_to(Path(sys.executable).parent / name)
    command = folder / "netmend"
    command.write_text(NETMEND.format(python=sys.executable), encoding="utf-8")
    command.chmod(0o755)


def run(root: Path, command: str) -> subprocess.CompletedProcess[str]:
    """One line of shell in the copy, whose packages come before installed ones."""
    # The environment is there already: setting it up anew would take the network.
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHON": "true"}
    # Settings of the run that we are in are none of the run in the copy.
    for name in [name for name in environment if name.startswith(("PYTEST_", "MAKE", "MFLAGS"))]:
        del environment[name]
    shell = ["bash", "-c", command]
    return subprocess.run(  # noqa: S603 - commands are this project's own
        shell, cwd=root, env=environment, capture_output=True, text=True
    )


def expect(root: Path, command: str) -> str:
    """What it prints; fails the test with all that it says unless it succeeds."""
    done = run(root, command)
    if done.returncode:
        raise AssertionError(f"{command}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout

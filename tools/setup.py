"""The virtual environment in .venv holds exactly what requirements.lock names, and netmend itself.

With the argument aws-cli it is the one in .venv-aws-cli, for tests that drive the sandbox with it:
its pins of botocore would not go into the other. Runs with nothing installed; a Python from 3.7 on
is enough to look for a new one.
Where packages come from is the machine's own affair: uv's and pip's settings are used as they are.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
import typing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".venv-tools"
UV_LOCK = ROOT / "tools" / "uv.lock.txt"
THIS = Path(__file__).resolve()

OLDEST = (3, 11)
NEWER = ("python3", "python3.14", "python3.13", "python3.12", "python3.11")

FROM_LOCK = ["install", "--require-hashes", "--no-deps", "--only-binary", ":all:"]
NETMEND = ["install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT)]

# uv reads none of pip's settings; where it has none of its own, pip's are handed to it.
PIP_TO_UV = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE"}
UV_INDEX_SETTINGS = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE")
UV_CONFIGS = (Path("~/.config/uv/uv.toml").expanduser(), Path("/etc/uv/uv.toml"))


class Environment(typing.NamedTuple):
    """A folder, the lock that says what is in it, and whether netmend itself is."""

    folder: Path
    lock: Path
    holds_netmend: bool

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        return self.folder / "netmend-setup"

    @property
    def keyed(self) -> list[Path]:
        return [self.lock, THIS, *([ROOT / "pyproject.toml"] if self.holds_netmend else [])]


ENVIRONMENTS = {
    "netmend": Environment(ROOT / ".venv", ROOT / "requirements.lock", holds_netmend=True),
    "aws-cli": Environment(
        ROOT / ".venv-aws-cli", ROOT / "tools" / "aws-cli.lock.txt", holds_netmend=False
    ),
}


class SetupError(Exception):
    """Says in one line what is missing and how to get it."""


class ToolFailed(SetupError):
    """An installer ended with an error, which it has printed itself."""


def main() -> int:
    """Sets up what is asked for, unless it is there; 0 then, 1 when it can't be had, 130 cut."""
    try:
        use_new_enough_python()
        wanted = ENVIRONMENTS[sys.argv[1] if len(sys.argv) > 1 else "netmend"]
        if not is_set_up(wanted):
            set_up(wanted)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def use_new_enough_python() -> None:
    if sys.version_info >= OLDEST:
        return
    for name in NEWER:
        path = shutil.which(name)
        if path and succeeds([path, "-c", f"import sys; sys.exit(sys.version_info < {OLDEST})"]):
            os.execv(path, [path, *sys.argv])  # noqa: S606 - no shell is wanted
    version = ".".join(map(str, sys.version_info[:2]))
    raise SetupError(
        f"Python {version} is too old - install 3.11 or newer, or name one: make PYTHON=..."
    )


def is_set_up(wanted: Environment) -> bool:
    stamp = wanted.stamp
    return stamp.is_file() and stamp.read_text() == key(wanted) and wanted.python.exists()


def key(wanted: Environment) -> str:
    """What an environment depends on: pins, interpreter, and the path that scripts hold."""
    digest = hashlib.sha256()
    for path in wanted.keyed:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(repr((sys.version, sys.base_prefix, str(ROOT))).encode())
    return digest.hexdigest()


def set_up(wanted: Environment) -> None:
    started = time.monotonic()
    shutil.rmtree(wanted.folder, ignore_errors=True)
    installer = install_with_uv(wanted) or install_with_pip(wanted)
    wanted.stamp.write_text(key(wanted))
    what = ".venv/bin/netmend" if wanted.holds_netmend else f"{wanted.folder.name}/bin"
    say(f"ready in {time.monotonic() - started:.0f} s with {installer}: {what}")


def count(lock: Path) -> int:
    return sum(1 for line in lock.read_text().splitlines() if "==" in line)


def install_with_uv(wanted: Environment) -> str | None:
    uv = shutil.which("uv")
    if uv is None or not succeeds([uv, "--version"]):  # a shim may lead nowhere
        uv = bootstrapped_uv()
    if uv is None:
        return None
    environment = uv_environment()
    target = ["--quiet", "--python", str(wanted.python)]
    lock = ["--compile-bytecode", *target, "-r", str(wanted.lock)]
    say(f"installing {count(wanted.lock)} packages with uv")
    try:
        run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(wanted.folder)])
        run([uv, "pip", *FROM_LOCK, *lock], environment)
        if wanted.holds_netmend:
            run([uv, "pip", *NETMEND, *target], environment)
    except ToolFailed:
        say("uv could not do it; trying pip")
        shutil.rmtree(wanted.folder, ignore_errors=True)
        return None
    return "uv"


def bootstrapped_uv() -> str | None:
    """The pinned uv in .venv-tools, or None where the package index has none for this machine."""
    uv = TOOLS / "bin" / "uv"
    if not uv.exists():
        say("fetching uv")
        try:
            run([*tools_pip(), *FROM_LOCK, "-r", str(UV_LOCK)])
        except ToolFailed:
            return None
    return str(uv)


def install_with_pip(wanted: Environment) -> str:
    pip = [*tools_pip(), "--python", str(wanted.python)]
    say(f"installing {count(wanted.lock)} packages with pip, which takes a minute")
    try:
        run([sys.executable, "-m", "venv", "--without-pip", str(wanted.folder)])
        run([*pip, *FROM_LOCK, "-r", str(wanted.lock)])
        if wanted.holds_netmend:
            run([*pip, *NETMEND])
    except ToolFailed as error:
        raise SetupError(
            f"neither uv nor pip could install {wanted.lock.name} (their words are above) - "
            "check the network and the package index that pip is set to"
        ) from error
    return "pip"


def tools_pip() -> list[str]:
    """A pip in an environment of its own, so that .venv holds its lock and nothing else."""
    python = TOOLS / "bin" / "python"
    if not (TOOLS / "bin" / "pip").exists():
        if importlib.util.find_spec("ensurepip") is None:  # Debian ships it apart
            raise SetupError(
                "this Python makes no virtual environments - install uv, or: "
                f"sudo apt-get install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
            )
        run([sys.executable, "-m", "venv", "--clear", str(TOOLS)])
    return [str(python), "-m", "pip", "-qq", "--disable-pip-version-check", "--no-input"]


def uv_environment() -> dict[str, str]:
    environment = dict(os.environ)
    if any(name in environment for name in UV_INDEX_SETTINGS):
        return environment
    if not any(path.exists() for path in UV_CONFIGS):
        settings = pip_settings()
        for option, name in PIP_TO_UV.items():
            if option in settings:
                environment.setdefault(name, settings[option])
    return environment


def pip_settings() -> dict[str, str]:
    """pip's settings by option, of its files and of PIP_*; the latter alone where pip is absent."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    settings = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = str(ast.literal_eval(value))
    for name, value in os.environ.items():
        if name.startswith("PIP_"):
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    if subprocess.run(command, env=environment, check=False).returncode != 0:
        raise ToolFailed(f"{Path(command[0]).name} failed - its words are above")


def succeeds(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def say(words: str) -> None:
    sys.stderr.write(f"setup: {words}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())

"""How long a stranger waits: cold set-up, set-up again, and the demo, in a clone of HEAD.

Usage: python3 benchmarks/first_minutes.py [--pip]

--pip hides uv, as on a machine that cannot have it. Prints seconds, and each as a ratio of the
cold set-up, which holds on a slower machine as well. Needs only Python and git.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV_LOCK = "tools/uv.lock.txt"
STEPS = (("cold set-up", "setup"), ("set-up again", "setup"), ("demo", "demo"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pip", action="store_true", help="set up without uv")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clone = Path(folder) / "netmend"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        environment = without_uv(Path(folder), clone) if options.pip else dict(os.environ)
        taken = [(name, seconds(clone, target, environment)) for name, target in STEPS]
        left = subprocess.run(
            ["git", "-C", str(clone), "status", "--porcelain", "--", ".", f":!{UV_LOCK}"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    for name, spent in taken:
        sys.stdout.write(f"{name:<14} {spent:6.1f} s   {spent / taken[0][1]:5.2f} of cold set-up\n")
    sys.stdout.write(f"git tree       {left or 'clean'}\n")
    return 1 if left else 0


def without_uv(folder: Path, clone: Path) -> dict[str, str]:
    """An environment whose uv leads nowhere, and a clone that can't fetch one."""
    dead = folder / "bin" / "uv"
    dead.parent.mkdir()
    dead.write_text("#!/bin/sh\nexit 1\n")
    dead.chmod(0o755)
    (clone / UV_LOCK).write_text(f"uv==0 --hash=sha256:{'0' * 64}\n")
    return {**os.environ, "PATH": f"{dead.parent}{os.pathsep}{os.environ['PATH']}"}


def seconds(clone: Path, target: str, environment: dict[str, str]) -> float:
    began = time.monotonic()
    subprocess.run(
        ["make", target], cwd=clone, env=environment, check=True, stdout=subprocess.DEVNULL
    )
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())

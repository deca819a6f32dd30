"""What docs/iam-judge.md shows is so, and needs nothing of the sandbox."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "iam-judge.md"
HEAVY = ("boto3", "botocore", "moto", "netmend.sandbox.core")


def examples() -> str:
    return "\n".join(re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.M | re.S))


def test_every_example_on_the_page_holds_without_the_sandbox() -> None:
    code = examples()
    assert code.count("assert ") > 10
    check = f"import sys\nassert not {set(HEAVY)!r} & set(sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", code + check], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")

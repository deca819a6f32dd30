"""The Lambda zip holds the packages that run in AWS, and equal sources give equal bytes."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from netmend.bundle import ROOT, UnshippableFileError, build, build_bytes

IMPORT_ALL = """
import pathlib, sys
root = pathlib.Path(sys.argv[1])
sys.path.insert(0, sys.argv[1])
for path in root.rglob("*.py"):
    module = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
    __import__(module)
    assert sys.modules[module].__file__ == str(path), module
"""


def names(body: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(body)).namelist()


def copied(target: Path) -> Path:
    shutil.copytree(ROOT / "rules", target / "rules", ignore=shutil.ignore_patterns("__pycache__"))
    return target


def test_equal_sources_give_equal_bytes_whatever_their_times_and_modes(tmp_path: Path) -> None:
    first, second = copied(tmp_path / "first"), copied(tmp_path / "second")
    for path in second.rglob("*.py"):
        os.utime(path, (0, 2**31))
        path.chmod(0o700)
    assert build_bytes(first) == build_bytes(second)


def test_a_changed_source_changes_the_bytes(tmp_path: Path) -> None:
    root = copied(tmp_path)
    before = build_bytes(root)
    (root / "rules" / "added.py").write_text("ADDED = 1\n")
    assert build_bytes(root) != before


def test_what_is_told_of_a_build_is_what_lies_there(tmp_path: Path) -> None:
    built = build(tmp_path / "new" / "netmend.zip")
    body = built.path.read_bytes()
    assert body == build_bytes()
    assert (built.size, built.sha256) == (len(body), hashlib.sha256(body).hexdigest())


def test_only_what_runs_in_aws_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "rules" / "A_RULE" / "__pycache__").mkdir(parents=True)
    (tmp_path / "responses" / "AnAnswer").mkdir(parents=True)
    for name in (
        "rules/A_RULE/A_RULE.py",
        "rules/A_RULE/A_RULE_test.py",
        "rules/A_RULE/parameters.json",
        "rules/A_RULE/__pycache__/A_RULE.cpython-311.pyc",
        "responses/AnAnswer/response.json",
        "responses/AnAnswer/plan.py",
        "netmend.py",
    ):
        (tmp_path / name).write_text("")
    ours = [name for name in names(build_bytes(tmp_path)) if not name.startswith("rdklib/")]
    assert ours == [
        "responses/AnAnswer/plan.py",
        "responses/AnAnswer/response.json",
        "rules/A_RULE/A_RULE.py",
    ]


def test_a_file_that_lambda_has_no_use_for_is_refused_by_name(tmp_path: Path) -> None:
    stray = tmp_path / "rules" / "notes.txt"
    stray.parent.mkdir()
    stray.write_text("")
    with pytest.raises(UnshippableFileError, match=r"notes\.txt: only .py and .json files"):
        build_bytes(tmp_path)


def test_every_module_in_it_imports_with_nothing_beside_it_but_boto3(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(build_bytes())) as archive:
        archive.extractall(tmp_path)  # as Lambda does
    # Isolated: neither this folder nor an installed netmend may stand in for what is missing.
    command = [sys.executable, "-I", "-W", "error", "-c", IMPORT_ALL, str(tmp_path)]
    subprocess.run(command, check=True, cwd=tmp_path)

"""The Lambda zip holds the packages that run in AWS, and equal sources give equal bytes."""

from __future__ import annotations

import ast
import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from netmend.bundle import ROOT, UnshippableFileError, build, build_bytes, differences, entries
from netmend.cli import main
from netmend.errors import UserError
from netmend.lean import is_text, lean

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
        "NOTICE",
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


def bare(source: str) -> str:
    """The syntax tree of what runs: a body that was only a text is an empty one."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not is_text(one) and not isinstance(one, ast.Pass)]
    return ast.dump(tree)


SHIPPED = {name: path for name, path in entries(ROOT) if name.endswith(".py")}


@pytest.mark.parametrize("path", SHIPPED.values(), ids=SHIPPED.keys())
def test_what_ships_is_the_same_code_on_the_same_lines(path: Path) -> None:
    source = path.read_text()
    shipped = lean(source)
    assert bare(shipped) == bare(source)
    assert len(shipped.splitlines()) == len(source.splitlines())
    for told, there in zip(source.splitlines(), shipped.splitlines(), strict=True):
        assert told.startswith(there) or there.strip() == "pass"


LEAN = {
    "a comment goes, the code before it stays": ("x = 1  # one\n", "x = 1\n"),
    "a # in a text is no comment": ('x = "# no"\n', 'x = "# no"\n'),
    "a docstring leaves its lines": ('"""A\nB."""\nx = 1\n', "\n\nx = 1\n"),
    "a body that is only a text passes": ('class A:\n    """B."""\n', "class A:\n    pass\n"),
    "a text that documents a name goes": ('X = 1\n"""One."""\nY = 2', "X = 1\n\nY = 2"),
    "a text beside code stays": ('"a"; x = 1\nif x: "b"\n', '"a"; x = 1\nif x: "b"\n'),
    "a text that is a value stays": ('x = """a\n  # b\n"""\n', 'x = """a\n  # b\n"""\n'),
    "letters beyond ASCII move nothing": ('x = "\u00e9"  # \u00e9\n', 'x = "\u00e9"\n'),
    "nothing is nothing": ("", ""),
}


@pytest.mark.parametrize(("source", "expected"), LEAN.values(), ids=LEAN.keys())
def test_comments_and_docstrings_are_blanked(source: str, expected: str) -> None:
    assert lean(source) == expected


def test_what_a_licence_asks_for_is_in_it() -> None:
    with zipfile.ZipFile(io.BytesIO(build_bytes())) as archive:
        notice = archive.read("NOTICE").decode()
    for part in ("Copyright 2017-2022 Amazon.com", "apache2.0", "Changed:"):
        assert part in notice


def altered(body: bytes, target: Path, changes: dict[str, bytes | None]) -> Path:
    """A zip with other contents of some names (None: without them), packed otherwise."""
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(target, "w") as new:
        left = {name: old.read(name) for name in old.namelist()} | changes
        for name, content in left.items():
            if content is not None:
                new.writestr(name, content)
    return target


CHANGES: dict[str, tuple[dict[str, bytes | None], list[str]]] = {
    "the same files, packed otherwise": ({}, []),
    "a file more": ({"rules/more.py": b""}, ["rules/more.py"]),
    "a file less": ({"rdklib/errors.py": None}, ["rdklib/errors.py"]),
    "another line": (
        {"rules/netlib/version.py": b"VERSION = 1\n"},
        ["rules/netlib/version.py"],
    ),
}


@pytest.mark.parametrize(("changes", "names"), CHANGES.values(), ids=CHANGES.keys())
def test_a_zip_is_compared_with_the_repository_by_content(
    tmp_path: Path,
    changes: dict[str, bytes | None],
    names: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = altered(build_bytes(), tmp_path / "given.zip", changes)
    assert differences(path) == names
    assert main(["bundle", "--check", str(path)]) == (2 if names else 0)
    told = capsys.readouterr().out
    assert all(name in told for name in names)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_is_in_it_twice_is_a_difference(tmp_path: Path) -> None:
    path = tmp_path / "given.zip"
    path.write_bytes(build_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("NOTICE", archive.read("NOTICE"))
    assert differences(path) == ["NOTICE"]


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_what_is_no_zip_is_no_difference_but_an_error(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "given.zip"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UserError, match="no zip that can be read"):
        differences(path)

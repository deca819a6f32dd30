"""The Lambda zip holds rules/, responses/ and rdklib; equal sources, equal bytes.

Its code is that of the repository without comments and docstrings, line by line, so that it is
small and tracebacks still match. Nothing of the machine that builds it is in it: entries are
sorted, and carry neither the time nor the mode of their files.
"""

from __future__ import annotations

import hashlib
import importlib.util
import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from netmend.errors import UserError
from netmend.lean import lean

ROOT = Path(__file__).resolve().parent.parent
SHIPPED = (".py", ".json")
WORKSHOP_ONLY = ("parameters.json",)  # RDK's catalog entry: read when rendering, never in AWS
NOTICE = (  # rdklib's licence asks for both: its notice kept, and changed files named as such
    "NOTICE",
    "Netmend's own code: rules/ and responses/. Apache License 2.0.\n"
    "rdklib: Copyright 2017-2022 Amazon.com, Inc. or its affiliates. All Rights Reserved.\n"
    "Apache License 2.0, http://aws.amazon.com/apache2.0/. Changed: comments are left out.\n"
    "Comments and docstrings are blanked, the lines keep their numbers: netmend bundle --check.\n",
)
EPOCH = (1980, 1, 1, 0, 0, 0)  # the oldest time that a zip can tell
MODE = 0o100644 << 16


class Bundle(NamedTuple):
    """A zip that was written: where, the SHA-256 of its bytes in hex, and how many they are."""

    path: Path
    sha256: str
    size: int


class UnshippableFileError(UserError):
    """A file in a package of the zip that Lambda code can have no use for."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path}: only {' and '.join(SHIPPED)} files go into the Lambda zip",
            "move it out of that package",
        )


def build(out: Path) -> Bundle:
    """Writes the zip to `out`; raises UnshippableFileError, or UserError when it can't write."""
    body = build_bytes()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(body)
    except OSError as error:
        raise UserError(
            f"{out}: cannot be written: {error.strerror}", "name another --out"
        ) from error
    return Bundle(out, hashlib.sha256(body).hexdigest(), len(body))


def build_bytes(root: Path = ROOT) -> bytes:
    """The zip of the repository at `root`."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(contents(root).items()):
            archive.writestr(entry(name), content)
    return body.getvalue()


def contents(root: Path = ROOT) -> dict[str, bytes]:
    """What belongs into the zip, by name."""
    found = {name: shipped(path) for name, path in entries(root)}
    return {NOTICE[0]: NOTICE[1].encode(), **found}


def shipped(path: Path) -> bytes:
    if path.suffix == ".py":
        return lean(path.read_text(encoding="utf-8")).encode()
    return path.read_bytes()


def differences(archive: Path, root: Path = ROOT) -> list[str]:
    """The names in a zip that are not as the repository at `root` has them; raises UserError.

    Contents are compared, not bytes: another zlib packs the same files otherwise.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            found = {info.filename: opened.read(info) for info in opened.infolist()}
            twice = [name for name, count in Counter(opened.namelist()).items() if count > 1]
    except (OSError, zipfile.BadZipFile, RuntimeError, zlib.error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        hint = "name one that netmend bundle built"
        raise UserError(f"{archive}: no zip that can be read: {why}", hint) from error
    wanted = contents(root)
    wrong = {name for name in found.keys() | wanted if found.get(name) != wanted.get(name)}
    return sorted(wrong.union(twice))


def entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix, on every builder: Lambda reads the mode
    info.external_attr = MODE
    return info


def entries(root: Path) -> Iterator[tuple[str, Path]]:
    """(name in the zip, file) of all that ships."""
    for package in (root / "rules", root / "responses", installed("rdklib")):
        for path in package.rglob("*"):
            if path.is_file() and ships(path):
                yield path.relative_to(package.parent).as_posix(), path


def ships(path: Path) -> bool:
    if path.parent.name == "__pycache__":
        return False
    if path.suffix not in SHIPPED:
        raise UnshippableFileError(path)
    return not path.name.endswith("_test.py") and path.name not in WORKSHOP_ONLY


def installed(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise UserError(f"{package} is not installed", "make setup")
    return Path(spec.origin).parent

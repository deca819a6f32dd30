"""A deployed zip is unpacked once for each content, wherever it came from."""

from __future__ import annotations

import compileall
import io
import shutil
import tempfile
import threading
import weakref
import zipfile
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from netmend.sandbox.api import ApiError

KEPT: Final = 16

_lock: Final = threading.Lock()


class Unpacked:
    """A folder with the files of a zip, there as long as this object is."""

    def __init__(self, content: bytes) -> None:
        self.root = str(Path(tempfile.mkdtemp(prefix="netmend-function-")).resolve())
        weakref.finalize(self, shutil.rmtree, self.root, ignore_errors=True)
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(self.root)
        except zipfile.BadZipFile as error:
            message = f"Lambda was not able to unzip the file: {error}"
            raise ApiError("InvalidZipFileException", message, 502) from error
        compileall.compile_dir(self.root, quiet=2)  # each cold start would compile it again

    @property
    def names(self) -> tuple[str, ...]:
        """The top-level names that the zip's packages and modules take."""
        return names_in(self.root)


def names_in(root: str) -> tuple[str, ...]:
    """The top-level names of the packages and modules in a folder."""
    found = set()
    for path in Path(root).iterdir():
        if path.is_dir() and path.name.isidentifier():
            found.add(path.name)
        elif path.suffix == ".py":
            found.add(path.stem)
    return tuple(sorted(found))


@lru_cache(maxsize=KEPT)
def _unpacked(content: bytes) -> Unpacked:
    return Unpacked(content)


def unpack(function: Any) -> Unpacked:
    """The code of a function of moto's Lambda backend; `ApiError` where it has none to run."""
    content = getattr(function, "code_bytes", b"")
    if function.package_type != "Zip" or not content:
        raise ApiError(
            "InvalidZipFileException",
            f"{function.function_arn} has no zip: deploy one with ZipFile, or S3Bucket and S3Key",
            502,
        )
    if function.layers:
        raise NotImplementedError(f"the sandbox runs no layers: {function.function_arn} has some")
    if not str(function.run_time).startswith("python3."):
        raise NotImplementedError(
            f"the sandbox runs Python alone: {function.function_arn} has {function.run_time}"
        )
    with _lock:
        return _unpacked(content)

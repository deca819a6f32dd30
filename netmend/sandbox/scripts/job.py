"""What goes into a script's process and what comes out of it; all of it fits into JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MODULE: Final = "customer_script"


@dataclass(frozen=True)
class Job:
    """One run of a script.

    id: names the folder that tracebacks show. root: the folder with the attachments, whose
    top-level modules are `names`. script: the text, empty where the handler stands in an
    attachment. payload: JSON text. offset: seconds that the sandbox's clock is ahead.
    """

    id: str
    root: str
    names: tuple[str, ...]
    script: str
    handler: str
    payload: str
    context: dict[str, str]
    environment: dict[str, str]
    offset: float = 0.0

    @property
    def folder(self) -> str:
        """Where the script's files are, as AWS's tracebacks show it."""
        return f"/tmp/{self.id}"  # noqa: S108  a name that is shown, never a file

    @property
    def file(self) -> str:
        """The script's own file, which exists in tracebacks alone."""
        return f"{self.folder}/{MODULE}.py"


@dataclass(frozen=True)
class Answer:
    """value: JSON text. failure: the traceback's text, empty where the handler has returned."""

    value: str
    failure: str = ""

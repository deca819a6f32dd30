"""A runbook file is read with all documents beside it that it starts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from netmend.errors import UserError
from netmend.sandbox.automation import DocumentError
from netmend.sandbox.automation.loading import load

SUFFIXES: Final = (".yaml", ".yml", ".json")
REFERENCE: Final = re.compile(r"\{\{\s*(\w+)\s*\}\}")
CHILD: Final = "aws:executeAutomation"
OTHERWISE: Final = re.compile(r"[^A-Za-z0-9_.-]")
TITLE: Final = re.compile(r"(?im)^### document name - ([a-z0-9_.-]{3,128})[ \t]*$")
"""How AWS's own runbooks, and ours, begin their descriptions."""

SHORTEST: Final = 3
TOO_LARGE: Final = "MaxDocumentSizeExceeded"


@dataclass(frozen=True)
class Book:
    """One document: its name on AWS, its file, its text, JSON or YAML, and what the text says."""

    name: str
    path: Path
    text: str
    form: str
    tree: Mapping[str, Any]

    @property
    def parameters(self) -> dict[str, dict[str, Any]]:
        """The declared parameters by name; what is no declaration is left to CreateDocument."""
        found = self.tree.get("parameters")
        listed = found.items() if isinstance(found, dict) else ()
        return {name: one for name, one in listed if isinstance(one, dict)}

    @property
    def role(self) -> str:
        """assumeRole as it is written; empty where there is none."""
        return str(self.tree.get("assumeRole") or "")

    @property
    def role_parameter(self) -> str:
        """The declared parameter that names the role; empty where none does."""
        found = REFERENCE.fullmatch(self.role.strip())
        return found[1] if found and found[1] in self.parameters else ""


def read(path: Path, name: str = "") -> Book:
    """Raises UserError where the file cannot be read or is no document at all."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}", "name a readable runbook file") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: it is not UTF-8", "name a JSON or YAML text") from error
    form = "JSON" if path.suffix == ".json" or text.lstrip().startswith("{") else "YAML"
    try:
        tree = load(text, form)
    except DocumentError as error:
        raise unreadable(path, text, error) from error
    return Book(name or titled(path, tree), path, text, form, tree)


def titled(path: Path, tree: Mapping[str, Any]) -> str:
    """The name that the description's heading gives it, where the file is named so too."""
    found = TITLE.search(str(tree.get("description") or ""))
    return found[1] if found and found[1].endswith(f"-{path.stem}") else named(path)


def unreadable(path: Path, text: str, error: DocumentError) -> UserError:
    """With the place, where the text is neither YAML nor JSON."""
    from netmend.lint import linting

    try:
        linting.parse(str(path), text)
    except UserError as found:
        return UserError(found.message, "mend it, or name an Automation runbook")
    hint = "name an Automation runbook"
    if error.code == TOO_LARGE:
        hint = "shorten it: move scripts to attachments, steps to a child"
    return UserError(f"{path}: {error.message.rstrip('.')}", hint)


def named(path: Path) -> str:
    """The document's name: the file's, in the characters that AWS allows."""
    name = OTHERWISE.sub("-", path.stem)
    return name if len(name) >= SHORTEST else f"{name}-runbook"


def family(book: Book, given: Mapping[str, Any]) -> tuple[list[Book], list[str]]:
    """(every document that the run may start, the given one last; names that no file has)."""
    found: dict[str, Book] = {}
    missing: list[str] = []
    waiting = [(book, given)]
    while waiting:
        one, values = waiting.pop()
        for name in dict.fromkeys(children(one, values)):
            path = beside(book.path, name)
            if name == book.name or name in found or name in missing:
                continue
            if path is None:
                missing.append(name)
                continue
            found[name] = read(path, name)
            waiting.append((found[name], {}))
    return [*found.values(), book], missing


def children(book: Book, given: Mapping[str, Any]) -> Iterator[str]:
    """Names of the documents that its steps start, as far as they are known before the run."""
    for step in steps(book.tree.get("mainSteps")):
        inputs = step.get("inputs")
        if step.get("action") != CHILD or not isinstance(inputs, dict):
            continue
        name = str(inputs.get("DocumentName") or "")
        if reference := REFERENCE.fullmatch(name.strip()):
            default = book.parameters.get(reference[1], {}).get("default")
            name = str(given.get(reference[1], default) or "")
        if name and "{{" not in name:
            yield name.rpartition("/")[2]


def steps(listed: Any) -> Iterator[Mapping[str, Any]]:
    """Every step of a list, those inside loops too."""
    for step in listed if isinstance(listed, list) else ():
        if not isinstance(step, dict):
            continue
        yield step
        inputs = step.get("inputs")
        if isinstance(inputs, dict):
            yield from steps(inputs.get("Steps"))


def beside(path: Path, name: str) -> Path | None:
    """The file of a document in the folder of another: its name, or its name without a prefix."""
    files = [one for one in sorted(path.parent.glob("*")) if one.suffix in SUFFIXES]
    exact = [one for one in files if named(one) == name]
    ending = [one for one in files if name.endswith(f"-{one.stem}")]
    return next(iter(exact + ending), None)

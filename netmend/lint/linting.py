"""Files become findings: each file by itself, and children with those that run them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from netmend.errors import UserError
from netmend.lint.checks import (
    apis,
    children,
    flow,
    inputs,
    parameters,
    references,
    refusals,
    scripts,
    selectors,
    structure,
)
from netmend.lint.ignoring import suppressed
from netmend.lint.loading import load
from netmend.lint.rules import RULES
from netmend.lint.runbook import ERROR, Finding, Problem, Runbook
from netmend.lint.source import Unreadable

CHECKS: Final = (
    structure.check,
    inputs.check,
    apis.check,
    selectors.check,
    references.check,
    parameters.check,
    flow.check,
    scripts.check,
)
ENDINGS: Final = (".yaml", ".yml", ".json")
FOREIGN: Final = "not-a-runbook"
MARK: Final = "mainSteps"
"""What every runbook has, and hardly another file in a folder."""


@dataclass
class Linted:
    """unreadable: one line each, of files that could not be read as what they seem to be."""

    findings: list[Finding] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    runbooks: int = 0


def lint(paths: Sequence[str]) -> Linted:
    """Lint files, and all runbooks in folders; raises UserError where there is none."""
    result = Linted()
    runbooks = list(_runbooks(paths, result))
    if not runbooks and not result.unreadable:
        raise UserError(f"{' '.join(paths)}: no runbook there", "name a runbook, or its folder")
    library = {runbook.name: runbook for runbook in runbooks}
    result.runbooks = len(runbooks)
    for runbook in runbooks:
        result.findings += findings(runbook, library)
    return result


def findings(runbook: Runbook, library: children.Library) -> list[Finding]:
    """All findings of one runbook, in the order of its lines."""
    found = [_finding(runbook, problem) for problem in _problems(runbook, library)]
    if foreign := [finding for finding in found if finding.id == FOREIGN]:
        found = foreign  # what another kind of document has is no mistake in it
    if not any(finding.level == ERROR for finding in found):
        found += [_finding(runbook, problem) for problem in refusals.check(runbook)]
    return sorted(suppressed(dict.fromkeys(found), runbook.source, runbook.file))


def parse(file: str, text: str) -> Runbook:
    """The runbook of a text; raises UserError where it is neither YAML nor JSON."""
    text_format = "JSON" if file.endswith(".json") or text.lstrip().startswith("{") else "YAML"
    try:
        source = load(text, text_format)
    except Unreadable as error:
        line = text.count("\n", 0, error.index) + 1
        column = error.index - (text.rfind("\n", 0, error.index) + 1) + 1
        what = f"{file}:{line}:{column}: no {text_format}: {error.what}"
        raise UserError(what, "mend it, or leave the file out") from error
    return Runbook(file, Path(file).stem, source)


def _problems(runbook: Runbook, library: children.Library) -> Iterator[Problem]:
    for check in CHECKS:
        yield from check(runbook)
    yield from children.check(runbook, library)


def _finding(runbook: Runbook, problem: Problem) -> Finding:
    place = runbook.source.place(problem.path, key=problem.key, offset=problem.offset)
    level = RULES[problem.id].level
    return Finding(runbook.file, *place, level, problem.id, problem.reason, problem.fix)


def _runbooks(paths: Sequence[str], result: Linted) -> Iterator[Runbook]:
    for file, in_folder in _files(paths):
        try:
            text = _text(file)
            if not in_folder or MARK in text:
                runbook = parse(str(file), text)
                if not in_folder or _is_runbook(runbook):
                    yield runbook
        except UserError as error:
            result.unreadable.append(str(error))


def _files(paths: Sequence[str]) -> Iterator[tuple[Path, bool]]:
    """Each file once, and whether a folder was named instead of it."""
    seen: set[Path] = set()
    for path in map(Path, paths):
        folder = path.is_dir()
        inside = (one for one in path.rglob("*") if one.suffix in ENDINGS and one.is_file())
        for file in sorted(inside) if folder else [path]:
            if file not in seen:
                seen.add(file)
                yield file, folder


def _is_runbook(runbook: Runbook) -> bool:
    return str(runbook.tree.get("schemaVersion")) == "0.3" and MARK in runbook.tree


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode()
    except OSError as error:
        what = f"{file}: cannot be read: {error.strerror}"
        raise UserError(what, "name a readable file") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{file}: not UTF-8 at byte {error.start}", "save it as UTF-8") from error

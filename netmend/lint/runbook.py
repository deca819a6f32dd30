"""A check reads a runbook whatever shape it has, and names what it finds by its path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, NamedTuple

from netmend.lint.source import Path, Source

LOOP: Final = "aws:loop"
API_ACTIONS: Final = frozenset(
    {"aws:executeAwsApi", "aws:assertAwsResourceProperty", "aws:waitForAwsResourceProperty"}
)
ERROR: Final = "error"
WARNING: Final = "warning"


class Problem(NamedTuple):
    """What a check found. key: the place is the key's; offset: a character in the text there."""

    id: str
    path: Path
    reason: str
    fix: str
    key: bool = False
    offset: int | None = None


@dataclass(frozen=True, order=True)
class Finding:
    """One line of the result; `line` and `column` from 1, `file` as it was named."""

    file: str
    line: int
    column: int
    level: str
    id: str
    reason: str
    fix: str


def table(value: Any) -> Mapping[str, Any]:
    """The map, or an empty one in the place of anything else."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """The list, or an empty one in the place of anything else."""
    return value if isinstance(value, list) else []


def is_true(value: Any) -> bool:
    """true as published documents write it: as a boolean, or as text."""
    return str(value).lower() == "true"


def a_kind(name: str) -> str:
    """The name of a type with its article."""
    return f"an {name}" if name[0] in "aiI" else f"a {name}"


def texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Every text in a value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from texts(item, (*path, number))


@dataclass(frozen=True, eq=False)
class Step:
    """One step. loop: the step it runs in, if any; beside: all steps of its list, in order."""

    path: Path
    entry: Mapping[str, Any]
    loop: Step | None
    beside: list[Step] = field(repr=False)

    @property
    def name(self) -> str:
        return str(self.entry.get("name", ""))

    @property
    def action(self) -> str:
        return str(self.entry.get("action", ""))

    @property
    def inputs(self) -> Mapping[str, Any]:
        return table(self.entry.get("inputs"))

    @property
    def is_end(self) -> bool:
        return is_true(self.entry.get("isEnd"))

    @property
    def on_failure(self) -> str:
        return str(self.entry.get("onFailure") or "Abort")

    @cached_property
    def outputs(self) -> dict[str, tuple[Path, Mapping[str, Any]]]:
        """Declared outputs by name, with their path."""
        found: dict[str, tuple[Path, Mapping[str, Any]]] = {}
        for number, item in enumerate(listing(self.entry.get("outputs"))):
            if isinstance(item, dict) and isinstance(item.get("Name"), str):
                found[item["Name"]] = ((*self.path, "outputs", number), item)
        return found

    @cached_property
    def inner(self) -> list[Step]:
        """The steps of a loop."""
        if self.action != LOOP:
            return []
        return steps(self.inputs.get("Steps"), (*self.path, "inputs", "Steps"), self)

    @property
    def after(self) -> Step | None:
        """The step that stands below this one."""
        place = next(n for n, step in enumerate(self.beside) if step is self) + 1
        return self.beside[place] if place < len(self.beside) else None

    def input(self, *names: str | int) -> Path:
        """The path of an input, or of what is in it."""
        return (*self.path, "inputs", *names)


def steps(value: Any, path: Path, loop: Step | None = None) -> list[Step]:
    """The steps of a list, leaving out what is no map."""
    found: list[Step] = []
    for number, entry in enumerate(listing(value)):
        if isinstance(entry, dict):
            found.append(Step((*path, number), entry, loop, found))
    return found


@dataclass
class Runbook:
    """One document. name: of its file, without the ending."""

    file: str
    name: str
    source: Source

    @property
    def tree(self) -> Mapping[str, Any]:
        return table(self.source.tree)

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        return table(self.tree.get("parameters"))

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        return table(self.tree.get("variables"))

    @cached_property
    def top(self) -> list[Step]:
        """The steps of mainSteps."""
        return steps(self.tree.get("mainSteps"), ("mainSteps",))

    @cached_property
    def steps(self) -> list[Step]:
        """All steps, those of loops after their loop."""
        return list(_deep(self.top))

    @cached_property
    def by_name(self) -> dict[str, Step]:
        return {step.name: step for step in reversed(self.steps)}

    def parameter_type(self, name: str) -> str:
        return str(table(self.parameters.get(name)).get("type", ""))


def _deep(found: list[Step]) -> Iterator[Step]:
    for step in found:
        yield step
        yield from _deep(step.inner)

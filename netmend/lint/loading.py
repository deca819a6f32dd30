"""JSON keeps JSON's rules and YAML those of the engine, and both say where everything stands."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from json import JSONDecodeError, JSONDecoder
from typing import Any, Final, NoReturn, cast

import yaml

from netmend.lint.source import Mark, Path, Source, Unreadable
from netmend.sandbox.automation.loading import MAX_DEPTH, MAX_NODES, SCALARS

BLANK: Final = re.compile(r"[ \t\r\n]*")
INDENT: Final = re.compile(r"[|>][-+]?([1-9])")
TAG: Final = "tag:yaml.org,2002:"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _boolean(text: str) -> bool:
    return text.lower() == "true"


def _nothing(text: str) -> None:
    return None


DECODER: Final = JSONDecoder(parse_constant=_no_constant)
PLAIN: Final[dict[str, Callable[[str], Any]]] = {
    "str": str,
    "int": int,
    "float": float,
    "bool": _boolean,
    "null": _nothing,
}

Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(Base):  # type: ignore[misc]  # which of the two depends on the machine
    """Reads plain scalars as the engine does."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the class's own, filled below


for _name, _pattern, _first in SCALARS:
    _Loader.add_implicit_resolver(TAG + _name, re.compile(f"(?:{_pattern})\\Z"), _first)


def load(text: str, text_format: str) -> Source:
    """The document with its places; text_format: JSON or YAML. Raises Unreadable."""
    source = Source(text, text_format)
    reader = _Json(source) if text_format == "JSON" else _Yaml(source)
    source.tree = reader.read()
    return source


class _Reader(ABC):
    def __init__(self, source: Source) -> None:
        self.source = source
        self.nodes = 0

    def enter(self, path: Path, mark: Mark) -> None:
        """Aliases and brackets may not blow a text up beyond what the engine takes."""
        self.nodes += 1
        if self.nodes > MAX_NODES or len(path) >= MAX_DEPTH:
            raise Unreadable(f"more than {MAX_NODES} values or {MAX_DEPTH} levels", mark.index)
        self.source.values[path] = mark

    def key(self, path: Path, index: int) -> None:
        if path in self.source.keys:
            raise Unreadable(f"the key {path[-1]!r} stands twice in one map", index)
        self.source.keys[path] = index

    @abstractmethod
    def read(self) -> Any:
        """The document as plain data, with the place of each part noted."""


class _Yaml(_Reader):
    def read(self) -> Any:
        loader = _Loader(self.source.text)
        try:
            node = loader.get_single_node()
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = error.problem or str(error)
            raise Unreadable(what, mark.index if mark else 0) from error
        except yaml.YAMLError as error:  # a character that YAML does not allow
            raise Unreadable(str(error), getattr(error, "position", 0)) from error
        finally:
            loader.dispose()
        if node is None:
            raise Unreadable("the document is empty", 0)
        return self.value(node, ())

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.enter(path, self.mark(node))
        if isinstance(node, yaml.MappingNode):
            return {self.name(key, path): self.item(key, value, path) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, n)) for n, item in enumerate(node.value)]
        return self.scalar(cast(yaml.ScalarNode, node))

    def mark(self, node: yaml.Node) -> Mark:
        index = node.start_mark.index
        style = (getattr(node, "style", "") or "") if isinstance(node, yaml.ScalarNode) else ""
        if style not in ("|", ">"):
            return Mark(index, style if style in ("'", '"') else "")
        header = INDENT.match(self.source.text, index)
        line = self.source.text.rfind("\n", 0, index) + 1
        outer = len(self.source.text[line:index]) - len(self.source.text[line:index].lstrip(" -"))
        return Mark(index, style, outer + int(header[1]) if header else 0)

    def name(self, key: yaml.Node, path: Path) -> str:
        if not isinstance(key, yaml.ScalarNode):
            raise Unreadable("a key is not a text", key.start_mark.index)
        self.key((*path, key.value), key.start_mark.index)
        return str(key.value)

    def item(self, key: yaml.ScalarNode, value: yaml.Node, path: Path) -> Any:
        return self.value(value, (*path, key.value))

    def scalar(self, node: yaml.ScalarNode) -> Any:
        kind, text = node.tag.removeprefix(TAG), node.value
        try:
            return PLAIN[kind](text)
        except (KeyError, ValueError):
            raise Unreadable(f"{text[:40]!r} is no plain {kind}", node.start_mark.index) from None


class _Json(_Reader):
    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.text = source.text
        self.at = 0

    def read(self) -> Any:
        value = self.value(())
        if self.blank() < len(self.text):
            raise self.wrong("nothing more")
        return value

    def blank(self) -> int:
        self.at = cast(re.Match[str], BLANK.match(self.text, self.at)).end()
        return self.at

    def wrong(self, wanted: str) -> Unreadable:
        found = self.text[self.at : self.at + 1]
        return Unreadable(f"{wanted} expected, not {found or 'the end'!r}", self.at)

    def taken(self, character: str) -> bool:
        self.blank()
        found = self.text.startswith(character, self.at)
        self.at += found
        return found

    def take(self, character: str) -> None:
        if not self.taken(character):
            raise self.wrong(character)

    def value(self, path: Path) -> Any:
        start = self.blank()
        first = self.text[start : start + 1]
        self.enter(path, Mark(start, '"' if first == '"' else ""))
        if first == "{":
            return self.map(path)
        if first == "[":
            return self.list(path)
        return self.scalar()

    def map(self, path: Path) -> dict[str, Any]:
        self.take("{")
        found: dict[str, Any] = {}
        while not self.taken("}"):
            if found:
                self.take(",")
            start = self.blank()
            name = self.string()
            self.key((*path, name), start)
            self.take(":")
            found[name] = self.value((*path, name))
        return found

    def list(self, path: Path) -> list[Any]:
        self.take("[")
        found: list[Any] = []
        while not self.taken("]"):
            if found:
                self.take(",")
            found.append(self.value((*path, len(found))))
        return found

    def string(self) -> str:
        if not self.text.startswith('"', self.at):
            raise self.wrong('"')
        return str(self.scalar())

    def scalar(self) -> Any:
        try:
            value, self.at = DECODER.raw_decode(self.text, self.at)
        except JSONDecodeError as error:
            raise Unreadable(error.msg, error.pos) from error
        except ValueError as error:  # NaN, or a number of thousands of digits
            raise Unreadable(str(error), self.at) from error
        return value

"""The text of a document becomes plain data, and every text in it stays the text that was typed."""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

import yaml

from netmend.sandbox.automation.errors import DocumentError

MAX_BYTES: Final = 64 * 1024
MAX_NODES: Final = 100_000
MAX_DEPTH: Final = 100

# YAML 1.1 would read 012345678901, 22:22, on and 2026-01-01 as something else than they look.
SCALARS: Final = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]{0,18})", list("-+0123456789")),
    ("float", r"[-+]?[0-9]+\.[0-9]+([eE][-+]?[0-9]+)?", list("-+0123456789")),
)


class _Loader(yaml.SafeLoader):
    """Plain data only: keys are texts, said once; no dates, no octal, no merge keys."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012  the class's own, filled below

    def construct_mapping(self, node: yaml.Node, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.YAMLError(f"a key is not a text{key.start_mark}")
            _add(mapping, key.value, self.construct_object(value, deep=True))
        return mapping


for _tag, _pattern, _first in SCALARS:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), _first
    )


def load(content: str, text_format: str) -> dict[str, Any]:
    """The top-level map of a JSON or YAML text; raises DocumentError."""
    if len(content.encode()) > MAX_BYTES:
        raise DocumentError(
            f"The document has more than {MAX_BYTES} bytes.", "MaxDocumentSizeExceeded"
        )
    tree = _parse(content, text_format)
    if not isinstance(tree, dict):
        raise DocumentError(f"{text_format} not well-formed.")
    _measure(tree)
    return tree


def _parse(content: str, text_format: str) -> Any:
    try:
        if text_format == "JSON":
            return json.loads(content, object_pairs_hook=_object, parse_constant=_no_constant)
        if text_format == "YAML":
            return yaml.load(content, _Loader)  # noqa: S506  a subclass of SafeLoader
    except (ValueError, yaml.YAMLError, RecursionError) as problem:
        raise DocumentError(f"{text_format} not well-formed. {problem}") from None
    raise DocumentError(f"The document format {text_format} is not JSON or YAML.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        _add(mapping, key, value)
    return mapping


def _add(mapping: dict[str, Any], key: str, value: Any) -> None:
    if key in mapping:
        raise ValueError(f"the key {key!r} stands twice in one map")
    mapping[key] = value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _measure(tree: Any) -> None:
    """Refuse what YAML aliases or brackets blow up far beyond the text's own size."""
    todo = [(tree, 1)]
    nodes = 0
    while todo:
        node, depth = todo.pop()
        nodes += 1
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            raise DocumentError(
                f"The document has more than {MAX_NODES} values or {MAX_DEPTH} levels."
            )
        if isinstance(node, dict):
            todo.extend((item, depth + 1) for item in node.values())
        elif isinstance(node, list):
            todo.extend((item, depth + 1) for item in node)
        elif not isinstance(node, str | int | float | None):
            raise DocumentError(f"A {type(node).__name__} is not plain YAML data.")

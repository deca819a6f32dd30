"""Every key, value and character of a text is found again where it stands in the file."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from netmend.lint.loading import load
from netmend.lint.source import Source, Unreadable, characters
from netmend.sandbox.automation.errors import DocumentError
from netmend.sandbox.automation.loading import load as engine_load

TEXTS = {
    "a plain text": "a: one two X three\n",
    "a text in single quotes with a quote in it": "a: 'it''s X'\n",
    "a text in double quotes with escapes": r'a: "tab\t line\n \u00e9 X"' + "\n",
    "a text in double quotes over two lines": 'a: "one\n   two X"\n',
    "a block": "a: |\n  one\n\n    two X\n  three\n",
    "a block that says its indent": "a: |2\n    one X\n",
    "a block in a list that says its indent": "- a: |2-\n      one X\n",
    "a folded block": "a: >-\n  one\n  two X\n",
    "a key in a map in a flow": "a: {b: [c, 'd X']}\n",
}

JSON_TEXTS = {
    "a text": '{"a": "one X"}',
    "a text with escapes": r'{"a": "one\n\t\"two\" \u00e9 X"}',
    "a text with a character of two escapes": r'{"a": "\ud83d\ude00 X"}',
}

BAD = {
    "a key that stands twice": ("YAML", "a: 1\nb: 2\na: 3\n", (3, 1)),
    "a key that stands twice in JSON": ("JSON", '{"a": 1,\n "a": 2}', (2, 2)),
    "a comma after the last item": ("JSON", '{"a": [1,]}', (1, 10)),
    "a comma after the last key": ("JSON", '{"a": 1,}', (1, 9)),
    "text after the document": ("JSON", "{} x", (1, 4)),
    "a number that is none": ("JSON", '{"a": NaN}', (1, 7)),
    "a tab in a text": ("JSON", '{"a": "\t"}', (1, 8)),
    "a comment": ("JSON", "{} # x", (1, 4)),
    "nothing at all": ("YAML", "", (1, 1)),
    "a short tag of CloudFormation": ("YAML", "a: 1\nb: !Sub x\n", (2, 4)),
    "a bracket that stays open": ("YAML", "a: [1, 2\n", (2, 1)),
    "a list that holds itself": ("YAML", "a: &x [*x]\n", (1, 4)),
    "a list as a key": ("YAML", "? [a]\n: b\n", (1, 3)),
}


def walked(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in walked(item)]
    if isinstance(value, list):
        return [text for item in value for text in walked(item)]
    return [value] if isinstance(value, str) else []


def place_of_x(source: Source) -> tuple[int, int]:
    (path,) = [path for path in source.values if "X" in str(at(source.tree, path)).split()]
    return source.place(path, offset=at(source.tree, path).index("X"))


def at(tree: Any, path: tuple[str | int, ...]) -> Any:
    for part in path:
        tree = tree[part]
    return tree if isinstance(tree, str) else ""


def wanted(text: str) -> tuple[int, int]:
    index = text.index("X")
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_character_of_a_yaml_text_is_where_it_stands(text: str) -> None:
    assert place_of_x(load(text, "YAML")) == wanted(text)


@pytest.mark.parametrize("text", JSON_TEXTS.values(), ids=JSON_TEXTS)
def test_a_character_of_a_json_text_is_where_it_stands(text: str) -> None:
    assert place_of_x(load(text, "JSON")) == wanted(text)


@pytest.mark.parametrize(("text_format", "text", "place"), BAD.values(), ids=BAD)
def test_what_is_no_document_says_where(
    text_format: str, text: str, place: tuple[int, int]
) -> None:
    with pytest.raises(Unreadable) as caught:
        load(text, text_format)
    assert Source(text, text_format).position(caught.value.index) == place
    with pytest.raises(DocumentError):
        engine_load(text, text_format)


def test_lines_are_counted_as_editors_count_them() -> None:
    source = load('a: "one\u2028"\r\nb: 1\r\n', "YAML")
    assert source.place(("b",)) == (2, 4)


LEAVES = st.none() | st.booleans() | st.integers(-(10**18), 10**18) | st.text(max_size=12)
TREES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1, max_size=5), TREES, max_size=3), st.booleans())
def test_json_is_read_as_json_reads_it(tree: dict[str, Any], ascii_only: bool) -> None:
    text = json.dumps(tree, ensure_ascii=ascii_only, indent=1)
    source = load(text, "JSON")
    assert source.tree == tree
    for path, mark in source.values.items():
        value = at(source.tree, path)
        if value:
            assert len(list(characters(text, mark))) == len(value)


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=3),
        st.lists(st.text("ab \n'\"é#:{}-", max_size=30), max_size=3),
        min_size=1,
        max_size=3,
    ),
    st.sampled_from([None, "'", '"', "|", ">"]),
)
def test_yaml_is_read_as_the_engine_reads_it(tree: dict[str, Any], style: str | None) -> None:
    text = yaml.safe_dump(tree, default_style=style, allow_unicode=True)
    source = load(text, "YAML")
    assert source.tree == engine_load(text, "YAML") == tree


def test_what_is_not_there_is_where_its_holder_begins() -> None:
    source = load("a:\n  - b: 1\n", "YAML")
    assert source.place(("a", 0, "c", "d")) == (2, 5)
    assert source.place(("a", 0, "b"), key=True) == (2, 5)
    assert source.place(("a", 0, "b")) == (2, 8)

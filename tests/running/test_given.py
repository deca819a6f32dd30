"""Parameters become lists of texts, as StartAutomationExecution takes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netmend.running import given

DECLARED = {
    "Text": {"type": "String"},
    "Texts": {"type": "StringList"},
    "Ids": {"type": "List<AWS::EC2::Instance::Id>"},
    "Flag": {"type": "Boolean"},
    "Count": {"type": "Integer"},
    "Map": {"type": "StringMap"},
    "Maps": {"type": "MapList"},
}

WIRED: dict[str, tuple[str, list[str], dict[str, list[str]]]] = {
    "a text": ("{}", ["Text=a=b,c"], {"Text": ["a=b,c"]}),
    "an empty text": ("{}", ["Text="], {"Text": [""]}),
    "a list with commas": ("{}", ["Texts=a,b"], {"Texts": ["a", "b"]}),
    "a list as JSON": ("{}", ['Texts=["a,b"]'], {"Texts": ["a,b"]}),
    "a list that is repeated": ("{}", ["Texts=a", "Texts=b"], {"Texts": ["a", "b"]}),
    "a list of ids": ("{}", ["Ids=i-1,i-2"], {"Ids": ["i-1", "i-2"]}),
    "a flag": ('{"Flag": true}', [], {"Flag": ["true"]}),
    "a number": ('{"Count": 3}', [], {"Count": ["3"]}),
    "a map": ("{}", ['Map={"a": 1}'], {"Map": ['{"a":1}']}),
    "a list of maps": ("{}", ['Maps=[{"a": 1}, {"b": 2}]'], {"Maps": ['{"a":1}', '{"b":2}']}),
    "a list as JSON of the whole": ('{"Texts": ["a", "b"]}', [], {"Texts": ["a", "b"]}),
    "what is AWS's form already": ('{"Text": ["a"]}', [], {"Text": ["a"]}),
    "a single one wins": ('{"Text": "a"}', ["Text=b"], {"Text": ["b"]}),
}


@pytest.mark.parametrize(("whole", "singles", "wired"), WIRED.values(), ids=WIRED)
def test_a_value_becomes_a_list_of_texts(
    whole: str, singles: list[str], wired: dict[str, list[str]]
) -> None:
    values = given.collected(DECLARED, whole, singles)
    assert given.wired(DECLARED, values) == wired


def test_a_file_may_hold_them(tmp_path: Path) -> None:
    file = tmp_path / "given.json"
    file.write_text(json.dumps({"Text": "a"}), encoding="utf-8")
    assert given.collected(DECLARED, f"@{file}", []) == {"Text": "a"}


NAMES = {"web": "sg-1", "sg-0123456789abcdef0": "sg-2"}
RESOLVED: dict[str, tuple[Any, Any]] = {
    "a name": ("@web", "sg-1"),
    "a name in a list in a map": ({"a": ["@web", "x"]}, {"a": ["sg-1", "x"]}),
    "an id of the described network": ("sg-0123456789abcdef0", "sg-2"),
    "a text that is a name without its mark": ("web", "web"),
    "a text with a mark of its own": ("@@web", "@web"),
    "another id": ("sg-0123456789abcdef1", "sg-0123456789abcdef1"),
    "a number": (3, 3),
}


@pytest.mark.parametrize(("value", "meant"), RESOLVED.values(), ids=RESOLVED)
def test_names_of_the_network_become_ids(value: Any, meant: Any) -> None:
    assert given.resolved(value, NAMES) == meant

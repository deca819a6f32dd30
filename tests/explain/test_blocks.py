"""What the renderer writes is read back as a YAML library reads it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from netmend import catalog
from netmend.explain import blocks
from netmend.rendering.text import block
from tests.stacks import ROOT, Stack, template

RUNBOOKS = pytest.mark.parametrize("runbook", catalog.load().runbooks, ids=lambda r: r.name)
VALUES: dict[str, Any] = {
    "a statement": [
        {
            "Sid": "Tag",
            "Action": ["ec2:CreateTags"],
            "Resource": ["arn:aws:ec2:*:*:a/*", "*"],
            "Condition": {"StringEquals": {"ec2:CreateAction": "Run", "aws:Account": ["1", "2"]}},
        },
        {"Sid": "Ask", "Action": "lambda:InvokeFunction", "Resource": "function:x"},
    ],
    "texts that need quotes": [{"a": "yes", "b": "a: b", "c": "*", "d": 'q"q'}],
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_a_block_is_read_as_it_was_written(value: Any) -> None:
    assert blocks.read(block(value, 14)) == value


def test_tags_and_comments_are_not_in_the_way() -> None:
    told = "- Resource: !Sub arn:${A}:x # IAM knows nothing narrower\n  # more\n  Sid: B"
    assert blocks.read(told) == [{"Resource": "arn:${A}:x", "Sid": "B"}]


def test_every_resource_of_the_roles_is_found() -> None:
    found = list(blocks.resources((ROOT / "cloudformation" / "roles.yaml").read_text()))
    assert len(found) == len(Stack(template("roles")).resources)
    assert all("Type: AWS::IAM::Role" in text for text in found)


@RUNBOOKS
def test_steps_and_description_are_those_of_the_document(runbook: catalog.Runbook) -> None:
    document = yaml.safe_load(runbook.text)
    told = [(s["name"], s["action"], s.get("description", "")) for s in document["mainSteps"]]
    assert list(blocks.steps(runbook.text)) == told
    assert blocks.description(runbook.text).strip() == document["description"].strip()

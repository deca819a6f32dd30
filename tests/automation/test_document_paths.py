"""An error of a document says at which node it was found, as LINT and people need it."""

import json

import pytest

from netmend.sandbox.automation import Document, DocumentError

SLEEP = {"name": "nap", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}
LOOP = {"name": "round", "action": "aws:loop"}
BAD = {**SLEEP, "name": "inner", "nextStep": "gone"}

PATHS = {
    "a step": ({"mainSteps": [SLEEP, {**SLEEP, "name": "a-b"}]}, "mainSteps[1]"),
    "a step inside a loop": (
        {"mainSteps": [{**LOOP, "inputs": {"Iterators": ["x"], "Steps": [BAD]}}]},
        "mainSteps[0].inputs.Steps[0]",
    ),
    "a parameter": ({"parameters": {"x": {"type": "Text"}}}, "parameters.x"),
    "a variable": ({"variables": {"x": {}}}, "variables.x"),
    "the document itself": ({"schemaVersion": "1"}, ""),
}


@pytest.mark.parametrize(("tree", "path"), PATHS.values(), ids=PATHS)
def test_an_error_is_placed_at(tree, path):
    content = {"schemaVersion": "0.3", "mainSteps": [SLEEP], **tree}
    with pytest.raises(DocumentError) as refusal:
        Document.parse(json.dumps(content))
    assert refusal.value.path == path

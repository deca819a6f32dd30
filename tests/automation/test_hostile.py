"""No document, however broken, gets more out of the engine than a refusal or a failed step."""

import copy
import json
from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netmend.sandbox.automation import Document, DocumentError, ParametersError

BOOKS = [
    yaml.safe_load(path.read_text("utf-8"))
    for path in sorted((Path(__file__).parent / "runbooks").glob("*.yaml"))
]
TEXTS = [
    "",
    "{{ x }}",
    "{{ Plan.Entry }}",
    "step:Abort",
    "Abort",
    "$..x",
    "[",
    "true",
    "-1",
    "PT1S",
]
GIVEN = {
    "AutomationAssumeRole": ["arn:aws:iam::123456789012:role/x"],
    "GroupId": ["sg-0123456789abcdef0"],
    "InstanceIds": ["i-01234567"],
    "InstanceId": ["i-01234567"],
    "VolumeId": ["vol-1"],
    "VpcId": ["vpc-1"],
    "Approvers": ["alice"],
    "SNSTopicArn": ["arn:aws:sns:eu-west-1:123456789012:Automation"],
}
ANSWERS = [
    None,
    {},
    {"Entry": "Add"},
    {"Entry": "Ask"},
    [1],
    "x",
    {"FlowLogs": [{"FlowLogStatus": 1}]},
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**20) | st.floats() | st.sampled_from(TEXTS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "inputs", "x", "Or", "Variable"]), inner, max_size=3
        )
    ),
    max_leaves=4,
)


def places(tree, path=()):
    """Every path to a value in the tree."""
    yield path
    items = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in items if isinstance(tree, dict | list) else ():
        yield from places(value, (*path, key)) if isinstance(value, dict | list) else [(*path, key)]


def replaced(tree, path, value):
    tree = copy.deepcopy(tree)
    node = tree
    for key in path[:-1]:
        node = node[key]
    if not path:
        return value
    node[path[-1]] = value
    return tree


@st.composite
def documents(draw):
    tree = draw(st.sampled_from(BOOKS))
    for _ in range(draw(st.integers(1, 2))):
        if isinstance(tree, dict | list):
            tree = replaced(tree, draw(st.sampled_from(list(places(tree)))), draw(JUNK))
    return json.dumps(tree)


class Always(dict):
    """Every function and every API gives the same answer."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer

    def __missing__(self, name):
        return lambda *_, **__: self.answer


@given(content=documents(), answer=st.sampled_from(ANSWERS))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_broken_document_is_refused_or_its_run_comes_to_an_end(world, content, answer):
    world.functions, world.apis, world.parameters = Always(answer), Always(answer), {"topic": "x"}
    try:
        document = Document.parse(content, "JSON")
        declared = {parameter.name for parameter in document.parameters}
        run = world.start(document, {name: GIVEN[name] for name in declared & set(GIVEN)})
    except (DocumentError, ParametersError):
        return
    world.timers.clear()
    world.drive(run)
    world.sleep(run, 700_000)
    if not run.ended:
        run.stop()
        world.sleep(run, 700_000)
    assert run.ended
    json.dumps(run.record(), default=str)

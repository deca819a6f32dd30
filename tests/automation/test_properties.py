"""Whatever a document looks like that is accepted, its run ends, and its record is AWS's shape."""

import contextlib
import json
import re
import string

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netmend.sandbox.automation import Document, DocumentError, flow
from netmend.sandbox.automation.references import resolve
from netmend.sandbox.automation.selectors import SelectorError, compiled, select
from netmend.sandbox.automation.values import TYPES, ConversionError, convert, fits, wire
from tests.automation.conftest import World

SHAPE = botocore.session.get_session().get_service_model("ssm").shape_for("AutomationExecution")
ENDS = {"Success", "Failed", "TimedOut", "Cancelled"}
MODEST = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

names = st.integers(0, 30).map(lambda number: f"T{number}")
targets = st.one_of(st.none(), names)
failures = st.one_of(
    st.sampled_from([None, "Abort", "Continue"]), names.map(lambda name: f"step:{name}")
)


@st.composite
def keys(draw):
    given = {
        "isEnd": draw(st.booleans()),
        "isCritical": draw(st.sampled_from([None, True, False])),
        "onFailure": draw(failures),
        "maxAttempts": draw(st.sampled_from([None, 1, 2])),
        "timeoutSeconds": draw(st.sampled_from([None, 1, 40])),
    }
    if not given["isEnd"]:
        given["nextStep"] = draw(targets)
    return {key: value for key, value in given.items() if value is not None}


@st.composite
def steps(draw, depth=2):
    kind = draw(st.sampled_from(["call", "nap", "branch", *(["loop"] if depth else [])]))
    step = {"name": "x", **draw(keys())}
    if kind == "call":
        inputs = {"FunctionName": draw(st.sampled_from(["ok", "bad", "slow"]))}
        return {**step, "action": "aws:invokeLambdaFunction", "inputs": inputs}
    if kind == "nap":
        return {**step, "action": "aws:sleep", "inputs": {"Duration": "PT30S"}}
    if kind == "branch":
        choice = {"Variable": "{{ S0.more }}", "BooleanEquals": True, "NextStep": draw(names)}
        return {**step, "action": "aws:branch", "inputs": {"Choices": [choice]}}
    inner = draw(st.lists(steps(depth=depth - 1), min_size=1, max_size=3))
    how = draw(
        st.sampled_from(
            [
                {"Iterators": ["x", "y"]},
                {"Iterators": []},
                {"LoopCondition": {"Variable": "a", "StringEquals": "a"}, "MaxIterations": 2},
            ]
        )
    )
    return {**step, "action": "aws:loop", "inputs": {"Steps": inner, **how}}


def renamed(tree):
    """The same steps with names that lead somewhere: S0, S1... as they stand."""
    count = iter(range(1000))

    def name(step):
        step["name"] = f"S{next(count)}"
        for inner in step["inputs"].get("Steps", []):
            name(inner)

    for step in tree:
        name(step)
    total = next(count)
    aimed = re.sub(
        r'"(step:)?T(\d+)"', lambda m: f'"{m[1] or ""}S{int(m[2]) % total}"', json.dumps(tree)
    )
    return json.loads(aimed)


def slow(world):
    world.time += 3


def behaving(world):
    def bad(_):
        raise world.error("Boom", "no", "Invoke")

    world.functions = {"ok": lambda _: {}, "bad": bad, "slow": lambda _: slow(world)}


@MODEST
@given(st.lists(steps(), min_size=1, max_size=5), st.integers(0, 20))
def test_a_run_of_any_document_ends_and_can_be_cancelled(tree, turns):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "MAX_STEPS", 100)  # many of these documents have no end of their own
        run_and_cancel(tree, turns)


def run_and_cancel(tree, turns):
    world = World()
    behaving(world)
    try:
        document = Document.parse(
            json.dumps({"schemaVersion": "0.3", "mainSteps": renamed(tree)}), "JSON"
        )
    except DocumentError:
        return
    whole, cut = world.start(document), world.start(document, execution_id="2" * 36)
    for _ in range(turns):
        cut.advance()
    if not cut.ended:
        cut.stop()
    for run in (whole, cut):
        for _ in range(500):
            world.drive(run)
            if run.ended or not world.timers:
                break
            world.sleep(run, 31)
        assert run.status in ENDS
        assert {record.status for record in run.steps} <= ENDS | {"Pending"}
        assert ParamValidator().validate(run.record(), SHAPE).generate_report() == ""
        assert run.advance() is False


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@MODEST
@given(json_values, st.sampled_from(sorted(TYPES)))
def test_a_conversion_gives_the_type_or_says_no(value, kind):
    try:
        converted = convert(value, kind)
    except ConversionError:
        return
    assert fits(converted, kind)
    assert all(isinstance(text, str) for text in wire(converted))


@MODEST
@given(json_values)
def test_what_a_reference_gives_is_what_was_put_there(value):
    assert resolve("{{ a.b }}", lambda _: value) == value
    assert resolve({"k": "{{ a.b }}"}, lambda _: value) == {"k": value}


@MODEST
@given(st.text(string.printable, max_size=25), json_values)
def test_a_selector_finds_or_is_refused_and_nothing_else(selector, value):
    try:
        compiled(selector)
    except SelectorError:
        return
    select(selector, value)


@MODEST
@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4) | json_values)
def test_any_text_is_a_document_or_refused(tree):
    content = json.dumps({"schemaVersion": "0.3", "mainSteps": [tree], "parameters": tree})
    for text_format in ("JSON", "YAML"):
        with contextlib.suppress(DocumentError):
            assert Document.parse(content, text_format).steps

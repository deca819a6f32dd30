"""Variables keep their declared type, and are read by name wherever references are."""

import pytest


def update(name, value, **keys):
    inputs = {"Name": f"variable:{name}", "Value": value}
    return {"name": "Update", "action": "aws:updateVariable", "inputs": inputs, **keys}


def show(reference="{{ variable:x }}"):
    inputs = {"FunctionName": "Show", "InputPayload": {"p": reference}}
    return {"name": "Show", "action": "aws:invokeLambdaFunction", "inputs": inputs}


def run(world, *steps, **top):
    world.functions["Show"] = lambda payload: payload
    return world.run(*steps, **top)


def shown(world):
    return [payload["p"] for name, payload in world.calls if name == "lambda:Show"]


# type, new value
FIT = {
    "a text": ("String", "y"),
    "an empty text": ("String", ""),
    "a long text": ("String", "y" * 5_000),
    "a whole number": ("Integer", 3),
    "a truth": ("Boolean", True),
    "a list of texts": ("StringList", ["a", "b"]),
    "an empty list": ("StringList", []),
    "a map": ("StringMap", {"a": {"b": [1]}}),
    "a list of maps": ("MapList", [{"a": 1}]),
}


@pytest.mark.parametrize(("kind", "value"), FIT.values(), ids=FIT)
def test_a_variable_takes(world, kind, value):
    done = run(world, update("x", value), show(), variables={"x": {"type": kind}})
    assert (done.status, shown(world)) == ("Success", [value])


UNFIT = {
    "a text for a number": ("Integer", "3"),
    "a number for a text": ("String", 3),
    "a truth for a number": ("Integer", True),
    "a text for a truth": ("Boolean", "true"),
    "a number for a truth": ("Boolean", 1),
    "a text for a list": ("StringList", "a"),
    "a list of numbers for one of texts": ("StringList", [1]),
    "a text for a map": ("StringMap", '{"a": 1}'),
    "a map for a list of maps": ("MapList", {"a": 1}),
    "a list of texts for one of maps": ("MapList", ["a"]),
    "a list of one text for a text": ("String", ["a"]),
    "nothing": ("String", None),
    "more than 50 texts": ("StringList", ["a"] * 51),
    "more than 200 maps": ("MapList", [{}] * 201),
}


@pytest.mark.parametrize(("kind", "value"), UNFIT.values(), ids=UNFIT)
def test_a_variable_does_not_take(world, kind, value):
    done = run(world, update("x", value, maxAttempts=3), variables={"x": {"type": kind}})
    assert (done.status, done.steps[0].attempts) == ("Failed", 1)
    assert "the value of variable x has" in done.failure_message or (
        f"of variable x is not a {kind}" in done.failure_message
    )


DEFAULTS = {
    "a literal": ("plain", "plain"),
    "a parameter": ("{{ Name }}", "given"),
    "a text with a parameter and a system variable": ("{{ Name }}-{{global:REGION}}", None),
}


@pytest.mark.parametrize(("default", "value"), DEFAULTS.values(), ids=DEFAULTS)
def test_a_variable_begins_as(world, default, value):
    done = run(
        world,
        show(),
        variables={"x": {"type": "String", "default": default}},
        parameters={"Name": {"type": "String"}},
        given={"Name": ["given"]},
    )
    assert done.status == "Success"
    assert shown(world) == [value or "given-eu-west-1"]


def test_a_variable_without_a_value_fails_the_step_that_reads_it(world):
    done = run(world, show(), variables={"x": {"type": "String"}})
    assert "{{ variable:x }} has no value: it has none yet" in done.failure_message


def test_a_variable_whose_default_names_an_output_has_no_value(world):
    done = run(world, show(), variables={"x": {"type": "String", "default": "{{ Show.p }}"}})
    assert "it has none yet" in done.failure_message


def test_a_variable_counts_the_iterations_of_a_loop(world):
    count = update("x", "{{ Loop.CurrentIteration }}")
    loop = {
        "name": "Loop",
        "action": "aws:loop",
        "inputs": {
            "Steps": [count, show()],
            "LoopCondition": {"Variable": "{{ variable:x }}", "NumericLesser": 3},
        },
    }
    done = run(world, loop, variables={"x": {"type": "Integer", "default": 0}})
    assert (done.status, shown(world)) == ("Success", [1, 2, 3])
    assert done.record()["Variables"] == {"x": ["3"]}


def test_the_record_shows_variables_as_the_api_types_them(world):
    done = run(
        world,
        show("x"),
        variables={
            "a": {"type": "StringList", "default": ["p", "q"]},
            "b": {"type": "StringMap", "default": {"k": "v=w"}},
            "c": {"type": "Boolean", "default": False},
            "d": {"type": "String"},
        },
    )
    assert done.record()["Variables"] == {
        "a": ["p", "q"],
        "b": ['{"k":"v\\u003dw"}'],
        "c": ["false"],
    }


def test_what_a_variable_holds_is_not_read_as_a_reference(world):
    done = run(
        world,
        update("x", "{{ Name }}"),
        show(),
        variables={"x": {"type": "String"}},
        parameters={"Name": {"type": "String"}},
        given={"Name": ["{{ global:REGION }}"]},
    )
    assert (done.status, shown(world)) == ("Success", ["{{ global:REGION }}"])


def test_each_run_has_its_own_variables(world):
    world.functions["Show"] = lambda payload: payload
    document = world.parse(
        update("x", ["a"]), show(), variables={"x": {"type": "StringList", "default": []}}
    )
    for _ in range(2):
        done = world.start(document)
        assert done.variables == {"x": []}
        world.drive(done)

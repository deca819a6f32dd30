"""aws:branch compares typed values; what is not there equals nothing."""

import pytest

VALUES = {
    "Name": "Netmend",
    "Digits": "07",
    "Number": 7,
    "Truth": True,
    "Untruth": False,
    "Word": "TRUE",
    "List": ["a"],
    "Two": ["a", "b"],
    "Eight": ["8"],
}

HOLDS = {
    "StringEquals": {"Variable": "{{ Values.Name }}", "StringEquals": "Netmend"},
    "StringEquals of a number's text": {"Variable": "{{ Values.Number }}", "StringEquals": "7"},
    "StringEquals of a list of one": {"Variable": "{{ Values.List }}", "StringEquals": "a"},
    "EqualsIgnoreCase": {"Variable": "{{ Values.Name }}", "EqualsIgnoreCase": "NETMEND"},
    "StartsWith": {"Variable": "{{ Values.Name }}", "StartsWith": "Net"},
    "EndsWith": {"Variable": "{{ Values.Name }}", "EndsWith": "mend"},
    "Contains": {"Variable": "{{ Values.Name }}", "Contains": "tme"},
    "NumericEquals": {"Variable": "{{ Values.Number }}", "NumericEquals": 7},
    "NumericEquals of digits": {"Variable": "{{ Values.Digits }}", "NumericEquals": 7},
    "NumericEquals with digits": {"Variable": "{{ Values.Number }}", "NumericEquals": "7"},
    "NumericEquals of a list of one": {"Variable": "{{ Values.Eight }}", "NumericEquals": 8},
    "NumericGreater": {"Variable": "{{ Values.Number }}", "NumericGreater": 6},
    "NumericLesser": {"Variable": "{{ Values.Number }}", "NumericLesser": 7.5},
    "NumericGreaterOrEquals": {"Variable": "{{ Values.Number }}", "NumericGreaterOrEquals": 7},
    "NumericLesserOrEquals": {"Variable": "{{ Values.Number }}", "NumericLesserOrEquals": 7},
    "BooleanEquals true": {"Variable": "{{ Values.Truth }}", "BooleanEquals": True},
    "BooleanEquals false": {"Variable": "{{ Values.Untruth }}", "BooleanEquals": False},
    "BooleanEquals of a word": {"Variable": "{{ Values.Word }}", "BooleanEquals": "true"},
    "a reference beside the operator": {
        "Variable": "{{ Values.Name }}",
        "StringEquals": "{{ Values.Name }}",
    },
    "a reference to a number": {
        "Variable": "{{ Values.Number }}",
        "NumericGreaterOrEquals": "{{ Values.Digits }}",
    },
    "a text around the variable": {"Variable": "<{{ Values.Name }}>", "StringEquals": "<Netmend>"},
    "a constant variable": {"Variable": "x", "StringEquals": "x"},
    "Not of an absent output": {"Not": {"Variable": "{{ Values.Gone }}", "StringEquals": "x"}},
    "Not of a step that did not run": {
        "Not": {"Variable": "{{ Right.Gone }}", "BooleanEquals": True}
    },
    "And": {
        "And": [
            {"Variable": "{{ Values.Name }}", "StartsWith": "N"},
            {"Variable": "{{ Values.Number }}", "NumericGreater": 1},
        ]
    },
    "Or": {
        "Or": [
            {"Variable": "{{ Values.Name }}", "StartsWith": "X"},
            {"Variable": "{{ Values.Gone }}", "StartsWith": "X"},
            {"Variable": "{{ Values.Name }}", "StartsWith": "N"},
        ]
    },
    "a nest of all three": {
        "And": [
            {"Not": {"Or": [{"Variable": "{{ Values.Name }}", "Contains": "z"}]}},
            {"Or": [{"And": [{"Variable": "x", "StringEquals": "x"}]}]},
        ]
    },
}
FAILS = {
    "StringEquals in another case": {"Variable": "{{ Values.Name }}", "StringEquals": "netmend"},
    "StringEquals of a list of two": {"Variable": "{{ Values.Two }}", "StringEquals": "a"},
    "an absent output": {"Variable": "{{ Values.Gone }}", "StringEquals": ""},
    "an absent output in a text": {"Variable": "x{{ Values.Gone }}", "StringEquals": "x"},
    "NumericGreater of an equal": {"Variable": "{{ Values.Number }}", "NumericGreater": 7},
    "NumericLesser of an equal": {"Variable": "{{ Values.Number }}", "NumericLesser": 7},
    "BooleanEquals of the opposite": {"Variable": "{{ Values.Truth }}", "BooleanEquals": False},
    "a reference beside the operator that has no value": {
        "Variable": "{{ Values.Name }}",
        "StringEquals": "{{ Values.Gone }}",
    },
    "two references that have no value": {
        "Variable": "{{ Values.Gone }}",
        "StringEquals": "{{ Values.Gone }}",
    },
    "And with one that fails": {
        "And": [
            {"Variable": "x", "StringEquals": "x"},
            {"Variable": "x", "StringEquals": "y"},
        ]
    },
    "Not of what holds": {"Not": {"Variable": "x", "StringEquals": "x"}},
}
BROKEN = {
    "a number asked of words": {"Variable": "{{ Values.Name }}", "NumericEquals": 1},
    "a number asked of a truth": {"Variable": "{{ Values.Truth }}", "NumericEquals": 1},
    "a truth asked of words": {"Variable": "{{ Values.Name }}", "BooleanEquals": True},
}

READ = {
    "name": "Values",
    "action": "aws:invokeLambdaFunction",
    "inputs": {"FunctionName": "values"},
    "outputs": [
        {"Name": "Name", "Selector": "$.Name"},
        {"Name": "Digits", "Selector": "$.Digits"},
        {"Name": "Number", "Selector": "$.Number", "Type": "Integer"},
        {"Name": "Truth", "Selector": "$.Truth", "Type": "Boolean"},
        {"Name": "Untruth", "Selector": "$.Untruth", "Type": "Boolean"},
        {"Name": "Word", "Selector": "$.Word"},
        {"Name": "List", "Selector": "$.List", "Type": "StringList"},
        {"Name": "Two", "Selector": "$.Two", "Type": "StringList"},
        {"Name": "Eight", "Selector": "$.Eight", "Type": "StringList"},
        {"Name": "Gone", "Selector": "$.Gone"},
    ],
}


def end(name):
    return {
        "name": name,
        "action": "aws:sleep",
        "inputs": {"Duration": "PT0S"},
        "isEnd": True,
    }


def branch(world, *choices, **more):
    world.functions["values"] = lambda _: VALUES
    fork = {"name": "Fork", "action": "aws:branch", "inputs": {"Choices": list(choices)}, **more}
    return world.run(READ, fork, end("Left"), end("Right"))


def went(world, run):
    return [name for name, status in world.statuses(run).items() if status == "Success"][-1]


@pytest.mark.parametrize("condition", HOLDS.values(), ids=HOLDS)
def test_the_choice_is_taken(world, condition):
    assert went(world, branch(world, {"NextStep": "Right", **condition})) == "Right"


@pytest.mark.parametrize("condition", FAILS.values(), ids=FAILS)
def test_the_choice_is_passed_over(world, condition):
    assert went(world, branch(world, {"NextStep": "Right", **condition})) == "Left"


@pytest.mark.parametrize("condition", BROKEN.values(), ids=BROKEN)
def test_the_step_fails_where_values_cannot_be_compared(world, condition):
    run = branch(world, {"NextStep": "Right", **condition})
    assert world.statuses(run)["Fork"] == "Failed"
    assert "validating and resolving the step inputs" in run.failure_message


def test_the_first_choice_that_holds_wins(world):
    always = {"Variable": "x", "StringEquals": "x"}
    run = branch(world, {"NextStep": "Right", **always}, {"NextStep": "Left", **always})
    assert went(world, run) == "Right"


def test_without_a_choice_that_holds_default_is_taken(world):
    never = {"NextStep": "Left", "Variable": "x", "StringEquals": "y"}
    run = branch(world, inputs={"Choices": [never], "Default": "Right"})
    assert went(world, run) == "Right"


def test_without_default_a_branch_that_is_the_end_ends_in_success(world):
    never = {"NextStep": "Left", "Variable": "x", "StringEquals": "y"}
    run = branch(world, never, isEnd=True)
    assert (run.status, went(world, run)) == ("Success", "Fork")


def test_a_branch_may_go_back_and_an_endless_way_back_is_ended(world, monkeypatch):
    monkeypatch.setattr("netmend.sandbox.automation.flow.MAX_STEPS", 50)
    run = branch(world, {"NextStep": "Values", "Variable": "x", "StringEquals": "x"})
    assert run.status == "Failed"
    assert "A run of more than 50 steps is not emulated" in run.failure_message
    assert len(world.calls) == 25


def test_the_record_shows_the_values_that_were_compared(world):
    run = branch(world, {"NextStep": "Right", **HOLDS["StringEquals"]})
    (fork,) = [s for s in run.record()["StepExecutions"] if s["StepName"] == "Fork"]
    assert '"Variable":"Netmend"' in fork["Inputs"]["Choices"]

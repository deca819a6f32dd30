"""What CreateDocument takes and what it refuses, and in which words."""

import json

import pytest

from netmend.sandbox.automation import Document, DocumentError

SLEEP = {"name": "nap", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}


def content(*steps, **top):
    return json.dumps({"schemaVersion": "0.3", "mainSteps": list(steps) or [SLEEP], **top})


def branch(*choices, **inputs):
    return {"name": "fork", "action": "aws:branch", "inputs": {"Choices": list(choices), **inputs}}


def loop(**inner):
    inputs = {"Iterators": ["a"], "Steps": [{"name": "inner", "action": "aws:sleep", **inner}]}
    return {"name": "round", "action": "aws:loop", "inputs": inputs}


CHOICE = {"NextStep": "nap", "Variable": "x", "StringEquals": "x"}

ACCEPTED = {
    "a document without parameters": content(),
    "parameters of every type": content(
        parameters={
            "a": {"type": "String", "default": ""},
            "b": {"type": "StringList", "default": ["x"]},
            "c": {"type": "Integer", "default": 3},
            "d": {"type": "Integer", "default": "3"},
            "e": {"type": "Boolean", "default": False},
            "f": {"type": "StringMap", "default": {"k": "v"}},
            "g": {"type": "MapList", "default": [{"k": "v"}]},
            "h": {"type": "AWS::IAM::Role::Arn", "default": ""},
            "i": {"type": "List<AWS::EC2::Instance::Id>", "default": ["not an id"]},
            "j": {"type": "String", "default": "x", "allowedPattern": "^y$"},
            "k": {"type": "String", "default": "{{ssm:/a/b}}"},
        }
    ),
    "flags written as text": content({**SLEEP, "isEnd": "true", "isCritical": "False"}),
    "numbers written as text": content({**SLEEP, "timeoutSeconds": "600", "maxAttempts": 2}),
    "an action that the engine cannot run": content({**SLEEP, "action": "aws:runCommand"}),
    "braces of a script that are no reference": content(
        {
            "name": "s",
            "action": "aws:executeScript",
            "inputs": {
                "Runtime": "python3.11",
                "Handler": "h",
                "Script": "{{ undeclared }} {{print $2}}",
            },
        }
    ),
    "braces of a script inside a loop": content(loop(inputs={"Script": "{{ undeclared }}"})),
    "an API's own Steps": content(
        {
            "name": "emr",
            "action": "aws:executeAwsApi",
            "inputs": {"Service": "emr", "Api": "AddJobFlowSteps", "Steps": [{"Name": "x"}]},
        }
    ),
    "nested conditions": content(
        branch({"NextStep": "nap", "And": [CHOICE, {"Or": [CHOICE, {"Not": CHOICE}]}]}), SLEEP
    ),
    "an output of a step that declares none": content(SLEEP, outputs=["nap.Anything"]),
    "onCancel to a step of another action": content(
        {**SLEEP, "onCancel": "step:fork"}, branch(CHOICE)
    ),
}

REFUSED = {
    "no steps": (content(mainSteps=[]), 'Missing "mainSteps" in the document.'),
    "steps that are a map": (content(mainSteps={}), 'Missing "mainSteps" in the document.'),
    "another schema": (content(schemaVersion="2.2"), "must be 0.3"),
    "an unknown key of the document": (content(runtimeConfig={}), 'Unknown property "runtimeCon'),
    "a step that is no map": (content("nap"), "is not a map"),
    "a step without a name": (content({"action": "aws:sleep", "inputs": {}}), 'Missing "name" in'),
    "a step without an action": (content({"name": "nap", "inputs": {}}), 'Missing "action" in'),
    "a step without inputs": (content({"name": "nap", "action": "aws:pause"}), 'Missing "inputs"'),
    "a step name with a hyphen": (content({**SLEEP, "name": "my-nap"}), "StepName: my-nap is inv"),
    "two steps of one name": (
        content(SLEEP, SLEEP),
        "Duplicate step names found in mainSteps of the document.",
    ),
    "an unknown action": (content({**SLEEP, "action": "aws:nap"}), "Unknown action: aws:nap"),
    "an unknown key of a step": (content({**SLEEP, "onfailure": "x"}), 'Unknown property "onfail'),
    "nextStep to nowhere": (
        content({**SLEEP, "nextStep": "gone"}),
        'Unknown step name: "gone" in nextStep',
    ),
    "onFailure to nowhere": (
        content({**SLEEP, "onFailure": "step:gone"}),
        'Unknown step name: "gone" in onFailure',
    ),
    "onFailure that is no word of AWS's": (
        content({**SLEEP, "onFailure": "Retry"}),
        "onFailure must be Abort, Continue or step:NAME, not Retry",
    ),
    "onCancel Continue": (content({**SLEEP, "onCancel": "Continue"}), "onCancel must be Abort or"),
    "onCancel to a sleep": (
        content({**SLEEP, "onCancel": "step:nap"}),
        "onCancel cannot move to aws:sleep",
    ),
    "a branch to nowhere": (content(branch({**CHOICE, "NextStep": "gone"}), SLEEP), '"gone" in Ne'),
    "a Default to nowhere": (content(branch(CHOICE, Default="gone"), SLEEP), '"gone" in Default'),
    "a branch without choices": (content(branch(), SLEEP), "needs a list of Choices"),
    "an unknown operator": (
        content(branch({"NextStep": "nap", "Variable": "x", "Matches": "y"}), SLEEP),
        "unknown operator Matches",
    ),
    "two operators in one condition": (
        content(branch({**CHOICE, "Contains": "y"}), SLEEP),
        "a Variable and one operator",
    ),
    "an And of nothing": (
        content(branch({"NextStep": "nap", "And": []}), SLEEP),
        "And needs a list of conditions",
    ),
    "isEnd with nextStep": (
        content({**SLEEP, "isEnd": True, "nextStep": "nap"}),
        '"isEnd == true" and nextStep should not exist in same step.',
    ),
    "a flag that is neither": (content({**SLEEP, "isCritical": "maybe"}), "isCritical must be tru"),
    "attempts below one": (content({**SLEEP, "maxAttempts": 0}), "maxAttempts must be a positive"),
    "a timeout that is true": (
        content({**SLEEP, "timeoutSeconds": True}),
        "timeoutSeconds must be",
    ),
    "inputs that are a list": (content({**SLEEP, "inputs": ["x"]}), '"inputs" has the wrong type'),
    "an output without a selector": (
        content({**SLEEP, "outputs": [{"Name": "x"}]}),
        "an output must have Name, Selector",
    ),
    "an output whose name is a number": (
        content({**SLEEP, "outputs": [{"Name": 1, "Selector": "$"}]}),
        "Name and Selector must be texts",
    ),
    "an output of no known type": (
        content({**SLEEP, "outputs": [{"Name": "x", "Selector": "$", "Type": "Float"}]}),
        "output type: Float is invalid",
    ),
    "a selector that is no JSONPath": (
        content({**SLEEP, "outputs": [{"Name": "x", "Selector": "$.["}]}),
        "is not a JSONPath selector",
    ),
    "an output with a name that the action keeps": (
        content(
            {
                "name": "f",
                "action": "aws:invokeLambdaFunction",
                "inputs": {},
                "outputs": [{"Name": "LogResult", "Selector": "$"}],
            }
        ),
        "In step f, name: LogResult is conflicting with one of the following reserved output names:"
        " [LogResult, OutputPayload, FunctionError, Payload, StatusCode]",
    ),
    "a document's output of no step": (
        content(outputs=["gone.x"]),
        "Unknown step name in named output: gone.x",
    ),
    "a parameter's name with an underscore": (
        content(parameters={"x_y": {"type": "String"}}),
        'Parameter name "x_y" is not alpha-numeric.',
    ),
    "a parameter without a type": (
        content(parameters={"x": {"default": "1"}}),
        'Missing "type" in parameter definition.',
    ),
    "a parameter of no known type": (
        content(parameters={"x": {"type": "string"}}),
        "Parameter type: string is invalid.",
    ),
    "a list of a type that is none": (
        content(parameters={"x": {"type": "List<String>"}}),
        "Parameter type: List<String> is invalid.",
    ),
    "an unknown attribute of a parameter": (
        content(parameters={"x": {"type": "String", "pattern": "y"}}),
        'Unknown property "pattern"',
    ),
    "a pattern that is a list": (
        content(parameters={"x": {"type": "String", "allowedPattern": ["y"]}}),
        "wrong allowedPattern: y",
    ),
    "a default of the wrong type": (
        content(parameters={"x": {"type": "Integer", "default": "three"}}),
        'Wrong default value for a "Integer" parameters',
    ),
    "a list as the default of a text": (
        content(parameters={"x": {"type": "String", "default": ["y"]}}),
        'Wrong default value for a "String" parameters',
    ),
    "a text as the default of a list": (
        content(parameters={"x": {"type": "StringList", "default": "y"}}),
        'Wrong default value for a "StringList" parameters',
    ),
    "a reference to no parameter": (
        content({**SLEEP, "inputs": {"Duration": "{{ Long }}"}}),
        'Parameter "Long" is not declared.',
    ),
    "a reference to no parameter inside a loop": (
        content(loop(inputs={"Duration": "{{ Long }}"})),
        'Parameter "Long" is not declared.',
    ),
    "a loop without steps that are steps": (
        content({"name": "round", "action": "aws:loop", "inputs": {"Steps": "x"}}),
        "The Steps of a loop must be a list of steps with action and inputs",
    ),
    "a role of no parameter": (
        content(assumeRole="{{ AutomationAssumeRole }}"),
        'Parameter "AutomationAssumeRole" is not declared.',
    ),
    "Parameter Store read by a step": (
        content({**SLEEP, "inputs": {"Duration": "{{ssm:/nap}}"}}),
        "only a parameter's default reads it",
    ),
    "text that is not JSON": ("{", "JSON not well-formed."),
    "JSON that is a list": ("[]", "JSON not well-formed."),
    "a number that JSON does not have": ('{"a": NaN}', "JSON not well-formed."),
    "a key that stands twice": ('{"a": 1, "a": 2}', "stands twice in one map"),
    "brackets without end": ("[" * 60_000, "JSON not well-formed."),
    "a whole number of a thousand digits": ('{"a": ' + "9" * 5000 + "}", "JSON not well-formed."),
}


@pytest.mark.parametrize("text", ACCEPTED.values(), ids=ACCEPTED)
def test_a_document_that_aws_takes_is_taken(text):
    assert Document.parse(text, "JSON").steps


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_a_document_that_aws_refuses_is_refused_in_its_words(text, message):
    with pytest.raises(DocumentError) as refusal:
        Document.parse(text, "JSON")
    assert message in refusal.value.message
    assert refusal.value.code == "InvalidDocumentContent"


def test_a_document_of_more_than_64_kilobytes_has_its_own_error_code():
    with pytest.raises(DocumentError) as refusal:
        Document.parse(content(description="x" * 65_536), "JSON")
    assert refusal.value.code == "MaxDocumentSizeExceeded"


def test_a_format_that_is_neither_json_nor_yaml_is_refused():
    with pytest.raises(DocumentError, match="TEXT is not JSON or YAML"):
        Document.parse(content(), "TEXT")


CRITICAL = {
    "critical unless said otherwise": ({}, True),
    "not critical where failure is passed over": ({"onFailure": "Continue"}, False),
    "critical where it says so": ({"onFailure": "Continue", "isCritical": True}, True),
    "critical where failure leads to another step": ({"onFailure": "step:nap"}, True),
    "not critical where it says so in text": ({"isCritical": "false"}, False),
}


@pytest.mark.parametrize(("keys", "critical"), CRITICAL.values(), ids=CRITICAL)
def test_a_step_is(keys, critical):
    (step,) = Document.parse(content({**SLEEP, **keys}), "JSON").steps
    assert step.is_critical is critical

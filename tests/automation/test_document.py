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


def looped(**inputs):
    inner = {**SLEEP, "name": "inner"}
    given = {"Iterators": ["a"], "Steps": [inner], **inputs}
    given = {name: value for name, value in given.items() if value is not None}
    return {"name": "round", "action": "aws:loop", "inputs": given}


def update(name, value="y"):
    return {"name": "update", "action": "aws:updateVariable", "inputs": _update(name, value)}


def _update(name, value):
    return {"Name": name, "Value": value}


VARIABLES = {"x": {"type": "String", "default": ""}}
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
    "a jump out of a loop": content(
        loop(inputs={"Duration": "PT1S"}, nextStep="nap", onFailure="step:nap"), SLEEP
    ),
    "two loops with a step of the same name": content(looped(), {**looped(), "name": "again"}),
    "a loop whose limit is a reference": content(
        looped(MaxIterations="{{ Most }}"), parameters={"Most": {"type": "Integer"}}
    ),
    "a loop inside a loop": content(looped(Steps=[{**looped(), "name": "in"}])),
    "an output of a step inside a loop": content(looped(), outputs=["inner.Anything"]),
    "variables of every type": content(
        update("variable:a"),
        variables={
            "a": {"type": "String", "default": "", "description": "d"},
            "b": {"type": "StringList", "default": []},
            "c": {"type": "Integer", "default": 0},
            "d": {"type": "Boolean", "default": False},
            "e": {"type": "StringMap", "default": {}},
            "f": {"type": "MapList", "default": [{"k": "v"}]},
            "my_variable": {"type": "String"},
            "g": {"type": "StringList", "default": "{{ global:REGION }}"},
        },
    ),
    "files": content(files={"a.py": {"checksums": {"sha256": "00"}}}),
    "a pause": content({"name": "wait", "action": "aws:pause", "inputs": {}}),
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
        "In step round, aws:loop needs a list of Steps.",
    ),
    "a loop inside which a step is none": (content(loop(inputs=None)), 'Missing "inputs" in step'),
    "a loop over items and by a condition": (
        content(looped(LoopCondition={"Variable": "x", "StringEquals": "x"})),
        "needs either Iterators or LoopCondition",
    ),
    "a loop over nothing": (content(looped(Iterators=None)), "needs either Iterators or LoopCon"),
    "a loop by a condition that is none": (
        content(looped(Iterators=None, LoopCondition={"Variable": "x"})),
        "In step round, a condition needs a Variable and one operator",
    ),
    "a loop of more than a hundred iterations": (
        content(looped(MaxIterations=101)),
        "In step round, MaxIterations must be 1 to 100.",
    ),
    "a loop of no iteration": (content(looped(MaxIterations=0)), "MaxIterations must be 1 to 100"),
    "onCancel of a loop": (
        content({**looped(), "onCancel": "step:nap"}, SLEEP),
        "In step round, aws:loop does not support onCancel.",
    ),
    "a name inside a loop that stands outside too": (
        content(loop(inputs={"Duration": "PT1S"}), {**SLEEP, "name": "inner"}),
        "Duplicate step names found in mainSteps of the document.",
    ),
    "a jump into a loop": (
        content(looped(), {**SLEEP, "nextStep": "inner"}),
        'Unknown step name: "inner" in nextStep',
    ),
    "a jump from a loop to nowhere": (
        content(loop(inputs={"Duration": "PT1S"}, nextStep="gone")),
        'Unknown step name: "gone" in nextStep',
    ),
    "a variable that is not declared": (
        content({**SLEEP, "inputs": {"Duration": "{{ variable:Long }}"}}),
        'Variable "Long" is not declared.',
    ),
    "an update of a variable that is not declared": (
        content(update("variable:x")),
        'Variable "x" is not declared.',
    ),
    "onCancel of an update": (
        content({**update("variable:x"), "onCancel": "step:update"}, variables=VARIABLES),
        "aws:updateVariable does not support onCancel",
    ),
    "a variable without a type": (
        content(variables={"x": {"default": ""}}),
        'Missing "type" in variable definition.',
    ),
    "a variable of no known type": (
        content(variables={"x": {"type": "AWS::EC2::Instance::Id"}}),
        "Variable type: AWS::EC2::Instance::Id is invalid.",
    ),
    "a variable of a list as its type": (
        content(variables={"x": {"type": ["String"]}}),
        "Variable type: ['String'] is invalid.",
    ),
    "a variable's default of another type": (
        content(variables={"x": {"type": "Integer", "default": "3"}}),
        'Wrong default value for a "Integer" variable',
    ),
    "an unknown attribute of a variable": (
        content(variables={"x": {"type": "String", "allowedValues": ["y"]}}),
        'Unknown property "allowedValues" in variable "x".',
    ),
    "a variable's name with a blank": (
        content(variables={"x y": {"type": "String"}}),
        'Variable name "x y" is invalid.',
    ),
    "variables that are a list": (content(variables=[]), '"variables" has the wrong type'),
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

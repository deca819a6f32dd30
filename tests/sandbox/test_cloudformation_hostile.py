"""Templates that are huge, strange or ill-meant are deployed as they say, or refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_world import (
    body,
    create,
    parameter,
    queue,
    queues,
    stack,
    status,
    update,
    value,
)


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    yield started
    started.reset()


def test_a_stack_has_five_hundred_resources(sandbox: Sandbox) -> None:
    """Each needs the one before it."""
    resources = {
        f"P{n}": parameter("0" if n == 0 else {"Ref": f"P{n - 1}"}, f"/p{n}") for n in range(500)
    }
    text = json.dumps({"Resources": resources})
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="t", Body=text.encode())
    client = sandbox.client("cloudformation")
    client.create_stack(StackName="one", TemplateURL="https://templates.s3.amazonaws.com/t")
    assert (status(sandbox), value(sandbox, "/p499")) == ("CREATE_COMPLETE", "/p498")
    client.delete_stack(StackName="one")
    assert sandbox.client("ssm").describe_parameters()["Parameters"] == []


DEEP: Any = "x"
for _ in range(300):
    DEEP = [DEEP]

ILL = {
    "a template that is a list": ("[]", "unsupported structure"),
    "a template that is a number": ("7", "unsupported structure"),
    "a template that is no text of any kind": ("{[", "not well-formed"),
    "a tag that builds Python objects": (
        "Resources: {A: !!python/object/apply:os.system ['true']}",
        "YAML not well-formed",
    ),
    "lists in lists in lists": (
        body({"A": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": DEEP}}}),
        "#/DisplayName: expected type: String, found: JSONArray",
    ),
    "a resource that is a list": ('{"Resources": {"A": []}}', "must contain a Type member"),
    "properties that are a text": (
        '{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": "x"}}}',
        "must be an object",
    ),
    "a name with letters of other scripts": (
        body({"Größe": queue()}),
        "Resource name Größe is non alphanumeric",
    ),
    "a name with a path in it": (body({"../A": queue()}), "non alphanumeric"),
    "a condition that needs itself": (
        body(
            {"A": queue(Condition="C")},
            Conditions={"C": {"Fn::Not": [{"Condition": "C"}]}},
        ),
        "Circular dependency between conditions",
    ),
    "a function with company": (
        body({"A": queue(Properties={"QueueName": {"Ref": "AWS::Region", "x": 1}})}),
        "Ref stands beside other keys",
    ),
    "an alias that grows without end": (
        "a: &a [x, x]\nb: &b [*a, *a]\nResources: {A: {Type: 'AWS::SNS::Topic'}}",
        "Invalid template property or properties [a, b]",
    ),
    "two hundred and one parameters": (
        body({"A": queue()}, Parameters={f"P{n}": {"Type": "String"} for n in range(201)}),
        "Number of parameters, 201, is greater than maximum allowed, 200",
    ),
    "a value of more than four kilobytes": (
        body({"A": queue()}, Parameters={"P": {"Type": "String", "Default": "é" * 2049}}),
        "Parameter 'P' must contain at most 4096 bytes",
    ),
}


@pytest.mark.parametrize("case", ILL)
def test_an_ill_template_is_refused_in_words(sandbox: Sandbox, case: str) -> None:
    text, message = ILL[case]
    with pytest.raises(ClientError) as refused:
        create(sandbox, text)
    assert message in str(refused.value)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []


def test_values_may_have_letters_of_every_script(sandbox: Sandbox) -> None:
    text = body({"P": parameter("grün 緑 🌱", Metadata={"注": "備考"})}, Description="Größe")
    assert create(sandbox, text) == "CREATE_COMPLETE"
    assert value(sandbox) == "grün 緑 🌱"
    assert stack(sandbox)["Description"] == "Größe"


SHORT = """
Parameters: {Mode: {Type: String, Default: "on"}}
Mappings: {Names: {us-east-1: {short: use1}}}
Conditions:
  IsOn: !Equals [!Ref Mode, "on"]
  IsAny: !Or [!Condition IsOn, !Not [!Condition IsOn]]
  IsBoth: !And [!Condition IsOn, !Condition IsAny]
Resources:
  A:
    Type: AWS::SQS::Queue
    Condition: IsBoth
    Properties:
      QueueName: !Join
        - "-"
        - - !FindInMap [Names, !Ref "AWS::Region", short]
          - !Select [1, !Split [",", "a,b"]]
          - !If [IsOn, live, dead]
  P:
    Type: AWS::SSM::Parameter
    Properties:
      Name: /p
      Type: String
      Value: !Sub ["${A.Arn} ${Coded}", {Coded: !Base64 {"Fn::Sub": "${AWS::Partition}"}}]
"""


def test_short_forms_stand_everywhere(sandbox: Sandbox) -> None:
    assert create(sandbox, SHORT) == "CREATE_COMPLETE"
    assert queues(sandbox) == ["use1-b-live"]
    assert value(sandbox) == "arn:aws:sqs:us-east-1:123456789012:use1-b-live YXdz"


def test_what_is_replaced_takes_its_dependents_along_and_back(sandbox: Sandbox) -> None:
    def template(name: str, **more: Any) -> str:
        arn = {"Fn::GetAtt": ["A", "Arn"]}
        chain = {"B": parameter(arn, "/b"), "C": parameter({"Fn::GetAtt": ["B", "Value"]}, "/c")}
        return body({"A": queue(name), **chain, **more})

    create(sandbox, template("first"))
    bad = {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": NONE, "Protocol": "sqs"}}
    assert update(sandbox, template("second", Bad={**bad, "DependsOn": "C"})).endswith("COMPLETE")
    assert (queues(sandbox), value(sandbox, "/c")) == (["first"], f"{ARN}first")
    assert update(sandbox, template("second")) == "UPDATE_COMPLETE"
    assert (queues(sandbox), value(sandbox, "/c")) == (["second"], f"{ARN}second")


ARN = "arn:aws:sqs:us-east-1:123456789012:"
NONE = "arn:aws:sns:us-east-1:123456789012:none"

"""A bad template or request is refused before anything is made."""

from __future__ import annotations

import re
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
    reason,
    role,
)


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    yield started
    started.hooks.clear()
    started.reset()


REFUSED = [
    pytest.param(
        {"A": {"Type": "AWS::Nowhere::Thing"}, "B": {"Type": "Custom::Thing"}},
        "Unrecognized resource types: [AWS::Nowhere::Thing, Custom::Thing]",
        id="types that nobody knows",
    ),
    pytest.param(
        {"A": {"Type": "AWS::CloudFormation::Stack"}},
        "Unrecognized resource types: [AWS::CloudFormation::Stack]",
        id="nested stacks",
    ),
    pytest.param(
        {"A": {"Type": "AWS::EC2::VPNGateway"}, "B": {"Type": "AWS::Events::Archive"}},
        "Unrecognized resource types: [AWS::EC2::VPNGateway, AWS::Events::Archive]",
        id="types that moto can make and cannot delete or name",
    ),
    pytest.param(
        {"A": queue(Properties={"VisibilityTimeOut": 1})},
        "resource A with message: #: extraneous key [VisibilityTimeOut] is not permitted",
        id="a property that the type does not have",
    ),
    pytest.param(
        {
            "A": {
                "Type": "AWS::Events::Rule",
                "Properties": {"EventPattern": {}, "Targets": [{"Arn": "a", "Id": "b", "Rol": 1}]},
            }
        },
        "resource A with message: #/Targets/0: extraneous key [Rol]",
        id="a property deep inside",
    ),
    pytest.param(
        {"A": queue(Properties={"DelaySeconds": "soon"})},
        "#/DelaySeconds: expected type: Integer, found: String 'soon'",
        id="a text where a number belongs",
    ),
    pytest.param(
        {"A": queue(Properties={"Tags": {"a": "b"}})},
        "#/Tags: expected type: JSONArray, found: JSONObject",
        id="an object where a list belongs",
    ),
    pytest.param(
        {"A": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": ["q"]}}},
        "resource A with message: #: required key [PolicyDocument] not found",
        id="a property that is missing",
    ),
    pytest.param(
        {"A": parameter({"Fn::GetAtt": ["B", "Color"]}), "B": queue()},
        "resource B does not support attribute type Color in Fn::GetAtt",
        id="an attribute that the type does not have",
    ),
    pytest.param(
        {"A": parameter({"Ref": "B"}), "B": parameter({"Ref": "A"}, "/b")},
        "Circular dependency between resources: [A, B]",
        id="a circle",
    ),
    pytest.param(
        {"A": parameter({"Ref": "C"})},
        "Unresolved resource dependencies [C] in the Resources block",
        id="a name that nothing has",
    ),
    pytest.param(
        {"A": parameter({"Fn::ImportValue": "nothing"})},
        "No export named nothing found.",
        id="an export that nobody has",
    ),
]


@pytest.mark.parametrize(("resources", "message"), REFUSED)
def test_a_bad_template_is_refused_and_makes_nothing(
    sandbox: Sandbox, resources: dict[str, Any], message: str
) -> None:
    with pytest.raises(ClientError, match=re.escape(message)) as refused:
        create(sandbox, body({**resources, "Fine": queue("fine")}))
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []
    assert queues(sandbox) == []


CAPABILITIES = [
    pytest.param(role(), [], "CAPABILITY_IAM", id="a role needs one"),
    pytest.param(role(RoleName="r"), [], "CAPABILITY_NAMED_IAM", id="a named role the other"),
    pytest.param(
        role(RoleName="r"),
        ["CAPABILITY_IAM"],
        "CAPABILITY_NAMED_IAM",
        id="the lesser is too little",
    ),
    pytest.param(role(), ["CAPABILITY_IAM"], "", id="the lesser is enough without names"),
    pytest.param(role(), ["CAPABILITY_NAMED_IAM"], "", id="the greater is enough for both"),
    pytest.param(role(RoleName="r"), ["CAPABILITY_NAMED_IAM"], "", id="and with names"),
    pytest.param(queue(), [], "", id="a queue needs none"),
]


@pytest.mark.parametrize(("resource", "given", "missing"), CAPABILITIES)
def test_iam_needs_its_capability(
    sandbox: Sandbox, resource: dict[str, Any], given: list[str], missing: str
) -> None:
    text = body({"A": resource})
    if not missing:
        assert create(sandbox, text, Capabilities=given) == "CREATE_COMPLETE"
        return
    with pytest.raises(ClientError, match=re.escape(f"capabilities : [{missing}]")) as refused:
        create(sandbox, text, Capabilities=given)
    assert refused.value.response["Error"]["Code"] == "InsufficientCapabilitiesException"


def test_a_rule_that_is_broken_refuses_the_stack(sandbox: Sandbox) -> None:
    rules = {
        "OnlyHome": {
            "RuleCondition": {"Fn::Equals": [{"Ref": "Mode"}, "enforce"]},
            "Assertions": [
                {
                    "Assert": {"Fn::Contains": [["us-east-2"], {"Ref": "AWS::Region"}]},
                    "AssertDescription": "enforce is for us-east-2",
                }
            ],
        }
    }
    modes = {"Mode": {"Type": "String", "Default": "observe"}}
    text = body({"A": queue()}, Rules=rules, Parameters=modes)
    enforce = [{"ParameterKey": "Mode", "ParameterValue": "enforce"}]
    with pytest.raises(ClientError, match="rule OnlyHome failed: enforce is for us-east-2"):
        create(sandbox, text, Parameters=enforce)
    assert create(sandbox, text) == "CREATE_COMPLETE"


def test_what_nothing_reads_fails_and_rolls_back(sandbox: Sandbox) -> None:
    encrypted = {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    properties = {"Name": "made", "ShardCount": 1, "StreamEncryption": encrypted}
    text = body({"A": {"Type": "AWS::Kinesis::Stream", "Properties": properties}})
    assert create(sandbox, text) == "ROLLBACK_COMPLETE"
    said = "nothing in the sandbox reads StreamEncryption of A (AWS::Kinesis::Stream)"
    assert said in reason(sandbox, "A")
    assert sandbox.client("kinesis").list_streams()["StreamNames"] == []


REQUESTS = [
    pytest.param({"StackName": "1st"}, "pattern: [a-zA-Z]", id="a name that begins with a digit"),
    pytest.param({"TemplateBody": ""}, "Either Template URL or Template Body", id="no template"),
    pytest.param({"TemplateURL": "https://x.s3.amazonaws.com/y"}, "Only one of", id="two"),
    pytest.param({"StackPolicyBody": "{}"}, "does not support StackPolicyBody", id="a policy"),
    pytest.param({"ResourceTypes": ["AWS::*"]}, "does not support ResourceTypes", id="types"),
    pytest.param({"NotificationARNs": ["a"]}, "ARNs of SNS topics", id="no topic"),
    pytest.param({"Capabilities": ["CAPABILITY_ALL"]}, "at 'capabilities'", id="a wrong word"),
    pytest.param({"OnFailure": "DELETE", "DisableRollback": True}, "both OnFailure", id="both"),
    pytest.param({"TemplateBody": "x" * 51_201}, "less than or equal to 51200", id="too large"),
]


@pytest.mark.parametrize(("change", "message"), REQUESTS)
def test_a_bad_request_is_refused(sandbox: Sandbox, change: dict[str, Any], message: str) -> None:
    request = {"StackName": "one", "TemplateBody": body({"A": queue()}), **change}
    request = {key: item for key, item in request.items() if item != ""}
    with pytest.raises(ClientError, match=re.escape(message)):
        sandbox.client("cloudformation").create_stack(**request)


def test_a_name_is_taken_once(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue()}))
    with pytest.raises(ClientError, match=r"Stack \[one\] already exists"):
        create(sandbox, body({"A": queue()}))


def test_what_the_sandbox_does_not_have_says_so(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="cloudformation:DetectStackSetDrift"):
        sandbox.client("cloudformation").detect_stack_set_drift(StackSetName="s")

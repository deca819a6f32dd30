"""What emulators are known to get wrong of CloudFormation is right here, or refused by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_world import (
    BROKEN,
    body,
    create,
    parameter,
    queue,
    queues,
    role,
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
    started.hooks.clear()
    started.reset()


def output(**sections: Any) -> str:
    """A template with one queue and an output X."""
    value = sections.pop("X")
    resources = {"A": queue("a"), **sections.pop("More", {})}
    return body(resources, Outputs={"X": {"Value": value}}, **sections)


TEXT = {"Type": "String", "Default": "b"}
SIZES = {"Sizes": {"us-east-1": {"small": "1"}}}
LANGUAGE = {
    "conditions": (
        output(
            Parameters={"P": TEXT},
            Conditions={
                "IsB": {"Fn::Equals": [{"Ref": "P"}, "b"]},
                "Not": {"Fn::Not": [{"Condition": "IsB"}]},
                "Both": {"Fn::Or": [{"Condition": "Not"}, {"Condition": "IsB"}]},
            },
            X={"Fn::If": ["Both", "yes", "no"]},
        ),
        "yes",
    ),
    "mappings": (
        output(Mappings=SIZES, X={"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "small"]}),
        "1",
    ),
    "join": (output(X={"Fn::Join": ["-", ["a", {"Ref": "AWS::Region"}]]}), "a-us-east-1"),
    "select": (output(X={"Fn::Select": ["1", ["a", "b"]]}), "b"),
    "split": (output(X={"Fn::Select": [1, {"Fn::Split": [".", "a.b"]}]}), "b"),
    "sub with a list": (
        output(X={"Fn::Sub": ["${One}-${A.QueueName}-${!Literal}", {"One": "1"}]}),
        "1-a-${Literal}",
    ),
    "pseudo parameters": (
        output(X={"Fn::Sub": "${AWS::AccountId}/${AWS::Partition}/${AWS::URLSuffix}"}),
        "123456789012/aws/amazonaws.com",
    ),
    "base64": (output(X={"Fn::Base64": "abc"}), "YWJj"),
    "cidr": (output(X={"Fn::Select": [1, {"Fn::Cidr": ["10.0.0.0/24", 2, 4]}]}), "10.0.0.16/28"),
    "a list as parameter": (
        output(
            Parameters={"P": {"Type": "CommaDelimitedList", "Default": "x, y"}},
            X={"Fn::Join": ["+", {"Ref": "P"}]},
        ),
        "x+y",
    ),
    "an attribute": (
        output(X={"Fn::GetAtt": "A.Arn"}),
        "arn:aws:sqs:us-east-1:123456789012:a",
    ),
    "a dynamic reference": (
        output(
            More={"P": parameter("{{resolve:ssm:/given}}-{{resolve:ssm:/given:1}}", "/made")},
            X={"Fn::GetAtt": "P.Value"},
        ),
        "v-v",
    ),
    "a dynamic reference that Sub puts together": (
        output(
            More={"P": parameter({"Fn::Sub": ["{{resolve:ssm:/${N}}}", {"N": "given"}]}, "/made")},
            X={"Fn::GetAtt": "P.Value"},
        ),
        "v",
    ),
    "a secret's key": (
        output(
            More={"P": parameter("{{resolve:secretsmanager:kept:SecretString:user}}", "/made")},
            X={"Fn::GetAtt": "P.Value"},
        ),
        "me",
    ),
}


@pytest.mark.parametrize("case", LANGUAGE)
def test_the_language_means_what_it_means_in_aws(sandbox: Sandbox, case: str) -> None:
    sandbox.client("ssm").put_parameter(Name="/given", Value="v", Type="String")
    secret = json.dumps({"user": "me"})
    sandbox.client("secretsmanager").create_secret(Name="kept", SecretString=secret)
    text, expected = LANGUAGE[case]
    assert create(sandbox, text) == "CREATE_COMPLETE"
    assert stack(sandbox)["Outputs"][0]["OutputValue"] == expected


def limited(**attributes: Any) -> str:
    return body({"A": queue()}, Parameters={"P": {"Type": "String", **attributes}})


FUNCTION = {
    "Code": {"ZipFile": "x"},
    "Handler": "index.x",
    "Role": "arn:aws:iam::123456789012:role/r",
}
REFUSED = {
    "loops": (
        body({"Fn::ForEach::All": ["N", ["a"], {"Q${N}": queue()}]}),
        "no transforms, macros or loops: write out what Fn::ForEach",
    ),
    "transforms": (
        body({"A": queue()}, Transform="AWS::LanguageExtensions"),
        "no transforms, macros or loops: write out what Transform",
    ),
    "a function of an extension": (
        output(X={"Fn::ToJsonString": {"a": 1}}, Parameters={"P": TEXT}),
        "knows no function Fn::ToJsonString",
    ),
    "the length of an extension": (
        output(X={"Fn::Length": ["a"]}, Parameters={"P": TEXT}),
        "no function Fn::Length",
    ),
    "a value that is not allowed": (
        limited(AllowedValues=["a"]),
        "Parameter 'P' must be one of AllowedValues",
    ),
    "a value that does not match": (
        limited(AllowedPattern="[a-y]+", ConstraintDescription="letters but z"),
        "Parameter P failed to satisfy constraint: letters but z",
    ),
    "a value that is too short": (limited(MinLength=3), "must contain at least 3 characters"),
    "a number that is none": (limited(Type="Number"), "Parameter 'P' must be a number"),
    "a VPC that is not there": (
        limited(Type="AWS::EC2::VPC::Id"),
        "parameter value z for parameter name P does not exist",
    ),
    "one subnet of two that is not there": (
        limited(Type="List<AWS::EC2::Subnet::Id>"),
        "parameter value z for parameter name P does not exist",
    ),
    "a stored value that is not there": (
        limited(Type="AWS::SSM::Parameter::Value<String>"),
        "Unable to fetch parameters [z] from parameter store",
    ),
    "a parameter that is unknown": (
        body({"A": queue()}),
        "Parameters: [P] do not exist in the template",
    ),
    "a parameter without a value": (
        limited().replace('"P"', '"Q"'),
        "do not exist in the template",
    ),
    "a named role without its capability": (
        body({"R": role(RoleName="r")}, Parameters={"P": TEXT}),
        "Requires capabilities : [CAPABILITY_NAMED_IAM]",
    ),
    "an unknown property": (
        body({"A": queue(Properties={"Colour": "red"})}, Parameters={"P": TEXT}),
        "resource A with message: #: extraneous key [Colour] is not permitted",
    ),
    "an unknown property of a type of moto's": (
        body(
            {"A": {"Type": "AWS::Kinesis::Stream", "Properties": {"Colour": "red"}}},
            Parameters={"P": TEXT},
        ),
        "resource A with message: #: extraneous key [Colour] is not permitted",
    ),
    "a bad enum": (
        body(
            {
                "A": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {**FUNCTION, "Runtime": "python9"},
                }
            },
            Parameters={"P": TEXT},
        ),
        "resource A with message: #/Runtime: python9 is not a valid enum value",
    ),
    "a bad enum that a parameter gave": (
        body(
            {
                "A": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {**FUNCTION, "Runtime": {"Ref": "P"}},
                }
            },
            Parameters={"P": {"Type": "String"}},
        ),
        "resource A with message: #/Runtime: z is not a valid enum value",
    ),
    "a number out of range": (
        body({"A": queue(Properties={"DelaySeconds": 9000})}, Parameters={"P": TEXT}),
        "resource A with message: #/DelaySeconds: 9000 is not less or equal to 900",
    ),
    "a policy that is none": (
        body(
            {"R": role(Policies=[{"PolicyName": "p", "PolicyDocument": {"Statement": [{}]}}])},
            Parameters={"P": TEXT},
        ),
        "#/Policies/0/PolicyDocument/Statement/0",
    ),
    "two that exclude each other": (
        body(
            {
                "A": {
                    "Type": "AWS::EC2::SecurityGroup",
                    "Properties": {
                        "GroupDescription": "g",
                        "SecurityGroupIngress": [
                            {"IpProtocol": "-1", "CidrIp": "10.0.0.0/8", "CidrIpv6": "::/0"}
                        ],
                    },
                }
            },
            Parameters={"P": TEXT},
        ),
        "#/SecurityGroupIngress/0/CidrIp: only one of ['CidrIp', 'CidrIpv6'",
    ),
    "a property that is missing": (
        body({"A": {"Type": "AWS::SQS::QueuePolicy"}}, Parameters={"P": TEXT}),
        "required key [PolicyDocument] not found",
    ),
    "an attribute that nothing has": (
        output(X={"Fn::GetAtt": "A.Colour"}, Parameters={"P": TEXT}),
        "does not support attribute type Colour",
    ),
    "a name that nothing has": (
        output(X={"Ref": "Nobody"}, Parameters={"P": TEXT}),
        "Unresolved resource dependencies [Nobody]",
    ),
    "a circle": (
        body({"A": queue(DependsOn="B"), "B": queue(DependsOn="A")}, Parameters={"P": TEXT}),
        "Circular dependency between resources: [A, B]",
    ),
    "a rule that fails": (
        body(
            {"A": queue()},
            Parameters={"P": TEXT},
            Rules={"R": {"Assertions": [{"Assert": {"Fn::Contains": [["a"], {"Ref": "P"}]}}]}},
        ),
        "rule R failed",
    ),
    "a dynamic reference to nothing": (
        body({"P": parameter("{{resolve:ssm:/none}}")}, Parameters={"P1": TEXT}).replace("P1", "P"),
        "Parameters: [ssm:/none] cannot be found.",
    ),
    "an import that nobody exports": (
        output(X={"Fn::ImportValue": "none"}, Parameters={"P": TEXT}),
        "No export named none found.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_aws_refuses_makes_nothing(sandbox: Sandbox, case: str) -> None:
    text, message = REFUSED[case]
    given = [{"ParameterKey": "P", "ParameterValue": "z"}]
    capabilities = [] if "capability" in case else ["CAPABILITY_IAM"]
    with pytest.raises(ClientError) as refused:
        create(sandbox, text, Parameters=given, Capabilities=capabilities)
    assert message in str(refused.value)
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []


def test_what_fails_is_cleaned_up(sandbox: Sandbox) -> None:
    text = body({"A": queue("a"), "Bad": {**BROKEN, "DependsOn": "A"}})
    assert create(sandbox, text) == "ROLLBACK_COMPLETE"
    assert queues(sandbox) == []


def test_the_waiters_of_boto3_end(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    create(sandbox, body({"A": queue("a")}))
    client.get_waiter("stack_create_complete").wait(StackName="one")
    update(sandbox, body({"A": queue("b")}))
    client.get_waiter("stack_update_complete").wait(StackName="one")
    made = stack(sandbox)["StackId"]
    client.delete_stack(StackName="one")
    client.get_waiter("stack_delete_complete").wait(StackName=made)
    assert queues(sandbox) == []


def test_exports_bind_two_stacks(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    create(sandbox, body({"A": queue("a")}, Outputs={"X": {"Value": "v", "Export": {"Name": "e"}}}))
    user = body({"P": parameter({"Fn::ImportValue": "e"})})
    client.create_stack(StackName="two", TemplateBody=user)
    assert value(sandbox) == "v"
    client.delete_stack(StackName="one")
    assert status(sandbox) == "DELETE_FAILED"
    assert "in use by two" in stack(sandbox)["StackStatusReason"]
    assert client.list_imports(ExportName="e")["Imports"] == ["two"]


def test_the_stacks_tags_are_on_its_resources(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a")}), Tags=[{"Key": "team", "Value": "net"}])
    url = sandbox.client("sqs").get_queue_url(QueueName="a")["QueueUrl"]
    assert sandbox.client("sqs").list_queue_tags(QueueUrl=url)["Tags"] == {"team": "net"}

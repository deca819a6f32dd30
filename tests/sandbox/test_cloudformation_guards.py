"""A stack is guarded, rescued, announced and asked about as CloudFormation does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_world import (
    BROKEN,
    Refuse,
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

OWNER = "123456789012"


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    yield started
    started.hooks.clear()
    started.reset()


def test_termination_protection_keeps_a_stack(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    create(sandbox, body({"A": queue("a")}), EnableTerminationProtection=True)
    assert stack(sandbox)["EnableTerminationProtection"] is True
    with pytest.raises(ClientError, match="cannot be deleted while TerminationProtection"):
        client.delete_stack(StackName="one")
    client.update_termination_protection(StackName="one", EnableTerminationProtection=False)
    client.delete_stack(StackName="one")
    assert queues(sandbox) == []


def test_events_are_published_to_the_stacks_topics(sandbox: Sandbox) -> None:
    sns, sqs = sandbox.client("sns"), sandbox.client("sqs")
    topic = sns.create_topic(Name="told")["TopicArn"]
    statement = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}
    policy = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
    inbox = sqs.create_queue(QueueName="inbox", Attributes=policy)["QueueUrl"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{OWNER}:inbox")
    arns = {"Fn::Join": [",", {"Ref": "AWS::NotificationARNs"}]}
    create(sandbox, body({"P": parameter(arns)}), NotificationARNs=[topic])
    assert stack(sandbox)["NotificationARNs"] == [topic]
    assert value(sandbox) == topic
    sandbox.settle()
    found: list[str] = []
    while messages := sqs.receive_message(QueueUrl=inbox, MaxNumberOfMessages=10).get("Messages"):
        found += [json.loads(one["Body"])["Message"] for one in messages]
        for one in messages:
            sqs.delete_message(QueueUrl=inbox, ReceiptHandle=one["ReceiptHandle"])
    lines = [line for text in found for line in text.splitlines()]
    told = [line for line in lines if line.startswith(("LogicalResourceId", "ResourceStatus="))]
    assert told[:2] == ["LogicalResourceId='one'", "ResourceStatus='CREATE_IN_PROGRESS'"]
    assert told[-2:] == ["LogicalResourceId='one'", "ResourceStatus='CREATE_COMPLETE'"]
    assert "LogicalResourceId='P'" in told


def test_a_topic_that_is_gone_stops_no_stack(sandbox: Sandbox) -> None:
    gone = f"arn:aws:sns:us-east-1:{OWNER}:gone"
    assert create(sandbox, body({"A": queue()}), NotificationARNs=[gone]) == "CREATE_COMPLETE"


def test_the_same_request_sent_again_is_the_same_stack(sandbox: Sandbox) -> None:
    text, client = body({"A": queue("a")}), sandbox.client("cloudformation")
    request = {"StackName": "one", "TemplateBody": text, "ClientRequestToken": "t"}
    first, again = client.create_stack(**request), client.create_stack(**request)
    assert first["StackId"] == again["StackId"]
    with pytest.raises(ClientError, match="already exists"):
        client.create_stack(**{**request, "ClientRequestToken": "u"})


def test_what_is_secret_is_not_told(sandbox: Sandbox) -> None:
    secret = {"Type": "String", "NoEcho": "true"}
    text = body({"P": parameter({"Ref": "Word"})}, Parameters={"Word": secret})
    given = [{"ParameterKey": "Word", "ParameterValue": "hidden"}]
    client = sandbox.client("cloudformation")
    change = client.create_change_set(
        StackName="one",
        ChangeSetName="c",
        ChangeSetType="CREATE",
        TemplateBody=text,
        Parameters=given,
    )
    shown = client.describe_change_set(ChangeSetName=change["Id"])["Parameters"]
    client.execute_change_set(ChangeSetName=change["Id"])
    assert [one["ParameterValue"] for one in (*shown, *stack(sandbox)["Parameters"])] == [
        "****",
        "****",
    ]
    assert client.validate_template(TemplateBody=text)["Parameters"][0]["NoEcho"] is True
    assert value(sandbox) == "hidden"


def test_a_stored_value_is_told_beside_its_name(sandbox: Sandbox) -> None:
    sandbox.client("ssm").put_parameter(Name="/stored", Value="v", Type="String")
    stored = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stored"}
    text = body({"P": parameter({"Ref": "Given"})}, Parameters={"Given": stored})
    assert create(sandbox, text) == "CREATE_COMPLETE"
    expected = {"ParameterKey": "Given", "ParameterValue": "/stored", "ResolvedValue": "v"}
    assert stack(sandbox)["Parameters"] == [expected]
    assert value(sandbox) == "v"


def test_a_secret_is_no_stored_value(sandbox: Sandbox) -> None:
    sandbox.client("ssm").put_parameter(Name="/stored", Value="v", Type="SecureString")
    stored = {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/stored"}
    with pytest.raises(ClientError, match="types not supported by CloudFormation"):
        create(sandbox, body({"A": queue()}, Parameters={"Given": stored}))


RULES = [
    pytest.param(
        {"Fn::EachMemberIn": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, ["none"]]}, False, id="RefAll no"
    ),
    pytest.param(
        {"Fn::Contains": [{"Fn::RefAll": "AWS::EC2::VPC::Id"}, {"Ref": "Vpc"}]}, True, id="RefAll"
    ),
    pytest.param(
        {"Fn::Contains": [{"Fn::ValueOf": ["Vpc", "Tags.team"]}, "net"]}, True, id="ValueOf a tag"
    ),
    pytest.param(
        {
            "Fn::EachMemberEquals": [
                {"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "VpcId"]},
                {"Ref": "Vpc"},
            ]
        },
        True,
        id="ValueOfAll subnets are of one VPC",
    ),
    pytest.param(
        {
            "Fn::EachMemberEquals": [
                {"Fn::ValueOfAll": ["AWS::EC2::Subnet::Id", "AvailabilityZone"]},
                "us-east-1b",
            ]
        },
        False,
        id="ValueOfAll no",
    ),
    pytest.param(
        {"Fn::EachMemberIn": [{"Ref": "Words"}, ["a", "b", "c"]]}, True, id="EachMemberIn"
    ),
]


@pytest.mark.parametrize(("assertion", "holds"), RULES)
def test_rules_ask_of_what_parameters_name(
    sandbox: Sandbox, assertion: dict[str, Any], holds: bool
) -> None:
    ec2 = sandbox.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "team", "Value": "net"}])
    parts = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"us-east-1{z}")
        for n, z in ((1, "a"), (2, "b"))
    ]
    values = {
        "Vpc": vpc,
        "Parts": ",".join(part["Subnet"]["SubnetId"] for part in parts),
        "Words": "a,b",
    }
    text = body(
        {"A": queue()},
        Parameters={
            "Vpc": {"Type": "AWS::EC2::VPC::Id"},
            "Parts": {"Type": "List<AWS::EC2::Subnet::Id>"},
            "Words": {"Type": "CommaDelimitedList"},
        },
        Rules={"R": {"Assertions": [{"Assert": assertion, "AssertDescription": "must hold"}]}},
    )
    given = [{"ParameterKey": key, "ParameterValue": one} for key, one in values.items()]
    if holds:
        assert create(sandbox, text, Parameters=given) == "CREATE_COMPLETE"
        return
    with pytest.raises(ClientError, match="rule R failed: must hold"):
        create(sandbox, text, Parameters=given)


def test_a_failed_update_may_stay_and_be_rolled_back_by_hand(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    create(sandbox, body({"P": parameter("1")}))
    after = {"P": parameter("2"), "New": queue("new"), "Bad": {**BROKEN, "DependsOn": ["P", "New"]}}
    assert update(sandbox, body(after), DisableRollback=True) == "UPDATE_FAILED"
    assert (value(sandbox), queues(sandbox)) == ("2", ["new"])
    client.rollback_stack(StackName="one")
    assert status(sandbox) == "UPDATE_ROLLBACK_COMPLETE"
    assert (value(sandbox), queues(sandbox)) == ("1", [])


def test_a_failed_creation_may_be_rolled_back_by_hand(sandbox: Sandbox) -> None:
    resources = {"A": queue("a"), "Bad": {**BROKEN, "DependsOn": "A"}}
    assert create(sandbox, body(resources), DisableRollback=True) == "CREATE_FAILED"
    sandbox.client("cloudformation").rollback_stack(StackName="one")
    assert (status(sandbox), queues(sandbox)) == ("ROLLBACK_COMPLETE", [])
    with pytest.raises(ClientError, match="cannot be called in ROLLBACK_COMPLETE state"):
        sandbox.client("cloudformation").rollback_stack(StackName="one")


@pytest.mark.parametrize(("skipped", "left"), [([], "1"), (["P"], "2")])
def test_a_roll_back_that_stopped_goes_on(sandbox: Sandbox, skipped: list[str], left: str) -> None:
    client = sandbox.client("cloudformation")
    create(sandbox, body({"P": parameter("1")}))
    sandbox.hooks.append(Refuse("ssm:PutParameter", after=1))
    after = {
        "P": parameter("2"),
        "N": queue("n", DependsOn="P"),
        "Q": parameter("x", "/q", DependsOn="N"),
    }
    assert update(sandbox, body(after)) == "UPDATE_ROLLBACK_FAILED"
    sandbox.hooks.clear()
    client.continue_update_rollback(StackName="one", ResourcesToSkip=skipped)
    assert status(sandbox) == "UPDATE_ROLLBACK_COMPLETE"
    assert (value(sandbox), queues(sandbox)) == (left, [])


@pytest.mark.parametrize(("asked", "left"), [(False, ["kept"]), (True, [])])
def test_what_a_failed_creation_retains_goes_when_asked(
    sandbox: Sandbox, asked: bool, left: list[str]
) -> None:
    resources = {
        "Kept": queue("kept", DeletionPolicy="Retain"),
        "Bad": {**BROKEN, "DependsOn": "Kept"},
    }
    create(sandbox, body(resources), RetainExceptOnCreate=asked)
    assert queues(sandbox) == left


def test_a_timeout_is_never_reached(sandbox: Sandbox) -> None:
    assert create(sandbox, body({"A": queue()}), TimeoutInMinutes=5) == "CREATE_COMPLETE"
    assert stack(sandbox)["TimeoutInMinutes"] == 5


def test_an_update_that_fails_tells_each_step_in_order(sandbox: Sandbox) -> None:
    create(sandbox, body({"P": parameter("1")}))
    update(sandbox, body({"P": parameter("2"), "Bad": {**BROKEN, "DependsOn": "P"}}))
    events = sandbox.client("cloudformation").describe_stack_events(StackName="one")["StackEvents"]
    told = [f"{e['LogicalResourceId']} {e['ResourceStatus']}" for e in reversed(events)]
    assert told[told.index("one UPDATE_IN_PROGRESS") :] == [
        "one UPDATE_IN_PROGRESS",
        "P UPDATE_IN_PROGRESS",
        "P UPDATE_COMPLETE",
        "Bad CREATE_IN_PROGRESS",
        "Bad CREATE_FAILED",
        "one UPDATE_ROLLBACK_IN_PROGRESS",
        "P UPDATE_IN_PROGRESS",
        "P UPDATE_COMPLETE",
        "one UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "one UPDATE_ROLLBACK_COMPLETE",
    ]


REFUSED_OPERATIONS = [
    ("set_stack_policy", {"StackName": "one", "StackPolicyBody": "{}"}),
    ("estimate_template_cost", {"TemplateBody": "{}"}),
    ("create_generated_template", {"GeneratedTemplateName": "g"}),
]


@pytest.mark.parametrize(("operation", "arguments"), REFUSED_OPERATIONS)
def test_what_the_sandbox_lacks_is_refused_by_name(
    sandbox: Sandbox, operation: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=r"NotImplemented.*does not have cloudformation:"):
        getattr(sandbox.client("cloudformation"), operation)(**arguments)

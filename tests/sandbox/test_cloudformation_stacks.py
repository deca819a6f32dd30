"""A stack becomes what its template says, and a failed creation leaves nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError, WaiterError

from netmend.sandbox.core import Sandbox
from netmend.sandbox.faults import Cut
from netmend.stacks import deploy
from tests.sandbox.cloudformation_world import (
    ACCOUNT,
    Die,
    Refuse,
    body,
    create,
    failing,
    history,
    history_text,
    parameter,
    queue,
    queues,
    reason,
    role,
    stack,
    status,
    update,
    value,
)
from tests.sandbox.watching import Watcher


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    yield started
    started.hooks.clear()
    started.reset()


def test_resources_are_made_through_the_api_in_order(sandbox: Sandbox) -> None:
    watcher = Watcher()
    sandbox.hooks.append(watcher)
    parts = {
        "Last": parameter({"Fn::Sub": "${First.Arn}"}, "/last"),
        "Second": parameter("x", "/second", DependsOn=["First"]),
        "First": queue("first"),
    }
    create(sandbox, body(parts))
    sandbox.client("cloudformation").delete_stack(StackName="one")
    writes = [
        (c.operation, c.params.get("Name"))
        for c in watcher.calls
        if c.operation.startswith(("Create", "Put", "Delete")) and c.service != "cloudformation"
    ]
    assert writes == [
        ("CreateQueue", None),
        ("PutParameter", "/second"),
        ("PutParameter", "/last"),
        ("DeleteParameter", "/last"),
        ("DeleteParameter", "/second"),
        ("DeleteQueue", None),
    ]


def test_outputs_parameters_and_tags_are_told(sandbox: Sandbox) -> None:
    text = body(
        {"A": queue("a")},
        Description="what it is",
        Parameters={
            "Mode": {"Type": "String", "Default": "observe"},
            "Secret": {"Type": "String", "NoEcho": True},
        },
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
        Outputs={
            "Arn": {
                "Value": {"Fn::GetAtt": "A.Arn"},
                "Export": {"Name": {"Fn::Sub": "${Mode}-arn"}},
            },
            "Not": {"Value": "x", "Condition": "Never"},
        },
    )
    given = [{"ParameterKey": "Secret", "ParameterValue": "s"}]
    create(sandbox, text, Parameters=given, Tags=[{"Key": "k", "Value": "v"}])
    told = stack(sandbox)
    assert told["Description"] == "what it is"
    assert told["Outputs"] == [
        {
            "OutputKey": "Arn",
            "OutputValue": f"arn:aws:sqs:us-east-1:{ACCOUNT}:a",
            "ExportName": "observe-arn",
        }
    ]
    assert told["Parameters"] == [
        {"ParameterKey": "Mode", "ParameterValue": "observe"},
        {"ParameterKey": "Secret", "ParameterValue": "****"},
    ]
    assert told["Tags"] == [{"Key": "k", "Value": "v"}]
    exports = sandbox.client("cloudformation").list_exports()["Exports"]
    assert [(e["Name"], e["Value"]) for e in exports] == [
        ("observe-arn", f"arn:aws:sqs:us-east-1:{ACCOUNT}:a")
    ]


def test_a_resource_whose_condition_is_false_is_not_made(sandbox: Sandbox) -> None:
    text = body(
        {
            "A": queue("a", Condition="Never"),
            "B": parameter({"Fn::If": ["Never", {"Ref": "A"}, "without"]}),
        },
        Conditions={"Never": {"Fn::Equals": ["a", "b"]}},
    )
    create(sandbox, text)
    assert queues(sandbox) == []
    assert value(sandbox) == "without"


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("eu-west-1", "aws", "amazonaws.com"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
    ],
)
def test_pseudo_parameters_are_of_the_region(
    sandbox: Sandbox, region: str, partition: str, suffix: str
) -> None:
    names = "${AWS::Partition} ${AWS::Region} ${AWS::AccountId} ${AWS::URLSuffix} ${AWS::StackName}"
    client = sandbox.client("cloudformation", region)
    client.create_stack(
        StackName="one",
        TemplateBody=body({"P": parameter({"Fn::Sub": names})}),
    )
    found = sandbox.client("ssm", region).get_parameter(Name="/p")["Parameter"]["Value"]
    assert found == f"{partition} {region} {ACCOUNT} {suffix} one"


def test_a_stack_of_another_account_stands_there_alone(sandbox: Sandbox) -> None:
    session = sandbox.client("sts").assume_role(
        RoleArn="arn:aws:iam::210987654321:role/any", RoleSessionName="session"
    )
    keys = session["Credentials"]
    other = sandbox.client("cloudformation", "us-east-1", keys)
    arn = deploy(
        other, "one", body({"A": queue("a")}, Outputs={"X": {"Value": {"Fn::GetAtt": "A.Arn"}}})
    )
    assert arn == {"X": "arn:aws:sqs:us-east-1:210987654321:a"}
    assert queues(sandbox) == []
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_failed_creation_leaves_nothing_and_says_why(sandbox: Sandbox) -> None:
    assert create(sandbox, failing()) == "ROLLBACK_COMPLETE"
    assert queues(sandbox) == []
    with pytest.raises(ClientError, match="ParameterNotFound"):
        value(sandbox)
    assert history(sandbox) == [
        "one CREATE_IN_PROGRESS",
        "Q CREATE_COMPLETE",
        "P CREATE_COMPLETE",
        "Bad CREATE_FAILED",
        "one ROLLBACK_IN_PROGRESS",
        "P DELETE_COMPLETE",
        "Q DELETE_COMPLETE",
        "one ROLLBACK_COMPLETE",
    ]
    assert reason(sandbox, "Bad").startswith('Resource handler returned message: "NotFound: Topic')
    with pytest.raises(ClientError, match="is in ROLLBACK_COMPLETE state and can not be updated"):
        update(sandbox, body({"A": queue()}))


def test_the_waiter_sees_the_failure(sandbox: Sandbox) -> None:
    create(sandbox, failing())
    with pytest.raises(WaiterError, match="ROLLBACK_COMPLETE"):
        sandbox.client("cloudformation").get_waiter("stack_create_complete").wait(StackName="one")


@pytest.mark.parametrize(
    ("policy", "left"),
    [("Retain", ["q"]), ("RetainExceptOnCreate", []), ("Delete", [])],
)
def test_roll_back_keeps_what_its_policy_retains(
    sandbox: Sandbox, policy: str, left: list[str]
) -> None:
    create(sandbox, failing(policy=policy))
    assert queues(sandbox) == left


def test_do_nothing_leaves_what_was_made(sandbox: Sandbox) -> None:
    assert create(sandbox, failing(), OnFailure="DO_NOTHING") == "CREATE_FAILED"
    assert queues(sandbox) == ["q"]
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert queues(sandbox) == []


def test_on_failure_delete_leaves_no_stack(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    made = client.create_stack(StackName="one", TemplateBody=failing(), OnFailure="DELETE")
    assert queues(sandbox) == []
    assert client.describe_stacks()["Stacks"] == []
    assert stack(sandbox, made["StackId"])["StackStatus"] == "DELETE_COMPLETE"


def test_what_cannot_be_rolled_back_is_left_and_told(sandbox: Sandbox) -> None:
    sandbox.hooks.append(Refuse("sqs:DeleteQueue"))
    assert create(sandbox, failing()) == "ROLLBACK_FAILED"
    assert "[Q]" in stack(sandbox)["StackStatusReason"]
    assert "no DeleteQueue today" in reason(sandbox, "Q")
    sandbox.hooks.clear()
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert queues(sandbox) == []


def test_a_half_made_resource_is_deleted_too(sandbox: Sandbox) -> None:
    sandbox.hooks.append(Refuse("iam:PutRolePolicy"))
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [statement]}
    policies = [{"PolicyName": "p", "PolicyDocument": document}]
    text = body({"R": role(RoleName="half", Policies=policies)})
    assert create(sandbox, text, Capabilities=["CAPABILITY_NAMED_IAM"]) == "ROLLBACK_COMPLETE"
    assert sandbox.client("iam").list_roles()["Roles"] == []


def test_an_output_that_cannot_be_given_rolls_back(sandbox: Sandbox) -> None:
    exported = {"X": {"Value": "1", "Export": {"Name": "taken"}}}
    client = sandbox.client("cloudformation")
    client.create_stack(StackName="two", TemplateBody=body({"A": queue("a")}, Outputs=exported))
    assert create(sandbox, body({"B": queue("b")}, Outputs=exported)) == "ROLLBACK_COMPLETE"
    assert queues(sandbox) == ["a"]
    assert "taken is already exported" in history_text(sandbox)


def test_who_dies_in_the_middle_leaves_what_can_be_deleted(sandbox: Sandbox) -> None:
    sandbox.hooks.append(Die("ssm:PutParameter"))
    with pytest.raises(Cut):
        create(sandbox, body({"A": queue("a"), "P": parameter({"Ref": "A"})}))
    sandbox.hooks.clear()
    assert (status(sandbox), queues(sandbox)) == ("CREATE_IN_PROGRESS", ["a"])
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert queues(sandbox) == []

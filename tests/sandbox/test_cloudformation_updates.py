"""An update changes what it must or leaves what was before; deletion keeps what others need."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_world import (
    ACCOUNT,
    BROKEN,
    Refuse,
    body,
    create,
    history,
    listed,
    parameter,
    queue,
    queues,
    reason,
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


def test_an_update_adds_changes_and_takes_away(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a"), "P": parameter("1"), "Gone": queue("gone")}))
    assert update(sandbox, body({"A": queue("a"), "P": parameter("2"), "New": queue("new")})) == (
        "UPDATE_COMPLETE"
    )
    assert queues(sandbox) == ["a", "new"]
    assert value(sandbox) == "2"
    told = [line for line in history(sandbox) if not line.startswith("A ")]
    assert told[told.index("one UPDATE_IN_PROGRESS") :] == [
        "one UPDATE_IN_PROGRESS",
        "New CREATE_COMPLETE",
        "P UPDATE_COMPLETE",
        "one UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "Gone DELETE_COMPLETE",
        "one UPDATE_COMPLETE",
    ]


def test_an_update_by_parameters_alone(sandbox: Sandbox) -> None:
    modes = {"Mode": {"Type": "String", "AllowedValues": ["a", "b"]}, "Other": {"Type": "String"}}
    text = body({"P": parameter({"Ref": "Mode"})}, Parameters=modes)
    client = sandbox.client("cloudformation")

    def given(mode: str) -> list[dict[str, Any]]:
        return [
            {"ParameterKey": "Mode", "ParameterValue": mode},
            {"ParameterKey": "Other", "UsePreviousValue": True},
        ]

    first = [{"ParameterKey": "Other", "ParameterValue": "x"}, given("a")[0]]
    create(sandbox, text, Parameters=first)
    client.update_stack(StackName="one", UsePreviousTemplate=True, Parameters=given("b"))
    assert value(sandbox) == "b"
    with pytest.raises(ClientError, match="No updates are to be performed"):
        client.update_stack(StackName="one", UsePreviousTemplate=True, Parameters=given("b"))
    with pytest.raises(ClientError, match="Parameter 'Mode' must be one of AllowedValues"):
        client.update_stack(StackName="one", UsePreviousTemplate=True, Parameters=given("c"))
    assert value(sandbox) == "b"


def test_the_previous_value_of_a_new_parameter_is_refused(sandbox: Sandbox) -> None:
    create(sandbox, body({"P": parameter("x")}))
    text = body({"P": parameter({"Ref": "Mode"})}, Parameters={"Mode": {"Type": "String"}})
    with pytest.raises(ClientError, match="for a parameter key not in the previous template"):
        sandbox.client("cloudformation").create_change_set(
            StackName="one",
            ChangeSetName="mode",
            TemplateBody=text,
            Parameters=[{"ParameterKey": "Mode", "UsePreviousValue": True}],
        )


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({}, id="the same text"),
        pytest.param({"Description": "new words"}, id="another description"),
        pytest.param({"Parameters": {"New": {"Type": "String", "Default": "x"}}}, id="unused"),
    ],
)
def test_an_update_that_changes_nothing_is_refused(
    sandbox: Sandbox, change: dict[str, Any]
) -> None:
    create(sandbox, body({"A": queue()}))
    with pytest.raises(ClientError, match=r"No updates are to be performed\."):
        update(sandbox, body({"A": queue()}, **change))
    assert status(sandbox) == "CREATE_COMPLETE"


def test_a_new_name_is_a_new_resource_and_dependents_follow(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("old"), "P": parameter({"Fn::GetAtt": "A.QueueName"})}))
    update(sandbox, body({"A": queue("new"), "P": parameter({"Fn::GetAtt": "A.QueueName"})}))
    assert queues(sandbox) == ["new"]
    assert value(sandbox) == "new"


def test_what_is_replaced_is_kept_where_the_template_says_so(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("old", UpdateReplacePolicy="Retain")}))
    update(sandbox, body({"A": queue("new", UpdateReplacePolicy="Retain")}))
    assert sorted(queues(sandbox)) == ["new", "old"]


def test_a_named_resource_is_not_replaced_under_its_name(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a.fifo", Properties={"FifoQueue": True})}))
    assert update(sandbox, body({"A": queue("a.fifo")})) == "UPDATE_ROLLBACK_COMPLETE"
    assert "cannot update a stack when a custom-named resource requires replacing" in (
        reason(sandbox, "A")
    )
    assert queues(sandbox) == ["a.fifo"]


def test_another_type_under_a_logical_id_is_refused(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue()}))
    with pytest.raises(ClientError, match=r"Update of resource type is not permitted.*\[A\]"):
        update(sandbox, body({"A": parameter("x")}))


def test_a_failed_update_brings_everything_back(sandbox: Sandbox) -> None:
    before = {
        "Kept": queue("kept", Properties={"DelaySeconds": 1}),
        "Named": queue("old-name"),
        "P": parameter("1"),
        "Stays": queue("stays"),
    }
    after = {
        "Kept": queue("kept", Properties={"DelaySeconds": 2}),
        "Named": queue("new-name"),
        "P": parameter("2"),
        "Added": queue("added"),
        "Bad": {**BROKEN, "DependsOn": ["Kept", "Named", "P", "Added"]},
    }
    create(sandbox, body(before, Outputs={"X": {"Value": {"Ref": "Named"}}}))
    outputs = stack(sandbox)["Outputs"]
    assert update(sandbox, body(after)) == "UPDATE_ROLLBACK_COMPLETE"
    assert sorted(queues(sandbox)) == ["kept", "old-name", "stays"]
    assert value(sandbox) == "1"
    kept = sandbox.client("sqs").get_queue_attributes(
        QueueUrl=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/kept", AttributeNames=["All"]
    )
    assert kept["Attributes"]["DelaySeconds"] == "1"
    assert stack(sandbox)["Outputs"] == outputs
    names = {r["LogicalResourceId"] for r in listed(sandbox)}
    assert names == set(before)
    del after["Bad"]
    assert update(sandbox, body(after)) == "UPDATE_COMPLETE"
    assert sorted(queues(sandbox)) == ["added", "kept", "new-name"]


@pytest.mark.parametrize(
    ("policy", "left"),
    [("Retain", ["a", "new"]), ("RetainExceptOnCreate", ["a"]), ("Delete", ["a"])],
)
def test_what_a_failed_update_made_goes_by_its_policy(
    sandbox: Sandbox, policy: str, left: list[str]
) -> None:
    create(sandbox, body({"A": queue("a")}))
    new = queue("new", DeletionPolicy=policy)
    update(sandbox, body({"A": queue("a"), "New": new, "Bad": {**BROKEN, "DependsOn": "New"}}))
    assert queues(sandbox) == left


def test_an_update_that_cannot_be_brought_back_says_so(sandbox: Sandbox) -> None:
    create(sandbox, body({"P": parameter("1")}))
    sandbox.hooks.append(Refuse("ssm:PutParameter", after=1))
    after = {"P": parameter("2"), "Q": parameter("x", "/q", DependsOn="P")}
    assert update(sandbox, body(after)) == "UPDATE_ROLLBACK_FAILED"
    sandbox.hooks.clear()
    sandbox.client("cloudformation").delete_stack(StackName="one")
    with pytest.raises(ClientError, match="ParameterNotFound"):
        value(sandbox)


def test_a_deleted_stack_is_found_by_its_id_alone(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue()}))
    stack_id = stack(sandbox)["StackId"]
    client = sandbox.client("cloudformation")
    client.delete_stack(StackName="one")
    client.delete_stack(StackName="one")
    with pytest.raises(ClientError, match="Stack with id one does not exist"):
        client.describe_stacks(StackName="one")
    assert stack(sandbox, stack_id)["StackStatus"] == "DELETE_COMPLETE"
    statuses = [s["StackStatus"] for s in client.list_stacks()["StackSummaries"]]
    assert statuses == ["DELETE_COMPLETE"]
    assert create(sandbox, body({"A": queue()})) == "CREATE_COMPLETE"


def test_what_is_gone_already_is_deleted(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a"), "P": parameter("1")}))
    sandbox.client("sqs").delete_queue(QueueUrl=f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/a")
    sandbox.client("ssm").delete_parameter(Name="/p")
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_retained_resource_outlives_its_stack(sandbox: Sandbox) -> None:
    kept = queue("kept", DeletionPolicy="RetainExceptOnCreate")
    create(sandbox, body({"A": kept, "B": queue("b")}))
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert queues(sandbox) == ["kept"]


def test_what_cannot_be_deleted_keeps_what_it_needs(sandbox: Sandbox) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "full"}, "DependsOn": "Q"}
    create(sandbox, body({"Q": queue("q"), "Bucket": bucket, "Free": queue("free")}))
    sandbox.client("s3").put_object(Bucket="full", Key="k", Body=b"x")
    client = sandbox.client("cloudformation")
    client.delete_stack(StackName="one")
    assert status(sandbox) == "DELETE_FAILED"
    assert "BucketNotEmpty" in reason(sandbox, "Bucket")
    assert queues(sandbox) == ["q"]
    client.delete_stack(StackName="one", RetainResources=["Bucket"])
    assert queues(sandbox) == []
    assert [b["Name"] for b in sandbox.client("s3").list_buckets()["Buckets"]] == ["full"]


def test_an_export_in_use_keeps_its_stack(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue("a")}, Outputs={"X": {"Value": "v", "Export": {"Name": "e"}}}))
    client = sandbox.client("cloudformation")
    user = body({"P": parameter({"Fn::ImportValue": "e"})})
    client.create_stack(StackName="two", TemplateBody=user)
    assert value(sandbox) == "v"
    assert client.list_imports(ExportName="e")["Imports"] == ["two"]
    client.delete_stack(StackName="one")
    assert (
        "Export e cannot be deleted as it is in use by two" in stack(sandbox)["StackStatusReason"]
    )
    client.delete_stack(StackName="two")
    client.delete_stack(StackName="one")
    assert queues(sandbox) == []

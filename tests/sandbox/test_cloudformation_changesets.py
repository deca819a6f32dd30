"""Templates come from S3, changes are shown first, and roles limit both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from netmend.stacks import StackError, deploy
from tests.sandbox.cloudformation_world import (
    TRUST,
    body,
    create,
    failing,
    parameter,
    queue,
    queues,
    reason,
    status,
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


URLS = [
    "https://templates.s3.us-east-1.amazonaws.com/a/b.json",
    "https://templates.s3.amazonaws.com/a/b.json",
    "https://s3.us-east-1.amazonaws.com/templates/a/b.json",
    "https://s3.amazonaws.com/templates/a/b.json",
]


@pytest.mark.parametrize("url", URLS)
def test_a_large_template_comes_from_s3(sandbox: Sandbox, url: str) -> None:
    text = body({"A": queue("a")}, Metadata={"Filling": "x" * 60_000})
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="a/b.json", Body=text.encode())
    client = sandbox.client("cloudformation")
    client.create_stack(StackName="one", TemplateURL=url)
    assert queues(sandbox) == ["a"]
    assert client.get_template(StackName="one")["TemplateBody"] == json.loads(text)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://example.com/t.json", "TemplateURL must be a supported URL"),
        ("https://templates.s3.amazonaws.com/none", "S3 error: The specified key does not exist"),
        ("https://templates.s3.amazonaws.com/big", "may not exceed 1000000 bytes"),
    ],
)
def test_a_template_that_cannot_be_had_is_refused(sandbox: Sandbox, url: str, message: str) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="big", Body=b" " * 1_000_001)
    with pytest.raises(ClientError, match=message):
        sandbox.client("cloudformation").create_stack(StackName="one", TemplateURL=url)


def change_set(sandbox: Sandbox, text: str, kind: str) -> dict[str, Any]:
    client = sandbox.client("cloudformation")
    made = client.create_change_set(
        StackName="one", ChangeSetName="change", ChangeSetType=kind, TemplateBody=text
    )
    return dict(client.describe_change_set(ChangeSetName=made["Id"]))


def test_a_change_set_is_shown_and_then_carried_out(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    shown = change_set(sandbox, body({"A": queue("a"), "Gone": queue("gone")}), "CREATE")
    assert (shown["Status"], shown["ExecutionStatus"]) == ("CREATE_COMPLETE", "AVAILABLE")
    assert {c["ResourceChange"]["Action"] for c in shown["Changes"]} == {"Add"}
    assert status(sandbox) == "REVIEW_IN_PROGRESS"
    assert queues(sandbox) == []
    client.execute_change_set(ChangeSetName="change", StackName="one")
    assert status(sandbox) == "CREATE_COMPLETE"
    assert sorted(queues(sandbox)) == ["a", "gone"]

    client.delete_change_set(ChangeSetName="change", StackName="one")
    shown = change_set(sandbox, body({"A": queue("renamed"), "P": parameter("1")}), "UPDATE")
    changes = {
        c["ResourceChange"]["LogicalResourceId"]: (
            c["ResourceChange"]["Action"],
            c["ResourceChange"].get("Replacement"),
        )
        for c in shown["Changes"]
    }
    assert changes == {"A": ("Modify", "True"), "P": ("Add", None), "Gone": ("Remove", None)}
    client.execute_change_set(ChangeSetName=shown["ChangeSetId"])
    assert status(sandbox) == "UPDATE_COMPLETE"
    assert queues(sandbox) == ["renamed"]
    with pytest.raises(ClientError, match="cannot be executed in its current execution status"):
        client.execute_change_set(ChangeSetName=shown["ChangeSetId"])


def test_a_change_set_without_changes_fails_as_the_cli_expects(sandbox: Sandbox) -> None:
    create(sandbox, body({"A": queue()}))
    shown = change_set(sandbox, body({"A": queue()}), "UPDATE")
    assert (shown["Status"], shown["ExecutionStatus"]) == ("FAILED", "UNAVAILABLE")
    assert "The submitted information didn't contain changes." in shown["StatusReason"]


def test_a_change_set_that_fails_rolls_back(sandbox: Sandbox) -> None:
    change_set(sandbox, failing(), "CREATE")
    client = sandbox.client("cloudformation")
    client.execute_change_set(ChangeSetName="change", StackName="one")
    assert status(sandbox) == "ROLLBACK_COMPLETE"
    assert queues(sandbox) == []


def test_a_change_set_with_a_bad_template_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="Unrecognized resource types"):
        change_set(sandbox, body({"A": {"Type": "AWS::No::Thing"}}), "CREATE")
    assert sandbox.client("cloudformation").describe_stacks()["Stacks"] == []


def test_a_service_role_must_be_allowed_what_the_template_needs(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    arn = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))
    text = body({"A": queue("a")})
    assert create(sandbox, text, RoleARN=arn["Role"]["Arn"]) == "ROLLBACK_COMPLETE"
    assert "HandlerErrorCode: AccessDenied" in reason(sandbox, "A")
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}
    iam.put_role_policy(
        RoleName="deployer",
        PolicyName="queues",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert create(sandbox, text, RoleARN=arn["Role"]["Arn"]) == "CREATE_COMPLETE"


def test_deploy_creates_updates_and_leaves_alone(sandbox: Sandbox) -> None:
    text = body(
        {"P": parameter({"Ref": "Mode"})},
        Parameters={"Mode": {"Type": "String"}},
        Outputs={"Name": {"Value": {"Ref": "P"}}},
    )
    assert deploy(sandbox, "one", text, {"Mode": "a"}) == {"Name": "/p"}
    assert deploy(sandbox.client("cloudformation"), "one", text, {"Mode": "b"}) == {"Name": "/p"}
    assert value(sandbox) == "b"
    assert deploy(sandbox, "one", text, {"Mode": "b"}) == {"Name": "/p"}
    assert status(sandbox) == "UPDATE_COMPLETE"


def test_deploy_names_the_first_resource_that_failed(sandbox: Sandbox) -> None:
    with pytest.raises(StackError, match=r"^stack one: Bad \(AWS::SNS::Subscription\): Resource h"):
        deploy(sandbox, "one", failing())
    assert deploy(sandbox, "one", body({"Q": queue("q")})) == {}
    with pytest.raises(StackError, match=r"^stack one: Bad \(AWS::SNS::Subscription\): "):
        deploy(sandbox, "one", failing())
    with pytest.raises(StackError, match=r"^stack one: .*Unrecognized resource types") as refused:
        deploy(sandbox, "one", body({"A": {"Type": "AWS::No::Thing"}}))
    assert "\n" not in str(refused.value)
    with pytest.raises(StackError, match="has 51201 bytes"):
        deploy(sandbox, "one", "x" * 51_201)

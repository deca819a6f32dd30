"""Resources that a stack makes, changes and deletes, and what stands before any of them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from netmend.stacks import deploy

ACCOUNT = "123456789012"


REGION = "us-east-1"


NAMED = ["CAPABILITY_NAMED_IAM"]


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"


READING = f"arn:aws:iam::{ACCOUNT}:policy/reading"


ROLE = f"arn:aws:iam::{ACCOUNT}:role/for-functions"


FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:standing"


TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:standing"


QUEUE_URL = f"https://sqs.us-east-1.amazonaws.com/{ACCOUNT}/standing"


QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:standing"


def policy(action: str, resource: str = "*", **principal: str) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    if principal:
        statement["Principal"] = principal
    return {"Version": "2012-10-17", "Statement": [statement]}


def packed(text: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.writestr("index.py", text)
    return body.getvalue()


def prepare(sandbox: Sandbox) -> None:
    """What stands before any stack: a role, code in a bucket, a function, a topic, a queue."""
    sandbox.client("iam").create_role(
        RoleName="for-functions", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    sandbox.client("iam").create_policy(
        PolicyName="reading", PolicyDocument=json.dumps(policy("ec2:Describe*"))
    )
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="code")
    for key in ("one.zip", "two.zip"):
        s3.put_object(Bucket="code", Key=key, Body=packed(f"# {key}\ndef h(e, c): return 1"))
    sandbox.client("lambda").create_function(
        FunctionName="standing",
        Role=ROLE,
        Runtime="python3.13",
        Handler="index.h",
        Code={"S3Bucket": "code", "S3Key": "one.zip"},
    )
    sandbox.client("lambda").add_permission(
        FunctionName="standing",
        StatementId="config",
        Action="lambda:InvokeFunction",
        Principal="config.amazonaws.com",
    )
    sandbox.client("sns").create_topic(Name="standing")
    sandbox.client("sqs").create_queue(QueueName="standing")


Read = Callable[[Sandbox, str], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """Properties at first and later, and what the service then tells; same: one id throughout."""

    kind: str
    first: dict[str, Any]
    later: dict[str, Any]
    read: Read
    told_first: dict[str, Any]
    told_later: dict[str, Any]
    same: bool = True
    attributes: dict[str, Any] = field(default_factory=dict)


def tags(**pairs: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def pairs(tag_list: list[dict[str, str]]) -> dict[str, str]:
    return {t.get("Key") or t["TagKey"]: t.get("Value", t.get("TagValue", "")) for t in tag_list}


def template(case: Case, properties: dict[str, Any]) -> str:
    outputs = {
        f"A{index}": {"Value": {"Fn::GetAtt": ["Made", name]}}
        for index, name in enumerate(case.attributes)
    }
    resource = {"Type": case.kind, "Properties": properties}
    return json.dumps({"Resources": {"Made": resource}, "Outputs": outputs})


def physical_id(sandbox: Sandbox, stack: str = "one") -> str:
    found = sandbox.client("cloudformation").describe_stack_resource(
        StackName=stack, LogicalResourceId="Made"
    )
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def told(case: Case, sandbox: Sandbox, name: str, expected: dict[str, Any]) -> dict[str, Any]:
    found = case.read(sandbox, name)
    return {key: found[key] for key in expected}


def follow(sandbox: Sandbox, case: Case) -> Iterator[tuple[Any, Any]]:
    """A stack makes the resource, changes it, and deletes it: what is told, and what should be."""
    stack = case.kind.replace("::", "-")
    outputs = deploy(sandbox, stack, template(case, case.first), {}, NAMED)
    made = physical_id(sandbox, stack)
    yield list(outputs.values()), list(case.attributes.values())
    yield told(case, sandbox, made, case.told_first), case.told_first

    deploy(sandbox, stack, template(case, case.later), {}, NAMED)
    later = physical_id(sandbox, stack)
    yield made == later, case.same
    yield told(case, sandbox, later, case.told_later), case.told_later
    if not case.same:
        with pytest.raises(ClientError):
            case.read(sandbox, made)

    sandbox.client("cloudformation").delete_stack(StackName=stack)
    with pytest.raises(ClientError):
        case.read(sandbox, later)

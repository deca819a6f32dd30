"""An operation's action and ARNs are those of AWS's reference, from the call's own parameters."""

from __future__ import annotations

from typing import Any

import pytest

from netmend.sandbox.iam import reference
from netmend.sandbox.iam.actions import UnknownAction, Where, action_of
from netmend.sandbox.iam.patterns import UNKNOWN, PolicyError, resource_like

HERE = Where("aws", "us-east-1", "123456789012")


def arn(service: str, resource: str, account: str = "123456789012") -> str:
    return f"arn:aws:{service}:us-east-1:{account}:{resource}"


def ec2(*resources: str) -> list[str]:
    return [arn("ec2", one) for one in resources]


CALLS: dict[str, tuple[str, dict[str, Any], str, list[str]]] = {
    "a VPC that is made has no id yet": ("ec2:CreateVpc", {}, "", ec2("vpc/*")),
    "EC2's ids say their types": (
        "ec2:CreateTags",
        {"Resources": ["i-0a1", "sg-0b2"]},
        "",
        ec2("instance/i-0a1", "security-group/sg-0b2"),
    ),
    "each instance is one": (
        "ec2:StopInstances",
        {"InstanceIds": ["i-0a1", "i-0b2"]},
        "",
        ec2("instance/i-0a1", "instance/i-0b2"),
    ),
    "an image is of no account": (
        "ec2:DeregisterImage",
        {"ImageId": "ami-0a1"},
        "",
        [arn("ec2", "image/ami-0a1", "")],
    ),
    "describing has no resource": ("ec2:DescribeVpcs", {"VpcIds": ["vpc-0a1"]}, "", ["*"]),
    "a stack's id is any": (
        "cloudformation:DeleteStack",
        {"StackName": "s"},
        "",
        [arn("cloudformation", "stack/s/*")],
    ),
    "a stack may be named by its ARN": (
        "cloudformation:DeleteStack",
        {"StackName": arn("cloudformation", "stack/s/1")},
        "",
        [arn("cloudformation", "stack/s/1")],
    ),
    "a table without an index": (
        "dynamodb:Query",
        {"TableName": "t"},
        "",
        [arn("dynamodb", "table/t")],
    ),
    "an index alone": (
        "dynamodb:Query",
        {"TableName": "t", "IndexName": "i"},
        "",
        [arn("dynamodb", "table/t/index/i")],
    ),
    "a rule on the default bus": (
        "events:PutTargets",
        {"Rule": "r"},
        "",
        [arn("events", "rule/r")],
    ),
    "a rule on another bus": (
        "events:PutRule",
        {"Name": "r", "EventBusName": "own"},
        "",
        [arn("events", "rule/own/r")],
    ),
    "a log group is judged with its streams": (
        "logs:PutRetentionPolicy",
        {"logGroupName": "/a"},
        "",
        [arn("logs", "log-group:/a:log-stream:")],
    ),
    "a queue's URL holds its account": (
        "sqs:SendMessageBatch",
        {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/q"},
        "sqs:SendMessage",
        [arn("sqs", "q", "111122223333")],
    ),
    "a database by its identifier": (
        "rds:ModifyDBInstance",
        {"DBInstanceIdentifier": "d"},
        "",
        [arn("rds", "db:d")],
    ),
    "an object in its bucket": (
        "s3:CopyObject",
        {"Bucket": "b", "Key": "k"},
        "s3:PutObject",
        ["arn:aws:s3:::b/k"],
    ),
    "a bucket's encryption": (
        "s3:PutBucketEncryption",
        {"Bucket": "b"},
        "s3:PutEncryptionConfiguration",
        ["arn:aws:s3:::b"],
    ),
    "a load balancer by its ARN": (
        "elbv2:DeleteLoadBalancer",
        {"LoadBalancerArn": arn("elasticloadbalancing", "loadbalancer/app/x/1")},
        "elasticloadbalancing:DeleteLoadBalancer",
        [arn("elasticloadbalancing", "loadbalancer/app/x/1")],
    ),
}


@pytest.mark.parametrize(("name", "params", "action", "arns"), CALLS.values(), ids=CALLS)
def test_a_call_needs(name: str, params: dict[str, Any], action: str, arns: list[str]) -> None:
    service, operation = name.split(":")
    assert action_of(service, operation, params, HERE) == (action or name, arns)


def test_an_operation_without_an_action_is_named() -> None:
    with pytest.raises(UnknownAction, match="apigateway:CreateRestApi"):
        action_of("apigateway", "CreateRestApi", {}, HERE)


def test_every_action_of_the_reference_can_be_read() -> None:
    unread = [
        name
        for service in ("ec2", "iam", "s3", "ssm", "config", "events", "kms", "sqs", "sns")
        for name in reference._table("actions", service)
        if reference.action(f"{service}:{name}") is None
    ]
    assert unread == []


KEYS = {
    "a key of the list": ("ec2:Vpc", True),
    "a tag of any name": ("aws:ResourceTag/stage", True),
    "a key of another action": ("ec2:InstanceType", False),
    "an encryption context of any name": ("kms:EncryptionContext:team", True),
}


@pytest.mark.parametrize(("key", "sent"), KEYS.values(), ids=KEYS)
def test_the_reference_says_which_keys_aws_sends(key: str, sent: bool) -> None:
    name = "kms:Decrypt" if key.startswith("kms:") else "ec2:RevokeSecurityGroupIngress"
    action = reference.action(name)
    assert action is not None
    keys = action.keys.union(*(kind.keys for kind in action.kinds))
    assert reference.has_key(keys, key.lower()) is sent


UNTOLD = arn("ec2", f"security-group/{UNKNOWN}")
PATTERNS = {
    "everything": ("*", True),
    "every group": (arn("ec2", "security-group/*"), True),
    "every instance": (arn("ec2", "instance/*"), False),
    "groups of another account": (arn("ec2", "security-group/*", "999999999999"), False),
}


@pytest.mark.parametrize(("pattern", "matches"), PATTERNS.values(), ids=PATTERNS)
def test_a_part_that_nobody_knows_matches_only_surely(pattern: str, matches: bool) -> None:
    assert resource_like(pattern, UNTOLD) is matches


def test_a_pattern_that_hangs_on_what_nobody_knows_is_refused() -> None:
    with pytest.raises(PolicyError, match="cannot tell whether"):
        resource_like(arn("ec2", "security-group/sg-0a1"), UNTOLD)

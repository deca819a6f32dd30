"""Drift detection tells what somebody changed or took away beside the stack, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.cloudformation.live import READERS
from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_world import TRUST, body, create, queue, stack, update

Change = Callable[[Sandbox, str], Any]
TAGS = [{"Key": "a", "Value": "1"}]
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}],
}
OTHER = json.dumps({"Version": "2012-10-17", "Statement": [{**ALLOW["Statement"][0], "Sid": "x"}]})


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    yield started
    started.hooks.clear()
    started.reset()


class Case(NamedTuple):
    """A resource, what somebody does to it, the paths that then differ, and how it is deleted."""

    kind: str
    properties: dict[str, Any]
    change: Change
    paths: list[str]
    drop: Change
    more: dict[str, Any] = {}  # noqa: RUF012


def call(service: str, operation: str, key: str = "", **arguments: Any) -> Change:
    """A call of the API; `key` is the argument that takes the physical id."""

    def change(sandbox: Sandbox, physical_id: str) -> Any:
        given = {key: physical_id} if key else {}
        return getattr(sandbox.client(service), operation)(**given, **arguments)

    return change


def public(**principal: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": principal}
    return {"Version": "2012-10-17", "Statement": [statement]}


def function_permission(sandbox: Sandbox, statement: str) -> None:
    sandbox.client("lambda").remove_permission(FunctionName="f", StatementId=statement)


FUNCTION = {
    "Type": "AWS::Lambda::Function",
    "Properties": {
        "FunctionName": "f",
        "Code": {"ZipFile": "def x(e, c): pass"},
        "Handler": "index.x",
        "Runtime": "python3.13",
        "Role": {"Fn::GetAtt": "Worker.Arn"},
        "Environment": {"Variables": {"MODE": "a"}},
    },
}
SERVES = json.loads(json.dumps(TRUST).replace("cloudformation", "lambda"))
WORKER = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": SERVES}}
URL = "https://sqs.us-east-1.amazonaws.com/123456789012/q"
TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
CASES = [
    Case(
        "IAM::Role",
        {"RoleName": "r", "AssumeRolePolicyDocument": TRUST, "MaxSessionDuration": 3600},
        call("iam", "update_role", "RoleName", MaxSessionDuration=7200, Description=""),
        ["/MaxSessionDuration NOT_EQUAL"],
        call("iam", "delete_role", "RoleName"),
    ),
    Case(
        "IAM::ManagedPolicy",
        {"ManagedPolicyName": "p", "PolicyDocument": ALLOW},
        call("iam", "create_policy_version", "PolicyArn", PolicyDocument=OTHER, SetAsDefault=True),
        ["/PolicyDocument/Statement/0/Sid ADD"],
        lambda sandbox, arn: [
            sandbox.client("iam").delete_policy_version(PolicyArn=arn, VersionId="v1"),
            sandbox.client("iam").delete_policy(PolicyArn=arn),
        ],
    ),
    Case(
        "IAM::Policy",
        {"PolicyName": "p", "PolicyDocument": ALLOW, "Roles": [{"Ref": "Worker"}]},
        lambda sandbox, _: sandbox.client("iam").put_role_policy(
            RoleName=sandbox.client("iam").list_roles()["Roles"][0]["RoleName"],
            PolicyName="p",
            PolicyDocument=OTHER,
        ),
        ["/PolicyDocument/Statement/0/Sid ADD"],
        lambda sandbox, _: sandbox.client("iam").delete_role_policy(
            RoleName=sandbox.client("iam").list_roles()["Roles"][0]["RoleName"], PolicyName="p"
        ),
        {"Worker": WORKER},
    ),
    Case(
        "Lambda::Function",
        FUNCTION["Properties"],
        call(
            "lambda",
            "update_function_configuration",
            "FunctionName",
            Timeout=9,
            Environment={"Variables": {"MODE": "b", "NEW": "1"}},
        ),
        ["/Environment/Variables/MODE NOT_EQUAL", "/Environment/Variables/NEW ADD"],
        call("lambda", "delete_function", "FunctionName"),
        {"Worker": WORKER},
    ),
    Case(
        "Lambda::Permission",
        {
            "Action": "lambda:InvokeFunction",
            "FunctionName": {"Ref": "F"},
            "Principal": "events.amazonaws.com",
            "SourceAccount": "123456789012",
        },
        lambda sandbox, statement: None,
        [],
        function_permission,
        {"F": FUNCTION, "Worker": WORKER},
    ),
    Case(
        "Events::Rule",
        {"Name": "e", "EventPattern": {"source": ["own"]}, "State": "ENABLED"},
        call("events", "disable_rule", "Name"),
        ["/State NOT_EQUAL"],
        call("events", "delete_rule", "Name"),
    ),
    Case(
        "SSM::Document",
        {
            "Name": "Own-Document",
            "DocumentType": "Automation",
            "Content": {
                "schemaVersion": "0.3",
                "mainSteps": [{"name": "S", "action": "aws:sleep", "inputs": {"Duration": "PT1S"}}],
            },
            "Tags": TAGS,
        },
        call(
            "ssm",
            "remove_tags_from_resource",
            "ResourceId",
            ResourceType="Document",
            TagKeys=["a"],
        ),
        ["/Tags/0 REMOVE"],
        call("ssm", "delete_document", "Name"),
    ),
    Case(
        "SSM::Parameter",
        {"Name": "/p", "Type": "String", "Value": "1"},
        call("ssm", "put_parameter", "Name", Value="2", Overwrite=True),
        ["/Value NOT_EQUAL"],
        call("ssm", "delete_parameter", "Name"),
    ),
    Case(
        "SNS::Topic",
        {"TopicName": "t", "DisplayName": "one"},
        call(
            "sns",
            "set_topic_attributes",
            "TopicArn",
            AttributeName="DisplayName",
            AttributeValue="two",
        ),
        ["/DisplayName NOT_EQUAL"],
        call("sns", "delete_topic", "TopicArn"),
    ),
    Case(
        "SNS::TopicPolicy",
        {"Topics": [{"Ref": "T"}], "PolicyDocument": public(AWS="123456789012")},
        lambda sandbox, _: sandbox.client("sns").set_topic_attributes(
            TopicArn=TOPIC, AttributeName="Policy", AttributeValue=json.dumps(public(AWS="*"))
        ),
        ["/PolicyDocument/Statement/0/Principal/AWS NOT_EQUAL"],
        lambda sandbox, _: sandbox.client("sns").delete_topic(TopicArn=TOPIC),
        {"T": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "t"}}},
    ),
    Case(
        "SQS::Queue",
        {"QueueName": "q", "DelaySeconds": "5"},
        call("sqs", "set_queue_attributes", "QueueUrl", Attributes={"DelaySeconds": "9"}),
        ["/DelaySeconds NOT_EQUAL"],
        call("sqs", "delete_queue", "QueueUrl"),
    ),
    Case(
        "SQS::QueuePolicy",
        {"Queues": [{"Ref": "Q"}], "PolicyDocument": public(Service="sns.amazonaws.com")},
        lambda sandbox, _: sandbox.client("sqs").set_queue_attributes(
            QueueUrl=URL, Attributes={"Policy": json.dumps(public(Service="s3.amazonaws.com"))}
        ),
        ["/PolicyDocument/Statement/0/Principal/Service NOT_EQUAL"],
        lambda sandbox, _: sandbox.client("sqs").set_queue_attributes(
            QueueUrl=URL, Attributes={"Policy": ""}
        ),
        {"Q": queue("q")},
    ),
    Case(
        "S3::Bucket",
        {
            "BucketName": "drifts",
            "VersioningConfiguration": {"Status": "Enabled"},
            "LifecycleConfiguration": {
                "Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 9}]
            },
        },
        call(
            "s3", "put_bucket_versioning", "Bucket", VersioningConfiguration={"Status": "Suspended"}
        ),
        ["/VersioningConfiguration/Status NOT_EQUAL"],
        call("s3", "delete_bucket", "Bucket"),
    ),
    Case(
        "S3::BucketPolicy",
        {"Bucket": {"Ref": "B"}, "PolicyDocument": public(AWS="123456789012")},
        call("s3", "put_bucket_policy", "Bucket", Policy=json.dumps(public(AWS="*"))),
        ["/PolicyDocument/Statement/0/Principal/AWS NOT_EQUAL"],
        call("s3", "delete_bucket_policy", "Bucket"),
        {"B": {"Type": "AWS::S3::Bucket"}},
    ),
    Case(
        "DynamoDB::Table",
        {
            "TableName": "t",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
            "DeletionProtectionEnabled": False,
        },
        call("dynamodb", "update_table", "TableName", DeletionProtectionEnabled=True),
        ["/DeletionProtectionEnabled NOT_EQUAL"],
        lambda sandbox, name: [
            sandbox.client("dynamodb").update_table(
                TableName=name, DeletionProtectionEnabled=False
            ),
            sandbox.client("dynamodb").delete_table(TableName=name),
        ],
    ),
    Case(
        "KMS::Key",
        {"Description": "one", "EnableKeyRotation": True},
        call("kms", "disable_key_rotation", "KeyId"),
        ["/EnableKeyRotation NOT_EQUAL"],
        call("kms", "schedule_key_deletion", "KeyId"),
    ),
    Case(
        "KMS::Alias",
        {"AliasName": "alias/a", "TargetKeyId": {"Ref": "K"}},
        lambda sandbox, alias: sandbox.client("kms").update_alias(
            AliasName=alias, TargetKeyId=sandbox.client("kms").create_key()["KeyMetadata"]["KeyId"]
        ),
        ["/TargetKeyId NOT_EQUAL"],
        call("kms", "delete_alias", "AliasName"),
        {"K": {"Type": "AWS::KMS::Key", "Properties": {}}},
    ),
    Case(
        "Logs::LogGroup",
        {"LogGroupName": "g", "RetentionInDays": 30},
        call("logs", "delete_retention_policy", "logGroupName"),
        ["/RetentionInDays REMOVE"],
        call("logs", "delete_log_group", "logGroupName"),
    ),
    Case(
        "CloudWatch::Alarm",
        {
            "AlarmName": "a",
            "ComparisonOperator": "GreaterThanThreshold",
            "EvaluationPeriods": 1,
            "MetricName": "m",
            "Namespace": "n",
            "Period": 60,
            "Statistic": "Sum",
            "Threshold": 1,
        },
        call(
            "cloudwatch",
            "put_metric_alarm",
            "AlarmName",
            ComparisonOperator="GreaterThanThreshold",
            EvaluationPeriods=1,
            MetricName="m",
            Namespace="n",
            Period=60,
            Statistic="Sum",
            Threshold=2,
        ),
        ["/Threshold NOT_EQUAL"],
        lambda sandbox, name: sandbox.client("cloudwatch").delete_alarms(AlarmNames=[name]),
    ),
    Case(
        "Config::ConfigRule",
        {
            "ConfigRuleName": "c",
            "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"},
            "Description": "one",
        },
        lambda sandbox, name: sandbox.client("config").put_config_rule(
            ConfigRule={
                "ConfigRuleName": name,
                "Source": {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"},
                "Description": "two",
            }
        ),
        ["/Description NOT_EQUAL"],
        call("config", "delete_config_rule", "ConfigRuleName"),
    ),
    Case(
        "EC2::SecurityGroup",
        {
            "GroupName": "g",
            "GroupDescription": "one",
            "SecurityGroupIngress": [
                {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"}
            ],
        },
        call(
            "ec2",
            "authorize_security_group_ingress",
            "GroupId",
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 22,
                    "ToPort": 22,
                    "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
                }
            ],
        ),
        ["/SecurityGroupIngress/1 ADD"],
        call("ec2", "delete_security_group", "GroupId"),
    ),
]


def drift(sandbox: Sandbox, name: str = "Made") -> dict[str, Any]:
    """What a detection finds of one resource; the stack's verdict is under `stack`."""
    client = sandbox.client("cloudformation")
    begun = client.detect_stack_drift(StackName="one")["StackDriftDetectionId"]
    ended = client.describe_stack_drift_detection_status(StackDriftDetectionId=begun)
    assert ended["DetectionStatus"] == "DETECTION_COMPLETE"
    drifts = client.describe_stack_resource_drifts(StackName="one")["StackResourceDrifts"]
    found = next(one for one in drifts if one["LogicalResourceId"] == name)
    return {**found, "stack": ended["StackDriftStatus"]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_what_somebody_changed_is_told(sandbox: Sandbox, case: Case) -> None:
    made = {"Type": f"AWS::{case.kind}", "Properties": case.properties}
    text = body({"Made": made, **case.more})
    assert create(sandbox, text, Capabilities=["CAPABILITY_NAMED_IAM"]) == "CREATE_COMPLETE"
    found = drift(sandbox)
    assert (found["StackResourceDriftStatus"], found["stack"]) == ("IN_SYNC", "IN_SYNC"), found
    case.change(sandbox, found["PhysicalResourceId"])
    found = drift(sandbox)
    told = [f"{d['PropertyPath']} {d['DifferenceType']}" for d in found["PropertyDifferences"]]
    assert told == case.paths
    expected = ("MODIFIED", "DRIFTED") if case.paths else ("IN_SYNC", "IN_SYNC")
    assert (found["StackResourceDriftStatus"], found["stack"]) == expected
    case.drop(sandbox, found["PhysicalResourceId"])
    found = drift(sandbox)
    assert (found["StackResourceDriftStatus"], found["stack"]) == ("DELETED", "DRIFTED")


def test_every_reader_has_a_case_or_is_of_the_network() -> None:
    tried = {f"AWS::{case.kind}" for case in CASES}
    left = {kind for kind in READERS if kind not in tried and "::EC2::" not in kind}
    assert left == {
        "AWS::Config::ConformancePack",  # with our own templates
        "AWS::Lambda::EventInvokeConfig",
        "AWS::SNS::Subscription",
    }


def test_one_resource_is_checked_alone(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    create(sandbox, body({"A": queue("a", Properties={"DelaySeconds": 1}), "B": queue("b")}))
    url = "https://sqs.us-east-1.amazonaws.com/123456789012/a"
    sandbox.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"DelaySeconds": "7"})
    found = client.detect_stack_resource_drift(StackName="one", LogicalResourceId="A")
    told = found["StackResourceDrift"]["PropertyDifferences"]
    assert told == [
        {
            "PropertyPath": "/DelaySeconds",
            "ExpectedValue": "1",
            "ActualValue": "7",
            "DifferenceType": "NOT_EQUAL",
        }
    ]
    drifts = client.describe_stack_resource_drifts(
        StackName="one", StackResourceDriftStatusFilters=["NOT_CHECKED"]
    )
    assert [one["LogicalResourceId"] for one in drifts["StackResourceDrifts"]] == ["B"]
    assert stack(sandbox)["DriftInformation"]["StackDriftStatus"] == "DRIFTED"
    update(sandbox, body({"A": queue("a", Properties={"DelaySeconds": 2}), "B": queue("b")}))
    assert stack(sandbox)["DriftInformation"]["StackDriftStatus"] == "NOT_CHECKED"


def test_what_cannot_be_checked_is_refused(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    zone = {"Type": "AWS::Route53::HostedZone", "Properties": {"Name": "example.org."}}
    create(sandbox, body({"Made": zone}))
    with pytest.raises(ClientError, match="does not support drift detection"):
        client.detect_stack_resource_drift(StackName="one", LogicalResourceId="Made")
    assert drift(sandbox)["StackResourceDriftStatus"] == "NOT_CHECKED"
    with pytest.raises(ClientError, match="Resource None does not exist"):
        client.detect_stack_drift(StackName="one", LogicalResourceIds=["None"])
    with pytest.raises(ClientError, match="does not exist"):
        client.describe_stack_drift_detection_status(StackDriftDetectionId="x")

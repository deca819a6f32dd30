"""Buckets, keys, topics, logs, databases and functions as runbooks find them on AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netmend.sandbox.core import Sandbox

LOG_GROUP = "uri=http://acs.amazonaws.com/groups/s3/LogDelivery"
GRANTS = {"GrantWrite": LOG_GROUP, "GrantReadACP": LOG_GROUP}
STAR = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::targets/*"}
WITH_ACLS = {"ObjectOwnership": "ObjectWriter"}


@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms", "aws:kms:dsse"])
def test_a_bucket_is_encrypted_with(sandbox: Sandbox, algorithm: str) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="one")
    s3.put_bucket_encryption(Bucket="one", ServerSideEncryptionConfiguration=_rule(algorithm))
    shown = s3.get_bucket_encryption(Bucket="one")["ServerSideEncryptionConfiguration"]
    assert shown["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == algorithm


def test_a_bucket_is_not_encrypted_with_what_there_is_not(sandbox: Sandbox, refused: Any) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="one")
    config = _rule("AES512")
    found = refused(
        s3.put_bucket_encryption, Bucket="one", ServerSideEncryptionConfiguration=config
    )
    assert found[0] == "MalformedXML"


def _rule(algorithm: str) -> dict[str, Any]:
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}]}


# how the target is made -> whether logs may go there
TARGETS = {
    "a bucket without ACLs, as new ones are": ({}, True),
    "a bucket with ACLs that grants the log delivery group": ({**WITH_ACLS, **GRANTS}, True),
    "a bucket with ACLs that grants nothing": (WITH_ACLS, False),
    "a bucket with ACLs that lets the group only write": (
        {**WITH_ACLS, "GrantWrite": LOG_GROUP},
        False,
    ),
}


@pytest.mark.parametrize(("made", "taken"), TARGETS.values(), ids=TARGETS)
def test_access_logs_may_go_to(
    sandbox: Sandbox, refused: Any, made: dict[str, Any], taken: bool
) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="one")
    s3.create_bucket(Bucket="targets", **made)
    s3.put_bucket_policy(Bucket="targets", Policy=json.dumps({"Statement": [STAR]}))
    status = {"LoggingEnabled": {"TargetBucket": "targets", "TargetPrefix": "x/"}}
    if taken:
        s3.put_bucket_logging(Bucket="one", BucketLoggingStatus=status)
        assert s3.get_bucket_logging(Bucket="one")["LoggingEnabled"]["TargetBucket"] == "targets"
    else:
        found = refused(s3.put_bucket_logging, Bucket="one", BucketLoggingStatus=status)
        assert found[0] == "InvalidTargetBucketForLogging"


def test_a_policy_may_let_the_logs_in_where_there_are_acls(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="one")
    s3.create_bucket(Bucket="targets", **WITH_ACLS)
    service = {"Service": ["logging.s3.amazonaws.com", "cloudtrail.amazonaws.com"]}
    allow = {**STAR, "Effect": "Allow", "Principal": service, "Action": "s3:PutObject"}
    s3.put_bucket_policy(Bucket="targets", Policy=json.dumps({"Statement": [STAR, allow]}))
    status = {"LoggingEnabled": {"TargetBucket": "targets", "TargetPrefix": "x/"}}
    s3.put_bucket_logging(Bucket="one", BucketLoggingStatus=status)
    assert "LoggingEnabled" in s3.get_bucket_logging(Bucket="one")


def test_only_the_deletion_that_is_pending_is_cancelled(sandbox: Sandbox, refused: Any) -> None:
    kms = sandbox.client("kms")
    key = kms.create_key()["KeyMetadata"]
    code, message = refused(kms.cancel_key_deletion, KeyId=key["Arn"])
    assert (code, message) == (
        "KMSInvalidStateException",
        f"{key['Arn']} is not pending deletion.",
    )
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    code, message = refused(kms.enable_key_rotation, KeyId=key["KeyId"])
    assert (code, message) == ("KMSInvalidStateException", f"{key['Arn']} is pending deletion.")
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    kms.enable_key(KeyId=key["KeyId"])
    kms.enable_key_rotation(KeyId=key["KeyId"])
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]


def test_nothing_is_published_to_a_topic_that_is_missing(sandbox: Sandbox, refused: Any) -> None:
    sns = sandbox.client("sns")
    arn = sns.create_topic(Name="one")["TopicArn"]
    assert refused(sns.publish, TopicArn=f"{arn}x", Message="m") == (
        "NotFound",
        "Topic does not exist",
    )
    assert sns.publish(TopicArn=arn, Message="m")["MessageId"]


def test_a_topic_shows_how_its_deliveries_are_logged(sandbox: Sandbox) -> None:
    sns = sandbox.client("sns")
    arn = sns.create_topic(Name="one")["TopicArn"]
    given = {
        "HTTPSuccessFeedbackSampleRate": "5",
        "SQSFailureFeedbackRoleArn": "arn:aws:iam::123456789012:role/logs",
        "TracingConfig": "Active",
    }
    for name, value in given.items():
        sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
    shown = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert {name: shown.get(name) for name in given} == given
    assert (shown["TopicArn"], "LambdaFailureFeedbackRoleArn" in shown) == (arn, False)


def test_a_launch_configuration_shows_what_it_does_not_say(sandbox: Sandbox) -> None:
    scaling = sandbox.client("autoscaling")
    scaling.create_launch_configuration(
        LaunchConfigurationName="one", ImageId="ami-12c6146b", InstanceType="t3.micro"
    )
    (shown,) = scaling.describe_launch_configurations()["LaunchConfigurations"]
    assert (shown["KernelId"], shown["RamdiskId"]) == ("", "")


def test_a_metric_filter_replaces_the_one_of_its_name(sandbox: Sandbox) -> None:
    logs = sandbox.client("logs")
    one = {"metricName": "m", "metricNamespace": "n", "metricValue": "1"}
    for group, pattern in (("a", "x"), ("b", "x"), ("a", "y")):
        if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
            logs.create_log_group(logGroupName=group)
        logs.put_metric_filter(
            logGroupName=group, filterName="f", filterPattern=pattern, metricTransformations=[one]
        )
    shown = logs.describe_metric_filters()["metricFilters"]
    found = sorted((each["logGroupName"], each["filterPattern"]) for each in shown)
    assert found == [("a", "y"), ("b", "x")]


def test_databases_are_told_apart_by_their_resource_ids(sandbox: Sandbox) -> None:
    rds = sandbox.client("rds")
    made = {
        name: rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t3.micro",
            Engine="postgres",
            MasterUsername="one",
            MasterUserPassword="not-a-secret",
            AllocatedStorage=20,
        )["DBInstance"]["DbiResourceId"]
        for name in ("a", "b")
    }
    for name, number in made.items():
        assert (number[:3], len(number)) == ("db-", 29)
        wanted = [{"Name": "dbi-resource-id", "Values": [number]}]
        found = rds.describe_db_instances(Filters=wanted)["DBInstances"]
        assert [one["DBInstanceIdentifier"] for one in found] == [name]


def test_a_user_has_no_service_specific_credentials(sandbox: Sandbox, refused: Any) -> None:
    iam = sandbox.client("iam")
    iam.create_user(UserName="al")
    assert iam.list_service_specific_credentials(UserName="al")["ServiceSpecificCredentials"] == []
    assert refused(iam.list_service_specific_credentials, UserName="bo")[0] == "NoSuchEntity"

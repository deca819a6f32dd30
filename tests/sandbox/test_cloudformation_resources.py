"""Names, tags and what belongs together are as CloudFormation makes them, of every type."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from netmend.stacks import StackError, deploy
from tests.sandbox.cloudformation_cases import (
    ACCOUNT,
    FUNCTION,
    NAMED,
    ROLE,
    TRUST,
    physical_id,
    prepare,
    tags,
)
from tests.sandbox.cloudformation_readers import function, queue, recorder


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    prepare(started)
    return started


def alias(sandbox: Sandbox, name: str) -> dict[str, Any]:
    for found in sandbox.client("kms").list_aliases()["Aliases"]:
        if found["AliasName"] == name:
            return {"points": "TargetKeyId" in found}
    raise ClientError({"Error": {"Code": "NotFound", "Message": ""}}, "ListAliases")


RULE = {
    "ConfigRuleName": "no-ssh",
    "InputParameters": {"Ports": "22", "Wide": 10},
    "Scope": {"ComplianceResourceTypes": ["AWS::EC2::SecurityGroup"]},
    "Source": {
        "Owner": "CUSTOM_LAMBDA",
        "SourceIdentifier": FUNCTION,
        "SourceDetails": [
            {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}
        ],
    },
}


PACK = json.dumps(
    {
        "Parameters": {"Ports": {"Type": "String", "Default": "22"}},
        "Resources": {
            "NoSsh": {
                "Type": "AWS::Config::ConfigRule",
                "Properties": {**RULE, "InputParameters": {"Ports": {"Ref": "Ports"}}},
            }
        },
    }
)


LINKED = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
)


def test_generated_names_are_of_the_stack_and_fit(sandbox: Sandbox) -> None:
    resources = {
        "AVeryLongLogicalIdThatIsLongerThanMostNamesMayEverBe": {
            "Type": "AWS::IAM::Role",
            "Properties": {"AssumeRolePolicyDocument": TRUST},
        },
        "Store": {"Type": "AWS::S3::Bucket"},
    }
    deploy(sandbox, "Named", json.dumps({"Resources": resources}), {}, NAMED)
    client = sandbox.client("cloudformation")
    names = [
        r["PhysicalResourceId"]
        for r in client.describe_stack_resources(StackName="Named")["StackResources"]
    ]
    assert all(name.lower().startswith("named-") and len(name) <= 64 for name in names)
    assert any(name.startswith("named-store-") and name == name.lower() for name in names)
    client.delete_stack(StackName="Named")


def test_a_keys_alias_points_to_it(sandbox: Sandbox) -> None:
    resources = {
        "Key": {"Type": "AWS::KMS::Key"},
        "Alias": {
            "Type": "AWS::KMS::Alias",
            "Properties": {"AliasName": "alias/made", "TargetKeyId": {"Ref": "Key"}},
        },
    }
    deploy(sandbox, "one", json.dumps({"Resources": resources}))
    assert alias(sandbox, "alias/made") == {"points": True}
    sandbox.client("cloudformation").delete_stack(StackName="one")
    with pytest.raises(ClientError):
        alias(sandbox, "alias/made")


def test_inline_code_becomes_the_index_file(sandbox: Sandbox) -> None:
    properties = {
        "Code": {"ZipFile": "def h(event, context): return 42"},
        "Runtime": "python3.13",
        "Handler": "index.h",
        "Role": ROLE,
    }
    made = {"Type": "AWS::Lambda::Function", "Properties": properties}
    deploy(sandbox, "one", json.dumps({"Resources": {"Made": made}}))
    first = function(sandbox, physical_id(sandbox))["code"]
    properties["Code"] = {"ZipFile": "def h(event, context): return 43"}
    deploy(sandbox, "one", json.dumps({"Resources": {"Made": made}}))
    assert function(sandbox, physical_id(sandbox))["code"] != first
    sandbox.client("cloudformation").delete_stack(StackName="one")


def test_the_stacks_tags_are_on_what_it_makes(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    made = {"Type": "AWS::SQS::Queue", "Properties": {"Tags": tags(b="own")}}
    body = json.dumps({"Resources": {"Made": made}})
    client.create_stack(StackName="one", TemplateBody=body, Tags=tags(a="1", b="2"))
    assert queue(sandbox, physical_id(sandbox))["tags"] == {"a": "1", "b": "own"}
    client.update_stack(StackName="one", TemplateBody=body, Tags=tags(a="3"))
    assert queue(sandbox, physical_id(sandbox))["tags"] == {"a": "3", "b": "own"}
    client.delete_stack(StackName="one")


def test_a_type_of_moto_is_made_changed_and_deleted(sandbox: Sandbox) -> None:
    properties = {"Name": "made", "ShardCount": 1}
    made = {"Type": "AWS::Kinesis::Stream", "Properties": properties}
    kinesis = sandbox.client("kinesis")
    deploy(sandbox, "one", json.dumps({"Resources": {"Made": made}}))
    assert kinesis.list_streams()["StreamNames"] == [physical_id(sandbox)] == ["made"]
    properties["ShardCount"] = 2
    deploy(sandbox, "one", json.dumps({"Resources": {"Made": made}}))
    summary = kinesis.describe_stream_summary(StreamName="made")["StreamDescriptionSummary"]
    assert summary["OpenShardCount"] == 2
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert kinesis.list_streams()["StreamNames"] == []


def test_a_recorder_and_its_channel_come_in_one_template(sandbox: Sandbox) -> None:
    resources = {
        "Channel": {
            "Type": "AWS::Config::DeliveryChannel",
            "Properties": {"Name": "mine", "S3BucketName": "code"},
        },
        "Recorder": {
            "Type": "AWS::Config::ConfigurationRecorder",
            "Properties": {"Name": "mine", "RoleARN": LINKED},
        },
    }
    config = sandbox.client("config")
    deploy(sandbox, "one", json.dumps({"Resources": resources}))
    assert recorder(sandbox, "mine")["recording"] is True
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert config.describe_configuration_recorders()["ConfigurationRecorders"] == []
    assert config.describe_delivery_channels()["DeliveryChannels"] == []


def test_a_pack_that_fails_fails_the_stack_and_leaves_none(sandbox: Sandbox) -> None:
    broken = PACK.replace(FUNCTION, f"{FUNCTION}-of-nobody")
    made = {
        "Type": "AWS::Config::ConformancePack",
        "Properties": {"ConformancePackName": "broken", "TemplateBody": broken},
    }
    with pytest.raises(StackError, match=r"Made \(AWS::Config::ConformancePack\): .*NoSsh"):
        deploy(sandbox, "broken", json.dumps({"Resources": {"Made": made}}))
    assert sandbox.client("config").describe_conformance_packs()["ConformancePackDetails"] == []


def test_a_bucket_is_listed_logged_and_published(sandbox: Sandbox) -> None:
    properties = {
        "BucketName": "made",
        "AccessControl": "LogDeliveryWrite",
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "ObjectWriter"}]},
        "LoggingConfiguration": {"LogFilePrefix": "log/"},
        "WebsiteConfiguration": {"IndexDocument": "index.html"},
    }
    resource = {"Made": {"Type": "AWS::S3::Bucket", "Properties": properties}}
    deploy(sandbox, "one", json.dumps({"Resources": resource}))
    s3 = sandbox.client("s3")
    assert s3.get_bucket_website(Bucket="made")["IndexDocument"] == {"Suffix": "index.html"}
    logging = s3.get_bucket_logging(Bucket="made")["LoggingEnabled"]
    assert (logging["TargetBucket"], logging["TargetPrefix"]) == ("made", "log/")
    grants = s3.get_bucket_acl(Bucket="made")["Grants"]
    assert {grant["Permission"] for grant in grants} >= {"READ_ACP"}


def test_a_state_machine_has_its_definition_filled_in(sandbox: Sandbox) -> None:
    done = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "${What}", "End": True}}}
    properties = {
        "StateMachineName": "made",
        "RoleArn": ROLE,
        "DefinitionString": json.dumps(done),
        "DefinitionSubstitutions": {"What": "this"},
    }
    resource = {"Made": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}
    output = {"Arn": {"Value": {"Fn::GetAtt": ["Made", "Arn"]}}}
    text = json.dumps({"Resources": resource, "Outputs": output})
    arn = deploy(sandbox, "one", text)["Arn"]
    client = sandbox.client("stepfunctions")
    found = client.describe_state_machine(stateMachineArn=arn)["definition"]
    assert json.loads(found)["States"]["A"]["Result"] == "this"
    deploy(sandbox, "one", text.replace('"this"', '"that"'))
    found = client.describe_state_machine(stateMachineArn=arn)["definition"]
    assert json.loads(found)["States"]["A"]["Result"] == "that"
    sandbox.client("cloudformation").delete_stack(StackName="one")
    assert client.list_state_machines()["stateMachines"] == []


def test_a_function_has_its_network_and_its_share(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    part = ec2.describe_subnets()["Subnets"][0]
    filters = [{"Name": "vpc-id", "Values": [part["VpcId"]]}]
    group = ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    network = {"SubnetIds": [part["SubnetId"]], "SecurityGroupIds": [group]}
    properties = {
        "FunctionName": "made",
        "Code": {"S3Bucket": "code", "S3Key": "one.zip"},
        "Handler": "index.h",
        "Runtime": "python3.13",
        "Role": ROLE,
        "VpcConfig": network,
        "ReservedConcurrentExecutions": 3,
    }
    resource = {"Made": {"Type": "AWS::Lambda::Function", "Properties": properties}}
    deploy(sandbox, "one", json.dumps({"Resources": resource}))
    client = sandbox.client("lambda")
    kept = client.get_function_configuration(FunctionName="made")["VpcConfig"]
    assert {key: kept[key] for key in network} == network
    share = client.get_function_concurrency(FunctionName="made")
    assert share["ReservedConcurrentExecutions"] == 3
    del properties["ReservedConcurrentExecutions"]
    deploy(sandbox, "one", json.dumps({"Resources": resource}))
    assert "ReservedConcurrentExecutions" not in client.get_function_concurrency(
        FunctionName="made"
    )

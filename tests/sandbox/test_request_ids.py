"""boto3 reads the request id under which the call is known to hooks, in every wire form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.sandbox.watching import Watcher

Ask = Callable[[Any], Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def answered(client: Any, ask: Ask) -> str:
    try:
        answer = ask(client)
    except ClientError as error:
        answer = error.response
    return str(answer["ResponseMetadata"]["RequestId"])


def case(service: str, ask: Ask, name: str) -> Any:
    return pytest.param(service, ask, id=name)


TOPIC = "arn:aws:sns:us-east-1:123456789012:absent"
ABSENT = "sg-11111111"
CALLS = [
    case("ec2", lambda c: c.describe_managed_prefix_lists(), "ec2, own"),
    case("ec2", lambda c: c.describe_vpcs(), "ec2, moto's"),
    case("ec2", lambda c: c.authorize_security_group_ingress(GroupId=ABSENT), "ec2, own error"),
    case("ec2", lambda c: c.describe_vpcs(VpcIds=["vpc-1"]), "ec2, moto's error"),
    case("sns", lambda c: c.create_topic(Name="t"), "query"),
    case("sns", lambda c: c.get_topic_attributes(TopicArn=TOPIC), "query, error"),
    case("iam", lambda c: c.list_roles(), "iam"),
    case("iam", lambda c: c.get_role(RoleName="absent"), "iam, error"),
    case("cloudformation", lambda c: c.describe_stacks(), "query, own"),
    case("cloudformation", lambda c: c.describe_stacks(StackName="no"), "query, own error"),
    case("elbv2", lambda c: c.describe_listeners(), "query, of two services at one address"),
    case("ssm", lambda c: c.describe_automation_executions(), "json, own"),
    case("ssm", lambda c: c.get_parameter(Name="absent"), "json, moto's error"),
    case("dynamodb", lambda c: c.list_tables(), "json, moto's"),
    case("lambda", lambda c: c.list_functions(), "rest-json"),
    case("lambda", lambda c: c.get_function(FunctionName="absent"), "rest-json, error"),
    case("s3", lambda c: c.list_buckets(), "rest-xml"),
    case("s3", lambda c: c.get_object(Bucket="absent", Key="k"), "rest-xml, error"),
    case("s3", lambda c: c.head_bucket(Bucket="absent"), "rest-xml, error without a body"),
    case("route53", lambda c: c.get_hosted_zone(Id="absent"), "rest-xml of another service"),
    case("cloudfront", lambda c: c.list_cache_policies(), "what moto has no code for"),
]


@pytest.mark.parametrize(("service", "ask"), CALLS)
def test_the_request_id_is_that_of_the_call(sandbox: Sandbox, service: str, ask: Ask) -> None:
    watcher = Watcher()
    sandbox.hooks[:] = [watcher]
    client = sandbox.client(service)
    ids = [answered(client, ask), answered(client, ask)]
    assert ids == [call.request_id for call in watcher.calls]
    assert [call.service for call in watcher.calls] == [service] * 2
    assert ids[0] != ids[1]


def test_an_object_that_holds_a_request_id_is_left_alone(sandbox: Sandbox) -> None:
    s3, text = sandbox.client("s3"), b"<a><RequestId>mine</RequestId></a>"
    s3.create_bucket(Bucket="kept")
    s3.put_object(Bucket="kept", Key="k", Body=text)
    assert s3.get_object(Bucket="kept", Key="k")["Body"].read() == text

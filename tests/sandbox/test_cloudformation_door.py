"""The same stacks by the HTTP door, as the AWS CLI deploys them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber

from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door
from netmend.stacks import StackError, deploy

TEMPLATE = json.dumps(
    {
        "Parameters": {"Mode": {"Type": "String", "AllowedValues": ["observe", "enforce"]}},
        "Resources": {
            "Letters": {"Type": "AWS::SQS::Queue"},
            "Mode1": {
                "Type": "AWS::SSM::Parameter",
                "Properties": {"Name": "/mode", "Type": "String", "Value": {"Ref": "Mode"}},
            },
        },
        "Outputs": {"Arn": {"Value": {"Fn::GetAtt": ["Letters", "Arn"]}}},
    }
)
OBSERVE = [{"ParameterKey": "Mode", "ParameterValue": "observe"}]


@pytest.fixture
def door() -> Iterator[Door]:
    with Sandbox() as sandbox:
        opened = Door(sandbox).open()
        yield opened
        opened.close()


def client(door: Door, service: str) -> Any:
    made = boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=door.url,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"total_max_attempts": 1}),
    )
    made.meta.events.unregister("before-send", botocore_stubber)  # or it would not use the door
    return made


def test_a_stack_lives_by_the_door(door: Door) -> None:
    stacks = client(door, "cloudformation")
    outputs = deploy(stacks, "one", TEMPLATE, {"Mode": "observe"})
    assert outputs["Arn"].startswith("arn:aws:sqs:us-east-1:123456789012:one-Letters-")
    with pytest.raises(StackError, match="must be one of AllowedValues"):
        deploy(stacks, "one", TEMPLATE, {"Mode": "off"})
    stacks.delete_stack(StackName="one")
    stacks.get_waiter("stack_delete_complete").wait(StackName="one")
    assert client(door, "sqs").list_queues().get("QueueUrls", []) == []


def test_the_steps_of_aws_cloudformation_deploy(door: Door) -> None:
    # It uploads the template, and writes its address under the endpoint that it was given.
    s3, stacks = client(door, "s3"), client(door, "cloudformation")
    s3.create_bucket(Bucket="templates")
    s3.put_object(Bucket="templates", Key="x/1.template", Body=TEMPLATE.encode())
    with pytest.raises(ClientError, match="does not exist"):
        stacks.describe_stacks(StackName="one")
    stacks.create_change_set(
        StackName="one",
        ChangeSetName="awscli-cloudformation-package-deploy-1",
        ChangeSetType="CREATE",
        TemplateURL=f"{door.url}/templates/x/1.template",
        Parameters=OBSERVE,
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Description="Created by AWS CLI",
        Tags=[],
    )
    made = {"StackName": "one", "ChangeSetName": "awscli-cloudformation-package-deploy-1"}
    stacks.get_waiter("change_set_create_complete").wait(**made)
    stacks.execute_change_set(**made, DisableRollback=False)
    stacks.get_waiter("stack_create_complete").wait(StackName="one")
    found = client(door, "ssm").get_parameter(Name="/mode")
    assert found["Parameter"]["Value"] == "observe"

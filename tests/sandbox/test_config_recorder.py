"""A recorder stands in every account and Region, and only a running one records."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.door import Door
from tests.sandbox import config_world
from tests.sandbox.config_world import GROUP, PREFIX_LIST, World

ROLE = "arn:aws:iam::123456789012:role/recorder"


@pytest.fixture
def world() -> Iterator[World]:
    with config_world.started() as started:
        yield started


def names(world: World) -> tuple[list[str], list[str]]:
    config = world.client("config")
    recorders = config.describe_configuration_recorders()["ConfigurationRecorders"]
    channels = config.describe_delivery_channels()["DeliveryChannels"]
    return [one["name"] for one in recorders], [one["name"] for one in channels]


def put(world: World, name: str, **group: Any) -> None:
    recorder = {"name": name, "roleARN": ROLE, **({"recordingGroup": group} if group else {})}
    world.client("config").put_configuration_recorder(ConfigurationRecorder=recorder)


def recorded(world: World, kind: str = GROUP) -> list[str]:
    found = world.client("config").list_discovered_resources(resourceType=kind)
    return [one["resourceId"] for one in found["resourceIdentifiers"]]


def test_an_account_begins_with_config_switched_on(world: World) -> None:
    config = world.client("config")
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert names(world) == (["default"], ["default"])
    assert status["recording"] is True
    assert status["lastStatus"] == "SUCCESS"
    assert recorder["recordingGroup"]["allSupported"] is True
    assert recorder["roleARN"].endswith(
        "aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    )


def test_it_is_on_again_after_a_reset(world: World) -> None:
    config = world.client("config")
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    config.delete_configuration_recorder(ConfigurationRecorderName="default")
    assert names(world)[0] == []
    world.sandbox.reset()
    assert names(world) == (["default"], ["default"])


def test_another_recorder_and_channel_take_the_untouched_ones_places(world: World) -> None:
    config = world.client("config")
    put(world, "mine")
    config.put_delivery_channel(DeliveryChannel={"name": "mine", "s3BucketName": "bucket"})
    assert names(world) == (["mine"], ["mine"])
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"] is False


def test_a_second_recorder_is_refused_once_somebody_put_the_first(world: World) -> None:
    config = world.client("config")
    put(world, "default")
    with pytest.raises(config.exceptions.MaxNumberOfConfigurationRecordersExceededException):
        put(world, "mine")


def test_a_refused_recorder_leaves_the_preset_standing(world: World) -> None:
    with pytest.raises(ClientError, match="InvalidRecordingGroupException"):
        put(world, "mine", allSupported=False)
    assert names(world)[0] == ["default"]


def test_daily_recording_is_refused_loudly(world: World) -> None:
    with pytest.raises(ClientError, match="CONTINUOUS"):
        world.client("config").put_configuration_recorder(
            ConfigurationRecorder={
                "name": "default",
                "roleARN": ROLE,
                "recordingMode": {"recordingFrequency": "DAILY"},
            }
        )


def test_a_stopped_recorder_records_nothing_until_it_is_started(world: World) -> None:
    config = world.client("config")
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    group = world.group()
    world.settle()
    assert recorded(world) == []
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    world.settle()
    assert group in recorded(world)


def test_what_stood_before_the_recorder_started_has_no_diff(world: World) -> None:
    config = world.client("config")
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    group = world.group()
    config.start_configuration_recorder(ConfigurationRecorderName="default")
    world.settle()
    (event,) = [e["detail"] for e in world.published if group in str(e["resources"])]
    assert event["configurationItem"]["configurationItemStatus"] == "ResourceDiscovered"
    assert event["configurationItemDiff"] is None


GROUPS = [
    pytest.param({"resourceTypes": [GROUP]}, [GROUP], id="the types that it names"),
    pytest.param(
        {
            "exclusionByResourceTypes": {"resourceTypes": [PREFIX_LIST]},
            "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
        },
        [
            "AWS::EC2::NetworkAcl",
            "AWS::EC2::RouteTable",
            GROUP,
            "AWS::EC2::Subnet",
            "AWS::EC2::VPC",
        ],
        id="all but the types that it excludes",
    ),
]


@pytest.mark.parametrize(("group", "expected"), GROUPS)
def test_a_recording_group_records(
    world: World, group: dict[str, Any], expected: list[str]
) -> None:
    put(world, "default", **group)
    world.group()
    world.client("ec2").create_managed_prefix_list(
        PrefixListName="one", AddressFamily="IPv4", MaxEntries=1
    )
    world.settle()
    found = world.client("config").get_discovered_resource_counts()["resourceCounts"]
    assert sorted(one["resourceType"] for one in found) == sorted(expected)


def test_a_type_that_is_added_to_the_group_is_recorded_from_then_on(world: World) -> None:
    put(world, "default", resourceTypes=[PREFIX_LIST])
    group = world.group()
    world.settle()
    assert recorded(world) == []
    put(world, "default", resourceTypes=[GROUP])
    world.settle()
    assert group in recorded(world)


def test_regions_are_recorded_apart(world: World) -> None:
    elsewhere = world.sandbox.client("ec2", "eu-west-1")
    vpc = elsewhere.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = elsewhere.create_security_group(GroupName="far", Description="d", VpcId=vpc)
    world.settle()
    config = world.sandbox.client("config", "eu-west-1")
    (item,) = config.get_resource_config_history(resourceType=GROUP, resourceId=group["GroupId"])[
        "configurationItems"
    ]
    assert item["awsRegion"] == "eu-west-1"
    assert recorded(world) == []


def test_a_group_that_a_stack_makes_is_recorded_alike(world: World) -> None:
    template = {
        "Resources": {
            "Web": {
                "Type": "AWS::EC2::SecurityGroup",
                "Properties": {"GroupDescription": "of a stack", "VpcId": world.vpc},
            }
        }
    }
    world.client("cloudformation").create_stack(StackName="net", TemplateBody=json.dumps(template))
    world.settle()
    found = world.client("config").list_discovered_resources(resourceType=GROUP)
    made = [
        g["GroupId"]
        for g in world.client("ec2").describe_security_groups()["SecurityGroups"]
        if g["Description"] == "of a stack"
    ]
    assert made
    assert set(made) <= {one["resourceId"] for one in found["resourceIdentifiers"]}


def test_a_group_that_comes_through_the_http_door_is_recorded_alike(world: World) -> None:
    door = Door(world.sandbox).open()
    try:
        scope = "testing/20260101/us-east-1/ec2/aws4_request"
        request = urllib.request.Request(
            door.url,
            b"Action=CreateSecurityGroup&Version=2016-11-15&GroupName=far&GroupDescription=d",
            {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, Signature=0"},
        )
        with urllib.request.urlopen(request) as answer:
            text = answer.read().decode()
    finally:
        door.close()
    world.settle()
    assert text.split("<groupId>")[1].split("<")[0] in recorded(world)

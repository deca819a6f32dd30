"""Where moto would answer otherwise than AWS does, and runbooks notice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox

ANYWHERE = [{"CidrIpv6": "::/0"}]
PERMISSION = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": ANYWHERE}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def refusal(call: Any, **params: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**params)
    return str(caught.value.response["Error"]["Code"])


def test_a_network_acl_that_is_missing_is_called_so(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    code = refusal(ec2.describe_network_acls, NetworkAclIds=["acl-0123456789abcdef0"])
    assert code == "InvalidNetworkAclID.NotFound"
    assert ec2.describe_network_acls()["NetworkAcls"]


KINDS = {"application": "app", "network": "net", "gateway": "gwy"}


@pytest.mark.parametrize(("kind", "short"), KINDS.items(), ids=KINDS)
def test_a_load_balancer_s_arn_tells_its_type(sandbox: Sandbox, kind: str, short: str) -> None:
    ec2, elb = sandbox.client("ec2"), sandbox.client("elbv2")
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
    made = elb.create_load_balancer(Name="one", Subnets=subnets, Type=kind)["LoadBalancers"][0]
    assert f":loadbalancer/{short}/one/" in made["LoadBalancerArn"]
    found = elb.describe_load_balancers(LoadBalancerArns=[made["LoadBalancerArn"]])
    assert found["LoadBalancers"][0]["Type"] == kind


def test_a_database_is_modifying_for_a_while(sandbox: Sandbox) -> None:
    rds = sandbox.client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="db",
        DBInstanceClass="db.t3.micro",
        Engine="postgres",
        MasterUsername="one",
        MasterUserPassword="not-a-secret",
        AllocatedStorage=20,
    )

    def found() -> tuple[str, dict[str, Any], bool]:
        shown = rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]
        pending = shown.get("PendingModifiedValues") or {}
        return shown["DBInstanceStatus"], pending, shown["MultiAZ"]

    assert found() == ("available", {}, False)
    rds.modify_db_instance(DBInstanceIdentifier="db", MultiAZ=True)
    assert found()[:2] == ("modifying", {"MultiAZ": True})
    sandbox.settle(within=60)
    assert found() == ("available", {}, True)


@pytest.mark.parametrize(("given", "shown"), [("True", "true"), ("False", "false")])
def test_a_queue_s_flag_is_written_small(sandbox: Sandbox, given: str, shown: str) -> None:
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"SqsManagedSseEnabled": given})
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["SqsManagedSseEnabled"])
    assert found["Attributes"]["SqsManagedSseEnabled"] == shown


def test_the_ids_of_users_and_groups_say_what_they_are(sandbox: Sandbox) -> None:
    iam = sandbox.client("iam")
    user = iam.create_user(UserName="one")["User"]["UserId"]
    group = iam.create_group(GroupName="one")["Group"]["GroupId"]
    assert (user[:4], len(user), user.isalnum() and user.isupper()) == ("AIDA", 21, True)
    assert group.startswith("AGPA")


def test_flow_logs_go_to_a_folder_of_a_bucket(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    sandbox.client("s3").create_bucket(Bucket="flow-logs")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]

    def create(destination: str) -> dict[str, Any]:
        made: dict[str, Any] = ec2.create_flow_logs(
            ResourceIds=[vpc],
            ResourceType="VPC",
            TrafficType="ALL",
            LogDestinationType="s3",
            LogDestination=f"arn:aws:s3:::{destination}",
        )
        return made

    assert create("flow-logs/one/two/")["FlowLogIds"]
    assert create("flow-logs")["FlowLogIds"]  # another destination
    [first, _] = ec2.describe_flow_logs()["FlowLogs"]
    assert first["LogDestination"] == "arn:aws:s3:::flow-logs/one/two/"
    assert create("nowhere/one")["Unsuccessful"]


def test_a_volume_is_detached_from_wherever_it_is(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    image = ec2.register_image(Name="one", RootDeviceName="/dev/sda1")["ImageId"]
    zone = "us-east-1a"
    instance = ec2.run_instances(
        ImageId=image, MinCount=1, MaxCount=1, Placement={"AvailabilityZone": zone}
    )["Instances"][0]["InstanceId"]
    volume = ec2.create_volume(AvailabilityZone=zone, Size=1)["VolumeId"]
    assert refusal(ec2.detach_volume, VolumeId=volume) == "IncorrectState"
    ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
    assert ec2.detach_volume(VolumeId=volume)["InstanceId"] == instance


FILTERS = {
    "an IPv6 range": ("ip-permission.ipv6-cidr", ["::/0"], 1),
    "another IPv6 range": ("ip-permission.ipv6-cidr", ["2001:db8::/32"], 0),
    "an outgoing IPv6 range": ("egress.ip-permission.ipv6-cidr", ["::/0"], 0),
    "a prefix list": ("ip-permission.prefix-list-id", ["pl-1"], 0),
}


@pytest.mark.parametrize(("name", "values", "count"), FILTERS.values(), ids=FILTERS)
def test_groups_are_found_by(sandbox: Sandbox, name: str, values: list[str], count: int) -> None:
    ec2 = sandbox.client("ec2")
    group = ec2.create_security_group(GroupName="open", Description="d")["GroupId"]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[PERMISSION])
    found = ec2.describe_security_groups(Filters=[{"Name": name, "Values": values}])
    assert len(found["SecurityGroups"]) == count


def test_the_patches_are_taken_back() -> None:
    with Sandbox():
        pass
    with Sandbox() as sandbox:
        user = sandbox.client("iam").create_user(UserName="one")["User"]["UserId"]
    assert json.dumps(user).count("AIDA") == 1

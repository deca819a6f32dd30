"""EC2 refuses what is missing or in use in its own words, and reads every form of a request."""

from __future__ import annotations

from typing import Any

import pytest

from netmend.sandbox.core import Sandbox

MISSING = {
    "a network ACL that is looked for": (
        "describe_network_acls",
        {"NetworkAclIds": ["acl-0123456789abcdef0"]},
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
    ),
    "a network ACL that is deleted": (
        "delete_network_acl",
        {"NetworkAclId": "acl-0123456789abcdef0"},
        "InvalidNetworkAclID.NotFound",
        "The networkAcl ID 'acl-0123456789abcdef0' does not exist",
    ),
    "an address": (
        "describe_addresses",
        {"AllocationIds": ["eipalloc-1"]},
        "InvalidAllocationID.NotFound",
        "The allocation ID 'eipalloc-1' does not exist",
    ),
    "a snapshot": (
        "delete_snapshot",
        {"SnapshotId": "snap-0123456789abcdef0"},
        "InvalidSnapshot.NotFound",
        "The snapshot 'snap-0123456789abcdef0' does not exist.",
    ),
}


@pytest.mark.parametrize(("method", "params", "code", "message"), MISSING.values(), ids=MISSING)
def test_what_is_missing_is_called_so(
    sandbox: Sandbox, refused: Any, method: str, params: dict[str, Any], code: str, message: str
) -> None:
    assert refused(getattr(sandbox.client("ec2"), method), **params) == (code, message)


def test_an_address_that_stands_is_found(sandbox: Sandbox) -> None:
    ec2 = sandbox.client("ec2")
    made = ec2.allocate_address(Domain="vpc")["AllocationId"]
    assert len(ec2.describe_addresses(AllocationIds=[made])["Addresses"]) == 1


def test_the_interface_of_an_instance_is_in_use(sandbox: Sandbox, refused: Any) -> None:
    ec2 = sandbox.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    run = ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet)
    used = run["Instances"][0]["NetworkInterfaces"][0]["NetworkInterfaceId"]
    free = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    code, message = refused(ec2.delete_network_interface, NetworkInterfaceId=used)
    assert (code, message) == (
        "InvalidParameterValue",
        f"Network interface '{used}' is currently in use.",
    )
    ec2.delete_network_interface(NetworkInterfaceId=free)


OLD_FORM = {"Attribute": "createVolumePermission", "OperationType": "remove", "GroupNames": ["all"]}
REMOVALS = {
    "the entries": {"CreateVolumePermission": {"Remove": [{"Group": "all"}]}},
    "the older names": OLD_FORM,
}


@pytest.mark.parametrize("removal", REMOVALS.values(), ids=REMOVALS)
def test_a_snapshot_is_made_private_by(sandbox: Sandbox, removal: dict[str, Any]) -> None:
    ec2 = sandbox.client("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone="us-east-1a")["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
    added = [{"Group": "all"}, {"UserId": "222222222222"}]
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, CreateVolumePermission={"Add": added})
    ec2.modify_snapshot_attribute(SnapshotId=snapshot, **removal)
    shown = ec2.describe_snapshot_attribute(SnapshotId=snapshot, Attribute="createVolumePermission")
    assert shown["CreateVolumePermissions"] == [{"UserId": "222222222222"}]

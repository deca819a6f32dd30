"""Netmend goes without leaving anything at work, its evidence stays, and it can come back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netmend.audit.evidence import verify
from netmend.deploy import removal
from netmend.deploy.standing import StackError
from netmend.errors import UserError
from netmend.sandbox.cloudformation.model import Stacks
from netmend.sandbox.core import Sandbox
from netmend.verification.record import mark_sandbox
from tests.deploy.places import ACCOUNT, Place
from tests.loop.world import BUCKET, REGION, World, permission

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
EVERYTHING = permission("-1", None, "0.0.0.0/0")
DELETE = "cloudformation:DeleteStack"
GONE = ["ssm:PutParameter", DELETE, DELETE, DELETE, "ssm:DeleteParameters"]
GONE += ["s3:DeleteObjects", "s3:DeleteBucket"]


@pytest.fixture
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox)


def place_of(world: World) -> Place:
    return Place(world.sandbox)


def mended(world: World) -> None:
    group = world.group(SSH)
    world.settle()
    assert world.outcomes(group)[-1] == ("outcome", "MENDED")


def come_back(world: World) -> None:
    mark_sandbox(world.client("ssm"), ACCOUNT, REGION)
    place_of(world).deploy("enforce", approvers=("demo-approver",))
    world.__dict__.pop("rule_name", None)  # the pack's new rule has a new suffix
    world.settle()


def test_the_chain_goes_on_where_it_was(world: World) -> None:
    mended(world)
    first = len(world.objects())
    assert place_of(world).remove() == GONE
    come_back(world)
    mended(world)
    keys = [key for key, _ in world.objects()]
    assert keys == [f"{ACCOUNT}/{REGION}/{n:012}.json" for n in range(1, len(keys) + 1)]
    assert len(keys) > first
    found = verify(world.objects())
    assert (found.ok, found.count) == (True, len(keys))


def test_the_chain_goes_on_although_the_ledger_was_lost(world: World) -> None:
    mended(world)
    place_of(world).remove()
    world.client("dynamodb").delete_table(TableName="netmend-ledger")
    come_back(world)
    mended(world)
    found = verify(world.objects())
    assert (found.ok, found.count) == (True, len(world.objects()))


def test_all_but_the_evidence_goes(world: World) -> None:
    place = place_of(world)
    place.remove()
    assert world.client("cloudformation").describe_stacks()["Stacks"] == []
    assert [b["Name"] for b in world.client("s3").list_buckets()["Buckets"]] == [BUCKET]
    assert world.client("ssm").describe_parameters()["Parameters"] == []
    roles = world.client("iam").list_roles()["Roles"]
    assert [r["RoleName"] for r in roles if r["RoleName"].startswith("netmend")] == []
    key = world.client("kms").describe_key(KeyId="alias/netmend-evidence")["KeyMetadata"]
    said = removal.stays(place.site())
    assert said[0] == f"stays: bucket {BUCKET}, the records (locked until their retention ends)"
    assert any(f"schedule-key-deletion --key-id {key['KeyId']}" in line for line in said)
    assert place.remove() == []


def test_a_removal_that_died_is_gone_on_with_wherever_it_was(world: World) -> None:
    place = place_of(world)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    place.after = dies
    for call in GONE:
        with pytest.raises(KeyboardInterrupt):
            place.remove()
        assert place.made == [call]
    assert place.remove() == []
    assert removal.stays(place.site())


def test_nothing_goes_while_a_run_waits(world: World) -> None:
    group = world.group(EVERYTHING)
    world.settle()
    (run,) = world.runs(group)
    place = place_of(world)
    with pytest.raises(UserError, match=rf"{run['AutomationExecutionId']} \(Waiting\)"):
        place.remove()
    assert place.made == []
    world.answer(run["AutomationExecutionId"], "Reject")
    world.settle()
    assert place.remove() == GONE


def test_a_run_that_starts_meanwhile_stops_it_before_a_stack_goes(world: World) -> None:
    place = place_of(world)

    def starts(number: int, call: str) -> None:
        if call == "ssm:PutParameter":
            world.mode("enforce")  # it was planned just before
            world.group(EVERYTHING)
            world.settle()
            world.mode("off")

    place.after = starts
    with pytest.raises(UserError, match="1 runs have not ended"):
        place.remove()
    assert place.made == ["ssm:PutParameter"]


def test_a_stack_that_can_not_be_deleted_is_named(world: World) -> None:
    place = place_of(world)
    bucket = f"netmend-artifacts-{ACCOUNT}-{REGION}"
    live = world.sandbox.state(Stacks, ACCOUNT, REGION).live["netmend-detection"]
    live.outputs[0]["ExportName"] = "used"
    world.sandbox.state(Stacks, ACCOUNT, REGION).live["netmend-roles"].imported = frozenset(
        {"used"}
    )
    with pytest.raises(StackError, match="netmend-detection was not deleted"):
        place.remove()
    assert world.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] > 0


def test_evidence_under_a_key_that_is_to_be_deleted_is_not_gone_on_with(world: World) -> None:
    place = place_of(world)
    place.remove()
    kms = world.client("kms")
    key = kms.describe_key(KeyId="alias/netmend-evidence")["KeyMetadata"]
    arn, key_id = key["Arn"], key["KeyId"]
    kms.schedule_key_deletion(KeyId=key_id)
    with pytest.raises(
        UserError, match=r"PendingDeletion.*aws kms cancel-key-deletion --key-id .*"
    ):
        place.deploy()
    kms.cancel_key_deletion(KeyId=key_id)
    kms.enable_key(KeyId=key_id)
    kms.delete_alias(AliasName="alias/netmend-evidence")
    with pytest.raises(UserError, match=f"aws kms create-alias .* --target-key-id {arn}"):
        place.deploy()
    kms.create_alias(AliasName="alias/netmend-evidence", TargetKeyId=arn)
    place.deploy()


def test_a_retention_that_a_kept_bucket_would_not_get_is_refused(world: World) -> None:
    place = place_of(world)
    place.deploy(settings={"EvidenceRetentionInDays": "30"})
    place.remove()
    for _ in range(2):
        with pytest.raises(UserError, match=f"has no effect on {BUCKET}"):
            place.deploy(settings={"EvidenceRetentionInDays": "60"})
        place.deploy()


@pytest.mark.parametrize("left", ["key", "ledger"])
def test_what_is_left_without_its_bucket_is_gone_on_with_too(world: World, left: str) -> None:
    place = place_of(world)
    place.remove()
    world.client("s3").delete_bucket(Bucket=BUCKET)
    if left == "key":
        world.client("dynamodb").delete_table(TableName="netmend-ledger")
    else:
        world.client("kms").delete_alias(AliasName="alias/netmend-evidence")
    come_back(world)
    world.client("s3").head_bucket(Bucket=BUCKET)

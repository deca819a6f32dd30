"""Every kind of resource that is shown before and after can be read, and its changes are seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from netmend.running import kinds
from netmend.running.changes import differences
from netmend.running.recorder import READER
from netmend.running.world import World
from netmend.sandbox.core import Sandbox
from tests.running.runs import NETWORK, Built

HOME = "123456789012"


@pytest.fixture(scope="module")
def built() -> Iterator[tuple[Sandbox, Built]]:
    with Sandbox() as sandbox:
        yield sandbox, Built(sandbox, Path(NETWORK))


def call(service: str, account: str = HOME, region: str = "us-east-1") -> Any:
    """As much of a call as a world looks at."""
    return SimpleNamespace(service=service, account=account, region=region)


@pytest.mark.parametrize("service", sorted(kinds.SERVICES))
def test_a_service_can_be_read(built: tuple[Sandbox, Built], service: str) -> None:
    world = World(built[0], READER)
    world.remember(call(service))
    before, after = world.compare()
    assert differences(before, after) == []
    assert world.unread == []


def test_a_described_network_is_seen(built: tuple[Sandbox, Built]) -> None:
    sandbox, made = built
    world = World(sandbox, READER)
    for service in ("ec2", "route53", "s3", "ssm", "iam", "logs", "sns"):
        world.remember(call(service))
    before, _ = world.compare()
    told = str(before)
    for name in (*made.names.values(), "www.example.org. A 300 192.0.2.1", "203.0.113.0/24"):
        assert name in told


MAKES: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "versions of a bucket": (
        "s3",
        lambda s3: s3.put_bucket_versioning(
            Bucket="example-logs", VersioningConfiguration={"Status": "Suspended"}
        ),
        "bucket_versioning.Status",
    ),
    "a policy of a role": (
        "iam",
        lambda iam: iam.put_role_policy(
            RoleName="flow",
            PolicyName="more",
            PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Deny",'
            ' "Action": "*", "Resource": "*"}]}',
        ),
        "inline.more.Statement",
    ),
    "how long logs are kept": (
        "logs",
        lambda logs: logs.put_retention_policy(logGroupName="flows", retentionInDays=90),
        "retentionInDays",
    ),
    "the value of a parameter": (
        "ssm",
        lambda ssm: ssm.put_parameter(Name="/example/owner", Value="bob", Overwrite=True),
        "value",
    ),
}


@pytest.mark.parametrize(("service", "change", "path"), MAKES.values(), ids=MAKES)
def test_a_change_is_seen(
    built: tuple[Sandbox, Built], service: str, change: Callable[[Any], Any], path: str
) -> None:
    sandbox, made = built
    world = World(sandbox, READER)
    world.remember(call(service))
    change(made.place.client(service))
    (found,) = differences(*world.compare())
    assert path in [one["path"] for one in found["details"]]


def test_another_account_is_read_as_its_own(built: tuple[Sandbox, Built]) -> None:
    sandbox, _ = built
    world = World(sandbox, READER)
    world.remember(call("ec2", "111122223333", "eu-west-1"))
    before, _ = world.compare()
    assert {place for _, _, place in before} == {"111122223333 eu-west-1"}

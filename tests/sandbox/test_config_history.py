"""Changes are recorded once each, and what was recorded is told as history and inventory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.config import messages
from tests.sandbox import config_world
from tests.sandbox.config_world import (
    ACCOUNT,
    ANYWHERE,
    CHANGE,
    GROUP,
    OVERSIZED,
    SSH,
    World,
    history,
    identifiers,
)


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with config_world.started() as started:
        started.group()
        started.settle()
        started.rule()
        yield started


def test_a_new_group_is_discovered_and_its_diff_is_empty(world: World) -> None:
    group = world.group()
    world.settle()
    assert world.items_of(group)[0]["configurationItemStatus"] == "ResourceDiscovered"
    assert world.diff_of(group) == {"changedProperties": {}, "changeType": "CREATE"}


def test_a_change_names_what_was_deleted_before_what_was_created(world: World) -> None:
    group = world.group()
    world.open(group, {**SSH, "IpRanges": [{"CidrIp": "192.0.2.0/24"}]})
    world.settle()
    world.open(group)
    world.settle()
    diff = world.diff_of(group)
    assert world.items_of(group)[-1]["configurationItemStatus"] == "OK"
    assert diff["changeType"] == "UPDATE"
    changes = {path: change["changeType"] for path, change in diff["changedProperties"].items()}
    assert changes == {
        "Configuration.IpPermissions.0": "DELETE",
        "Configuration.IpPermissions.1": "CREATE",
    }
    first = diff["changedProperties"]["Configuration.IpPermissions.0"]
    assert first["updatedValue"] is None
    assert first["previousValue"]["ipRanges"] == ["192.0.2.0/24"]


def test_a_tag_is_told_by_its_value(world: World) -> None:
    group = world.group()
    world.settle()
    world.tag(group, team="a")
    world.settle()
    changed = world.diff_of(group)["changedProperties"]
    assert changed["Tags.0"] == {
        "previousValue": None,
        "updatedValue": "a",
        "changeType": "CREATE",
    }
    assert changed["Configuration.Tags.0"]["updatedValue"] == {"key": "team", "value": "a"}


def test_a_deleted_group_has_no_configuration_and_all_of_it_in_the_diff(world: World) -> None:
    group = world.group(team="a")
    world.settle()
    world.client("ec2").delete_security_group(GroupId=group)
    world.settle()
    item, diff = world.items_of(group)[-1], world.diff_of(group)
    assert item["configurationItemStatus"] == "ResourceDeleted"
    assert item["configuration"] is None
    assert item["tags"] == {}
    assert item["resourceName"].startswith("group-")
    assert diff["changeType"] == "DELETE"
    assert set(diff["changedProperties"]) == {"Relationships.0", "Configuration"}
    assert diff["changedProperties"]["Configuration"]["previousValue"]["groupId"] == group


def test_what_came_with_the_account_was_never_created(world: World) -> None:
    items = {
        e["detail"]["configurationItem"]["resourceId"]: e["detail"]["configurationItemDiff"]
        for e in world.published
        if e["type"] == "Config Configuration Item Change"
    }
    ec2 = world.client("ec2")
    default = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    assert items[default[0]["VpcId"]] is None
    assert items[world.vpc] == {"changedProperties": {}, "changeType": "CREATE"}


Act = Callable[[World, str], Any]

CHANGES = [
    pytest.param(lambda w, g: w.open(g), id="authorizing ingress"),
    pytest.param(
        lambda w, g: w.client("ec2").authorize_security_group_egress(
            GroupId=g, IpPermissions=[ANYWHERE]
        ),
        id="authorizing egress",
    ),
    pytest.param(lambda w, g: w.tag(g, team="a"), id="tagging"),
    pytest.param(
        lambda w, g: w.client("ec2").revoke_security_group_egress(
            GroupId=g, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        ),
        id="revoking egress",
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_group_is_recorded_after(world: World, change: Act) -> None:
    group = world.group()
    world.settle()
    change(world, group)
    world.settle()
    assert len(history(world, group)) == 2


READS = [
    pytest.param(lambda w, g: w.client("ec2").describe_security_groups(), id="reading"),
    pytest.param(lambda w, g: w.tag(w.vpc, team=g), id="a change of something else"),
    pytest.param(
        lambda w, g: (w.open(g), w.close(g)), id="a change that was taken back before it was seen"
    ),
]


@pytest.mark.parametrize("act", READS)
def test_a_group_is_not_recorded_after(world: World, act: Act) -> None:
    group = world.group()
    world.settle()
    act(world, group)
    world.settle()
    assert len(history(world, group)) == 1


def test_several_changes_at_once_are_recorded_once(world: World) -> None:
    group = world.group()
    for port in range(1, 6):
        world.open(group, {**ANYWHERE, "FromPort": port, "ToPort": port})
    world.settle()
    (item,) = world.items_of(group)
    assert len(item["configuration"]["ipPermissions"]) == 5


def test_capture_times_of_a_resource_grow_even_when_the_clock_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = world.sandbox.clock.time()
    monkeypatch.setattr(type(world.sandbox.clock), "time", lambda self: moment)
    group = world.group()
    world.settle()
    world.open(group)
    world.settle()
    last, first = history(world, group)
    assert int(last["configurationStateId"]) == int(first["configurationStateId"]) + 1


def test_history_is_in_the_api_shape_and_latest_first(world: World) -> None:
    group = world.group()
    world.settle()
    world.open(group)
    world.settle()
    last, first = history(world, group)
    assert first["configurationItemStatus"] == "ResourceDiscovered"
    assert last["configurationItemStatus"] == "OK"
    assert json.loads(last["configuration"])["ipPermissions"][0]["ipRanges"] == ["0.0.0.0/0"]
    assert isinstance(last["configurationStateId"], str)
    assert last["accountId"] == ACCOUNT
    assert last["relationships"][0]["relationshipName"] == "Is contained in Vpc"
    assert history(world, group, chronologicalOrder="Forward") == [first, last]


def test_history_is_cut_by_time(world: World) -> None:
    group = world.group()
    world.settle()
    world.sandbox.clock.advance(60)
    world.open(group)
    world.settle()
    last, first = history(world, group)
    since = last["configurationItemCaptureTime"]
    assert history(world, group, earlierTime=since) == [last]
    assert history(world, group, laterTime=first["configurationItemCaptureTime"]) == [first]


def test_history_comes_in_pages(world: World) -> None:
    group = world.group()
    world.settle()
    world.open(group)
    world.settle()
    pages = world.client("config").get_paginator("get_resource_config_history")
    sizes = [
        len(page["configurationItems"])
        for page in pages.paginate(
            resourceType=GROUP, resourceId=group, PaginationConfig={"PageSize": 1}
        )
    ]
    assert sizes == [1, 1]


def test_an_unknown_resource_is_not_discovered(world: World) -> None:
    config = world.client("config")
    with pytest.raises(config.exceptions.ResourceNotDiscoveredException):
        history(world, "sg-0123")


def test_deleted_resources_are_listed_only_when_asked_for(world: World) -> None:
    group = world.group()
    world.settle()
    world.client("ec2").delete_security_group(GroupId=group)
    world.settle()
    assert group not in identifiers(world, GROUP)
    assert group in identifiers(world, GROUP, includeDeletedResources=True)


def test_the_last_item_of_several_resources_comes_in_one_call(world: World) -> None:
    one, two = world.group(), world.group()
    world.settle()
    found = world.client("config").batch_get_resource_config(
        resourceKeys=[{"resourceType": GROUP, "resourceId": g} for g in (one, two, "sg-0")]
    )
    assert [i["resourceId"] for i in found["baseConfigurationItems"]] == [one, two]
    assert "relationships" not in found["baseConfigurationItems"][0]


def test_resources_are_counted_by_type(world: World) -> None:
    config = world.client("config")
    before = config.get_discovered_resource_counts(resourceTypes=[GROUP])
    world.group()
    world.settle()
    after = config.get_discovered_resource_counts(resourceTypes=[GROUP])
    grown = before["totalDiscoveredResources"] + 1
    assert after["totalDiscoveredResources"] == grown
    assert after["resourceCounts"] == [{"resourceType": GROUP, "count": grown}]


def test_every_item_is_an_event_with_the_resource_named(world: World) -> None:
    group = world.group()
    world.settle()
    items = [e for e in world.published if e["type"] == "Config Configuration Item Change"]
    (mine,) = [e for e in items if group in e["resources"][0]]
    assert mine["source"] == "aws.config"
    assert mine["detail"]["configurationItem"]["resourceId"] == group


def test_history_gives_the_item_that_an_oversized_notification_is_about(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.rule("large", CHANGE, OVERSIZED)
    world.settle()
    monkeypatch.setattr(messages, "LARGEST", 200)
    group = world.group()
    world.settle()
    (summary,) = world.items_of(group, "large")
    world.sandbox.clock.advance(5)
    world.open(group)
    world.settle()
    captured = datetime.fromisoformat(summary["configurationItemCaptureTime"])
    (latest,) = history(world, group, limit=1)
    (notified,) = history(world, group, laterTime=captured, limit=1)
    assert latest["configurationStateId"] != notified["configurationStateId"]
    assert notified["configurationStateId"] == str(summary["configurationStateId"])
    assert json.loads(notified["configuration"])["ipPermissions"] == []


def test_times_the_wrong_way_round_are_refused(world: World) -> None:
    group = world.group()
    world.settle()
    world.sandbox.clock.advance(5)
    (item,) = history(world, group)
    captured = item["configurationItemCaptureTime"]
    with pytest.raises(ClientError, match="InvalidTimeRangeException"):
        history(world, group, earlierTime=captured, laterTime=datetime(2001, 1, 1))

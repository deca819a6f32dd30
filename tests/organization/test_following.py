"""Stacks follow accounts through the organisation, and wait for those that they depend on."""

from __future__ import annotations

import json

import pytest

from tests.organization.fleet import (
    ALL,
    BROKEN,
    ROLE,
    Fleet,
    arn_of,
    automatic,
)


@pytest.mark.parametrize(
    ("retain", "left"),
    [pytest.param(False, [], id="removed"), pytest.param(True, ["plain"], id="retained")],
)
def test_stacks_follow_an_account(fleet: Fleet, retain: bool, left: list[str]) -> None:
    fleet.made(AutoDeployment=automatic(retain))
    fleet.put("top")
    fleet.move(fleet.accounts["beside"], fleet.units["beside"], fleet.units["below"])
    fleet.settle()
    assert fleet.where() == {"top", "below", "beside"}
    fleet.move(fleet.accounts["beside"], fleet.units["below"], fleet.units["top"])
    fleet.settle()
    assert len(fleet.operations("set")) == 2  # it has stayed below the target
    fleet.move(fleet.accounts["beside"], fleet.units["top"], fleet.root)
    fleet.settle()
    assert (fleet.where(), fleet.topics("beside")) == ({"top", "below"}, left)


def test_account_that_comes_back_at_once_has_its_stacks(fleet: Fleet) -> None:
    fleet.made(AutoDeployment=automatic())
    fleet.put("top")
    for source, destination in (("below", "beside"), ("beside", "below")):
        fleet.move(fleet.accounts["below"], fleet.units[source], fleet.units[destination])
    fleet.settle()
    assert {one["Status"] for one in fleet.instances("set")} == {"CURRENT"}
    assert (fleet.where(), fleet.topics("below")) == ({"top", "below"}, ["plain"])


def test_nothing_follows_where_it_is_not_wanted(fleet: Fleet) -> None:
    fleet.made()
    fleet.put("top")
    fleet.create("new", "top")
    fleet.settle()
    assert fleet.where() == {"top", "below"}


def test_dependent_stack_set_waits_and_fails_with_what_it_waits_for(fleet: Fleet) -> None:
    fleet.made("base", AutoDeployment=automatic())
    waits = automatic(False, arn_of(fleet, "base"))
    capable = ["CAPABILITY_IAM"]
    fleet.made("user", body=json.dumps(ROLE), AutoDeployment=waits, Capabilities=capable)
    for name in ("user", "base"):
        fleet.put("top", StackSetName=name)
    fleet.create("new", "below")
    queued = fleet.operations("user")[0]
    assert (queued["Action"], queued["Status"]) == ("CREATE", "QUEUED")
    fleet.settle()
    ended = [fleet.operations(name)[0] for name in ("base", "user")]
    assert [one["Status"] for one in ended] == ["SUCCEEDED"] * 2
    assert ended[0]["EndTimestamp"] <= ended[1]["EndTimestamp"]
    newest = fleet.create("newest")
    fleet.sets_api.update_stack_set(
        StackSetName="base",
        TemplateBody=json.dumps(BROKEN),
        AutoDeployment=automatic(),
        OperationPreferences=ALL,
    )
    fleet.settle()
    fleet.move(newest, fleet.root, fleet.units["below"])
    fleet.settle()
    assert [fleet.operations(name)[0]["Status"] for name in ("base", "user")] == ["FAILED"] * 2

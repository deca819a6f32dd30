"""Lost, doubled, late and reordered events, and starts that come too fast for Automation."""

from __future__ import annotations

import pytest

from netmend.sandbox.api import OPERATIONS
from netmend.sandbox.core import Sandbox
from netmend.sandbox.events import DeliveryFaults, Losses, publish
from netmend.sandbox.rates import take

ACCOUNT = "123456789012"
REGION = "us-east-1"
DOCUMENT = f"arn:aws:ssm:{REGION}:{ACCOUNT}:automation-definition/Netmend-RevokePublicIngress"
START = {
    "Arn": DOCUMENT,
    "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/start",
    "InputTransformer": {
        "InputPathsMap": {"id": "$.detail.resourceId"},
        "InputTemplate": '{"ResourceId": [<id>]}',
    },
}


def happen(sandbox: Sandbox, number: int) -> None:
    detail = {"resourceId": f"sg-{number}"}
    publish(sandbox, ACCOUNT, REGION, "aws.config", "Change", detail)


def started(automation) -> list[int]:
    return [int(c.params["Parameters"]["ResourceId"][0][3:]) for c in automation.calls]


def wait(sandbox: Sandbox, seconds: int) -> None:
    for _ in range(seconds):
        sandbox.settle()
        sandbox.clock.advance(1)
    sandbox.settle()


def test_events_arrive_in_the_opposite_order(sandbox, rule, automation):
    rule(START)
    sandbox.state(DeliveryFaults, ACCOUNT, REGION).reorder(3)
    for number in range(4):
        happen(sandbox, number)
    wait(sandbox, 4)
    assert started(automation) == [3, 2, 1, 0]


CHANCES = [
    pytest.param({"lost": 0.5}, lambda n, k: k == n < 100, id="half of them get lost"),
    pytest.param({"lost": 1.0}, lambda n, k: n == 0, id="all get lost"),
    pytest.param({"doubled": 0.5}, lambda n, k: 100 == k < n < 200, id="half of them are doubled"),
    pytest.param({"doubled": 1.0}, lambda n, k: n == 2 * k == 200, id="all are doubled"),
    pytest.param({"delayed": 1.0, "seconds": 5}, lambda n, k: n == k == 100, id="all are late"),
    pytest.param({}, lambda n, k: n == k == 100, id="nothing goes wrong"),
]


@pytest.mark.parametrize(("weather", "holds"), CHANCES)
def test_by_chance(sandbox, rule, automation, weather, holds):
    rule(START)
    sandbox.state(DeliveryFaults, ACCOUNT, REGION).often(**weather)
    for number in range(100):
        happen(sandbox, number)
    wait(sandbox, 5)
    found = started(automation)
    assert holds(len(found), len(set(found)))
    assert (found == sorted(found)) is ("delayed" not in weather)


def test_the_same_seed_loses_the_same(sandbox, rule, automation):
    def lost() -> list[int]:
        automation.calls.clear()
        sandbox.random.seed(7)
        for number in range(50):
            happen(sandbox, number)
        wait(sandbox, 3)
        return started(automation)

    rule(START)
    faults = sandbox.state(DeliveryFaults, ACCOUNT, REGION)
    faults.often(lost=0.3, doubled=0.3, delayed=0.3, seconds=2)
    first = lost()
    assert first == lost()
    faults.clear()
    assert lost() == list(range(50))


def test_twenty_drifts_in_a_second_are_all_mended_in_the_end(
    sandbox, rule, automation, monkeypatch
):
    def start(sandbox, call):
        take(sandbox, call.account, call.region, "start", 1.0, 1.0)
        return automation.start(sandbox, call)

    monkeypatch.setitem(OPERATIONS, ("ssm", "StartAutomationExecution"), start)
    sandbox.rates = True
    rule(START)
    for number in range(20):
        happen(sandbox, number)
    wait(sandbox, 1)
    assert 1 <= len(automation.calls) <= 3
    wait(sandbox, 600)
    assert sorted(started(automation)) == list(range(20))
    assert sandbox.state(Losses, ACCOUNT, REGION) == []

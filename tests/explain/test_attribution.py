"""The permissions that are named open the port together, and nothing is open without them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from netmend.evaluate import find_rule
from netmend.explain.attribution import Opening, openings
from rules.netlib.exposure import Sources, violations
from rules.netlib.permissions import Permission
from rules.netlib.policy import Policy, Ports, port_text
from tests.rules import worlds as w
from tests.rules.ec2_group import Rule, describe

RULE = find_rule("SECURITY_GROUP_NO_PUBLIC_INGRESS")
NONE: dict[str, Any] = {"prefix_lists": {}}

checks = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def ingress(rules: Any) -> tuple[Permission, ...]:
    return tuple(RULE.from_live(describe(rules)).ingress)


def at(policy: Policy, protocol: str, port: int) -> Policy:
    """The policy with one guarded port."""
    ports = {"tcp": ((), ((port, port),)), "udp": ((), ((port, port),))}[protocol]
    guarded = Ports(ports[1], ports[0]) if protocol == "tcp" else Ports(*ports)
    return policy._replace(guarded=guarded)


def is_open(
    permissions: Any, facts: dict[str, Any], policy: Policy, opening: Opening, where: Any
) -> bool:
    found = violations(list(permissions), Sources(permissions, facts), at(policy, *where))
    return any(v.family == opening.family for v in found)


def edges(opening: Opening) -> list[tuple[str, int]]:
    return [(name, port) for name, ranges in opening.traffic for span in ranges for port in span]


@checks
@given(w.worlds())
def test_those_named_alone_open_each_port_and_without_them_it_is_closed(world: w.World) -> None:
    policy = RULE.parameters(world.parameters)
    group = ingress(world.rules)
    for opening in openings(group, Sources(group, world.facts), policy):
        named = {p.key for p in opening.permissions}
        alone = tuple(p for p in group if p.key in named)
        rest = tuple(p for p in group if p.key not in named)
        for where in edges(opening):
            assert is_open(alone, world.facts, policy, opening, where)
            assert not is_open(rest, world.facts, policy, opening, where)


@checks
@given(w.worlds())
def test_every_violation_is_told_and_nothing_else(world: w.World) -> None:
    policy = RULE.parameters(world.parameters)
    group = ingress(world.rules)
    sources = Sources(group, world.facts)
    told = {
        (protocol, port, opening.family, opening.addresses)
        for opening in openings(group, sources, policy)
        for protocol, ranges in opening.traffic
        for low, high in ranges
        for port in range(low, high + 1)
    }
    found = {
        (v.protocol, port, v.family, v.addresses)
        for v in violations(group, sources, policy)
        for low, high in v.ports
        for port in range(low, high + 1)
    }
    assert told == found


@checks
@given(w.worlds())
def test_without_all_that_are_named_the_group_is_compliant(world: w.World) -> None:
    policy = RULE.parameters(world.parameters)
    group = ingress(world.rules)
    found = openings(group, Sources(group, world.facts), policy)
    named = {p.key for opening in found for p in opening.permissions}
    rest = [p for p in group if p.key not in named]
    assert violations(rest, Sources(rest, world.facts), policy) == []


def ssh(*sources: str) -> list[Rule]:
    return [Rule("tcp", 22, 22, source) for source in sources]


TOLD: dict[str, tuple[list[Rule], list[tuple[str, list[str]]]]] = {
    "one wide rule beside an office": (
        ssh("198.51.100.7/32", "8.8.8.0/24", "0.0.0.0/0"),
        [("tcp 22", ["0.0.0.0/0"])],
    ),
    "the two halves, the wider one first": (
        ssh("128.0.0.0/1", "0.0.0.0/1"),
        [("tcp 22", ["0.0.0.0/1", "128.0.0.0/1"])],
    ),
    "four parts of a /10 of which each is needed": (
        ssh("8.0.0.0/12", "9.0.0.0/12", "12.0.0.0/12", "13.0.0.0/12"),
        [("tcp 22", ["8.0.0.0/12", "9.0.0.0/12", "12.0.0.0/12", "13.0.0.0/12"])],
    ),
    "a fifth that is narrower is not needed": (
        ssh("8.0.0.0/12", "9.0.0.0/12", "12.0.0.0/12", "13.0.0.0/12", "15.0.0.0/13"),
        [("tcp 22", ["8.0.0.0/12", "9.0.0.0/12", "12.0.0.0/12", "13.0.0.0/12"])],
    ),
    "what overlaps adds nothing": (
        ssh("8.0.0.0/11", "8.0.0.0/12", "9.0.0.0/11"),
        [("tcp 22", ["8.0.0.0/11", "9.0.0.0/11"])],
    ),
    "ports that other rules open stand apart": (
        [Rule("tcp", 22, 22, "0.0.0.0/1"), Rule("tcp", 20, 25, "128.0.0.0/1")],
        [("tcp 22", ["0.0.0.0/1", "128.0.0.0/1"])],
    ),
    "one rule for all protocols is told once": (
        [Rule("-1", None, None, "0.0.0.0/0")],
        [("tcp 22, 3389 udp 22, 3389", ["0.0.0.0/0"])],
    ),
    "each family for itself": (
        ssh("0.0.0.0/0", "::/0"),
        [("tcp 22", ["0.0.0.0/0"]), ("tcp 22", ["::/0"])],
    ),
    "a rule that a file tells twice": (ssh("0.0.0.0/0") * 2, [("tcp 22", ["0.0.0.0/0"])]),
    "nothing": ([Rule("tcp", 443, 443, "0.0.0.0/0")], []),
}


@pytest.mark.parametrize(("rules", "expected"), TOLD.values(), ids=TOLD.keys())
def test_the_fewest_that_open_it_are_named(
    rules: list[Rule], expected: list[tuple[str, list[str]]]
) -> None:
    group = ingress(rules)
    policy = RULE.parameters({"GuardedPorts": "22,3389"})
    found = [
        (
            " ".join(
                f"{name} {', '.join(port_text(*ports) for ports in ranges)}"
                for name, ranges in opening.traffic
            ),
            [p.source for p in opening.permissions],
        )
        for opening in openings(group, Sources(group, NONE), policy)
    ]
    assert found == expected

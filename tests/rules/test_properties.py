"""The engine against a brute-force oracle: every edge of every address and port range is tried."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from netmend.evaluate import find_rule
from tests.rules import worlds as w
from tests.rules.ec2_group import Group, Rule, describe, describe_rules, item, parsed
from tests.rules.packet_oracle import PRIVATE, World, is_public, span
from tests.rules.worlds import VPC_CIDRS

RULE = find_rule("SECURITY_GROUP_NO_PUBLIC_INGRESS")
PROTOCOLS = ("tcp", "udp", "icmp", "icmpv6", "50", "47")
GUARDED_EDGES = (20, 22, 25, 443, 445, 3389)
checks = settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def oracle_of(world: w.World, rules: tuple[Rule, ...] | None = None) -> World:
    return World(world.rules if rules is None else rules, world.lists, VPC_CIDRS)


def guarded(parameters: dict[str, str], protocol: str, port: int) -> bool:
    """GuardedPorts without AllowedPorts, read once more and in another way."""

    def named(text: str) -> bool:
        for part in filter(None, text.split(",")):
            which, _, ports = part.rpartition("/")
            low, _, high = ports.partition("-")
            if which in ("", protocol) and int(low) <= port <= int(high or low):
                return True
        return False

    return named(parameters["GuardedPorts"]) and not named(parameters["AllowedPorts"])


def is_open(world: w.World, counts: dict[int, int]) -> bool:
    return counts[4] >= 2 ** (32 - int(world.parameters["WideIpv4Prefix"])) or counts[6] > 2 ** (
        128 - int(world.parameters["WideIpv6Prefix"])
    )


def open_ports(world: w.World, oracle: World) -> set[tuple[str, int]]:
    """The exposed guarded ports among all edges."""
    return {
        (protocol, port)
        for protocol in ("tcp", "udp")
        for port in oracle.ports(GUARDED_EDGES)
        if guarded(world.parameters, protocol, port)
        and is_open(world, oracle.public_counts(protocol, port))
    }


def judged(world: w.World, resource: Any) -> tuple[list[Any], Any]:
    params = RULE.parameters(world.parameters)
    found = RULE.violations(resource, world.facts, params)
    return found, RULE.plan(resource, found, world.facts, params)


def mended(world: w.World) -> tuple[Group, Any]:
    """The group after its plan was carried out, and the plan."""
    group = Group(world.rules, quota=100_000, sizes=dict.fromkeys(w.LISTS, 20))
    resource = RULE.from_live(describe(world.rules), describe_rules(group.rules))
    _, plan = judged(world, resource)
    for call in plan.calls:
        group.call(call.to_json())
    return group, plan


def packets(*oracles: World) -> Iterator[tuple[str, int, int, int, list[bool]]]:
    """Every protocol, port and address at an edge of any of them, and who lets it through."""
    addresses = sorted({a for oracle in oracles for a in oracle.addresses()})
    sources = [[oracle.sources_mask(*a) for a in addresses] for oracle in oracles]
    ports = sorted({p for oracle in oracles for p in oracle.ports(GUARDED_EDGES)})
    for protocol in PROTOCOLS:
        for port in ports if protocol in ("tcp", "udp") else (0, 3, 8):
            masks = [oracle.rules_mask(protocol, port) for oracle in oracles]
            for number, (version, address) in enumerate(addresses):
                if (protocol, version) in (("icmp", 6), ("icmpv6", 4)):
                    continue  # no such packet
                passed = [bool(masks[n] & sources[n][number]) for n in range(len(oracles))]
                yield protocol, port, version, address, passed


@checks
@given(w.worlds())
def test_exactly_the_exposed_ports_are_found(world: w.World) -> None:
    oracle = oracle_of(world)
    found, _ = judged(world, RULE.from_live(describe(world.rules)))
    told = {
        (violation.protocol, port)
        for violation in found
        for port in oracle.ports(GUARDED_EDGES)
        if any(low <= port <= high for low, high in violation.ports)
    }
    assert told == open_ports(world, oracle)
    assert all(guarded(world.parameters, v.protocol, p) for v in found for r in v.ports for p in r)


@checks
@given(w.worlds())
def test_one_mend_makes_it_compliant_and_a_second_run_writes_nothing(world: w.World) -> None:
    group, plan = mended(world)
    assert plan.decision in ("NONE", "MEND", "APPROVE")
    after = tuple(group.rules.values())
    assert not open_ports(world, oracle_of(world, after))
    found, second = judged(world, RULE.from_live(describe(after), describe_rules(group.rules)))
    assert (found, second.decision, second.calls) == ([], "NONE", ())
    assert {r.key for r in after} == {r.key for r in parsed(list(plan.after))}


def had_to_go(world: w.World, oracle: World, protocol: str, port: int) -> set[str]:
    """The sources that go from a port: widest first, until what remains is below the limits."""
    reach = oracle.rules_mask(protocol, port)
    sources = {r.source for n, r in enumerate(oracle.rules) if reach >> n & 1}
    gone: set[str] = set()
    for version in (4, 6):
        size = {
            s: oracle.public_counts(protocol, port, [r.source == s for r in oracle.rules])[version]
            for s in sources
        }
        left = sorted(sources - gone, key=lambda s: -size[s])
        while left and exceeds(world, remaining(world, oracle, protocol, port, gone), version):
            widest = size[left[0]]
            # Of equally wide ones any may go.
            gone |= {s for s in left if size[s] == widest}
            left = [s for s in left if s not in gone]
    return gone


def remaining(
    world: w.World, oracle: World, protocol: str, port: int, gone: set[str]
) -> dict[int, int]:
    return oracle.public_counts(protocol, port, [r.source not in gone for r in oracle.rules])


def exceeds(world: w.World, counts: dict[int, int], version: int) -> bool:
    return is_open(world, {4: 0, 6: 0, version: counts[version]})


def is_kept(world: w.World, version: int, address: int) -> bool:
    if world.parameters["PrivateSources"] == "drop":
        return False
    # The VPC's own public blocks are too wide themselves for the strictest limits of the worlds.
    strict = {4: "24", 6: "56"}[version] == world.parameters[f"WideIpv{version}Prefix"]
    blocks = PRIVATE if strict and is_public(version, address) else (*PRIVATE, *VPC_CIDRS)
    return any(span(cidr).holds(version, address) for cidr in blocks)


@checks
@given(w.worlds())
def test_legitimate_traffic_stays(world: w.World) -> None:
    group, _ = mended(world)
    before = oracle_of(world)
    after = oracle_of(world, tuple(group.rules.values()))
    goes: dict[tuple[str, int], set[str]] = {}
    for protocol, port, version, address, (was, still) in packets(before, after):
        if still or not was:
            continue
        by = [
            r
            for n, r in enumerate(before.rules)
            if (before.sources_mask(version, address) & before.rules_mask(protocol, port)) >> n & 1
        ]
        if protocol not in ("tcp", "udp"):
            # Only an all-protocols rule that was carved loses other protocols.
            assert all(r.protocol == "-1" for r in by), (protocol, by)
            assert protocol in ("50", "47"), protocol
            continue
        assert guarded(world.parameters, protocol, port), (protocol, port, version, address)
        assert not is_kept(world, version, address), (protocol, port, version, address)
        if (protocol, port) not in goes:
            goes[protocol, port] = had_to_go(world, before, protocol, port)
        # Public, or special-purpose space that is not kept: both only of a source that had to go.
        assert {r.source for r in by} <= goes[protocol, port], (protocol, port, by)


@checks
@given(w.worlds())
def test_nothing_is_let_in_that_was_not(world: w.World) -> None:
    group, _ = mended(world)
    after = tuple(group.rules.values())
    for *packet, (was, still) in packets(oracle_of(world), oracle_of(world, after)):
        assert was or not still, packet


@checks
@given(w.worlds())
def test_no_added_rule_can_be_left_out_or_joined(world: w.World) -> None:
    group, _ = mended(world)
    after = tuple(group.rules.values())
    added = [rule for rule in after if rule.key not in {r.key for r in world.rules}]
    oracle = oracle_of(world, after)
    masks = {
        (p, q, v, a): oracle.sources_mask(v, a) & oracle.rules_mask(p, q)
        for p, q, v, a, _ in packets(oracle)
    }
    for rule in added:
        alone = 1 << after.index(rule)
        assert alone in masks.values(), ("could be left out", rule)
    for one in added:
        for other in added:
            assert one is other or not joins(one, other), (one, other)


def joins(one: Rule, other: Rule) -> bool:
    if one[4:] != other[4:] or one.protocol != other.protocol:
        return False
    if one.source == other.source and one.protocol in ("tcp", "udp"):
        return one.low <= other.low <= one.high + 1
    if one[:3] != other[:3] or "-" in one.source + other.source:
        return False
    first, second = span(one.source), span(other.source)
    size = first.last - first.first + 1
    whole = first.version == second.version and second.first == first.last + 1
    return whole and second.last == second.first + size - 1 and first.first % (2 * size) == 0


@checks
@given(w.worlds(), st.data())
def test_the_verdict_is_one_of_traffic_not_of_rules(world: w.World, data: st.DataObject) -> None:
    changed = list(data.draw(st.permutations(world.rules)))
    for _ in range(data.draw(st.integers(1, 3))):
        how = data.draw(st.sampled_from(("halve", "cut", "double")))
        new = [
            part
            for rule in changed
            for part in {
                "halve": w.in_halves,
                "cut": lambda r: w.at_port(r, 22),
                "double": lambda r: [r, r],
            }[how](rule)
        ]
        changed = new[:40]
        assume(len(new) <= 40)
    found, _ = judged(world, RULE.from_live(describe(world.rules)))
    told, _ = judged(world, RULE.from_live(describe(changed)))

    edges = {p for v in (*found, *told) for r in v.ports for p in r}
    at_edges = [
        {
            (v.protocol, v.family, v.addresses, p)
            for v in violations
            for low, high in v.ports
            for p in edges
            if low <= p <= high
        }
        for violations in (found, told)
    ]
    assert at_edges[0] == at_edges[1]


@checks
@given(w.worlds())
def test_items_and_answers_tell_of_the_same_group(world: w.World) -> None:
    by_id = {f"sgr-{number:017x}": rule for number, rule in enumerate(world.rules)}
    from_item = RULE.from_item(item(world.rules))
    from_answer = RULE.from_live(describe(world.rules))
    from_both = RULE.from_live(describe(world.rules), describe_rules(by_id))
    assert from_item == from_answer
    assert {p.rule_id: (p.protocol, p.source, p.tags) for p in from_both.ingress} == {
        name: (rule.protocol, rule.source, rule.tags) for name, rule in by_id.items()
    }
    stripped = [p._replace(rule_id=None, tags=()) for p in from_both.ingress]
    assert sorted(stripped, key=repr) == sorted(from_answer.ingress, key=repr)


@checks
@given(w.worlds(), st.randoms(use_true_random=False))
def test_a_plan_does_not_depend_on_the_order_of_answers(world: w.World, random: Any) -> None:
    rules = dict(enumerate(world.rules))
    named = {f"sgr-{number:017x}": rule for number, rule in rules.items()}
    other = list(named.items())
    random.shuffle(other)
    one = judged(world, RULE.from_live(describe(world.rules), describe_rules(named)))[1]
    two = judged(
        world, RULE.from_live(describe(dict(other).values()), describe_rules(dict(other)))
    )[1]
    assert one.digest() == two.digest()
    anew = {f"sgr-{number + 99:017x}": rule for number, rule in rules.items()}
    again = judged(world, RULE.from_live(describe(world.rules), describe_rules(anew)))[1]
    assert again.fingerprint() == one.fingerprint()
    assert (again.digest() == one.digest()) == (one.decision == "NONE")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(("0.0.0.0/0", "tcp", "-1", "::/0", "sg-1", "pl-1")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                (
                    "IpProtocol",
                    "FromPort",
                    "ToPort",
                    "IpRanges",
                    "CidrIp",
                    "Ipv6Ranges",
                    "CidrIpv6",
                    "PrefixListIds",
                    "PrefixListId",
                    "UserIdGroupPairs",
                    "GroupId",
                    "Description",
                    "Key",
                )
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(checks, max_examples=300)
@given(JSON, JSON, JSON)
def test_whatever_is_told_is_judged_or_refused(permission: Any, tags: Any, facts: Any) -> None:
    group = {"GroupId": "sg-1", "IpPermissions": [permission], "Tags": tags}
    everything = {"prefix_lists": facts, "vpc_cidrs": facts, "rules_quota": facts}
    with contextlib.suppress(RULE.UNREADABLE):
        resource = RULE.from_live(group)
        params = RULE.parameters({})
        found = RULE.violations(resource, everything, params)
        assert RULE.plan(resource, found, everything, params).decision

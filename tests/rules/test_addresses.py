"""Sets of addresses: texts become intervals and intervals the fewest blocks again."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.netlib.addresses import IPV6, block, cidrs, intersect, merge, sizes, subtract
from rules.netlib.errors import Malformed
from rules.netlib.special import NOT_REACHABLE, REACHABLE_WITHIN, SPECIAL, addresses, public
from tests.rules.packet_oracle import NOT_PUBLIC, PUBLIC_ALL_THE_SAME

some = settings(max_examples=100, deadline=None, derandomize=True, database=None)
points = st.integers(0, 40)
sets_of_points = st.frozensets(points)

CANONICAL = {
    "10.1.2.3/8": "10.0.0.0/8",
    "203.0.113.42/0": "0.0.0.0/0",
    "255.255.255.255/32": "255.255.255.255/32",
    "2001:DB8::1/64": "2001:db8::/64",
    "2001:0db8:0:0:1:0:0:1/128": "2001:db8::1:0:0:1/128",
    "1:0:0:2:0:0:0:3/128": "1:0:0:2::3/128",
    "10:0:0:1:10:0:0:1/128": "10::1:10:0:0:1/128",
    "1:0:2:3:4:5:6:7/128": "1:0:2:3:4:5:6:7/128",
    "::ffff:10.0.0.1/96": "::ffff:0:0/96",
    "::1/0": "::/0",
    "::1/128": "::1/128",
    "1::/16": "1::/16",
}


@pytest.mark.parametrize(("told", "text"), CANONICAL.items())
def test_a_block_has_one_text(told: str, text: str) -> None:
    assert block(told).text == text
    assert cidrs(block(told).addresses) == [text]


@pytest.mark.parametrize(
    "wrong",
    [
        *("", "/", "10.0.0.0", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "10/8"),
        *(
            "10.0.0.0/ 8",
            " 10.0.0.0/8",
            "10.0.0.0/8\n",
            "010.0.0.0/8",
            "0x0a.0.0.0/8",
            "256.0.0.0/8",
        ),
        *("::/129", ":::/0", "fe80::1%eth0/64", "10.0.0.0/\u0668", "1\u0660.0.0.0/8", "\0/0"),
        *("10.0.0.0/0008", "any", None, 8, 4.5, True, ["10.0.0.0/8"], {"CidrIp": "10.0.0.0/8"}),
    ],
    ids=ascii,
)
def test_what_is_no_block_is_refused(wrong: object) -> None:
    with pytest.raises(Malformed, match=r"is no CIDR block|has no prefix length"):
        block(wrong)


def of(chosen: frozenset[int]) -> tuple[tuple[int, int], ...]:
    return merge((point, point + 1) for point in chosen)


@some
@given(sets_of_points, sets_of_points)
def test_intervals_behave_as_sets(one: frozenset[int], other: frozenset[int]) -> None:
    assert subtract(of(one), of(other)) == of(one - other)
    assert intersect(of(one), of(other)) == of(one & other)
    assert merge([*of(one), *of(other)]) == of(one | other)
    assert sizes(of(one)) == (len(one), 0)


@some
@given(st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(8, 32)), max_size=6))
def test_blocks_are_the_fewest(told: list[tuple[int, int]]) -> None:
    networks = [ipaddress.ip_network((number, length), strict=False) for number, length in told]
    expected = sorted(ipaddress.collapse_addresses(networks))
    assert cidrs(addresses(*map(str, networks))) == [str(network) for network in expected]


@some
@given(st.lists(st.tuples(st.integers(0, 2**128 - 1), st.integers(0, 128)), max_size=6))
def test_blocks_of_ipv6_are_the_fewest(told: list[tuple[int, int]]) -> None:
    networks = [ipaddress.IPv6Network(pair, strict=False) for pair in told]
    found = [ipaddress.ip_network(cidr) for cidr in cidrs(addresses(*map(str, networks)))]
    assert found == list(ipaddress.collapse_addresses(networks))


def test_families_do_not_meet() -> None:
    both = addresses("0.0.0.0/0", "::/0")
    assert both == ((0, 2**32), (IPV6, 2 * IPV6))
    assert sizes(both) == (2**32, 2**128)


def test_the_tables_hold_blocks_and_their_sources() -> None:
    for cidr, name, source in (*NOT_REACHABLE, *REACHABLE_WITHIN):
        assert str(ipaddress.ip_network(cidr)) == cidr
        assert name
        assert source.startswith("RFC ")


def test_every_exception_lies_in_a_block_that_is_not_reachable() -> None:
    special = addresses(*(row[0] for row in NOT_REACHABLE))
    for cidr, *_ in REACHABLE_WITHIN:
        assert subtract(addresses(cidr), special) == ()
        assert public(addresses(cidr)) == addresses(cidr)


def test_the_tables_say_what_the_oracle_says() -> None:
    special = subtract(addresses(*NOT_PUBLIC), addresses(*PUBLIC_ALL_THE_SAME))
    assert cidrs(special) == cidrs(SPECIAL)

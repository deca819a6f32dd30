"""Sets of addresses: texts become intervals and intervals the fewest blocks again."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.netlib.addresses import IPV6, block, cidrs, intersect, merge, sizes, subtract
from rules.netlib.errors import Malformed
from rules.netlib.policy import limits, narrow_ends
from rules.netlib.sources import canonical
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
    "1:2:3:4::/64": "1:2:3:4::/64",
    "1:0:0:4:0:0:0:0/64": "1:0:0:4::/64",
    "0:0:0:1::/64": "0:0:0:1::/64",
    "1:0:0:0:5::/80": "1::5:0:0:0/80",
    "10.1.2.3/08": "10.0.0.0/8",
    "10.1.2.3/032": "10.1.2.3/32",
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
@given(st.integers(0, 2**128 - 1), st.integers(0, 128), st.integers(0, 2**8 - 1))
def test_the_text_of_ipv6_is_that_of_rfc_5952(number: int, length: int, words: int) -> None:
    for word in range(8):  # zero words in every arrangement
        number &= ~(0xFFFF << 16 * word) if words >> word & 1 else -1
    network = ipaddress.IPv6Network((number, length), strict=False)
    hexadecimal = ipaddress.IPv6Address.__str__(network.network_address)
    if "." not in hexadecimal:
        assert block(f"{ipaddress.IPv6Address(number).exploded}/{length}").text == str(network)


SINGLE = {
    "1.2.3.4/32": "1.2.3.4/32",
    "1.2.3.4/032": "1.2.3.4/32",
    "255.255.255.255/32": "255.255.255.255/32",
}


@pytest.mark.parametrize(("told", "text"), SINGLE.items())
def test_single_addresses_have_one_text(told: str, text: str) -> None:
    assert canonical("ipv4", told) == text


@pytest.mark.parametrize(
    "wrong",
    ["01.2.3.4/32", "1.2.3/32", "1.2.3.4 /32", "1.2.3.4\0/32", "\u0661.2.3.4/32", "::1/32", "/32"],
    ids=ascii,
)
def test_what_is_no_single_address_is_refused(wrong: str) -> None:
    with pytest.raises(Malformed):
        canonical("ipv4", wrong)


LIMITS = [limits(10, 32), limits(1, 1), limits(32, 128), limits(24, 48)]


@pytest.mark.parametrize("most", LIMITS, ids=str)
@pytest.mark.parametrize("bits", [0, 1, 4, 9])
def test_narrow_blocks_are_too_few_even_together(most: tuple[int, int], bits: int) -> None:
    narrow = narrow_ends(most, bits)
    assert "pl-0a1b2c3d4"[-4:] not in narrow
    families = (ipaddress.IPv4Network, ipaddress.IPv6Network)
    for family, limit in zip(families, most, strict=True):
        for length in range(family(0).max_prefixlen + 1):
            for number in (0, -1, 0x2A, 0x2A << 80, 0x123400000000 << 16):
                one = family((number % 2 ** family(0).max_prefixlen, length), strict=False)
                is_narrow = str(one)[-4:] in narrow
                assert not is_narrow or one.num_addresses * 2**bits <= limit
                plain = length >= 10 and (family is families[0] or str(one)[-4:-3] in ":/")
                assert is_narrow or not plain or one.num_addresses * 2**bits > limit


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

"""What the benchmark measures is true before it is fast: verdicts, calls and limits. No time."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

import pytest

from benchmarks import __main__ as bench
from benchmarks import size, stock, truth, verdicts, warm
from benchmarks.figures import Figure, interleaved, ratio
from benchmarks.groups import BY_UNION, OPEN, Rule, items
from netmend.bundle import build_bytes
from rules.handlers import clients, detector
from rules.netlib.exposure import Violation
from tests.rules import ec2_group
from tests.rules.packet_oracle import World

SSH = ("tcp", 22, 22)
ANY = "0.0.0.0/0"
GUARDED = [("tcp", 20, 25), ("udp", 161, 161)]


@pytest.fixture(autouse=True)
def new_clients() -> Any:
    """Clients of the benchmark's are nobody else's."""
    for kept in (clients.client, clients._session, clients._loader):
        kept.cache_clear()
    yield
    for kept in (clients.client, clients._session, clients._loader):
        kept.cache_clear()


def test_items_are_the_same_for_the_same_seed_and_as_large_as_real_ones() -> None:
    some = items(400, 7)
    assert some == items(400, 7)
    assert some != items(400, 8)
    assert 3700 < sum(len(item.text) for item in some) / 400 < 4100
    assert 9 < sum(len(item.rules) for item in some) / 400 < 11


def test_openness_is_as_often_as_it_is_said_and_partly_by_union_alone() -> None:
    some = [item for item in items(6000, 7) if item.is_open]
    assert 0.8 * OPEN < len(some) / 6000 < 1.2 * OPEN
    params = verdicts.RULE.parameters({})
    guarded = [(p, *r) for p, ranges in params.guarded._asdict().items() for r in ranges]
    literal = [rule for item in some for rule in item.rules if rule[3] in (ANY, "::/0")]
    wide = {rule for rule in literal if truth.open_ports([rule], guarded)}
    by_union = [item for item in some if not wide.intersection(item.rules)]
    assert 0.6 * BY_UNION < len(by_union) / len(some) < 1.4 * BY_UNION


def test_an_item_tells_the_rules_that_it_was_made_of() -> None:
    for item in items(50, 9):
        group = verdicts.RULE.from_item(json.loads(item.text))
        told = {(p.protocol, p.from_port, p.to_port, p.source) for p in group.ingress}
        assert told == set(item.rules)


TRUTHS: dict[str, tuple[list[Rule], set[tuple[str, int, str]]]] = {
    "the world": ([(*SSH, ANY)], {("tcp", 22, "IPv4")}),
    "its two halves": (
        [(*SSH, "0.0.0.0/1"), (*SSH, "128.0.0.0/1")],
        {("tcp", 22, "IPv4")},
    ),
    "every port of every protocol": (
        [("-1", None, None, "::/0")],
        {("tcp", 20, "IPv6"), ("udp", 161, "IPv6")},
    ),
    "a range that begins inside": ([("tcp", 24, 99, ANY)], {("tcp", 24, "IPv4")}),
    "the other protocol": ([("udp", 22, 22, ANY)], set()),
    "another port": ([("tcp", 443, 443, ANY)], set()),
    "private addresses": ([(*SSH, "10.0.0.0/8")], set()),
    "a /11": ([(*SSH, "8.0.0.0/11")], set()),
    "two of them": ([(*SSH, "8.0.0.0/11"), (*SSH, "9.0.0.0/11")], {("tcp", 22, "IPv4")}),
    "a group": ([(*SSH, "sg-0a1b2c3d")], set()),
}


@pytest.mark.parametrize(("rules", "expected"), TRUTHS.values(), ids=TRUTHS.keys())
def test_the_plain_count_knows_what_is_open(
    rules: list[Rule], expected: set[tuple[str, int, str]]
) -> None:
    found = truth.open_ports(rules, GUARDED)
    assert {(protocol, port, family) for protocol, port, family, _ in found} == expected


def test_the_plain_count_agrees_with_the_packets() -> None:
    some = [item for item in items(1500, 3) if item.is_open][:12]
    assert some
    for item in some:
        world = World([ec2_group.Rule(*rule) for rule in item.rules], {})
        for protocol, port, family, count in truth.open_ports(item.rules, GUARDED):
            assert world.public_counts(protocol, port)[int(family[-1])] == count


def test_all_verdicts_of_a_round_are_true() -> None:
    spent = verdicts.one_round(items(60, 21), verdicts.RULE.parameters({}))
    assert min(spent) > 0


WRONG = {
    "says nothing": lambda found: [],
    "counts wrong": lambda found: [v._replace(addresses=v.addresses - 1) for v in found],
    "says the other protocol": lambda found: [v._replace(protocol="udp") for v in found],
    "leaves a port out": lambda found: [v._replace(ports=v.ports[1:]) for v in found],
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_engine_is_found_out(change: Any) -> None:
    params = verdicts.RULE.parameters({})
    item = next(item for item in items(500, 5) if item.is_open)
    group = verdicts.RULE.from_item(json.loads(item.text))
    found = verdicts.RULE.violations(group, {}, params)
    verdicts.check(item, found, params)
    with pytest.raises(verdicts.WrongVerdictError):
        verdicts.check(item, change(found), params)


def test_an_engine_that_cries_wolf_is_found_out() -> None:
    params = verdicts.RULE.parameters({})
    item = next(item for item in items(500, 5) if not item.is_open)
    with pytest.raises(verdicts.WrongVerdictError):
        verdicts.check(item, [Violation("tcp", ((22, 22),), "IPv4", 2**32, (ANY,))], params)


def test_a_change_costs_one_api_call_and_one_more_a_prefix_list() -> None:
    assert warm.calls(detector.handle) == ["PutEvaluations"]
    assert warm.calls(detector.handle, warm.PREFIX_LIST) == [
        "GetManagedPrefixListEntries",
        "PutEvaluations",
    ]


def test_the_stock_library_makes_two_for_the_same_verdict() -> None:
    assert warm.calls(stock.handle) == ["AssumeRole", "PutEvaluations"]


def test_the_size_is_that_of_the_zip_and_below_its_limit() -> None:
    (figure,) = size.figures()
    assert figure.measured == len(build_bytes())
    assert figure.ok


def figure(measured: float, limit: float, *, exact: bool = False) -> Figure:
    return Figure("what", measured, limit, "x", "told", exact)


HOLDING = [
    (figure(1, 1), True),
    (figure(0.5, 1), True),
    (figure(1.01, 1), False),
    (figure(1, 1, exact=True), True),
    (figure(0, 1, exact=True), False),
]


@pytest.mark.parametrize(("one", "holds"), HOLDING)
def test_a_limit_holds_up_to_itself_and_an_exact_one_at_itself(one: Figure, holds: bool) -> None:
    assert one.ok is holds


@pytest.mark.parametrize(("figures", "code"), [([HOLDING[0][0]], 0), ([f for f, _ in HOLDING], 2)])
@pytest.mark.parametrize("wanted", ["table", "json"])
def test_one_missed_limit_is_exit_code_2(
    figures: list[Figure],
    code: int,
    wanted: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    suite = ModuleType("suite")
    monkeypatch.setattr(suite, "figures", lambda: figures, raising=False)
    monkeypatch.setattr(bench, "import_module", lambda _: suite)
    assert bench.main(["size", "--format", wanted]) == code
    told = capsys.readouterr().out
    if wanted == "json":
        parsed = json.loads(told)
        assert parsed["schema_version"] == 1
        assert [one["ok"] for one in parsed["figures"]] == [one.ok for one in figures]
    else:
        assert [line.endswith("ok") for line in told.splitlines()[1:]] == [f.ok for f in figures]


def test_the_table_has_a_line_for_each_figure_and_its_columns_stand() -> None:
    told = [figure(0.123, 1), Figure("longer name", 56624, 61440, "bytes", "55.3 KB")]
    assert bench.as_table(told).splitlines() == [
        "what         measured      limit  unit   absolute  ok",
        "what             0.12       <= 1  x      told      ok",
        "longer name    56,624  <= 61,440  bytes  55.3 KB   ok",
    ]


def test_neighbours_are_compared_with_each_other() -> None:
    order: list[str] = []
    spent = interleaved((lambda: order.append("a"), lambda: order.append("b")), 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert [len(column) for column in spent] == [3, 3]
    assert ratio([1.0, 20.0, 3.0], [2.0, 10.0, 6.0]) == 0.5

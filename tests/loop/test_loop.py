"""Drift made in any way that people make it is found, mended and proved; the rest is left alone."""

from collections.abc import Callable

import pytest

from netmend.audit.evidence import verify
from tests.loop.world import World, permission, statuses

PRIVATE = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"}
HALVES = ("0.0.0.0/1", "128.0.0.0/1")
SSH = (22, 22)


def kept(protocol: str, low: int, high: int) -> set[tuple[str, int, int, str]]:
    return {(protocol, low, high, source) for source in PRIVATE}


DRIFT = [
    pytest.param(
        lambda _: [permission("tcp", SSH, "0.0.0.0/0")],
        kept("tcp", 22, 22),
        id="SSH from anywhere keeps SSH from private ranges",
    ),
    pytest.param(
        lambda _: [permission("tcp", (3389, 3389), *HALVES)],
        kept("tcp", 3389, 3389),
        id="the whole range in two halves is seen as one",
    ),
    pytest.param(
        lambda _: [permission("tcp", SSH, "::/0")],
        {("tcp", 22, 22, "fc00::/7")},
        id="IPv6 counts",
    ),
    pytest.param(
        lambda world: [permission("tcp", SSH, world.prefix_list(*HALVES))],
        kept("tcp", 22, 22),
        id="a prefix list counts, and is taken from the group",
    ),
]


@pytest.mark.parametrize(("drift", "expected"), DRIFT)
def test_drift_is_mended(
    world: World, drift: Callable[[World], list[dict[str, object]]], expected: set[object]
) -> None:
    own = permission("tcp", (443, 443), "0.0.0.0/0", Description="the web service")
    group = world.group(own)
    world.open(group, *drift(world))
    world.settle()

    (run,) = world.runs(group)
    assert run["AutomationExecutionStatus"] == "Success", run.get("FailureMessage")
    assert world.rules(group) == {("tcp", 443, 443, "0.0.0.0/0"), *expected}
    assert world.compliance(group) == "COMPLIANT"
    assert world.outcomes(group) == [("intent", "MEND"), ("outcome", "MENDED")]
    assert world.evidence(group)[-1]["as_planned"] is True


def test_all_ports_are_carved_around_the_web_service(world: World) -> None:
    group = world.group(permission("tcp", (0, 65535), "0.0.0.0/0"))
    world.settle()
    public = [rule for rule in world.rules(group) if rule[3] == "0.0.0.0/0"]
    assert any(low <= 443 <= high for _, low, high, _ in public)
    assert not any(low <= port <= high for _, low, high, _ in public for port in (22, 3389))
    assert world.compliance(group) == "COMPLIANT"


@pytest.mark.parametrize(
    "harmless",
    [
        pytest.param([permission("tcp", (443, 443), "0.0.0.0/0", "::/0")], id="public web"),
        pytest.param(
            [permission("50", None, "0.0.0.0/0"), permission("udp", (500, 500), "0.0.0.0/0")],
            id="a VPN concentrator",
        ),
        pytest.param([permission("icmp", (-1, -1), "0.0.0.0/0")], id="ping from anywhere"),
        pytest.param([permission("tcp", SSH, "10.0.0.0/8", "192.168.0.0/16")], id="private SSH"),
        pytest.param([permission("tcp", SSH, "198.51.100.0/24")], id="SSH from one office"),
    ],
)
def test_what_looks_alarming_and_is_fine_is_left_alone(
    world: World, harmless: list[dict[str, object]]
) -> None:
    group = world.group(*harmless)
    before = world.rules(group)
    world.settle()
    assert world.compliance(group) == "COMPLIANT"
    assert world.rules(group) == before
    assert world.runs(group) == []


def test_all_protocols_wait_for_a_person(world: World) -> None:
    group = world.group(permission("-1", None, "0.0.0.0/0"))
    world.settle()
    (run,) = world.runs(group)
    assert run["AutomationExecutionStatus"] == "Waiting"
    assert ("-1", -1, -1, "0.0.0.0/0") in world.rules(group)

    world.answer(run["AutomationExecutionId"], "Approve")
    world.settle()
    assert world.run(run["AutomationExecutionId"])["AutomationExecutionStatus"] == "Success"
    assert ("-1", -1, -1, "0.0.0.0/0") not in world.rules(group)
    assert ("-1", -1, -1, "10.0.0.0/8") in world.rules(group)
    assert world.compliance(group) == "COMPLIANT"
    assert world.outcomes(group) == [
        ("question", "WAITING"),
        ("intent", "MEND"),
        ("outcome", "MENDED"),
    ]
    (decision,) = world.evidence(group)[1]["approval"]["decisions"]
    assert decision["Approver"].endswith("demo-approver")


def test_rejected_question_changes_nothing(world: World) -> None:
    group = world.group(permission("-1", None, "0.0.0.0/0"))
    world.settle()
    (run,) = world.runs(group)
    world.answer(run["AutomationExecutionId"], "Reject")
    world.settle()
    assert ("-1", -1, -1, "0.0.0.0/0") in world.rules(group)
    assert world.outcomes(group)[-1] == ("outcome", "REJECTED")


def test_unanswered_question_expires(world: World) -> None:
    group = world.group(permission("-1", None, "0.0.0.0/0"))
    world.settle()
    world.sandbox.clock.advance(24 * 3600 + 1)
    world.settle()
    (run,) = world.runs(group)
    assert ("Approve", "TimedOut") in statuses(run)
    assert run["AutomationExecutionStatus"] == "Failed"
    assert ("-1", -1, -1, "0.0.0.0/0") in world.rules(group)
    assert world.outcomes(group)[-1] == ("outcome", "EXPIRED")


def test_answer_to_a_world_that_moved_is_stale(world: World) -> None:
    group = world.group(permission("-1", None, "0.0.0.0/0"))
    world.settle()
    (run,) = world.runs(group)
    world.open(group, permission("tcp", SSH, "::/0"))
    world.answer(run["AutomationExecutionId"], "Approve")
    world.settle()
    assert world.outcomes(group)[1] == ("outcome", "STALE")
    assert ("-1", -1, -1, "0.0.0.0/0") in world.rules(group)


def test_second_run_makes_no_write(world: World) -> None:
    group = world.group(permission("tcp", SSH, "0.0.0.0/0"))
    world.settle()
    after, told = world.rules(group), len(world.evidence(group))
    execution = world.start(group)
    world.settle()
    assert statuses(world.run(execution)) == [
        ("Plan", "Success"),
        ("Decide", "Success"),
        ("Done", "Success"),
    ]
    assert (world.rules(group), len(world.evidence(group))) == (after, told)


def test_changed_prefix_list_opens_and_is_mended(world: World) -> None:
    listed = world.prefix_list("198.51.100.0/24")
    group = world.group(permission("tcp", SSH, listed))
    world.settle()
    assert world.compliance(group) == "COMPLIANT"
    ec2 = world.client("ec2")
    version = ec2.describe_managed_prefix_lists(PrefixListIds=[listed])["PrefixLists"][0]["Version"]
    ec2.modify_managed_prefix_list(
        PrefixListId=listed,
        CurrentVersion=version,
        AddEntries=[{"Cidr": half} for half in HALVES],
    )
    world.settle()
    assert world.compliance(group) == "COMPLIANT"
    assert not any(rule[3] == listed for rule in world.rules(group))
    entries = ec2.get_managed_prefix_list_entries(PrefixListId=listed)["Entries"]
    assert len(entries) == 3, "the shared list itself is never edited"


def test_evidence_of_everything_so_far_verifies(world: World) -> None:
    found = verify(world.objects())
    assert found.ok, found.problems
    assert found.count > 10

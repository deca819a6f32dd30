"""The detector judges what it can read, and says of the rest that it could not."""

from __future__ import annotations

import pytest

from netmend.sandbox.config import messages
from netmend.sandbox.ec2 import prefix_lists
from tests.handlers.faults import (
    Error,
    Fault,
    Watch,
    answered,
    coded,
    denied,
    hooked,
    unreachable,
)
from tests.handlers.invocations import (
    Edit,
    Event,
    edited,
    judge,
    notice,
    put,
)
from tests.loop.world import ACCOUNT, World, permission

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
DETECTOR = "role/netmend-detector"
MALFORMED = {"IpProtocol": "no protocol", "IpRanges": []}
OVERSIZED = "OversizedConfigurationItemChangeNotification"

pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(coded("UnauthorizedOperation", 403), id="denied"),
        pytest.param(coded("InvalidPrefixListID.NotFound"), id="gone"),
        pytest.param(coded("RequestLimitExceeded", 503), id="throttled"),
        pytest.param(unreachable, id="unreachable"),
    ],
)
def test_unreadable_prefix_list_is_an_error_and_no_evaluation(
    world: World, sent: list[Event], error: Error
) -> None:
    world.group(permission("tcp", (22, 22), world.prefix_list("198.51.100.0/24")))
    world.settle()
    event = sent[-1]
    assert judge(world, event) == ("", ["COMPLIANT"], "")
    fault = Fault("ec2:GetManagedPrefixListEntries", error, role=DETECTOR)
    with hooked(world, fault):
        raised, verdicts, _ = judge(world, event)
    assert fault.fired
    assert raised
    assert verdicts == []


def test_last_page_of_a_prefix_list_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prefix_lists, "PAGE", 1)
    listed = world.prefix_list("192.0.2.0/24", "198.51.100.0/24", "200.0.0.0/7")
    group = world.group(permission("tcp", (22, 22), listed))
    world.settle()
    assert world.compliance(group) == "NON_COMPLIANT"


def test_lost_page_of_a_prefix_list_is_an_error(
    world: World, sent: list[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.group(permission("tcp", (22, 22), world.prefix_list("198.51.100.0/24")))
    world.settle()
    answered(monkeypatch, "ec2", "GetManagedPrefixListEntries", lambda a: a.update(NextToken="100"))
    fault = Fault("ec2:GetManagedPrefixListEntries", denied, first=2, role=DETECTOR)
    with hooked(world, fault):
        raised, verdicts, _ = judge(world, sent[-1])
    assert (raised, verdicts, fault.fired) == ("ClientError", [], 1)


@pytest.fixture
def oversized(world: World, sent: list[Event], monkeypatch: pytest.MonkeyPatch) -> Event:
    """An invocation whose item was too large to be sent, of a group with two items."""
    group = world.group(settle=True)
    world.sandbox.clock.advance(10)
    monkeypatch.setattr(messages, "LARGEST", 1)
    world.open(group, SSH)
    world.settle()
    assert notice(sent[-1])["messageType"] == OVERSIZED
    return sent[-1]


def summary(**values: str) -> Edit:
    return lambda _, told: told["configurationItemSummary"].update(values)


OVERSIZED_CASES = [
    pytest.param(lambda e, n: None, "", ["NON_COMPLIANT"], id="the history holds it"),
    pytest.param(
        lambda _, n: [n.pop("notificationCreationTime"), n.pop("recordVersion")],
        "",
        ["NON_COMPLIANT"],
        id="a notice as the documentation shows it",
    ),
    pytest.param(
        summary(resourceId="sg-0123456789abcdef0"),
        "ResourceNotDiscoveredException",
        [],
        id="a resource without history",
    ),
    pytest.param(
        summary(configurationItemCaptureTime="2020-01-01T00:00:00.000Z"),
        "ItemMissingError",
        [],
        id="older than all of the history",
    ),
    pytest.param(
        summary(configurationItemCaptureTime="2100-01-01T00:00:00.000Z"),
        "ItemMissingError",
        [],
        id="newer than the history, which lags behind",
    ),
]


@pytest.mark.parametrize(("edit", "error", "verdicts"), OVERSIZED_CASES)
def test_oversized_item_is_the_notified_one_or_an_error(
    world: World, oversized: Event, edit: Edit, error: str, verdicts: list[str]
) -> None:
    assert judge(world, edited(oversized, edit))[:2] == (error, verdicts)


def test_oversized_item_is_an_error_where_the_history_is_denied(
    world: World, oversized: Event
) -> None:
    with hooked(world, Fault("config:GetResourceConfigHistory", denied, role=DETECTOR)):
        assert judge(world, oversized)[:2] == ("ClientError", [])


@pytest.fixture(scope="module")
def daily(world: World, sent: list[Event]) -> Event:
    """The daily invocation."""
    world.sandbox.clock.advance(24 * 3600 + 60)
    world.settle()
    return next(e for e in reversed(sent) if notice(e)["messageType"] == "ScheduledNotification")


def test_daily_run_stores_the_others_and_then_raises(world: World, daily: Event) -> None:
    unreadable = world.group(permission("tcp", (22, 22), world.prefix_list("198.51.100.0/24")))
    readable = world.group(SSH)
    world.settle()
    assert world.compliance(unreadable) == "COMPLIANT"
    watch = Watch("config:PutEvaluations")
    with hooked(world, Fault("ec2:GetManagedPrefixListEntries", denied, role=DETECTOR), watch):
        raised, _, message = judge(world, daily)
    assert raised == "UnreadableResourcesError"
    assert "not judged: sg-" in message
    verdicts = put(watch)
    assert verdicts[readable] == "NON_COMPLIANT"
    assert unreadable not in verdicts
    assert set(verdicts.values()) == {"COMPLIANT", "NON_COMPLIANT"}
    assert world.compliance(unreadable) == "COMPLIANT", "its last verdict stands"


def test_daily_run_stores_the_others_where_one_answer_is_malformed(
    world: World, daily: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = {"GroupId": "sg-00000000000000bad", "OwnerId": ACCOUNT, "IpPermissions": [MALFORMED]}
    answered(
        monkeypatch,
        "ec2",
        "DescribeSecurityGroups",
        lambda a: a["SecurityGroups"].insert(0, broken),
    )
    watch = Watch("config:PutEvaluations")
    with hooked(world, watch):
        raised, _, message = judge(world, daily)
    assert raised == "UnreadableResourcesError"
    assert "sg-00000000000000bad" in message
    assert "NON_COMPLIANT" in put(watch).values()


def test_daily_run_that_cannot_list_the_groups_says_nothing(world: World, daily: Event) -> None:
    with hooked(world, Fault("ec2:DescribeSecurityGroups", denied, role=DETECTOR)):
        assert judge(world, daily)[:2] == ("ClientError", [])


def test_daily_run_judges_every_group_in_batches(
    world: World, daily: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = [
        {"GroupId": f"sg-{number:017x}", "OwnerId": ACCOUNT, "IpPermissions": []}
        for number in range(101)
    ]
    answered(
        monkeypatch, "ec2", "DescribeSecurityGroups", lambda a: a["SecurityGroups"].extend(groups)
    )
    watch = Watch("config:PutEvaluations")
    with hooked(world, watch):
        assert judge(world, daily)[0] == ""
    assert {group["GroupId"] for group in groups} <= set(put(watch))
    assert max(len(call.params["Evaluations"]) for call in watch.calls) <= 100


def test_annotation_says_what_is_open_and_fits(world: World) -> None:
    many = [permission("tcp", (port, port), "0.0.0.0/0") for port in (22, 3389, 5432, 6379, 11211)]
    group = world.group(*many, permission("udp", (161, 161), "::/0"))
    world.settle()
    found = world.client("config").get_compliance_details_by_resource(
        ResourceType="AWS::EC2::SecurityGroup", ResourceId=group
    )["EvaluationResults"]
    (told,) = [result["Annotation"] for result in found if "Annotation" in result]
    assert told.startswith("open to 0.0.0.0/0: tcp/22,")
    assert 1 <= len(told) <= 256

"""What can be judged is reported, and what cannot is an error: nothing is ever said in between."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netmend.sandbox.config import lambdas, messages
from netmend.sandbox.ec2 import prefix_lists
from tests.handlers.faults import (
    Error,
    Fault,
    Watch,
    answered,
    coded,
    denied,
    hooked,
    throttled,
    unreachable,
)
from tests.loop.world import ACCOUNT, World, permission

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
DETECTOR = "role/netmend-detector"
MALFORMED = {"IpProtocol": "no protocol", "IpRanges": []}
OVERSIZED = "OversizedConfigurationItemChangeNotification"

Event = dict[str, Any]
Edit = Callable[[Event, Event], object]
"""Alters an invocation and its notification in place."""

pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture(scope="module", autouse=True)
def _observed(world: World, tidy: None) -> Iterator[None]:
    """Nothing is mended meanwhile."""
    world.mode("observe")
    yield
    world.mode("enforce")


@pytest.fixture(scope="module")
def sent(world: World) -> Iterator[list[Event]]:
    """Every event that Config has sent to the detector."""
    events: list[Event] = []
    original = lambdas.invoke

    def invoke(place: Any, function: str, payload: Event) -> Any:
        events.append(payload)
        return original(place, function, payload)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lambdas, "invoke", invoke)
        yield events


@pytest.fixture(scope="module")
def opened(world: World, sent: list[Event]) -> Event:
    """The invocation for a group that was opened to the world."""
    world.group(SSH)
    world.settle()
    return sent[-1]


def notice(event: Event) -> Event:
    found: Event = json.loads(event["invokingEvent"])
    return found


def edited(event: Event, edit: Edit) -> Event:
    changed, told = copy.deepcopy(event), notice(event)
    edit(changed, told)
    if changed["invokingEvent"] == event["invokingEvent"]:
        changed["invokingEvent"] = json.dumps(told)
    return changed


def judge(world: World, event: Event) -> tuple[str, list[str], str]:
    """(the error's type or nothing, the verdicts that were put, the error's message)."""
    watch = Watch("config:PutEvaluations")
    with hooked(world, watch):
        answer = world.client("lambda").invoke(
            FunctionName="netmend-detector", Payload=json.dumps(event).encode()
        )
    told = json.loads(answer["Payload"].read())
    verdicts = [e["ComplianceType"] for call in watch.calls for e in call.params["Evaluations"]]
    if "FunctionError" not in answer:
        return "", verdicts, ""
    return told["errorType"], verdicts, told["errorMessage"]


def item(**values: Any) -> Edit:
    return lambda _, told: told["configurationItem"].update(values)


def of_event(**values: Any) -> Edit:
    return lambda event, _: event.update(values)


def permissions(*found: object) -> Edit:
    return lambda _, told: told["configurationItem"]["configuration"].update(
        ipPermissions=list(found)
    )


def parameters(**given: str) -> Edit:
    return of_event(ruleParameters=json.dumps(given))


VERDICTS = [
    pytest.param(lambda e, n: None, "NON_COMPLIANT", id="as Config sends it"),
    pytest.param(item(configurationItemStatus="ResourceDiscovered"), "NON_COMPLIANT", id="new"),
    pytest.param(permissions(), "COMPLIANT", id="a group without rules"),
    pytest.param(parameters(GuardedPorts="3389"), "COMPLIANT", id="another port is guarded"),
    pytest.param(parameters(GuardedPorts="20-25"), "NON_COMPLIANT", id="a range holds the port"),
    pytest.param(parameters(AllowedPorts="22"), "COMPLIANT", id="the port is allowed"),
    pytest.param(lambda e, n: e.pop("ruleParameters"), "NON_COMPLIANT", id="no parameters"),
    pytest.param(
        of_event(
            configRuleName="netmend-security-group-no-public-ingress-conformance-pack-zz9plural"
        ),
        "NON_COMPLIANT",
        id="the rule of a pack with another suffix",
    ),
    pytest.param(
        item(configurationItemStatus="ResourceDeleted", configuration=None),
        "NOT_APPLICABLE",
        id="a deleted group",
    ),
    pytest.param(
        item(configurationItemStatus="ResourceDeletedNotRecorded"),
        "NOT_APPLICABLE",
        id="deleted while nobody recorded",
    ),
    pytest.param(
        item(configurationItemStatus="ResourceNotRecorded"), "NOT_APPLICABLE", id="not recorded"
    ),
    pytest.param(of_event(eventLeftScope=True), "NOT_APPLICABLE", id="it left the rule's scope"),
    pytest.param(
        item(resourceType="AWS::EC2::Instance"), "NOT_APPLICABLE", id="another type of resource"
    ),
    pytest.param(
        item(resourceType="AWS::EC2::PrefixList", resourceId="pl-0123456789abcdef0"),
        "NOT_APPLICABLE",
        id="a prefix list is not judged itself",
    ),
]


@pytest.mark.parametrize(("edit", "verdict"), VERDICTS)
def test_what_can_be_judged_gets_one_verdict(
    world: World, opened: Event, edit: Edit, verdict: str
) -> None:
    assert judge(world, edited(opened, edit)) == ("", [verdict], "")


SNAPSHOT = "ConfigurationSnapshotDeliveryCompleted"
ERRORS = [
    pytest.param(
        lambda _, n: n.update(messageType=SNAPSHOT),
        "UnexpectedMessageError",
        SNAPSHOT,
        id="an unknown type of message",
    ),
    pytest.param(of_event(invokingEvent="{"), "JSONDecodeError", "", id="a notice that is no JSON"),
    pytest.param(of_event(invokingEvent="null"), "TypeError", "", id="a notice that is null"),
    pytest.param(
        of_event(configRuleName="netmend-no-such-rule"),
        "UnknownRuleError",
        "NO_SUCH_RULE",
        id="a rule that is not in the code",
    ),
    pytest.param(
        of_event(configRuleName="netmend-x\n"), "UnknownRuleError", "", id="a name with a newline"
    ),
    pytest.param(
        of_event(resultToken="made up"), "InvalidResultTokenException", "", id="a foreign token"
    ),
    pytest.param(item(configuration=None), "Malformed", "", id="no configuration"),
    pytest.param(item(configuration="{"), "Malformed", "not JSON", id="configuration is no JSON"),
    pytest.param(
        lambda _, n: n["configurationItem"]["configuration"].pop("ipPermissions"),
        "Malformed",
        "ipPermissions",
        id="no permissions",
    ),
    pytest.param(permissions(7), "Malformed", "", id="a permission that is a number"),
    pytest.param(
        permissions(
            {
                "ipProtocol": "tcp",
                "fromPort": 22,
                "toPort": 22,
                "ipv4Ranges": [{"cidrIp": "0.0.0.0/33"}],
            }
        ),
        "Malformed",
        "0.0.0.0/33",
        id="a CIDR that is none",
    ),
    pytest.param(
        permissions({"ipProtocol": "tcp", "fromPort": 22, "toPort": 22}),
        "Malformed",
        "",
        id="a permission without sources",
    ),
    pytest.param(
        permissions({"ipProtocol": "tcp", "fromPort": 23, "toPort": 22, "ipv4Ranges": []}),
        "Malformed",
        "upside down",
        id="ports upside down",
    ),
    pytest.param(
        parameters(GuardedPorts="22,ssh"),
        "InvalidParametersError",
        "GuardedPorts='22,ssh'",
        id="a port that is none",
    ),
    pytest.param(
        parameters(WideIpv4Prefix="33"),
        "InvalidParametersError",
        "WideIpv4Prefix='33'",
        id="a prefix length that is none",
    ),
    pytest.param(
        parameters(GuardedPort="22"),
        "InvalidParametersError",
        "GuardedPorts",
        id="an unknown parameter, with the nearest name",
    ),
    pytest.param(
        of_event(ruleParameters='{"GuardedPorts": 22}'),
        "InvalidParametersError",
        "GuardedPorts=22",
        id="a parameter that is a number",
    ),
    pytest.param(of_event(ruleParameters="{"), "JSONDecodeError", "", id="parameters: no JSON"),
]


@pytest.mark.parametrize(("edit", "error", "says"), ERRORS)
def test_what_cannot_be_judged_is_an_error_and_no_evaluation(
    world: World, opened: Event, edit: Edit, error: str, says: str
) -> None:
    raised, verdicts, message = judge(world, edited(opened, edit))
    assert (raised, verdicts) == (error, [])
    assert says in message


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(denied, id="denied"),
        pytest.param(throttled, id="throttled"),
        pytest.param(unreachable, id="unreachable"),
        pytest.param(coded("InternalFailure", 500), id="broken"),
    ],
)
def test_evaluations_that_cannot_be_put_are_an_error(
    world: World, opened: Event, error: Error
) -> None:
    fault = Fault("config:PutEvaluations", error)
    with hooked(world, fault):
        raised, verdicts, _ = judge(world, opened)
    assert fault.fired
    assert raised in ("ClientError", "EndpointConnectionError", "ThrottlingException")
    assert verdicts == []


def test_evaluations_that_config_did_not_store_are_an_error(
    world: World, opened: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = {
        "ComplianceResourceType": "AWS::EC2::SecurityGroup",
        "ComplianceResourceId": "sg-0123456789abcdef0",
        "ComplianceType": "COMPLIANT",
        "OrderingTimestamp": "2026-01-01T00:00:00Z",
    }
    answered(
        monkeypatch, "config", "PutEvaluations", lambda a: a.update(FailedEvaluations=[failed])
    )
    raised, _, message = judge(world, opened)
    assert raised == "EvaluationsRefusedError"
    assert "sg-0123456789abcdef0" in message


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


def put(watch: Watch) -> dict[str, str]:
    """The verdicts by resource id."""
    return {
        e["ComplianceResourceId"]: e["ComplianceType"]
        for call in watch.calls
        for e in call.params["Evaluations"]
    }


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
    (result,) = world.client("config").get_compliance_details_by_resource(
        ResourceType="AWS::EC2::SecurityGroup", ResourceId=group
    )["EvaluationResults"]
    assert result["Annotation"].startswith("open to 0.0.0.0/0: tcp/22,")
    assert 1 <= len(result["Annotation"]) <= 256

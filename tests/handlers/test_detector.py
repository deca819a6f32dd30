"""What can be judged is reported, and what cannot is an error: nothing is ever said in between."""

from __future__ import annotations

import pytest

from tests.handlers.faults import (
    Error,
    Fault,
    answered,
    coded,
    denied,
    hooked,
    throttled,
    unreachable,
)
from tests.handlers.invocations import (
    Edit,
    Event,
    edited,
    item,
    judge,
    of_event,
    parameters,
    permissions,
)
from tests.loop.world import World, permission

SSH = permission("tcp", (22, 22), "0.0.0.0/0")

pytestmark = pytest.mark.usefixtures("no_pauses")


@pytest.fixture(scope="module")
def opened(world: World, sent: list[Event]) -> Event:
    """The invocation for a group that was opened to the world."""
    world.group(SSH)
    world.settle()
    return sent[-1]


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

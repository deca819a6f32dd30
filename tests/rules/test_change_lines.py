"""The question that a person reads says every change, and none of the users' own text."""

import pytest

from rules.netlib.plan import Call, Plan
from rules.netlib.words import change_lines, permission_lines


def ranges(*cidrs: str) -> dict[str, object]:
    return {"IpRanges": [{"CidrIp": c, "Description": "CANARY"} for c in cidrs]}


@pytest.mark.parametrize(
    ("permissions", "lines"),
    [
        pytest.param([], [], id="nothing is no line"),
        pytest.param(
            [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **ranges("10.0.0.0/8")}],
            ["tcp 22 from 10.0.0.0/8"],
            id="one port is said once",
        ),
        pytest.param(
            [
                {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 21, **ranges("0.0.0.0/0")},
                {"IpProtocol": "tcp", "FromPort": 23, "ToPort": 65535, **ranges("0.0.0.0/0")},
            ],
            ["tcp 0-21, 23-65535 from 0.0.0.0/0"],
            id="ranges of the same sources share a line",
        ),
        pytest.param(
            [{"IpProtocol": "-1", **ranges("10.0.0.0/8", "192.168.0.0/16")}],
            ["all protocols from 10.0.0.0/8, 192.168.0.0/16"],
            id="all protocols have no ports",
        ),
        pytest.param(
            [{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, **ranges("0.0.0.0/0")}],
            ["icmp from 0.0.0.0/0"],
            id="ICMP types are no ports",
        ),
        pytest.param(
            [
                {
                    "IpProtocol": "udp",
                    "FromPort": 53,
                    "ToPort": 53,
                    "PrefixListIds": [{"PrefixListId": "pl-1"}],
                    "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                }
            ],
            ["udp 53 from ::/0, pl-1"],
            id="every kind of source is named",
        ),
    ],
)
def test_permissions_are_said_in_lines(
    permissions: list[dict[str, object]], lines: list[str]
) -> None:
    assert permission_lines(permissions) == lines


def test_plan_says_what_comes_and_what_goes() -> None:
    added = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, **ranges("10.0.0.0/8")}
    gone = {
        "SecurityGroupRuleId": "sgr-1",
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "CidrIpv4": "0.0.0.0/0",
        "Description": "CANARY",
    }
    plan = Plan(
        "MEND",
        "because",
        (
            Call("AuthorizeSecurityGroupIngress", {"GroupId": "sg-1", "IpPermissions": [added]}),
            Call("RevokeSecurityGroupIngress", {"GroupId": "sg-1"}),
        ),
        (gone,),
    )
    assert change_lines(plan) == ["+ tcp 22 from 10.0.0.0/8", "- tcp 22 from 0.0.0.0/0"]

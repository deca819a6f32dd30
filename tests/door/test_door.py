"""With boto3 and a port alone a user sees what he opens closed again, and his own rules stay."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

START = "import sys; from netmend.cli import main; sys.exit(main())"
READY = re.compile(r"ready (http://127\.0\.0\.1:\d+)\n")
PATIENCE = 60.0
HALVES = ("0.0.0.0/1", "128.0.0.0/1")
Permission = dict[str, Any]


class Door:
    """A sandbox in a process of its own."""

    def __init__(self, *options: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", START, "sandbox", "--port", "0", *options],
            stdout=subprocess.PIPE,
            text=True,
            env={"PATH": os.environ["PATH"], "AWS_PROFILE": "of-another-life"},
        )
        assert self.process.stdout is not None
        ready = READY.fullmatch(self.process.stdout.readline())
        assert ready, "the first line on stdout is the ready line"
        self.url = ready[1]

    def client(self, service: str, key: str = "anything", secret: str = "goes") -> Any:
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
        )

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        with self.process as process:
            return process.wait(timeout=PATIENCE)


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    opened = Door("--deploy", "--mode", "enforce")
    yield opened
    assert opened.end() == 0


def rule(protocol: str, low: int | None, high: int | None, *cidrs: str) -> Permission:
    made: Permission = {"IpProtocol": protocol, "IpRanges": [{"CidrIp": c} for c in cidrs]}
    return made if low is None else {**made, "FromPort": low, "ToPort": high}


def listed(ec2: Any) -> Permission:
    made = ec2.create_managed_prefix_list(
        PrefixListName="everybody",
        AddressFamily="IPv4",
        MaxEntries=2,
        Entries=[{"Cidr": half} for half in HALVES],
    )
    found = {"PrefixListId": made["PrefixList"]["PrefixListId"]}
    return {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "PrefixListIds": [found]}


def over_ipv6(_: Any) -> Permission:
    return {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
    }


def sources(door: Door, group: str) -> set[tuple[str, int, int, str]]:
    found = door.client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"]
    return {
        (
            r["IpProtocol"],
            r.get("FromPort", -1),
            r.get("ToPort", -1),
            r.get("CidrIpv4") or r.get("CidrIpv6") or r.get("PrefixListId"),
        )
        for r in found
        if not r["IsEgress"]
    }


def run_for(door: Door, group: str) -> Any:
    ssm = door.client("ssm")
    for found in ssm.describe_automation_executions()["AutomationExecutionMetadataList"]:
        run = ssm.get_automation_execution(AutomationExecutionId=found["AutomationExecutionId"])[
            "AutomationExecution"
        ]
        if run["Parameters"]["ResourceId"] == [group]:
            return run
    return None


def compliance(door: Door, group: str) -> list[str]:
    found = door.client("config").get_compliance_details_by_resource(
        ResourceType="AWS::EC2::SecurityGroup", ResourceId=group
    )["EvaluationResults"]
    return [result["ComplianceType"] for result in found]


def wait_until_mended(door: Door, group: str, *, approve: bool) -> Any:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        run = run_for(door, group)
        status = run["AutomationExecutionStatus"] if run else ""
        if status == "Waiting" and approve:
            door.client("ssm").send_automation_signal(
                AutomationExecutionId=run["AutomationExecutionId"], SignalType="Approve"
            )
            approve = False
        if status == "Success" and compliance(door, group) == ["COMPLIANT"]:
            return run
        time.sleep(0.05)
    raise AssertionError(f"not mended: {run and run.get('FailureMessage')}")


@pytest.mark.parametrize(
    "opens",
    [
        pytest.param(lambda _: rule("tcp", 22, 22, "0.0.0.0/0"), id="SSH from anywhere"),
        pytest.param(lambda _: rule("tcp", 3389, 3389, *HALVES), id="RDP in two halves"),
        pytest.param(over_ipv6, id="SSH over IPv6"),
        pytest.param(lambda _: rule("tcp", 0, 65535, "0.0.0.0/0"), id="all TCP ports"),
        pytest.param(lambda _: rule("-1", None, None, "0.0.0.0/0"), id="all protocols"),
        pytest.param(listed, id="through a prefix list"),
    ],
)
def test_opened_group_is_closed_and_keeps_its_own(door: Door, opens: Any) -> None:
    ec2 = door.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    own = [rule("udp", 4789, 4789, "192.0.2.0/24"), rule("tcp", 443, 443, "198.51.100.7/32")]
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=own)
    kept = sources(door, group)
    drift = opens(ec2)
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[drift])
    wait_until_mended(door, group, approve=drift["IpProtocol"] == "-1")
    now = sources(door, group)
    assert kept <= now
    guarded = [r for r in now if r[1] <= 22 <= r[2] and r[0] in ("tcp", "-1")]
    assert not {r[3] for r in guarded} & {"0.0.0.0/0", "::/0", *HALVES}


def test_reset_empties_every_account(door: Door) -> None:
    again = Door()
    made = again.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    request = urllib.request.Request(f"{again.url}/moto-api/reset", data=b"", method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    vpcs = [v["VpcId"] for v in again.client("ec2").describe_vpcs()["Vpcs"]]
    assert made not in vpcs
    assert again.end(signal.SIGINT) == 0


def test_taken_port_is_one_clear_line(door: Door) -> None:
    port = door.url.rpartition(":")[2]
    found = subprocess.run(
        [sys.executable, "-c", START, "sandbox", "--port", port],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 1
    assert found.stderr.count("\n") == 1
    assert f"port {port} is taken" in found.stderr

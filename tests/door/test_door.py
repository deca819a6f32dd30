"""With boto3 and a port alone a user sees what he opens closed again, and his own rules stay."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from netmend.cli import main

START = "import sys; from netmend.cli import main; sys.exit(main())"
READY = re.compile(r"ready (http://127\.0\.0\.1:\d+)\n")
PATIENCE = 60.0
RULE, DOCUMENT = "netmend-security-group-no-public-ingress", "Netmend-RevokePublicIngress"
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
        if (run["DocumentName"], run["Parameters"]["ResourceId"]) == (DOCUMENT, [group]):
            return run
    return None


def compliance(door: Door, group: str) -> list[str]:
    """What the runbook's rule says of the group."""
    found = door.client("config").get_compliance_details_by_resource(
        ResourceType="AWS::EC2::SecurityGroup", ResourceId=group
    )["EvaluationResults"]
    names = [r["EvaluationResultIdentifier"]["EvaluationResultQualifier"] for r in found]
    return [
        result["ComplianceType"]
        for result, name in zip(found, names, strict=True)
        if name["ConfigRuleName"].startswith(RULE)
    ]


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


def test_checks_of_a_real_account_pass_by_the_door(
    door: Door, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", door.url)
    asked = ["verify", "--live", "--yes", "--timeout", "1", "--only", "1,3,5,13"]
    assert main(asked) == 0
    out, err = capsys.readouterr()
    assert "4 passed, 0 failed, 0 not checked." in out
    assert "ec2 DeleteSecurityGroup GroupId=sg-" in err


JSON = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded"


def signed(service: str, region: str = "us-east-1") -> str:
    scope = f"a/20260101/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"


def parameter(body: bytes) -> tuple[dict[str, str], bytes]:
    target = {"X-Amz-Target": "AmazonSSM.GetParameter", "Content-Type": JSON}
    return {"Authorization": signed("ssm"), **target}, body


def put_rule(body: bytes) -> tuple[dict[str, str], bytes]:
    target = {"X-Amz-Target": "StarlingDoveService.PutConfigRule", "Content-Type": JSON}
    return {"Authorization": signed("config"), **target}, body


MALFORMED = {
    "without a signature": ({}, b"x", 403),
    "with a signature of one word": ({"Authorization": "AWS4-HMAC-SHA256"}, b"", 403),
    "with a short credential": ({"Authorization": "AWS4-HMAC-SHA256 Credential=a/b"}, b"", 403),
    "for DynamoDB without a target": ({"Authorization": signed("dynamodb")}, b"{}", 403),
    "with a Region that is none": (
        {"Authorization": signed("ec2", "us-nowhere-9"), "Content-Type": FORM},
        b"Action=DescribeVpcs&Version=2016-11-15",
        403,
    ),
    "with a body that is no JSON": (*parameter(b"{bad"), 400),
    "with a body that is no text": (*parameter(b"\xff\xfe"), 400),
    "with a body that is a list": (*parameter(b"[]"), 400),
    "without a parameter that is required": (*parameter(b"{}"), 400),
    "with a list for a structure": (*put_rule(b'{"ConfigRule": [1]}'), 400),
    "with a text for a number": (
        {"Authorization": signed("ec2"), "Content-Type": FORM},
        b"Action=CreateManagedPrefixList&Version=2016-11-15&MaxEntries=many",
        400,
    ),
    "of a service that AWS does not have": ({"Authorization": signed("nope")}, b"", 501),
    "of a form to a service that takes none": ({"Authorization": signed("lambda")}, b"{", 501),
}


@pytest.mark.parametrize(("headers", "body", "status"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_request_is_answered_clearly(
    door: Door, headers: dict[str, str], body: bytes, status: int
) -> None:
    request = urllib.request.Request(door.url, data=body, headers=headers, method="POST")
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as answer:
        text = answer.read().decode()
    assert answer.code == status
    assert "<html" not in text
    assert text.strip()


UNDONE = {
    "json": ("ssm", lambda c: c.describe_ops_items()),
    "json, by our own word": ("ssm", lambda c: c.send_command(DocumentName="AWS-RunShellScript")),
    "query": ("iam", lambda c: c.list_organizations_features()),
    "ec2": ("ec2", lambda c: c.describe_export_tasks()),
    "rest-json": ("bedrock-runtime", lambda c: c.converse(modelId="m", messages=[])),
    "rest-xml": ("cloudfront", lambda c: c.list_cache_policies()),
    "a service that moto lacks": ("chime", lambda c: c.list_accounts()),
    "a json service that moto lacks": ("cloudhsm", lambda c: c.list_hapgs()),
}


@pytest.mark.parametrize(("service", "ask"), UNDONE.values(), ids=UNDONE)
def test_what_the_sandbox_lacks_is_refused_in_words(door: Door, service: str, ask: Any) -> None:
    with pytest.raises(ClientError) as caught:
        ask(door.client(service))
    found = caught.value.response
    assert found["Error"]["Code"] == "NotImplemented"
    assert found["Error"]["Message"].strip()
    assert found["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert found["ResponseMetadata"]["RetryAttempts"] == 0
    assert found["ResponseMetadata"]["RequestId"]


def test_a_service_of_two_words_is_reached(door: Door) -> None:
    assert door.client("cognito-idp").list_user_pools(MaxResults=1)["UserPools"] == []
    assert door.client("sesv2").list_contact_lists()["ContactLists"] == []


BLOCK = "http://awss3control.amazonaws.com/doc/2018-08-20/"


def test_an_account_s_public_access_block_is_reached(door: Door) -> None:
    # Raw, for boto3 would put the account before the loopback address, which no resolver knows.
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    flags = "".join(f"<{name}>true</{name}>" for name in names)
    root = "PublicAccessBlockConfiguration"
    body = f'<{root} xmlns="{BLOCK}">{flags}</{root}>'.encode()
    headers = {
        "Authorization": signed("s3"),
        "Content-Type": "application/xml",
        "X-Amz-Account-Id": "123456789012",
    }
    url = f"{door.url}/v20180820/configuration/publicAccessBlock"
    asked = (("PUT", body), ("GET", None))
    requests = [
        urllib.request.Request(url, data=data, headers=headers, method=method)
        for method, data in asked
    ]
    answers = []
    for request in requests:
        with urllib.request.urlopen(request) as answer:
            answers.append((answer.status, answer.read().decode()))
    assert [status for status, _ in answers] == [200, 200]
    assert all(f"<{name}>true</{name}>" in answers[1][1].replace("True", "true") for name in names)

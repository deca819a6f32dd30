"""`netmend deploy` shows what it will do, asks, says each call first, and ends with a code."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import StringIO

import boto3
import pytest

from netmend import catalog, cli
from netmend.sandbox.cloudformation.model import Stacks
from netmend.sandbox.core import Sandbox

Shown = pytest.CaptureFixture[str]
WHERE = "123456789012/us-east-1"
AS = f"{WHERE} as arn:aws:iam::123456789012:user/administrator\n"
LINES = 18
"""The line on AWS Config, three on stacks, and fourteen calls."""

RULES = catalog.load()
WATCHED = ", ".join(sorted({kind for one in RULES.controls for kind in one.resource_types}))
ROLES = len(RULES.runbooks) + 3
"""Of each runbook, of the two functions, and of what starts runbooks."""


class Terminal(StringIO):
    """A stream at which somebody sits."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def stacks() -> list[str]:
    found = boto3.client("cloudformation").describe_stacks()["Stacks"]
    return [s["StackName"] for s in found if s["StackName"].startswith("netmend-")]


def test_a_dry_run_shows_every_call_as_its_result_and_makes_none(capsys: Shown) -> None:
    assert cli.main(["deploy", "--dry-run"]) == 2
    out, err = capsys.readouterr()
    assert err == AS
    lines = out.splitlines()
    assert len(lines) == LINES
    assert lines[:2] == [
        f"  AWS Config records {WATCHED} here",
        "  netmend-roles: create",
    ]
    bucket = "netmend-artifacts-123456789012-us-east-1"
    assert lines[4] == f"   1  s3:CreateBucket {bucket} (for the code and the templates)"
    assert lines[-1].startswith("  14  cloudformation:ExecuteChangeSet netmend-remediation (")
    assert (stacks(), boto3.client("s3").list_buckets()["Buckets"]) == ([], [])


def test_without_a_terminal_and_yes_nothing_is_done(capsys: Shown) -> None:
    assert cli.main(["deploy"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith("nothing was done: nobody is at a terminal to ask - add --yes\n")
    assert stacks() == []


ANSWERS = {"y": ("y\n", True), "n": ("n\n", False), "the end of input": ("", False)}


@pytest.mark.parametrize(("typed", "done"), ANSWERS.values(), ids=ANSWERS.keys())
def test_a_terminal_is_asked(typed: str, done: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    assert cli.main(["deploy"]) == (0 if done else 2)
    assert "make these 14 calls? [y/N] " in shown.getvalue()
    assert bool(stacks()) is done


def test_it_says_each_call_first_and_then_what_stands(capsys: Shown) -> None:
    assert cli.main(["deploy", "--yes", "--approvers", "ann, bob", "--mode", "approve"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"deployed: {WHERE}, mode approve, approvers: ann,bob",
        "  ApprovalTopicArn arn:aws:sns:us-east-1:123456789012:Automation-netmend-approvals",
        "  EvidenceBucketName netmend-evidence-123456789012-us-east-1",
        "  NotificationTopicArn arn:aws:sns:us-east-1:123456789012:netmend-notifications",
    ]
    told = [line for line in err.splitlines()[1 + LINES :] if not line.startswith(" ")]
    planned = [line.split(maxsplit=1)[1] for line in err.splitlines()[5 : 1 + LINES]]
    assert told == planned
    assert f"  netmend-roles: {ROLES} to create" in err.splitlines()


def test_what_is_as_wished_is_left_alone(capsys: Shown) -> None:
    cli.main(["deploy", "--yes"])
    capsys.readouterr()
    for arguments in (["deploy"], ["deploy", "--dry-run"], ["deploy", "--mode", "observe"]):
        assert cli.main(arguments) == 0
        out, err = capsys.readouterr()
        assert out.startswith(f"nothing to change: {WHERE}, mode observe, approvers: none\n")
        assert err == AS


REFUSED: dict[str, tuple[list[str], int, str]] = {
    "enforce before the checks": (
        ["--mode", "enforce", "--yes"],
        1,
        "netmend: enforce is refused until `netmend verify --live` has passed in this account and "
        "Region - deploy with --mode observe, then run netmend verify --live",
    ),
    "a setting that no stack has": (
        ["--set", "GuardedPort=22", "--yes"],
        64,
        "netmend: no stack has a parameter GuardedPort - did you mean GuardedPorts?",
    ),
    "an approver that is no name": (
        ["--approvers", "a b", "--yes"],
        64,
        "netmend: --approvers=a b: that can't be - must be names or ARNs of IAM users and roles",
    ),
    "more approvers than a runbook asks": (
        ["--approvers", ",".join("abcdefghijk"), "--yes"],
        64,
        "netmend: 11 approvers, a runbook asks 10 - name a role",
    ),
    "removal with a mode": (
        ["--remove", "--mode", "off"],
        64,
        "netmend: --remove takes no --mode, --approvers or --set - leave them out",
    ),
    "a word that is no mode": (
        ["--mode", "on"],
        64,
        "netmend: invalid value for '--mode': 'on' is not one of 'off', 'observe', 'approve', "
        "'enforce' - see netmend deploy --help",
    ),
}


@pytest.mark.parametrize(("options", "code", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused_in_one_line(
    options: list[str], code: int, line: str, capsys: Shown
) -> None:
    assert cli.main(["deploy", *options]) == code
    out, err = capsys.readouterr()
    assert (out, err.removeprefix(AS)) == ("", f"{line}\n")
    assert boto3.client("s3").list_buckets()["Buckets"] == []


def test_a_recorder_that_is_off_is_told_by_a_dry_run_too(capsys: Shown) -> None:
    config = boto3.client("config")
    config.stop_configuration_recorder(ConfigurationRecorderName="default")
    line = (
        "netmend: the recorder default of AWS Config is off - let it record "
        f"{WATCHED} continuously\n"
    )
    assert cli.main(["deploy", "--dry-run"]) == 1
    out, err = capsys.readouterr()
    assert (len(out.splitlines()), err) == (LINES - 1, AS + line)
    assert cli.main(["deploy", "--yes"]) == 1
    assert capsys.readouterr() == ("", AS + line)


def test_a_failure_says_what_failed_and_that_the_next_run_goes_on(capsys: Shown) -> None:
    boto3.client("sqs").create_queue(QueueName="netmend-start-dlq")
    assert cli.main(["deploy", "--yes"]) == 1
    last = capsys.readouterr().err.splitlines()[-2:]
    assert last[0] == "not finished: run it again, it goes on from what stands"
    assert last[1].startswith("netmend: stack netmend-remediation: StartDeadLetters (AWS::SQS::")


def test_it_goes_and_says_what_stays(capsys: Shown) -> None:
    cli.main(["deploy", "--yes"])
    capsys.readouterr()
    assert cli.main(["deploy", "--remove", "--dry-run"]) == 2
    out, _ = capsys.readouterr()
    assert "   2  cloudformation:DeleteStack netmend-remediation" in out.splitlines()
    assert cli.main(["deploy", "--remove"]) == 2
    assert len(stacks()) == 3
    capsys.readouterr()
    assert cli.main(["deploy", "--remove", "--yes"]) == 0
    out, _ = capsys.readouterr()
    first, *kept = out.splitlines()
    assert first == f"removed from {WHERE}"
    assert kept[0].startswith("stays: bucket netmend-evidence-123456789012-us-east-1")
    assert cli.main(["deploy", "--remove"]) == 0
    again, err = capsys.readouterr()
    assert again.splitlines() == [f"nothing is there to remove in {WHERE}", *kept]
    assert err == AS


def test_where_nothing_ever_was_there_is_nothing_to_remove(capsys: Shown) -> None:
    assert cli.main(["deploy", "--remove", "--yes"]) == 0
    assert capsys.readouterr() == (f"nothing is there to remove in {WHERE}\n", AS)


def test_a_dry_run_does_not_wait(sandbox: Sandbox, capsys: Shown) -> None:
    cli.main(["deploy", "--yes"])
    live = sandbox.state(Stacks, "123456789012", "us-east-1").live
    live["netmend-detection"].status = "UPDATE_IN_PROGRESS"
    capsys.readouterr()
    assert cli.main(["deploy", "--dry-run", "--mode", "off"]) == 2
    out, _ = capsys.readouterr()
    lines = [line for line in out.splitlines() if "netmend-" in line]
    assert lines[:3] == [
        "  netmend-roles: as it is",
        "  netmend-detection: UPDATE_IN_PROGRESS, what is to be done shows when that has ended",
        "  netmend-remediation: update (Mode from observe to off)",
    ]
    assert "netmend-detection" not in "".join(lines[3:])


def test_a_user_who_may_not_is_told_which_right_he_lacks(
    monkeypatch: pytest.MonkeyPatch, capsys: Shown
) -> None:
    iam = boto3.client("iam")
    iam.create_user(UserName="ann")
    nothing = {"Effect": "Deny", "Action": "cloudformation:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
    iam.put_user_policy(UserName="ann", PolicyName="none", PolicyDocument=document)
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
    monkeypatch.delenv("AWS_SESSION_TOKEN")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    assert cli.main(["deploy", "--yes"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "netmend: AWS refused DescribeStacks: AccessDenied: User: " in err
    assert "user/ann is not authorized to perform: cloudformation:DescribeStacks" in err

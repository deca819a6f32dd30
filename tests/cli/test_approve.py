"""Only a waiting question is answered, by one of its approvers, after it was shown."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from netmend import cli
from netmend.commands.approve import is_named

EXECUTION = "73c8eef8-f4ee-4a05-820c-e354fd6a1b7f"
APPROVER = "arn:aws:iam::123456789012:user/network/demo-approver"
QUESTION = "Revoke every protocol from 0.0.0.0/0 on sg-1?"
WAITING = {
    "StepName": "Approve",
    "Action": "aws:approve",
    "StepStatus": "Waiting",
    "Inputs": {
        "Message": json.dumps(QUESTION),
        "Approvers": json.dumps(["demo-approver", "arn:aws:iam::123456789012:role/Net"]),
    },
}
PLANNED = {"StepName": "Plan", "Action": "aws:invokeLambdaFunction", "StepStatus": "Success"}


class Stubs:
    """Botocore's own stubs: what is asked and answered must have AWS's shapes."""

    def __init__(self) -> None:
        self.clients: dict[str, Any] = {name: boto3.client(name) for name in ("ssm", "sts")}
        self.ssm, self.sts = (Stubber(client) for client in self.clients.values())

    def finds(self, status: str, *steps: dict[str, Any]) -> None:
        execution = {"AutomationExecutionStatus": status, "StepExecutions": list(steps)}
        self.ssm.add_response(
            "get_automation_execution",
            {"AutomationExecution": execution},
            {"AutomationExecutionId": EXECUTION},
        )

    def caller(self, arn: str) -> None:
        self.sts.add_response("get_caller_identity", {"Arn": arn})

    def takes(self, signal: str, **payload: Any) -> None:
        asked = {"AutomationExecutionId": EXECUTION, "SignalType": signal, **payload}
        self.ssm.add_response("send_automation_signal", {}, asked)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubs]:
    stubs = Stubs()
    monkeypatch.setattr("boto3.client", lambda name, **_: stubs.clients[name])
    with stubs.ssm, stubs.sts:
        yield stubs
        stubs.ssm.assert_no_pending_responses()
        stubs.sts.assert_no_pending_responses()


def test_the_question_is_shown_and_answered(aws: Stubs, capsys: pytest.CaptureFixture[str]) -> None:
    aws.finds("Waiting", PLANNED, WAITING)
    aws.caller(APPROVER)
    aws.takes("Approve")
    assert cli.main(["approve", EXECUTION]) == 0
    assert capsys.readouterr() == (f"approved {EXECUTION}\n", f"{QUESTION}\n")


def test_a_rejection_carries_its_comment(aws: Stubs, capsys: pytest.CaptureFixture[str]) -> None:
    aws.finds("Waiting", WAITING)
    aws.caller(APPROVER)
    aws.takes("Reject", Payload={"Comment": ["not tonight"]})
    assert cli.main(["approve", EXECUTION, "--reject", "--comment", "not tonight"]) == 0
    assert capsys.readouterr().out == f"rejected {EXECUTION}\n"


class Terminal(StringIO):
    """Standard input at which somebody sits."""

    def isatty(self) -> bool:
        return True


TYPED = {
    "y": ("y\n", [], True),
    "yes in capitals": ("YES\n", [], True),
    "n": ("n\n", [], False),
    "nothing": ("\n", [], False),
    "another word": ("yellow\n", [], False),
    "the end of input": ("", [], False),
    "a rejection confirmed": ("y\n", ["--reject"], True),
    "a rejection not confirmed": ("n\n", ["--reject"], False),
}


@pytest.mark.parametrize(("typed", "options", "sent"), TYPED.values(), ids=TYPED.keys())
def test_on_a_terminal_the_plan_is_read_before_it_is_answered(
    typed: str,
    options: list[str],
    sent: bool,
    aws: Stubs,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(typed))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    aws.finds("Waiting", WAITING)
    aws.caller(APPROVER)
    signal, word = ("Reject", "reject") if options else ("Approve", "approve")
    if sent:
        aws.takes(signal)
    assert cli.main(["approve", EXECUTION, *options]) == (0 if sent else 2)
    told = capsys.readouterr()
    asked = f"{QUESTION}\n{word}? [y/N] "
    left = f"{EXECUTION} was not answered, it still waits\n"
    assert told.err == (asked if sent else asked + left)
    assert bool(told.out) == sent


@pytest.mark.parametrize(
    ("typed", "terminal", "options"),
    [
        pytest.param(Terminal("n\n"), True, ["--yes"], id="with --yes"),
        pytest.param(StringIO("n\n"), True, [], id="with piped input"),
        pytest.param(Terminal("n\n"), False, [], id="with stderr in a file"),
    ],
)
def test_nothing_is_asked(
    typed: StringIO,
    terminal: bool,
    options: list[str],
    aws: Stubs,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", typed)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    aws.finds("Waiting", WAITING)
    aws.caller(APPROVER)
    aws.takes("Approve")
    assert cli.main(["approve", EXECUTION, *options]) == 0
    assert capsys.readouterr() == (f"approved {EXECUTION}\n", f"{QUESTION}\n")


def test_a_stranger_is_refused_before_anything_is_sent(
    aws: Stubs, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.finds("Waiting", WAITING)
    aws.caller("arn:aws:iam::123456789012:user/eve")
    assert cli.main(["approve", EXECUTION]) == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        "netmend: arn:aws:iam::123456789012:user/eve may not answer: the approvers are"
        " demo-approver, arn:aws:iam::123456789012:role/Net - sign in as one of them"
    )


def test_an_execution_that_has_ended_is_not_answered(
    aws: Stubs, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.finds("Success", PLANNED, {**WAITING, "StepStatus": "Success"})
    assert cli.main(["approve", EXECUTION]) == 1
    assert capsys.readouterr() == (
        "",
        f"netmend: execution {EXECUTION} waits for no approval: it is Success"
        " - only an execution that is Waiting at its Approve step can be answered\n",
    )


REFUSED = {
    "an unknown execution": (
        "AutomationExecutionNotFoundException",
        f"netmend: no automation execution {EXECUTION} in us-east-1"
        " - check the id, AWS_REGION and account\n",
    ),
    "a caller without permission": (
        "AccessDeniedException",
        "netmend: AWS refused GetAutomationExecution: AccessDeniedException: no"
        " - ask for that permission, or sign in as somebody who has it\n",
    ),
}


@pytest.mark.parametrize(("code", "line"), REFUSED.values(), ids=REFUSED.keys())
def test_what_aws_refuses_is_told_in_one_line(
    code: str, line: str, aws: Stubs, capsys: pytest.CaptureFixture[str]
) -> None:
    aws.ssm.add_client_error("get_automation_execution", code, "no")
    assert cli.main(["approve", EXECUTION]) == 1
    assert capsys.readouterr() == ("", line)


def test_an_id_that_is_none_is_an_unknown_execution(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["approve", "sg-1"]) == 1
    assert capsys.readouterr() == (
        "",
        "netmend: no automation execution sg-1 in us-east-1"
        " - check the id, AWS_REGION and account\n",
    )


def test_no_region_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert cli.main(["approve", EXECUTION]) == 1
    assert capsys.readouterr() == (
        "",
        "netmend: You must specify a region - set AWS_REGION\n",
    )


REGIONS = {
    "AWS_REGION alone": ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
    "AWS_DEFAULT_REGION alone": ({"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
    "both": ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
    "an empty AWS_REGION": ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
    "a profile": ({}, "eu-west-3"),
}


@pytest.mark.parametrize(("settings", "region"), REGIONS.values(), ids=REGIONS.keys())
def test_the_region_that_is_set_is_asked(
    settings: dict[str, str],
    region: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    profile = tmp_path / "config"
    profile.write_text("[default]\nregion = eu-west-3\n")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(profile))
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)  # it has read the settings of before
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["approve", "sg-1"]) == 1
    assert f"no automation execution sg-1 in {region} " in capsys.readouterr().err


USER = "arn:aws:iam::1:user/net/ann"
SESSION = "arn:aws:sts::1:assumed-role/Net/ann"
NAMED = {
    "a user by name": (USER, "ann", True),
    "a user by ARN": (USER, USER, True),
    "a user by the name of a folder": (USER, "net", False),
    "a user of another account": (USER, "arn:aws:iam::2:user/net/ann", False),
    "a session by its role": (SESSION, "arn:aws:iam::1:role/Net", True),
    "a session by its role with a path": (SESSION, "arn:aws:iam::1:role/a/b/Net", True),
    "a session by its own ARN": (SESSION, SESSION, True),
    "a session by its name alone": (SESSION, "ann", False),
    "a session of a role that ends alike": (SESSION, "arn:aws:iam::1:role/MyNet", False),
    "a session by a role of another account": (SESSION, "arn:aws:iam::2:role/Net", False),
    "the root user by a user's name": ("arn:aws:iam::1:root", "root", False),
    "a role in another partition": (
        "arn:aws-us-gov:sts::1:assumed-role/Net/x",
        "arn:aws-us-gov:iam::1:role/Net",
        True,
    ),
}


@pytest.mark.parametrize(("caller", "approver", "named"), NAMED.values(), ids=NAMED.keys())
def test_an_approver_is_recognised(caller: str, approver: str, named: bool) -> None:
    assert is_named(caller, approver) is named

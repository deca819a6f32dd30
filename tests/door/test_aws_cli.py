"""The AWS CLI deploys the templates to the sandbox, makes drift, looks on and approves the mend."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from netmend import bundle
from netmend.cli import main
from tests.door.test_door import Door

ROOT = Path(__file__).resolve().parents[2]
CLI = ROOT / ".venv-aws-cli" / "bin" / "aws"
PATIENCE = 60.0
OWNER = "arn:aws:iam::123456789012:user/administrator"
GROUP_TYPE = "AWS::EC2::SecurityGroup"

pytestmark = pytest.mark.skipif(not CLI.exists(), reason="make aws-cli installs the AWS CLI")


class Terminal:
    """A shell in which the AWS CLI is set to the sandbox; every command must end well."""

    def __init__(self, url: str, home: Path) -> None:
        self._settings = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(home),
            "AWS_ENDPOINT_URL": url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "thing",
            "AWS_PAGER": "",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [str(CLI), *words], capture_output=True, text=True, env=self._settings, timeout=PATIENCE
        )
        assert done.returncode == 0, f"aws {' '.join(words)}: {done.stderr}"
        return done.stdout

    def ask(self, *words: str, query: str) -> Any:
        return json.loads(self.run(*words, "--query", query, "--output", "json"))

    def wait(self, ready: Callable[[], Any]) -> Any:
        """What `ready` gives as soon as it is true."""
        end = time.monotonic() + PATIENCE
        while not (found := ready()):
            assert time.monotonic() < end, "it never came to that"
            time.sleep(0.2)
        return found


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    door = Door()
    try:
        yield Terminal(door.url, tmp_path)
    finally:
        assert door.end() == 0


def deploy(terminal: Terminal, code: Path) -> None:
    code.write_bytes(bundle.build_bytes())
    terminal.run("s3", "mb", "s3://netmend-code")
    terminal.run("s3", "cp", str(code), "s3://netmend-code/netmend.zip")
    place = ("CodeBucket=netmend-code", "CodeKey=netmend.zip")
    asking = ("Mode=approve", f"Approvers={OWNER}")
    for name, parameters in (
        ("roles", ()),
        ("detection", place),
        ("remediation", (*place, *asking)),
    ):
        overrides = ("--parameter-overrides", *parameters) if parameters else ()
        template = str(ROOT / "cloudformation" / f"{name}.yaml")
        terminal.run(
            *("cloudformation", "deploy", "--stack-name", f"netmend-{name}"),
            *("--template-file", template, "--capabilities", "CAPABILITY_NAMED_IAM"),
            *overrides,
        )


def compliance(terminal: Terminal, group: str) -> list[str]:
    found = terminal.ask(
        *("configservice", "get-compliance-details-by-resource"),
        *("--resource-type", GROUP_TYPE, "--resource-id", group),
        query="EvaluationResults[].ComplianceType",
    )
    return [str(one) for one in found]


def test_the_aws_cli_deploys_makes_drift_looks_and_approves(
    terminal: Terminal, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deploy(terminal, tmp_path / "netmend.zip")
    group = terminal.ask(
        *("ec2", "create-security-group", "--group-name", "lab", "--description", "lab"),
        query="GroupId",
    )
    terminal.run(
        *("ec2", "authorize-security-group-ingress", "--group-id", group),
        *("--protocol", "tcp", "--port", "22", "--cidr", "0.0.0.0/0"),
    )

    def waiting() -> list[str]:
        return list(
            terminal.ask(
                *("ssm", "describe-automation-executions"),
                query="AutomationExecutionMetadataList[?AutomationExecutionStatus=='Waiting']"
                ".AutomationExecutionId",
            )
        )

    (execution,) = terminal.wait(waiting)
    assert compliance(terminal, group) == ["NON_COMPLIANT"]
    current = ("ssm", "get-automation-execution", "--automation-execution-id", execution)
    assert terminal.ask(*current, query="AutomationExecution.CurrentStepName") == "Approve"

    terminal.run(
        *("ssm", "send-automation-signal", "--automation-execution-id", execution),
        *("--signal-type", "Approve", "--payload", "Comment=[fine]"),
    )
    status = "AutomationExecution.AutomationExecutionStatus"
    terminal.wait(lambda: terminal.ask(*current, query=status) == "Success")
    terminal.wait(lambda: compliance(terminal, group) == ["COMPLIANT"])
    open_to = terminal.ask(
        *("ec2", "describe-security-group-rules", "--filters", f"Name=group-id,Values={group}"),
        query="SecurityGroupRules[?!IsEgress].CidrIpv4",
    )
    assert "0.0.0.0/0" not in open_to
    assert "10.0.0.0/8" in open_to

    evidence = tmp_path / "evidence"
    bucket = "s3://netmend-evidence-123456789012-us-east-1"
    terminal.run("s3", "sync", bucket, str(evidence))
    assert main(["evidence", "verify", str(evidence)]) == 0
    assert "3 records" in capsys.readouterr().out

"""Scripts in runbooks, in the process of the sandbox or in one of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door

ENDS = ("Success", "Failed", "TimedOut", "Cancelled")
PATIENCE = 600  # looks, a twentieth of a second apart

Execute = Callable[..., dict[str, Any]]


@dataclass
class Runbooks:
    """Documents of one script, run through the API."""

    sandbox: Sandbox
    count: int = 0

    def start(self, script: str, *, role: bool = True, step: Any = None, **more: Any) -> str:
        """Start a document of one script; the execution's id."""
        self.count += 1
        name = f"Script-{self.count}"
        ssm = self.sandbox.client("ssm")
        inputs = {"Runtime": "python3.11", "Handler": "main", "Script": script}
        inputs |= more.pop("inputs", {})
        body = {
            "schemaVersion": "0.3",
            "mainSteps": [
                {
                    "name": "Run",
                    "action": "aws:executeScript",
                    "inputs": {key: value for key, value in inputs.items() if value is not None},
                    **(step or {}),
                }
            ],
            **more.pop("top", {}),
        }
        if role:
            body["assumeRole"] = self.role()
        ssm.create_document(Content=json.dumps(body), Name=name, DocumentType="Automation", **more)
        started = ssm.start_automation_execution(DocumentName=name)
        return str(started["AutomationExecutionId"])

    def run(self, script: str, **more: Any) -> dict[str, Any]:
        """Run it to its end; the AutomationExecution structure."""
        return self.ended(self.start(script, **more))

    def ended(self, execution_id: str) -> dict[str, Any]:
        """Wait for the end of an execution."""
        for _ in range(PATIENCE):
            if self.sandbox.endpoint_url is None:
                self.sandbox.settle()
            found = self.record(execution_id)
            if found["AutomationExecutionStatus"] in ENDS:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{execution_id} does not end")

    def record(self, execution_id: str) -> dict[str, Any]:
        answer = self.sandbox.client("ssm").get_automation_execution(
            AutomationExecutionId=execution_id
        )
        found: dict[str, Any] = answer["AutomationExecution"]
        return found

    def payload(self, script: str, **more: Any) -> Any:
        """What the handler returned; a text is letters alone."""
        found = self.run(script, **more)
        assert found["AutomationExecutionStatus"] == "Success", found.get("FailureMessage")
        [text] = found["StepExecutions"][0]["Outputs"]["Payload"]
        return (
            text if text.isalpha() and text not in ("null", "true", "false") else json.loads(text)
        )

    def role(self) -> str:
        """A role that scripts may look at VPCs with, and nothing else."""
        iam = self.sandbox.client("iam")
        try:
            return str(iam.get_role(RoleName="runs")["Role"]["Arn"])
        except iam.exceptions.NoSuchEntityException:
            pass
        trust = _policy(Principal={"Service": "ssm.amazonaws.com"}, Action="sts:AssumeRole")
        arn = iam.create_role(RoleName="runs", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        allowed = _policy(Action="ec2:DescribeVpcs", Resource="*")
        iam.put_role_policy(RoleName="runs", PolicyName="own", PolicyDocument=allowed)
        return str(arn)


def _policy(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


@pytest.fixture
def door(sandbox: Sandbox) -> Iterator[Door]:
    opened = Door(sandbox).open()
    yield opened
    opened.close()


@pytest.fixture(params=["in process", "at the door"])
def anywhere(request: pytest.FixtureRequest, sandbox: Sandbox) -> Runbooks:
    if request.param == "at the door":
        request.getfixturevalue("door")
    return Runbooks(sandbox)


@pytest.fixture
def inline(sandbox: Sandbox) -> Runbooks:
    return Runbooks(sandbox)


@pytest.fixture
def apart(sandbox: Sandbox, door: Door) -> Runbooks:
    return Runbooks(sandbox)

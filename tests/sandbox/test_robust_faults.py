"""A run with a loop, scripts and a child ends as documented, whichever of its calls fails."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.faults import Cut

START = 1_790_000_000.0  # 2026-09-21T14:13:20Z
PATIENCE = 4_000.0  # longer than any timeout of a step
ROLE_PARAMETER = {"Role": {"type": "AWS::IAM::Role::Arn"}}
SCRIPT = """
import boto3
def handle(events, context):
    return boto3.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
"""
CHILD = {
    "schemaVersion": "0.3",
    "assumeRole": "{{ Role }}",
    "parameters": ROLE_PARAMETER,
    "mainSteps": [
        {
            "name": "Look",
            "action": "aws:executeAwsApi",
            "inputs": {"Service": "ec2", "Api": "DescribeVpcs"},
        }
    ],
}
PARENT = {
    "schemaVersion": "0.3",
    "assumeRole": "{{ Role }}",
    "parameters": ROLE_PARAMETER,
    "mainSteps": [
        {
            "name": "Each",
            "action": "aws:loop",
            "inputs": {
                "Iterators": ["a", "b"],
                "Steps": [
                    {
                        "name": "Make",
                        "action": "aws:executeScript",
                        "inputs": {"Runtime": "python3.11", "Handler": "handle", "Script": SCRIPT},
                    }
                ],
            },
        },
        {
            "name": "Child",
            "action": "aws:executeAutomation",
            "inputs": {"DocumentName": "Child", "RuntimeParameters": {"Role": "{{ Role }}"}},
        },
        {
            "name": "End",
            "action": "aws:executeAwsApi",
            "inputs": {"Service": "ec2", "Api": "DescribeSubnets"},
        },
    ],
}
CALLS = (
    "ec2:CreateVpc",
    "ec2:CreateVpc",
    "ssm:StartAutomationExecution",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
)
"""What the run itself calls, in order."""

FAULTS: dict[str, Callable[[], BaseException]] = {
    "denied": lambda: ApiError("AccessDenied", "no", 403),
    "throttled": lambda: ApiError("ThrottlingException", "slow down", 400),
    "failed": lambda: ApiError("InternalFailure", "oops", 500),
    "cut": lambda: Cut("here"),
}
ENDS = {
    "denied": ["Failed"] * 5,
    # Scripts are tried again by their own boto3, API steps by Automation.
    "throttled": ["Success"] * 5,
    "failed": ["Success", "Success", "Failed", "Failed", "Failed"],
    "cut": ["Failed"] * 5,
}


class World:
    """A sandbox with both runbooks, and a role that may do everything."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.ssm, iam = sandbox.client("ssm"), sandbox.client("iam")
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": "ssm.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
        self.role = iam.create_role(
            RoleName="automation",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust}),
        )["Role"]["Arn"]
        policy = "arn:aws:iam::aws:policy/AdministratorAccess"
        iam.attach_role_policy(RoleName="automation", PolicyArn=policy)
        for name, content in {"Child": CHILD, "Parent": PARENT}.items():
            self.ssm.create_document(
                Name=name, Content=json.dumps(content), DocumentType="Automation"
            )

    def run(self, fault: Fault) -> str:
        """Start the parent, let the fault happen, and tell how the run has ended."""
        started = self.ssm.start_automation_execution(
            DocumentName="Parent", Parameters={"Role": [self.role]}
        )["AutomationExecutionId"]
        self.sandbox.hooks.append(fault)
        try:
            self.sandbox.settle(within=PATIENCE)
        finally:
            self.sandbox.hooks.remove(fault)
        found = self.ssm.get_automation_execution(AutomationExecutionId=started)
        return str(found["AutomationExecution"]["AutomationExecutionStatus"])


class Fault:
    """A hook that lets one call of a run go wrong, before it acts or after it has."""

    def __init__(self, number: int, make: Callable[[], BaseException], *, late: bool) -> None:
        self._left, self._make, self._late = number, make, late
        self.seen: list[str] = []

    def before(self, call: ApiCall) -> None:
        self.seen.append(call.name)
        if not self._late:
            self._count()

    def after(self, call: ApiCall) -> None:
        if self._late:
            self._count()

    def _count(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise self._make()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox(start=START) as sandbox:
        yield World(sandbox)


def test_the_calls_of_the_run_are_these(world: World) -> None:
    watching = Fault(-1, lambda: Cut("never"), late=False)
    assert world.run(watching) == "Success"
    assert tuple(watching.seen) == CALLS


@pytest.mark.parametrize("late", [False, True], ids=["before it acts", "after it has"])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_call_of_a_run_may_fail(world: World, fault: str, late: bool) -> None:
    order = range(1, len(CALLS) + 1)
    ends = [world.run(Fault(number, FAULTS[fault], late=late)) for number in order]
    assert ends == ENDS[fault]
    assert world.sandbox.engine.next_due() is None
    assert world.run(Fault(-1, FAULTS[fault], late=late)) == "Success"

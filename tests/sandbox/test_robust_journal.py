"""Scripts, loops, children, stacks and schedules too are the same in every run of the same seed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from netmend.sandbox.core import Sandbox
from netmend.sandbox.journal import Journal

START = 1_790_000_000.0  # 2026-09-21T14:13:20Z
ROOT = Path(__file__).resolve().parents[2]

SCRIPT = """\
import uuid, random
def count(events, context):
    return {"names": sorted({"a", "b", events["seen"]})}
"""
CHILD = {
    "schemaVersion": "0.3",
    "assumeRole": "{{ Role }}",
    "parameters": {"Role": {"type": "String"}, "Name": {"type": "String"}},
    "mainSteps": [
        {
            "name": "Make",
            "action": "aws:executeAwsApi",
            "inputs": {
                "Service": "ssm",
                "Api": "PutParameter",
                "Name": "{{ Name }}",
                "Value": "x",
                "Type": "String",
                "Overwrite": True,
            },
        }
    ],
}
PARENT = {
    "schemaVersion": "0.3",
    "assumeRole": "{{ Role }}",
    "parameters": {"Role": {"type": "String"}},
    "mainSteps": [
        {
            "name": "Count",
            "action": "aws:executeScript",
            "inputs": {
                "Runtime": "python3.11",
                "Handler": "count",
                "Script": SCRIPT,
                "InputPayload": {"seen": "c"},
            },
            "outputs": [{"Name": "names", "Selector": "$.Payload.names", "Type": "StringList"}],
        },
        {
            "name": "Each",
            "action": "aws:loop",
            "inputs": {
                "Iterators": "{{ Count.names }}",
                "Steps": [
                    {
                        "name": "Child",
                        "action": "aws:executeAutomation",
                        "inputs": {
                            "DocumentName": "Child",
                            "RuntimeParameters": {
                                "Role": ["{{ Role }}"],
                                "Name": ["{{ Each.CurrentIteratorValue }}"],
                            },
                        },
                    }
                ],
            },
        },
        {"name": "Rest", "action": "aws:sleep", "inputs": {"Duration": "PT30S"}},
        {
            "name": "Look",
            "action": "aws:executeAwsApi",
            "inputs": {"Service": "ssm", "Api": "DescribeParameters"},
        },
    ],
}
STACK = {
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": "x", "VpcId": {"Ref": "Vpc"}},
        },
    }
}
CODE = "def handler(event, context):\n    return event['time']\n"


def role(sandbox: Sandbox, name: str, service: str) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    made: str = sandbox.client("iam").create_role(
        RoleName=name, AssumeRolePolicyDocument=policy(trust)
    )["Role"]["Arn"]
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    sandbox.client("iam").put_role_policy(
        RoleName=name, PolicyName="all", PolicyDocument=policy(allow)
    )
    return made


def policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def documents(sandbox: Sandbox) -> None:
    for name, content in (("Child", CHILD), ("Parent", PARENT)):
        sandbox.client("ssm").create_document(
            Name=name,
            DocumentType="Automation",
            DocumentFormat="JSON",
            Content=json.dumps(content),
        )


def start(sandbox: Sandbox, arn: str) -> str:
    found: str = sandbox.client("ssm").start_automation_execution(
        DocumentName="Parent", Parameters={"Role": [arn]}
    )["AutomationExecutionId"]
    return found


def run_of(sandbox: Sandbox, execution: str) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.client("ssm").get_automation_execution(
        AutomationExecutionId=execution
    )["AutomationExecution"]
    return found


def schedule(sandbox: Sandbox) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo("code.py"), CODE)
    arn = sandbox.client("lambda").create_function(
        FunctionName="tick",
        Runtime="python3.12",
        Role=role(sandbox, "tick", "lambda.amazonaws.com"),
        Handler="code.handler",
        Code={"ZipFile": packed.getvalue()},
    )["FunctionArn"]
    sandbox.client("lambda").add_permission(
        FunctionName="tick",
        StatementId="1",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
    )
    events = sandbox.client("events")
    events.put_rule(Name="often", ScheduleExpression="rate(1 minute)")
    events.put_targets(Rule="often", Targets=[{"Id": "1", "Arn": arn}])


def stacks(sandbox: Sandbox) -> None:
    cloudformation = sandbox.client("cloudformation")
    cloudformation.create_stack(StackName="good", TemplateBody=json.dumps(STACK))
    broken = json.loads(json.dumps(STACK))
    for name in ("Group", "Same"):
        properties = {"GroupDescription": "x", "GroupName": "same", "VpcId": {"Ref": "Vpc"}}
        broken["Resources"][name] = {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}
    cloudformation.create_stack(StackName="rolled-back", TemplateBody=json.dumps(broken))
    sandbox.settle(within=10)
    cloudformation.detect_stack_drift(StackName="good")
    sandbox.settle(within=10)


def deeds(seed: int) -> str:
    """The journal of a run with a script, a loop and children, of stacks and of a schedule."""
    with Sandbox(seed=seed, start=START) as sandbox:
        journal = Journal(sandbox)
        documents(sandbox)
        schedule(sandbox)
        stacks(sandbox)
        run = start(sandbox, role(sandbox, "run", "ssm.amazonaws.com"))
        sandbox.settle(within=200)
        status = run_of(sandbox, run)["AutomationExecutionStatus"]
        names = sorted(s["StackStatus"] for s in stack_list(sandbox))
        return journal.text() + json.dumps([status, names]) + "\n"


def stack_list(sandbox: Sandbox) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = sandbox.client("cloudformation").list_stacks()["StackSummaries"]
    return found


def test_all_kinds_of_work_are_the_same_in_every_run_whatever_the_hash_seed() -> None:
    command = "from tests.sandbox.test_robust_journal import deeds; print(deeds(7), end='')"
    run = subprocess.run(
        [sys.executable, "-c", command],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "11"},
    )
    here = deeds(7)
    assert here.endswith('["Success", ["CREATE_COMPLETE", "ROLLBACK_COMPLETE"]]\n')
    assert here.count('"call": "ssm:PutParameter"') == 3
    assert run.stdout == here

"""The engine runs without the rest, and its page of docs is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from netmend.sandbox.automation import ACTIONS, Execution, Standalone
from tests.automation.conftest import FACTS, World

PAGE = Path(__file__).parents[2] / "docs" / "automation-engine.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=["run a runbook", "answer a run"])
def test_the_examples_of_the_docs_run(example):
    names = {}
    exec(compile(example, str(PAGE), "exec"), names)
    assert names["run"].ended


def test_the_engine_needs_no_moto_no_boto3_and_no_sandbox():
    code = (
        "import sys, netmend.sandbox.automation\n"
        "heavy = {'moto', 'boto3', 'netmend.sandbox.core', 'netmend.sandbox.ssm'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def started(*steps, **given):
    effects = Standalone(start=100.0)
    run = Execution(World.parse(*steps, **given), {}, effects=effects, **FACTS)
    return effects, run


LACKS = {
    "api": ("aws:executeAwsApi", {"Service": "ec2", "Api": "DescribeVpcs"}, "ec2 DescribeVpcs"),
    "invoke": ("aws:invokeLambdaFunction", {"FunctionName": "f"}, "f"),
    "script": (
        "aws:executeScript",
        {"Runtime": "python3.11", "Handler": "main", "Script": "def main(e, c): pass"},
        "main",
    ),
    "start_automation": ("aws:executeAutomation", {"DocumentName": "Child"}, "Child"),
    "publish": (
        "aws:approve",
        {"Approvers": ["a"], "NotificationArn": "arn:aws:sns:eu-west-1:123456789012:Automation"},
        "arn:aws:sns:eu-west-1:123456789012:Automation",
    ),
}


@pytest.mark.parametrize(
    ("effect", "action", "inputs", "what"),
    [(name, *rest) for name, rest in LACKS.items()],
    ids=LACKS,
)
def test_an_effect_that_is_not_there_fails_its_step_by_name(effect, action, inputs, what):
    effects, run = started({"name": "A", "action": action, "inputs": inputs})
    effects.run(run)
    assert run.status == "Failed"
    assert f"these effects have no {effect} for {what}" in run.failure_message


def test_the_clock_jumps_to_what_is_waited_for():
    effects, run = started({"name": "A", "action": "aws:sleep", "inputs": {"Duration": "P1D"}})
    effects.run(run)
    assert (run.status, effects.now()) == ("Success", 86_500.0)


def test_a_parameter_of_a_store_that_is_not_there_keeps_the_run_from_starting():
    with pytest.raises(Exception, match="there is no parameter /x"):
        started(
            {"name": "A", "action": "aws:sleep", "inputs": {"Duration": "{{ P }}"}},
            parameters={"P": {"type": "String", "default": "{{ssm:/x}}"}},
        )


def test_an_action_that_aws_has_and_the_engine_has_not_is_named():
    assert "aws:runCommand" not in ACTIONS
    effects, run = started({"name": "A", "action": "aws:runCommand", "inputs": {}})
    assert "aws:runCommand is not emulated" in effects.run(run).failure_message

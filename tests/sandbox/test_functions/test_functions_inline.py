"""In process a function leaves no trace in its caller, and a cut goes through it."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys

import boto3
import pytest

from netmend.sandbox import functions
from netmend.sandbox.api import ApiCall
from netmend.sandbox.core import Sandbox
from netmend.sandbox.faults import Cut
from tests.sandbox.watching import Watcher

ACCOUNT = "123456789012"
REGION = "us-east-1"
COUNTING = "n = 0\ndef handle(event, context):\n    global n\n    n += 1\n    return n"


def run(sandbox: Sandbox, event: object = None, name: str = "mender") -> functions.Invocation:
    return functions.invoke(sandbox, name, json.dumps(event), account=ACCOUNT, region=REGION)


class CutAt:
    """Dies in the nth call of an operation, before it acts."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def before(self, call: ApiCall) -> None:
        if call.operation == self._operation:
            raise Cut(f"before {call.name}")

    def after(self, call: ApiCall) -> None:
        return None


def test_modules_and_variables_of_a_function_are_gone_after_it(sandbox, deploy):
    deploy(
        {
            "app.py": "import os, logging, helper_of_mender, boto3\n"
            "def handle(event, context):\n"
            "    os.environ['LEFT_BEHIND'] = '1'\n"
            "    logging.getLogger().setLevel('DEBUG')\n"
            "    boto3.client('sts').get_caller_identity()\n"
            "    return 1",
            "helper_of_mender.py": "",
        }
    )
    before = (set(sys.modules), dict(os.environ), list(sys.meta_path), boto3.DEFAULT_SESSION)
    level = logging.getLogger().level
    assert run(sandbox).payload_text == "1"
    assert not {"app", "helper_of_mender"} & set(sys.modules)
    after = (set(sys.modules) & before[0], dict(os.environ), list(sys.meta_path))
    assert after == before[:3]
    assert boto3.DEFAULT_SESSION is before[3]
    assert logging.getLogger().level == level


def test_the_zips_package_is_used_although_one_of_that_name_is_loaded(sandbox, deploy):
    outer = importlib.import_module("rules")
    deploy(
        {
            "app.py": "import rules\ndef handle(event, context):\n    return rules.HOME",
            "rules/__init__.py": "HOME = 'zip'",
        }
    )
    assert run(sandbox).payload_text == '"zip"'
    assert sys.modules["rules"] is outer


def test_a_module_that_the_zip_lacks_is_not_found_in_the_repository(sandbox, deploy):
    assert importlib.util.find_spec("rules.netlib.clock")
    deploy(
        {
            "app.py": "import rules.netlib.clock\ndef handle(event, context):\n    return 1",
            "rules/elsewhere.py": "",
        }
    )
    error = json.loads(run(sandbox).payload_text)
    assert error["errorMessage"] == "Unable to import module 'app': No module named 'rules.netlib'"


def test_a_cut_goes_through_the_handler_and_the_container_is_dead(sandbox, deploy):
    deploy(
        "import boto3\nn = 0\n"
        "def handle(event, context):\n"
        "    global n\n    n += 1\n"
        "    try:\n        boto3.client('sts').get_caller_identity()\n"
        "    except Exception:\n        return 'survived'\n"
        "    return n"
    )
    assert run(sandbox).payload_text == "1"
    sandbox.hooks.append(CutAt("GetCallerIdentity"))
    environment = dict(os.environ)
    with pytest.raises(Cut):
        run(sandbox)
    assert dict(os.environ) == environment
    sandbox.hooks.clear()
    assert run(sandbox).payload_text == "1"


def test_a_function_past_its_time_has_timed_out(sandbox, deploy):
    deploy(
        "import boto3\ndef handle(event, context):\n"
        "    boto3.client('sts').get_caller_identity()\n"
        "    return context.get_remaining_time_in_millis()"
    )

    class Slow(Watcher):
        def after(self, call: ApiCall) -> None:
            sandbox.clock.advance(40)

    sandbox.hooks.append(Slow())
    result = run(sandbox)
    assert result.function_error == "Unhandled"
    assert "Task timed out after 30.00 seconds" in result.payload_text


def test_a_function_may_invoke_another(sandbox, deploy):
    deploy(COUNTING, name="inner")
    deploy(
        "import boto3, json, os\ndef handle(event, context):\n"
        "    inner = boto3.client('lambda').invoke(FunctionName='inner')['Payload'].read()\n"
        "    return [json.loads(inner), os.environ['AWS_LAMBDA_FUNCTION_NAME']]",
        actions=["lambda:InvokeFunction"],
    )
    assert [run(sandbox).payload_text for _ in range(2)] == ['[1, "mender"]', '[2, "mender"]']


def test_two_functions_with_the_same_module_names_do_not_meet(sandbox, deploy):
    deploy(COUNTING, name="one")
    deploy(COUNTING, name="two")
    names = ["one", "two", "one", "two"]
    assert [run(sandbox, name=name).payload_text for name in names] == ["1", "1", "2", "2"]


def test_a_reset_ends_every_container(sandbox, deploy):
    deploy(COUNTING)
    assert run(sandbox).payload_text == "1"
    sandbox.reset()
    deploy(COUNTING)
    assert run(sandbox).payload_text == "1"


def test_a_role_made_anew_is_a_new_container(sandbox, deploy):
    deploy(COUNTING)
    assert [run(sandbox).payload_text for _ in range(2)] == ["1", "2"]
    iam = sandbox.client("iam")
    trust = iam.get_role(RoleName="mender")["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"][0]["Principal"]["Service"] = ["lambda.amazonaws.com", "ec2.amazonaws.com"]
    iam.update_assume_role_policy(RoleName="mender", PolicyDocument=json.dumps(trust))
    assert run(sandbox).payload_text == "1"

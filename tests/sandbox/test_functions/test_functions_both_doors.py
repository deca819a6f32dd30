"""A function answers alike in process and at the HTTP door."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door
from netmend.sandbox.functions.environment import FIXED


@pytest.fixture(params=["in process", "http"], autouse=True)
def either_door(request: pytest.FixtureRequest, sandbox: Sandbox) -> Iterator[None]:
    if request.param == "in process":
        yield
        return
    opened = Door(sandbox).open()
    yield
    opened.close()


def zipped(files: dict[str, str]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return body.getvalue()


def call(sandbox: Sandbox, event: Any = None, name: str = "mender", **more: Any) -> Any:
    payload = json.dumps({} if event is None else event)
    return sandbox.client("lambda").invoke(FunctionName=name, Payload=payload, **more)


def answer(sandbox: Sandbox, event: Any = None, **more: Any) -> Any:
    return json.loads(call(sandbox, event, **more)["Payload"].read())


def test_the_handler_gets_the_event_and_its_result_comes_back(sandbox, deploy):
    deploy("def handle(event, context):\n    return {'seen': event}")
    response = call(sandbox, {"groupId": "sg-1"})
    assert json.loads(response["Payload"].read()) == {"seen": {"groupId": "sg-1"}}
    assert response["StatusCode"] == 200
    assert response["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in response


def test_the_context_tells_what_the_function_is(sandbox, deploy):
    arn = deploy(
        "def handle(event, context):\n"
        "    left = context.get_remaining_time_in_millis()\n"
        "    return [context.function_name, context.invoked_function_arn,\n"
        "            context.memory_limit_in_mb, context.log_group_name, 0 < left <= 30000,\n"
        "            len(context.aws_request_id)]",
        MemorySize=256,
    )
    assert answer(sandbox) == ["mender", arn, "256", "/aws/lambda/mender", True, 36]


def test_the_environment_is_lambdas_and_nothing_of_this_machine(sandbox, deploy, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://192.0.2.1:3128")
    monkeypatch.setenv("AWS_VAULT", "of-the-user")
    deploy(
        "import os\ndef handle(event, context):\n    return dict(os.environ)",
        Environment={"Variables": {"LEDGER_TABLE": "netmend-ledger"}},
    )
    seen = answer(sandbox)
    assert seen["LEDGER_TABLE"] == "netmend-ledger"
    assert seen["AWS_REGION"] == seen["AWS_DEFAULT_REGION"] == "us-east-1"
    assert seen["AWS_LAMBDA_FUNCTION_NAME"] == "mender"
    assert seen["AWS_LAMBDA_FUNCTION_VERSION"] == "$LATEST"
    assert not {"HTTPS_PROXY", "AWS_VAULT", "HOME"} & set(seen)
    assert set(FIXED) < set(seen)


def test_calls_are_made_with_the_roles_own_credentials(sandbox, deploy):
    deploy(
        "import boto3\n"
        "def handle(event, context):\n"
        "    who = boto3.client('sts').get_caller_identity()['Arn']\n"
        "    try:\n"
        "        boto3.client('ec2').describe_vpcs()\n"
        "    except Exception as error:\n"
        "        return [who, error.response['Error']['Code']]"
    )
    role = "arn:aws:sts::123456789012:assumed-role/mender/mender"
    assert answer(sandbox) == [role, "UnauthorizedOperation"]


FAILURES = [
    pytest.param(
        "def handle(event, context):\n    raise ValueError('no such group')",
        ("ValueError", "no such group"),
        id="an exception is its type and message",
    ),
    pytest.param(
        "import nowhere",
        ("Runtime.ImportModuleError", "Unable to import module 'app': No module named 'nowhere'"),
        id="a module that is not in the zip can't be imported",
    ),
    pytest.param(
        "handler = None",
        ("Runtime.HandlerNotFound", "Handler 'handle' missing on module 'app'"),
        id="a missing function is named",
    ),
    pytest.param(
        "def handle(event, context):\n    return object",
        ("Runtime.MarshalError", "Unable to marshal response"),
        id="a result must fit into JSON",
    ),
    pytest.param(
        "import sys\ndef handle(event, context):\n    sys.exit(3)",
        ("Runtime.ExitError", "exit status 3"),
        id="a function that ends its process fails",
    ),
    pytest.param(
        "def handle(event, context)\n    pass",
        ("Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        id="a syntax error is told",
    ),
]


@pytest.mark.parametrize(("code", "expected"), FAILURES)
def test_a_failure_is_a_function_error_with_lambdas_words(sandbox, deploy, code, expected):
    deploy(code)
    response = call(sandbox)
    body = json.loads(response["Payload"].read())
    assert response["FunctionError"] == "Unhandled"
    assert response["StatusCode"] == 200
    assert body["errorType"] == expected[0]
    assert expected[1] in body["errorMessage"]


def test_a_stack_trace_shows_the_code_where_lambda_has_it(sandbox, deploy):
    deploy("def handle(event, context):\n    return 1 / 0")
    body = answer(sandbox)
    assert body["stackTrace"][0].startswith('  File "/var/task/app.py", line 2, in handle\n')


def test_a_container_keeps_its_modules_from_event_to_event(sandbox, deploy):
    deploy("n = 0\ndef handle(event, context):\n    global n\n    n += 1\n    return n")
    assert [answer(sandbox) for _ in range(3)] == [1, 2, 3]


CHANGES = [
    pytest.param(
        lambda client: client.update_function_configuration(
            FunctionName="mender", Environment={"Variables": {"A": "1"}}
        ),
        id="its environment",
    ),
    pytest.param(
        lambda client: client.update_function_configuration(FunctionName="mender", MemorySize=512),
        id="its memory",
    ),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_function_starts_a_new_container(sandbox, deploy, change):
    deploy("n = 0\ndef handle(event, context):\n    global n\n    n += 1\n    return n")
    assert [answer(sandbox), answer(sandbox)] == [1, 2]
    change(sandbox.client("lambda"))
    assert answer(sandbox) == 1


def test_new_code_is_run(sandbox, deploy):
    deploy("def handle(event, context):\n    return 'old'")
    assert answer(sandbox) == "old"
    code = zipped({"app.py": "def handle(event, context):\n    return 'new'"})
    sandbox.client("lambda").update_function_code(FunctionName="mender", ZipFile=code)
    assert answer(sandbox) == "new"


CLOCK = {
    "app.py": "from rules.netlib import clock\n"
    "def handle(event, context):\n    return clock.source()",
    "rules/__init__.py": "",
    "rules/netlib/__init__.py": "",
    "rules/netlib/clock.py": "import time\nsource = time.time\n"
    "def set_source(given):\n    global source\n    source = given",
}


def test_the_sandboxs_clock_is_handed_to_the_code(sandbox, deploy):
    deploy(CLOCK)
    assert abs(answer(sandbox) - sandbox.clock.time()) < 20
    sandbox.clock.advance(86_400)
    assert abs(answer(sandbox) - sandbox.clock.time()) < 20


def test_what_is_printed_and_logged_is_the_log(sandbox, deploy):
    deploy(
        "import logging\n"
        "logging.getLogger().setLevel('INFO')\n"
        "def handle(event, context):\n"
        "    print('printed')\n"
        "    logging.getLogger('netmend').info('logged %s', 1)"
    )
    tails = [call(sandbox, LogType="Tail") for _ in range(2)]
    for tail in tails:
        lines = base64.b64decode(tail["LogResult"]).decode().splitlines()
        assert lines[0].startswith("START RequestId: ")
        assert lines[1] == "printed"
        assert lines[2].startswith("[INFO]\t")
        assert lines[2].endswith("\tlogged 1")
        assert lines[-1].startswith("REPORT RequestId: ")
    stored = _stored_lines(sandbox)
    assert sum(line == "printed" for line in stored) == 2


def _stored_lines(sandbox: Sandbox) -> list[str]:
    logs = sandbox.client("logs")
    names = [
        stream["logStreamName"]
        for stream in logs.describe_log_streams(logGroupName="/aws/lambda/mender")["logStreams"]
    ]
    answers = [
        logs.get_log_events(logGroupName="/aws/lambda/mender", logStreamName=name) for name in names
    ]
    return [event["message"] for found in answers for event in found["events"]]


def test_a_role_without_permission_to_log_leaves_no_logs(sandbox, deploy):
    deploy("def handle(event, context):\n    print('unseen')", actions=["ec2:DescribeVpcs"])
    assert call(sandbox)["StatusCode"] == 200
    assert sandbox.client("logs").describe_log_groups()["logGroups"] == []


def test_a_dry_run_runs_nothing(sandbox, deploy):
    deploy("def handle(event, context):\n    raise SystemError")
    assert call(sandbox, InvocationType="DryRun")["StatusCode"] == 204

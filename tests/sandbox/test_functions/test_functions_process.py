"""At the HTTP door containers are processes: killed, replaced, kept in, and never left behind."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from pathlib import Path

import pytest

from netmend.sandbox import functions
from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door

ACCOUNT = "123456789012"
REGION = "us-east-1"
PROJECT = Path(__file__).parents[3]

pytestmark = pytest.mark.usefixtures("door")


def run(sandbox: Sandbox, event: object = None) -> functions.Invocation:
    return functions.invoke(sandbox, "mender", json.dumps(event), account=ACCOUNT, region=REGION)


def answer(sandbox: Sandbox, event: object = None) -> object:
    return json.loads(run(sandbox, event).payload_text)


def gone(pid: int) -> bool:
    """Whether the process ends within five seconds."""
    for _ in range(100):
        if gone_now(pid):
            return True
        time.sleep(0.05)
    return False


def gone_now(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state == "Z"


def post(door: Door, service: str, method: str, path: str, body: bytes = b"") -> bytes:
    """A call over a socket: boto3 in this process would not take one."""
    signature = f"AWS4-HMAC-SHA256 Credential=any/20260101/{REGION}/{service}/aws4_request, x"
    headers = {"Authorization": signature, "Content-Type": "application/octet-stream"}
    request = urllib.request.Request(door.url + path, body or None, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as response:
        return bytes(response.read())


def test_the_report_says_how_much_memory_the_process_has_used(sandbox, deploy):
    deploy(
        "KEPT = b''\ndef handle(event, context):\n    global KEPT\n    KEPT = bytes([1]) * event"
    )
    little, much = (memory(run(sandbox, n).log) for n in (1, 200_000_000))
    assert little > 10
    assert little + 150 < much


def memory(log: str) -> int:
    return int(log.rpartition("Max Memory Used: ")[2].removesuffix(" MB\n"))


def test_a_function_that_hangs_is_killed_and_the_next_event_has_a_new_worker(sandbox, deploy):
    deploy(
        "import os, time\ndef handle(event, context):\n"
        "    print('at work', os.getpid())\n"
        "    time.sleep(event)\n    return os.getpid()",
        Timeout=1,
    )
    result = run(sandbox, 30)
    assert result.function_error == "Unhandled"
    assert "Task timed out after 1.00 seconds" in result.payload_text
    pid = int(result.log.split("at work ")[1].split()[0])
    assert gone(pid)
    assert answer(sandbox, 0) != pid


def test_a_worker_that_dies_is_an_error_and_is_replaced(sandbox, deploy):
    deploy("import os\ndef handle(event, context):\n    os._exit(1) if event else None\n")
    assert answer(sandbox, "die")["errorType"] == "Runtime.ExitError"
    assert answer(sandbox, "") is None


def test_a_worker_that_was_killed_while_idle_is_replaced_unseen(sandbox, deploy):
    deploy("import os\ndef handle(event, context):\n    return os.getpid()")
    pid = answer(sandbox)
    assert answer(sandbox) == pid
    os.kill(pid, signal.SIGKILL)
    assert gone(pid)
    assert answer(sandbox) != pid


def test_two_events_at_once_have_two_workers(sandbox, deploy):
    deploy(
        "import os, time\n"
        "def handle(event, context):\n    time.sleep(event)\n    return os.getpid()"
    )
    pids: list[object] = []
    threads = [threading.Thread(target=lambda: pids.append(answer(sandbox, 0.5))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(pids)) == 2
    assert answer(sandbox, 0) in pids


def test_addresses_of_aws_in_the_code_lead_to_the_sandbox(sandbox, deploy):
    deploy(
        "import boto3\ndef handle(event, context):\n"
        "    sts = boto3.client('sts', endpoint_url='https://sts.us-east-1.amazonaws.com')\n"
        "    return sts.get_caller_identity()['Arn']"
    )
    assert answer(sandbox) == f"arn:aws:sts::{ACCOUNT}:assumed-role/mender/mender"


def test_nothing_else_can_be_reached(sandbox, deploy):
    deploy(
        "import socket\ndef handle(event, context):\n"
        "    socket.create_connection(('192.0.2.1', 443), timeout=1)"
    )
    error = answer(sandbox)
    assert error["errorType"] == "PermissionError"
    assert "192.0.2.1" in error["errorMessage"]


@pytest.mark.parametrize("name", ["yaml", "moto", "netmend", "rdklib"])
def test_what_lambda_does_not_have_can_not_be_imported(sandbox, deploy, name):
    deploy(f"def handle(event, context):\n    import {name}")
    assert answer(sandbox)["errorMessage"] == f"No module named '{name}'"


def test_code_from_a_bucket_is_run(sandbox, deploy, door):
    from_bucket = "def handle(event, context):\n    return 'from the bucket'"
    deploy("def handle(event, context):\n    return 'inline'")
    post(door, "s3", "PUT", "/artifacts")
    post(door, "s3", "PUT", "/artifacts/code.zip", zipped({"app.py": from_bucket}))
    sandbox.client("lambda").update_function_code(
        FunctionName="mender", S3Bucket="artifacts", S3Key="code.zip"
    )
    assert answer(sandbox) == "from the bucket"


def zipped(files: dict[str, str]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return body.getvalue()


def test_a_handler_may_call_while_the_core_serves_others(sandbox, deploy, door):
    deploy(
        "import boto3\ndef handle(event, context):\n"
        "    return len(boto3.client('ec2').describe_vpcs()['Vpcs'])",
        actions=["ec2:DescribeVpcs"],
    )
    assert post(door, "lambda", "POST", "/2015-03-31/functions/mender/invocations", b"{}") == b"1"


def test_all_workers_end_with_the_sandbox(sandbox, deploy, tmp_path):
    deploy(
        "import os, pathlib, time\n"
        "def handle(event, context):\n"
        "    pathlib.Path(event).write_text(str(os.getpid()))\n"
        "    time.sleep(20)"
    )
    results: list[object] = []
    mark = tmp_path / "pid"
    busy = threading.Thread(target=lambda: results.append(answer(sandbox, str(mark))))
    busy.start()
    while not mark.exists() or not mark.read_text():
        time.sleep(0.01)
    sandbox.reset()
    assert gone(int(mark.read_text()))
    busy.join(10)
    assert results[0]["errorType"] == "Runtime.ExitError"


VICTIM = """
import json, sys, threading, time
from netmend.sandbox import extensions, functions
extensions.MODULES = ("iam", "functions", "notifications")
from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door
with Sandbox() as sandbox:
    door = Door(sandbox).open()
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
             "Principal": {"Service": "lambda.amazonaws.com"}}]}
    role = sandbox.client("iam").create_role(
        RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
    sandbox.client("lambda").create_function(
        FunctionName="f", Role=role["Role"]["Arn"], Runtime="python3.13", Handler="app.handle",
        Timeout=60, Code={"ZipFile": open(sys.argv[1], "rb").read()})
    where = {"account": "123456789012", "region": "us-east-1"}
    pids = functions.invoke(sandbox, "f", "0", **where).payload_text
    busy = lambda: functions.invoke(sandbox, "f", "60", **where)
    threading.Thread(target=busy, daemon=True).start()
    time.sleep(0.5)
    print(pids, flush=True)
    time.sleep(60)
"""


def test_a_killed_sandbox_takes_its_busy_workers_along(tmp_path):
    code = (
        "import os, time\ndef handle(event, context):\n"
        "    time.sleep(event)\n    return [os.getpid(), os.getppid()]"
    )
    archive = tmp_path / "code.zip"
    archive.write_bytes(zipped({"app.py": code}))
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, str(archive)],
        stdout=subprocess.PIPE,
        cwd=PROJECT,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # a killed process tidies nothing up
    )
    with victim:
        pids = json.loads(victim.stdout.readline())
        assert not gone_now(pids[0])
        victim.kill()
    assert all(gone(pid) for pid in pids)

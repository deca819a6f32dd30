"""What the embedded AWS costs: its start, its memory, a call through each door, a cold function."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import boto3

from benchmarks.figures import Figure
from netmend.bundle import build_bytes
from netmend.sandbox.core import Sandbox

CALLS = 200
ROUNDS = 5
FUNCTIONS = 7
REGION = "us-east-1"
COLD_MS = 100
READY_LIMIT = 4.0
MEMORY_MB = 400
DOOR_LIMIT = 5.0
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
IMPORTS = "import boto3, moto.core, werkzeug; boto3.client('ec2', 'us-east-1')"


class Served:
    """`netmend sandbox` in a process of its own."""

    def __init__(self) -> None:
        began = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "netmend", "sandbox", "--port", "0"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.url = next(iter(self._process.stdout or ())).split()[1]
        self.ready = time.monotonic() - began

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.url, **KEYS)

    def memory(self) -> float:
        """Resident MB of the process."""
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as status:
            line = next(line for line in status if line.startswith("VmRSS"))
        return int(line.split()[1]) / 1024

    def end(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait()


KEYS = {
    "region_name": REGION,
    "aws_access_key_id": "testing",
    "aws_secret_access_key": "testing",
}


@contextmanager
def served() -> Iterator[Served]:
    server = Served()
    try:
        yield server
    finally:
        server.end()


def figures() -> list[Figure]:
    imports = min(_imports() for _ in range(3))
    in_process = _in_process()
    with served() as server:
        ec2 = server.client("ec2")
        ec2.describe_vpcs()
        door = _seconds_a_call(ec2)
        cold = _cold(server)
        memory = server.memory()
    ready = server.ready / imports
    return [
        Figure("sandbox ready", ready, READY_LIMIT, "of its imports", f"{server.ready:.1f} s"),
        Figure("sandbox's memory", memory, MEMORY_MB, "MB", "after a few calls and functions"),
        Figure(
            "call through HTTP",
            door / in_process,
            DOOR_LIMIT,
            "of one in process",
            f"{1 / door:.0f} and {1 / in_process:.0f} calls a second",
        ),
        Figure("cold function", cold, COLD_MS, "ms", "the detector's zip, through HTTP"),
    ]


def _imports() -> float:
    """Seconds for an interpreter that does no more than load what the sandbox is made of."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", IMPORTS], check=True, env=os.environ)
    return time.monotonic() - began


def _in_process() -> float:
    with Sandbox() as sandbox:
        ec2 = sandbox.client("ec2", REGION)
        ec2.describe_vpcs()
        return _seconds_a_call(ec2)


def _seconds_a_call(ec2: Any) -> float:
    rounds = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        for _ in range(CALLS):
            ec2.describe_vpcs()
        rounds.append((time.monotonic() - began) / CALLS)
    return median(rounds)


def _cold(server: Served) -> float:
    """Milliseconds of a first invocation of the detector, the least of several functions.

    Its event is none that it takes, so that it is loaded and does no more.
    """
    functions = server.client("lambda")
    role = server.client("iam").create_role(
        RoleName="function", AssumeRolePolicyDocument=json.dumps(TRUST)
    )["Role"]["Arn"]
    code, times = build_bytes(), []
    for number in range(FUNCTIONS):
        name = f"function-{number}"
        functions.create_function(
            FunctionName=name,
            Role=role,
            Runtime="python3.13",
            Handler="rules.handlers.detector.handle",
            Code={"ZipFile": code},
        )
        began = time.monotonic()
        answer = functions.invoke(FunctionName=name, Payload=b"{}")
        times.append(time.monotonic() - began)
        if b"ImportModuleError" in answer["Payload"].read():
            raise RuntimeError("the detector cannot be loaded")
    return 1000 * min(times)

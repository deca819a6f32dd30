"""A sandbox with Lambda in it, and functions made of a few lines."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from netmend.sandbox import extensions
from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door

ACCOUNT = "123456789012"
REGION = "us-east-1"
MODULES = ("iam", "functions", "notifications")
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]

Deploy = Callable[..., str]


def zipped(files: dict[str, str]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return body.getvalue()


def trust(*services: str) -> str:
    principal = {"Service": list(services)}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_role(sandbox: Sandbox, name: str, actions: list[str], *services: str) -> str:
    iam = sandbox.client("iam")
    trusted = services or ("lambda.amazonaws.com",)
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(*trusted))["Role"]["Arn"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document)
    return str(arn)


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(extensions, "MODULES", MODULES)
    with Sandbox() as started:
        yield started


@pytest.fixture
def door(sandbox: Sandbox) -> Iterator[Door]:
    opened = Door(sandbox).open()
    yield opened
    opened.close()


@pytest.fixture
def deploy(sandbox: Sandbox) -> Deploy:
    """deploy(code, name="mender", actions=..., **settings) -> ARN; the handler is app.handle."""

    def create(
        code: str | dict[str, str],
        name: str = "mender",
        actions: list[str] = LOGS,
        **settings: Any,
    ) -> str:
        files = {"app.py": code} if isinstance(code, str) else code
        request = {
            "FunctionName": name,
            "Role": make_role(sandbox, name, actions),
            "Runtime": "python3.13",
            "Handler": "app.handle",
            "Timeout": 30,
            "Code": {"ZipFile": zipped(files)},
            **settings,
        }
        return str(sandbox.client("lambda").create_function(**request)["FunctionArn"])

    return create

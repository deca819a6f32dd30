"""One client serves all temporary credentials, and signs each call for whom it was lent to."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox.core import Sandbox

REGION = "us-east-1"
TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",'
    ' "Principal": {"AWS": "*"}}]}'
)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as made:
        yield made


@pytest.fixture(scope="module")
def credentials(sandbox: Sandbox) -> dict[str, dict[str, str]]:
    """Temporary ones of two roles."""
    found = {}
    for name in ("one", "other"):
        sandbox.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        found[name] = sandbox.client("sts").assume_role(
            RoleArn=f"arn:aws:iam::123456789012:role/{name}", RoleSessionName="session"
        )["Credentials"]
    return found


def who(sandbox: Sandbox, keys: Any) -> str:
    return str(sandbox.lend("sts", REGION, keys).get_caller_identity()["Arn"])


def test_each_call_is_that_of_whom_the_client_was_lent_to(
    sandbox: Sandbox, credentials: dict[str, dict[str, str]]
) -> None:
    for name in ("one", "other", "one"):
        assert who(sandbox, credentials[name]).endswith(f":assumed-role/{name}/session")


def test_it_is_one_client_a_service_and_thread(
    sandbox: Sandbox, credentials: dict[str, dict[str, str]]
) -> None:
    one = sandbox.lend("sts", REGION, credentials["one"])
    assert sandbox.lend("sts", REGION, credentials["other"]) is one
    assert sandbox.lend("ec2", REGION, credentials["one"]) is not one
    elsewhere: list[Any] = []
    thread = threading.Thread(
        target=lambda: elsewhere.append(sandbox.lend("sts", REGION, credentials["one"]))
    )
    thread.start()
    thread.join()
    assert elsewhere[0] is not one


def test_without_credentials_it_is_the_administrator(sandbox: Sandbox) -> None:
    assert who(sandbox, None) == str(sandbox.client("sts").get_caller_identity()["Arn"])

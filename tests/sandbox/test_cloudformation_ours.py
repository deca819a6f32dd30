"""Our three templates deploy, hold no drift, and whatever call fails leave nothing or what was."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_snapshot import snapshot
from tests.sandbox.cloudformation_world import stack

ROOT = Path(__file__).parents[2] / "cloudformation"
ORDER = ("roles", "detection", "remediation")
READS = ("Describe", "Get", "Head", "List")


class Writes:
    """A hook that counts the calls that change something, and refuses one of them, once."""

    def __init__(self, refused: int = 0) -> None:
        self.seen: list[str] = []
        self._refused = refused

    def before(self, call: ApiCall) -> None:
        if call.service == "cloudformation" or call.operation.startswith(READS):
            return
        self.seen.append(call.name)
        if len(self.seen) == self._refused:
            raise ApiError("InternalFailure", f"no {call.operation} today", 400)

    def after(self, call: ApiCall) -> None:
        return None


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        s3 = sandbox.client("s3")
        s3.create_bucket(Bucket="code-bucket")
        for key in ("one.zip", "two.zip"):
            s3.put_object(Bucket="code-bucket", Key=key, Body=packed(key))
        yield sandbox


def packed(text: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("code.py", f"# {text}")
    return content.getvalue()


def request(name: str, key: str = "one.zip", **more: Any) -> dict[str, Any]:
    text = (ROOT / f"{name}.yaml").read_text("utf-8")
    code = {"CodeBucket": "code-bucket", "CodeKey": key} if "CodeKey:" in text else {}
    return {
        "StackName": name,
        "TemplateBody": text,
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "Parameters": [{"ParameterKey": k, "ParameterValue": v} for k, v in code.items()],
        **more,
    }


def made(sandbox: Sandbox, name: str) -> str:
    """The status after a creation."""
    sandbox.client("cloudformation").create_stack(**request(name))
    return str(stack(sandbox, name)["StackStatus"])


def updated(sandbox: Sandbox, name: str) -> str:
    """The status after an update of the code and of all tags."""
    tags = [{"Key": "team", "Value": "networks"}]
    sandbox.client("cloudformation").update_stack(**request(name, "two.zip", Tags=tags))
    return str(stack(sandbox, name)["StackStatus"])


def before(sandbox: Sandbox, name: str) -> None:
    """Make what a template needs."""
    for needed in ORDER[: ORDER.index(name)]:
        assert made(sandbox, needed) == "CREATE_COMPLETE"


def test_what_was_deployed_has_no_drift(sandbox: Sandbox) -> None:
    client = sandbox.client("cloudformation")
    for name in ORDER:
        assert made(sandbox, name) == "CREATE_COMPLETE"
        assert updated(sandbox, name) == "UPDATE_COMPLETE"
        client.detect_stack_drift(StackName=name)
        found = client.describe_stack_resource_drifts(StackName=name)["StackResourceDrifts"]
        told = {(d["LogicalResourceId"], d["StackResourceDriftStatus"]) for d in found}
        assert {status for _, status in told} == {"IN_SYNC"}, told


def refusing(sandbox: Sandbox, number: int, act: Any) -> Any:
    """Do an act of which one call is refused."""
    sandbox.hooks.append(hook := Writes(number))
    try:
        return act()
    finally:
        sandbox.hooks.remove(hook)


@pytest.mark.parametrize("name", ORDER)
def test_whatever_call_of_a_creation_fails_nothing_is_left(sandbox: Sandbox, name: str) -> None:
    before(sandbox, name)
    client, empty = sandbox.client("cloudformation"), snapshot(sandbox)
    number, status = 1, "ROLLBACK_COMPLETE"
    while status == "ROLLBACK_COMPLETE":
        status = refusing(sandbox, number, lambda: made(sandbox, name))
        if status == "ROLLBACK_COMPLETE":
            assert snapshot(sandbox) == empty, number
            client.delete_stack(StackName=name)
            number += 1
    assert (status, number > 5) == ("CREATE_COMPLETE", True)


@pytest.mark.parametrize("name", ORDER)
def test_whatever_call_of_an_update_fails_all_is_as_before(sandbox: Sandbox, name: str) -> None:
    before(sandbox, name)
    assert made(sandbox, name) == "CREATE_COMPLETE"
    old = snapshot(sandbox)
    number, status = 1, "UPDATE_ROLLBACK_COMPLETE"
    while status == "UPDATE_ROLLBACK_COMPLETE":
        status = refusing(sandbox, number, lambda: updated(sandbox, name))
        if status == "UPDATE_ROLLBACK_COMPLETE":
            assert snapshot(sandbox) == old, number
            number += 1
    assert (status, number > 3) == ("UPDATE_COMPLETE", True)
    assert snapshot(sandbox) != old


def deleted(sandbox: Sandbox, stack_id: str) -> str:
    client = sandbox.client("cloudformation")
    client.delete_stack(StackName=stack_id)
    return str(stack(sandbox, stack_id)["StackStatus"])


@pytest.mark.parametrize("name", ["roles", "detection"])
def test_whatever_call_of_a_deletion_fails_the_next_ends_it(sandbox: Sandbox, name: str) -> None:
    before(sandbox, name)
    empty = snapshot(sandbox)
    number, status = 0, "DELETE_FAILED"
    while status == "DELETE_FAILED":
        number += 1
        assert made(sandbox, name) == "CREATE_COMPLETE"
        stack_id = stack(sandbox, name)["StackId"]
        status = refusing(sandbox, number, lambda found=stack_id: deleted(sandbox, found))
        if status == "DELETE_FAILED":
            assert deleted(sandbox, stack_id) == "DELETE_COMPLETE"
        assert snapshot(sandbox) == empty, number
    assert (status, number > 3) == ("DELETE_COMPLETE", True)


def test_a_roll_back_that_fails_too_says_what_is_left(sandbox: Sandbox) -> None:
    before(sandbox, "detection")
    empty = snapshot(sandbox)

    class Stubborn(Writes):
        """Refuses the pack, and that the log group which was made before it is deleted."""

        def before(self, call: ApiCall) -> None:
            if call.name in ("config:PutConformancePack", "logs:DeleteLogGroup"):
                raise ApiError("InternalFailure", "not today", 400)

    sandbox.hooks.append(Stubborn())
    assert made(sandbox, "detection") == "ROLLBACK_FAILED"
    found = stack(sandbox, "detection")
    assert "DetectorLog" in found["StackStatusReason"]
    sandbox.hooks.clear()
    assert deleted(sandbox, found["StackId"]) == "DELETE_COMPLETE"
    assert snapshot(sandbox) == empty

"""Whatever operation a role calls, it is judged or refused by name; the judge never breaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.core.utils import get_service_model

from netmend.sandbox import extensions
from netmend.sandbox.api import ApiCall, ApiError, Caller
from netmend.sandbox.core import Sandbox
from netmend.sandbox.iam import gate

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/gone"
WHO = Caller("role", ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/gone/s", ROLE, "s")
DEEPEST = 4

UNJUDGED = {
    "config": 0,
    "dynamodb": 7,
    "ec2": 28,
    "events": 0,
    "iam": 3,
    "kms": 0,
    "lambda": 3,
    "s3": 7,
    "sns": 0,
    "sqs": 0,
    "ssm": 2,
}
"""Service -> how many of its operations AWS's reference has no action for."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions, "MODULES", ("iam",))
        with Sandbox() as started:
            yield started


def example(shape: Any, depth: int = 0) -> Any:
    """A value of a botocore shape, with all its members."""
    if depth > DEEPEST:
        return {"structure": {}, "map": {}, "list": []}.get(shape.type_name, "text")
    match shape.type_name:
        case "structure":
            return {name: example(one, depth + 1) for name, one in shape.members.items()}
        case "list":
            return [example(shape.member, depth + 1)]
        case "map":
            return {"k": example(shape.value, depth + 1)}
        case "integer" | "long":
            return 1
        case "boolean":
            return True
    return "text"


def refusal(sandbox: Sandbox, service: str, operation: str, params: dict[str, Any]) -> str:
    call = ApiCall(service, operation, params, ACCOUNT, "us-east-1", WHO, "id")
    try:
        gate.authorise(sandbox, call)
    except ApiError as error:
        return error.code
    return ""


@pytest.mark.parametrize("service", UNJUDGED)
def test_a_role_without_rights_is_refused_every_operation(sandbox: Sandbox, service: str) -> None:
    model = get_service_model(service)
    codes: dict[str, str] = {}
    for name in model.operation_names:
        shape = model.operation_model(name).input_shape
        codes[name] = refusal(sandbox, service, name, example(shape) if shape else {})
    unjudged = [name for name, code in codes.items() if code == "NotImplemented"]
    assert "" not in codes.values()
    assert len(unjudged) == UNJUDGED[service], unjudged

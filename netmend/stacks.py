"""A stack is created or updated, and when that fails one line says which resource and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError, WaiterError

from netmend.errors import UserError

LARGEST_BODY: Final = 51_200
"""Bytes that CloudFormation takes in a request; a larger template must lie in S3."""

WAIT: Final = {"Delay": 2, "MaxAttempts": 900}
UNMADE: Final = ("ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS")
"""States in which nothing stands and which no update leads out of."""


class StackError(UserError):
    """A stack did not become what its template says."""


def deploy(
    target: Any,
    name: str,
    template_text: str,
    parameters: Mapping[str, str] | None = None,
    capabilities: Iterable[str] = (),
) -> dict[str, str]:
    """Create the stack, or update it, and wait; returns its outputs by key.

    target: a boto3 CloudFormation client, or a sandbox. A stack whose creation failed before is
    deleted first; one that needs no update is left alone. Raises StackError.
    """
    client = target if hasattr(target, "create_stack") else target.client("cloudformation")
    size = len(template_text.encode())
    if size > LARGEST_BODY:
        raise StackError(
            f"the template of {name} has {size} bytes, CloudFormation takes {LARGEST_BODY}",
            "upload it to S3 and deploy it from there",
        )
    request: dict[str, Any] = {
        "StackName": name,
        "TemplateBody": template_text,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value}
            for key, value in (parameters or {}).items()
        ],
        "Capabilities": list(capabilities),
    }
    _carry_out(client, request)
    stack = client.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _carry_out(client: Any, request: dict[str, Any]) -> None:
    name = request["StackName"]
    status = _status(client, name)
    if status in UNMADE:
        _wait(client, "stack_delete_complete", name, client.delete_stack(StackName=name))
        status = ""
    verb = "update" if status else "create"
    try:
        started = getattr(client, f"{verb}_stack")(**request)
    except ClientError as error:
        said = error.response["Error"]["Message"]
        if "No updates are to be performed" in said:
            return
        raise StackError(f"stack {name}: {said}") from error
    _wait(client, f"stack_{verb}_complete", name, started)


def _status(client: Any, name: str) -> str:
    try:
        found = client.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return ""
        raise
    return str(found[0]["StackStatus"])


def _wait(client: Any, waiter: str, name: str, started: Mapping[str, Any]) -> None:
    stack_id = started.get("StackId", name)
    try:
        client.get_waiter(waiter).wait(StackName=stack_id, WaiterConfig=WAIT)
    except WaiterError as error:
        raise StackError(f"stack {name}: {first_failure(client, stack_id) or error}") from error


def first_failure(client: Any, stack: str) -> str:
    """The first resource that failed in a stack's latest operation, its type and the reason."""
    failure = ""
    for page in client.get_paginator("describe_stack_events").paginate(StackName=stack):
        for event in page["StackEvents"]:  # the latest first
            is_stack = event["ResourceType"] == "AWS::CloudFormation::Stack"
            reason = event.get("ResourceStatusReason", "")
            if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in reason.lower():
                failure = f"{event['LogicalResourceId']} ({event['ResourceType']}): {reason}"
            if is_stack and reason == "User Initiated":
                return failure
    return failure

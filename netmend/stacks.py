"""One stack of any template is created or updated; what fails is told in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from netmend.deploy.change import Change
from netmend.deploy.standing import StackError, first_failure, look, refuse_stuck, rest
from netmend.deploy.writes import carry_out, silent

__all__ = ["LARGEST_BODY", "StackError", "deploy", "first_failure"]

LARGEST_BODY: Final = 51_200
"""Bytes that CloudFormation takes in a request; a larger template must lie in S3."""


def deploy(
    target: Any,
    name: str,
    template_text: str,
    parameters: Mapping[str, str] | None = None,
    capabilities: Iterable[str] = (),
) -> dict[str, str]:
    """Bring one stack to a template of its own, and wait; returns its outputs by key.

    target: a boto3 CloudFormation client, or a sandbox. Parameters that are not given take the
    template's default. Raises StackError.
    """
    client = target if hasattr(target, "create_change_set") else target.client("cloudformation")
    size = len(template_text.encode())
    if size > LARGEST_BODY:
        raise StackError(
            f"the template of {name} has {size} bytes, CloudFormation takes {LARGEST_BODY}",
            "upload it to S3 and deploy it from there",
        )
    standing = rest(client, look(client, name))
    refuse_stuck(standing)
    source, given = {"TemplateBody": template_text}, dict(parameters or {})
    change = Change(client, standing, source, (), given, tuple(capabilities))
    carry_out(change.writes(), silent)
    return dict(look(client, name).outputs)

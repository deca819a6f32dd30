"""Automation executions bear tags, which moto knows of other things alone."""

from __future__ import annotations

from typing import Any, Final

from moto.ssm.models import ssm_backends

from netmend.sandbox.api import FORWARD, ApiCall, ApiError, operation
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm.runs import Runs

AUTOMATION: Final = "Automation"
MOST: Final = 50


@operation("ssm", "AddTagsToResource")
def add(sandbox: Sandbox, call: ApiCall) -> Any:
    """Set tags, or change their values."""
    if call.params["ResourceType"] != AUTOMATION:
        return FORWARD
    kept = _tags(sandbox, call)
    given = {tag["Key"]: tag["Value"] for tag in call.params["Tags"]}
    if len({*kept, *given}) > MOST:
        raise ApiError("TooManyTagsError", f"A resource has at most {MOST} tags.")
    kept.update(given)
    return {}


@operation("ssm", "RemoveTagsFromResource")
def remove(sandbox: Sandbox, call: ApiCall) -> Any:
    """Take tags off by their keys."""
    if call.params["ResourceType"] != AUTOMATION:
        return FORWARD
    kept = _tags(sandbox, call)
    for key in call.params["TagKeys"]:
        kept.pop(key, None)
    return {}


@operation("ssm", "ListTagsForResource")
def show(sandbox: Sandbox, call: ApiCall) -> Any:
    """The tags of a run."""
    if call.params["ResourceType"] != AUTOMATION:
        return FORWARD
    kept = _tags(sandbox, call)
    return {"TagList": [{"Key": key, "Value": value} for key, value in kept.items()]}


def _tags(sandbox: Sandbox, call: ApiCall) -> dict[str, str]:
    wanted = call.params["ResourceId"]
    if wanted not in sandbox.state(Runs, call.account, call.region).by_id:
        raise ApiError("InvalidResourceId", f"There is no automation execution {wanted}.")
    backend = ssm_backends[call.account][call.region]
    kept: dict[str, str] = backend._resource_tags[AUTOMATION][wanted]
    return kept

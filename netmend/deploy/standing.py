"""What there is of a stack, in whatever state an earlier run has left it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from netmend.deploy.writes import Tell, silent
from netmend.errors import UserError

PAUSE: Final = 2.0  # seconds
PATIENCE: Final = 1_800
"""Looks at a stack, an hour's worth: a conformance pack alone may take minutes."""

REVIEW: Final = "REVIEW_IN_PROGRESS"
"""A change set has made the stack's name, and nobody has carried the change set out."""

UNMADE: Final = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED", "DELETE_FAILED")
"""States that no update leads out of; what was made before goes first."""

EMPTY: Final = ("", REVIEW, "ROLLBACK_COMPLETE")
"""States in which a stack holds no resource."""

STUCK: Final = ("UPDATE_ROLLBACK_FAILED", "IMPORT_ROLLBACK_FAILED")
DONE: Final = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE")
OURS: Final = "netmend-"
MADE: Final = ("CREATE_COMPLETE", "FAILED", "DELETE_FAILED")
"""States of a change set that can be deleted."""


class StackError(UserError):
    """A stack did not become what its template says."""


@dataclass(frozen=True)
class Standing:
    """What there is of a stack. status is "" where there is none; left: change sets of ours."""

    name: str
    status: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    template: str = ""
    left: tuple[str, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether resources stand that an update would change."""
        return self.status not in ("", REVIEW, *UNMADE)

    @property
    def moving(self) -> bool:
        """Whether CloudFormation is at work on it."""
        return self.status.endswith("_IN_PROGRESS") and self.status != REVIEW


def look(client: Any, name: str) -> Standing:
    """Read all that there is of a stack."""
    try:
        found = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in error.response["Error"]["Message"]:
            return Standing(name)
        raise
    pages = client.get_paginator("list_change_sets").paginate(StackName=name)
    left = [c["ChangeSetName"] for page in pages for c in page["Summaries"] if _pending(c)]
    return Standing(
        name,
        found["StackStatus"],
        {p["ParameterKey"]: p["ParameterValue"] for p in found.get("Parameters", ())},
        {o["OutputKey"]: o["OutputValue"] for o in found.get("Outputs", ())},
        _template(client, name, found["StackStatus"]),
        tuple(left),
    )


def _template(client: Any, name: str, status: str) -> str:
    if status in (*EMPTY, *UNMADE):
        return ""
    body = client.get_template(StackName=name, TemplateStage="Original")["TemplateBody"]
    return body if isinstance(body, str) else ""


def _pending(summary: Mapping[str, Any]) -> bool:
    # CloudFormation keeps the set that it has carried out, and deletes it with the next.
    done = str(summary.get("ExecutionStatus", "")).startswith("EXECUTE")
    # One that is in the making can't be deleted: the next run finds it again.
    made = str(summary["Status"]) in MADE
    return summary["ChangeSetName"].startswith(OURS) and made and not done


def rest(client: Any, standing: Standing, tell: Tell = silent) -> Standing:
    """The stack when CloudFormation has ended what it is at."""
    if not standing.moving:
        return standing
    tell(f"{standing.name} is {standing.status}: waiting until that has ended")
    settled(client, standing.name)
    return look(client, standing.name)


def refuse_stuck(standing: Standing) -> None:
    """Raises StackError where only a person can lead the stack on."""
    if standing.status in STUCK:
        raise StackError(
            f"stack {standing.name} is {standing.status}, which no deployment leads out of",
            f"mend what its events name, then aws cloudformation continue-update-rollback "
            f"--stack-name {standing.name}",
        )


def settled(client: Any, name: str, *, review: bool = False) -> str:
    """The status that a stack comes to rest in; "" when it is gone."""
    status = ""
    for _ in range(PATIENCE):
        try:
            status = str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        except ClientError as error:
            if "does not exist" in error.response["Error"]["Message"]:
                return ""
            raise
        if not status.endswith("_IN_PROGRESS") or (status == REVIEW and not review):
            return status
        time.sleep(PAUSE)
    raise late(name, status)


def late(name: str, status: str) -> StackError:
    return StackError(
        f"stack {name} is still {status}", "run it again later, it goes on from there"
    )


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

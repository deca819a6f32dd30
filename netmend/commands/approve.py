"""`netmend approve` answers the question that a runbook waits with."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from netmend.commands.ambient import client, told_in_one_line
from netmend.errors import DRIFT, FINE, UserError

Step = dict[str, Any]  # a StepExecution as GetAutomationExecution gives it


def approve(
    execution: Annotated[str, typer.Argument(help="Id of the waiting Automation execution.")],
    reject: Annotated[bool, typer.Option("--reject", help="Say no instead.")] = False,
    comment: Annotated[str, typer.Option(help="Kept with the answer.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first on a terminal.")] = False,
) -> int:
    """Answer a runbook that waits for approval.

    Shows what it asks first. Exit code 2 when the question is left waiting.
    """
    with told_in_one_line():
        ssm = client("ssm")
        step = waiting_step(ssm, execution)
        typer.echo(asked(step, "Message"), err=True)
        refuse_strangers(asked_list(step, "Approvers"), client("sts").get_caller_identity()["Arn"])
        if not (yes or confirmed("reject" if reject else "approve")):
            typer.echo(f"{execution} was not answered, it still waits", err=True)
            return DRIFT
        payload = {"Payload": {"Comment": [comment]}} if comment else {}
        ssm.send_automation_signal(
            AutomationExecutionId=execution,
            SignalType="Reject" if reject else "Approve",
            **payload,
        )
    typer.echo(f"{'rejected' if reject else 'approved'} {execution}")
    return FINE


def confirmed(answer: str) -> bool:
    """Whether the user wants to give that answer; where nobody sits at a terminal, yes."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    # Not typer.confirm: where stdout is a pipe it writes part of the prompt there.
    typer.echo(f"{answer}? [y/N] ", nl=False, err=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def waiting_step(ssm: Any, execution: str) -> Step:
    """The aws:approve step that waits, or a UserError that says why there is none."""
    from botocore.exceptions import ParamValidationError

    try:
        found = ssm.get_automation_execution(AutomationExecutionId=execution)["AutomationExecution"]
    except (
        ssm.exceptions.AutomationExecutionNotFoundException,
        ParamValidationError,  # the id has not even the form of one
    ) as error:
        where = ssm.meta.region_name
        raise UserError(
            f"no automation execution {execution} in {where}",
            "check the id, AWS_REGION and account",
        ) from error
    for step in found.get("StepExecutions", ()):
        if step.get("Action") == "aws:approve" and step.get("StepStatus") == "Waiting":
            return dict(step)
    status = found.get("AutomationExecutionStatus")
    raise UserError(
        f"execution {execution} waits for no approval: it is {status}",
        "only an execution that is Waiting at its Approve step can be answered",
    )


def refuse_strangers(approvers: list[str], caller: str) -> None:
    if approvers and not any(is_named(caller, approver) for approver in approvers):
        raise UserError(
            f"{caller} may not answer: the approvers are {', '.join(approvers)}",
            "sign in as one of them",
        )


def is_named(caller: str, approver: str) -> bool:
    """Whether aws:approve's `approver` (a user's name, or the ARN of a user, role or session)
    names the caller, whose ARN is as GetCallerIdentity gives it."""
    head, _, path = caller.partition("/")
    if head.endswith(":user"):
        return approver in (caller, path.rpartition("/")[2])
    if not head.endswith(":assumed-role"):
        return approver == caller
    role, _, _ = path.partition("/")
    owner = head.replace(":sts:", ":iam:").removesuffix(":assumed-role")
    # GetCallerIdentity leaves out the path that a role's ARN may hold.
    is_role = approver.startswith(f"{owner}:role/") and approver.rpartition("/")[2] == role
    return is_role or approver == caller


def asked(step: Step, name: str) -> str:
    """An input of the step as text: Automation keeps each input as JSON, or as bare text."""
    raw = str(step.get("Inputs", {}).get(name, ""))
    try:
        value = json.loads(raw)
    except ValueError:
        return raw
    return value if isinstance(value, str) else raw


def asked_list(step: Step, name: str) -> list[str]:
    raw = str(step.get("Inputs", {}).get(name, ""))
    try:
        value = json.loads(raw)
    except ValueError:
        return [one.strip() for one in raw.strip("[]").split(",") if one.strip()]
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]

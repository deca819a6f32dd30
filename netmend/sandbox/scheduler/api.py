"""CreateSchedule and UpdateSchedule take what AWS takes; what stands begins to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.scheduler.models import scheduler_backends
from moto.utilities.utils import get_partition

from netmend.sandbox import iam
from netmend.sandbox.api import ApiCall, ApiError, guard, observer
from netmend.sandbox.events import expressions
from netmend.sandbox.scheduler import firing, targets
from netmend.sandbox.scheduler.attempts import PRINCIPAL, assume

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

LONGEST_WINDOW: Final = 1440


@guard("scheduler", "CreateSchedule", "UpdateSchedule")
def check(sandbox: Sandbox, call: ApiCall) -> None:
    """Refuse what Scheduler refuses."""
    params = call.params
    group = str(params.get("GroupName") or "default")
    if group not in scheduler_backends[call.account][call.region].schedule_groups:
        raise ApiError("ResourceNotFoundException", f"Schedule group {group} does not exist.", 404)
    _check_times(params)
    _check_window(params["FlexibleTimeWindow"])
    targets.check(params["Target"])
    role = str(params["Target"]["RoleArn"])
    iam.require_pass_role(sandbox, call.caller, role, PRINCIPAL, call.region)
    _check_trust(sandbox, call, role, group)


@guard("scheduler", "CreateScheduleGroup", "DeleteScheduleGroup")
def check_group(sandbox: Sandbox, call: ApiCall) -> None:
    """moto makes a group anew, and cannot say that there is none."""
    name = str(call.params["Name"])
    stands = name in scheduler_backends[call.account][call.region].schedule_groups
    if call.operation == "CreateScheduleGroup" and stands:
        raise ApiError("ConflictException", f"Schedule group {name} already exists.", 409)
    if call.operation == "DeleteScheduleGroup" and name == "default":
        raise ApiError("ValidationException", "The default schedule group cannot be deleted.")
    if call.operation == "DeleteScheduleGroup" and not stands:
        raise ApiError("ResourceNotFoundException", f"Schedule group {name} does not exist.", 404)


def _check_times(params: dict[str, Any]) -> None:
    text = str(params["ScheduleExpression"])
    zone = str(params.get("ScheduleExpressionTimezone") or "UTC")
    try:
        expressions.parse("rate(1 hour)", zone)
    except ValueError:
        raise ApiError(
            "ValidationException", f"Invalid ScheduleExpressionTimezone {zone}."
        ) from None
    try:
        expressions.parse(text, zone)
    except ValueError as error:
        message = f"Invalid Schedule Expression {text}. {error}"
        raise ApiError("ValidationException", message) from None
    start, end = firing.moment(params.get("StartDate")), firing.moment(params.get("EndDate"))
    if start is not None and end is not None and start >= end:
        raise ApiError("ValidationException", "The StartDate must come before the EndDate.")


def _check_window(window: dict[str, Any]) -> None:
    minutes = window.get("MaximumWindowInMinutes")
    if window.get("Mode") == "FLEXIBLE":
        if minutes is None or not 1 <= int(minutes) <= LONGEST_WINDOW:
            raise ApiError(
                "ValidationException",
                f"MaximumWindowInMinutes must be from 1 to {LONGEST_WINDOW} for FLEXIBLE mode.",
            )
    elif window.get("Mode") != "OFF":
        raise ApiError(
            "ValidationException", f"FlexibleTimeWindow has no mode {window.get('Mode')}"
        )
    elif minutes is not None:
        message = "MaximumWindowInMinutes must not be given where the mode is OFF."
        raise ApiError("ValidationException", message)


def _check_trust(sandbox: Sandbox, call: ApiCall, role: str, group: str) -> None:
    partition = get_partition(call.region)
    arn = f"arn:{partition}:scheduler:{call.region}:{call.account}:schedule-group/{group}"
    try:
        assume(sandbox, role, call.account, call.region, arn)
    except ApiError as error:
        if error.status_code == 501:
            raise
        raise ApiError(
            "ValidationException",
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the "
            f"role: {role}",
        ) from error


@observer
def follow(sandbox: Sandbox, call: ApiCall) -> None:
    """Wait for what was made or changed, and for nothing that is gone."""
    if call.service != "scheduler":
        return
    group, name = str(call.params.get("GroupName") or "default"), str(call.params.get("Name", ""))
    backend = scheduler_backends[call.account][call.region]
    if call.operation in ("CreateSchedule", "UpdateSchedule"):
        schedule = backend.schedule_groups[group].schedules[name]
        # moto forgets this in UpdateSchedule.
        schedule.action_after_completion = call.params.get("ActionAfterCompletion") or "NONE"
        schedule.state = schedule.state or "ENABLED"
        firing.arm(sandbox, call.account, call.region, schedule)
    elif call.operation in ("DeleteSchedule", "DeleteScheduleGroup"):
        _forget(sandbox, call, group, name)


def _forget(sandbox: Sandbox, call: ApiCall, group: str, name: str) -> None:
    prefix = f"arn:{get_partition(call.region)}:scheduler:{call.region}:{call.account}:schedule"
    if call.operation == "DeleteSchedule":
        firing.disarm(sandbox, call.account, call.region, f"{prefix}/{group}/{name}")
        return
    armed = sandbox.state(firing.Armed, call.account, call.region).tokens
    for arn in [arn for arn in armed if arn.startswith(f"{prefix}/{name}/")]:
        firing.disarm(sandbox, call.account, call.region, arn)

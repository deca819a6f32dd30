"""Runs and steps are listed by all the filters that the API has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeVar

from moto.core.utils import get_service_model
from moto.ssm.models import ssm_backends

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm.paging import page
from netmend.sandbox.ssm.runs import About, Run, Runs
from netmend.sandbox.ssm.seeking import sought

Item = TypeVar("Item")
Record = Mapping[str, Any]
Test = Callable[[Any, list[str]], bool]

LOCAL: Final = "Local"
CROSS: Final = "CrossAccount"
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


@operation("ssm", "DescribeAutomationStepExecutions")
def steps(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The steps of a run, filtered and paged, in their order or the opposite one."""
    found = sought(sandbox, call).record()["StepExecutions"]
    found = _filtered(call, found, STEP_TESTS)
    if call.params.get("ReverseOrder"):
        found = found[::-1]
    shown, token = page(call, found, lambda step: str(step["StepExecutionId"]))
    return {"StepExecutions": shown, **token}


@operation("ssm", "DescribeAutomationExecutions")
def list_runs(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The runs of this account and Region, newest first."""
    runs = sandbox.state(Runs, call.account, call.region)
    heads = [Head(runs, run, call) for run in reversed(list(runs.by_id.values()))]
    found = _filtered(call, heads, RUN_TESTS)
    shown, token = page(call, found, lambda head: head.run.facts.execution_id)
    return {"AutomationExecutionMetadataList": [head.told() for head in shown], **token}


class Head:
    """A run as lists show it, told in full only where it is shown."""

    def __init__(self, runs: Runs, run: Run, call: ApiCall) -> None:
        self.run = run
        self._runs, self._call = runs, call

    @property
    def about(self) -> About:
        """What the API knows of it."""
        return self._runs.about.get(self.run.facts.execution_id) or About()

    @property
    def kind(self) -> str:
        """AutomationType."""
        return CROSS if self.about.cross_account else LOCAL

    @property
    def tags(self) -> Mapping[str, str]:
        """By key."""
        backend = ssm_backends[self._call.account][self._call.region]
        kept: Mapping[str, Mapping[str, str]] = backend._resource_tags.get("Automation", {})
        return kept.get(self.run.facts.execution_id, {})

    @property
    def groups(self) -> list[str]:
        """The resource groups that it targets."""
        targets = self.about.members.get("Targets") or []
        return [
            name for one in targets if one.get("Key") == "ResourceGroup" for name in one["Values"]
        ]

    def told(self) -> dict[str, Any]:
        """The AutomationExecutionMetadata structure."""
        record = {**self._runs.told(self.run), "AutomationType": self.kind}
        return {name: value for name, value in record.items() if name in _metadata()}


@cache
def _metadata() -> frozenset[str]:
    return frozenset(get_service_model("ssm").shape_for("AutomationExecutionMetadata").members)


def _filtered(call: ApiCall, items: Sequence[Item], tests: Mapping[str, Test]) -> list[Item]:
    asked = call.params.get("Filters") or []
    keys = [one["Key"] for one in asked]
    for key in keys:
        if key not in tests:
            raise ApiError("InvalidFilterKey", f"The filter key {key} isn't valid.")
        if keys.count(key) > 1:
            raise ApiError("InvalidFilterKey", f"The filter key {key} is given more than once.")
    found = list(items)
    for one in asked:
        test, values = tests[one["Key"]], one["Values"]
        _check_values(one["Key"], values)
        found = [item for item in found if test(item, values)]
    return found


def _check_values(key: str, values: list[str]) -> None:
    known = CHOICES.get(key, ())
    for value in values:
        if known and value not in known:
            message = f"The value {value} of the filter {key} is not one of {', '.join(known)}."
            raise ApiError("InvalidFilterValue", message)
    if key in TIMES:
        if len(values) > 1:
            raise ApiError("InvalidFilterValue", f"The filter {key} takes one value.")
        _moment(values[0])


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        message = f"The value {text} is no time: give it as 2026-01-31T12:00:00Z."
        raise ApiError("InvalidFilterValue", message) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _started(head: Head) -> datetime:
    return datetime.fromtimestamp(head.run.started, UTC)


def _of(name: str) -> Test:
    """Whether the member is one of the values."""
    return lambda step, values: str(step.get(name, "")) in values


def _of_parent(name: str) -> Test:
    return lambda step, values: str(step.get("ParentStepDetails", {}).get(name, "")) in values


def _action(head: Head, values: list[str]) -> bool:
    return head.run.record().get("CurrentAction", "") in values


def _prefix(head: Head, values: list[str]) -> bool:
    return head.run.facts.document_name.startswith(tuple(values))


TIMES: Final = ("StartTimeBefore", "StartTimeAfter")
STATUSES: Final = tuple(get_service_model("ssm").shape_for("AutomationExecutionStatus").enum)
CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "ExecutionStatus": STATUSES,
    "StepExecutionStatus": STATUSES,
    "AutomationType": (LOCAL, CROSS),
    "AutomationSubtype": ("ChangeRequest", "AccessRequest"),
}
STEP_TESTS: Final[Mapping[str, Test]] = {
    "StepName": _of("StepName"),
    "Action": _of("Action"),
    "StepExecutionStatus": _of("StepStatus"),
    "StepExecutionId": _of("StepExecutionId"),
    "StartTimeBefore": lambda step, values: (
        "ExecutionStartTime" in step and step["ExecutionStartTime"] <= _moment(values[0])
    ),
    "StartTimeAfter": lambda step, values: (
        step.get("ExecutionStartTime", EARLIEST) >= _moment(values[0])
    ),
    "ParentStepExecutionId": _of_parent("StepExecutionId"),
    "ParentStepIteration": _of_parent("Iteration"),
    "ParentStepIteratorValue": _of_parent("IteratorValue"),
}
RUN_TESTS: Final[Mapping[str, Test]] = {
    "DocumentNamePrefix": _prefix,
    "ExecutionStatus": lambda head, values: head.run.status in values,
    "ExecutionId": lambda head, values: head.run.facts.execution_id in values,
    "ParentExecutionId": lambda head, values: (
        head.about.parent is not None and head.about.parent[2] in values
    ),
    "CurrentAction": _action,
    "StartTimeBefore": lambda head, values: _started(head) <= _moment(values[0]),
    "StartTimeAfter": lambda head, values: _started(head) >= _moment(values[0]),
    "AutomationType": lambda head, values: head.kind in values,
    "TagKey": lambda head, values: any(value in head.tags for value in values),
    "TargetResourceGroup": lambda head, values: any(value in head.groups for value in values),
    "AutomationSubtype": lambda head, values: False,
    "OpsItemId": lambda head, values: False,
}

"""StartAutomationExecution: a run begins when its document, parameters and role are in order."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from moto.ssm.models import ssm_backends

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.core import Sandbox
from netmend.sandbox.rates import take
from netmend.sandbox.ssm import locations, targets
from netmend.sandbox.ssm.fleet import Fleet
from netmend.sandbox.ssm.making import Order, execution, runbook
from netmend.sandbox.ssm.outside import PARENT
from netmend.sandbox.ssm.runs import CONTROLLED, SINGLE, About, Run, Runs, admit, require_room

OPERATION: Final = "StartAutomationExecution"
BURST: Final = 50
"""The rate is AWS's, the burst ours: a suite that starts some dozens of runs in one go gets through
(boto3 tries only three times), and a storm of events is throttled from its fifty-first on."""

REFUSED: Final = ("AlarmConfiguration", "TargetLocationsURL")
MOST_TAGS: Final = 5
CONTROLS: Final = ("Targets", "TargetMaps", "TargetParameterName")
SHOWN: Final = (*CONTROLS, "TargetLocations", "MaxConcurrency", "MaxErrors")


@operation("ssm", OPERATION)
def start(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Begin a run, or many; the steps are worked off behind the API."""
    order = Order(sandbox, call, PARENT.get())
    runs = sandbox.state(Runs, call.account, call.region)
    if order.parent is None:
        take(sandbox, call.account, call.region, OPERATION, 1, BURST)
    token = str(call.params.get("ClientToken") or "").lower()
    request = _digest(call.params)
    if token in runs.tokens:
        return {"AutomationExecutionId": _repeated(runs, token, request)}
    lane = _lane(order)
    if order.parent is None:
        require_room(runs, lane)
    made = _begin(order, lane)
    if token:
        runs.tokens[token] = (request, made)
    return {"AutomationExecutionId": made}


def _lane(order: Order) -> str:
    """Where the run takes its turn; a child for which a step waits must not wait itself."""
    if order.parent is not None:
        account, region, parent = order.parent
        started_by = order.sandbox.state(Runs, account, region).by_id.get(parent)
        if not isinstance(started_by, Fleet):
            return ""
    return CONTROLLED if _controlled(order.call.params) else SINGLE


def _begin(order: Order, lane: str) -> str:
    params = order.call.params
    _refuse(params)
    _check_tags(params.get("Tags") or [])
    members = {name: params[name] for name in SHOWN if params.get(name)}
    if params.get("TargetLocations"):
        run: Run = locations.fleet(order)
    elif _controlled(params):
        run = targets.fleet(order)
    else:
        run = execution(order, runbook(order), params.get("Parameters") or {})
    about = About(order.members(members), lane, order.parent, "TargetLocations" in members)
    admit(order.sandbox, run, about)
    if params.get("Tags"):
        _tag(order.call, run.facts.execution_id, params["Tags"])
    return run.facts.execution_id


def _controlled(params: Mapping[str, Any]) -> bool:
    return any(params.get(name) for name in (*CONTROLS, "TargetLocations"))


def _refuse(params: Mapping[str, Any]) -> None:
    found = next((name for name in REFUSED if params.get(name)), "")
    if params.get("Mode") == "Interactive":
        found = "Mode Interactive"
    if any(place.get("TargetLocationAlarmConfiguration") for place in _places(params)):
        found = "TargetLocationAlarmConfiguration"
    if found:
        raise ApiError("NotImplemented", f"the sandbox starts no runs with {found}", 501)


def _places(params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return params.get("TargetLocations") or []


def _check_tags(tags: list[Mapping[str, str]]) -> None:
    if len(tags) > MOST_TAGS:
        message = f"{len(tags)} tags are given, of which an automation takes {MOST_TAGS}"
        raise ApiError("ValidationException", message)
    if len({tag["Key"] for tag in tags}) < len(tags):
        raise ApiError("ValidationException", "Duplicate tag keys are not allowed.")


def _tag(call: ApiCall, execution_id: str, tags: list[Mapping[str, str]]) -> None:
    kept = ssm_backends[call.account][call.region]._resource_tags["Automation"][execution_id]
    kept.update({tag["Key"]: tag["Value"] for tag in tags})


def _digest(params: Mapping[str, Any]) -> str:
    asked = {name: value for name, value in params.items() if name != "ClientToken"}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _repeated(runs: Runs, token: str, request: str) -> str:
    first, made = runs.tokens[token]
    if first != request:
        message = "The client token was used before, with other parameters."
        raise ApiError("IdempotentParameterMismatch", message)
    return made

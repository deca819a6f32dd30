"""Invocations of the detector, as Config sent them and as a test has altered them."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from tests.handlers.faults import Watch, hooked
from tests.loop.world import World

Event = dict[str, Any]
Edit = Callable[[Event, Event], object]
"""Alters an invocation and its notification in place."""


def notice(event: Event) -> Event:
    found: Event = json.loads(event["invokingEvent"])
    return found


def edited(event: Event, edit: Edit) -> Event:
    changed, told = copy.deepcopy(event), notice(event)
    edit(changed, told)
    if changed["invokingEvent"] == event["invokingEvent"]:
        changed["invokingEvent"] = json.dumps(told)
    return changed


def judge(world: World, event: Event) -> tuple[str, list[str], str]:
    """(the error's type or nothing, the verdicts that were put, the error's message)."""
    watch = Watch("config:PutEvaluations")
    with hooked(world, watch):
        answer = world.client("lambda").invoke(
            FunctionName="netmend-detector", Payload=json.dumps(event).encode()
        )
    told = json.loads(answer["Payload"].read())
    verdicts = [e["ComplianceType"] for call in watch.calls for e in call.params["Evaluations"]]
    if "FunctionError" not in answer:
        return "", verdicts, ""
    return told["errorType"], verdicts, told["errorMessage"]


def item(**values: Any) -> Edit:
    return lambda _, told: told["configurationItem"].update(values)


def of_event(**values: Any) -> Edit:
    return lambda event, _: event.update(values)


def permissions(*found: object) -> Edit:
    return lambda _, told: told["configurationItem"]["configuration"].update(
        ipPermissions=list(found)
    )


def parameters(**given: str) -> Edit:
    return of_event(ruleParameters=json.dumps(given))


def put(watch: Watch) -> dict[str, str]:
    """The verdicts by resource id."""
    return {
        e["ComplianceResourceId"]: e["ComplianceType"]
        for call in watch.calls
        for e in call.params["Evaluations"]
    }

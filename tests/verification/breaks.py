"""What the sandbox would have to do for each check to fail: AWS as we hope that it is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final, cast

import pytest

from netmend.sandbox.api import OPERATIONS, ApiCall, ApiError
from netmend.sandbox.automation import attempt, execution, flow
from netmend.sandbox.automation.actions import ACTIONS, api
from netmend.sandbox.automation.actions.base import Call, Done, Outcome
from netmend.sandbox.automation.errors import StepFailed
from tests.handlers.faults import PLANNER, Fault
from tests.loop.world import World

Break = Callable[[World, pytest.MonkeyPatch], None]
Act = Callable[[Call], Outcome]


def _action(name: str, wrap: Callable[[Act], Act]) -> Break:
    def apply(_: World, patch: pytest.MonkeyPatch) -> None:
        action = ACTIONS[name]
        patch.setitem(attempt.ACTIONS, name, replace(action, run=wrap(action.run)))

    return apply


def _hook(name: str, role: str, error: ApiError) -> Break:
    def apply(world: World, patch: pytest.MonkeyPatch) -> None:
        fault = Fault(name, lambda: error, role=role)
        patch.setattr(world.sandbox, "hooks", [*world.sandbox.hooks, fault])

    return apply


def _no_jump(applies: Callable[[Any], bool]) -> Break:
    def apply(_: World, patch: pytest.MonkeyPatch) -> None:
        original = flow.after_failure

        def after_failure(document: Any, step: Any) -> Any:
            return None if applies(step) else original(document, step)

        patch.setattr(execution.flow, "after_failure", after_failure)

    return apply


def _payload_root(act: Act) -> Act:
    def run(call: Call) -> Outcome:
        done = cast(Done, act(call))
        return replace(done, response={"Payload": done.response})

    return run


def _errors_pass(act: Act) -> Act:
    def run(call: Call) -> Outcome:
        try:
            return act(call)
        except StepFailed:
            return Done({})

    return run


def _texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _texts(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_texts(item) for item in value]
    return str(value)


def _texts_for_numbers(act: Act) -> Act:
    return lambda call: act(replace(call, inputs=_texts(dict(call.inputs))))


def _empty_is_refused(act: Act) -> Act:
    def run(call: Call) -> Outcome:
        if call.inputs.get("TagSpecifications") == []:
            raise StepFailed("Tag specification list cannot be empty")
        return act(call)

    return run


def _old_sdk(_: World, patch: pytest.MonkeyPatch) -> None:
    original = api._respond

    def respond(call: Call, own: frozenset[str]) -> dict[str, Any]:
        found = original(call, own)
        return {k: v for k, v in found.items() if k != "RevokedSecurityGroupRules"}

    patch.setattr(api, "_respond", respond)


def _refused_evaluation(_: World, patch: pytest.MonkeyPatch) -> None:
    def refuse(sandbox: Any, call: ApiCall) -> Any:
        raise ApiError("AccessDeniedForServiceLinkedRule", "the rule is service-linked", 400)

    patch.setitem(OPERATIONS, ("config", "StartConfigRulesEvaluation"), refuse)


def _exclusive_time(_: World, patch: pytest.MonkeyPatch) -> None:
    original = OPERATIONS["config", "GetResourceConfigHistory"]

    def history(sandbox: Any, call: ApiCall) -> Any:
        answer = original(sandbox, call)
        first = 1 if "laterTime" in call.params else 0
        return {**answer, "configurationItems": answer["configurationItems"][first:]}

    patch.setitem(OPERATIONS, ("config", "GetResourceConfigHistory"), history)


DENIED: Final = ApiError("AccessDenied", "not authorized to perform: s3:PutObject", 403)
NO_START: Final = ApiError("AccessDeniedException", "not authorized to perform this", 403)
NO_ENTRIES: Final = ApiError("UnauthorizedOperation", "You are not authorized", 403)

BREAKS: Final[dict[int, Break]] = {
    1: _action("aws:invokeLambdaFunction", _payload_root),
    2: _action("aws:invokeLambdaFunction", _errors_pass),
    3: _action("aws:executeAwsApi", _texts_for_numbers),
    4: _action("aws:executeAwsApi", _empty_is_refused),
    5: _no_jump(lambda step: step.name == "Approve"),
    10: _refused_evaluation,
    12: _exclusive_time,
    13: _hook("ssm:StartAutomationExecution", "role/netmend-start", NO_START),
    14: _hook("s3:PutObject", PLANNER, DENIED),
    15: _hook("ec2:GetManagedPrefixListEntries", PLANNER, NO_ENTRIES),
    16: _old_sdk,
}

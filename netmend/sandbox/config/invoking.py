"""Rules are invoked for each item in their scope, when their period is over, and on demand."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from netmend.sandbox import events
from netmend.sandbox.config import lambdas, messages, recorders, tokens
from netmend.sandbox.config.inventory import Inventory
from netmend.sandbox.config.items import Item
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.store import CHANGE, OVERSIZED, Rule, Rules

HOUR: Final = 3600

PERIODS: Final = {
    "One_Hour": HOUR,
    "Three_Hours": 3 * HOUR,
    "Six_Hours": 6 * HOUR,
    "Twelve_Hours": 12 * HOUR,
    "TwentyFour_Hours": 24 * HOUR,
}
"""Seconds of each MaximumExecutionFrequency."""

RETRY_DELAYS: Final = (60.0, 120.0)
"""Seconds before Lambda's two retries of an asynchronous invocation that failed."""


def deliver(place: Place, item: Item, before: Item | None) -> None:
    """Tell EventBridge and every rule in whose scope the item is, or was until now."""
    message = messages.of_item(item, item.diff, place.now)
    name = "Config Configuration Item Change"
    events.publish(
        place.sandbox, place.account, place.region, "aws.config", name, message, [item.state.arn]
    )
    for rule in place.state(Rules).all():
        if rule.covers(item):
            invoke(place, rule, message)
        elif before is not None and rule.covers(before):
            invoke(place, rule, message, left_scope=True)


def evaluate(place: Place, rule: Rule, *, run: bool = False) -> None:
    """Have a rule judge the last items in its scope, or run its periodic evaluation.

    run: whether it is a run that another StartConfigRulesEvaluation must wait for.
    """
    if rule.hears(CHANGE) or rule.hears(OVERSIZED):
        inventory = place.state(Inventory)
        for item in inventory.latest():
            if not item.deleted and rule.covers(item):
                invoke(place, rule, messages.of_item(item, None, place.now), run=run)
    if rule.frequency:
        invoke(place, rule, messages.of_schedule(place.account, place.now), run=run)


def begin(place: Place, rule: Rule) -> None:
    """Evaluate a rule that is new or was changed, and wind its clock."""
    rule.revision += 1
    evaluate(place, rule)
    if rule.frequency:
        _wind(place, rule, place.sandbox.clock.time())


def _wind(place: Place, rule: Rule, last: float) -> None:
    due, revision = last + PERIODS[rule.frequency], rule.revision

    def run() -> None:
        if place.state(Rules).by_id(rule.rule_id) is rule and rule.revision == revision:
            invoke(place, rule, messages.of_schedule(place.account, place.now))
            _wind(place, rule, due)

    place.sandbox.engine.submit(f"period of rule {rule.name}", run, at=due)


def invoke(
    place: Place,
    rule: Rule,
    message: dict[str, Any],
    *,
    left_scope: bool = False,
    run: bool = False,
) -> None:
    """Queue one invocation; rules that do not hear this type of message are left alone."""
    if not rule.function or not rule.hears(message["messageType"]):
        return
    payload = _payload(place, rule, messages.text(message), left_scope)
    rule.running += run
    label, work = f"invoke rule {rule.name}", _Invocation(place, rule, payload, run).attempt
    place.sandbox.engine.submit(label, work)


def _payload(place: Place, rule: Rule, event: str, left_scope: bool) -> dict[str, Any]:
    digest = hashlib.sha256(event.encode()).hexdigest()
    claims = {"rule": rule.rule_id, "name": rule.name, "event": digest, "invoked": place.now}
    parameters = rule.definition.get("InputParameters", "{}")
    given = {"ruleParameters": parameters} if json.loads(parameters) else {}
    return {
        "version": "1.0",
        "invokingEvent": event,
        **given,  # the key is absent where the rule has no parameters
        "resultToken": tokens.issue(place, claims),
        "eventLeftScope": left_scope,
        "executionRoleArn": recorders.role_arn(place),
        "configRuleArn": rule.arn,
        "configRuleName": rule.name,
        "configRuleId": rule.rule_id,
        "accountId": place.account,
    }


class _Invocation:
    """One asynchronous invocation with the retries that Lambda makes of it."""

    def __init__(self, place: Place, rule: Rule, payload: dict[str, Any], run: bool) -> None:
        self._place = place
        self._rule = rule
        self._payload = payload
        self._run = run
        self._retries = iter(RETRY_DELAYS)

    def attempt(self) -> None:
        """Invoke the function, unless the rule is gone; try again later where that fails."""
        rule, delay = self._rule, None
        try:
            if self._place.state(Rules).by_id(rule.rule_id) is rule:
                failure = lambdas.invoke(self._place, rule.function, self._payload)
                _note(self._place, rule, failure)
                delay = next(self._retries, None) if failure and failure.passing else None
        finally:
            rule.running -= self._run and delay is None
        if delay is not None:
            at = self._place.sandbox.clock.time() + delay
            self._place.sandbox.engine.submit(f"retry rule {rule.name}", self.attempt, at=at)


def _note(place: Place, rule: Rule, failure: lambdas.Failure | None) -> None:
    now = place.time
    if failure is None:
        rule.status["LastSuccessfulInvocationTime"] = now
    else:
        rule.status["LastFailedInvocationTime"] = now
        rule.status["LastErrorCode"], rule.status["LastErrorMessage"] = failure

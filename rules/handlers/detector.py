"""The one function behind every Netmend rule: Config invokes it, it judges, it reports."""

import json
import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from botocore.exceptions import ClientError
from rdklib import ComplianceType, Evaluation
from rdklib.evaluator import init_event
from rdklib.util.evaluations import (
    process_event_evaluations_list,
    process_periodic_evaluations_list,
)

from rules.handlers import facts, live, rulebook
from rules.handlers.clients import ClientFactory, client
from rules.netlib import clock
from rules.netlib.rule import NetmendRule

logger = logging.getLogger(__name__)

PREFIX_LIST: Final = "AWS::EC2::PrefixList"
RECORDED: Final = frozenset({"OK", "ResourceDiscovered"})
FRESH: Final = timedelta(hours=1)
OVERSIZED: Final = "OversizedConfigurationItemChangeNotification"


class UnexpectedMessageError(ValueError):
    """Config sent a message type that Netmend's rules do not ask for."""


class UnreadableResourcesError(RuntimeError):
    """Some resources of a daily run could not be judged; the others were."""


def handle(event: Mapping[str, Any], context: object) -> dict[str, int]:
    """Judge what one rule invocation is about; returns the numbers of verdicts that Config stored.

    event: the invocation of a custom Lambda rule (Config developer guide, "Example events").
    Every error is raised, so that Lambda's retries and alarms see it.
    """
    rule, params = _rule(event["configRuleName"], event.get("ruleParameters") or "{}")
    notice = json.loads(event["invokingEvent"])
    kind = notice["messageType"]
    if kind == "ScheduledNotification":
        return _daily(event, rule, params)
    if kind == OVERSIZED:
        notice = _inflated(event, notice)
    elif kind != "ConfigurationItemChangeNotification":
        raise UnexpectedMessageError(f"Netmend's rules do not handle the message type {kind!r}")
    item = notice["configurationItem"]
    found = _judge_item(event, rule, params, item)
    stored = process_event_evaluations_list(event, ClientFactory(), found, item)
    if item["resourceType"] == PREFIX_LIST:
        _re_evaluate(event, notice, item)
    return _counted(stored)


@lru_cache(maxsize=64)
def _rule(name: str, parameters: str) -> tuple[NetmendRule, Any]:
    """Read once for all that one rule sends to this worker."""
    rule = rulebook.load(rulebook.control(name))
    return rule, rule.parameters(json.loads(parameters))


def _counted(stored: list[dict[str, Any]]) -> dict[str, int]:
    return dict(Counter(evaluation["ComplianceType"] for evaluation in stored))


def _inflated(event: Mapping[str, Any], notice: Mapping[str, Any]) -> dict[str, Any]:
    summary = notice["configurationItemSummary"]
    captured = summary["configurationItemCaptureTime"]
    # Real notifications carry both, the documentation's sample carries neither.
    full = {"notificationCreationTime": captured, "recordVersion": "1.3", **notice}
    inflated: dict[str, Any] = init_event(
        {**event, "invokingEvent": json.dumps(full)}, ClientFactory(captured)
    )
    return inflated


def _judge_item(
    event: Mapping[str, Any], rule: NetmendRule, params: Any, item: Mapping[str, Any]
) -> list[Evaluation]:
    applies = (
        item["resourceType"] in rule.RESOURCE_TYPES
        and item["configurationItemStatus"] in RECORDED
        and not event.get("eventLeftScope", False)
    )
    if not applies:
        return [Evaluation(ComplianceType.NOT_APPLICABLE)]
    return [_evaluation(rule, params, rule.from_item(item))]


def _evaluation(rule: NetmendRule, params: Any, resource: Any, **identity: str) -> Evaluation:
    found = rule.violations(resource, facts.read(rule.NEEDS, resource), params)
    if not found:
        return Evaluation(ComplianceType.COMPLIANT, **identity)
    return Evaluation(ComplianceType.NON_COMPLIANT, annotation=rule.annotation(found), **identity)


def _re_evaluate(
    event: Mapping[str, Any], notice: Mapping[str, Any], item: Mapping[str, Any]
) -> None:
    """The entries of a prefix list changed: have Config ask again about every group.

    A re-evaluation sends the list's item once more, without a difference; starting another
    evaluation from that would never end. A new list is in no group yet. Config starts an
    evaluation once a minute: beyond that the call fails, and Lambda runs us again in a minute.
    """
    captured = datetime.fromisoformat(str(item["configurationItemCaptureTime"]))
    difference = notice.get("configurationItemDiff") or {}
    if difference.get("changeType") != "UPDATE" or clock.now() - captured > FRESH:
        return
    client("config", attempts=1).start_config_rules_evaluation(
        ConfigRuleNames=[event["configRuleName"]]
    )


def _daily(event: Mapping[str, Any], rule: NetmendRule, params: Any) -> dict[str, int]:
    found, unreadable = [], []
    for kind in rule.RESOURCE_TYPES:
        for name, raw in live.ALL[kind]():
            try:
                resource = rule.from_live(raw)
                found.append(
                    _evaluation(rule, params, resource, resourceId=name, resourceType=kind)
                )
            except (rule.UNREADABLE, ClientError) as error:
                logger.error("not judged: %s: %s", name, error)
                unreadable.append((kind, name))
    # rdklib would ask for the rule's old results, by an operation whose model takes names of 64
    # characters: packs make longer ones. What is gone Config tells by an item of its own.
    rule.delete_old_evaluations_on_scheduled_notification = False
    stored = process_periodic_evaluations_list(event, ClientFactory(), found, rule)
    if unreadable:
        names = ", ".join(name for _, name in unreadable[:5])
        raise UnreadableResourcesError(f"{len(unreadable)} resource(s) not judged: {names}")
    return _counted(stored)

"""A rule judges files exactly as it judges a network: same adapters, same verdict, same plan."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from rdklib import InvalidParametersError

import rules
from netmend.errors import COULD_NOT, DRIFT, FINE, UsageError, did_you_mean
from netmend.plain_json import loads
from rules.netlib.errors import FactUnreadable, Malformed
from rules.netlib.plan import Plan
from rules.netlib.rule import NetmendRule

WITH_ITEM: Final = "ConfigurationItemChangeNotification"
RECORDED: Final = ("OK", "ResourceDiscovered", None)
GONE: Final = ("ResourceDeleted", "ResourceDeletedNotRecorded", "ResourceNotRecorded")
WITHOUT_ITEM: Final = {
    "OversizedConfigurationItemChangeNotification": "give the item of GetResourceConfigHistory",
    "ScheduledNotification": "give the resources themselves",
}
NO_PLAN: Final = {
    "decision": "NONE",
    "reason": "this rule does not judge it",
    "calls": [],
    "before": [],
    "after": [],
    "lost": [],
}
PLAN_PARTS: Final = tuple(NO_PLAN)


FIXES: Final = (
    (
        FactUnreadable,
        'give {"resource": ..., "facts": {"prefix_lists": {"pl-...": ["192.0.2.0/24"]}}}',
    ),
    (Malformed, "give it whole, as AWS answers it"),
    (InvalidParametersError, "netmend explain RULE says what it takes"),
)
"""How to fix a line, by what is wrong with it."""


class UnreadableLineError(ValueError):
    """A line is none of what can be judged; the message says what and how to fix it."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"{what} - {fix}")


class Judged(NamedTuple):
    """A resource in its one shape, why it is not compliant, and how it would be mended."""

    resource: Any
    violations: list[Any]
    plan: Plan


class Subject(NamedTuple):
    """What a line asks to be judged: a configuration item, or a Describe element."""

    resource: Mapping[str, Any]
    facts: Mapping[str, Any]
    parameters: Mapping[str, Any]
    left_scope: bool


def rule_names() -> list[str]:
    """Every rule: the folders of `rules` that are named in capitals."""
    return sorted(
        found.name for found in pkgutil.iter_modules(rules.__path__) if found.name.isupper()
    )


def find_rule(name: str) -> NetmendRule:
    """A rule by its folder, `A_B`, or by its name in Config, with or without a pack's suffix.

    Raises UsageError with the nearest name.
    """
    base = name.partition("-conformance-pack-")[0]
    folder = base.removeprefix("netmend-").replace("-", "_").upper()
    known = rule_names()
    if folder not in known:
        raise UsageError(f"no rule {name}", did_you_mean(folder, known))
    rule: NetmendRule = getattr(importlib.import_module(f"rules.{folder}.{folder}"), folder)()
    return rule


def evaluate_lines(
    rule: NetmendRule, raw_parameters: Mapping[str, str], lines: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """One answer for each line that is not blank, in order.

    A line is a configuration item, a rule invocation event (whose own ruleParameters hold where
    `raw_parameters` says nothing) or a Describe element, or `{"resource": one of these, "facts":
    {...}}`. An answer is `{"id", "compliance", "violations", "annotation", "plan"}`, or `{"error",
    "line"}`. Raises UsageError, before any line, if `raw_parameters` are wrong.
    """
    try:
        params = rule.parameters(raw_parameters)
    except InvalidParametersError as error:
        raise UsageError(f"--parameters: {error}", f"see {page_of(rule)}") from None
    return (
        _answer(rule, raw_parameters, params, number, line)
        for number, line in enumerate(lines, 1)
        if line.strip()
    )


def page_of(rule: NetmendRule) -> str:
    """The command that says what parameters a rule takes."""
    return f"netmend explain {type(rule).__name__}"


def exit_code(results: Iterable[Mapping[str, Any]]) -> int:
    """1 where a line could not be judged, else 2 where one is NON_COMPLIANT, else 0."""
    code = FINE
    for result in results:
        if "error" in result:
            code = COULD_NOT
        elif code == FINE and result["compliance"] == "NON_COMPLIANT":
            code = DRIFT
    return code


def _answer(
    rule: NetmendRule, given: Mapping[str, str], params: Any, number: int, line: str
) -> dict[str, Any]:
    try:
        subject = subject_of(parsed(line))
        if subject.parameters:
            params = rule.parameters({**subject.parameters, **given})
        return _judged(rule, subject, params)
    except (UnreadableLineError, InvalidParametersError, rule.UNREADABLE) as error:
        return {"error": refusal(error), "line": number}


def refusal(error: Exception) -> str:
    """Why a line cannot be judged, and how to fix it."""
    what = " ".join(str(error).split())
    fix = next((fix for kind, fix in FIXES if isinstance(error, kind)), "")
    return f"{what} - {fix}" if fix else what


def _judged(rule: NetmendRule, subject: Subject, params: Any) -> dict[str, Any]:
    if not applies(rule, subject):
        name = str(subject.resource.get("resourceId") or "")
        return _result(name, "NOT_APPLICABLE", [], None, NO_PLAN)
    resource, found, told = judge(rule, rule.resource(subject.resource), subject.facts, params)
    plan = told.to_json()
    # Every call is about the resource that the line's id names.
    plan["calls"] = [{k: v for k, v in call.items() if k != "GroupId"} for call in plan["calls"]]
    return _result(
        rule.changes(resource),
        "NON_COMPLIANT" if found else "COMPLIANT",
        [violation.to_json() for violation in found],
        rule.annotation(found) if found else None,
        {part: plan[part] for part in PLAN_PARTS},
    )


def judge(rule: NetmendRule, resource: Any, facts: Mapping[str, Any], params: Any) -> Judged:
    """What the rule finds and plans; raises rule.UNREADABLE."""
    found = rule.violations(resource, facts, params)
    return Judged(resource, found, rule.plan(resource, found, facts, params))


def _result(
    name: str, compliance: str, violations: list[Any], annotation: str | None, plan: dict[str, Any]
) -> dict[str, Any]:
    return {
        "id": name,
        "compliance": compliance,
        "violations": violations,
        "annotation": annotation,
        "plan": plan,
    }


def applies(rule: NetmendRule, subject: Subject) -> bool:
    """Whether the rule judges it: its type, recorded, in scope; raises UnreadableLineError."""
    item = subject.resource
    if "resourceType" not in item:
        return True
    status = item.get("configurationItemStatus")
    if status not in (*RECORDED, *GONE):
        raise UnreadableLineError(f"configurationItemStatus {status!r:.40}", "OK is expected")
    known = item["resourceType"] in rule.RESOURCE_TYPES
    return known and status in RECORDED and not subject.left_scope


def parsed(line: str) -> Mapping[str, Any]:
    """The JSON object of a line; raises UnreadableLineError."""
    try:
        line.encode()  # bytes that are no UTF-8 come as surrogates, which it refuses
        raw = loads(line.removeprefix("\ufeff"))
    except UnicodeEncodeError as error:
        raise UnreadableLineError(f"column {error.start + 1}: no UTF-8", "encode it so") from None
    except json.JSONDecodeError as error:
        raise UnreadableLineError(
            f"column {error.colno}: {error.msg}", "write one JSON object a line"
        ) from None
    except ValueError as error:
        raise UnreadableLineError(f"beyond JSON: {error}", "write one JSON object a line") from None
    return _object(raw, "the line")


def _object(raw: Any, what: str) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise UnreadableLineError(f"{what} is {raw!r:.40}", "a JSON object is expected")
    return raw


def subject_of(raw: Mapping[str, Any]) -> Subject:
    """What a line's object asks to be judged; raises UnreadableLineError."""
    facts: Mapping[str, Any] = {}
    if "resource" in raw:
        facts = _object(raw.get("facts") or {}, "facts")
        raw = _object(raw["resource"], "resource")
    if "invokingEvent" not in raw:
        return Subject(_item(raw), facts, {}, False)
    left_scope = bool(raw.get("eventLeftScope"))
    parameters = _embedded(raw.get("ruleParameters") or {}, "ruleParameters")
    return Subject(
        _item(_embedded(raw["invokingEvent"], "invokingEvent")), facts, parameters, left_scope
    )


def _embedded(raw: Any, what: str) -> dict[str, Any]:
    """Config sends JSON within JSON; tools that show events often unfold it."""
    try:
        value = loads(raw) if isinstance(raw, str) else raw
    except ValueError as error:  # ValueError: a number of too many digits, too
        raise UnreadableLineError(
            f"{what} is not JSON: {error}", "give the event as it came"
        ) from None
    return _object(value, what)


def _item(raw: Mapping[str, Any]) -> dict[str, Any]:
    kind = raw.get("messageType")
    if kind is None:
        return dict(raw)
    if isinstance(kind, str) and kind in WITHOUT_ITEM:
        raise UnreadableLineError(f"a {kind} holds no resource", WITHOUT_ITEM[kind])
    if kind != WITH_ITEM:
        raise UnreadableLineError(f"messageType {kind!r:.60}", f"{WITH_ITEM} is expected")
    return _object(raw.get("configurationItem"), "configurationItem")

"""A resource is looked up, live or in a file, judged by every rule for its type, and explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from rdklib import InvalidParametersError

from netmend.commands.ambient import told_in_one_line
from netmend.commands.evaluate import read
from netmend.errors import UsageError, UserError
from netmend.evaluate import (
    Judged,
    Subject,
    UnreadableLineError,
    applies,
    find_rule,
    judge,
    page_of,
    refusal,
    rule_names,
    subject_of,
)
from netmend.explain import live as aws
from netmend.explain.explaining import explain, no_verdict
from netmend.explain.files import Told, resources
from netmend.explain.model import Context, Explanation
from rules.netlib.errors import FactUnreadable
from rules.netlib.rule import NetmendRule

GROUP: Final = "AWS::EC2::SecurityGroup"
ID_TYPES: Final = {"sg": GROUP}
ELEMENT_TYPES: Final = {"GroupId": GROUP}
"""The type of an element of a Describe answer, by the field that holds its id."""


def live(
    resource_id: str, wanted: str, given: Mapping[str, str] | None
) -> Iterator[Explanation | UserError]:
    """The resource as it is now, under each rule; raises UserError."""
    kind = ID_TYPES.get(resource_id.partition("-")[0])
    if kind is None:
        readable = ", ".join(f"{prefix}-..." for prefix in ID_TYPES)
        raise UserError(
            f"{resource_id}: nothing reads its type live, only {readable}",
            "give its configuration item in a file",
        )
    chosen = _rules(kind, wanted, given or {}, resource_id)
    if kind not in chosen[0].RESOURCE_TYPES:
        raise UsageError(f"{wanted} does not judge {kind}", "leave --rule out")
    with told_in_one_line(), aws.in_region() as region:
        for rule in chosen:
            found = None if given is not None else aws.deployed(rule, wanted)
            parameters = found.parameters if found else given or {}
            params = _typed(rule, parameters)
            try:
                read = aws.read(rule, resource_id, params, region)
            except rule.UNREADABLE as error:
                raise UserError(str(error)) from error
            notes = aws.notes(rule, read.judged.resource, found) if found else ()
            whose = f"of the deployed rule {found.name}" if found else aws.DEFAULTS
            if given is not None:
                whose = _whose({}, given)
            yield explain(
                rule, read.judged, read.facts, parameters, Context(read.place, whose, notes)
            )


def from_file(
    file: str, wanted: str, given: Mapping[str, str]
) -> Iterator[Explanation | UserError]:
    """Each resource of a file under each rule for it, and an error for each that is unreadable."""
    if wanted:
        _typed(find_rule(wanted), given)
    for told in resources("".join(read(file)), "standard input" if file == "-" else file):
        if isinstance(told, UserError):
            yield told
            continue
        try:
            yield from _explained(told, wanted, given)
        except UsageError:
            raise
        except UserError as error:
            yield error
        except FactUnreadable as error:
            yield UserError(f"{told.place}: {refusal(error)}, or name the id of the resource")
        except (UnreadableLineError, InvalidParametersError, NetmendRule.UNREADABLE) as error:
            yield UserError(f"{told.place}: {refusal(error)}")


def _explained(told: Told, wanted: str, given: Mapping[str, str]) -> Iterator[Explanation]:
    subject = subject_of(told.raw)
    for rule in _rules(_type(subject), wanted, given, told.place):
        parameters = {**subject.parameters, **given}
        context = Context(told.place, _whose(subject.parameters, given))
        _typed(rule, given)
        params = rule.parameters(parameters)
        if not applies(rule, subject):
            name = str(subject.resource.get("resourceId") or "")
            yield no_verdict(rule, name, parameters, context)
            continue
        judged = judge(rule, rule.resource(subject.resource), subject.facts, params)
        context = Context(told.place, context.whose, _unknown(rule, judged, subject.facts))
        yield explain(rule, judged, subject.facts, parameters, context)


def _type(subject: Subject) -> str | None:
    """The resource type that an item names, or that an element of a Describe answer must have."""
    named = subject.resource.get("resourceType")
    if named is not None:
        return str(named)
    return next((kind for key, kind in ELEMENT_TYPES.items() if key in subject.resource), None)


def _rules(kind: str | None, wanted: str, given: Mapping[str, str], what: str) -> list[NetmendRule]:
    """The rule that the user wants, or all that judge the type and take the given parameters.

    Raises UserError; where no rule takes them, all are returned, and refuse them by name.
    """
    if wanted:
        return [find_rule(wanted)]
    every = [find_rule(name) for name in rule_names()]
    found = [rule for rule in every if kind in rule.RESOURCE_TYPES]
    if not found:
        judged = sorted({one for rule in every for one in rule.RESOURCE_TYPES})
        raise UserError(
            f"{what}: no rule judges {kind}" if kind else f"{what}: not of a type that rules judge",
            f"rules judge {', '.join(judged)}; --rule names one",
        )
    return [rule for rule in found if given.keys() <= rule.PARAMETERS.keys()] or found


def _typed(rule: NetmendRule, given: Mapping[str, str]) -> Any:
    try:
        return rule.parameters(given)
    except InvalidParametersError as error:
        raise UsageError(f"--parameters: {error}", f"see {page_of(rule)}") from None


def _unknown(
    rule: NetmendRule, judged: Judged, facts: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    missing = [name for name in rule.PLAN_NEEDS if name not in facts]
    if not missing or not judged.violations:
        return ()
    return (("not given", f"{', '.join(missing)}: a plan made live heeds them too"),)


def _whose(own: Mapping[str, str], given: Mapping[str, str]) -> str:
    if own:
        return "of the event" + (" and given by --parameters" if given else "")
    return "given by --parameters, else the defaults" if given else "the defaults"

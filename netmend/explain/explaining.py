"""A judged resource becomes an explanation: who opens what, who does not, what would be done."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

from netmend.evaluate import Judged
from netmend.explain import model
from netmend.explain.attribution import Opening, openings
from netmend.explain.numbers import part, share, threshold
from netmend.explain.reasons import reason
from rules.netlib.addresses import FAMILIES, intersect, sizes
from rules.netlib.exposure import Sources
from rules.netlib.permissions import Permission, SecurityGroup
from rules.netlib.plan import ip_permissions
from rules.netlib.policy import Policy, Ports, port_text
from rules.netlib.rule import NetmendRule, read_parameters
from rules.netlib.special import PRIVATE
from rules.netlib.words import permission_lines

MEANINGS: Final = {
    "MEND": "In mode enforce this is done without asking; in mode approve a person decides first.",
    "APPROVE": "A person is asked first, in mode enforce too",
    "HELD": "Nothing is changed, whatever the mode",
}


def explain(
    rule: NetmendRule,
    judged: Judged,
    facts: Mapping[str, Any],
    given: Mapping[str, str],
    context: model.Context,
) -> model.Explanation:
    """The explanation of what was judged with the parameters `given`; raises rule.UNREADABLE."""
    resource, params = judged.resource, rule.parameters(given)
    opened: tuple[model.Opening, ...] = ()
    harmless: tuple[model.Permission, ...] = ()
    lost: tuple[str, ...] = ()
    if isinstance(resource, SecurityGroup) and isinstance(params, Policy):
        sources = Sources(resource.ingress, facts)
        found = openings(resource.ingress, sources, params)
        opened = tuple(_opening(one, sources, params) for one in found)
        allowed = read_parameters(given, rule.PARAMETERS).get("AllowedPorts", Ports((), ()))
        lost = _private_lost(found, sources, params)
        harmless = tuple(_harmless(resource.ingress, found, sources, params, allowed))
    return model.Explanation(
        resource=rule.changes(resource),
        name=getattr(resource, "group_name", ""),
        rule=type(rule).__name__,
        statement=statement(rule),
        compliance=model.NON_COMPLIANT if judged.violations else model.COMPLIANT,
        parameters={name: given.get(name, one.default) for name, one in rule.PARAMETERS.items()},
        context=context,
        because="" if opened or harmless else _because(rule, judged),
        openings=opened,
        harmless=harmless,
        mend=_mend(rule, judged, lost) if judged.violations else None,
    )


def _because(rule: NetmendRule, judged: Judged) -> str:
    """The verdict in the rule's own words, where no permission has a part in it."""
    if judged.violations:
        return rule.annotation(judged.violations)
    is_closed = isinstance(judged.resource, SecurityGroup) and not judged.resource.ingress
    return "nothing is let in at all" if is_closed else "the rule finds nothing wrong with it"


def no_verdict(
    rule: NetmendRule, name: str, given: Mapping[str, str], context: model.Context
) -> model.Explanation:
    """The explanation of a resource that the rule does not judge."""
    return model.Explanation(
        resource=name,
        name="",
        rule=type(rule).__name__,
        statement=statement(rule),
        compliance=model.NOT_APPLICABLE,
        parameters=dict(given),
        context=context,
        because="it is deleted, has left the rule's scope, or is of a type that the rule only"
        " watches: there is nothing to judge",
    )


def statement(rule: NetmendRule) -> str:
    """What is true of a compliant resource: the first line of the rule's own file."""
    return (sys.modules[type(rule).__module__].__doc__ or "").strip().partition("\n")[0]


def _lets_in(permission: Permission) -> str:
    return permission_lines(ip_permissions([permission], described=False))[0]


def _opening(one: Opening, sources: Sources, policy: Policy) -> model.Opening:
    number = FAMILIES.index(one.family)
    told = []
    for permission in one.permissions:
        count = sizes(sources.public(permission.origin))[number]
        line = _lets_in(permission)
        told.append(model.Permission(permission.rule_id, line, count, part(count, one.family)))
    return model.Opening(
        traffic=tuple(
            model.Traffic(protocol, tuple(port_text(*ports) for ports in ranges))
            for protocol, ranges in one.traffic
        ),
        family=one.family,
        addresses=one.addresses,
        share=share(one.addresses, one.family),
        limit=policy.limits[number],
        threshold=threshold(policy.limits[number], one.family),
        permissions=tuple(told),
    )


def _harmless(
    ingress: Iterable[Permission],
    found: Iterable[Opening],
    sources: Sources,
    policy: Policy,
    allowed: Ports,
) -> Iterable[model.Permission]:
    guilty = {permission.key for one in found for permission in one.permissions}
    for permission in dict.fromkeys(ingress):
        if permission.key not in guilty:
            why = reason(permission, sources, policy, allowed)
            count = sum(sizes(sources.public(permission.origin)))
            yield model.Permission(permission.rule_id, _lets_in(permission), count, why=why)


def _private_lost(found: Iterable[Opening], sources: Sources, policy: Policy) -> tuple[str, ...]:
    gone = [sources.addresses(p.origin) for one in found for p in one.permissions]
    if policy.keep_private or not any(intersect(addresses, PRIVATE) for addresses in gone):
        return ()
    return ("private sources that only a revoked rule lets in: PrivateSources is drop",)


def _mend(rule: NetmendRule, judged: Judged, lost: tuple[str, ...]) -> model.Mend:
    plan = judged.plan
    why = plan.reason.removeprefix(rule.annotation(judged.violations)).removeprefix("; ")
    is_group = isinstance(judged.resource, SecurityGroup)
    known = plan.calls or plan.after  # a plan that is held may say nothing of what stays
    meaning = MEANINGS.get(plan.decision, plan.reason)
    if plan.decision == "HELD":
        meaning = f"{meaning}: {why}."
    elif plan.decision == "APPROVE":
        meaning = f"{meaning}: {why.partition('; ')[2] or why}."
    return model.Mend(
        decision=plan.decision,
        meaning=meaning,
        changes=tuple(rule.change_lines(plan)) if plan.calls else (),
        calls=tuple(call.to_json() for call in plan.calls),
        after=tuple(permission_lines(plan.after)) if is_group and known else None,
        lost=(*plan.lost, *lost),
    )

"""The plan that closes exposed ports: what may stay is let in first, then the offenders go."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from rules.netlib import quota, tags
from rules.netlib.addresses import SPACE, Intervals, merge, subtract
from rules.netlib.carve import Cut, covered, cuts, fewest, rank, remainder
from rules.netlib.errors import FactUnreadable, Malformed
from rules.netlib.exposure import Sources, Violation, violations
from rules.netlib.permissions import ALL, Permission, SecurityGroup
from rules.netlib.plan import (
    APPROVE,
    HELD,
    MEND,
    MOST_CALLS,
    NONE,
    Plan,
    authorize,
    described_rule,
    ip_permissions,
    revoke,
)
from rules.netlib.policy import Policy
from rules.netlib.special import PRIVATE, addresses, public
from rules.netlib.words import annotation, counted


class Change(NamedTuple):
    """The rules of a group that go, those that stay, and new ones; each in order.

    lost: what stops working, in sentences. ask: why a person has to decide, or nothing.
    """

    gone: list[Permission]
    staying: list[Permission]
    added: list[Permission]
    lost: tuple[str, ...]
    ask: str

    @property
    def after(self) -> list[Permission]:
        """The whole ingress afterwards."""
        return sorted([*self.staying, *self.added], key=rank)


def plan(
    group: SecurityGroup, found: Iterable[Violation], facts: Mapping[str, Any], policy: Policy
) -> Plan:
    """The plan for the violations of a group; raises FactUnreadable."""
    # A file may tell the same rule twice, EC2 holds it once.
    once = {p[:6]: p for p in reversed(group.ingress)}
    group = group._replace(ingress=tuple(sorted(once.values(), key=rank)))
    now = tuple(ip_permissions(group.ingress))
    opened = annotation(found)
    if not opened:
        return Plan(NONE, "no guarded port is open to the internet", after=now)
    sources = Sources(group.ingress, facts)
    change = change_of(group, sources, facts, policy)
    held = objection(group, change, sources, policy) or quota.excess(
        group.ingress, change.added, sources, quota.allowed(facts)
    )
    if held:
        return Plan(HELD, f"{opened}; {held}", after=now)
    calls = [
        authorize(group.group_id, one, [p for p in change.added if p.tags == one])
        for one in sorted({p.tags for p in change.added})
    ]
    todo = f"revoke {counted(len(change.gone), 'rule')}"
    if change.added:
        todo = f"let in what may stay by {counted(len(change.added), 'narrower rule')}, {todo}"
    return Plan(
        APPROVE if change.ask else MEND,
        "; ".join(filter(None, (opened, todo, change.ask))),
        (*calls, revoke(group.group_id, change.gone)),
        tuple(described_rule(group.group_id, p) for p in change.gone),
        tuple(ip_permissions(change.after)),
        change.lost,
    )


def kept(facts: Mapping[str, Any], policy: Policy) -> Intervals:
    """What is to stay of a wide source that goes: private space, and the VPC's own blocks."""
    own = facts.get("vpc_cidrs") or []
    try:
        if not isinstance(own, list):
            raise Malformed(f"{own!r:.40} is no list")
        blocks = addresses(*own)
    except Malformed as error:
        raise FactUnreadable("vpc_cidrs", "", f"is malformed: {error}") from None
    return merge([*PRIVATE, *blocks]) if policy.keep_private else ()


def change_of(
    group: SecurityGroup, sources: Sources, facts: Mapping[str, Any], policy: Policy
) -> Change:
    """What goes and what comes; a VPC's own public blocks go too where they are too wide."""
    cut = cuts(group.ingress, sources, policy)
    keep = kept(facts, policy)
    while True:
        change = keeping(keep, cut, group, sources, policy)
        still = {v.family for v in violations(change.after, sources, policy)}
        less = subtract(keep, merge(i for family in still for i in public((SPACE[family],))))
        if less == keep:
            return change
        keep = less


def keeping(
    keep: Intervals,
    cut: dict[Permission, Cut],
    group: SecurityGroup,
    sources: Sources,
    policy: Policy,
) -> Change:
    """The change that keeps these addresses, in as many sets of tags as there may be calls."""
    gone = sorted(cut, key=rank)
    staying = [p for p in group.ingress if p not in cut]
    left = [rest for p in gone for rest in remainder(p, cut[p], sources, keep)]
    added = fewest(map(tags.own, left), staying, sources)
    rare = tags.too_many(added)
    if rare:
        added = fewest(tags.folded(added, rare), staying, sources)
    every = [p.source for p in gone if p.protocol == ALL]
    reserved = sorted({key for p in left for key, _ in p.tags if tags.is_reserved(key)})
    lost = (
        *(f"from {source}: every protocol but TCP, UDP and ICMP" for source in every),
        *(f"the tag {key}, which only AWS can give" for key in reserved),
        *(f"the tags {tags.text(one)} of new rules" for one in rare),
    )
    asked = {
        "a rule for all protocols cannot be carved whole": every and not policy.carve_all_protocols,
        f"its new rules would need more than {MOST_CALLS} sets of tags": rare,
    }
    ask = " and ".join(why for why, holds in asked.items() if holds)
    return Change(gone, staying, added, lost, ask)


def objection(group: SecurityGroup, change: Change, sources: Sources, policy: Policy) -> str:
    """Why the plan must not be carried out, judged on what it would leave; nothing when it may."""
    still = annotation(violations(change.after, sources, policy))
    if still:
        return f"a mend would leave it {still}"
    if not all(covered(p, group.ingress, sources) for p in change.added):
        return "a mend would let in what is not let in now"
    if {p.key for p in change.added} & {p.key for p in group.ingress}:
        return "a mend would add a rule that exists"
    return ""

"""Trials of `netmend verify --live` are told from drifts by what sealed records say alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from netmend.audit.evidence import Link
from netmend.audit.text import at, moment, text
from rules.netlib import verified

MADE_UP: Final = "-conformance-pack-verify0"
"""How check 2 ends the name of a rule that does not exist: AWS ends a pack's by nine characters."""

NO_SUCH_RULE: Final = "NoSuchConfigRuleException"


def is_trial(links: Sequence[Link]) -> bool:
    """Whether the records of one run are of a scratch group that the checks had made.

    A real drift must not get in here, so nothing that anybody may write counts: no name, no
    description, no tag. The planner puts the grant into a record only after it has seen that the
    grant names just this group, here and within its hour, and that the live group is marked as
    scratch. Each decision of the run has to carry it: one that was made after the grant had ended
    stands for itself. A record that is not verified is never a trial's, and a trial takes the place
    of no drift of the same group.
    """
    if any(link.problem for link in links):
        return False
    decisions = [link.record for link in links if text(link.record, "kind") != "outcome"]
    if decisions:
        return all(map(_is_granted, decisions))
    return all(_is_of_no_rule(link.record) for link in links)


def _is_granted(record: Mapping[str, Any]) -> bool:
    grant, when = at(record, "scratch"), moment(text(record, "time"))
    if not isinstance(grant, str) or when is None:
        return False
    resource, account, region = (text(record, n) for n in ("resource", "account", "region"))
    try:
        return bool(verified.granted(grant, resource, account, region, when))
    except OverflowError:  # a time at the end of all times has no hour after it
        return False


def _is_of_no_rule(record: Mapping[str, Any]) -> bool:
    """Check 2 fails before a grant would be recorded, and before anything was judged.

    Config itself said that there is no such rule, so no rule has found a drift in this run.
    """
    return (
        text(record, "outcome") == "FAILED"
        and text(record, "rule").endswith(MADE_UP)
        and NO_SUCH_RULE in text(record, "reason")
        and not at(record, "intent")
    )

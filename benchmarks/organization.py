"""A whole organisation in the embedded AWS: deployed to by stack sets, drifted, joined.

Six accounts below three OUs, two Regions: a stack of roles in each account, and in each place two
of ours and the record of the checks. Every place drifts once, and mends itself.
"""

from __future__ import annotations

import resource
from pathlib import Path

from benchmarks.figures import Figure, cpu, quiet_heap
from netmend.sandbox.core import Sandbox
from tests.organization.world import ACCOUNTS, REGIONS, UNITS, Organisation

DEPLOYED_S = 15.0
MENDED_S = 10.0
JOINED_S = 3.0
GROWN_MB = 400
STATM = Path("/proc/self/statm")


class NotCoveredError(RuntimeError):
    """A stack does not stand, or a drift is left: the figure would not be what it says."""


def figures() -> list[Figure]:
    with Sandbox() as sandbox, quiet_heap():
        before, organisation = megabytes(), Organisation(sandbox, UNITS, REGIONS)
        for name, unit in ACCOUNTS.items():
            organisation.create(name, unit)
        deployed = cpu(lambda: organisation.deploy_netmend("enforce"))
        stacks = check_stacks(organisation)
        groups = drifting(organisation)
        mended = cpu(organisation.settle)
        check_groups(organisation, groups)
        grown = megabytes() - before
        joined = cpu(lambda: join(organisation))
        check_stacks(organisation)
    places = f"{len(groups)} places"
    return [
        Figure("organisation deployed", deployed, DEPLOYED_S, "s CPU", f"{stacks} stacks"),
        Figure("drift mended everywhere", mended, MENDED_S, "s CPU", places),
        Figure("account that joins covered", joined, JOINED_S, "s CPU", "no call of anybody's"),
        Figure("memory of the organisation", grown, GROWN_MB, "MB", places),
    ]


def megabytes() -> float:
    """The memory that this process has in hand."""
    return int(STATM.read_text().split()[1]) * resource.getpagesize() / 1e6


def check_stacks(organisation: Organisation) -> int:
    """How many stacks stand, as all must; raises NotCoveredError."""
    found = [one for name in organisation.sets() for one in organisation.instances(name)]
    if outdated := [one for one in found if one["Status"] != "CURRENT"]:
        raise NotCoveredError(f"{len(outdated)} stacks: {outdated[0].get('StatusReason')}")
    return len(found)


def drifting(organisation: Organisation) -> dict[tuple[str, str], str]:
    """A group in each place, open to the internet; what follows is still to come."""
    groups = {
        (account, region): organisation.group(account, region, "drifting")
        for account in organisation.accounts.values()
        for region in REGIONS
    }
    organisation.settle()
    for (account, region), group in groups.items():
        organisation.open(account, region, group)
    return groups


def check_groups(organisation: Organisation, groups: dict[tuple[str, str], str]) -> None:
    """None is open any more; raises NotCoveredError."""
    left = [place for place, group in groups.items() if organisation.is_open(*place, group)]
    if left:
        raise NotCoveredError(f"{len(left)} groups are open, {left[0]} the first")


def join(organisation: Organisation) -> None:
    organisation.create("newcomer", "production")
    organisation.settle()

"""Netmend goes, and its evidence stays with all that is needed to read and to verify it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from netmend.deploy import artifacts, kept, standing
from netmend.deploy.change import deletion
from netmend.deploy.kept import ALIAS, Kept
from netmend.deploy.plan import put_mode
from netmend.deploy.site import Site
from netmend.deploy.standing import Standing
from netmend.deploy.survey import DETECTION, MODE, REMEDIATION, ROLES, text
from netmend.deploy.writes import Tell, Write, silent
from netmend.errors import UserError
from rules.netlib.verified import PARAMETER, SCRATCH

ORDER: Final = (REMEDIATION, DETECTION, ROLES)
"""What starts runs goes before what they need."""

AT_WORK: Final = ("Pending", "InProgress", "Waiting", "Cancelling")
SHOWN: Final = 5
AT_ONCE: Final = 10
"""Names that one DeleteParameters takes."""


@dataclass(frozen=True)
class Removal:
    """lines: what goes; writes: the calls, none where nothing stands."""

    site: Site
    lines: tuple[str, ...]
    writes: tuple[Write, ...]


def make(site: Site, tell: Tell = silent, *, wait: bool = True) -> Removal:
    """What removing Netmend takes; raises UserError while runs are at work."""
    client = site.clients("cloudformation")
    found = [standing.look(client, name) for name in ORDER]
    stacks = [standing.rest(client, one, tell) if wait else one for one in found]
    refuse_runs(site)
    return Removal(site, tuple(_lines(site, stacks)), tuple(_writes(site, stacks)))


def _writes(site: Site, stacks: list[Standing]) -> Iterator[Write]:
    ssm = site.clients("ssm")
    if stacks[0].alive and text(site, MODE) not in (None, "off"):
        yield _switch_off(site)
    for stack in stacks:
        if stack.status:
            yield deletion(site.clients("cloudformation"), stack.name)
    if names := list(_parameters(ssm)):
        for start in range(0, len(names), AT_ONCE):
            batch = names[start : start + AT_ONCE]
            yield Write(ssm, "delete_parameters", ", ".join(batch), {"Names": batch})
    yield from artifacts.removal(site)


def _switch_off(site: Site) -> Write:
    put = put_mode(site, "off", "no run starts a change meanwhile")
    # One may have started between the first look and this call.
    return Write(
        put.client,
        put.method,
        put.subject,
        put.arguments,
        put.why,
        after=lambda: refuse_runs(site),
    )


def _parameters(ssm: Any) -> Iterator[str]:
    """What no stack has made: a mode of one control, and the records of `netmend verify`."""
    pages = ssm.get_paginator("get_parameters_by_path").paginate(Path="/netmend", Recursive=True)
    for name in sorted(one["Name"] for page in pages for one in page["Parameters"]):
        if name in (PARAMETER, SCRATCH) or name.startswith(f"{MODE}/"):
            yield name


def _lines(site: Site, stacks: list[Standing]) -> Iterator[str]:
    for stack in stacks:
        if stack.status:
            yield f"{stack.name}: {stack.status}, goes"
    if stacks[-1].status:
        yield "with the roles: Netmend in every other Region of this account stops working"
    if stacks[0].alive:
        yield "with its topics: every subscription to them"


def refuse_runs(site: Site) -> None:
    """Raises UserError with the ids of the runs that are at work."""
    pages = (
        site.clients("ssm")
        .get_paginator("describe_automation_executions")
        .paginate(
            Filters=[
                {"Key": "DocumentNamePrefix", "Values": ["Netmend-"]},
                {"Key": "ExecutionStatus", "Values": list(AT_WORK)},
            ]
        )
    )
    runs = [
        f"{run['AutomationExecutionId']} ({run['AutomationExecutionStatus']})"
        for page in pages
        for run in page["AutomationExecutionMetadataList"]
    ]
    if runs:
        more = f" and {len(runs) - SHOWN} more" if len(runs) > SHOWN else ""
        raise UserError(
            f"{len(runs)} runs have not ended: {', '.join(runs[:SHOWN])}{more}",
            "wait, or answer what waits (netmend approve ID --reject), then run it again",
        )


def stays(site: Site) -> list[str]:
    """What of the evidence stands, and how to delete each by hand, in that order."""
    left = kept.found(site)
    if not left:
        return []
    return [*_standing(left), "to delete it by hand, when nobody needs the records any more:"] + [
        f"  {command}" for command in _commands(left)
    ]


def _standing(left: Kept) -> Iterator[str]:
    if left.bucket:
        yield f"stays: bucket {left.bucket}, the records (locked until their retention ends)"
    if left.key:
        yield f"stays: key {left.key} with {ALIAS}, without which nobody can read them"
    if left.ledger:
        yield f"stays: table {left.ledger}, which holds the head of their chain"
    yield "netmend deploy goes on with them"


def _commands(left: Kept) -> Iterator[str]:
    if left.bucket:
        yield (
            f"aws s3api delete-objects --bucket {left.bucket} --bypass-governance-retention "
            f'--delete "$(aws s3api list-object-versions --bucket {left.bucket} --max-items 1000 '
            "--query '{Objects: Versions[].{Key: Key, VersionId: VersionId}}' --output json)\"  "
            "# until it is empty"
        )
        yield f"aws s3api delete-bucket --bucket {left.bucket}"
    if left.key:
        yield f"aws kms delete-alias --alias-name {ALIAS}"
        yield f"aws kms schedule-key-deletion --key-id {left.key.rpartition('/')[2]}"
    if left.ledger:
        yield f"aws dynamodb delete-table --table-name {left.ledger}"

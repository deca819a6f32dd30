"""What stands in the account and Region before anything is planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from netmend.deploy import kept, recorder, standing
from netmend.deploy.kept import Kept
from netmend.deploy.site import Site, read
from netmend.deploy.standing import Standing
from netmend.deploy.writes import Tell, silent

ROLES, DETECTION, REMEDIATION = "netmend-roles", "netmend-detection", "netmend-remediation"
MODE: Final = "/netmend/mode"
NO_PARAMETER: Final = ("ParameterNotFound",)


@dataclass(frozen=True)
class Survey:
    """What stands. mode: None where the parameter does not stand; roles: Region that made them."""

    stacks: Mapping[str, Standing]
    mode: str | None
    kept: Kept
    roles: str
    recorder: str

    def alive(self, stack: str) -> bool:
        return self.stacks[stack].alive


def survey(site: Site, types: Iterable[str], tell: Tell = silent, *, wait: bool = True) -> Survey:
    """Read what stands; wait: until CloudFormation has ended what it is at."""
    client = site.clients("cloudformation")
    stacks = {}
    for name in (ROLES, DETECTION, REMEDIATION):
        found = standing.look(client, name)
        stacks[name] = standing.rest(client, found, tell) if wait else found
    remains = Kept() if stacks[REMEDIATION].alive else kept.found(site)
    return Survey(
        stacks,
        text(site, MODE),
        remains,
        "" if stacks[ROLES].alive else _roles(site, stacks[ROLES]),
        recorder.problem(site.clients("config"), types),
    )


def text(site: Site, name: str) -> str | None:
    ssm = site.clients("ssm")
    found = read(lambda: ssm.get_parameter(Name=name)["Parameter"]["Value"], NO_PARAMETER)
    return None if found is None else str(found)


def _roles(site: Site, own: Standing) -> str:
    """The Region whose stack has made the account's roles, "another Region" where that is not
    said, "" where there are none or our own stack has left them: roles are of an account, stacks
    of a Region."""
    iam = site.clients("iam")
    role = read(lambda: iam.get_role(RoleName="netmend-planner")["Role"], ("NoSuchEntity",))
    if role is None:
        return ""
    tags = {tag["Key"]: tag["Value"] for tag in role.get("Tags", ())}
    stack = tags.get("aws:cloudformation:stack-id", "")
    if f":cloudformation:{site.region}:{site.account}:stack/{ROLES}/" in stack:
        return ""  # our own stack has failed halfway, and has to be made anew
    if stack.count(":") > 3:
        return str(stack.split(":")[3])
    return "another Region" if own.status in standing.EMPTY else ""

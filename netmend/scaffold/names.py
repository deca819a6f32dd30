"""One name leads to all others; what cannot be one is refused in a line."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from netmend.catalog import PACK_NAME, RULE_NAME, RULE_NAME_LENGTH, RUNBOOK_NAME
from netmend.errors import UsageError
from netmend.scaffold import types

PACK = "own-rules"
"""The conformance pack of rules that name no other."""

LONGEST_RUNBOOK = 56
"""Characters: its role is netmend-<runbook>, and IAM takes 64."""

LONGEST_TITLE = 100


class NewRule(NamedTuple):
    """What is to be written; title: a sentence without its full stop."""

    name: str
    resource_type: str
    runbook: str
    pack: str
    title: str

    @property
    def noun(self) -> str:
        """What it judges, in words."""
        return types.noun(self.resource_type)

    @property
    def config_name(self) -> str:
        """The Config rule's name, before its pack adds to it."""
        return f"netmend-{self.name.lower().replace('_', '-')}"


def plan(
    root: Path, name: str, resource_type: str, runbook: str = "", pack: str = "", title: str = ""
) -> NewRule:
    """The new rule with its defaults; raises UsageError for what cannot be, or is there already."""
    _check_name(root, name)
    types.check(resource_type)
    new = NewRule(
        name,
        resource_type,
        runbook or default_runbook(name),
        pack or PACK,
        " ".join(title.split()).removesuffix(".") or name.replace("_", " ").capitalize(),
    )
    _check_runbook(root, new.runbook)
    if not PACK_NAME.fullmatch(new.pack):
        raise UsageError(f"--pack {new.pack} is no name", "small letters, digits and -")
    if len(new.title) > LONGEST_TITLE:
        raise UsageError(f"--title has {len(new.title)} characters", f"at most {LONGEST_TITLE}")
    return new


def default_runbook(name: str) -> str:
    """`ROUTE_TABLE_HAS_OWNER` -> `MendRouteTableHasOwner`."""
    words: list[str] = []
    for part in name.split("_"):
        # A capital alone is no word of a VerbNoun, nor is what begins with a digit.
        if words and (len(words[-1]) == 1 or len(part) == 1 or part[0].isdigit()):
            words[-1] += part.lower()
        else:
            words.append(part.capitalize())
    return "".join(["Mend", *words])


def _check_name(root: Path, name: str) -> None:
    if not RULE_NAME.fullmatch(name):
        raise UsageError(
            f"{name!r} is no name of a rule",
            "SERVICE_CONDITION says what is compliant: ROUTE_TABLE_HAS_OWNER",
        )
    if len(name) > RULE_NAME_LENGTH:
        raise UsageError(
            f"{name} has {len(name)} characters", f"shorten it to {RULE_NAME_LENGTH} at most"
        )
    if (root / "rules" / name).exists():
        raise UsageError(f"rules/{name} is there already", "choose another name")


def _check_runbook(root: Path, runbook: str) -> None:
    if not RUNBOOK_NAME.fullmatch(runbook) or len(runbook) > LONGEST_RUNBOOK:
        raise UsageError(
            f"{runbook} is no name of a runbook",
            f"give --runbook VerbNoun, at most {LONGEST_RUNBOOK} letters and digits",
        )
    if (root / "ssm-documents" / f"{runbook}.yaml").exists():
        raise UsageError(
            f"ssm-documents/{runbook}.yaml is there already", "give another --runbook VerbNoun"
        )

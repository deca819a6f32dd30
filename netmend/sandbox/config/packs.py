"""A conformance pack is a stack of rules that belong to it alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.config import constraints, definitions, pack_stacks, recorders, rules
from netmend.sandbox.config.errors import in_use, invalid, no_such_pack
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.store import Rule, Rules
from netmend.sandbox.core import Sandbox

CREATOR: Final = "config-conforms.amazonaws.com"
MOST: Final = 50
PAGE: Final = 20
SUFFIX_LENGTH: Final = 9
STACK_PREFIX: Final = "awsconfigconforms-"
"""Rules in stacks whose names begin so are made by `pack_rule`, not by PutConfigRule."""

LONGEST_STACK_NAME: Final = 128


@dataclass
class Pack:
    """A pack and how its deployment stands. detail: what the last request said about it."""

    name: str
    pack_id: str
    arn: str
    detail: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    state: str = ""
    reason: str = ""
    stack_arn: str = ""
    requested: datetime | None = None
    completed: datetime | None = None

    @property
    def stack_name(self) -> str:
        """awsconfigconforms-<pack>-conformance-pack-<9>, cut in the middle where it is too long."""
        room = LONGEST_STACK_NAME - len(STACK_PREFIX) - len(self.pack_id) - 1
        return f"{STACK_PREFIX}{self.name[:room]}-{self.pack_id}"


class Packs:
    """The packs of one account and Region, by name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Pack] = {}


@operation("config", "PutConformancePack")
def put_conformance_pack(sandbox: Sandbox, call: ApiCall) -> Any:
    """Deploy a pack, or update it; how that ended is in DescribeConformancePackStatus.

    On AWS this goes on after the answer; here the stack is finished when the call returns.
    """
    place, params = Place.of(sandbox, call), call.params
    recorders.require(place)
    source = pack_stacks.source(place, params)
    pack = _standing(place, params["ConformancePackName"]) or _new(place, params)
    updating = pack.stack_arn != ""
    pack.detail = {key: params[key] for key in pack_stacks.DETAIL if params.get(key)}
    pack.requested = place.time
    verb = "UPDATE" if updating else "CREATE"
    pack.state, pack.reason = f"{verb}_IN_PROGRESS", ""
    outcome = pack_stacks.deploy(place, pack.stack_name, source, updating=updating)
    pack.stack_arn, pack.reason = outcome
    pack.state = f"{verb}_FAILED" if pack.reason else f"{verb}_COMPLETE"
    pack.completed = pack.completed if pack.reason else place.time
    return {"ConformancePackArn": pack.arn}


def _standing(place: Place, name: str) -> Pack | None:
    pack = place.state(Packs).by_name.get(name)
    if pack is not None and pack.state.endswith("_IN_PROGRESS"):
        raise in_use(f"A change of the conformance pack '{name}' is in progress: try again later")
    return pack


def _new(place: Place, params: dict[str, Any]) -> Pack:
    packs, name = place.state(Packs), params["ConformancePackName"]
    if len(packs.by_name) >= MOST:
        raise ApiError(
            "MaxNumberOfConformancePacksExceededException",
            f"You have reached the limit of {MOST} conformance packs: delete one first",
        )
    suffix = "".join(place.sandbox.random.choices(rules.LOWER_ALNUM, k=SUFFIX_LENGTH))
    pack_id = f"conformance-pack-{suffix}"
    where = f"arn:{get_partition(place.region)}:config:{place.region}:{place.account}"
    tags = {tag["Key"]: tag["Value"] for tag in params.get("Tags") or []}
    arn = f"{where}:conformance-pack/{name}/{pack_id}"
    pack = packs.by_name[name] = Pack(name, pack_id, arn, tags=tags)
    return pack


def find(place: Place, name: str) -> Pack:
    """The pack of this name; refuses as AWS does where there is none."""
    pack = place.state(Packs).by_name.get(name)
    if pack is None:
        raise no_such_pack(name)
    return pack


def rules_of(place: Place, pack: Pack) -> list[Rule]:
    """The rules that a pack holds now, in order of names."""
    return [rule for rule in place.state(Rules).all() if rule.pack == pack.name]


@operation("config", "DeleteConformancePack")
def delete_conformance_pack(sandbox: Sandbox, call: ApiCall) -> Any:
    """Delete a pack with its rules and their results."""
    place, name = Place.of(sandbox, call), call.params["ConformancePackName"]
    pack = _standing(place, name) or find(place, name)
    pack.state = "DELETE_IN_PROGRESS"
    pack.reason = pack_stacks.delete(place, pack.stack_arn)
    if pack.reason:
        pack.state = "DELETE_FAILED"
    else:
        del place.state(Packs).by_name[name]
    return {}


@operation("config", "DescribeConformancePacks")
def describe(sandbox: Sandbox, call: ApiCall) -> Any:
    """What was asked of each pack."""
    found = [
        {**_names(pack), **pack.detail, "LastUpdateRequestedTime": pack.requested}
        for pack in _chosen(sandbox, call)
    ]
    entries, more = page(found, call.params, default=PAGE)
    return {"ConformancePackDetails": entries, **more}


@operation("config", "DescribeConformancePackStatus")
def describe_status(sandbox: Sandbox, call: ApiCall) -> Any:
    """How each pack's deployment stands, and why one failed."""
    found = [
        {
            **_names(pack),
            "ConformancePackState": pack.state,
            "StackArn": pack.stack_arn,
            "LastUpdateRequestedTime": pack.requested,
            **({"ConformancePackStatusReason": pack.reason} if pack.reason else {}),
            **({"LastUpdateCompletedTime": pack.completed} if pack.completed else {}),
        }
        for pack in _chosen(sandbox, call)
    ]
    entries, more = page(found, call.params, default=PAGE)
    return {"ConformancePackStatusDetails": entries, **more}


def _names(pack: Pack) -> dict[str, str]:
    return {
        "ConformancePackName": pack.name,
        "ConformancePackArn": pack.arn,
        "ConformancePackId": pack.pack_id,
        "Type": "CUSTOM",
    }


def _chosen(sandbox: Sandbox, call: ApiCall) -> list[Pack]:
    place, wanted = Place.of(sandbox, call), call.params.get("ConformancePackNames")
    names = wanted or list(place.state(Packs).by_name)
    if call.params.get("Filters", {}).get("ConformancePackType") == "MANAGED":
        return []
    return [find(place, name) for name in sorted(names)]


def pack_rule(
    sandbox: Sandbox, account: str, region: str, stack_name: str, properties: Mapping[str, Any]
) -> dict[str, Any]:
    """Make or change a rule of the pack whose stack this is; returns its ConfigRule.

    properties: those of AWS::Config::ConfigRule, resolved; ConfigRuleName is the base name, to
    which the pack's id is added. The same base name means the same rule over all updates.
    Raises ApiError as PutConfigRule does.
    """
    place = Place(sandbox, account, region)
    pack = _pack_of(place, stack_name)
    base = properties.get("ConfigRuleName")
    if not base:
        raise invalid(f"A rule of the conformance pack '{pack.name}' has no ConfigRuleName")
    wanted = config_rule({**properties, "ConfigRuleName": f"{base}-{pack.pack_id}"})
    constraints.verify("PutConfigRule", {"ConfigRule": wanted})
    standing = place.state(Rules).by_name.get(wanted["ConfigRuleName"])
    definition = definitions.checked(place, wanted)
    rule = rules.put(place, standing, definition, {}, created_by=CREATOR, pack=pack.name)
    return rule.definition


def config_rule(properties: Mapping[str, Any]) -> dict[str, Any]:
    """A ConfigRule as PutConfigRule takes it, from a template's properties of one.

    InputParameters may be an object there; the API wants its JSON text.
    """
    rule = {key: value for key, value in properties.items() if value is not None}
    parameters = rule.get("InputParameters")
    if parameters is not None and not isinstance(parameters, str):
        rule["InputParameters"] = json.dumps(parameters, separators=(",", ":"))
    return rule


def delete_pack_rule(
    sandbox: Sandbox, account: str, region: str, stack_name: str, rule_name: str
) -> None:
    """Delete a rule of the pack whose stack this is, by its full name; a rule that is gone is."""
    place = Place(sandbox, account, region)
    pack = _pack_of(place, stack_name)
    rule = place.state(Rules).by_name.get(rule_name)
    if rule is not None and rule.pack == pack.name:
        del place.state(Rules).by_name[rule_name]


def _pack_of(place: Place, stack_name: str) -> Pack:
    for pack in list(place.state(Packs).by_name.values()):
        if pack.stack_name == stack_name:
            return pack
    raise invalid(
        f"Stack names that begin with {STACK_PREFIX} are for conformance packs, and no pack has "
        f"the stack {stack_name}: give the stack another name"
    )

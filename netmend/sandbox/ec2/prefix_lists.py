"""Managed prefix lists: versions, sizes and pages as EC2 keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.ec2.models.managed_prefixes import ManagedPrefixList

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.ec2 import answers, filters, limits
from netmend.sandbox.ec2.answers import Shape
from netmend.sandbox.ec2.permissions import backend_of, dry_run
from netmend.sandbox.ec2.rules import cidr, described, identity_of, invalid

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PAGE: Final = 100
"""Entries that one GetManagedPrefixListEntries answers at most, asked or not."""

KINDS: Final = {limits.IPV4: "CidrIp", limits.IPV6: "CidrIpv6"}
AWS: Final = "AWS"
ATTRIBUTES: Final = {
    "owner-id": "owner_id",
    "prefix-list-id": "id",
    "prefix-list-name": "prefix_list_name",
}


def _missing(list_id: str) -> ApiError:
    message = f"The prefix list ID '{list_id}' does not exist"
    return ApiError("InvalidPrefixListID.NotFound", message)


def _list(call: ApiCall, list_id: str) -> ManagedPrefixList:
    found = backend_of(call).managed_prefix_lists.get(list_id)
    if found is None:
        raise _missing(list_id)
    return found


def _own(call: ApiCall) -> ManagedPrefixList:
    found = _list(call, call.params["PrefixListId"])
    if found.owner_id == AWS:
        message = f"The prefix list {found.id} is managed by AWS and cannot be changed"
        raise ApiError("UnsupportedOperation", message)
    return found


def _entry(family: str, given: dict[str, Any]) -> dict[str, str]:
    text = described(given.get("Description"))
    entry = {"Cidr": cidr(KINDS[family], given["Cidr"])}
    return entry | ({"Description": text} if text else {})


def _answer(found: ManagedPrefixList) -> Shape:
    sized = {} if found.max_entries is None else {"MaxEntries": int(found.max_entries)}
    versioned = {} if found.version is None else {"Version": found.version}
    return {
        "PrefixListId": found.id,
        "AddressFamily": found.address_family,
        "State": found.state,
        "PrefixListArn": found.prefix_list_arn.replace(f":{AWS}:", f":{AWS.lower()}:"),
        "PrefixListName": found.prefix_list_name,
        "OwnerId": found.owner_id,
        "Tags": answers.tags(found.ec2_backend, found.id),
        **sized,
        **versioned,
        **({"StateMessage": found.state_message} if found.state_message else {}),
    }


@operation("ec2", "CreateManagedPrefixList")
def create(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Make a list whose entries are of its family, canonical, and not too many."""
    dry_run(call)
    params = call.params
    family = params["AddressFamily"]
    if family not in KINDS:
        raise invalid(f"Invalid value '{family}' for addressFamily. Use IPv4 or IPv6.")
    entries = [_entry(family, given) for given in params.get("Entries") or []]
    _check_entries(entries, int(params["MaxEntries"]))
    specifications = params.get("TagSpecifications") or []
    tags = {t["Key"]: t["Value"] for s in specifications for t in s.get("Tags", [])}
    made = backend_of(call).create_managed_prefix_list(
        family, entries, params["MaxEntries"], params["PrefixListName"], tags
    )
    made.entries = {1: entries}
    return {"PrefixList": _answer(made)}


def _check_entries(entries: list[dict[str, str]], most: int) -> None:
    blocks = [entry["Cidr"] for entry in entries]
    if len(set(blocks)) < len(blocks):
        twice = next(block for block in blocks if blocks.count(block) > 1)
        message = f"An entry with the CIDR ({twice}) already exists."
        raise ApiError("InvalidPrefixListModification", message)
    if len(entries) > most:
        message = f"The prefix list may hold {most} entries, and would hold {len(entries)}"
        raise ApiError("PrefixListMaxEntriesExceeded", message)


@operation("ec2", "ModifyManagedPrefixList")
def modify(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Change entries into a new version, or the name, or the size."""
    dry_run(call)
    found, params = _own(call), call.params
    added, removed = params.get("AddEntries") or [], params.get("RemoveEntries") or []
    if (added or removed) and params.get("MaxEntries"):
        message = (
            "You cannot modify the entries and the maximum entries for the prefix list in the "
            "same request."
        )
        raise ApiError("InvalidParameterCombination", message)
    if params.get("CurrentVersion") not in (None, found.version):
        message = "The prefix list has the incorrect version number."
        raise ApiError("PrefixListVersionMismatch", message)
    if added or removed:
        _change_entries(found, added, removed)
    found.prefix_list_name = params.get("PrefixListName") or found.prefix_list_name
    found.state, found.state_message = "modify-complete", None
    if params.get("MaxEntries"):
        _resize(sandbox, found, int(params["MaxEntries"]))
    return {"PrefixList": _answer(found)}


def _change_entries(found: ManagedPrefixList, added: list[Any], removed: list[Any]) -> None:
    family = str(found.address_family)
    standing = found.entries.get(found.version or 1, [])
    gone = {_entry(family, given)["Cidr"] for given in removed}
    unknown = sorted(gone - {entry["Cidr"] for entry in standing})
    if unknown:
        message = f"There is no entry with the CIDR ({unknown[0]})."
        raise ApiError("InvalidPrefixListModification", message)
    kept = [entry for entry in standing if entry["Cidr"] not in gone]
    entries = kept + [_entry(family, given) for given in added]
    _check_entries(entries, int(found.max_entries or 0))
    found.version = int(found.version or 0) + 1
    found.entries[found.version] = entries


def _resize(sandbox: Sandbox, found: Any, most: int) -> None:
    _check_entries(found.entries.get(found.version or 1, []), most)
    before, found.max_entries = found.max_entries, str(most)
    if limits.overfilled(sandbox, found.ec2_backend, found.id):
        found.max_entries = before
        found.state = "modify-failed"
        found.state_message = "The maximum number of rules per security group would be exceeded."


@operation("ec2", "GetManagedPrefixListEntries")
def entries(sandbox: Sandbox, call: ApiCall) -> Shape:
    """The entries of the current version, or of one that was."""
    dry_run(call)
    found = _list(call, call.params["PrefixListId"])
    version = call.params.get("TargetVersion")
    if version is None:
        version = max(found.entries, default=1)
    if version not in found.entries and version != 1:
        message = f"The prefix list version {version} does not exist"
        raise ApiError("InvalidPrefixListVersion.NotFound", message)
    listed = [dict(entry) for entry in found.entries.get(version, [])]
    return answers.page(call, "Entries", listed, PAGE)


@operation("ec2", "DeleteManagedPrefixList")
def delete(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Delete a list that no rule refers to."""
    dry_run(call)
    found = _own(call)
    backend = found.ec2_backend
    groups = backend.describe_security_groups()
    rules = [rule for group in groups for rule in (*group.ingress_rules, *group.egress_rules)]
    if any(identity_of(rule).peer == found.id for rule in rules):
        raise ApiError("DependencyViolation", f"resource {found.id} has a dependent object")
    del backend.managed_prefix_lists[found.id]
    backend.tags.pop(found.id, None)
    found.state = "delete-complete"
    return {"PrefixList": {**_answer(found), "Tags": []}}


@operation("ec2", "DescribeManagedPrefixLists")
def describe(sandbox: Sandbox, call: ApiCall) -> Shape:
    """Lists by id and filter; moto leaves out of its answer those that are not there."""
    dry_run(call)
    backend, ids = backend_of(call), call.params.get("PrefixListIds") or []
    found = [_list(call, list_id) for list_id in ids] or [*backend.managed_prefix_lists.values()]
    for name, values in filters.asked(call).items():
        if name not in ATTRIBUTES and not filters.is_tag(name):
            raise filters.unknown(name)
        found = [one for one in found if _has(one, name, values)]
    return answers.page(call, "PrefixLists", [_answer(one) for one in found])


def _has(found: ManagedPrefixList, name: str, values: list[str]) -> bool:
    if filters.is_tag(name):
        return filters.tagged(found.ec2_backend.tags.get(found.id, {}), name, values)
    return str(getattr(found, ATTRIBUTES[name])) in values

"""EC2's calls have forms of their own in CloudTrail: `items`, and wrapped newer requests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from netmend.sandbox.trails.shapes import lowered

NAMESPACE: Final = "http://ec2.amazonaws.com/doc/2016-11-15/"

WRAPPED_WORDS: Final = (
    "FlowLogs",
    "LaunchTemplate",
    "LocalGateway",
    "ManagedPrefixList",
    "NatGateway",
    "SecurityGroupRules",
    "SecurityGroupRuleDescriptions",
    "TransitGateway",
    "VpcEndpoint",
)
"""Operations on these have their request under `<Operation>Request`, in the API's own case."""

SHORTENED: Final = {"DeleteTransitGatewayVpcAttachment": "DelTGwVpcAttachReq"}

SETS: Final = {
    "Filter": "filterSet",
    "InstanceId": "instancesSet",
    "ResourceId": "resourcesSet",
    "Tag": "tagSet",
    "Value": "valueSet",
}
"""Names of lists in requests that are not those of the wire."""

FILLED: Final = {
    "IpPermission": ("groups", "ipRanges", "ipv6Ranges", "prefixListIds"),
    "CreateNetworkAclEntryRequest": ("icmpTypeCode", "portRange"),
    "ReplaceNetworkAclEntryRequest": ("icmpTypeCode", "portRange"),
}
"""What stands there as {} where the call has nothing of it."""

ACL_ENTRIES: Final = ("CreateNetworkAclEntryRequest", "ReplaceNetworkAclEntryRequest")


def request(operation: str, shape: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """requestParameters."""
    if is_wrapped(operation):
        name = SHORTENED.get(operation, f"{operation}Request")
        return {name: _tagged(shape, params)}
    return _written(shape, params, asked=True)


def response(operation: str, shape: Any, answer: Mapping[str, Any], request_id: str) -> Any:
    """responseElements."""
    found = _written(shape, answer) if shape is not None else {}
    found.pop("responseMetadata", None)
    if shape is None or "Return" in shape.members:
        found.pop("return", None)
        found["_return"] = bool(answer.get("Return", True))
    if is_wrapped(operation):
        return {
            f"{operation}Response": {"xmlns": NAMESPACE, "requestId": request_id, **_moments(found)}
        }
    return {"requestId": request_id, **_moments(found, as_number=True)}


def is_wrapped(operation: str) -> bool:
    """Whether the operation is one of the newer ones."""
    return any(word in operation for word in WRAPPED_WORDS)


def _wire(name: str, member: Any) -> str:
    return str(member.serialization.get("name") or name)


def _written(shape: Any, value: Mapping[str, Any], *, asked: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = {name: {} for name in FILLED.get(shape.name, ())}
    for name, member in shape.members.items():
        if value.get(name) is None or name == "DryRun":
            continue
        found[_key(shape, name, member, asked=asked)] = _value(
            _wire(name, member), member, value[name]
        )
    return found


def _key(shape: Any, name: str, member: Any, *, asked: bool) -> str:
    if name == "Protocol" and shape.name in ACL_ENTRIES:
        return "aclProtocol"
    wire = _wire(name, member)
    if member.type_name == "list" and (asked or wire == "Value"):
        return SETS.get(wire) or lowered(name)
    return lowered(wire)


def _value(wire: str, shape: Any, value: Any) -> Any:
    if shape.type_name == "structure":
        return _written(shape, value)
    if shape.type_name == "list":
        items = [_item(wire, shape.member, item) for item in value]
        return {"items": items} if items else {}
    return value


def _item(wire: str, shape: Any, value: Any) -> Any:
    if shape.type_name == "structure":
        return _written(shape, value)
    # A list of bare values is one of objects there: {"resourceId": ...}, {"value": ...}.
    single = shape.serialization.get("name", "item")
    return {lowered(wire.removesuffix("s") if single == "item" else single): value}


def _tagged(shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        if value.get(name) is None or name == "DryRun":
            continue
        key = _wire(name, member)
        key = key[:1].upper() + key[1:]
        if member.type_name == "list":
            found[key] = _tagged_list(member, value[name])
        elif member.type_name == "structure":
            found[key] = _tagged(member, value[name])
        else:
            found[key] = value[name]
    return found


def _tagged_list(shape: Any, values: list[Any]) -> Any:
    items: list[dict[str, Any]] = []
    for number, item in enumerate(values, 1):
        inner = _tagged(shape.member, item) if isinstance(item, Mapping) else {"content": item}
        items.append({**inner, "tag": number})
    return items[0] if len(items) == 1 else items


def _moments(value: Any, *, as_number: bool = False) -> Any:
    if isinstance(value, dict):
        return {key: _moments(item, as_number=as_number) for key, item in value.items()}
    if isinstance(value, list):
        return [_moments(item, as_number=as_number) for item in value]
    if isinstance(value, datetime):
        if as_number:
            return int(value.timestamp() * 1000)
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return value

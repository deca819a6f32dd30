"""The tags and other marks of the resources that exist, as condition keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from moto.backends import get_backend

from netmend.sandbox.iam.patterns import UNKNOWN, Values

Keys = dict[str, str | Values]
Tags = Mapping[str, str]
Reader = Callable[[Any, list[str]], Tags]
"""(backend of the resource's service, account and Region; parts of its ARN) -> its tags."""

NETWORKS: Final[dict[str, Callable[[Any, str], Any]]] = {
    "network-acl": lambda backend, key: backend.network_acls.get(key),
    "route-table": lambda backend, key: backend.route_tables.get(key),
    "security-group": lambda backend, key: backend.get_security_group_from_id(key),
    "subnet": lambda backend, key: next(
        (zone[key] for zone in backend.subnets.values() if key in zone), None
    ),
}
"""EC2 type that lies in a VPC -> where moto keeps it."""


def _listed(tags: Any) -> Tags:
    if isinstance(tags, list):
        return {tag.get("Key", tag.get("TagKey")): tag.get("Value", "") for tag in tags}
    return {key: v["Value"] if isinstance(v, dict) else v for key, v in (tags or {}).items()}


def _sqs(backend: Any, parts: list[str]) -> Tags:
    found = backend.queues.get(parts[5])
    return _listed(found.tags) if found is not None else {}


def _sns(backend: Any, parts: list[str]) -> Tags:
    found = backend.topics.get(":".join(parts))
    return _listed(found._tags) if found is not None else {}


def _kms(backend: Any, parts: list[str]) -> Tags:
    return dict(backend.tagger.get_tag_dict_for_resource(parts[5].split("/")[-1]))


def _dynamodb(backend: Any, parts: list[str]) -> Tags:
    found = backend.tables.get(parts[5].split("/")[1])
    return _listed(found.tags) if found is not None else {}


def _lambda(backend: Any, parts: list[str]) -> Tags:
    name = parts[5].split(":")[1]
    found = (one for one in backend.list_functions() if one.function_name == name)
    return next((_listed(one.tags) for one in found), {})


READERS: Final[dict[str, Reader]] = {
    "dynamodb": _dynamodb,
    "kms": _kms,
    "lambda": _lambda,
    "sns": _sns,
    "sqs": _sqs,
}


def readable(arn: str) -> bool:
    """Whether `of_resource` knows all tags of what this ARN names."""
    parts = arn.split(":", 5)
    if len(parts) < 6 or UNKNOWN in arn or not parts[4].isdigit():
        return False
    known = bool(parts[3]) and (parts[2] == "ec2" or parts[2] in READERS)
    return known or (parts[2] == "iam" and parts[5].startswith(("role/", "user/")))


def of_resource(arn: str, kind: str) -> Keys:
    """The condition keys that a resource itself has; none where it does not exist.

    kind: its type in AWS's reference.
    """
    parts = arn.split(":", 5)
    if len(parts) < 6 or "*" in arn or not readable(arn):
        return {}
    if parts[2] == "ec2":
        return _of_ec2(parts, kind)
    if parts[2] == "iam":
        return _of_iam(parts)
    backends = get_backend(parts[2])  # type: ignore[call-overload]
    tags = READERS[parts[2]](backends[parts[4]][parts[3]], parts)
    return _tagged(tags, parts[2])


def _tagged(tags: Tags, service: str) -> Keys:
    return {
        f"{head}:ResourceTag/{key}": value
        for head in ("aws", service)
        for key, value in tags.items()
    }


def _of_ec2(parts: list[str], kind: str) -> Keys:
    backend = get_backend("ec2")[parts[4]][parts[3]]
    key = parts[5].split("/")[-1]
    keys: Keys = {f"ec2:{kind.replace('-', '')}ID": key}
    found = NETWORKS[kind](backend, key) if kind in NETWORKS else None
    if found is not None:
        place = f"arn:{parts[1]}:ec2:{parts[3]}:{parts[4]}"
        keys["ec2:Vpc"] = f"{place}:vpc/{found.vpc_id}"
    return keys | _tagged(backend.tags.get(key, {}), "ec2")


def _of_iam(parts: list[str]) -> Keys:
    backend = get_backend("iam")[parts[4]][parts[1]]
    arn = ":".join(parts)
    found = next((one for one in backend.roles.values() if one.arn == arn), None)
    if found is None:  # a user, or nothing
        return _tagged(backend.tagger.get_tag_dict_for_resource(arn), "iam")
    limit = found.permissions_boundary_arn
    bounded: Keys = {"iam:PermissionsBoundary": limit} if limit else {}
    return bounded | _tagged(_listed(found.tags), "iam")

"""Targets become resources: those that have the tags, or are in the group, when a run starts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError, ParamValidationError

from netmend.sandbox.api import ApiCall, ApiError
from netmend.sandbox.core import Sandbox

MOST_VALUES: Final = 50
EVERY: Final = "*"
INSTANCE: Final = "AWS::EC2::Instance"


def resolve(
    sandbox: Sandbox, call: ApiCall, target: Mapping[str, Any], target_type: str
) -> list[str]:
    """The ids of what a target names; raises ApiError InvalidTarget.

    target_type: the document's, '/AWS::EC2::Instance', to which its targets are narrowed.
    """
    key, values = str(target.get("Key") or ""), [str(value) for value in target.get("Values") or []]
    finder = FINDERS.get(key) or (_tagged if key.startswith("tag:") else None)
    if finder is None:
        known = ", ".join(["tag:KEY", *FINDERS])
        raise _invalid(f"The target key {key!r} is not one of {known}.")
    if not values and not key.startswith("tag:"):
        raise _invalid(f"The target {key} has no values.")
    if len(values) > MOST_VALUES:
        raise _invalid(f"The target {key} has more than {MOST_VALUES} values.")
    try:
        return finder(_Place(sandbox, call, target_type), key, values)
    except (ClientError, ParamValidationError) as problem:
        raise _invalid(f"The targets cannot be found: {problem}") from None


class _Place:
    """Where resources are looked for, with the caller's own permissions."""

    def __init__(self, sandbox: Sandbox, call: ApiCall, target_type: str) -> None:
        self.kind = target_type.removeprefix("/")
        self._sandbox, self._call = sandbox, call

    def client(self, service: str) -> Any:
        """A client that acts as whoever starts the run."""
        credentials = self._call.context.get("credentials")
        return self._sandbox.lend(service, self._call.region, credentials)

    def tagged(self, filters: list[dict[str, Any]]) -> list[str]:
        """The ids of what has these tags."""
        asked = {"ResourceTypeFilters": [_tagging_type(self.kind)]} if self.kind else {}
        pages = self.client("resourcegroupstaggingapi").get_paginator("get_resources")
        found = pages.paginate(TagFilters=filters, **asked)
        arns = [item["ResourceARN"] for page in found for item in page["ResourceTagMappingList"]]
        return [_id(arn) for arn in arns]


def _values(place: _Place, key: str, values: list[str]) -> list[str]:
    return values


def _tagged(place: _Place, key: str, values: list[str]) -> list[str]:
    wanted = {"Values": values} if values else {}
    return place.tagged([{"Key": key.removeprefix("tag:"), **wanted}])


def _having(place: _Place, key: str, values: list[str]) -> list[str]:
    return [found for name in values for found in place.tagged([{"Key": name}])]


def _instances(place: _Place, key: str, values: list[str]) -> list[str]:
    if values != [EVERY]:
        return values
    pages = place.client("ec2").get_paginator("describe_instances").paginate()
    groups = [group for page in pages for group in page["Reservations"]]
    return [one["InstanceId"] for group in groups for one in group["Instances"]]


def _grouped(place: _Place, key: str, values: list[str]) -> list[str]:
    client = place.client("resource-groups")
    answer = client.get_group_query(GroupName=values[0])["GroupQuery"]["ResourceQuery"]
    if answer["Type"] != "TAG_FILTERS_1_0":
        message = f"the sandbox resolves no resource group of type {answer['Type']}"
        raise ApiError("NotImplemented", message, 501)
    filters = json.loads(answer["Query"]).get("TagFilters") or []
    return place.tagged([{"Key": one["Key"], "Values": one.get("Values", [])} for one in filters])


FINDERS: Final[dict[str, Callable[[_Place, str, list[str]], list[str]]]] = {
    "ParameterValues": _values,
    "tag-key": _having,
    "ResourceGroup": _grouped,
    "InstanceIds": _instances,
    INSTANCE: _instances,
}


def _tagging_type(kind: str) -> str:
    """AWS::EC2::SecurityGroup as the tagging API writes it: ec2:security-group."""
    _, service, name = kind.split("::")
    cut = "".join(f"-{c.lower()}" if c.isupper() else c for c in name).lstrip("-")
    return f"{service.lower()}:{SHORT.get(cut, cut)}"


SHORT: Final = {"v-p-c": "vpc", "bucket": "", "d-b-instance": "db"}


def _id(arn: str) -> str:
    last = arn.split(":", 5)[-1]
    return last.partition("/")[2] or last.rpartition(":")[2]


def _invalid(message: str) -> ApiError:
    return ApiError("InvalidTarget", message)

"""Network ACLs, addresses and flow logs."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.flow_logs import FlowLogsBackend

from netmend.sandbox.api import ApiCall, ApiError, guard
from netmend.sandbox.gaps.patches import patch

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


@guard("ec2", "DescribeNetworkAcls", "DeleteNetworkAcl")
def missing_network_acl(sandbox: Sandbox, call: ApiCall) -> None:
    """moto says InvalidRouteTableID.NotFound, or has words of its own."""
    known = ec2_backends[call.account][call.region].network_acls
    named = [call.params.get("NetworkAclId"), *(call.params.get("NetworkAclIds") or [])]
    for wanted in filter(None, named):
        if wanted not in known:
            message = f"The networkAcl ID '{wanted}' does not exist"
            raise ApiError("InvalidNetworkAclID.NotFound", message)


@guard("ec2", "DescribeAddresses")
def missing_address(sandbox: Sandbox, call: ApiCall) -> None:
    """moto writes the ids as a set of Python's."""
    known = ec2_backends[call.account][call.region].addresses
    allocated = {address.allocation_id for address in known}
    for wanted in call.params.get("AllocationIds") or []:
        if wanted not in allocated:
            message = f"The allocation ID '{wanted}' does not exist"
            raise ApiError("InvalidAllocationID.NotFound", message)


@patch(FlowLogsBackend, "create_flow_logs")
def _folder_in_bucket(original: Callable[..., Any]) -> Callable[..., Any]:
    """Flow logs may go to a folder of a bucket."""

    @wraps(original)
    def create(*args: Any, **kwargs: Any) -> Any:
        if kwargs.get("log_destination_type") == "s3" and kwargs.get("log_destination"):
            kwargs["log_destination"] = _Place(kwargs["log_destination"])
        return original(*args, **kwargs)

    return create


class _Place(str):
    """An address in S3 that moto, looking for the bucket, finds no folder in."""

    __slots__ = ()

    def split(self, *args: Any, **kwargs: Any) -> list[str]:
        return str.split(self.partition("/")[0], *args, **kwargs)

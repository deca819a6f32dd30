"""What runbooks for networks and storage need of AWS, and moto does otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import TYPE_CHECKING, Any, Final, cast

import moto.elbv2.models as elbv2
import moto.elbv2.utils as utils
import moto.iam.models as iam
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_block_store import EBSBackend
from moto.ec2.models.flow_logs import FlowLogsBackend
from moto.rds.models import rds_backends
from moto.sqs.models import sqs_backends

from netmend.sandbox.api import ApiCall, ApiError, guard, observer

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

MODIFYING_SECONDS: Final = 10.0
"""How long a change of a database takes; on AWS it is minutes."""

KINDS: Final = {"application": "app", "network": "net", "gateway": "gwy"}
PREFIXES: Final = {iam.User: "AIDA", iam.Group: "AGPA"}
ID_LENGTH: Final = 21

_made: Final = threading.local()
_originals: Final[dict[Any, Any]] = {
    (elbv2, "make_arn_for_load_balancer"): utils.make_arn_for_load_balancer,
    (elbv2.ELBv2Backend, "create_load_balancer"): elbv2.ELBv2Backend.create_load_balancer,
    (EBSBackend, "detach_volume"): EBSBackend.detach_volume,
    (FlowLogsBackend, "create_flow_logs"): FlowLogsBackend.create_flow_logs,
    (iam.User, "__init__"): iam.User.__init__,
    (iam.Group, "__init__"): iam.Group.__init__,
}


@guard("ec2", "DescribeNetworkAcls")
def missing_network_acl(sandbox: Sandbox, call: ApiCall) -> None:
    """moto says InvalidRouteTableID.NotFound, which is no error of this operation."""
    known = ec2_backends[call.account][call.region].network_acls
    for wanted in call.params.get("NetworkAclIds") or []:
        if wanted not in known:
            message = f"The networkAcl ID '{wanted}' does not exist"
            raise ApiError("InvalidNetworkAclID.NotFound", message)


@guard("ec2", "DetachVolume")
def detached_already(sandbox: Sandbox, call: ApiCall) -> None:
    """Only an attached volume can be detached."""
    volume = ec2_backends[call.account][call.region].volumes.get(call.params["VolumeId"])
    if volume is not None and volume.attachment is None:
        message = f"Volume '{volume.id}' is in the 'available' state."
        raise ApiError("IncorrectState", message)


@observer
def modify_database(sandbox: Sandbox, call: ApiCall) -> None:
    """An instance is `modifying` for a while, which runbooks wait for."""
    if call.name != "rds:ModifyDBInstance":
        return
    name = call.params.get("NewDBInstanceIdentifier") or call.params["DBInstanceIdentifier"]
    database = rds_backends[call.account][call.region].databases[name]
    pending = {key: call.params[key] for key in ("MultiAZ",) if key in call.params}
    changing = cast(Any, database)
    changing.status, changing.pending_modified_values = "modifying", pending

    def done() -> None:
        if changing.status == "modifying":
            changing.status, changing.pending_modified_values = "available", {}

    due = sandbox.clock.time() + MODIFYING_SECONDS
    sandbox.engine.submit(f"{name} is modified", done, at=due)


@observer
def read_queue_flags(sandbox: Sandbox, call: ApiCall) -> None:
    """`True` and `true` are the same to SQS, which answers the latter."""
    if call.name != "sqs:SetQueueAttributes":
        return
    name = call.params["QueueUrl"].rpartition("/")[2]
    queue = cast(Any, sqs_backends[call.account][call.region].queues[name])
    if isinstance(queue.sqs_managed_sse_enabled, str):
        queue.sqs_managed_sse_enabled = queue.sqs_managed_sse_enabled.lower() == "true"


def install(sandbox: Sandbox) -> None:
    """Put the patches on moto."""
    for (home, name), original in _originals.items():
        setattr(home, name, PATCHES[name](original))


def uninstall(sandbox: Sandbox) -> None:
    """Give moto its own back."""
    for (home, name), original in _originals.items():
        setattr(home, name, original)


def _kind_in_arn(original: Callable[..., str]) -> Callable[..., str]:
    def make(*args: Any, **kwargs: Any) -> str:
        short = KINDS.get(getattr(_made, "kind", "") or "application", "app")
        return original(*args, **kwargs).replace(":loadbalancer/app/", f":loadbalancer/{short}/")

    return make


def _kind_known(original: Callable[..., Any]) -> Callable[..., Any]:
    """The ARN of a load balancer names its type, of which moto's function is not told."""

    @wraps(original)
    def create(*args: Any, **kwargs: Any) -> Any:
        given = signature(original).bind(*args, **kwargs).arguments
        _made.kind = given.get("loadbalancer_type")
        try:
            return original(*args, **kwargs)
        finally:
            _made.kind = None

    return create


def _from_any_instance(original: Callable[..., Any]) -> Callable[..., Any]:
    """The instance need not be said."""

    @wraps(original)
    def detach(self: Any, volume_id: str, instance_id: str | None, device: str) -> Any:
        attachment = self.get_volume(volume_id).attachment
        return original(self, volume_id, instance_id or attachment.instance.id, device)

    return detach


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


def _prefixed(original: Callable[..., None]) -> Callable[..., None]:
    """The ids of users and groups say what they are."""

    @wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.id = f"{PREFIXES[type(self)]}{self.id.upper()}"[:ID_LENGTH]

    return init


PATCHES: Final[dict[str, Callable[[Any], Any]]] = {
    "make_arn_for_load_balancer": _kind_in_arn,
    "create_load_balancer": _kind_known,
    "detach_volume": _from_any_instance,
    "create_flow_logs": _folder_in_bucket,
    "__init__": _prefixed,
}

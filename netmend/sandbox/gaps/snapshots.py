"""Volumes and snapshots of the Elastic Block Store."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_block_store import EBSBackend

from netmend.sandbox.api import ApiCall, ApiError, guard, observer
from netmend.sandbox.gaps.patches import patch

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

CHANGES: Final = {
    "Add": "add_create_volume_permission",
    "Remove": "remove_create_volume_permission",
}


@guard("ec2", "DetachVolume")
def detached_already(sandbox: Sandbox, call: ApiCall) -> None:
    """Only an attached volume can be detached."""
    volume = ec2_backends[call.account][call.region].volumes.get(call.params["VolumeId"])
    if volume is not None and volume.attachment is None:
        message = f"Volume '{volume.id}' is in the 'available' state."
        raise ApiError("IncorrectState", message)


@guard("ec2", "DeleteSnapshot", "ModifySnapshotAttribute")
def missing_snapshot(sandbox: Sandbox, call: ApiCall) -> None:
    """moto has the code and no words."""
    wanted = call.params["SnapshotId"]
    if wanted not in ec2_backends[call.account][call.region].snapshots:
        message = f"The snapshot '{wanted}' does not exist."
        raise ApiError("InvalidSnapshot.NotFound", message)


@observer
def share_snapshot(sandbox: Sandbox, call: ApiCall) -> None:
    """moto reads only the older form, OperationType with names and ids."""
    if call.name != "ec2:ModifySnapshotAttribute":
        return
    backend = ec2_backends[call.account][call.region]
    for kind, entries in (call.params.get("CreateVolumePermission") or {}).items():
        getattr(backend, CHANGES[kind])(
            call.params["SnapshotId"],
            user_ids=[entry["UserId"] for entry in entries if "UserId" in entry],
            groups=[entry["Group"] for entry in entries if "Group" in entry],
        )


@patch(EBSBackend, "detach_volume")
def _from_any_instance(original: Callable[..., Any]) -> Callable[..., Any]:
    """The instance need not be said."""

    @wraps(original)
    def detach(self: Any, volume_id: str, instance_id: str | None, device: str) -> Any:
        attachment = self.get_volume(volume_id).attachment
        return original(self, volume_id, instance_id or attachment.instance.id, device)

    return detach

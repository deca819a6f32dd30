"""aws:createImage and aws:copyImage wait until the AMI can be used; aws:deleteImage removes one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome, Wait
from netmend.sandbox.automation.actions.calls import fitted, given, one, patient, respond
from netmend.sandbox.automation.errors import EXECUTING, StepFailed

POLL_SECONDS: Final = 10.0
CREATE: Final = {
    "InstanceId": "InstanceId",
    "ImageName": "Name",
    "ImageDescription": "Description",
    "NoReboot": "NoReboot",
    "BlockDeviceMappings": "BlockDeviceMappings",
}
COPY: Final = {
    "SourceImageId": "SourceImageId",
    "SourceRegion": "SourceRegion",
    "ImageName": "Name",
    "ImageDescription": "Description",
    "Encrypted": "Encrypted",
    "KmsKeyId": "KmsKeyId",
    "ClientToken": "ClientToken",
}
LOST: Final = ("deregistered", "error", "failed", "invalid")


def create(call: Call) -> Outcome:
    """An AMI of an instance."""
    return patient(lambda again: _made(again, "CreateImage", given(call, CREATE)), call)


def copy(call: Call) -> Outcome:
    """An AMI of this or another Region, in this one."""
    return patient(lambda again: _made(again, "CopyImage", given(call, COPY)), call)


def delete(call: Call) -> Outcome:
    """Deregister an AMI, then delete the snapshots that it was made of."""
    return patient(_delete, call)


def _made(call: Call, operation: str, params: Mapping[str, Any]) -> Outcome:
    answer = respond(call, "ec2", operation, fitted("ec2", operation, params))
    return _awaited(call, str(answer["ImageId"]))


def _awaited(call: Call, image: str) -> Outcome:
    found = _image(call, image)
    outputs = {"ImageId": image, "ImageState": found["State"]}
    if found["State"] == "available":
        return Done(outputs, outputs)
    if found["State"] in LOST:
        reason = (found.get("StateReason") or {}).get("Message", "no reason given")
        raise StepFailed(f"The image {image} is {found['State']}: {reason}", outputs=outputs)
    return Wait(
        doing=EXECUTING,
        at=call.effects.now() + POLL_SECONDS,
        then=lambda: patient(lambda again: _awaited(again, image), call),
        outputs=outputs,
    )


def _image(call: Call, image: str) -> dict[str, Any]:
    answer = respond(call, "ec2", "DescribeImages", {"ImageIds": [image]})
    if not answer["Images"]:
        raise StepFailed(f"The image {image} does not exist")
    found: dict[str, Any] = answer["Images"][0]
    return found


def _delete(call: Call) -> Done:
    image = one(call, "ImageId")
    mappings = _image(call, image).get("BlockDeviceMappings") or []
    snapshots = [m["Ebs"]["SnapshotId"] for m in mappings if m.get("Ebs", {}).get("SnapshotId")]
    respond(call, "ec2", "DeregisterImage", {"ImageId": image})
    for snapshot in snapshots:
        respond(call, "ec2", "DeleteSnapshot", {"SnapshotId": snapshot})
    return Done()


CREATE_ACTION: Final = Action(
    create,
    required=frozenset({"InstanceId", "ImageName"}),
    optional=frozenset({"BlockDeviceMappings", "ImageDescription", "NoReboot"}),
)
COPY_ACTION: Final = Action(
    copy,
    required=frozenset({"SourceImageId", "SourceRegion", "ImageName"}),
    optional=frozenset({"ClientToken", "Encrypted", "ImageDescription", "KmsKeyId"}),
)
DELETE_ACTION: Final = Action(delete, required=frozenset({"ImageId"}))

"""aws:changeInstanceState and aws:runInstances wait until EC2 says that the instances are there."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.automation.actions.base import Action, Call, Done, Outcome, Wait
from netmend.sandbox.automation.actions.calls import fitted, flag, given, patient, respond, texts
from netmend.sandbox.automation.errors import EXECUTING, StepFailed, invalid

POLL_SECONDS: Final = 5.0
CHANGES: Final = {
    "running": "StartInstances",
    "stopped": "StopInstances",
    "terminated": "TerminateInstances",
}
LAUNCH: Final = {
    name: name
    for name in (
        "AdditionalInfo",
        "BlockDeviceMappings",
        "ClientToken",
        "DisableApiTermination",
        "EbsOptimized",
        "ImageId",
        "InstanceInitiatedShutdownBehavior",
        "InstanceType",
        "KernelId",
        "KeyName",
        "MetadataOptions",
        "NetworkInterfaces",
        "Placement",
        "PrivateIpAddress",
        "RamdiskId",
        "SecurityGroupIds",
        "SecurityGroups",
        "SubnetId",
        "TagSpecifications",
    )
} | {"MinInstanceCount": "MinCount", "MaxInstanceCount": "MaxCount"}
PROFILE: Final = {"IamInstanceProfileArn": "Arn", "IamInstanceProfileName": "Name"}


def change(call: Call) -> Outcome:
    """Ask for the state unless CheckStateOnly, then wait until every instance has it."""
    wanted = call.text("DesiredState")
    if wanted not in CHANGES:
        raise invalid(f"DesiredState must be one of {', '.join(CHANGES)}, not {wanted}")
    ids = texts(call, "InstanceIds")
    return patient(lambda again: _change(again, ids, wanted), call)


def _change(call: Call, ids: list[str], wanted: str) -> Outcome:
    if not flag(call, "CheckStateOnly"):
        params: dict[str, Any] = {"InstanceIds": ids}
        if wanted == "stopped" and flag(call, "Force"):
            params["Force"] = True
        if wanted == "running":
            params |= given(call, ["AdditionalInfo"])
        respond(call, "ec2", CHANGES[wanted], params)
    return _awaited(call, ids, wanted, healthy=wanted == "running")


def launch(call: Call) -> Outcome:
    """Run the instances and wait until they are running."""
    params = given(call, LAUNCH)
    params = {"MinCount": 1, "MaxCount": 1, "InstanceType": "m1.small"} | params
    if profile := given(call, PROFILE):
        params["IamInstanceProfile"] = profile
    if "Monitoring" in call.inputs:
        params["Monitoring"] = {"Enabled": flag(call, "Monitoring")}
    if call.inputs.get("UserData"):
        params["UserData"] = _user_data(call.text("UserData"))
    return patient(lambda again: _launch(again, params), call)


def _launch(call: Call, params: Mapping[str, Any]) -> Outcome:
    answer = respond(call, "ec2", "RunInstances", fitted("ec2", "RunInstances", params))
    ids = [instance["InstanceId"] for instance in answer["Instances"]]
    return _awaited(call, ids, "running", healthy=False)


def _user_data(encoded: str) -> str:
    """boto3 encodes once more what AWS asks for in Base64."""
    try:
        return base64.b64decode(encoded, validate=True).decode("latin-1")
    except (binascii.Error, ValueError):
        raise invalid("UserData must be Base64-encoded") from None


def _awaited(call: Call, ids: list[str], wanted: str, *, healthy: bool) -> Outcome:
    states = _states(call, ids)
    outputs = {"InstanceIds": ids, "InstanceStates": states}
    if wanted != "terminated" and "terminated" in states:
        raise StepFailed(
            f"Instances {ids} are in the states {states} and cannot become {wanted}",
            retry=False,
            outputs=outputs,
        )
    if all(state == wanted for state in states) and (not healthy or _healthy(call, ids)):
        return Done(outputs, outputs)
    return Wait(
        doing=EXECUTING,
        at=call.effects.now() + POLL_SECONDS,
        then=lambda: patient(lambda one: _awaited(one, ids, wanted, healthy=healthy), call),
        outputs=outputs,
    )


def _states(call: Call, ids: list[str]) -> list[str]:
    answer = respond(call, "ec2", "DescribeInstances", {"InstanceIds": ids})
    instances = [i for group in answer["Reservations"] for i in group["Instances"]]
    by_id = {instance["InstanceId"]: instance["State"]["Name"] for instance in instances}
    return [by_id.get(one, "pending") for one in ids]


def _healthy(call: Call, ids: list[str]) -> bool:
    answer = respond(call, "ec2", "DescribeInstanceStatus", {"InstanceIds": ids})
    checks = [
        found[kind]["Status"]
        for found in answer["InstanceStatuses"]
        for kind in ("InstanceStatus", "SystemStatus")
    ]
    return len(checks) == 2 * len(ids) and set(checks) == {"ok"}


CHANGE: Final = Action(
    change,
    required=frozenset({"InstanceIds", "DesiredState"}),
    # AWS-StartEC2Instance has FailOnUnexpectedStopped, which the user guide does not know.
    optional=frozenset({"AdditionalInfo", "CheckStateOnly", "FailOnUnexpectedStopped", "Force"}),
    timeout=3600,
)
LAUNCH_ACTION: Final = Action(
    launch,
    required=frozenset({"ImageId"}),
    optional=frozenset({*LAUNCH, *PROFILE, "Monitoring", "UserData"}) - {"ImageId"},
)

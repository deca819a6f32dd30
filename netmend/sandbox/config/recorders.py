"""Every account and Region has AWS Config switched on before anybody asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from moto.backends import get_backend
from moto.core.exceptions import JsonRESTError
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, guard, operation
from netmend.sandbox.config.place import Place
from netmend.sandbox.core import Sandbox

PRESET: Final = "default"

RecordsType = Callable[[str], bool]


class Presets:
    """What of one account's and Region's preset still stands as it was made."""

    def __init__(self) -> None:
        self.made = False
        self.recorder = True
        self.channel = True


def ensure(place: Place) -> Any:
    """moto's Config backend of the account and Region, with the preset in it.

    The preset is what a landing zone leaves behind: a recorder `default` under the service-linked
    role that records all supported types and is running, and a delivery channel `default`. AWS
    allows one of each, so a recorder or channel of another name replaces the preset one, as long
    as nobody has put one named `default` himself.
    """
    presets = place.state(Presets)
    backend = get_backend("config")[place.account][place.region]
    if not presets.made:
        presets.made = True
        bucket = f"config-bucket-{place.account}"
        backend.put_configuration_recorder({"name": PRESET, "roleARN": _linked_role(place)})
        backend.put_delivery_channel({"name": PRESET, "s3BucketName": bucket})
        backend.start_configuration_recorder(PRESET)
        backend.recorders[PRESET].status.last_status = "SUCCESS"
    return backend


def _linked_role(place: Place) -> str:
    return (
        f"arn:{get_partition(place.region)}:iam::{place.account}:role/aws-service-role/"
        "config.amazonaws.com/AWSServiceRoleForConfig"
    )


def require(place: Place) -> None:
    """Refuse as PutConfigRule does where there is no recorder."""
    if not ensure(place).recorders:
        raise ApiError(
            "NoAvailableConfigurationRecorderException",
            "Configuration recorder is not available to put configuration rule: "
            "put a configuration recorder first",
        )


def role_arn(place: Place) -> str:
    """The recorder's role; the service-linked one where there is no recorder."""
    found = list(ensure(place).recorders.values())
    return str(found[0].role_arn) if found else _linked_role(place)


def recorded(place: Place) -> RecordsType:
    """Says of a resource type whether a running recorder records it here."""
    found = list(ensure(place).recorders.values())
    if not found or not found[0].status.recording:
        return lambda resource_type: False
    group = found[0].recording_group
    if group.resource_types:
        return frozenset(group.resource_types).__contains__
    excluded = frozenset((group.exclusion_by_resource_types or {}).get("resourceTypes", ()))
    return lambda resource_type: resource_type not in excluded


@guard(
    "config",
    "DescribeConfigurationRecorders",
    "DescribeConfigurationRecorderStatus",
    "StartConfigurationRecorder",
    "StopConfigurationRecorder",
    "DeleteConfigurationRecorder",
    "DescribeDeliveryChannels",
    "DeleteDeliveryChannel",
)
def _preset_first(sandbox: Sandbox, call: ApiCall) -> None:
    ensure(Place.of(sandbox, call))


@operation("config", "PutConfigurationRecorder")
def put_recorder(sandbox: Sandbox, call: ApiCall) -> Any:
    """Put a recorder; one of another name takes the untouched preset's place."""
    wanted = call.params["ConfigurationRecorder"]
    _refuse_daily(wanted.get("recordingMode") or {})
    place = Place.of(sandbox, call)
    backend, presets = ensure(place), place.state(Presets)
    replaces = presets.recorder and wanted.get("name") != PRESET
    _replace(backend.recorders, replaces, lambda: backend.put_configuration_recorder(wanted))
    presets.recorder = False
    return {}


@operation("config", "PutDeliveryChannel")
def put_channel(sandbox: Sandbox, call: ApiCall) -> Any:
    """Put a delivery channel; one of another name takes the untouched preset's place."""
    wanted = call.params["DeliveryChannel"]
    place = Place.of(sandbox, call)
    backend, presets = ensure(place), place.state(Presets)
    replaces = presets.channel and wanted.get("name") != PRESET
    _replace(backend.delivery_channels, replaces, lambda: backend.put_delivery_channel(wanted))
    presets.channel = False
    return {}


def _replace(kept: dict[str, Any], replaces: bool, put: Callable[[], None]) -> None:
    preset = kept.pop(PRESET, None) if replaces else None
    try:
        put()
    except JsonRESTError as refused:
        if preset is not None:
            kept[PRESET] = preset
        raise ApiError(refused.relative_error_type, refused.message, refused.code) from refused


def _refuse_daily(mode: dict[str, Any]) -> None:
    overrides = mode.get("recordingModeOverrides") or []
    if {m.get("recordingFrequency") for m in (mode, *overrides)} - {None, "CONTINUOUS"}:
        raise NotImplementedError(
            "the sandbox records continuously only: use recordingFrequency CONTINUOUS"
        )

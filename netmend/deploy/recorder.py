"""Netmend finds what AWS Config records; what it would not record here is known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

DAILY = "DAILY"


def problem(config: Any, types: Iterable[str]) -> str:
    """Why rules for these resource types would find nothing here in time; "" where they would.

    config: a boto3 client. Recorders that belong to a service record for that service alone.
    """
    recorders = [
        recorder
        for recorder in config.describe_configuration_recorders()["ConfigurationRecorders"]
        if not recorder.get("servicePrincipal")
    ]
    if not recorders:
        return "AWS Config has no recorder here"
    recorder = recorders[0]
    states = config.describe_configuration_recorder_status(
        ConfigurationRecorderNames=[recorder["name"]]
    )["ConfigurationRecordersStatus"]
    if not any(state.get("recording") for state in states):
        return f"the recorder {recorder['name']} of AWS Config is off"
    missing = [name for name in sorted(types) if not records(recorder, name)]
    if missing:
        return f"AWS Config does not record {', '.join(missing)} here"
    daily = [name for name in sorted(types) if frequency(recorder, name) == DAILY]
    return f"AWS Config records {', '.join(daily)} once a day only" if daily else ""


def records(recorder: Mapping[str, Any], resource_type: str) -> bool:
    """Whether a recorder's group, as DescribeConfigurationRecorders gives it, holds a type."""
    group = recorder.get("recordingGroup") or {}
    excluded = (group.get("exclusionByResourceTypes") or {}).get("resourceTypes") or ()
    strategy = (group.get("recordingStrategy") or {}).get("useOnly")
    if strategy == "EXCLUSION_BY_RESOURCE_TYPES":
        return resource_type not in excluded
    return bool(group.get("allSupported")) or resource_type in (group.get("resourceTypes") or ())


def frequency(recorder: Mapping[str, Any], resource_type: str) -> str:
    """CONTINUOUS or DAILY."""
    mode = recorder.get("recordingMode") or {}
    for override in mode.get("recordingModeOverrides") or ():
        if resource_type in override["resourceTypes"]:
            return str(override["recordingFrequency"])
    return str(mode.get("recordingFrequency") or "CONTINUOUS")

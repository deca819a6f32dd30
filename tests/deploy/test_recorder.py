"""Where AWS Config would not tell the rules in time, nothing is made, and one line says why."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from netmend.deploy.recorder import problem
from netmend.errors import UserError
from netmend.sandbox.core import Sandbox
from tests.deploy.places import Place

GROUP, LIST = "AWS::EC2::SecurityGroup", "AWS::EC2::PrefixList"
ALL = {"allSupported": True, "resourceTypes": []}
DAILY, CONTINUOUS = "DAILY", "CONTINUOUS"


def excluding(*types: str) -> dict[str, Any]:
    return {
        "allSupported": False,
        "exclusionByResourceTypes": {"resourceTypes": list(types)},
        "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"},
    }


def mode(usual: str, **overrides: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"recordingFrequency": usual}
    if overrides:
        found["recordingModeOverrides"] = [
            {"resourceTypes": types, "recordingFrequency": frequency}
            for frequency, types in overrides.items()
        ]
    return found


def recorder(group: dict[str, Any] = ALL, on: bool = True, **more: Any) -> list[dict[str, Any]]:
    return [{"name": "default", "recordingGroup": group, "on": on, **more}]


SERVICE = {**recorder()[0], "name": "AWSConfigurationRecorderForX", "servicePrincipal": "x"}
ONLY_GROUP = {"allSupported": False, "resourceTypes": [GROUP]}
CASES: dict[str, tuple[list[dict[str, Any]], str]] = {
    "all types": (recorder(), ""),
    "both types by name": (recorder({"allSupported": False, "resourceTypes": [LIST, GROUP]}), ""),
    "all types but another": (recorder(excluding("AWS::EC2::VPC")), ""),
    "no recorder": ([], "AWS Config has no recorder here"),
    "that of a service alone": ([SERVICE], "AWS Config has no recorder here"),
    "that of a service, and ours": ([SERVICE, *recorder()], ""),
    "off": (recorder(on=False), "the recorder default of AWS Config is off"),
    "one type left out": (recorder(ONLY_GROUP), f"AWS Config does not record {LIST} here"),
    "one type excluded": (recorder(excluding(GROUP)), f"AWS Config does not record {GROUP} here"),
    "daily": (
        recorder(recordingMode=mode(DAILY)),
        f"AWS Config records {LIST}, {GROUP} once a day only",
    ),
    "one type daily": (
        recorder(recordingMode=mode(CONTINUOUS, DAILY=[GROUP])),
        f"AWS Config records {GROUP} once a day only",
    ),
    "all but ours daily": (recorder(recordingMode=mode(DAILY, CONTINUOUS=[GROUP, LIST])), ""),
}


@pytest.mark.parametrize(("recorders", "said"), CASES.values(), ids=CASES.keys())
def test_what_a_recorder_would_miss_is_said(recorders: list[dict[str, Any]], said: str) -> None:
    config = boto3.client("config", region_name="us-east-1")
    described = [{k: v for k, v in r.items() if k != "on"} for r in recorders]
    own = [r for r in recorders if "servicePrincipal" not in r]
    with Stubber(config) as stub:
        stub.add_response("describe_configuration_recorders", {"ConfigurationRecorders": described})
        if own:
            states = [{"name": r["name"], "recording": r["on"]} for r in own]
            stub.add_response(
                "describe_configuration_recorder_status",
                {"ConfigurationRecordersStatus": states},
                {"ConfigurationRecorderNames": [r["name"] for r in own]},
            )
        assert problem(config, (GROUP, LIST)) == said
        stub.assert_no_pending_responses()


def test_a_first_deployment_is_refused_and_an_update_is_not() -> None:
    with Sandbox() as sandbox:
        place = Place(sandbox)
        config = place.raw("config")
        config.stop_configuration_recorder(ConfigurationRecorderName="default")
        with pytest.raises(UserError, match="is off - let it record AWS::EC2::PrefixList, "):
            place.deploy()
        assert place.made == []
        config.start_configuration_recorder(ConfigurationRecorderName="default")
        place.deploy()
        config.stop_configuration_recorder(ConfigurationRecorderName="default")
        assert any("the recorder default of AWS Config is off" in x for x in place.plan().lines)
        place.deploy("off")
        assert place.mode() == "off"

"""StartAutomationExecution takes what AWS takes, and says in AWS's words what it does not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.ssm.world import ACCOUNT, FAR, OTHER, REGION, World, nap, quick, refused

TOKEN = "0a1b2c3d-0000-4000-8000-0123456789AB"
AN_ALARM = {"Alarms": [{"Name": "smoke"}]}

VERSIONS = {
    "the default where none is named": ({}, "1"),
    "the default by its name": ({"DocumentVersion": "$DEFAULT"}, "1"),
    "the latest": ({"DocumentVersion": "$LATEST"}, "2"),
    "a number": ({"DocumentVersion": "2"}, "2"),
}


@pytest.mark.parametrize(("asked", "version"), VERSIONS.values(), ids=VERSIONS)
def test_a_run_is_of_the_version_asked_for(world: World, asked: Any, version: str) -> None:
    world.document("Nap", nap())
    world.ssm.update_document(Name="Nap", Content=json.dumps(nap(5)), DocumentVersion="$LATEST")
    record = world.run("Nap", **asked)
    assert (record["DocumentName"], record["DocumentVersion"]) == ("Nap", version)
    assert record["AutomationExecutionStatus"] == "Success"


REFUSALS = {
    "no such document": ({"DocumentName": "None"}, "AutomationDefinitionNotFoundException"),
    "no such version": ({"DocumentVersion": "7"}, "AutomationDefinitionVersionNotFoundException"),
    "another account's document that is not shared": (
        {"DocumentName": f"arn:aws:ssm:{REGION}:{OTHER}:document/Quick"},
        "AutomationDefinitionNotFoundException",
    ),
    "a document of another Region": (
        {"DocumentName": f"arn:aws:ssm:{FAR}:{ACCOUNT}:document/Quick"},
        "AutomationDefinitionNotFoundException",
    ),
    "an unknown parameter": (
        {"Parameters": {"X": ["1"], "Id": ["a"]}},
        "InvalidAutomationExecutionParametersException",
    ),
    "a missing parameter": ({"Parameters": {}}, "InvalidAutomationExecutionParametersException"),
    "a token that is no UUID": ({"ClientToken": "x" * 36}, "ValidationException"),
    "a version that is no version": ({"DocumentVersion": "first"}, "ValidationException"),
    "a mode that AWS has not": ({"Mode": "Slow"}, "ValidationException"),
    "more than five tags": (
        {"Tags": [{"Key": str(n), "Value": ""} for n in range(6)]},
        "ValidationException",
    ),
    "a tag twice": ({"Tags": [{"Key": "a", "Value": "1"}] * 2}, "ValidationException"),
    "the interactive mode": ({"Mode": "Interactive"}, "NotImplemented"),
    "an alarm": ({"AlarmConfiguration": AN_ALARM}, "NotImplemented"),
    "an alarm of a location": (
        {"TargetLocations": [{"TargetLocationAlarmConfiguration": AN_ALARM}]},
        "NotImplemented",
    ),
    "locations behind an address": (
        {"TargetLocationsURL": "https://bucket.s3.amazonaws.com/locations.json"},
        "NotImplemented",
    ),
}


@pytest.mark.parametrize(("params", "code"), REFUSALS.values(), ids=REFUSALS)
def test_is_refused(world: World, params: Any, code: str) -> None:
    world.document("Quick", quick())
    asked = {"DocumentName": "Quick", "Parameters": {"Id": ["a"]}, **params}
    found, message = refused(world.ssm.start_automation_execution, **asked)
    assert found == code
    assert message
    assert world.listed() == []


def test_a_document_is_called_by_its_own_arn(world: World) -> None:
    world.document("Nap", nap())
    assert world.run(f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/Nap")["DocumentName"] == "Nap"


def test_the_same_token_and_request_give_the_same_run(world: World) -> None:
    world.document("Nap", nap())
    first = world.start("Nap", ClientToken=TOKEN)
    assert world.start("Nap", ClientToken=TOKEN.lower()) == first
    assert len(world.listed()) == 1


def test_the_same_token_with_another_request_is_a_mismatch(world: World) -> None:
    world.document("Nap", nap())
    world.start("Nap", ClientToken=TOKEN)
    code, _ = refused(
        world.ssm.start_automation_execution,
        DocumentName="Nap",
        DocumentVersion="1",
        ClientToken=TOKEN,
    )
    assert code == "IdempotentParameterMismatch"


def test_a_refused_request_does_not_use_its_token_up(world: World) -> None:
    world.document("Quick", quick())
    refused(world.ssm.start_automation_execution, DocumentName="Quick", ClientToken=TOKEN)
    assert world.start("Quick", Parameters={"Id": ["a"]}, ClientToken=TOKEN)


def test_a_token_is_good_in_one_account_and_region(world: World) -> None:
    places = [(ACCOUNT, REGION), (ACCOUNT, FAR), (OTHER, REGION)]
    clients = [world.client(account=account, region=region) for account, region in places]
    for client in clients:
        world.document("Nap", nap(), client)
    started = {world.start("Nap", client, ClientToken=TOKEN) for client in clients}
    assert len(started) == 3


def test_runs_bear_tags_and_are_found_by_them(world: World) -> None:
    world.document("Nap", nap())
    world.start("Nap")
    tagged = world.start("Nap", Tags=[{"Key": "team", "Value": "net"}])
    run = {"ResourceType": "Automation", "ResourceId": tagged}
    world.ssm.add_tags_to_resource(**run, Tags=[{"Key": "env", "Value": "dev"}])
    world.ssm.remove_tags_from_resource(**run, TagKeys=["team", "none"])
    assert world.ssm.list_tags_for_resource(**run)["TagList"] == [{"Key": "env", "Value": "dev"}]
    assert [one["AutomationExecutionId"] for one in world.listed(TagKey=["env"])] == [tagged]


TAGGING = {
    "a run that does not exist": (
        {"ResourceId": "0" * 36, "Tags": [{"Key": "a", "Value": "b"}]},
        "InvalidResourceId",
    ),
    "more than fifty tags": (
        {"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]},
        "TooManyTagsError",
    ),
}


@pytest.mark.parametrize(("params", "code"), TAGGING.values(), ids=TAGGING)
def test_tags_are_refused(world: World, params: Any, code: str) -> None:
    world.document("Nap", nap())
    asked = {"ResourceType": "Automation", "ResourceId": world.start("Nap"), **params}
    assert refused(world.ssm.add_tags_to_resource, **asked)[0] == code


def test_a_parameter_may_hold_a_whole_finding(world: World) -> None:
    finding = json.dumps({"Id": "x" * 8_000})
    world.document("Nap", nap(parameters={"Finding": {"type": "StringMap"}}))
    record = world.run("Nap", Parameters={"Finding": [finding]})
    assert record["AutomationExecutionStatus"] == "Success"
    assert json.loads(record["Parameters"]["Finding"][0]) == json.loads(finding)

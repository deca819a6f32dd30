"""Documents are made in versions, read in either format, shared and deleted as AWS has it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import yaml

from tests.ssm.world import ACCOUNT, OTHER, REGION, World, nap, quick, refused

ARN = f"arn:aws:ssm:{REGION}:{ACCOUNT}:document/Nap"
TEXT = json.dumps(nap())


def update(world: World, seconds: int, **more: Any) -> dict[str, Any]:
    asked = {"Name": "Nap", "Content": json.dumps(nap(seconds)), "DocumentVersion": "$LATEST"}
    found: dict[str, Any] = world.ssm.update_document(**asked | more)["DocumentDescription"]
    return found


def test_a_document_is_described(world: World) -> None:
    content = nap(description="Sleeps.", parameters={"N": {"type": "String", "default": "x"}})
    world.document("Nap", content, VersionName="first", TargetType="/AWS::EC2::VPC")
    found = world.ssm.describe_document(Name="Nap")["Document"]
    assert found.pop("CreatedDate").timestamp() == pytest.approx(world.sandbox.clock.time(), abs=9)
    assert found == {
        "Name": "Nap",
        "Owner": ACCOUNT,
        "Description": "Sleeps.",
        "DocumentType": "Automation",
        "DocumentFormat": "JSON",
        "DocumentVersion": "1",
        "DefaultVersion": "1",
        "LatestVersion": "1",
        "SchemaVersion": "0.3",
        "VersionName": "first",
        "TargetType": "/AWS::EC2::VPC",
        "PlatformTypes": ["Windows", "Linux", "MacOS"],
        "Parameters": [{"Name": "N", "Type": "String", "DefaultValue": "x"}],
        "Status": "Active",
        "Hash": hashlib.sha256(json.dumps(content).encode()).hexdigest(),
        "HashType": "Sha256",
    }


@pytest.mark.parametrize("form", ["JSON", "YAML"])
@pytest.mark.parametrize("wanted", ["JSON", "YAML"])
def test_the_content_is_read_in_either_format(world: World, form: str, wanted: str) -> None:
    # YAML 1.1 would read these two texts as a number and a truth.
    tree = nap(parameters={"A": {"type": "String", "default": "22:22", "allowedValues": ["on"]}})
    content = json.dumps(tree) if form == "JSON" else "# why\n" + yaml.safe_dump(tree)
    world.ssm.create_document(
        Name="Nap", Content=content, DocumentType="Automation", DocumentFormat=form
    )
    found = world.ssm.get_document(Name="Nap", DocumentFormat=wanted)
    assert found["DocumentFormat"] == wanted
    assert yaml.safe_load(found["Content"]) == tree
    if form == wanted:
        assert found["Content"] == content


def test_json_is_what_one_gets_unless_asked_otherwise(world: World) -> None:
    world.ssm.create_document(
        Name="Nap",
        Content=yaml.safe_dump(nap()),
        DocumentType="Automation",
        DocumentFormat="YAML",
    )
    assert json.loads(world.ssm.get_document(Name="Nap")["Content"]) == nap()


def test_a_calendar_is_a_text(world: World) -> None:
    text = "BEGIN:VCALENDAR\nEND:VCALENDAR\n"
    world.ssm.create_document(
        Name="Freeze", Content=text, DocumentType="ChangeCalendar", DocumentFormat="TEXT"
    )
    assert world.ssm.get_document(Name="Freeze")["Content"] == text


CREATION = {
    "no JSON": ({"Content": "{"}, "InvalidDocumentContent", "JSON not well-formed"),
    "no YAML": ({"Content": "a: [", "DocumentFormat": "YAML"}, "InvalidDocumentContent", "YAML"),
    "a runbook without steps": (
        {"Content": '{"schemaVersion": "0.3"}'},
        "InvalidDocumentContent",
        "mainSteps",
    ),
    "a runbook as a text": ({"DocumentFormat": "TEXT"}, "InvalidDocumentContent", "TEXT"),
    "more than 64 KB": ({"Content": "x" * 70_000}, "MaxDocumentSizeExceeded", "bytes"),
    "a name that is taken": ({"Name": "Nap"}, "DocumentAlreadyExists", "Nap"),
    "a name that is too short": ({"Name": "No"}, "ValidationException", "pattern"),
    "a name of Amazon's": ({"Name": "amazon-x"}, "ValidationException", "amazon"),
    "a type that AWS has not": ({"DocumentType": "Script"}, "ValidationException", "enum"),
    "a version that is no name": ({"VersionName": "a b"}, "ValidationException", "pattern"),
    "a command without a schema": (
        {"DocumentType": "Command", "Content": "{}"},
        "InvalidDocumentContent",
        "schemaVersion",
    ),
}


@pytest.mark.parametrize(("params", "code", "words"), CREATION.values(), ids=CREATION)
def test_creation_is_refused_for(world: World, params: Any, code: str, words: str) -> None:
    world.document("Nap", nap())
    asked = {"Name": "Other", "Content": TEXT, "DocumentType": "Automation", **params}
    found, message = refused(world.ssm.create_document, **asked)
    assert found == code
    assert words in message
    names = [one["Name"] for one in world.ssm.list_documents()["DocumentIdentifiers"]]
    assert names == ["Nap"]


def test_documents_with_the_names_of_aws_s_own_are_let_in_and_are_everybody_s(
    world: World,
) -> None:
    world.document("AWS-Nap", nap())
    other = world.client(account=OTHER)
    assert world.run("AWS-Nap", other)["AutomationExecutionStatus"] == "Success"


def test_a_new_version_is_the_latest_and_not_the_default(world: World) -> None:
    world.document("Nap", nap(), DisplayName="sleeps", TargetType="/")
    made = update(world, 5)
    assert (made["DocumentVersion"], made["LatestVersion"], made["DefaultVersion"]) == (
        "2",
        "2",
        "1",
    )
    assert (made["DisplayName"], made["TargetType"]) == ("sleeps", "/")
    world.ssm.update_document_default_version(Name="Nap", DocumentVersion="2")
    assert world.ssm.describe_document(Name="Nap")["Document"]["DocumentVersion"] == "2"


VERSIONS = {
    "the default": ({}, "1"),
    "the default by name": ({"DocumentVersion": "$DEFAULT"}, "1"),
    "the latest": ({"DocumentVersion": "$LATEST"}, "11"),
    "a number": ({"DocumentVersion": "10"}, "10"),
    "a version's name": ({"VersionName": "v3"}, "3"),
    "a name and its number": ({"VersionName": "v3", "DocumentVersion": "3"}, "3"),
}


@pytest.mark.parametrize(("asked", "number"), VERSIONS.values(), ids=VERSIONS)
def test_a_version_is_found_by(world: World, asked: dict[str, str], number: str) -> None:
    world.document("Nap", nap())
    for count in range(2, 12):  # ten comes after nine, though not in the order of letters
        update(world, count + 20, VersionName=f"v{count}")
    assert world.ssm.get_document(Name="Nap", **asked)["DocumentVersion"] == number
    found = world.ssm.describe_document(Name="Nap", **asked)["Document"]
    assert (found["DocumentVersion"], found["LatestVersion"]) == (number, "11")


ABSENT = {
    "a number": {"DocumentVersion": "7"},
    "a name": {"VersionName": "none"},
    "a name of another version": {"VersionName": "v2", "DocumentVersion": "1"},
}


@pytest.mark.parametrize("asked", ABSENT.values(), ids=ABSENT)
def test_no_version_is_found_by(world: World, asked: dict[str, str]) -> None:
    world.document("Nap", nap())
    update(world, 5, VersionName="v2")
    assert refused(world.ssm.get_document, Name="Nap", **asked)[0] == "InvalidDocumentVersion"


UPDATES = {
    "the same content": ({"Content": TEXT}, "DuplicateDocumentContent"),
    "a version that is not the latest": ({"DocumentVersion": "1"}, "InvalidDocumentVersion"),
    "a version's name that is taken": ({"VersionName": "v2"}, "DuplicateDocumentVersionName"),
    "a content that is no runbook": ({"Content": "{}"}, "InvalidDocumentContent"),
    "another document": ({"Name": "None"}, "InvalidDocument"),
}


@pytest.mark.parametrize(("params", "code"), UPDATES.values(), ids=UPDATES)
def test_an_update_is_refused_for(world: World, params: Any, code: str) -> None:
    world.document("Nap", nap())
    update(world, 5, VersionName="v2")
    asked = {"Name": "Nap", "Content": json.dumps(nap(6)), "DocumentVersion": "$LATEST"}
    assert refused(world.ssm.update_document, **asked | params)[0] == code
    assert world.ssm.describe_document(Name="Nap")["Document"]["LatestVersion"] == "2"


def test_versions_are_listed_newest_first(world: World) -> None:
    world.document("Nap", nap())
    for count in range(2, 12):
        update(world, count + 20)
    first = world.ssm.list_document_versions(Name="Nap", MaxResults=4)
    rest = world.ssm.list_document_versions(Name="Nap", NextToken=first["NextToken"])
    found = [*first["DocumentVersions"], *rest["DocumentVersions"]]
    assert [one["DocumentVersion"] for one in found] == [str(n) for n in range(11, 0, -1)]
    assert [one["DocumentVersion"] for one in found if one["IsDefaultVersion"]] == ["1"]


def test_a_version_is_deleted_unless_it_is_the_default(world: World) -> None:
    world.document("Nap", nap())
    update(world, 5)
    code, _ = refused(world.ssm.delete_document, Name="Nap", DocumentVersion="1")
    assert code == "InvalidDocumentOperation"
    world.ssm.delete_document(Name="Nap", DocumentVersion="2")
    assert world.ssm.describe_document(Name="Nap")["Document"]["LatestVersion"] == "1"
    code, _ = refused(world.ssm.delete_document, Name="Nap", DocumentVersion="2")
    assert code == "InvalidDocumentVersion"
    world.ssm.delete_document(Name="Nap")
    assert refused(world.ssm.get_document, Name="Nap")[0] == "InvalidDocument"


LISTED = {
    "all": ({}, "AWS-Stop Nap Quick"),
    "a name's beginning": ({"Name": ["Q", "N"]}, "Nap Quick"),
    "a type": ({"DocumentType": ["Command"]}, ""),
    "one's own": ({"Owner": ["Self"]}, "Nap Quick"),
    "Amazon's": ({"Owner": ["Amazon"]}, "AWS-Stop"),
    "those shared with oneself too": ({"Owner": ["Private"]}, "Nap Quick Theirs"),
    "public ones": ({"Owner": ["Public"]}, "Public"),
    "a target type": ({"TargetType": ["/AWS::EC2::VPC"]}, "Quick"),
    "a tag": ({"tag:env": ["dev", "test"]}, "Nap"),
    "a platform": ({"PlatformTypes": ["Linux"]}, "AWS-Stop Nap Quick"),
}


@pytest.mark.parametrize(("filters", "names"), LISTED.values(), ids=LISTED)
def test_documents_are_listed_by(world: World, filters: Any, names: str) -> None:
    world.document("Nap", nap(), Tags=[{"Key": "env", "Value": "dev"}])
    world.document("Quick", quick(), TargetType="/AWS::EC2::VPC")
    world.document("AWS-Stop", nap())
    other = world.client(account=OTHER)
    for name, whom in (("Theirs", ACCOUNT), ("Public", "All"), ("Hidden", "")):
        world.document(name, nap(), other)
        if whom:
            other.modify_document_permission(
                Name=name, PermissionType="Share", AccountIdsToAdd=[whom]
            )
    given = [{"Key": key, "Values": values} for key, values in filters.items()]
    pages = world.ssm.get_paginator("list_documents").paginate(
        Filters=given, PaginationConfig={"PageSize": 2}
    )
    assert [one["Name"] for page in pages for one in page["DocumentIdentifiers"]] == names.split()


def test_a_filter_that_aws_has_not_is_refused(world: World) -> None:
    filters = [{"Key": "Colour", "Values": ["red"]}]
    assert refused(world.ssm.list_documents, Filters=filters)[0] == "InvalidFilterKey"


def share(world: World, **params: Any) -> None:
    world.ssm.modify_document_permission(Name="Nap", PermissionType="Share", **params)


SHARED = {
    "nobody": ([], "$DEFAULT", "", "AutomationDefinitionNotFoundException"),
    "somebody else": (["333333333333"], "$ALL", "", "AutomationDefinitionNotFoundException"),
    "this account, the default": ([OTHER], "$DEFAULT", "", "1"),
    "this account, the default alone": (
        [OTHER],
        "$DEFAULT",
        "2",
        "AutomationDefinitionVersionNotFoundException",
    ),
    "this account, the latest": ([OTHER], "$LATEST", "$LATEST", "2"),
    "this account, all versions": ([OTHER], "$ALL", "2", "2"),
    "everybody": (["All"], "$DEFAULT", "$DEFAULT", "1"),
}


@pytest.mark.parametrize(("whom", "shared", "asked", "found"), SHARED.values(), ids=SHARED)
def test_a_document_runs_in_another_account_where_it_is_shared_with(
    world: World, whom: list[str], shared: str, asked: str, found: str
) -> None:
    world.document("Nap", nap())
    update(world, 5)
    if whom:
        share(world, AccountIdsToAdd=whom, SharedDocumentVersion=shared)
    other = world.client(account=OTHER)
    params = {"DocumentVersion": asked} if asked else {}
    if found.isdigit():
        record = world.run(ARN, other, **params)
        assert (record["DocumentVersion"], record["DocumentName"]) == (found, "Nap")
    else:
        code, _ = refused(other.start_automation_execution, DocumentName=ARN, **params)
        assert code == found


def test_sharing_is_told_and_ended_and_hinders_deletion(world: World) -> None:
    world.document("Nap", nap())
    share(world, AccountIdsToAdd=[OTHER, "333333333333"])
    share(world, AccountIdsToAdd=["444444444444"], AccountIdsToRemove=["333333333333"])
    asked = {"Name": "Nap", "PermissionType": "Share"}
    found = world.ssm.describe_document_permission(**asked)
    assert found["AccountIds"] == [OTHER, "444444444444"]
    assert found["AccountSharingInfoList"][0] == {
        "AccountId": OTHER,
        "SharedDocumentVersion": "$DEFAULT",
    }
    assert refused(world.ssm.delete_document, Name="Nap")[0] == "InvalidDocumentOperation"
    share(world, AccountIdsToAdd=["All"])
    assert world.ssm.describe_document_permission(**asked)["AccountIds"] == ["all"]
    share(world, AccountIdsToRemove=["all"])
    world.ssm.delete_document(Name="Nap")


SHARING = {
    "an account that is none": ({"AccountIdsToAdd": ["me"]}, "ValidationException"),
    "all and one more": ({"AccountIdsToAdd": ["All", OTHER]}, "DocumentPermissionLimit"),
    "nobody": ({}, "ValidationException"),
    "a version that cannot be shared": (
        {"AccountIdsToAdd": [OTHER], "SharedDocumentVersion": "1"},
        "ValidationException",
    ),
    "another's document": ({"Name": ARN, "AccountIdsToAdd": [OTHER]}, "ValidationException"),
}


@pytest.mark.parametrize(("params", "code"), SHARING.values(), ids=SHARING)
def test_sharing_is_refused_for(world: World, params: Any, code: str) -> None:
    world.document("Nap", nap())
    asked = {"Name": "Nap", "PermissionType": "Share", **params}
    assert refused(world.ssm.modify_document_permission, **asked)[0] == code


def test_the_limits_of_an_account_hold(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from netmend.sandbox.ssm import documents

    assert (documents.MOST_DOCUMENTS, documents.MOST_VERSIONS) == (500, 1000)
    monkeypatch.setattr(documents, "MOST_DOCUMENTS", 1)
    monkeypatch.setattr(documents, "MOST_VERSIONS", 1)
    world.document("Nap", nap())
    asked = {"Name": "Other", "Content": TEXT, "DocumentType": "Automation"}
    assert refused(world.ssm.create_document, **asked)[0] == "DocumentLimitExceeded"
    code, _ = refused(update, world=world, seconds=5)
    assert code == "DocumentVersionLimitExceeded"

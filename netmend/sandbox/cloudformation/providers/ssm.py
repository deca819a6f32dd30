"""AWS::SSM::Document and AWS::SSM::Parameter."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Final

import yaml

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    same,
    tag_changes,
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import JSON, STRING, TAG_MAP, TAGS

NEW_VERSION: Final = "NewVersion"
CONTENT: Final = ("Content", "DocumentFormat", "TargetType", "VersionName")


class Document(Provider):
    """Ref is the name. Only with `UpdateMethod: NewVersion` can its content be changed."""

    type = "AWS::SSM::Document"
    name_property = "Name"
    shape: ClassVar[Shapes] = {
        "Content": JSON,
        "DocumentFormat": STRING,
        "DocumentType": STRING,
        "Name": STRING,
        "Tags": TAGS,
        "TargetType": STRING,
        "UpdateMethod": STRING,
        "VersionName": STRING,
    }
    required = ("Content",)
    create_only = ("DocumentType", "Name")

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "Name") or site.name(128))
        read(wanted, "UpdateMethod")
        site.client("ssm").create_document(
            Name=name,
            Tags=tag_list(wanted),
            **_content(wanted),
            **pick(wanted, "DocumentType"),
        )
        return name

    def replaces(self, old: Properties, new: Properties) -> bool:
        changed = not same(old, new, *CONTENT) and new.get("UpdateMethod") != NEW_VERSION
        return changed or super().replaces(old, new)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old:
            return
        read(new, "UpdateMethod")
        client = site.client("ssm")
        if not same(old, new, *CONTENT):
            made = client.update_document(
                Name=physical_id, DocumentVersion="$LATEST", **_content(new)
            )
            client.update_document_default_version(
                Name=physical_id,
                DocumentVersion=made["DocumentDescription"]["DocumentVersion"],
            )
        _retag(client, "Document", physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ssm").delete_document(Name=physical_id)


def _content(properties: Properties) -> dict[str, Any]:
    form = read(properties, "DocumentFormat", "JSON")
    content = read(properties, "Content")
    if not isinstance(content, str):
        content = (
            yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
            if form == "YAML"
            else json.dumps(content, indent=2, ensure_ascii=False)
        )
    return {
        "Content": content,
        "DocumentFormat": form,
        **pick(properties, "TargetType", "VersionName"),
    }


def _retag(client: Any, kind: str, name: str, old: Properties, new: Properties) -> None:
    gone, changed = tag_changes(old, new)
    if gone:
        client.remove_tags_from_resource(ResourceType=kind, ResourceId=name, TagKeys=gone)
    if changed:
        tags = [{"Key": key, "Value": value} for key, value in changed.items()]
        client.add_tags_to_resource(ResourceType=kind, ResourceId=name, Tags=tags)


PARAMETER_TYPES: Final = ("String", "StringList")
VALUES: Final = ("AllowedPattern", "DataType", "Description", "Policies", "Tier", "Type", "Value")


class Parameter(Provider):
    """Ref is the name."""

    type = "AWS::SSM::Parameter"
    name_property = "Name"
    shape: ClassVar[Shapes] = {"Name": STRING, "Tags": TAG_MAP, **dict.fromkeys(VALUES, STRING)}
    required = ("Type", "Value")
    create_only = ("Name",)
    attributes: ClassVar[Attributes] = {
        "Type": lambda site, name: _parameter(site, name)["Type"],
        "Value": lambda site, name: _parameter(site, name)["Value"],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "Name") or f"CFN-{site.name(1000)}")
        if read(wanted, "Type") not in PARAMETER_TYPES:
            raise Failure(f"Type must be one of {', '.join(PARAMETER_TYPES)}")
        site.client("ssm").put_parameter(Name=name, Tags=tag_list(wanted), **pick(wanted, *VALUES))
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old:
            return
        client = site.client("ssm")
        if not same(old, new, *VALUES):
            client.put_parameter(Name=physical_id, Overwrite=True, **pick(new, *VALUES))
        _retag(client, "Parameter", physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ssm").delete_parameter(Name=physical_id)


def _parameter(site: Site, name: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client("ssm").get_parameter(Name=name)["Parameter"]
    return found


PROVIDERS = by_name((Document, Parameter))

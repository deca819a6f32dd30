"""AWS::Lambda::Function, Permission and EventInvokeConfig."""

from __future__ import annotations

import io
import zipfile
from typing import Any, ClassVar, Final

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
    tag_map,
)
from netmend.sandbox.cloudformation.shapes import INTEGER, STRING, TAGS, MapOf
from netmend.sandbox.iam import owned

INLINE_FILES: Final = {"python": "index.py", "nodejs": "index.js"}
"""The file that inline code becomes, by the beginning of the runtime's name."""

RESET: Final[Properties] = {
    "DeadLetterConfig": {"TargetArn": ""},
    "Description": "",
    "Environment": {"Variables": {}},
    "LoggingConfig": {"LogFormat": "Text"},
    "MemorySize": 128,
    "Timeout": 3,
}
"""What each setting returns to when a template no longer has it."""

UNSET: Final[tuple[Any, ...]] = (None, "", {"TargetArn": ""}, {"Variables": {}})
"""Values that say the same as leaving the setting out."""

SETTINGS: Final = ("Handler", "Role", "Runtime", *RESET)


class Function(Provider):
    """Ref is the name."""

    type = "AWS::Lambda::Function"
    name_property = "FunctionName"
    shape: ClassVar[Shapes] = {
        "Architectures": [STRING],
        "Code": {
            "S3Bucket": STRING,
            "S3Key": STRING,
            "S3ObjectVersion": STRING,
            "ZipFile": STRING,
        },
        "DeadLetterConfig": {"TargetArn": STRING},
        "Description": STRING,
        "Environment": {"Variables": MapOf(STRING)},
        "FunctionName": STRING,
        "Handler": STRING,
        "LoggingConfig": {
            "ApplicationLogLevel": STRING,
            "LogFormat": STRING,
            "LogGroup": STRING,
            "SystemLogLevel": STRING,
        },
        "MemorySize": INTEGER,
        "ReservedConcurrentExecutions": INTEGER,
        "Role": STRING,
        "Runtime": STRING,
        "Tags": TAGS,
        "Timeout": INTEGER,
        "VpcConfig": {"SecurityGroupIds": [STRING], "SubnetIds": [STRING]},
    }
    required = ("Code", "Role")
    create_only = ("FunctionName",)
    attributes: ClassVar[Attributes] = {"Arn": lambda site, name: _arn(site, name)}

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "FunctionName") or site.name(64))
        site.client("lambda").create_function(
            FunctionName=name,
            Code={"ZipFile": _code(site, wanted)},
            Tags=tag_map(wanted),
            **pick(wanted, "Architectures", "VpcConfig", *SETTINGS),
        )
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("lambda")
        if old:
            if not same(old, new, "Code", "Architectures"):
                client.update_function_code(
                    FunctionName=physical_id,
                    ZipFile=_code(site, new),
                    **pick(new, "Architectures"),
                )
            if not same(old, new, *SETTINGS):
                settings = {**{k: v for k, v in RESET.items() if k in old}, **pick(new, *SETTINGS)}
                client.update_function_configuration(FunctionName=physical_id, **settings)
            gone, changed = tag_changes(old, new)
            arn = _arn(site, physical_id)
            if gone:
                client.untag_resource(Resource=arn, TagKeys=gone)
            if changed:
                client.tag_resource(Resource=arn, Tags=changed)
            if not same(old, new, "VpcConfig"):
                nowhere: dict[str, list[str]] = {"SecurityGroupIds": [], "SubnetIds": []}
                client.update_function_configuration(
                    FunctionName=physical_id, VpcConfig=read(new, "VpcConfig", nowhere)
                )
        _reserve(client, physical_id, old, new)
        _refuse_ignored(client, physical_id, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("lambda").delete_function(FunctionName=physical_id)


def _reserve(client: Any, name: str, old: Properties, new: Properties) -> None:
    if same(old, new, "ReservedConcurrentExecutions"):
        return
    reserved = read(new, "ReservedConcurrentExecutions")
    if reserved is None:
        client.delete_function_concurrency(FunctionName=name)
    else:
        client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=reserved)


def _arn(site: Site, name: str) -> str:
    return site.access.arn("lambda", f"function:{name}")


def _code(site: Site, properties: Properties) -> bytes:
    code: dict[str, str] = read(properties, "Code")
    if "ZipFile" not in code:
        return _from_s3(site, code)
    runtime = str(read(properties, "Runtime", ""))
    names = [name for start, name in INLINE_FILES.items() if runtime.startswith(start)]
    if not names:
        raise Failure(f"ZipFile can only be used with Node.js or Python, not with {runtime!r}")
    return _zip(names[0], code["ZipFile"])


def _from_s3(site: Site, code: dict[str, str]) -> bytes:
    # Read here: moto ignores the version, and lets a function live in another Region.
    s3, bucket = site.client("s3"), code["S3Bucket"]
    standing = owned.bucket(bucket)  # not asked of S3: who may read an object may not ask that
    if standing is not None and standing.region_name != site.access.region:
        raise Failure(
            "Error occurred while GetObject. S3 Error Code: PermanentRedirect. S3 Error Message: "
            f"The bucket is in this region: {standing.region_name}. "
            "Please use this region to retry the request"
        )
    version = {"VersionId": code["S3ObjectVersion"]} if "S3ObjectVersion" in code else {}
    found: bytes = s3.get_object(Bucket=bucket, Key=code["S3Key"], **version)["Body"].read()
    return found


def _zip(name: str, source: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        # A fixed date: the same source gives the same hash.
        archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source)
    return packed.getvalue()


def _refuse_ignored(client: Any, name: str, wanted: Properties) -> None:
    # The service answers with what it keeps; a setting that is not there has no effect.
    kept = client.get_function_configuration(FunctionName=name)
    for setting in ("Architectures", *SETTINGS):
        value = read(wanted, setting)
        if value not in UNSET and value != kept.get(setting):
            raise Failure(f"nothing in the sandbox reads {setting} of a function: leave it out")


class Permission(Provider):
    """Ref is the statement's id; every change makes a new statement."""

    type = "AWS::Lambda::Permission"
    shape: ClassVar[Shapes] = {
        "Action": STRING,
        "FunctionName": STRING,
        "Principal": STRING,
        "PrincipalOrgID": STRING,
        "SourceAccount": STRING,
        "SourceArn": STRING,
    }
    required = ("Action", "FunctionName", "Principal")
    create_only = tuple(shape)
    attributes: ClassVar[Attributes] = {"Id": lambda site, statement: statement}

    def create(self, site: Site, wanted: Properties) -> str:
        statement = site.name(100)
        site.client("lambda").add_permission(StatementId=statement, **pick(wanted, *self.shape))
        return statement

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("lambda").remove_permission(
            FunctionName=read(properties, "FunctionName"), StatementId=physical_id
        )


class EventInvokeConfig(Provider):
    """Ref is the function and the qualifier."""

    type = "AWS::Lambda::EventInvokeConfig"
    shape: ClassVar[Shapes] = {
        "DestinationConfig": {
            "OnFailure": {"Destination": STRING},
            "OnSuccess": {"Destination": STRING},
        },
        "FunctionName": STRING,
        "MaximumEventAgeInSeconds": INTEGER,
        "MaximumRetryAttempts": INTEGER,
        "Qualifier": STRING,
    }
    required = ("FunctionName", "Qualifier")
    create_only = ("FunctionName", "Qualifier")
    settings = ("DestinationConfig", "MaximumEventAgeInSeconds", "MaximumRetryAttempts")

    def create(self, site: Site, wanted: Properties) -> str:
        function, qualifier = read(wanted, "FunctionName"), read(wanted, "Qualifier")
        self._put(site, wanted)
        return f"{function}|{qualifier}"

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old and not same(old, new, *self.settings):
            self.delete(site, physical_id, new)  # moto keeps the first of two
            self._put(site, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("lambda").delete_function_event_invoke_config(
            **pick(properties, "FunctionName", "Qualifier")
        )

    def _put(self, site: Site, wanted: Properties) -> None:
        site.client("lambda").put_function_event_invoke_config(
            **pick(wanted, "FunctionName", "Qualifier", *self.settings)
        )


PROVIDERS = by_name((Function, Permission, EventInvokeConfig))

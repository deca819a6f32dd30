"""A pack's template is checked, and CloudFormation makes its stack."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from botocore.exceptions import ClientError

from netmend.sandbox.api import ApiError
from netmend.sandbox.config.errors import invalid
from netmend.sandbox.config.place import Place

ALLOWED: Final = ("AWS::Config::ConfigRule", "AWS::Config::RemediationConfiguration")
MOST_RESOURCES: Final = 130
MOST_PARAMETERS: Final = 60
LARGEST: Final = 300 * 1024
DELIVERY_PREFIX: Final = "awsconfigconforms"
S3_URI: Final = re.compile(r"s3://(?P<bucket>[^/]+)/(?P<key>.+)")

DETAIL: Final = ("DeliveryS3Bucket", "DeliveryS3KeyPrefix", "ConformancePackInputParameters")
"""Of the request, what DescribeConformancePacks shows again."""

WAYS: Final = ("TemplateBody", "TemplateS3Uri", "TemplateSSMDocumentDetails")


DOCUMENT_TYPES: Final = ("CloudFormation", "ConformancePackTemplate")

Template = tuple[str, dict[str, str]]
"""(a template's text, how CreateStack is given it)"""


class Source(NamedTuple):
    """What CreateStack is given: the template under its parameter's name, and parameters."""

    template: dict[str, str]
    parameters: list[dict[str, str]]


def source(place: Place, params: dict[str, Any]) -> Source:
    """The checked template and parameters of a PutConformancePack request."""
    if params.get("Source"):
        raise NotImplementedError(
            "the sandbox holds no managed conformance packs: use TemplateBody"
        )
    ways = [name for name in WAYS if params.get(name)]
    if len(ways) != 1:
        raise invalid(f"Give exactly one of {', '.join(WAYS)}")
    bucket = params.get("DeliveryS3Bucket")
    if bucket and not bucket.startswith(DELIVERY_PREFIX):
        raise invalid(f"DeliveryS3Bucket must begin with {DELIVERY_PREFIX}: {bucket}")
    text, template = TEMPLATES[ways[0]](place, params[ways[0]])
    _check(text)
    return Source(template, _parameters(params.get("ConformancePackInputParameters") or []))


def _parameters(given: list[dict[str, str]]) -> list[dict[str, str]]:
    if len(given) > MOST_PARAMETERS:
        raise invalid(
            f"{len(given)} ConformancePackInputParameters are too many: "
            f"a custom conformance pack has at most {MOST_PARAMETERS}"
        )
    return [
        {"ParameterKey": one["ParameterName"], "ParameterValue": one["ParameterValue"]}
        for one in given
    ]


def _inline(place: Place, body: str) -> Template:
    return body, {"TemplateBody": body}


def _from_document(place: Place, wanted: dict[str, str]) -> Template:
    name = wanted["DocumentName"].rpartition("document/")[2]
    version = wanted.get("DocumentVersion") or "$DEFAULT"
    try:
        found = _client(place, "ssm").get_document(Name=name, DocumentVersion=version)
    except ClientError as error:
        raise _unreadable(f"SSM document {name}", error) from error
    if found["DocumentType"] not in DOCUMENT_TYPES:
        raise _refused(
            f"the SSM document {name} is of type {found['DocumentType']}, "
            f"not of one of {', '.join(DOCUMENT_TYPES)}"
        )
    return _inline(place, found["Content"])


def _unreadable(what: str, error: ClientError) -> ApiError:
    return ApiError(
        "InsufficientPermissionsException",
        f"The template {what} cannot be read ({error.response['Error']['Code']}): "
        "check that it is there and that you may read it",
    )


def _from_s3(place: Place, uri: str) -> Template:
    if not (parts := S3_URI.fullmatch(uri)):
        raise invalid(f"TemplateS3Uri must be s3://bucket/key: {uri}")
    try:
        found = _client(place, "s3").get_object(Bucket=parts["bucket"], Key=parts["key"])
    except ClientError as error:
        raise _unreadable(uri, error) from error
    body = found["Body"].read()
    if len(body) > LARGEST:
        raise _refused(f"the template has {len(body)} bytes, at most {LARGEST} are allowed")
    url = f"https://{parts['bucket']}.s3.{place.region}.amazonaws.com/{parts['key']}"
    return body.decode(), {"TemplateURL": url}


TEMPLATES: Final[Mapping[str, Callable[[Place, Any], Template]]] = {
    "TemplateBody": _inline,
    "TemplateS3Uri": _from_s3,
    "TemplateSSMDocumentDetails": _from_document,
}


def _check(body: str) -> None:
    from netmend.sandbox.cloudformation import template

    try:
        resources = template.parse(body).resources
    except ApiError as error:
        raise _refused(error.message) from error
    foreign = sorted({r.get("Type", "") for r in resources.values()} - set(ALLOWED))
    if foreign:
        raise _refused(f"resource types {', '.join(foreign)} are not supported")
    if len(resources) > MOST_RESOURCES:
        raise _refused("Number of resources provided in the template exceeds the allowed limit")


def _refused(complaint: str) -> ApiError:
    return ApiError(
        "ConformancePackTemplateValidationException",
        f"Invalid conformance pack template provided. Errors found: [{complaint}]. "
        "Fix your template and try again.",
    )


def _client(place: Place, service: str) -> Any:
    from netmend.sandbox.cloudformation.access import enter

    return enter(place.sandbox, place.account, place.region).client(service)


def deploy(place: Place, name: str, wanted: Source, *, updating: bool) -> tuple[str, str]:
    """Make or update the stack; (its ARN, why it failed, if it did).

    A stack that could not be made is deleted, so that the next attempt may begin anew.
    """
    client = _client(place, "cloudformation")
    change = client.update_stack if updating else client.create_stack
    try:
        arn = change(StackName=name, Parameters=wanted.parameters, **wanted.template)["StackId"]
    except ClientError as error:
        return _unchanged(client, name, error) if updating else ("", _said(error))
    status = client.describe_stacks(StackName=arn)["Stacks"][0]["StackStatus"]
    if status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        return arn, ""
    reason = _reason(client, arn)
    if updating:
        return arn, reason
    client.delete_stack(StackName=arn)
    return "", reason


def _unchanged(client: Any, name: str, error: ClientError) -> tuple[str, str]:
    arn = client.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
    same = "No updates are to be performed" in error.response["Error"]["Message"]
    return arn, "" if same else _said(error)


def _said(error: ClientError) -> str:
    return str(error.response["Error"]["Message"])


def _reason(client: Any, arn: str) -> str:
    events = client.describe_stack_events(StackName=arn)["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"].endswith("_FAILED")]
    first = failed[-1]  # the events come latest first
    return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', 'no reason given')}"


def delete(place: Place, arn: str) -> str:
    """Delete the stack; why it could not be, if so."""
    if not arn:
        return ""
    client = _client(place, "cloudformation")
    client.delete_stack(StackName=arn)
    stack = client.describe_stacks(StackName=arn)["Stacks"][0]
    return "" if stack["StackStatus"] == "DELETE_COMPLETE" else _reason(client, arn)

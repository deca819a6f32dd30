"""What a CreateStack, UpdateStack or CreateChangeSet request asks for, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from botocore.exceptions import ClientError

from netmend.sandbox.cloudformation import parameters, template
from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.model import Stack, Wanted
from netmend.sandbox.cloudformation.template import Template

if TYPE_CHECKING:
    from netmend.sandbox.api import ApiCall

STACK_NAME: Final = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
READ: Final = frozenset(
    [
        "StackName",
        "TemplateBody",
        "TemplateURL",
        "UsePreviousTemplate",
        "Parameters",
        "Capabilities",
        "Tags",
        "RoleARN",
        "ClientRequestToken",
        "OnFailure",
        "DisableRollback",
        "ChangeSetName",
        "ChangeSetType",
        "Description",
        "OnStackFailure",
        "NotificationARNs",
        "EnableTerminationProtection",
        "TimeoutInMinutes",
        "RetainExceptOnCreate",
    ]
)
"""What the sandbox reads of a request; anything else that is set is refused.

A stack has been made when the call returns, so no timeout is ever reached.
"""

CAPABILITIES: Final = ("CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM", "CAPABILITY_NAMED_IAM")
MOST_TOPICS: Final = 5

VIRTUAL_HOST: Final = re.compile(r"(?P<bucket>.+)\.s3[.-]?([a-z0-9-]*)\.amazonaws\.com(\.cn)?")
PATH_HOST: Final = re.compile(r"s3[.-]?([a-z0-9-]*)\.amazonaws\.com(\.cn)?")


def check_known(call: ApiCall) -> None:
    """Refuse request parameters that the sandbox would ignore."""
    for name, value in call.params.items():
        if name not in READ and value not in (None, False, [], {}):
            raise ValidationError(
                f"the sandbox does not support {name} in {call.operation}: leave it out"
            )


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a stack."""
    if not STACK_NAME.fullmatch(name):
        raise ValidationError(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )


def wanted(params: Mapping[str, Any], access: Access, stack: Stack | None) -> Wanted:
    """What the request wants; `stack` is the one that it would change, if it stands."""
    before = stack.wanted if stack else None
    parsed = read_template(params, access, before)
    given = parameters.given(params.get("Parameters") or (), before.parameters if before else {})
    _check_lists(params)
    tags, topics = params.get("Tags"), params.get("NotificationARNs")
    if topics is None and before:
        topics = before.topics
    if tags is None and before:
        own_tags = before.tags
    else:
        own_tags = {tag["Key"]: tag["Value"] for tag in tags or ()}
    return Wanted(
        template=parsed,
        parameters=parameters.complete(parsed, given),
        tags=own_tags,
        capabilities=tuple(params.get("Capabilities") or ()),
        role_arn=params.get("RoleARN") or (before.role_arn if before else ""),
        token=params.get("ClientRequestToken") or "",
        topics=tuple(topics or ()),
        fresh_goes=bool(params.get("RetainExceptOnCreate")),
    )


def _check_lists(params: Mapping[str, Any]) -> None:
    for name in params.get("Capabilities") or ():
        if name not in CAPABILITIES:
            raise ValidationError(
                f"1 validation error detected: Value '[{name}]' at 'capabilities' failed to "
                "satisfy constraint: Member must satisfy constraint: [Member must satisfy enum "
                f"value set: [{', '.join(CAPABILITIES)}]]"
            )
    topics = params.get("NotificationARNs") or ()
    if len(topics) > MOST_TOPICS or any(":sns:" not in topic for topic in topics):
        raise ValidationError(
            f"NotificationARNs must be at most {MOST_TOPICS} ARNs of SNS topics: {list(topics)}"
        )


def read_template(params: Mapping[str, Any], access: Access, before: Wanted | None) -> Template:
    """The template of a request, from its body, from S3, or the one that the stack has."""
    body, url = params.get("TemplateBody"), params.get("TemplateURL")
    if params.get("UsePreviousTemplate"):
        if body or url:
            raise ValidationError(
                "You cannot specify both usePreviousTemplate and Template Body/Template URL."
            )
        if before is None:
            raise ValidationError("There is no previous template to use.")
        return before.template
    if bool(body) == bool(url):
        raise ValidationError(
            "Either Template URL or Template Body must be specified."
            if not body
            else "Only one of Template URL or Template Body may be specified."
        )
    return template.parse(_body(body) if body else _from_s3(str(url), access))


def _body(body: str) -> str:
    if len(body.encode()) > template.MAX_BODY_BYTES:
        raise ValidationError(
            f"1 validation error detected: Value '{body[:20]}...' at 'templateBody' failed to "
            "satisfy constraint: Member must have length less than or equal to "
            f"{template.MAX_BODY_BYTES}"
        )
    return body


def _from_s3(url: str, access: Access) -> str:
    bucket, key = s3_address(url, access.sandbox.endpoint_url)
    version = parse_qs(urlsplit(url).query).get("versionId")
    asked = {"Bucket": bucket, "Key": key, **({"VersionId": version[0]} if version else {})}
    try:
        content: bytes = access.client("s3").get_object(**asked)["Body"].read()
    except ClientError as error:
        raise ValidationError(
            f"S3 error: {error.response['Error'].get('Message', error)} ({url})"
        ) from None
    if len(content) > template.MAX_URL_BYTES:
        raise ValidationError(f"Template may not exceed {template.MAX_URL_BYTES} bytes in size.")
    return content.decode()


def s3_address(url: str, endpoint: str | None) -> tuple[str, str]:
    """(bucket, key) of an S3 URL in virtual-hosted or path style; raises ValidationError.

    endpoint: the address of the HTTP door, under which the AWS CLI writes the URLs of what it
    uploads.
    """
    parts = urlsplit(url)
    path = unquote(parts.path).lstrip("/")
    at_door = endpoint is not None and url.startswith(f"{endpoint}/")
    if match := VIRTUAL_HOST.fullmatch(parts.netloc):
        bucket, key = match["bucket"], path
    elif at_door or PATH_HOST.fullmatch(parts.netloc):
        bucket, _, key = path.partition("/")
    else:
        bucket, key = "", ""
    if not bucket or not key:
        raise ValidationError("TemplateURL must be a supported URL.")
    return bucket, key

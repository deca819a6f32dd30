"""Dynamic references: values that CloudFormation fetches from other services while it deploys."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError

from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.scope import Pending

REFERENCE: Final = re.compile(r"\{\{resolve:([a-z-]+):([^{}]*)\}\}")
TEXT: Final = "SecretString"
"""The only part of a secret that a template may have."""


def resolve(access: Access, text: str) -> str:
    """The text with each reference replaced by its value; raises ValidationError."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in SERVICES:
            raise ValidationError(
                f"Template error: the sandbox resolves no {match[1]} reference ({match[0]}): "
                f"use one of {', '.join(SERVICES)}"
            )
        return SERVICES[match[1]](access, match[2])

    return REFERENCE.sub(value, text)


def probe(access: Access, text: str) -> Pending:
    """The same for a plan: the reference must resolve, and its value is not kept."""
    resolve(access, text)
    return Pending({"Dynamic": text})


def _parameter(access: Access, rest: str) -> str:
    try:
        found = access.client("ssm").get_parameter(Name=rest)["Parameter"]
    except ClientError as error:
        raise ValidationError(f"Parameters: [ssm:{rest}] cannot be found.") from error
    if found["Type"] == "SecureString":
        raise ValidationError(
            f"Parameter [{rest}] is a SecureString: a reference to ssm cannot have it"
        )
    return str(found["Value"])


def _secret(access: Access, rest: str) -> str:
    name, _, chosen = rest.partition(f":{TEXT}")
    key, stage, version = [*chosen.removeprefix(":").split(":"), "", "", ""][:3]
    asked = {"SecretId": name, "VersionStage": stage, "VersionId": version}
    try:
        client = access.client("secretsmanager")
        found = client.get_secret_value(**{k: v for k, v in asked.items() if v})
    except ClientError as error:
        raise ValidationError(
            f"Could not find a value associated with secret {name}: "
            f"{error.response['Error'].get('Message', '')}"
        ) from error
    text = str(found.get(TEXT, ""))
    if not key:
        return text
    try:
        return str(json.loads(text)[key])
    except (ValueError, KeyError, TypeError) as error:
        raise ValidationError(
            f"Could not find a value associated with JSONKey in SecretString: {key}"
        ) from error


SERVICES: Final[dict[str, Callable[[Access, str], str]]] = {
    "secretsmanager": _secret,
    "ssm": _parameter,
}

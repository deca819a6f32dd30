"""AWS is reached with the user's own settings, and what it refuses is told in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from netmend.errors import UserError

HINTS = {
    "NoRegionError": "set AWS_REGION",
    "NoCredentialsError": "sign in, or set AWS_PROFILE",
    "ProfileNotFound": "set AWS_PROFILE to one of your profiles",
    "EndpointConnectionError": "check the network, or AWS_ENDPOINT_URL where it is set",
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "InvalidClientTokenId": "sign in again, or set AWS_PROFILE",
    "AccessDeniedException": "ask for that permission, or sign in as somebody who has it",
    "AccessDenied": "ask for that permission, or sign in as somebody who has it",
}


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turns what botocore raises into a UserError; other errors pass."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "Unknown")
        words = error.response["Error"].get("Message", "")
        what = f"AWS refused {error.operation_name}: {code}: {words}".rstrip(": ")
        raise UserError(what, HINTS.get(code, "")) from error
    except BotoCoreError as error:
        raise UserError(str(error).rstrip("."), HINTS.get(type(error).__name__, "")) from error


def client(service: str) -> Any:
    """In AWS_REGION, which boto3 alone does not read, else in the Region that boto3 finds."""
    import boto3

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    return boto3.client(service, region_name=region or None)

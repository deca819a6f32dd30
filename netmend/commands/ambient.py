"""AWS is reached with the user's own settings, and what it refuses is told in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from netmend.errors import UserError

SIGN_IN = "sign in again, or set AWS_PROFILE"
PERMISSION = "ask for that permission, or sign in as somebody who has it"
LATER = "try again later"
NETWORK = "check the network, or AWS_ENDPOINT_URL where it is set"
SETTINGS = "check your AWS settings: AWS_PROFILE, AWS_REGION, the config file"
ENDPOINT = "set AWS_ENDPOINT_URL to http://HOST:PORT, or leave it unset"

HINTS = {
    "NoRegionError": "set AWS_REGION",
    "InvalidRegionError": "set AWS_REGION to one such as eu-west-1",
    "NoCredentialsError": "sign in, or set AWS_PROFILE",
    "PartialCredentialsError": "set both halves, or set AWS_PROFILE",
    "ProfileNotFound": "set AWS_PROFILE to one of your profiles",
    "ExpiredToken": "sign in again",
    "ExpiredTokenException": "sign in again",
    "RequestExpired": "sign in again, and check this machine's clock",
    "UnauthorizedSSOTokenError": "sign in again: aws sso login",
    "SSOTokenLoadError": "sign in again: aws sso login",
    "TokenRetrievalError": "sign in again: aws sso login",
    "InvalidClientTokenId": SIGN_IN,
    "UnrecognizedClientException": SIGN_IN,
    "SignatureDoesNotMatch": SIGN_IN,
    "AuthFailure": SIGN_IN,
    "NoSuchBucket": "check the name of the bucket, and the account",
    "AccessDeniedException": PERMISSION,
    "AccessDenied": PERMISSION,
    "UnauthorizedOperation": PERMISSION,
    "Throttling": LATER,
    "ThrottlingException": LATER,
    "RequestLimitExceeded": LATER,
}
"""What helps, by AWS's code or botocore's class."""

BY_STATUS = {403: PERMISSION, 429: LATER, 500: LATER, 502: LATER, 503: LATER, 504: LATER}
"""What helps where AWS's code is none of these."""


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """Turns what botocore raises into a UserError; other errors pass."""
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as error:
        code = error.response["Error"].get("Code", "Unknown")
        words = error.response["Error"].get("Message", "")
        what = f"AWS refused {error.operation_name}: {code}: {words}".rstrip(": ")
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        raise UserError(what, HINTS.get(code) or BY_STATUS.get(status, "")) from error
    except BotoCoreError as error:
        unreached = isinstance(error, ConnectionError | HTTPClientError)
        hint = HINTS.get(type(error).__name__, NETWORK if unreached else SETTINGS)
        raise UserError(str(error).rstrip("."), hint) from error
    except ResponseParserError as error:
        raise UserError("what answers is not AWS", NETWORK) from error
    except ValueError as error:
        if not str(error).startswith("Invalid endpoint"):  # botocore has no class for it
            raise
        raise UserError(str(error), ENDPOINT) from error


def client(service: str) -> Any:
    """In AWS_REGION, which boto3 alone does not read, else in the Region that boto3 finds."""
    import boto3
    from botocore.exceptions import NoRegionError

    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    made = boto3.client(service, region_name=region or None)
    # Without a Region boto3 asks the STS of all Regions, and what comes next has none.
    if service == "sts" and made.meta.region_name == "aws-global":
        raise NoRegionError
    return made

"""AWS's side of the wire, answered below botocore: each request is counted, none leaves.

Imported only after boto3 has been, as a cold start must pay for that itself.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import botocore.httpsession
from botocore.awsrequest import AWSResponse

SETTINGS = {
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE000000000",
    "AWS_SECRET_ACCESS_KEY": "example",
    "AWS_SESSION_TOKEN": "example",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
}
"""As in Lambda: credentials are variables. Nothing of the user's own settings counts."""

ROLE = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>ASIAEXAMPLE000000001</AccessKeyId><SecretAccessKey>x</SecretAccessKey>
<SessionToken>x</SessionToken><Expiration>2038-01-01T00:00:00Z</Expiration></Credentials>
</AssumeRoleResult></AssumeRoleResponse>"""
ENTRIES = """<GetManagedPrefixListEntriesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
<entrySet><item><cidr>198.51.100.0/24</cidr></item></entrySet>
</GetManagedPrefixListEntriesResponse>"""
ANSWERS = {
    "AssumeRole": ROLE,
    "GetManagedPrefixListEntries": ENTRIES,
    "PutEvaluations": '{"FailedEvaluations": []}',
}


class UnansweredError(LookupError):
    """A call that nobody expected here."""


class Raw(NamedTuple):
    """The part of urllib3's response that botocore reads."""

    body: bytes

    def stream(self) -> Iterator[bytes]:
        yield self.body


class Wire:
    """Stands in for botocore's HTTP session; `calls` are the operations, in order."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self._send: Any = None

    def __enter__(self) -> Wire:
        session: Any = botocore.httpsession.URLLib3Session
        self._send = session.send
        session.send = lambda _, request: self.answer(request)
        return self

    def __exit__(self, *_: object) -> None:
        session: Any = botocore.httpsession.URLLib3Session
        session.send = self._send

    def answer(self, request: Any) -> AWSResponse:
        """What AWS would answer; raises UnansweredError for a call that is none of ours."""
        name = operation(request)
        if name not in ANSWERS:
            raise UnansweredError(name)
        self.calls.append(name)
        return AWSResponse(request.url, 200, {}, Raw(ANSWERS[name].encode()))


def operation(request: Any) -> str:
    """JSON services name the operation in a header, query services in the body."""
    target = request.headers.get("X-Amz-Target", b"")
    if target:
        return (target.decode() if isinstance(target, bytes) else str(target)).rpartition(".")[2]
    body = request.body.decode() if isinstance(request.body, bytes) else str(request.body)
    return next(p[7:] for p in body.split("&") if p.startswith("Action="))

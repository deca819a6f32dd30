"""Whatever keeps a command from AWS, or AWS says to it, comes as one line that helps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from rules.handlers import clients

Refused = Callable[..., str]

EXECUTION = "b6a1c9f4-1111-2222-3333-444455556666"
COMMANDS = {
    "explain": ["explain", "sg-0123456789abcdef0"],
    "report": ["report", "--format", "md"],
    "approve": ["approve", EXECUTION],
    "deploy": ["deploy", "--dry-run"],
    "remove": ["deploy", "--remove", "--yes"],
    "verify": ["verify", "--live", "--yes"],
    "evidence": ["evidence", "verify", "s3://netmend-evidence/x"],
}
CLOSED_PORT = "http://127.0.0.1:9"


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing remembers the AWS settings of another test."""
    monkeypatch.setattr("boto3.DEFAULT_SESSION", None)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    forget()
    yield
    forget()


def forget() -> None:
    clients.client.cache_clear()
    clients._session.cache_clear()


SETTINGS: dict[str, tuple[dict[str, str], tuple[str, ...], str]] = {
    "no Region": (
        {"AWS_DEFAULT_REGION": ""},
        ("explain", "report", "approve", "deploy", "remove", "verify"),
        "netmend: You must specify a region - set AWS_REGION",
    ),
    "a Region that is none": (
        {"AWS_REGION": "the north!"},
        ("explain", "report", "evidence"),
        "netmend: Provided region_name 'the north!' doesn't match a supported format"
        " - set AWS_REGION to one such as eu-west-1",
    ),
    "no credentials": (
        {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": ""},
        tuple(COMMANDS),
        "netmend: Unable to locate credentials - sign in, or set AWS_PROFILE",
    ),
    "half of the credentials": (
        {"AWS_SECRET_ACCESS_KEY": ""},
        ("explain", "approve"),
        "netmend: Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY"
        " - set both halves, or set AWS_PROFILE",
    ),
    "a profile that is not there": (
        {"AWS_PROFILE": "nobody"},
        ("explain", "report", "evidence"),
        "netmend: The config profile (nobody) could not be found"
        " - set AWS_PROFILE to one of your profiles",
    ),
    "an endpoint that is none": (
        {"AWS_ENDPOINT_URL": "nonsense"},
        ("explain", "report", "deploy"),
        "netmend: Invalid endpoint: nonsense"
        " - set AWS_ENDPOINT_URL to http://HOST:PORT, or leave it unset",
    ),
    "nobody at the endpoint": (
        {"AWS_ENDPOINT_URL": CLOSED_PORT},
        ("report", "approve", "deploy", "remove", "verify"),
        f'netmend: Could not connect to the endpoint URL: "{CLOSED_PORT}/"'
        " - check the network, or AWS_ENDPOINT_URL where it is set",
    ),
}


@pytest.mark.parametrize(
    ("settings", "command", "line"),
    [
        pytest.param(settings, command, line, id=f"{what}, {command}")
        for what, (settings, commands, line) in SETTINGS.items()
        for command in commands
    ],
)
def test_settings_that_do_not_do_are_named(
    settings: dict[str, str],
    command: str,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name, raising=False)
    assert refused(COMMANDS[command], 1) == line


class Answers(BaseHTTPRequestHandler):
    """Refuses all with one code, in the form in which the service asked for speaks."""

    status, code = 400, ""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        error = f"<Error><Code>{self.code}</Code><Message>so it is</Message></Error>"
        if "X-Amz-Target" in self.headers:
            self.answer(json.dumps({"__type": self.code, "message": "so it is"}))
        else:
            self.answer(error if self.command == "GET" else f"<Answer>{error}</Answer>")

    do_GET = do_POST

    def answer(self, body: str) -> None:
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Nothing: what is on standard error is looked at."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as serving:
        Thread(target=serving.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{serving.server_port}"
        serving.shutdown()


PERMISSION = "ask for that permission, or sign in as somebody who has it"
SAID: dict[str, tuple[int, str, tuple[str, ...], str]] = {
    "denied": (403, "AccessDenied", tuple(COMMANDS), PERMISSION),
    "denied by the names of other services": (
        403,
        "AccessDeniedException",
        ("explain", "approve"),
        PERMISSION,
    ),
    "denied by a code that is new": (403, "NotToday", ("evidence",), PERMISSION),
    "expired": (400, "ExpiredToken", ("report", "evidence", "deploy"), "sign in again"),
    "expired by another name": (400, "ExpiredTokenException", ("explain",), "sign in again"),
    "of a wrong key": (
        403,
        "UnrecognizedClientException",
        ("explain", "approve"),
        "sign in again, or set AWS_PROFILE",
    ),
    "throttled": (400, "Throttling", ("report", "verify"), "try again later"),
    "throttled by another name": (400, "ThrottlingException", ("approve",), "try again later"),
    "broken": (500, "InternalFailure", ("report", "evidence"), "try again later"),
    "of no such bucket": (404, "NoSuchBucket", ("evidence",), "check the name of the bucket"),
}


@pytest.mark.parametrize(
    ("status", "code", "command", "fix"),
    [
        pytest.param(status, code, command, fix, id=f"{what}, {command}")
        for what, (status, code, commands, fix) in SAID.items()
        for command in commands
    ],
)
def test_what_aws_refuses_is_said_with_what_helps(
    status: int,
    code: str,
    command: str,
    fix: str,
    server: str,
    monkeypatch: pytest.MonkeyPatch,
    refused: Refused,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setattr(Answers, "status", status)
    monkeypatch.setattr(Answers, "code", code)
    line = refused(COMMANDS[command], 1)
    assert line.startswith("netmend: AWS refused ")
    assert f": {code}: so it is - {fix}" in line


def test_an_endpoint_that_is_not_aws_is_said_to_be_none(
    server: str, monkeypatch: pytest.MonkeyPatch, refused: Refused
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", server)
    monkeypatch.setattr(Answers, "status", 200)
    monkeypatch.setattr(Answers, "answer", lambda self, _: answer_empty(self))
    line = refused(COMMANDS["report"], 1)
    assert line.startswith("netmend: what answers is not AWS - check the network, or AWS_ENDPOINT")


def answer_empty(asked: Answers) -> None:
    asked.send_response(200)
    asked.send_header("Content-Length", "0")
    asked.end_headers()

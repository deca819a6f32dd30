"""Where a runbook runs: a sandbox in this process, whose clock jumps, or one that is served."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from netmend.errors import UsageError, UserError
from netmend.running.recorder import READER, Recorder
from netmend.running.steps import WAITING
from netmend.sandbox.ssm.runs import Runs

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

REGION: Final = "us-east-1"
LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})
PAUSE: Final = 0.05
LONGEST: Final = 60 * 24 * 3600.0
"""Seconds of the sandbox's clock after which a run is left alone."""

SERVE: Final = "start one: netmend sandbox --port 4566"


class Place(Protocol):
    """A sandbox that a run can be started in."""

    fresh: bool
    """Whether nobody else uses it, so that what is missing may be made."""

    def client(self, service: str, keys: Mapping[str, str] | None = None) -> Any:
        """A boto3 client with these keys; by default with those of `netmend run` itself."""
        ...

    def go_on(self, further: int = 0) -> bool:
        """Let the world go on a little; False where nothing will happen any more.

        further: so many more pieces of work at most, as long as no run waits for a person.
        """
        ...

    def begin(self) -> None:
        """Record all calls from now on."""
        ...

    def finish(self, executions: Collection[str]) -> dict[str, Any]:
        """What `Recorder.finish` tells."""
        ...


def signed(key: str) -> dict[str, str]:
    """Credentials with this access key id; nobody checks the secret."""
    return {"AccessKeyId": key, "SecretAccessKey": key}


class Inside:
    """A sandbox of this process, worked by its caller; time passes at once."""

    def __init__(self, sandbox: Sandbox, *, fresh: bool) -> None:
        self.fresh = fresh
        self._sandbox = sandbox
        self._recorder = Recorder(sandbox)
        self._last = sandbox.clock.time() + LONGEST

    def client(self, service: str, keys: Mapping[str, str] | None = None) -> Any:
        return self._sandbox.client(service, REGION, keys or signed(READER))

    def go_on(self, further: int = 0) -> bool:
        if not self._piece():
            return False
        for _ in range(further):
            if self._asked() or not self._piece():
                break
        return True

    def _asked(self) -> bool:
        """To go on would let the time for an answer pass."""
        states = self._sandbox.states(Runs).values()
        return any(run.status == WAITING for runs in states for run in runs.active.values())

    def _piece(self) -> bool:
        engine, clock = self._sandbox.engine, self._sandbox.clock
        if engine.step():
            return True
        due = engine.next_due()
        if due is None or due > self._last:
            return False
        clock.advance(max(0.0, due - clock.time()))
        return True

    def begin(self) -> None:
        self._recorder.begin()

    def finish(self, executions: Collection[str]) -> dict[str, Any]:
        self._sandbox.settle()
        return self._recorder.finish(executions)


class Served:
    """A sandbox that is served on this machine, in its own time."""

    fresh = False

    def __init__(self, url: str) -> None:
        self._url = checked(url)
        self._clients: dict[tuple[str, str], Any] = {}
        self._token = ""
        if self.ask("record", {"action": "look"}).get("sandbox") != "netmend":
            raise UserError(f"{self._url} is no netmend sandbox", SERVE)

    def client(self, service: str, keys: Mapping[str, str] | None = None) -> Any:
        import boto3
        from botocore.config import Config

        from netmend.sandbox.settings import core

        keys = keys or signed(READER)
        known = (service, keys["AccessKeyId"])
        if known not in self._clients:
            # No proxy of the user's: what runs here stays on this machine.
            config = Config(proxies={}, ignore_configured_endpoint_urls=True)
            self._clients[known] = boto3.session.Session(botocore_session=core()).client(
                service,
                region_name=REGION,
                endpoint_url=self._url,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys.get("SessionToken"),
                config=config,
            )
        return self._clients[known]

    def go_on(self, further: int = 0) -> bool:
        time.sleep(PAUSE)
        return True

    def begin(self) -> None:
        self._token = self.ask("record", {"action": "begin"})["token"]

    def finish(self, executions: Collection[str]) -> dict[str, Any]:
        body = {"action": "finish", "token": self._token, "executions": list(executions)}
        return self.ask("record", body)

    def ask(self, door: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """What a door of the sandbox's own answers; raises UserError with what it refused."""
        request = urllib.request.Request(  # noqa: S310 - http alone, see `checked`
            f"{self._url}/_netmend/{door}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
        try:
            with opener.open(request) as answer:
                return _object(answer.read(), self._url)
        except urllib.error.HTTPError as error:
            with error:
                refused = _object(error.read(), self._url)
            if "message" not in refused:
                raise UserError(f"{self._url} is no netmend sandbox", SERVE) from None
            raise UserError(str(refused["message"]), "see docs/running.md") from None
        except (OSError, ValueError) as error:
            what = f"{self._url}: {getattr(error, 'reason', error)}"
            raise UserError(what, SERVE) from None


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect could lead off this machine."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        """Follow none."""


def _object(body: bytes, url: str) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UserError(f"{url} is no netmend sandbox", SERVE)
    return found


def checked(url: str) -> str:
    """The address without a path; raises UsageError unless it is plain HTTP on loopback."""
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        port = None
    if parts.scheme != "http" or parts.hostname not in LOCAL or port is None:
        hint = "give the address that netmend sandbox prints: http://127.0.0.1:PORT"
        raise UsageError(f"--endpoint {url} is no sandbox on this machine", hint)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"http://{host}:{port}"

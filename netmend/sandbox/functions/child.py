"""A worker process is one container: it answers one event after another until its pipe ends."""

from __future__ import annotations

import io
import ipaddress
import json
import logging
import os
import resource
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Final, TextIO
from urllib.parse import urlsplit, urlunsplit

from botocore.httpsession import URLLib3Session

from netmend.sandbox.functions.handler import LogHandler, Task
from netmend.sandbox.functions.invocation import Home, Identity, Request
from netmend.sandbox.functions.isolation import CodeFinder

PRESENT: Final = sys.stdlib_module_names | {
    "__main__",
    "boto3",
    "botocore",
    "dateutil",
    "jmespath",
    "s3transfer",
    "simplejson",
    "six",
    "urllib3",
}
"""What Lambda's Python runtime has besides the zip."""

KIB_A_MB: Final = 1024

_botocore_send = URLLib3Session.send


class Absent:
    """Hides what is installed on this machine but would not be there in Lambda."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """ModuleNotFoundError for every name that neither the zip nor Lambda brings."""
        if name.partition(".")[0] in PRESENT:
            return None
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)


class Output(io.TextIOBase):
    """Sends what is printed at once, so that it is not lost when the worker is killed."""

    def __init__(self, pipe: TextIO) -> None:
        self._pipe = pipe

    def write(self, text: str) -> int:
        send(self._pipe, {"output": text})
        return len(text)

    def writable(self) -> bool:
        return True


def serve(connection: socket.socket) -> None:
    """Read a home, then requests, each a JSON line; answer each request with its outcome."""
    pipe = connection.makefile("rw", encoding="utf-8", newline="\n")
    home = _home(json.loads(pipe.readline()))
    settle_in(home.root, home.names, home.environment)
    sys.stdout = sys.stderr = Output(pipe)
    logs = LogHandler(sys.stdout.write, lambda _: True)
    logging.getLogger().handlers[:] = [logs]
    task = Task(home)
    send(pipe, {"pid": os.getpid()})
    for line in pipe:
        request = Request(**json.loads(line))
        logs.request_id = request.id
        _answer(pipe, task, request)


def _answer(pipe: TextIO, task: Task, request: Request) -> None:
    end = time.monotonic() + request.timeout
    offset = request.offset
    outcome = task.run(request, lambda: time.time() + offset, lambda: end - time.monotonic())
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // KIB_A_MB
    send(pipe, {"outcome": asdict(replace(outcome, output="", memory=used))})


def send(pipe: TextIO, message: dict[str, Any]) -> None:
    """Write one JSON line."""
    pipe.write(json.dumps(message) + "\n")
    pipe.flush()


def _home(message: dict[str, Any]) -> Home:
    return Home(**{**message, "identity": Identity(**message["identity"])})


def settle_in(root: str, names: Sequence[str], environment: Mapping[str, str]) -> None:
    """See only the code below `root`, whose top-level names are these, and the sandbox."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(root)
    for name in list(sys.modules):
        top = name.partition(".")[0]
        if top in names or top not in PRESENT:
            del sys.modules[name]
    sys.path.insert(0, root)
    sys.meta_path[:0] = [CodeFinder(root, frozenset(names)), Absent()]
    _stay_inside(environment["AWS_ENDPOINT_URL"])


def _stay_inside(endpoint_url: str) -> None:
    endpoint = urlsplit(endpoint_url)

    def redirected(session: Any, request: Any) -> Any:
        parts = urlsplit(request.url)
        if not loopback(parts.hostname):  # some libraries write AWS's addresses into their code
            request.url = urlunsplit((*endpoint[:2], parts.path, parts.query, ""))
        return _botocore_send(session, request)

    URLLib3Session.send = redirected
    sys.addaudithook(_refuse_connection)


def _refuse_connection(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        connection, address = arguments
        internet = connection.family in (socket.AF_INET, socket.AF_INET6)
        if internet and not loopback(address[0]):
            raise PermissionError(f"code in the sandbox can't reach {address[0]}")


def loopback(host: str | None) -> bool:
    """Whether a host name or address is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False

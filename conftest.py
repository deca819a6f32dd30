"""No test of this project reaches beyond this machine, whatever AWS settings it is run with."""

from __future__ import annotations

import gc
import ipaddress
import os
import signal
import socket
import sys
from typing import Any

import pytest

AWS_SETTINGS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
LOCAL_NAMES = ("", "localhost")
LONGEST = (
    "test_saboteur.py",
    "test_cuts.py",
    "test_live.py",
    "test_resuming.py",
    "test_removal.py",
    "test_seven_steps.py",
    "test_fresh_rules.py",
    "test_approval.py",
    "test_races.py",
    "test_chain.py",
)
"""Files that take longest are begun first, so that no core waits for the other in the end."""


def pytest_collection_finish() -> None:
    """What is there by now stays to the end: searching it for garbage takes a third of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)


class NetworkBlockedError(Exception):
    """A test tried to leave the machine; no OSError, so that no code takes it for an outage."""

    def __init__(self, host: object) -> None:
        super().__init__(f"tests stay on loopback, this one asked for {host!r}")


def forget_aws_settings() -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(AWS_SETTINGS)


def heed_interrupts() -> None:
    """What a shell starts in the background ignores SIGINT, and so would all that tests start."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: it sees what every library does, and nothing can take it off."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        sock, address = arguments[0], arguments[-1]
        if sock.family in (socket.AF_INET, socket.AF_INET6) and address:
            refuse_beyond_loopback(address[0])
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        refuse_beyond_loopback(arguments[0])


def refuse_beyond_loopback(host: str | bytes | None) -> None:
    name = host.decode() if isinstance(host, bytes) else host or ""
    try:
        inside = ipaddress.ip_address(name).is_loopback
    except ValueError:
        inside = name in LOCAL_NAMES
    if not inside:
        raise NetworkBlockedError(host)


forget_aws_settings()
heed_interrupts()
sys.addaudithook(guard)

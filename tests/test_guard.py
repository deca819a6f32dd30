"""The tests' own guard holds: nothing leaves loopback, and no AWS setting of the user's gets in."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable

import boto3
import pytest

BEYOND = {
    "a public IPv4 address": lambda: socket.create_connection(("192.0.2.1", 443), timeout=1),
    "a public IPv6 address": lambda: socket.socket(socket.AF_INET6).connect(("2001:db8::1", 443)),
    "a private address": lambda: socket.create_connection(("10.0.0.1", 443), timeout=1),
    "a name": lambda: socket.getaddrinfo("sts.amazonaws.com", 443),
    "a datagram": lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53)),
    "the metadata service": lambda: socket.create_connection(("169.254.169.254", 80), timeout=1),
}


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")  # the refused sockets themselves
@pytest.mark.parametrize("reach", BEYOND.values(), ids=BEYOND.keys())
def test_nothing_leaves_loopback(reach: Callable[[], object]) -> None:
    with pytest.raises(Exception, match="tests stay on loopback"):
        reach()


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()


def test_only_made_up_aws_settings_are_left() -> None:
    credentials = boto3.Session().get_credentials()
    assert credentials is not None
    assert credentials.access_key == "testing"
    assert os.environ["AWS_CONFIG_FILE"] == os.devnull

"""One small process imports what every function needs, and forks each worker that is asked for.

It has one thread, so that forking is safe, and it takes all its workers with it when it ends.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from typing import Final

import boto3

from netmend.sandbox.functions import child
from netmend.sandbox.functions.models import share_models
from netmend.sandbox.scripts import child as script_child

WARMED: Final = ("config", "dynamodb", "ec2", "s3", "service-quotas", "sns", "ssm")
WARMING: Final = {
    "AWS_ACCESS_KEY_ID": "warm",
    "AWS_SECRET_ACCESS_KEY": "warm",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""So that clients can be made; each worker has an environment of its own."""

LONGEST_MESSAGE: Final = 16
KINDS: Final = {b"function": child.serve, b"script": script_child.serve}
"""What a worker does with its connection."""


def main(descriptor: int) -> None:
    """Serve the socket with this descriptor until its other end is closed.

    The process must lead a group of its own, in which its workers are. Each message is a kind of
    worker to be forked and carries one descriptor: its connection.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system then keeps no dead workers
    with socket.socket(fileno=descriptor) as control:
        _import_all()
        while True:
            message, descriptors, _, _ = socket.recv_fds(control, LONGEST_MESSAGE, 1)
            if not message:
                break
            _fork(control, message, descriptors[0])
    os.killpg(os.getpid(), signal.SIGKILL)


def _import_all() -> None:
    share_models()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(WARMING)
    for service in WARMED:
        boto3.session.Session().client(service)


def _fork(control: socket.socket, kind: bytes, descriptor: int) -> None:
    if os.fork():
        os.close(descriptor)
        return
    control.close()
    for number in (signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    try:
        KINDS[kind](socket.socket(fileno=descriptor))
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]))

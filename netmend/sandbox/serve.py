"""`netmend sandbox`: the HTTP door on its own, until somebody ends it."""

import errno
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Final

from netmend.deployment import deploy as deploy_stacks
from netmend.errors import UserError
from netmend.sandbox.callers import ADMINISTRATOR
from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door
from netmend.verification.record import SANDBOX_HOME, mark_sandbox

DEMO_APPROVER: Final = "demo-approver"


def serve(port: int, deploy: bool, mode: str, approvers: Sequence[str]) -> int:
    """Serve until SIGINT or SIGTERM; prints `ready http://127.0.0.1:N` when it takes calls."""
    ended = threading.Event()
    with Sandbox(rates=True) as sandbox:
        door = _open(sandbox, port)
        try:
            if deploy:
                prepare(sandbox, mode, approvers)
            # Only now: until it is ready, an interrupt ends it as it ends any command.
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: ended.set())
            sys.stdout.write(f"ready {door.url}\n")
            sys.stdout.flush()
            ended.wait()
        finally:
            door.close()
    return 0


def _open(sandbox: Sandbox, port: int) -> Door:
    try:
        return Door(sandbox, port).open()
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        what = f"port {port} is taken" if taken else f"port {port}: {error.strerror}"
        raise UserError(what, "name a free --port, or 0 for any") from None


def prepare(sandbox: Sandbox, mode: str, approvers: Sequence[str]) -> None:
    """Deploy our templates; unless said otherwise `demo-approver` and any caller may approve."""
    iam = sandbox.client("iam")
    iam.create_user(UserName=DEMO_APPROVER)
    names = list(approvers) or [DEMO_APPROVER, ADMINISTRATOR]
    mark_sandbox(sandbox.client("ssm"), *SANDBOX_HOME)
    deploy_stacks(sandbox.client, mode=mode, approvers=names, progress=_progress)


def _progress(stack: str) -> None:
    sys.stderr.write(f"deploying {stack}\n")

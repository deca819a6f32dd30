"""Lambda: the handler of the deployed zip runs, as its role, in a container of its own.

Nothing here imports moto at the top, because worker processes import this package too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from netmend.sandbox.functions.invocation import Invocation

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

__all__ = ["Invocation", "install", "invoke", "invoke_later", "uninstall", "warm"]


def invoke(
    sandbox: Sandbox,
    function: str,
    payload: str,
    *,
    account: str,
    region: str,
    principal: str | None = None,
    source_account: str | None = None,
    source_arn: str | None = None,
) -> Invocation:
    """Run a function and wait for its answer.

    function: name or ARN, with or without a qualifier. payload: JSON text. principal: the AWS
    service that invokes, whom the function's policy must allow; none where IAM has judged already.
    Raises `ApiError` ResourceNotFoundException, AccessDeniedException and the others of Invoke.
    Never call it while holding the core's lock: the function makes calls of its own.
    """
    from netmend.sandbox.functions import service

    source = service.Source(principal, source_account, source_arn)
    return service.invoke(sandbox, function, payload, account, region, source)


def invoke_later(
    sandbox: Sandbox,
    function: str,
    payload: str,
    *,
    account: str,
    region: str,
    principal: str | None = None,
    source_account: str | None = None,
    source_arn: str | None = None,
) -> str:
    """Queue an asynchronous invocation, as invocation type Event does; return its request id.

    Arguments and errors are those of `invoke`; what the function does later is Lambda's concern:
    it tries again twice, then sends the event to the function's failure destination.
    """
    from netmend.sandbox.functions import asynchronous, service

    source = service.Source(principal, source_account, source_arn)
    found = service.resolve(sandbox, function, account, region, source)
    return asynchronous.enqueue(sandbox, found, payload)


def warm() -> None:
    """Start the parent of the worker processes now, so that the first invocation need not wait."""
    from netmend.sandbox.functions.forked import NURSERY

    NURSERY.parent()


def install(sandbox: Sandbox) -> None:
    """Register Invoke, and send what moto would run in Docker to the sandbox's own executor."""
    from netmend.sandbox.functions import api

    api.install(sandbox)


def uninstall(sandbox: Sandbox) -> None:
    """End every container and give moto its methods back."""
    from netmend.sandbox.functions import api

    api.uninstall(sandbox)

"""A function is found, the invoker judged, and the code run in a container as its role."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends

from netmend.sandbox import iam
from netmend.sandbox.api import ApiError
from netmend.sandbox.functions import code, environment, logs
from netmend.sandbox.functions.containers import Container, Containers, Worker
from netmend.sandbox.functions.forked import NURSERY, ProcessWorker
from netmend.sandbox.functions.inline import InlineWorker
from netmend.sandbox.functions.invocation import Home, Identity, Invocation, Request
from netmend.sandbox.iam import directory

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PRINCIPAL: Final = "lambda.amazonaws.com"
LARGEST_PAYLOAD: Final = 6_291_456
UNRESERVED: Final = 1_000
"""How many invocations an account may have in work at once."""


@dataclass(frozen=True)
class Source:
    """The AWS service that invokes, and for which account and resource; none for a caller."""

    principal: str | None = None
    account: str | None = None
    arn: str | None = None


class Runtime:
    """All containers of a sandbox."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._containers: dict[str, Containers] = {}

    def containers(self, arn: str) -> Containers:
        """The containers of one function version."""
        with self._lock:
            return self._containers.setdefault(arn, Containers())

    def close(self) -> None:
        """End them all."""
        for containers in self._containers.values():
            containers.close()


def runtime(sandbox: Sandbox) -> Runtime:
    """The one runtime of this sandbox."""
    return sandbox.state(Runtime, "", "")


def resolve(
    sandbox: Sandbox,
    name: str,
    account: str,
    region: str,
    source: Source,
    qualifier: str | None = None,
) -> LambdaFunction:
    """The function of this name or ARN, if the source may invoke it."""
    if name.startswith("arn:"):
        _, _, _, region, account, _, name = name.split(":", 6)
    elif ":function:" in name:
        account, _, name = name.split(":", 2)
    name, _, given = name.partition(":")
    try:
        function = lambda_backends[account][region].get_function(name, given or qualifier)
    except UnknownFunctionException as error:
        raise ApiError("ResourceNotFoundException", error.message, 404) from None
    if source.principal is not None:
        _judge(function, source.principal, source)
    return function


def _judge(function: LambdaFunction, principal: str, source: Source) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": function.policy.statements})
    given = {"aws:SourceAccount": source.account, "aws:SourceArn": source.arn}
    context = {key: value for key, value in given.items() if value is not None}
    action, arn = "lambda:InvokeFunction", function.function_arn
    if not iam.allows_service(policy, principal, action, arn, context):
        raise ApiError(
            "AccessDeniedException",
            f"User: {principal} is not authorized to perform: {action} on resource: {arn} "
            f"because no resource-based policy allows the {action} action",
            403,
        )


def invoke(
    sandbox: Sandbox, name: str, payload: str, account: str, region: str, source: Source
) -> Invocation:
    """`functions.invoke`, with the source as one value."""
    return run(sandbox, resolve(sandbox, name, account, region, source), payload)


def run(
    sandbox: Sandbox, function: LambdaFunction, payload: str, request_id: str | None = None
) -> Invocation:
    """Run the function for one event; a `Cut` in one of its calls goes through."""
    check_payload(payload, LARGEST_PAYLOAD)
    containers = runtime(sandbox).containers(function.function_arn)
    reserved = function.reserved_concurrency
    if not containers.admit(UNRESERVED if reserved is None else int(reserved)):
        raise ApiError("TooManyRequestsException", "Rate Exceeded.", 429)
    try:
        return _run(sandbox, function, containers, payload or "{}", request_id or sandbox.uuid())
    finally:
        containers.leave()


def check_payload(payload: str, largest: int) -> None:
    """Raise `ApiError` for an event that is too large or no JSON."""
    size = len(payload.encode())
    if size > largest:
        raise ApiError(
            "RequestTooLargeException",
            f"Request must be smaller than {largest} bytes for the InvokeFunction operation; "
            f"it has {size}",
            413,
        )
    try:
        json.loads(payload or "{}")
    except ValueError as error:
        raise ApiError(
            "InvalidRequestContentException", f"Could not parse request body into json: {error}"
        ) from None


def _run(
    sandbox: Sandbox,
    function: LambdaFunction,
    containers: Containers,
    payload: str,
    request_id: str,
) -> Invocation:
    state = _state(sandbox, function)
    container = containers.take(state, lambda: _start(sandbox, function))
    started = sandbox.clock.time()
    offset = started - time.time()
    request = Request(request_id, payload, float(function.timeout), offset)
    try:
        outcome = container.worker.run(request)
    finally:
        containers.give_back(state, container)
    version = container.home.identity.version
    seconds = sandbox.clock.time() - started
    memory = (function.memory_size, outcome.memory)
    log = logs.report(request_id, version, outcome.output, seconds, memory)
    if not containers.ended:
        logs.write(sandbox, function, container, log)
    return Invocation(outcome.payload, outcome.error or None, log, request_id, version)


def _state(sandbox: Sandbox, function: LambdaFunction) -> Hashable:
    """What a container is started with; when any of it changes, a new one is needed."""
    role = directory.role(function.role)
    return (
        sandbox.endpoint_url,
        function.code_sha_256,
        function.handler,
        function.memory_size,
        tuple(sorted(function.environment_vars.items())),
        function.role,
        (role.id, str(role.assume_role_policy_document)) if role else None,
    )


def _start(sandbox: Sandbox, function: LambdaFunction) -> Container:
    credentials = assume(sandbox, function)
    unpacked = code.unpack(function)
    identity = _identity(sandbox, function)
    variables = environment.variables(function, identity, credentials, sandbox.endpoint_url)
    home = Home(unpacked.root, unpacked.names, str(function.handler), identity, variables)
    worker: Worker
    if sandbox.endpoint_url is None:
        worker = InlineWorker(home, sandbox.clock)
    else:
        worker = ProcessWorker(home, NURSERY.parent())
    return Container(worker, unpacked, home, credentials)


def assume(sandbox: Sandbox, function: LambdaFunction) -> dict[str, str]:
    """The credentials of the function's role, if it trusts Lambda."""
    try:
        return iam.assume(
            sandbox,
            function.role,
            principal=PRINCIPAL,
            session_name=function.function_name,
            region=function.region,
            source_account=function.account_id,
            source_arn=function.function_arn,
        )
    except ApiError as error:
        raise ApiError(
            "InvalidParameterValueException",
            f"The role defined for the function cannot be assumed by Lambda: {error.message}",
        ) from error


def _identity(sandbox: Sandbox, function: LambdaFunction) -> Identity:
    latest = ":" not in function.function_arn.split(":function:")[1]
    version = "$LATEST" if latest else str(function.version)
    stream = f"{sandbox.clock.now():%Y/%m/%d}/[{version}]{sandbox.uuid().replace('-', '')}"
    return Identity(
        function.function_name,
        function.function_arn,
        version,
        function.memory_size,
        f"/aws/lambda/{function.function_name}",
        stream,
    )

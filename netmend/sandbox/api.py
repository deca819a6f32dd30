"""An API call is one value, whichever door it came through, and an operation is one function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox
    from netmend.sandbox.wire import Exchange, Response


@dataclass(frozen=True)
class Caller:
    """Who signed a call. kind: 'root' (any unknown credentials), 'user' or 'role'."""

    kind: str
    account: str
    arn: str
    role_arn: str = ""
    session: str = ""


@dataclass
class ApiCall:
    """service is boto3's client name, operation the API's own name, params as boto3 takes them."""

    service: str
    operation: str
    params: dict[str, Any]
    account: str
    region: str
    caller: Caller
    request_id: str
    response: Any = None
    error: str = ""
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`service:Operation`, the way IAM writes an action."""
        return f"{self.service}:{self.operation}"


class ApiError(Exception):
    """An error answered to the caller in the service's own wire form."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status_code = status


Operation = Callable[["Sandbox", ApiCall], Any]
Guard = Callable[["Sandbox", ApiCall], None]
Observer = Callable[["Sandbox", ApiCall], None]
Witness = Callable[["Sandbox", "Exchange", ApiCall, "Response | None", ApiError | None], None]

FORWARD: Final = object()
"""Returned by an operation that leaves the call to moto after all."""

OPERATIONS: dict[tuple[str, str], Operation] = {}
GUARDS: dict[tuple[str, str], list[Guard]] = {}
OBSERVERS: list[Observer] = []
WITNESSES: list[Witness] = []


def operation(service: str, *names: str) -> Callable[[Operation], Operation]:
    """Register the function that answers these operations; it returns the boto3-shaped response."""

    def register(function: Operation) -> Operation:
        for name in names:
            OPERATIONS[service, name] = function
        return function

    return register


def guard(service: str, *names: str) -> Callable[[Guard], Guard]:
    """Register a check that runs before these operations and raises `ApiError` to refuse one.

    The name * stands for all operations of the service.
    """

    def register(function: Guard) -> Guard:
        for name in names:
            GUARDS.setdefault((service, name), []).append(function)
        return function

    return register


def observer(function: Observer) -> Observer:
    """Register a function that sees every call that succeeded."""
    OBSERVERS.append(function)
    return function


def witness(function: Witness) -> Witness:
    """Register a function that sees how every call ends: with a response, or a refusal."""
    WITNESSES.append(function)
    return function

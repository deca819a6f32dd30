"""The core of the embedded AWS: one gate that every API call passes, by whichever door it came."""

from __future__ import annotations

import logging
import os
import random
import threading
import uuid
from collections.abc import Mapping
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, TypeVar, cast

from botocore.awsrequest import AWSPreparedRequest
from moto import mock_aws
from moto.backend_index import backend_url_patterns
from moto.core.utils import get_equivalent_url_in_aws_domain
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend

from netmend.sandbox import callers, settings
from netmend.sandbox.api import (
    FORWARD,
    GUARDS,
    OBSERVERS,
    OPERATIONS,
    WITNESSES,
    ApiCall,
    ApiError,
    Caller,
)
from netmend.sandbox.clock import Clock
from netmend.sandbox.engine import Engine
from netmend.sandbox.faults import Cut, Hook
from netmend.sandbox.lending import ONCE, Lender
from netmend.sandbox.patching import ask_moto, patch, unpatch
from netmend.sandbox.wire import Exchange, Response, chosen

logger = logging.getLogger(__name__)

os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # 0.3 s a Region, used by nobody

State = TypeVar("State")

UNLOCKED: Final = frozenset({("lambda", "Invoke")})
"""Operations that run foreign code, which makes calls of its own: they must not hold the lock."""


@lru_cache(maxsize=1 << 10)
def _services_at(address: str) -> list[str]:
    """What moto has there, by nearly two hundred patterns."""
    return [name for name, pattern in backend_url_patterns if pattern.match(address)]


class Sandbox:
    """One embedded AWS in this process; a context manager.

    `client` gives boto3 clients for it, `settle` does all work that is due, `hooks` see each call.
    rates: keep AWS's rates of calls too, where the sandbox knows them. start: epoch seconds at
    which a clock of its own begins (see `Clock`); with it, equal seeds give equal runs.
    Only one may run at a time in a process, because moto keeps its backends in module globals.
    """

    def __init__(self, *, seed: int = 1, rates: bool = False, start: float | None = None) -> None:
        self.rates = rates
        self.clock = Clock(start)
        self.engine = Engine(self.clock)
        self.hooks: list[Hook] = []
        self.endpoint_url: str | None = None
        self._seed = seed
        self.random = random.Random(seed)  # noqa: S311  ids that tests can repeat
        self._states: dict[tuple[type, str, str], Any] = {}
        self._lock = threading.RLock()
        self._mock = mock_aws()
        self._environment: dict[str, str] = {}
        self._clients: dict[tuple[str, str, str], Any] = {}
        self._lender = Lender()

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Sandbox:
        """Patch botocore in this process and begin with empty accounts."""
        from netmend.sandbox import extensions

        self._environment = settings.take_away()
        self._mock.start()
        extensions.install(self)
        patch(self)
        self._begin()
        return self

    def stop(self) -> None:
        """Undo `start`; what stood in the accounts is gone."""
        self.engine.stop()
        from netmend.sandbox import extensions

        extensions.uninstall(self)
        unpatch()
        self._mock.stop()
        os.environ.update(self._environment)

    def reset(self) -> None:
        """Empty every account, as `POST /moto-api/reset` does."""
        from netmend.sandbox import extensions

        with self._lock:
            self.engine.clear()
            extensions.uninstall(self)
            moto_api_backend.reset()
            extensions.install(self)
            self._begin()

    def _begin(self) -> None:
        self._states.clear()
        self._clients.clear()
        self.random = random.Random(self._seed)  # noqa: S311
        mock_random.seed(self._seed)

    def settle(self, *, within: float = 0.0) -> int:
        """Do everything that is due, including what that causes; return the pieces of work.

        within: seconds; the clock jumps to what becomes due in that time, instead of waiting.
        """
        until = self.clock.time() + within
        done = self.engine.run_until_idle()
        while (due := self.engine.next_due()) is not None and due <= until:
            self.clock.advance(max(0.0, due - self.clock.time()))
            done += self.engine.run_until_idle()
        return done

    @property
    def lock(self) -> threading.RLock:
        """Held while a call is answered; work of the engine that reads moto's state holds it too.

        It comes first: who holds another lock must not wait for this one.
        """
        return self._lock

    def state(self, kind: type[State], account: str, region: str) -> State:
        """The one `kind()` of this account and Region, made when first asked for."""
        key = (kind, account, region)
        found = self._states.get(key)
        if found is None:
            with self._lock:
                found = self._states.setdefault(key, kind())
        return cast(State, found)

    def states(self, kind: type[State]) -> dict[tuple[str, str], State]:
        """All states of a kind, by (account, Region)."""
        return {(a, r): s for (k, a, r), s in list(self._states.items()) if k is kind}

    def uuid(self) -> str:
        """A version 4 UUID from the seeded generator."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def client(
        self, service: str, region: str = "us-east-1", credentials: Mapping[str, str] | None = None
    ) -> Any:
        """A boto3 client that reaches this sandbox without a socket.

        credentials: AccessKeyId, SecretAccessKey, SessionToken as STS gives them; none means the
        administrator of account 123456789012.
        """
        keys = credentials or {"AccessKeyId": "testing", "SecretAccessKey": "testing"}
        key = (service, region, keys["AccessKeyId"])
        if key not in self._clients:
            self._clients[key] = settings.session().client(
                service,
                region_name=region,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys.get("SessionToken"),
                config=ONCE,
            )
        return self._clients[key]

    def lend(self, service: str, region: str, credentials: Mapping[str, str] | None) -> Any:
        """The same for one call that is made at once, without a new client for new credentials."""
        if credentials is None:
            return self.client(service, region)
        return self._lender.client(service, region, credentials)

    def handle(self, request: AWSPreparedRequest) -> Response | None:
        """Answer one HTTP request to AWS; None where the address is not AWS's."""
        if hasattr(request.body, "read"):  # it can be read once, and is read twice here
            request.body = request.body.read()
        url, _ = get_equivalent_url_in_aws_domain(request.url)
        address = f"{url.scheme}://{url.netloc}{url.path}"
        found = _services_at(address)
        if found:
            return self._serve(chosen(found, request), request)
        return self.refused(request, f"the sandbox has no service at {address}")

    def refused(self, request: AWSPreparedRequest, message: str) -> Response:
        """What answers a request that nobody here takes, in the wire form of who it is signed for.

        Raises NotImplementedError where AWS has no such service either.
        """
        _, _, service = callers.scope(str(request.headers.get("Authorization", "")))
        return Exchange(service, request, self.uuid()).refused(message)

    def _serve(self, service: str, request: AWSPreparedRequest) -> Response | None:
        if service == "moto_api":
            return ask_moto(request)
        if self.engine.outlived():
            raise Cut("the sandbox was reset while this was in hand")
        self.clock.tick()
        exchange = Exchange(service, request, self.uuid())
        try:
            call = self._identify(exchange)
        except ApiError as error:
            return exchange.written(error)
        response, refusal = None, None
        try:
            response = self._answer(exchange, call)
        except ApiError as error:
            refusal = error
        except NotImplementedError as error:
            refusal = ApiError("NotImplemented", str(error), 501)
        call.error = refusal.code if refusal else ""
        for see in WITNESSES:
            see(self, exchange, call, response, refusal)
        return exchange.written(refusal) if refusal else response

    def _identify(self, exchange: Exchange) -> ApiCall:
        operation, params = exchange.read()
        key, region, _ = callers.scope(exchange.authorization)
        if region and region not in callers.regions():
            message = f"Credential should be scoped to a valid region, not '{region}'."
            raise ApiError("SignatureDoesNotMatch", message, 403)
        who = callers.caller(key) if key else Caller("anonymous", "", "anonymous")
        call = ApiCall(
            exchange.service,
            operation,
            params,
            who.account,
            region or "us-east-1",
            who,
            exchange.request_id,
        )
        # Nobody checks signatures here, so the key alone lets AWS act on the caller's behalf.
        call.context["credentials"] = {"AccessKeyId": key, "SecretAccessKey": "unknown"}
        return call

    def _answer(self, exchange: Exchange, call: ApiCall) -> Response | None:
        from netmend.sandbox import extensions

        for hook in self.hooks:
            hook.before(call)
        if (call.service, call.operation) in UNLOCKED:
            extensions.authorise(self, call)
            response = self._perform(exchange, call)
        else:
            with self._lock:
                extensions.authorise(self, call)
                response = self._perform(exchange, call)
        for hook in self.hooks:
            hook.after(call)
        return response

    def _perform(self, exchange: Exchange, call: ApiCall) -> Response | None:
        for name in ("*", call.operation):
            for check in GUARDS.get((call.service, name), []):
                check(self, call)
        own = OPERATIONS.get((call.service, call.operation))
        result = own(self, call) if own else FORWARD
        if result is FORWARD:
            answer = ask_moto(exchange.request)
            response = exchange.stamped(answer) if answer is not None else None
        else:
            call.response = result
            response = exchange.written(result)
        if response is not None and int(response[0]) < 300:
            for observe in OBSERVERS:
                observe(self, call)
        return response

"""The core of the embedded AWS: one gate that every API call passes, by whichever door it came."""

from __future__ import annotations

import logging
import os
import random
import threading
import uuid
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, TypeVar, cast

import moto.core.botocore_stubber as stubber
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from moto import mock_aws
from moto.backend_index import backend_url_patterns
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol, normalize_request
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_equivalent_url_in_aws_domain, get_service_model
from moto.moto_api._internal import mock_random
from moto.moto_api._internal.models import moto_api_backend
from werkzeug.exceptions import NotFound

from netmend.sandbox import callers, settings
from netmend.sandbox.api import (
    FORWARD,
    GUARDS,
    OBSERVERS,
    OPERATIONS,
    ApiCall,
    ApiError,
    Caller,
)
from netmend.sandbox.clock import Clock
from netmend.sandbox.engine import Engine
from netmend.sandbox.faults import Hook

logger = logging.getLogger(__name__)

os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")  # 0.3 s a Region, used by nobody

Response = tuple[int, Mapping[str, str], Any]
State = TypeVar("State")

SERVICE_NAMES: Final = {"awslambda": "lambda", "servicequotas": "service-quotas"}
"""moto's package name where it is not boto3's client name."""

UNLOCKED: Final = frozenset({("lambda", "Invoke")})
"""Operations that run foreign code, which makes calls of its own: they must not hold the lock."""

_moto_process_request = stubber.BotocoreStubber.process_request


class Sandbox:
    """One embedded AWS in this process; a context manager.

    `client` gives boto3 clients for it, `settle` does all work that is due, `hooks` see each call.
    Only one may run at a time in a process, because moto keeps its backends in module globals.
    """

    def __init__(self, *, seed: int = 1) -> None:
        self.clock = Clock()
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

    # life ---------------------------------------------------------------------------------------

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
        cast(Any, stubber.BotocoreStubber).process_request = lambda _, request: self.handle(request)
        self._begin()
        return self

    def stop(self) -> None:
        """Undo `start`; what stood in the accounts is gone."""
        self.engine.stop()
        from netmend.sandbox import extensions

        extensions.uninstall(self)
        cast(Any, stubber.BotocoreStubber).process_request = _moto_process_request
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

    def settle(self) -> int:
        """Do everything that is due, including what that causes; return the pieces of work."""
        return self.engine.run_until_idle()

    # what extensions use --------------------------------------------------------------------------

    def state(self, kind: type[State], account: str, region: str) -> State:
        """The one `kind()` of this account and Region, made when first asked for."""
        key = (kind, account, region)
        with self._lock:
            if key not in self._states:
                self._states[key] = kind()
            return cast(State, self._states[key])

    def states(self, kind: type[State]) -> dict[tuple[str, str], State]:
        """All states of a kind, by (account, Region)."""
        return {(a, r): s for (k, a, r), s in self._states.items() if k is kind}

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
        cache = (service, region, keys["AccessKeyId"])
        if cache not in self._clients:
            self._clients[cache] = settings.session().client(
                service,
                region_name=region,
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys.get("SessionToken"),
                config=Config(
                    retries={"total_max_attempts": 1}, ignore_configured_endpoint_urls=True
                ),
            )
        return self._clients[cache]

    # the gate -------------------------------------------------------------------------------------

    def handle(self, request: AWSPreparedRequest) -> Response | None:
        """Answer one HTTP request to AWS; None where the address is not AWS's."""
        url, _ = get_equivalent_url_in_aws_domain(request.url)
        address = f"{url.scheme}://{url.netloc}{url.path}"
        for name, pattern in backend_url_patterns:
            if pattern.match(address):
                return self._serve(SERVICE_NAMES.get(name, name), request)
        raise NotImplementedError(f"the sandbox has no service at {address}")

    def _serve(self, service: str, request: AWSPreparedRequest) -> Response | None:
        if service == "moto_api":
            return self._moto(request)
        if hasattr(
            request.body, "read"
        ):  # a streamed body can be read once, and is read twice here
            request.body = request.body.read()
        model, call = self._identify(service, request)
        try:
            return self._answer(model, call, request)
        except ApiError as error:
            call.error = error.code
            return self._serialise(model, call, request, error)

    def _identify(self, service: str, request: AWSPreparedRequest) -> tuple[Any, ApiCall]:
        normal = normalize_request(request)
        try:
            model, uri_params = get_service_router(service).match(normal)
        except NotFound:
            raise NotImplementedError(
                f"the sandbox knows no operation of {service} at {request.method} {request.url}"
            ) from None
        protocol = determine_request_protocol(get_service_model(service), normal.content_type)
        params = PROTOCOL_PARSERS[protocol](model).parse(
            {
                "method": normal.method,
                "values": normal.values,
                "headers": normal.headers,
                "body": normal.data,
                "url_path": normal.path,
                "url_params": uri_params,
            }
        )
        key, region, _ = callers.scope(normal.headers.get("Authorization", ""))
        who = callers.caller(key) if key else Caller("anonymous", "", "anonymous")
        call = ApiCall(
            service,
            str(model.name),
            params,
            who.account,
            region or "us-east-1",
            who,
            self.uuid(),
        )
        # Nobody checks signatures here, so the key alone lets AWS act on the caller's behalf.
        call.context["credentials"] = {"AccessKeyId": key, "SecretAccessKey": "unknown"}
        return model, call

    def _answer(self, model: Any, call: ApiCall, request: AWSPreparedRequest) -> Response | None:
        from netmend.sandbox import extensions

        for hook in self.hooks:
            hook.before(call)
        if (call.service, call.operation) in UNLOCKED:
            extensions.authorise(self, call)
            response = self._perform(model, call, request)
        else:
            with self._lock:
                extensions.authorise(self, call)
                response = self._perform(model, call, request)
        for hook in self.hooks:
            hook.after(call)
        return response

    def _perform(self, model: Any, call: ApiCall, request: AWSPreparedRequest) -> Response | None:
        for check in GUARDS.get((call.service, call.operation), []):
            check(self, call)
        own = OPERATIONS.get((call.service, call.operation))
        result = own(self, call) if own else FORWARD
        if result is FORWARD:
            response = self._moto(request)
        else:
            call.response = result
            response = self._serialise(model, call, request, result)
        if response is not None and int(response[0]) < 300:
            for observe in OBSERVERS:
                observe(self, call)
        return response

    def _moto(self, request: AWSPreparedRequest) -> Response | None:
        return cast("Response | None", _moto_process_request(stubber.BotocoreStubber(), request))

    def _serialise(
        self, model: Any, call: ApiCall, request: AWSPreparedRequest, result: Any
    ) -> Response:
        service_model = get_service_model(call.service)
        content_type = request.headers.get("Content-Type") or ""
        if isinstance(content_type, bytes):
            content_type = content_type.decode()
        protocol = determine_request_protocol(service_model, content_type)
        serializer = get_serializer_class(service_model.service_name, protocol)(model)
        if isinstance(result, ApiError) and result.code not in COMMON_ERROR_CODES:
            COMMON_ERROR_CODES.append(result.code)  # moto warns of codes that models do not list
        wire = serializer.serialize(result)
        headers = {"x-amzn-RequestId": call.request_id, **wire["headers"]}
        # moto answers an error with the status of its model, or 400.
        status = result.status_code if isinstance(result, ApiError) else wire["status_code"]
        return status, headers, wire["body"]

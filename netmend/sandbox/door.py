"""The HTTP door: any AWS CLI or boto3 on this machine reaches the same core as in process."""

from __future__ import annotations

import json
import logging
import re
import socket
import threading
from collections.abc import Callable, Iterable
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wrappers import Response

from netmend.sandbox import callers, doors
from netmend.sandbox.api import ApiError
from netmend.sandbox.core import Sandbox
from netmend.sandbox.engine import SURVIVED
from netmend.sandbox.wire import Exchange
from netmend.sandbox.wire import Response as Answer

logger = logging.getLogger(__name__)

LOOPBACK: Final = "127.0.0.1"
RESET_PATH: Final = "/moto-api/reset"

UNSIGNED: Final = (
    "MissingAuthenticationToken: the request names no service and operation: sign it (SigV4) "
    "with any credentials, and send what its protocol asks for\n"
)

SHORT: Final = {"sesv2": "email"}
"""moto's short form of a host where it is not the name of the endpoint."""

LABEL: Final = re.compile(r"[A-Za-z0-9_-]{1,63}")
"""What of a signature becomes a part of a host's name."""

StartResponse = Callable[..., Any]


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:
        logger.debug(message, *args)

    def address_string(self) -> str:
        return LOOPBACK  # a reverse look-up of the peer would leave the machine


class Door:
    """Serves a started sandbox on loopback until `close`; `port` 0 picks a free one."""

    def __init__(self, sandbox: Sandbox, port: int = 0) -> None:
        self._sandbox = sandbox
        self._hosts = DomainDispatcherApplication(lambda _: None)  # type: ignore[arg-type, return-value]
        # Bound here, because werkzeug answers a port that is taken by ending the process.
        self._socket = socket.create_server((LOOPBACK, port))
        port = self._socket.getsockname()[1]
        self._server: BaseWSGIServer = make_server(
            LOOPBACK,
            port,
            self._application,
            threaded=True,
            request_handler=_Quiet,
            fd=self._socket.fileno(),
        )
        self._server.daemon_threads = True  # type: ignore[attr-defined]
        self.url = f"http://{LOOPBACK}:{port}"
        sandbox.endpoint_url = self.url
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def open(self) -> Door:
        """Take calls, and do the work behind them on the engine's own thread."""
        self._thread.start()
        self._sandbox.engine.start()
        return self

    def close(self) -> None:
        """Stop taking calls and release the port."""
        self._server.shutdown()
        self._server.server_close()
        self._socket.close()
        self._sandbox.engine.stop()
        self._sandbox.endpoint_url = None

    def _application(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        return self._respond(Request(environ))(environ, start)

    def _respond(self, request: Request) -> Response:
        if request.path == RESET_PATH and request.method == "POST":
            self._sandbox.reset()
            return Response('{"status": "ok"}', content_type="application/json")
        if request.path.startswith(doors.PREFIX) and request.method == "POST":
            return self._private(request)
        host = self._host(request)
        if host is None or request.path.startswith("/moto-api"):
            return Response(UNSIGNED, status=403)
        call = _aws_request(request, host)
        try:
            answer = self._sandbox.handle(call)
            if answer is None:
                raise NotImplementedError(f"the sandbox has no service at {host}")
        except NotImplementedError as error:
            answer = self._refused(call, str(error))
        except SURVIVED as error:  # a bug of ours: the caller must hear of it in his own tongue
            logger.exception("the sandbox failed at %s %s", call.method, call.url)
            answer = self._failed(call, f"{type(error).__name__}: {error}")
        status, headers, body = answer
        kept = {k: str(v) for k, v in headers.items() if k.lower() not in ("status", "date")}
        return Response(body, status=int(status), headers=kept)

    def _private(self, request: Request) -> Response:
        name = request.path.removeprefix(doors.PREFIX)
        found: dict[str, Any]
        try:
            status, found = doors.answer(self._sandbox, name, request.get_data())
        except RecursionError:
            message = "the body is nested too deep: give it fewer levels"
            status, found = 400, {"error": "ValidationException", "message": message}
        except SURVIVED as error:  # a bug of ours
            logger.exception("the sandbox failed at %s", request.path)
            message = _own_failure(f"{type(error).__name__}: {error}")
            status, found = 500, {"error": "InternalFailure", "message": message}
        return Response(json.dumps(found), status=status, content_type="application/json")

    def _host(self, request: Request) -> str | None:
        authorization = request.headers.get("Authorization", "")
        scope = callers.scope(authorization)
        if authorization and not (all(scope) and all(map(LABEL.fullmatch, scope[1:]))):
            return None
        try:
            host: str | None = self._hosts.infer_service_region_host(
                dict(request.environ), request.path
            )
        except LookupError:  # moto takes it for granted that DynamoDB is told its target
            return None
        return host

    def _refused(self, call: AWSPreparedRequest, message: str) -> Answer:
        # 501 is the one server error that botocore does not retry.
        logger.warning("%s", message)
        try:
            return self._sandbox.refused(call, message)
        except NotImplementedError:  # AWS has no such service, so nobody can say how it errs
            return 501, {}, f"NotImplemented: {message}\n"

    def _failed(self, call: AWSPreparedRequest, what: str) -> Answer:
        message = _own_failure(what)
        _, _, service = callers.scope(str(call.headers.get("Authorization", "")))
        try:
            exchange = Exchange(service, call, self._sandbox.uuid())
        except NotImplementedError:
            return 500, {}, f"InternalFailure: {message}\n"
        return exchange.written(ApiError("InternalFailure", message, 500))


def _own_failure(what: str) -> str:
    return f"the sandbox itself failed ({what}): its log says where"


def _aws_request(request: Request, host: str) -> AWSPreparedRequest:
    path = request.raw_path
    host = SHORT.get(host, host)
    if "." not in host:  # moto's short form for services it tells apart by target
        host = f"{host}.{request.headers['Authorization'].split('/')[2]}.amazonaws.com"
    if host.startswith("s3control."):  # it finds the account in the host name
        account = request.headers.get("X-Amz-Account-Id", "")
        host = f"{account}.s3-control.{host.removeprefix('s3control.')}"
    if host.startswith("s3.") and path.strip("/"):  # moto reads the bucket from the host name
        bucket, _, key = path.lstrip("/").partition("/")
        host, path = f"{bucket}.{host}", f"/{key}"
    headers = HTTPHeaders()
    for name, value in request.headers.items():
        if name.lower() != "host":  # a second Host header would stand beside the first
            headers[name] = value
    headers["Host"] = host
    query = request.query_string.decode()
    url = f"https://{host}{path}" + (f"?{query}" if query else "")
    return AWSPreparedRequest(request.method, url, headers, request.get_data(), False)

"""A request is read, and its answer written, in the form that its service's model gives it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from botocore.awsrequest import AWSPreparedRequest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader
from botocore.validate import ParamValidator
from moto.core.errors import COMMON_ERROR_CODES
from moto.core.parse import PROTOCOL_PARSERS, RequestDict, RequestParserError
from moto.core.request import determine_request_protocol, normalize_request
from moto.core.routing import get_service_router
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from netmend.sandbox.api import ApiError

Response = tuple[int, Mapping[str, str], Any]

JSON_PROTOCOLS: Final = frozenset({"json", "rest-json"})
ID_HEADERS: Final = frozenset({"x-amzn-requestid", "x-amz-request-id"})
ID_ELEMENT: Final = re.compile(r"<(requestid)\s*(?:/>|>[^<]*</\1>)", re.IGNORECASE)
ABSENT: Final = ("<!doctype html", "not yet implemented")
"""How moto's answer begins where it has no code for an address of the service."""

UNREADABLE: Final = (
    RequestParserError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What moto's parsers raise at a body that does not have the shape of the model."""


@cache
def _clients() -> dict[str, str]:
    # moto's own table is made from a session, which would want the user's AWS settings.
    names = Loader().list_available_services("service-2")
    return {"awslambda": "lambda", **{name.replace("-", ""): name for name in names}}


def service_name(package: str) -> str:
    """boto3's client name of a service that moto keeps in this package."""
    return _clients().get(package, package)


def chosen(packages: Iterable[str], request: AWSPreparedRequest) -> str:
    """The service meant, of those that moto keeps at one address: elb and elbv2, ses and sesv2."""
    services = list(dict.fromkeys(map(service_name, packages)))
    for service in services if len(services) > 1 else []:
        if _takes(service, request):
            return service
    return services[0]


def _takes(service: str, request: AWSPreparedRequest) -> bool:
    normal = normalize_request(request)
    if normal.values.get("Version", "") not in ("", get_service_model(service).api_version):
        return False
    try:
        get_service_router(service).match(normal)
    except (NotFound, NotImplementedError):
        return False
    return True


class Exchange:
    """One request to a service and its answer.

    Raises NotImplementedError where AWS has no such service, so that no wire form is known.
    """

    def __init__(self, service: str, request: AWSPreparedRequest, request_id: str) -> None:
        try:
            self._service = get_service_model(service)
        except UnknownServiceError:
            raise NotImplementedError(f"the sandbox has no service {service}") from None
        self.service = service
        self.request = request
        self.request_id = request_id
        self._normal = normalize_request(request)
        self._protocol = self._spoken()
        self._operation: Any = None

    @property
    def operation(self) -> str:
        """The operation's name; empty before `read` has found it."""
        return str(self._operation.name) if self._operation else ""

    @property
    def authorization(self) -> str:
        """The header that says who signed; empty where nobody did."""
        return str(self._normal.headers.get("Authorization", ""))

    def _spoken(self) -> str:
        try:
            return determine_request_protocol(self._service, self._normal.content_type)
        except NotImplementedError:  # a form sent to a service that takes none, as curl does
            return str(self._service.protocol)

    def read(self) -> tuple[str, dict[str, Any]]:
        """(operation, parameters); `ApiError` for what no operation of the service can take."""
        normal = self._normal
        try:
            self._operation, in_url = get_service_router(self.service).match(normal)
        except (NotFound, NotImplementedError):
            raise self._unknown() from None
        given: RequestDict = {
            "method": normal.method,
            "values": normal.values,
            "headers": normal.headers,
            "body": normal.data,
            "url_path": normal.path,
            "url_params": in_url,
        }
        try:
            self._check_body(normal.data)
            params = PROTOCOL_PARSERS[self._protocol](self._operation).parse(given)
        except UNREADABLE as error:
            raise ApiError("SerializationException", f"the body cannot be read: {error}") from None
        self._check(params)
        return self.operation, params

    def _unknown(self) -> ApiError:
        normal = self._normal
        target = normal.headers.get("X-Amz-Target") or normal.values.get("Action")
        named = target or f"{self.request.method} {self.request.url}"
        return ApiError(
            "NotImplemented", f"the sandbox knows no operation of {self.service} at {named}", 501
        )

    def _check_body(self, body: bytes) -> None:
        # moto takes a text that is no JSON for a message.
        shape = self._operation.input_shape
        if self._protocol not in JSON_PROTOCOLS or not body or shape is None:
            return
        payload = shape.members.get(shape.serialization.get("payload", ""))
        if payload is not None and payload.type_name != "structure":
            return
        if not isinstance(json.loads(body), dict):
            raise ValueError("it is no JSON object")

    def _check(self, params: dict[str, Any]) -> None:
        # boto3 checks this before it sends; other clients leave it to the service.
        shape = self._operation.input_shape
        if shape is None or self._protocol == "rest-xml":
            return
        # moto reads a list that the query string leaves out as an empty one.
        given = {k: v for k, v in params.items() if v != [] or k in shape.required_members}
        report = ParamValidator().validate(given, shape)
        if report.has_errors():
            raise ApiError("ValidationException", " ".join(report.generate_report().split("\n")))

    def refused(self, message: str) -> Response:
        """The answer to what the sandbox cannot do."""
        return self.written(ApiError("NotImplemented", message, 501))

    def written(self, result: Any) -> Response:
        """The answer for a boto3-shaped dict or an `ApiError`."""
        # An error looks alike for every operation, so any will do where none was found.
        operation = self._operation or self._service.operation_model(
            self._service.operation_names[0]
        )
        serializer = get_serializer_class(self._service.service_name, self._protocol)
        if isinstance(result, ApiError) and result.code not in COMMON_ERROR_CODES:
            COMMON_ERROR_CODES.append(result.code)  # moto warns of codes that models do not list
        wire = serializer(operation, SerializationContext(self.request_id)).serialize(result)
        # moto answers an error with the status of its model, or 400.
        status = result.status_code if isinstance(result, ApiError) else wire["status_code"]
        return status, self._headers(wire["headers"]), wire["body"]

    def stamped(self, answer: Response) -> Response:
        """An answer of moto's, which makes up request ids, with the id of this call."""
        status, headers, body = answer
        kept, failed = self._headers(headers), int(status) >= 300
        if int(status) == 404 and str(body).lower().startswith(ABSENT):
            raise NotImplementedError(f"the sandbox does not do {self.service}:{self.operation}")
        if self._protocol in ("ec2", "query") or (self._protocol == "rest-xml" and failed):
            text = body.decode() if isinstance(body, bytes) else str(body)
            body = self._with_id(text, failed)
            kept = {name: value for name, value in kept.items() if name.lower() != "content-length"}
        return status, kept, body

    def _headers(self, headers: Any) -> dict[str, str]:
        name = "x-amz-request-id" if self.service in ("s3", "s3control") else "x-amzn-RequestId"
        kept = {k: v for k, v in dict(headers).items() if k.lower() not in ID_HEADERS}
        return {**kept, name: self.request_id}

    def _with_id(self, text: str, failed: bool) -> str:
        tag = "RequestId"
        if self._protocol == "ec2":
            tag = "RequestID" if failed else "requestId"
        element = f"<{tag}>{self.request_id}</{tag}>"
        if ID_ELEMENT.search(text):
            return ID_ELEMENT.sub(element, text)
        if self._protocol == "query" and not failed:
            element = f"<ResponseMetadata>{element}</ResponseMetadata>"
        inside, end, root = text.rpartition("</")
        return f"{inside}{element}{end}{root}" if end else text

"""What boto3 knows of each API: its models, and what its own handlers rename and fill in."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import botocore.session
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, ServiceModel, Shape, StringShape

EVENTS: Final = ("provide-client-params", "before-parameter-build")
DECODED: Final = {("iam", "policyDocumentType"), ("cloudformation", "TemplateBody")}
"""Texts that boto3 hands out as JSON values, by service and shape."""


@lru_cache(maxsize=1)
def _session() -> Any:
    return botocore.session.get_session()


def services() -> list[str]:
    """Names of all services."""
    return list(_session().get_available_services())


@lru_cache(maxsize=256)
def service(name: str) -> ServiceModel | None:
    """The model of a service as a step names it, in whatever case."""
    try:
        return _session().get_service_model(name.lower())
    except UnknownServiceError:
        return None


@lru_cache(maxsize=256)
def operations(name: str) -> dict[str, str]:
    """The operations of a service by their names in lower case, without underscores."""
    model = service(name)
    return {one.lower(): one for one in model.operation_names} if model else {}


@lru_cache(maxsize=4096)
def operation(service_name: str, api: str) -> OperationModel | None:
    """DescribeVpcs, describeVpcs or describe_vpcs of a service."""
    found = operations(service_name).get(api.replace("_", "").lower())
    model = service(service_name)
    return model.operation_model(found) if model and found else None


def members(shape: Shape | None) -> dict[str, Shape]:
    """The members of a structure, none of anything else."""
    found: dict[str, Shape] = getattr(shape, "members", None) or {}
    return found


@lru_cache(maxsize=4096)
def original(model: OperationModel, name: str) -> str:
    """The member that boto3 sends for a keyword argument: Filter for Filters, where it is so."""
    if name in members(model.input_shape):
        return name
    return next((key for key in _passed(model, {name: []}) if key in _own(model)), name)


@lru_cache(maxsize=4096)
def filled(model: OperationModel) -> frozenset[str]:
    """Members that boto3 gives a value where the caller does not."""
    return frozenset(_passed(model, {}))


def is_decoded(service_name: str, shape: Shape) -> bool:
    """Whether a selector may look into a text, because boto3 has parsed it."""
    known = (service_name.lower(), shape.name) in DECODED
    return known or bool(shape.serialization.get("jsonvalue"))


def is_text(shape: Shape) -> bool:
    return isinstance(shape, StringShape)


def _own(model: OperationModel) -> dict[str, Shape]:
    return members(model.input_shape)


def _passed(model: OperationModel, params: dict[str, Any]) -> dict[str, Any]:
    """What becomes of keyword arguments on their way through boto3's handlers."""
    place = f"{model.service_model.service_id.hyphenize()}.{model.name}"
    for event in EVENTS:
        _session().emit(f"{event}.{place}", params=params, model=model, context={})
    return params

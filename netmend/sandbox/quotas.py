"""Service Quotas: the quotas that the sandbox itself enforces, and no other number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, operation

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

Quota = tuple[str, str]
"""(service code, quota code)"""

RULES_PER_GROUP: Final[Quota] = ("vpc", "L-0EA8095F")

DEFAULTS: Final[dict[Quota, tuple[str, str, int]]] = {
    RULES_PER_GROUP: (
        "Amazon Virtual Private Cloud (Amazon VPC)",
        "Inbound or outbound rules per security group",
        60,
    ),
}
"""Quota -> (service name, quota name, value in a new account)."""


class Applied(dict[Quota, int]):
    """The values that were raised or lowered in one account and Region."""


def value(sandbox: Sandbox, account: str, region: str, service: str, code: str) -> int:
    """What applies here; `ApiError` NoSuchResourceException for a quota that is not kept."""
    if (service, code) not in DEFAULTS:
        message = f"The sandbox keeps no quota {code} of {service}"
        raise ApiError("NoSuchResourceException", message)
    return sandbox.state(Applied, account, region).get((service, code), DEFAULTS[service, code][2])


def apply(sandbox: Sandbox, account: str, region: str, quota: Quota, new: int) -> None:
    """Set a value, as AWS does after it has granted a request."""
    value(sandbox, account, region, *quota)
    sandbox.state(Applied, account, region)[quota] = new


def _answer(call: ApiCall, quota: Quota, number: int) -> dict[str, Any]:
    service, name, _ = DEFAULTS[quota]
    head = f"arn:{get_partition(call.region)}:servicequotas:{call.region}:{call.account}"
    return {
        "ServiceCode": quota[0],
        "ServiceName": service,
        "QuotaArn": f"{head}:{quota[0]}/{quota[1]}",
        "QuotaCode": quota[1],
        "QuotaName": name,
        "Value": float(number),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


@operation("service-quotas", "GetServiceQuota")
def get_quota(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The value that applies in this account and Region."""
    quota = (call.params["ServiceCode"], call.params["QuotaCode"])
    found = value(sandbox, call.account, call.region, *quota)
    return {"Quota": _answer(call, quota, found)}


@operation("service-quotas", "GetAWSDefaultServiceQuota")
def get_default(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The value that a new account has."""
    quota = (call.params["ServiceCode"], call.params["QuotaCode"])
    value(sandbox, call.account, call.region, *quota)
    return {"Quota": _answer(call, quota, DEFAULTS[quota][2])}


@operation("service-quotas", "ListServiceQuotas", "ListAWSDefaultServiceQuotas")
def list_quotas(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """The quotas of one service."""
    service = call.params["ServiceCode"]
    codes = [code for name, code in DEFAULTS if name == service]
    if not codes:
        message = f"The sandbox keeps no quotas of {service}"
        raise ApiError("NoSuchResourceException", message)
    default = call.operation == "ListAWSDefaultServiceQuotas"
    quotas = [
        (
            quota,
            DEFAULTS[quota][2] if default else value(sandbox, call.account, call.region, *quota),
        )
        for quota in ((service, code) for code in codes)
    ]
    return {"Quotas": [_answer(call, quota, number) for quota, number in quotas]}

"""What a rule may say: PutConfigRule's request becomes the definition that is kept."""

from __future__ import annotations

import json
from typing import Any, Final

from moto.backends import get_backend

from netmend.sandbox.api import ApiError
from netmend.sandbox.config import lambdas
from netmend.sandbox.config.errors import invalid
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.store import CHANGE, OVERSIZED, SCHEDULED

DEFAULT_FREQUENCY: Final = "TwentyFour_Hours"
DETECTIVE: Final = [{"Mode": "DETECTIVE"}]

KEPT: Final = (
    "ConfigRuleName",
    "Description",
    "InputParameters",
    "MaximumExecutionFrequency",
    "Scope",
)


def checked(place: Place, wanted: dict[str, Any]) -> dict[str, Any]:
    """The definition that a ConfigRule of a request makes; refuses what AWS refuses.

    ConfigRuleArn, ConfigRuleId, ConfigRuleState and CreatedBy are Config's to give, not taken.
    """
    _check_parameters(wanted.get("InputParameters"))
    _check_scope(wanted.get("Scope") or {})
    if wanted.get("EvaluationModes", DETECTIVE) != DETECTIVE:
        raise NotImplementedError("the sandbox evaluates DETECTIVE only: leave PROACTIVE out")
    kept = {key: wanted[key] for key in KEPT if wanted.get(key)}
    source = _source(place, wanted["Source"])
    if source["Owner"] != "AWS" and "MaximumExecutionFrequency" in kept:
        raise invalid(
            "MaximumExecutionFrequency is for managed rules: "
            "give a custom rule's frequency in its SourceDetails"
        )
    return {**kept, "Source": source, "ConfigRuleState": "ACTIVE", "EvaluationModes": DETECTIVE}


def _check_parameters(text: str | None) -> None:
    try:
        parameters = json.loads(text) if text else {}
    except ValueError:
        raise invalid(f"Invalid json {text} passed in the InputParameters field") from None
    if not isinstance(parameters, dict):
        raise invalid(f"InputParameters must be a JSON object, not {text}")


def _check_scope(scope: dict[str, Any]) -> None:
    types = scope.get("ComplianceResourceTypes") or []
    tagged = bool(scope.get("TagKey") or scope.get("TagValue"))
    if scope.get("TagValue") and not scope.get("TagKey"):
        raise invalid("Tag key should not be empty when tag value is provided in scope")
    if tagged and (types or scope.get("ComplianceResourceId")):
        raise invalid("Scope cannot be applied to both resource and tag")
    if scope.get("ComplianceResourceId") and len(types) != 1:
        raise invalid(
            "A single resourceType should be provided when resourceId is provided in scope"
        )


def _source(place: Place, source: dict[str, Any]) -> dict[str, Any]:
    owner, identifier = source["Owner"], source.get("SourceIdentifier", "")
    if owner == "CUSTOM_POLICY":
        raise NotImplementedError(
            "the sandbox runs no CUSTOM_POLICY rules: use CUSTOM_LAMBDA or a managed rule"
        )
    details = source.get("SourceDetails") or []
    if (owner == "AWS") == bool(details):
        raise invalid(
            "SourceDetails should be null/empty if the owner is AWS. "
            "SourceDetails should be provided if the owner is CUSTOM_LAMBDA"
        )
    if owner == "AWS":
        _check_managed(identifier)
        return {"Owner": owner, "SourceIdentifier": identifier}
    _check_function(place, identifier)
    return {
        "Owner": owner,
        "SourceIdentifier": identifier,
        "SourceDetails": [_detail(detail) for detail in details],
    }


def _check_managed(identifier: str) -> None:
    get_backend("config")  # loads moto's module, which holds the list of AWS's own rules
    from moto.config.models import MANAGED_RULES_CONSTRAINTS

    if identifier not in MANAGED_RULES_CONSTRAINTS:
        raise invalid(
            f"The sourceIdentifier {identifier} is invalid. Please refer to the documentation "
            "for a list of valid sourceIdentifiers that can be used when AWS is the Owner"
        )


def _check_function(place: Place, identifier: str) -> None:
    if not lambdas.may_invoke(place, identifier):
        raise ApiError(
            "InsufficientPermissionsException",
            f"The AWS Lambda function {identifier} cannot be invoked. "
            "Check the specified function ARN, and check the function's permissions",
        )


def _detail(detail: dict[str, Any]) -> dict[str, Any]:
    message_type = detail.get("MessageType")
    frequency = detail.get("MaximumExecutionFrequency")
    if message_type in (CHANGE, OVERSIZED):
        if frequency:
            raise invalid(
                "A maximum execution frequency is not allowed if MessageType is "
                f"{CHANGE} or {OVERSIZED}"
            )
        return {"EventSource": "aws.config", "MessageType": message_type}
    if message_type == SCHEDULED:
        return {
            "EventSource": "aws.config",
            "MessageType": message_type,
            "MaximumExecutionFrequency": frequency or DEFAULT_FREQUENCY,
        }
    if message_type is None:
        raise invalid("SourceDetails lack a MessageType: name the message that invokes the rule")
    raise NotImplementedError(f"the sandbox sends no {message_type}: it delivers no snapshots")

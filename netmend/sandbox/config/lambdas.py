"""How Config reaches a rule's function: whether it may, and what came of it."""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

from netmend.sandbox import functions
from netmend.sandbox.api import ApiError
from netmend.sandbox.config.place import Place

PRINCIPAL: Final = "config.amazonaws.com"

REFUSED: Final = ("AccessDeniedException", "ResourceNotFoundException")


class Failure(NamedTuple):
    """Why an invocation failed, as DescribeConfigRuleEvaluationStatus tells it."""

    code: str
    message: str

    @property
    def passing(self) -> bool:
        """Whether Lambda tries again: the function failed, it was not refused to Config."""
        return self.code not in REFUSED


def may_invoke(place: Place, function_arn: str) -> bool:
    """Whether the function exists and its resource policy lets Config in for this account.

    function_arn: may be another account's; a mere name is refused, as AWS does.
    """
    from netmend.sandbox.functions import service  # loads moto's module of Lambda

    source = service.Source(PRINCIPAL, place.account)
    try:
        service.resolve(place.sandbox, function_arn, place.account, place.region, source)
    except ApiError as error:
        if error.code in REFUSED:
            return False
        raise
    return function_arn.startswith("arn:")


def invoke(place: Place, function_arn: str, payload: dict[str, Any]) -> Failure | None:
    """Run the function as Config does; what went wrong, if anything did."""
    try:
        outcome = functions.invoke(
            place.sandbox,
            function_arn,
            json.dumps(payload),
            account=place.account,
            region=place.region,
            principal=PRINCIPAL,
            source_account=place.account,
        )
    except ApiError as refused:
        return Failure(refused.code, refused.message)
    if outcome.function_error:
        told = json.loads(outcome.payload_text).get("errorMessage", outcome.payload_text)
        return Failure(outcome.function_error, told)
    return None

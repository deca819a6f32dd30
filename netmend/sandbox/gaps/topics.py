"""Topics."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from itertools import product
from typing import TYPE_CHECKING, Any, Final

from moto.core.utils import camelcase_to_underscores
from moto.sns.models import sns_backends
from moto.sns.responses import SNSResponse

from netmend.sandbox.api import ApiCall, ApiError, guard
from netmend.sandbox.gaps.patches import patch

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PROTOCOLS: Final = ("HTTP", "Firehose", "Lambda", "Application", "SQS")
FEEDBACK: Final = ("SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate", "FailureFeedbackRoleArn")
KEPT: Final = {
    name: camelcase_to_underscores(name)
    for name in (
        *map("".join, product(PROTOCOLS, FEEDBACK)),
        "ArchivePolicy",
        "SignatureVersion",
        "TracingConfig",
    )
}
"""Attributes by the names under which moto keeps them, and does not show them."""


@guard("sns", "Publish")
def missing_topic(sandbox: Sandbox, call: ApiCall) -> None:
    """moto takes what is no topic for an endpoint."""
    arn = str(call.params.get("TopicArn") or "")
    here = f":sns:{call.region}:{call.account}:"
    if here in arn and arn not in sns_backends[call.account][call.region].topics:
        raise ApiError("NotFound", "Topic does not exist", 404)


@patch(SNSResponse, "get_topic_attributes")
def _all_shown(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What SetTopicAttributes was given is what GetTopicAttributes answers."""

    @wraps(original)
    def get(self: Any) -> Any:
        answer = original(self)
        topic = vars(self.backend.get_topic(self._get_param("TopicArn")))
        given = {name: topic[kept] for name, kept in KEPT.items() if kept in topic}
        answer.result["Attributes"].update(given)
        return answer

    return get

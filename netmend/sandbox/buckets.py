"""Whoever says whose bucket he expects is refused another's, which moto does not look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moto.core.utils import get_service_model
from moto.s3.models import s3_backends

from netmend.sandbox.api import ApiCall, ApiError, guard

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

EXPECTED: Final = "ExpectedBucketOwner"


def _names() -> tuple[str, ...]:
    model = get_service_model("s3")
    shapes = ((name, model.operation_model(name).input_shape) for name in model.operation_names)
    return tuple(name for name, shape in shapes if shape and EXPECTED in shape.members)


@guard("s3", *_names())
def refuse_strangers_bucket(sandbox: Sandbox, call: ApiCall) -> None:
    """A bucket that is not the expected account's is refused; one that does not stand is not."""
    expected, owner = (
        call.params.get(EXPECTED),
        s3_backends.bucket_accounts.get(call.params["Bucket"]),
    )
    if expected and owner and owner[1] != expected:
        raise ApiError("AccessDenied", "Access Denied", 403)

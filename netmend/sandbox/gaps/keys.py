"""Keys of the Key Management Service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from moto.kms.models import Key, kms_backends

from netmend.sandbox.api import ApiCall, ApiError, guard

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PENDING: Final = "PendingDeletion"
WHILE_IT_STANDS: Final = (
    "DisableKey",
    "DisableKeyRotation",
    "EnableKey",
    "EnableKeyRotation",
    "ScheduleKeyDeletion",
)


@guard("kms", "CancelKeyDeletion")
def not_pending(sandbox: Sandbox, call: ApiCall) -> None:
    """moto disables the key, whatever its state was."""
    key = _key(call)
    if key is not None and key.key_state != PENDING:
        raise ApiError("KMSInvalidStateException", f"{key.arn} is not pending deletion.")


@guard("kms", *WHILE_IT_STANDS)
def pending(sandbox: Sandbox, call: ApiCall) -> None:
    """What is about to be deleted can only be kept."""
    key = _key(call)
    if key is not None and key.key_state == PENDING:
        raise ApiError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _key(call: ApiCall) -> Key | None:
    backend = kms_backends[call.account][call.region]
    return backend.keys.get(backend.get_key_id(call.params["KeyId"]))

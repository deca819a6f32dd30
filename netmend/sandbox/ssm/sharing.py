"""Documents are shared with other accounts, or with all."""

from __future__ import annotations

import re
from typing import Any, Final

from moto.ssm.models import AccountPermission

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.core import Sandbox
from netmend.sandbox.ssm.documents import own
from netmend.sandbox.ssm.paging import page

ACCOUNT: Final = re.compile(r"(?i)all|\d{12}")
ALL: Final = "all"
MOST_ACCOUNTS: Final = 1_000
SHOWN: Final = 20


@operation("ssm", "ModifyDocumentPermission")
def modify(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Share a document, or share it no longer; what is removed is not added."""
    found = own(call)
    adding, removing = (_accounts(call, f"AccountIdsTo{verb}") for verb in ("Add", "Remove"))
    if not adding and not removing:
        message = "AccountIdsToAdd or AccountIdsToRemove must be specified."
        raise ApiError("ValidationException", message)
    version = str(call.params.get("SharedDocumentVersion") or "$DEFAULT")
    moment = sandbox.clock.now()
    kept = {
        name: one for name, one in found.permissions.items() if (name == ALL) == (ALL in adding)
    }
    kept = kept if adding else dict(found.permissions)
    kept |= {name: AccountPermission(name, version, moment) for name in adding}
    kept = {name: one for name, one in kept.items() if name not in removing}
    if len(kept) > MOST_ACCOUNTS:
        message = f"A document can be shared with at most {MOST_ACCOUNTS} accounts."
        raise ApiError("DocumentPermissionLimit", message)
    found.permissions = kept
    return {}


@operation("ssm", "DescribeDocumentPermission")
def describe(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """With whom a document is shared."""
    found = own(call)
    ordered = sorted(found.permissions.values(), key=lambda one: (one.created_at, one.account_id))
    shown, token = page(call, ordered, lambda one: str(one.account_id), SHOWN)
    return {
        "AccountIds": [one.account_id for one in shown],
        "AccountSharingInfoList": [
            {"AccountId": one.account_id, "SharedDocumentVersion": one.version} for one in shown
        ],
        **token,
    }


def _accounts(call: ApiCall, member: str) -> list[str]:
    given = [str(name) for name in call.params.get(member) or []]
    for name in given:
        if not ACCOUNT.fullmatch(name):
            raise ApiError("ValidationException", f"{name} is neither an account id nor All.")
    lowered = [name.lower() for name in given]
    if ALL in lowered and len(lowered) > 1:
        message = "Accounts can either be all or a group of AWS accounts"
        raise ApiError("DocumentPermissionLimit", message)
    return lowered

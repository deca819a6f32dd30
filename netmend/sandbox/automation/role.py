"""A run acts as the role that its document names, or as its caller where it names none."""

from __future__ import annotations

import re
from typing import Any, Final

from botocore.exceptions import ClientError

from netmend.sandbox.automation.document import Document
from netmend.sandbox.automation.effects import Effects
from netmend.sandbox.automation.errors import ParametersError
from netmend.sandbox.automation.references import Lookup, Unresolved, resolve

ROLE_ARN: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/.+")
MALFORMED: Final = "The format of the supplied assume role ARN isn't valid."
NOT_ASSUMED: Final = "The defined assume role is unable to be assumed."


def assume(document: Document, scope: Lookup, effects: Effects, session: str) -> Any:
    """Credentials of the role, or None without one; raises ParametersError in AWS's words."""
    try:
        role = resolve(document.assume_role, scope)
    except Unresolved as problem:
        raise ParametersError(f"{MALFORMED} {problem}") from None
    if not role:
        return None
    if not isinstance(role, str) or not ROLE_ARN.fullmatch(role):
        raise ParametersError(MALFORMED)
    try:
        credentials = effects.assume(role, session)
    except ClientError as problem:
        raise ParametersError(NOT_ASSUMED) from problem
    if credentials is None:  # the steps would act as the caller
        raise TypeError(f"assume({role}) gave no credentials")
    return credentials

"""As whom a stack set acts in a target account: roles that are really assumed, or its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from moto.sts.models import sts_backends

from netmend.sandbox.api import ApiError
from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.stacksets.errors import TaskError
from netmend.sandbox.stacksets.model import SELF, StackSet

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

SESSION_SECONDS: Final = 3600
ASSUMED: Final = "StackSets"


class _Kept:
    """The session in one account, kept because clients are made for each."""

    def __init__(self) -> None:
        self.credentials: dict[str, str] = {}
        self.made_at = 0.0


def enter(sandbox: Sandbox, stack_set: StackSet, account: str, region: str) -> Access:
    """Access to a target; raises TaskError where a self-managed set's roles do not let it in."""
    if stack_set.model == SELF:
        return Access(sandbox, account, region, _assumed(sandbox, stack_set, account, region))
    kept = sandbox.state(_Kept, account, "aws-global")
    if not kept.credentials or sandbox.clock.time() > kept.made_at + SESSION_SECONDS / 2:
        kept.credentials, kept.made_at = _administrator(account, region), sandbox.clock.time()
    return Access(sandbox, account, region, kept.credentials)


def role_of(account: str) -> str:
    """The name of the role that StackSets has in a member account."""
    digest = hashlib.sha256(f"stack sets of {account}".encode()).hexdigest()
    return f"stacksets-exec-{digest[:32]}"


def _administrator(account: str, region: str) -> dict[str, str]:
    # The role is not to be seen in IAM; its ARN is what service control policies exempt.
    arn = f"arn:aws:iam::{account}:role/{role_of(account)}"
    sts = sts_backends[account]["aws"]
    session = sts.assume_role(region, ASSUMED, arn, "", SESSION_SECONDS, "")
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
    }


def _assumed(sandbox: Sandbox, stack_set: StackSet, account: str, region: str) -> Mapping[str, Any]:
    from netmend.sandbox import iam

    administration, execution = stack_set.administration, stack_set.execution
    service = "cloudformation.amazonaws.com"
    try:
        keys = iam.assume(sandbox, administration, service, ASSUMED, region)
    except ApiError as error:
        name = administration.rsplit("/", 1)[-1]
        raise TaskError(
            f"Account {stack_set.account} should have '{name}' role with trust relationship to "
            "CloudFormation service."
        ) from error
    arn = f"arn:{administration.split(':')[1]}:iam::{account}:role/{execution}"
    try:
        answer = sandbox.lend("sts", region, keys).assume_role(RoleArn=arn, RoleSessionName=ASSUMED)
    except ClientError as error:
        raise TaskError(
            f"Account {account} should have '{execution}' role with trust relationship to Role "
            f"'{administration.rsplit('/', 1)[-1]}'."
        ) from error
    found: Mapping[str, Any] = answer["Credentials"]
    return found

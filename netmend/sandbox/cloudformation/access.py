"""Resources are made through the API, as the administrator of the stack's account or its role."""

from __future__ import annotations

import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

from netmend.sandbox.cloudformation.errors import ValidationError

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

SUFFIX: Final = string.ascii_uppercase + string.digits
SUFFIX_LENGTH: Final = 12
ADMINISTRATOR: Final = "role/cloudformation-administrator"
SESSION_SECONDS: Final = 3600
DOMAINS: Final = {"aws-cn": "amazonaws.com.cn"}


@dataclass(frozen=True)
class Access:
    """One account and Region, and the credentials with which to act there (None: its root)."""

    sandbox: Sandbox
    account: str
    region: str
    credentials: Mapping[str, str] | None

    def client(self, service: str) -> Any:
        """A boto3 client that acts in the stack's account and Region."""
        return self.sandbox.client(service, self.region, self.credentials)

    @property
    def partition(self) -> str:
        return str(get_partition(self.region))

    @property
    def suffix(self) -> str:
        """The domain under which the partition's services live."""
        return DOMAINS.get(self.partition, "amazonaws.com")

    def arn(self, service: str, rest: str, *, region: bool = True, account: bool = True) -> str:
        """An ARN of this account and Region, or without them where the service has none."""
        where = self.region if region else ""
        owner = self.account if account else ""
        return f"arn:{self.partition}:{service}:{where}:{owner}:{rest}"

    def zones(self, region: str) -> list[str]:
        """The Availability Zones of a Region, in order."""
        client = self.sandbox.client("ec2", region, self.credentials)
        found = client.describe_availability_zones()["AvailabilityZones"]
        return sorted(zone["ZoneName"] for zone in found)

    def parameter(self, name: str) -> str:
        """The value of an SSM parameter; raises ValidationError where no template may have it."""
        try:
            found = self.client("ssm").get_parameter(Name=name)["Parameter"]
        except ClientError as error:
            raise ValidationError(
                f"Unable to fetch parameters [{name}] from parameter store for this account. "
                f"({error.response['Error']['Code']})"
            ) from error
        if found["Type"] == "SecureString":
            raise ValidationError(
                f"Parameters [{name}] referenced by template have types not supported by "
                "CloudFormation."
            )
        return str(found["Value"])


def enter(sandbox: Sandbox, account: str, region: str, role_arn: str = "") -> Access:
    """Access to an account and Region, as the given service role or as an administrator."""
    if role_arn:
        from netmend.sandbox import iam

        session = "AWSCloudFormation"
        keys = iam.assume(sandbox, role_arn, "cloudformation.amazonaws.com", session, region)
        return Access(sandbox, account, region, keys)
    if account == DEFAULT_ACCOUNT_ID:
        return Access(sandbox, account, region, None)
    kept = sandbox.state(_Administrator, account, region)
    if kept.credentials is None or sandbox.clock.time() > kept.made_at + SESSION_SECONDS / 2:
        kept.credentials, kept.made_at = _administrator(account, region), sandbox.clock.time()
    return Access(sandbox, account, region, kept.credentials)


class _Administrator:
    """The session of one account and Region, kept because a client is made for each."""

    def __init__(self) -> None:
        self.credentials: dict[str, str] | None = None
        self.made_at = 0.0


def _administrator(account: str, region: str) -> dict[str, str]:
    partition = str(get_partition(region))
    role = f"arn:{partition}:iam::{account}:{ADMINISTRATOR}"
    sts = sts_backends[account][partition]
    session = sts.assume_role(region, "cloudformation", role, "", SESSION_SECONDS, "")
    return {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
    }


@dataclass
class Site:
    """What a provider may use while it works on one resource.

    handle: whatever a provider keeps between its calls for this resource. physical_id: set by a
    provider whose update gives the resource another one.
    """

    access: Access
    stack_name: str
    stack_id: str
    logical_id: str
    handle: Any = None
    physical_id: str = ""

    def client(self, service: str) -> Any:
        """A boto3 client in the stack's account and Region."""
        return self.access.client(service)

    def name(self, limit: int, ending: str = "") -> str:
        """A name as CloudFormation makes one: stack, logical id and twelve random characters."""
        random = self.access.sandbox.random
        suffix = "".join(random.choice(SUFFIX) for _ in range(SUFFIX_LENGTH)) + ending
        room = limit - len(suffix) - 1
        return f"{f'{self.stack_name}-{self.logical_id}'[:room].rstrip('-')}-{suffix}"

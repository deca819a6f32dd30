"""IAM: what policies refuse is refused, by whichever door and whoever's hand it comes."""

from typing import TYPE_CHECKING

from netmend.sandbox.iam import moto_s3
from netmend.sandbox.iam.judge import authorise
from netmend.sandbox.iam.sessions import allows_service, assume, require_pass_role
from netmend.sandbox.iam.special import RULE_ARNS

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

__all__ = [
    "RULE_ARNS",
    "allows_service",
    "assume",
    "authorise",
    "install",
    "require_pass_role",
    "uninstall",
]


def install(sandbox: "Sandbox") -> None:
    """Stop moto from judging bucket policies too: it takes every condition for unmet."""
    moto_s3.install()


def uninstall(sandbox: "Sandbox") -> None:
    """Let moto judge bucket policies again."""
    moto_s3.uninstall()

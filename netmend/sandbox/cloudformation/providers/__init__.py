"""Every type of resource that the sandbox can make, found by its name."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.cloudformation.providers import (
    cloudwatch,
    config,
    dynamodb,
    ec2,
    events,
    iam,
    kms,
    lambda_,
    logs,
    moto_model,
    s3,
    security_groups,
    sns,
    sqs,
    ssm,
)
from netmend.sandbox.cloudformation.providers.base import Provider

OWN: Final[dict[str, Provider]] = {
    **cloudwatch.PROVIDERS,
    **config.PROVIDERS,
    **dynamodb.PROVIDERS,
    **ec2.PROVIDERS,
    **events.PROVIDERS,
    **iam.PROVIDERS,
    **kms.PROVIDERS,
    **lambda_.PROVIDERS,
    **logs.PROVIDERS,
    **s3.PROVIDERS,
    **security_groups.PROVIDERS,
    **sns.PROVIDERS,
    **sqs.PROVIDERS,
    **ssm.PROVIDERS,
}


def find(kind: str) -> Provider | None:
    """The provider of a type; None where the sandbox cannot really make and delete it."""
    if kind in OWN:
        return OWN[kind]
    return moto_model.MotoModel(kind) if moto_model.supports(kind) else None

"""Every type of resource that the sandbox can make, found by its name."""

from __future__ import annotations

from typing import Final

from netmend.sandbox.cloudformation.providers import (
    aggregation,
    attached,
    cloudwatch,
    config,
    dynamodb,
    ec2,
    events,
    gateways,
    iam,
    instances,
    kms,
    lambda_,
    logs,
    moto_model,
    network_acls,
    route53,
    s3,
    scheduler,
    security_groups,
    sns,
    sqs,
    ssm,
    stack_set,
    states,
    transit,
)
from netmend.sandbox.cloudformation.providers.base import Provider

OWN: Final[dict[str, Provider]] = {
    **aggregation.PROVIDERS,
    **attached.PROVIDERS,
    **cloudwatch.PROVIDERS,
    **config.PROVIDERS,
    **dynamodb.PROVIDERS,
    **ec2.PROVIDERS,
    **events.PROVIDERS,
    **gateways.PROVIDERS,
    **iam.PROVIDERS,
    **instances.PROVIDERS,
    **kms.PROVIDERS,
    **lambda_.PROVIDERS,
    **logs.PROVIDERS,
    **network_acls.PROVIDERS,
    **route53.PROVIDERS,
    **s3.PROVIDERS,
    **scheduler.PROVIDERS,
    **security_groups.PROVIDERS,
    **sns.PROVIDERS,
    **sqs.PROVIDERS,
    **ssm.PROVIDERS,
    **stack_set.PROVIDERS,
    **states.PROVIDERS,
    **transit.PROVIDERS,
}


def find(kind: str) -> Provider | None:
    """The provider of a type; None where the sandbox cannot really make and delete it."""
    if kind in OWN:
        return OWN[kind]
    return moto_model.MotoModel(kind) if moto_model.supports(kind) else None

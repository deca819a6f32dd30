"""How a resource of a type really stands, in the terms of its template.

A reader gives the properties that it can tell, an empty dict where the resource is gone; what it
does not give is not compared. A service's own error that the thing is not there means gone too.
"""

from __future__ import annotations

from typing import Final

from netmend.sandbox.cloudformation.live import (
    data,
    functions,
    identity,
    messages,
    network,
    storage,
    watching,
)
from netmend.sandbox.cloudformation.live.base import Reader

READERS: Final[dict[str, Reader]] = {
    **data.READERS,
    **functions.READERS,
    **identity.READERS,
    **messages.READERS,
    **network.READERS,
    **storage.READERS,
    **watching.READERS,
}

UNREAD: Final[dict[str, tuple[str, ...]]] = {
    "AWS::DynamoDB::Table": (
        "GlobalSecondaryIndexes",
        "LocalSecondaryIndexes",
        "ProvisionedThroughput",
    ),
    "AWS::KMS::Key": ("PendingWindowInDays",),
    "AWS::Lambda::Function": ("Code", "ReservedConcurrentExecutions", "VpcConfig"),
    "AWS::S3::Bucket": (
        "AccessControl",
        "LoggingConfiguration",
        "ObjectLockEnabled",
        "WebsiteConfiguration",
    ),
    "AWS::SSM::Document": ("TargetType", "UpdateMethod"),
    "AWS::SSM::Parameter": ("Policies",),
}
"""What a template may say and no reader tells."""

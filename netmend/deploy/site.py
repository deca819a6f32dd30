"""Where Netmend is deployed: one account and Region, and what things are called there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.loaders import create_loader

Clients = Callable[[str], Any]
"""A boto3 client by the name of its service."""


@dataclass(frozen=True)
class Site:
    """caller: ARN of whoever deploys."""

    clients: Clients
    account: str
    region: str
    partition: str
    caller: str

    def __str__(self) -> str:
        return f"{self.account}/{self.region}"

    @property
    def artifacts(self) -> str:
        """The bucket of zip and templates."""
        return f"netmend-artifacts-{self.account}-{self.region}"

    @property
    def evidence(self) -> str:
        """The bucket of the evidence chain."""
        return f"netmend-evidence-{self.account}-{self.region}"

    def url(self, bucket: str, key: str) -> str:
        """The address of an object, as CloudFormation takes it."""
        return f"https://{bucket}.s3.{self.region}.{suffix(self.partition)}/{key}"


def here(clients: Clients) -> Site:
    """The place that the clients are signed in to."""
    sts = clients("sts")
    found = sts.get_caller_identity()
    region = clients("cloudformation").meta.region_name
    return Site(clients, found["Account"], region, sts.meta.partition, found["Arn"])


@cache
def suffix(partition: str) -> str:
    """The domain under which AWS's services of a partition are, from botocore's own table."""
    known = create_loader().load_data("partitions")["partitions"]
    return str(next(p["outputs"]["dnsSuffix"] for p in known if p["id"] == partition))


def read(call: Callable[[], Any], absent: Collection[str]) -> Any:
    """What a call answers; None where AWS says by one of these codes that nothing is there."""
    try:
        return call()
    except ClientError as error:
        if error.response["Error"]["Code"] in absent:
            return None
        raise

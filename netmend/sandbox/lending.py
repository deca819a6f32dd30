"""The services of the sandbox act with new temporary credentials each time, by the same clients.

A client of its own for each would cost more than its one call, and would never be forgotten.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any, Final

import boto3
from botocore.config import Config

from netmend.sandbox import settings

ONCE: Final = Config(retries={"total_max_attempts": 1}, ignore_configured_endpoint_urls=True)


class Lender:
    """One client a service, Region and thread, which signs for whom it is lent to."""

    def __init__(self) -> None:
        self._mine = threading.local()

    def client(self, service: str, region: str, credentials: Mapping[str, str]) -> Any:
        """A client to call once, at once: the next who asks changes its credentials.

        credentials: AccessKeyId, SecretAccessKey, SessionToken as STS gives them.
        """
        pool: dict[tuple[str, str], Any] = self._mine.__dict__.setdefault("pool", {})
        if (service, region) not in pool:
            pool[service, region] = _made(service, region)
        client, signs_with = pool[service, region]
        signs_with.access_key = credentials["AccessKeyId"]
        signs_with.secret_key = credentials["SecretAccessKey"]
        signs_with.token = credentials.get("SessionToken")
        return client


def _made(service: str, region: str) -> tuple[Any, Any]:
    """A client, and the credentials object that it reads for each signature."""
    core = settings.core()
    core.set_credentials("lent", "lent")
    session = boto3.session.Session(botocore_session=core)
    return session.client(service, region_name=region, config=ONCE), core.get_credentials()

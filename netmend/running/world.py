"""How the resources of a service stand, read the moment before a run first changes one of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from netmend.running import kinds
from netmend.running.kinds import Kind
from netmend.running.shapes import Read

if TYPE_CHECKING:
    from netmend.sandbox.api import ApiCall
    from netmend.sandbox.core import Sandbox

HOME: Final = "123456789012"
GLOBAL: Final = frozenset({"cloudfront", "iam", "organizations", "route53", "s3"})
EVERYTHING: Final = frozenset({"cloudformation", "resourcegroupstaggingapi"})
"""Services by which anything may change, also behind the API."""

UNTOLD: Final = (LookupError, TypeError, ValueError, AttributeError)
"""What an answer of another shape than AWS documents may cause."""

Place = tuple[str, str, str]
"""(service, account, Region)."""


class World:
    """Pictures of services, each of an account and Region, taken when first asked for."""

    def __init__(self, sandbox: Sandbox, key: str) -> None:
        self._sandbox = sandbox
        self._key = key
        self._before: dict[Place, kinds.Picture] = {}
        self.unread: list[str] = []

    def remember(self, call: ApiCall) -> None:
        """Take the picture of what this call may change, unless it is taken."""
        services = kinds.SERVICES if call.service in EVERYTHING else {call.service}
        for service in sorted(services):
            region = "us-east-1" if service in GLOBAL else call.region
            place = (service, call.account, region)
            if place not in self._before:
                self._before[place] = {}  # so that what reading causes is no reason to read again
                self._before[place] = self._picture(place)

    def compare(self) -> tuple[kinds.Picture, kinds.Picture]:
        """All pictures as they were, and of the same places now."""
        before: kinds.Picture = {}
        after: kinds.Picture = {}
        for place, picture in self._before.items():
            before |= picture
            after |= self._picture(place)
        return before, after

    def _picture(self, place: Place) -> kinds.Picture:
        service, account, region = place
        if service not in kinds.SERVICES:
            self._note(f"{service}: it is not described before and after; see its calls")
            return {}
        client = self._client(service, account, region)
        read = partial(self._read, client)
        where = region if account == HOME else f"{account} {region}"
        found: kinds.Picture = {}
        for kind in kinds.KINDS[service]:
            try:
                for name, resource in self._resources(kind, read):
                    found[kind.name, name, where] = resource
            except UNTOLD as error:  # the run must not fail of being watched
                self._note(f"{service}: {kind.name}: {type(error).__name__}: {error}")
        return found

    def _resources(self, kind: Kind, read: Read) -> Iterator[tuple[str, dict[str, Any]]]:
        for item in kind.listed(read):
            name = str(item[kind.id] if isinstance(item, dict) else item)
            yield name, kind.shape(item if isinstance(item, dict) else {kind.id: item}, read)

    def _client(self, service: str, account: str, region: str) -> Any:
        keys = {"AccessKeyId": self._key, "SecretAccessKey": self._key}
        if account != HOME:
            arn = f"arn:aws:iam::{account}:role/netmend-run-reader"
            sts = self._sandbox.client("sts", region, keys)
            keys = sts.assume_role(RoleArn=arn, RoleSessionName=self._key)["Credentials"]
        return self._sandbox.client(service, region, keys)

    def _read(self, client: Any, operation: str, **params: Any) -> dict[str, Any]:
        """An answer of all pages; empty where there is nothing, or where it cannot be read."""
        try:
            return _whole(client, operation, params)
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            if not code.startswith(("NoSuch", "NotFound")) and not code.endswith(kinds.ABSENT):
                service = client.meta.service_model.service_name
                self._note(f"{service}: {operation} could not be read: {code}")
        except BotoCoreError as error:
            self._note(f"{operation} could not be read: {error}")
        return {}

    def _note(self, text: str) -> None:
        if text not in self.unread:
            self.unread.append(text)


def _whole(client: Any, operation: str, params: dict[str, Any]) -> dict[str, Any]:
    if client.can_paginate(operation):
        pages = client.get_paginator(operation).paginate(**params)
        return dict(pages.build_full_result())
    answer: dict[str, Any] = getattr(client, operation)(**params)
    return answer

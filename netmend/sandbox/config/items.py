"""A configuration item: one resource's state at one moment, in the shapes that Config gives it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from netmend.sandbox.config.network import Description

VERSION: Final = "1.3"

CHANGES: Final = {"ResourceDiscovered": "CREATE", "OK": "UPDATE", "ResourceDeleted": "DELETE"}
"""What a status says of the change in an oversized notification's summary."""


@dataclass(frozen=True)
class Item:
    """captured: epoch milliseconds, growing for each resource. diff: configurationItemDiff."""

    account: str
    region: str
    resource_type: str
    resource_id: str
    status: str
    captured: int
    state: Description
    diff: dict[str, Any] | None

    @property
    def deleted(self) -> bool:
        """Whether the resource is gone."""
        return self.status == "ResourceDeleted"

    @property
    def time(self) -> datetime:
        """The capture time in UTC."""
        return datetime.fromtimestamp(self.captured / 1000, UTC)

    def notification(self) -> dict[str, Any]:
        """The item as a rule's function and EventBridge get it; all of it stands as objects."""
        return {
            "relatedEvents": [],
            "relationships": self.state.relationships,
            "configuration": None if self.deleted else self.state.configuration,
            "supplementaryConfiguration": {},
            "tags": self.state.tags,
            **self._facts(),
        }

    def summary(self) -> dict[str, Any]:
        """configurationItemSummary, which stands for an item that is too large to send."""
        return {"changeType": CHANGES[self.status], **self._facts()}

    def _facts(self) -> dict[str, Any]:
        return {
            "configurationItemVersion": VERSION,
            "configurationItemCaptureTime": timestamp(self.captured),
            "configurationStateId": self.captured,
            "awsAccountId": self.account,
            "configurationItemStatus": self.status,
            "resourceType": self.resource_type,
            "resourceId": self.resource_id,
            "resourceName": self.state.name,
            "ARN": self.state.arn,
            "awsRegion": self.region,
            "availabilityZone": self.state.zone,
            "configurationStateMd5Hash": "",  # empty in every item since version 1.3
            "resourceCreationTime": None,
        }

    def base(self) -> dict[str, Any]:
        """The item as BatchGetResourceConfig answers: configuration is JSON in a string."""
        named = {"resourceName": self.state.name} if self.state.name else {}
        text = {} if self.deleted else {"configuration": json.dumps(self.state.configuration)}
        return {
            "version": VERSION,
            "accountId": self.account,
            "configurationItemCaptureTime": self.time,
            "configurationItemStatus": self.status,
            "configurationStateId": str(self.captured),
            "arn": self.state.arn,
            "resourceType": self.resource_type,
            "resourceId": self.resource_id,
            **named,
            "awsRegion": self.region,
            "availabilityZone": self.state.zone,
            **text,
            "supplementaryConfiguration": {},
        }

    def history(self) -> dict[str, Any]:
        """The item as GetResourceConfigHistory answers; names differ from the notification's."""
        return {
            **self.base(),
            "configurationItemMD5Hash": "",
            "tags": self.state.tags,
            "relatedEvents": [],
            "relationships": [_relationship(one) for one in self.state.relationships],
        }


def _relationship(one: dict[str, Any]) -> dict[str, str]:
    renamed = {"relationshipName": one["name"], **{k: v for k, v in one.items() if k != "name"}}
    return {key: value for key, value in renamed.items() if value is not None}


def timestamp(milliseconds: int) -> str:
    """ISO 8601 in UTC with milliseconds and a Z, as everything in Config's messages has it."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"

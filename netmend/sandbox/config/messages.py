"""The three messages by which Config tells a rule's function what to evaluate."""

from __future__ import annotations

import json
from typing import Any

from netmend.sandbox.config.items import Item, timestamp
from netmend.sandbox.config.store import CHANGE, OVERSIZED, SCHEDULED

LARGEST = 256 * 1024
"""Bytes of a notification that still goes out whole; SNS's limit, which Config keeps."""


def of_item(item: Item, diff: dict[str, Any] | None, now: int) -> dict[str, Any]:
    """The notification of an item, or of its summary where the item is too large."""
    whole = {
        "configurationItemDiff": diff,
        "configurationItem": item.notification(),
        "notificationCreationTime": timestamp(now),
        "messageType": CHANGE,
        "recordVersion": "1.3",
    }
    return whole if len(text(whole).encode()) <= LARGEST else _oversized(item, now)


def _oversized(item: Item, now: int) -> dict[str, Any]:
    return {
        "configurationItemSummary": item.summary(),
        "s3DeliverySummary": {
            "s3BucketLocation": None,
            "errorCode": None,
            "errorMessage": None,
        },
        "notificationCreationTime": timestamp(now),
        "messageType": OVERSIZED,
        "recordVersion": "1.0",
    }


def of_schedule(account: str, now: int) -> dict[str, Any]:
    """The notification that a rule's period is over; it carries no item."""
    return {
        "awsAccountId": account,
        "notificationCreationTime": timestamp(now),
        "messageType": SCHEDULED,
        "recordVersion": "1.0",
    }


def text(message: dict[str, Any]) -> str:
    """A message as it stands in an event: compact JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":"))

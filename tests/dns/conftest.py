"""A sandbox with Route 53 and a zone in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox import extensions
from netmend.sandbox.core import Sandbox


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(extensions, "MODULES", ("iam", "dns"))
    with Sandbox() as started:
        yield started


class Zone:
    """example.com, with the changes of a test."""

    def __init__(self, sandbox: Sandbox, name: str = "example.com") -> None:
        self.client = sandbox.client("route53")
        made = self.client.create_hosted_zone(Name=name, CallerReference=name)
        self.id = made["HostedZone"]["Id"].rpartition("/")[2]

    def change(self, *changes: tuple[str, dict[str, Any]], comment: str = "why") -> dict[str, Any]:
        wanted = [{"Action": action, "ResourceRecordSet": record} for action, record in changes]
        answer: dict[str, Any] = self.client.change_resource_record_sets(
            HostedZoneId=self.id, ChangeBatch={"Comment": comment, "Changes": wanted}
        )["ChangeInfo"]
        return answer

    def records(self) -> list[dict[str, Any]]:
        pages = self.client.get_paginator("list_resource_record_sets")
        return [
            r for page in pages.paginate(HostedZoneId=self.id) for r in page["ResourceRecordSets"]
        ]

    def names(self) -> list[str]:
        return [f"{r['Type']} {r['Name']}" for r in self.records() if r["Name"] != "example.com."]


@pytest.fixture
def zone(sandbox: Sandbox) -> Zone:
    return Zone(sandbox)


def record(name: str, kind: str = "A", *values: str, **more: Any) -> dict[str, Any]:
    """A record set; values default to one address, and none with an alias."""
    found: dict[str, Any] = {"Name": name, "Type": kind, **more}
    if "AliasTarget" not in more:
        given = values or ("192.0.2.1",)
        found |= {"TTL": more.get("TTL", 300), "ResourceRecords": [{"Value": v} for v in given]}
    return found

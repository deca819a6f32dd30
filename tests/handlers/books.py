"""What every story has to leave behind: one whole chain, each run closed once, no lease held."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any

from netmend.audit.evidence import Head, verify
from rules.netlib.evidence import key
from tests.loop.world import ACCOUNT, BUCKET, REGION, World

WHOLE = (
    ["outcome"],
    ["intent", "outcome"],
    ["question", "outcome"],
    ["question", "intent", "outcome"],
)
"""The records that a run may leave behind, besides refusals."""


class Library(World):
    """A world that looks only at the records that it has not read yet: listing them costs more."""

    def objects(self) -> list[tuple[str, bytes]]:
        s3 = self.client("s3")
        while True:
            name = key(ACCOUNT, REGION, len(self._records) + 1)
            try:
                self._records[name] = s3.get_object(Bucket=BUCKET, Key=name)["Body"].read()
            except s3.exceptions.NoSuchKey:
                return sorted(self._records.items())


def ledger(world: World, pk: str) -> dict[str, Any]:
    """An item of the ledger; empty where there is none."""
    found = world.client("dynamodb").get_item(TableName="netmend-ledger", Key={"pk": {"S": pk}})
    item: dict[str, Any] = found.get("Item", {})
    return item


def lease(world: World, group: str) -> dict[str, Any]:
    return ledger(world, f"lease#{group}")


class BooksAreOpen(AssertionError):
    """A story that did not end well."""


def expect(holds: object, what: object) -> None:
    if not holds:
        raise BooksAreOpen(what)


def check(world: World) -> None:
    """Raises `BooksAreOpen` naming what is not closed, or closed twice."""
    head = ledger(world, "chain")
    number = int(head["number"]["N"])
    found = verify(world.objects(), Head(number, head["hash"]["S"]))
    expect(found.ok, found.problems)
    records = [json.loads(data) for _, data in world.objects()]
    expect(len(records) == number, "the head is not the newest record")
    runs: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if record["kind"] != "refusal":
            runs[record["execution"]].append(record["kind"])
    for execution, kinds in runs.items():
        expect(kinds in WHOLE, (execution, kinds))
    for group in {record["resource"] for record in records}:
        expect(not lease(world, group), f"{group} is still leased")

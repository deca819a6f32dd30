"""Every record finds its number, whoever else writes, and however far the ledger lags behind."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rules.handlers import chain, ledger
from rules.netlib.evidence import GENESIS, key, seal, unseal
from tests.handlers import books
from tests.handlers.faults import PLANNER, Fault, Watch, coded, hooked, start
from tests.loop.world import ACCOUNT, BUCKET, REGION, World, permission

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
OPEN = ("tcp", 22, 22, "0.0.0.0/0")
MENDED = [("intent", "MEND"), ("outcome", "MENDED")]
CONFLICT = coded("ConditionalRequestConflict", 409)

pytestmark = pytest.mark.usefixtures("no_pauses")


def others(world: World, count: int = 1) -> None:
    """Records of other runs, put into the bucket while the ledger knows of none of them."""
    known = world.objects()
    previous = unseal(known[-1][1])["hash"] if known else GENESIS
    for number in range(len(known) + 1, len(known) + 1 + count):
        record = {
            "kind": "refusal",
            "outcome": "OBSERVE",
            "account": ACCOUNT,
            "region": REGION,
            "execution": "00000000-0000-4000-8000-000000000000",
            "resource": "sg-0123456789abcdef0",
        }
        data = seal(record, number, previous)
        previous = unseal(data)["hash"]
        world.client("s3").put_object(
            Bucket=BUCKET, Key=key(ACCOUNT, REGION, number), Body=data, IfNoneMatch="*"
        )


def test_lost_head_is_found_again(world: World) -> None:
    others(world, 3)
    group = world.group(SSH)
    world.settle()
    world.client("dynamodb").delete_item(TableName="netmend-ledger", Key={"pk": {"S": "chain"}})
    assert world.outcomes(group) == MENDED
    other = world.group(SSH)
    world.settle()
    assert world.outcomes(other) == MENDED
    books.check(world)


def test_outcome_that_only_the_bucket_knows_is_not_stored_twice(world: World) -> None:
    """The ledger is lost after Close has stored it: the lease is gone, and Abort knows of none."""
    group = world.group(settle=True)

    def lose() -> None:
        db = world.client("dynamodb")
        for item in db.scan(TableName="netmend-ledger")["Items"]:
            db.delete_item(TableName="netmend-ledger", Key={"pk": item["pk"]})

    lost = Fault("s3:PutObject", lose, when="after", first=2, times=1, role=PLANNER)
    with hooked(world, lost):
        world.open(group, SSH)
        world.settle()
    assert world.outcomes(group) == MENDED
    books.check(world)


@pytest.mark.parametrize("first", [1, 2], ids=["the intent", "the outcome"])
def test_number_that_another_run_took_is_stepped_over(world: World, first: int) -> None:
    group = world.group(settle=True)
    quicker = Fault("s3:PutObject", lambda: others(world), first=first, times=1, role=PLANNER)
    with hooked(world, quicker):
        world.open(group, SSH)
        world.settle()
    assert world.outcomes(group) == MENDED
    books.check(world)


def test_put_that_meets_another_one_is_repeated(world: World) -> None:
    group = world.group(settle=True)
    conflict = Fault("s3:PutObject", CONFLICT, times=3, role=PLANNER)
    with hooked(world, conflict):
        world.open(group, SSH)
        world.settle()
    assert conflict.fired == 3
    assert world.outcomes(group) == MENDED


def test_put_that_always_meets_another_one_changes_nothing(world: World) -> None:
    group, writes = world.group(settle=True), Watch()
    with hooked(world, Fault("s3:PutObject", CONFLICT, role=PLANNER), writes):
        world.open(group, SSH)
        world.settle()
    assert writes.calls == []
    assert world.runs(group)[0]["AutomationExecutionStatus"] == "Failed"
    start(world, group)
    world.settle()
    assert world.outcomes(group) == MENDED


def test_answer_that_was_lost_is_not_stored_twice(world: World) -> None:
    """The put arrived, and its answer did not: botocore puts again and is told 412."""
    group = world.group(settle=True)
    lost = Fault("s3:PutObject", coded("InternalError", 500), when="after", times=2, role=PLANNER)
    with hooked(world, lost):
        world.open(group, SSH)
        world.settle()
    assert lost.fired == 2
    assert world.outcomes(group) == MENDED


def test_head_that_lags_far_behind_the_bucket_catches_up(world: World) -> None:
    group = world.group(settle=True)
    others(world, 60)  # more than one attempt looks at
    world.open(group, SSH)
    world.settle()
    assert world.runs(group)[0]["AutomationExecutionStatus"] == "Failed"
    assert OPEN in world.rules(group)
    start(world, group)
    world.settle()
    assert OPEN not in world.rules(group)
    assert world.outcomes(group) == [("outcome", "FAILED"), *MENDED]
    books.check(world)


def test_record_that_was_altered_in_the_bucket_stops_every_change(world: World) -> None:
    group, writes = world.group(settle=True), Watch()
    s3, number = world.client("s3"), len(world.objects()) + 1
    place = {"Bucket": BUCKET, "Key": key(ACCOUNT, REGION, number)}
    altered = s3.put_object(**place, Body=b'{"schema": "netmend-evidence/1"}', IfNoneMatch="*")
    with hooked(world, writes):
        world.open(group, SSH)
        world.settle()
    assert writes.calls == []
    assert OPEN in world.rules(group)
    assert world.runs(group)[0]["AutomationExecutionStatus"] == "Failed"
    s3.delete_object(**place, VersionId=altered["VersionId"], BypassGovernanceRetention=True)
    start(world, group)
    world.settle()
    assert world.outcomes(group) == MENDED


class Shelf:
    """A bucket in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_object(self, Key: str, Body: bytes, **_: str) -> None:
        if Key in self.objects:
            raise ClientError({"Error": {"Code": chain.TAKEN, "Message": ""}}, "PutObject")
        self.objects[Key] = Body

    def get_object(self, Key: str, **_: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[Key])}


def test_outcome_that_was_stepped_over_is_found_beyond_a_hint(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shelf = Shelf()
    monkeypatch.setattr(chain, "client", lambda _: shelf)
    monkeypatch.setenv("NETMEND_EVIDENCE_BUCKET", BUCKET)
    place = {"account": ACCOUNT, "region": REGION, "control": "CONTROL"}
    mine, other = ({**place, "resource": one, "execution": one} for one in ("sg-1", "sg-2"))
    outcome = {**mine, "kind": "outcome"}
    written: list[dict[str, Any]] = []
    for record in ({**mine, "kind": "intent"}, {**other, "kind": "refusal"}, outcome):
        head = (len(written), written[-1]["hash"] if written else GENESIS)
        shelf.put_object(key(ACCOUNT, REGION, head[0] + 1), seal(record, head[0] + 1, head[1]))
        written.append(chain.fetch(ACCOUNT, REGION, head[0] + 1))
    held = ledger.Lease("sg-1", "sg-1", "CONTROL", "LEASED", "digest", "after", 1, 3)
    monkeypatch.setattr(ledger, "head", lambda: (3, written[-1]["hash"]))
    monkeypatch.setattr(ledger, "lease", lambda _: held)
    assert chain.append(outcome, 0, written[0]) == written[2]
    assert len(shelf.objects) == 3


class Table:
    """Answers transactions with the errors that it was given, then with success."""

    def __init__(self, *errors: list[str]) -> None:
        self.errors = list(errors)
        self.items: list[int] = []

    def transact_write_items(self, TransactItems: list[Any]) -> None:
        self.items.append(len(TransactItems))
        if self.errors:
            codes = self.errors.pop(0)
            answer: Any = {
                "Error": {"Code": "TransactionCanceledException", "Message": ""},
                "CancellationReasons": [{"Code": code} for code in codes],
            }
            raise ClientError(answer, "TransactWriteItems")


UNMET, CONFLICTED = "ConditionalCheckFailed", "TransactionConflict"
TRANSACTIONS = [
    pytest.param([], [3], True, id="nobody else is there"),
    pytest.param([["None", "None", CONFLICTED]] * 4, [3] * 5, True, id="others move the head"),
    pytest.param([["None", "None", CONFLICTED]] * 5, [3] * 5, False, id="others move it for long"),
    pytest.param([["None", "None", UNMET]], [3, 2], True, id="the head is further already"),
    pytest.param(
        [["None", "None", CONFLICTED], ["None", "None", UNMET], [CONFLICTED, "None"]],
        [3, 3, 2, 2],
        True,
        id="one after the other",
    ),
    pytest.param([["None", UNMET, "None"]], [3], False, id="the lease is another run's"),
    pytest.param([["None", UNMET, UNMET]], [3], False, id="the lease and the head"),
    pytest.param([["ThrottlingError", "None", "None"]], [3], False, id="throttled"),
    pytest.param([[]], [3], False, id="no reasons given"),
]


@pytest.mark.parametrize(("errors", "items", "succeeds"), TRANSACTIONS)
def test_transaction_is_repeated_where_that_may_help(
    errors: list[list[str]], items: list[int], succeeds: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Table(*errors)
    monkeypatch.setattr(ledger, "client", lambda _: table)
    monkeypatch.setenv("NETMEND_LEDGER", "netmend-ledger")
    held = ledger.Lease("sg-1", "run", "CONTROL", "LEASED", "digest", "after", 7)
    stored = {
        "kind": "outcome",
        "number": 8,
        "hash": "h",
        "resource": "sg-1",
        "control": "CONTROL",
        "execution": "run",
        "outcome": "MENDED",
    }
    end: Callable[[], None] = lambda: ledger.record_end(held, stored)  # noqa: E731
    if succeeds:
        end()
    else:
        with pytest.raises(ClientError):
            end()
    assert table.items == items

"""The ledger holds who may change a resource now, and what became of it last."""

import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from rules.handlers.clients import client
from rules.netlib import clock

WAITING_LIMIT: Final = 20
ANSWER_TIME: Final = timedelta(hours=24)
"""How long the Approve step of a runbook waits."""

CHAIN: Final = {"pk": {"S": "chain"}}
UNMET: Final = "ConditionalCheckFailedException"
PAUSES: Final = (0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts of a transaction that met another one."""


class TakenError(RuntimeError):
    """Another execution holds the lease; `lease` is what the ledger says of it."""

    def __init__(self, lease: "Lease") -> None:
        super().__init__(f"{lease.resource} is held by execution {lease.owner}")
        self.lease = lease


@dataclass(frozen=True)
class Lease:
    """The right to change one resource; state LEASED, or WAITING for a person's answer.

    digest: of the plan. after: hash of the image that the plan leaves. record and outcome: numbers
    of the evidence records (intent or question, and outcome) of the run, 0 before they are noted.
    """

    resource: str
    owner: str
    control: str
    state: str
    digest: str
    after: str
    record: int = 0
    outcome: int = 0

    @classmethod
    def of(cls, resource: str, item: Mapping[str, Any]) -> "Lease":
        text = {name: value.get("S", "") for name, value in item.items()}
        return cls(
            resource,
            text["owner"],
            text["control"],
            text["state"],
            text["digest"],
            text["after"],
            int(item["record"]["N"]),
            int(item["outcome"]["N"]) if "outcome" in item else 0,
        )


def _table() -> str:
    return os.environ["NETMEND_LEDGER"]


def _lease_key(resource: str) -> dict[str, Any]:
    return {"pk": {"S": f"lease#{resource}"}}


def _control_key(control: str, resource: str) -> dict[str, Any]:
    return {"pk": {"S": f"control#{control}#{resource}"}}


def _text(**values: str) -> dict[str, Any]:
    return {f":{name}": {"S": value} for name, value in values.items()}


def claim(wanted: Lease) -> Lease:
    """Take the lease for `wanted.owner`; returns it as it stands then. Raises `TakenError`.

    The owner may claim again (a step that is retried, a waiting run that goes on): what was noted
    of its records stays.
    """
    item = {name: {"S": value} for name, value in _claimed(wanted).items()}
    try:
        client("dynamodb").put_item(
            TableName=_table(),
            Item={**_lease_key(wanted.resource), **item, "record": {"N": "0"}},
            ConditionExpression="attribute_not_exists(pk)",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != UNMET:
            raise
        return _claim_again(wanted)
    return wanted


def _claimed(wanted: Lease) -> dict[str, str]:
    return {
        "owner": wanted.owner,
        "control": wanted.control,
        "state": wanted.state,
        "digest": wanted.digest,
        "after": wanted.after,
        "since": clock.now().isoformat(),
    }


def _claim_again(wanted: Lease) -> Lease:
    values = _claimed(wanted)
    assigned = [*(f"#{n} = :{n}" for n in values), "#record = if_not_exists(#record, :none)"]
    try:
        answer = client("dynamodb").update_item(
            TableName=_table(),
            Key=_lease_key(wanted.resource),
            UpdateExpression=f"SET {', '.join(assigned)}",
            ConditionExpression="attribute_not_exists(pk) OR #owner = :owner",
            # Many plain words are reserved in expressions, so every name is a placeholder.
            ExpressionAttributeNames={f"#{name}": name for name in (*values, "record")},
            ExpressionAttributeValues={**_text(**values), ":none": {"N": "0"}},
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != UNMET:
            raise
        item = error.response.get("Item") or _item(_lease_key(wanted.resource))
        raise TakenError(Lease.of(wanted.resource, item)) from None
    return Lease.of(wanted.resource, answer["Attributes"])


def _item(key: Mapping[str, Any]) -> dict[str, Any]:
    answer = client("dynamodb").get_item(TableName=_table(), Key=key, ConsistentRead=True)
    item: dict[str, Any] = answer.get("Item", {})
    return item


def lease(resource: str) -> Lease | None:
    """Who holds the resource now, if anybody."""
    item = _item(_lease_key(resource))
    return Lease.of(resource, item) if item else None


def waiting(asker: str) -> int:
    """How many questions of this Region, but for the asker's own, still wait for a person."""
    oldest = clock.now() - ANSWER_TIME  # the run of an older one has ended, and left it behind
    pages = (
        client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=_table(),
            FilterExpression="#state = :waiting AND begins_with(pk, :lease) AND #owner <> :asker"
            " AND #since > :oldest",
            ExpressionAttributeNames={"#state": "state", "#owner": "owner", "#since": "since"},
            ExpressionAttributeValues=_text(
                waiting="WAITING", lease="lease#", asker=asker, oldest=oldest.isoformat()
            ),
            Select="COUNT",
        )
    )
    return sum(page["Count"] for page in pages)


def head() -> tuple[int, str]:
    """(number, hash) of the newest evidence record that the ledger knows of; (0, '') if none."""
    item = _item(CHAIN)
    return (int(item["number"]["N"]), item["hash"]["S"]) if item else (0, "")


def last(control: str, resource: str) -> dict[str, str]:
    """What became of this resource last: `state`, and of a refusal its hash, of a run its id.

    Keys: state, since, evidence (number of the record), and `refusal` (hash of what was refused) or
    `execution` (whose outcome it was). Empty when nothing became of it yet.
    """
    item = _item(_control_key(control, resource))
    return {name: text for name, value in item.items() for text in value.values()}


def note(stored: Mapping[str, Any]) -> None:
    """Note an evidence record on the lease of its run, if that run still holds one.

    A run does so itself by `record_begin` and `record_end`; it may have died before it could.
    """
    if stored["kind"] == "refusal":
        return
    name = "outcome" if stored["kind"] == "outcome" else "record"
    _update_unless_unmet(_noting(stored, name, str(stored["execution"])))


def _noting(stored: Mapping[str, Any], name: str, owner: str) -> dict[str, Any]:
    return {
        "TableName": _table(),
        "Key": _lease_key(str(stored["resource"])),
        "UpdateExpression": "SET #name = :number",
        "ConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner", "#name": name},
        "ExpressionAttributeValues": {
            ":number": {"N": str(stored["number"])},
            **_text(owner=owner),
        },
    }


def record_begin(held: Lease, stored: Mapping[str, Any]) -> None:
    """The intent or question is durable: note it on the lease and move the chain's head."""
    _with_head(stored, [{"Update": _noting(stored, "record", held.owner)}])


def record_end(held: Lease | None, stored: Mapping[str, Any], refused: str = "") -> None:
    """A decision or a mend is over: the control's state, the lease's end and the chain's head."""
    told = {"refusal": refused} if refused else {"execution": str(stored["execution"])}
    state = {"state": str(stored["outcome"]), "since": clock.now().isoformat(), **told}
    item = {
        **_control_key(str(stored["control"]), str(stored["resource"])),
        **{name: {"S": value} for name, value in state.items()},
        "evidence": {"N": str(stored["number"])},
    }
    changes: list[dict[str, Any]] = [{"Put": {"TableName": _table(), "Item": item}}]
    if held is not None:
        changes.append({"Delete": _ending(held)})
    _with_head(stored, changes)


def release(held: Lease) -> None:
    """Give the lease back when nothing was recorded under it."""
    client("dynamodb").delete_item(**_ending(held))


def _ending(held: Lease) -> dict[str, Any]:
    return {
        "TableName": _table(),
        "Key": _lease_key(held.resource),
        "ConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner"},
        "ExpressionAttributeValues": _text(owner=held.owner),
    }


def move_head(number: int, digest: str) -> None:
    """The chain is known to reach that far; a head that is further already stays."""
    _update_unless_unmet(_moving(number, digest))


def _moving(number: int, digest: str) -> dict[str, Any]:
    return {
        "TableName": _table(),
        "Key": CHAIN,
        "UpdateExpression": "SET #number = :number, #hash = :hash",
        "ConditionExpression": "attribute_not_exists(pk) OR #number < :number",
        "ExpressionAttributeNames": {"#number": "number", "#hash": "hash"},
        "ExpressionAttributeValues": {":number": {"N": str(number)}, **_text(hash=digest)},
    }


def _update_unless_unmet(update: dict[str, Any]) -> None:
    try:
        client("dynamodb").update_item(**update)
    except ClientError as error:
        if error.response["Error"]["Code"] != UNMET:
            raise


def _with_head(stored: Mapping[str, Any], changes: list[dict[str, Any]]) -> None:
    move = {"Update": _moving(int(stored["number"]), str(stored["hash"]))}
    try:
        _transact([*changes, move])
    except ClientError as error:
        if _reasons(error) != {len(changes): "ConditionalCheckFailed"}:
            raise
        # Another run has already moved the head past our record: ours is below it in the chain.
        _transact(changes)


def _transact(items: list[dict[str, Any]]) -> None:
    """All or nothing. Every run moves the one head, and DynamoDB lets no two do so at a time."""
    for pause in PAUSES:
        try:
            client("dynamodb").transact_write_items(TransactItems=items)
        except ClientError as error:
            if "TransactionConflict" not in _reasons(error).values():
                raise
        else:
            return
        time.sleep(pause + secrets.randbelow(100) / 1000)
    client("dynamodb").transact_write_items(TransactItems=items)


def _reasons(error: ClientError) -> dict[int, str]:
    """Why a transaction was cancelled, by the number of the item."""
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])
    codes = {number: str(reason.get("Code") or "None") for number, reason in enumerate(reasons)}
    return {number: code for number, code in codes.items() if code != "None"}

"""The ledger holds who may change a resource now, and what became of it last."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from rules.handlers.clients import client
from rules.netlib import clock

WAITING_LIMIT: Final = 20
CHAIN: Final = {"pk": {"S": "chain"}}


class TakenError(RuntimeError):
    """Another execution holds the lease; `lease` is what the ledger says of it."""

    def __init__(self, lease: "Lease") -> None:
        super().__init__(f"{lease.resource} is held by execution {lease.owner}")
        self.lease = lease


@dataclass(frozen=True)
class Lease:
    """The right to change one resource; state LEASED, or WAITING for a person's answer.

    digest: of the plan. after: hash of the image that the plan leaves. record: number of the
    evidence record (intent or question) written under the lease, 0 before that.
    """

    resource: str
    owner: str
    control: str
    state: str
    digest: str
    after: str
    record: int = 0

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
        )


def _table() -> str:
    return os.environ["NETMEND_LEDGER"]


def _lease_key(resource: str) -> dict[str, Any]:
    return {"pk": {"S": f"lease#{resource}"}}


def _control_key(control: str, resource: str) -> dict[str, Any]:
    return {"pk": {"S": f"control#{control}#{resource}"}}


def _text(**values: str) -> dict[str, Any]:
    return {f":{name}": {"S": value} for name, value in values.items()}


def claim(lease: Lease, *, instead_of: str = "") -> None:
    """Take the lease for `lease.owner`, or from the dead `instead_of`; raises `TakenError`.

    The owner may claim again: a step that is retried, and a waiting run that goes on.
    """
    values = {
        "owner": lease.owner,
        "control": lease.control,
        "state": lease.state,
        "digest": lease.digest,
        "after": lease.after,
        "since": clock.now().isoformat(),
    }
    try:
        client("dynamodb").update_item(
            TableName=_table(),
            Key=_lease_key(lease.resource),
            UpdateExpression=f"SET {', '.join(f'#{n} = :{n}' for n in (*values, 'record'))}",
            ConditionExpression="attribute_not_exists(pk) OR #owner IN (:owner, :dead)",
            # Many plain words are reserved in expressions, so every name is a placeholder.
            ExpressionAttributeNames={f"#{name}": name for name in (*values, "record")},
            ExpressionAttributeValues={
                **_text(**values, dead=instead_of or lease.owner),
                ":record": {"N": str(lease.record)},
            },
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        item = error.response.get("Item") or _item(_lease_key(lease.resource))
        raise TakenError(Lease.of(lease.resource, item)) from None


def _item(key: Mapping[str, Any]) -> dict[str, Any]:
    answer = client("dynamodb").get_item(TableName=_table(), Key=key, ConsistentRead=True)
    item: dict[str, Any] = answer.get("Item", {})
    return item


def lease(resource: str) -> Lease | None:
    """Who holds the resource now, if anybody."""
    item = _item(_lease_key(resource))
    return Lease.of(resource, item) if item else None


def waiting() -> int:
    """How many questions of this Region wait for a person."""
    pages = (
        client("dynamodb")
        .get_paginator("scan")
        .paginate(
            TableName=_table(),
            FilterExpression="#state = :waiting AND begins_with(pk, :lease)",
            ExpressionAttributeNames={"#state": "state"},
            ExpressionAttributeValues=_text(waiting="WAITING", lease="lease#"),
            Select="COUNT",
        )
    )
    return sum(page["Count"] for page in pages)


def head() -> tuple[int, str]:
    """(number, hash) of the newest evidence record that the ledger knows of; (0, '') if none."""
    item = _item(CHAIN)
    return (int(item["number"]["N"]), item["hash"]["S"]) if item else (0, "")


def refusal(control: str, resource: str) -> str:
    """What was refused last for this resource, as one hash; empty when nothing was."""
    found: str = _item(_control_key(control, resource)).get("refusal", {}).get("S", "")
    return found


def record_begin(held: Lease, number: int, digest: str) -> None:
    """The intent or question is durable: note it on the lease and move the chain's head."""
    note = {
        "TableName": _table(),
        "Key": _lease_key(held.resource),
        "UpdateExpression": "SET #record = :number",
        "ConditionExpression": "#owner = :owner",
        "ExpressionAttributeNames": {"#owner": "owner", "#record": "record"},
        "ExpressionAttributeValues": {":number": {"N": str(number)}, **_text(owner=held.owner)},
    }
    _with_head(number, digest, [{"Update": note}])


def record_end(  # one item each: the lease, the control's state, the head
    held: Lease | None,
    control: str,
    resource: str,
    state: str,
    number: int,
    digest: str,
    refused: str = "",
) -> None:
    """A decision or a mend is over: the control's state, the lease's end and the chain's head."""
    changes: list[dict[str, Any]] = [
        {
            "Put": {
                "TableName": _table(),
                "Item": {
                    **_control_key(control, resource),
                    "state": {"S": state},
                    "since": {"S": clock.now().isoformat()},
                    "evidence": {"N": str(number)},
                    **({"refusal": {"S": refused}} if refused else {}),
                },
            }
        }
    ]
    if held is not None:
        changes.append(
            {
                "Delete": {
                    "TableName": _table(),
                    "Key": _lease_key(resource),
                    "ConditionExpression": "#owner = :owner",
                    "ExpressionAttributeNames": {"#owner": "owner"},
                    "ExpressionAttributeValues": _text(owner=held.owner),
                }
            }
        )
    _with_head(number, digest, changes)


def release(held: Lease) -> None:
    """Give the lease back when nothing was recorded under it."""
    client("dynamodb").delete_item(
        TableName=_table(),
        Key=_lease_key(held.resource),
        ConditionExpression="#owner = :owner",
        ExpressionAttributeNames={"#owner": "owner"},
        ExpressionAttributeValues=_text(owner=held.owner),
    )


def _with_head(number: int, digest: str, changes: list[dict[str, Any]]) -> None:
    move = {
        "Update": {
            "TableName": _table(),
            "Key": CHAIN,
            "UpdateExpression": "SET #number = :number, #hash = :hash",
            "ConditionExpression": "attribute_not_exists(pk) OR #number < :number",
            "ExpressionAttributeNames": {"#number": "number", "#hash": "hash"},
            "ExpressionAttributeValues": {":number": {"N": str(number)}, **_text(hash=digest)},
        }
    }
    try:
        client("dynamodb").transact_write_items(TransactItems=[*changes, move])
    except ClientError as error:
        if not _only_last_failed(error, len(changes)):
            raise
        # Another run has already moved the head past our record: ours is below it in the chain.
        client("dynamodb").transact_write_items(TransactItems=changes)


def _only_last_failed(error: ClientError, last: int) -> bool:
    reasons: list[dict[str, Any]] = error.response.get("CancellationReasons", [])
    failed = [n for n, reason in enumerate(reasons) if reason.get("Code") not in (None, "None")]
    return failed == [last] and reasons[last]["Code"] == "ConditionalCheckFailed"

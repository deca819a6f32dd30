"""PartiQL: moto's parser gives up, with no error of AWS's, at what is no statement at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from netmend.sandbox.api import ApiCall, ApiError, guard

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

VERBS: Final = ("select", "insert", "update", "delete")


@guard("dynamodb", "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction")
def no_statement(sandbox: Sandbox, call: ApiCall) -> None:
    """A statement begins with one of four words."""
    for text in _statements(call):
        if not text.lower().startswith(VERBS):
            message = "Statement wasn't well formed, can't be processed: Unexpected keyword"
            raise ApiError("ValidationException", message)


def _statements(call: ApiCall) -> Iterator[str]:
    several = call.params.get("Statements") or call.params.get("TransactStatements") or []
    for one in [call.params, *several]:
        if "Statement" in one:
            yield one["Statement"]

"""A stack becomes what its template says by a change set, from whatever an earlier run has left."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from botocore.exceptions import ClientError

from netmend.deploy import standing as states
from netmend.deploy.standing import DONE, OURS, UNMADE, StackError, Standing, first_failure, late
from netmend.deploy.writes import Tell, Write, carry_out, nothing, silent
from netmend.errors import DRIFT, UserError

UNCHANGED: Final = ("didn't contain changes", "No updates are to be performed")
EARLY: Final = "AWS::EarlyValidation::"
"""In the reason of a change set whose own reasons are among the events alone."""

REFUSALS: Final = (
    "AlreadyExistsException",
    "InsufficientCapabilitiesException",
    "LimitExceededException",
    "TokenAlreadyExistsException",
    "ValidationError",
)
"""What CloudFormation says of a request; other errors are of who asked, or when."""


KINDS: Final = ("create", "update", "replace", "maybe replace", "remove", "import")
HARSH: Final = ("replace", "maybe replace", "remove")
"""Changes after which something that stood does not stand any more."""

Confirm = Callable[[str], bool]


def agreed(_: str) -> bool:
    """Asks nobody."""
    return True


class DeclinedError(UserError):
    """Somebody has seen what a change set takes away, and does not want it."""

    exit_code = DRIFT


@dataclass
class Change:
    """What a stack is to become. source: TemplateBody or TemplateURL; values: parameters given.

    Parameters that are not given keep what they have, or take the template's default. cleared:
    looks whether what was planned still holds when a stack that was never complete has gone.
    """

    client: Any
    standing: Standing
    source: Mapping[str, str]
    declared: Iterable[str]
    values: Mapping[str, str]
    capabilities: Sequence[str] = ()
    tell: Tell = silent
    confirm: Confirm = agreed
    cleared: Callable[[], None] = nothing
    _empty: bool = False

    def writes(self) -> Iterator[Write]:
        """The calls that make it so, in order."""
        name = self.standing.name
        made = {"StackName": name, "ChangeSetName": f"{OURS}{uuid.uuid4().hex[:16]}"}
        yield from leftovers(self.client, self.standing)
        if self.standing.status in UNMADE:
            yield deletion(self.client, name, f"it is {self.standing.status}", self.cleared)
        yield Write(
            self.client,
            "create_change_set",
            name,
            self._request(made),
            "shows what will change, and changes nothing",
            after=lambda: self._inspect(made),
            translate=self._refused,
        )
        yield Write(
            self.client,
            "execute_change_set",
            name,
            made,
            "changes it, and waits for its end",
            after=self._wait,
            skip=lambda: self._empty,
            translate=self._refused,
        )

    def _request(self, made: Mapping[str, str]) -> dict[str, Any]:
        kept = self.standing.parameters if self.standing.alive else {}
        parameters: list[dict[str, Any]] = []
        for name in {**dict.fromkeys(self.declared), **dict.fromkeys(self.values)}:
            if name in self.values:
                parameters.append({"ParameterKey": name, "ParameterValue": self.values[name]})
            elif name in kept:
                parameters.append({"ParameterKey": name, "UsePreviousValue": True})
        return {
            **made,
            **self.source,
            "ChangeSetType": "UPDATE" if self.standing.alive else "CREATE",
            "Parameters": parameters,
            "Capabilities": list(self.capabilities),
        }

    def _inspect(self, made: Mapping[str, str]) -> None:
        pages = self._planned(made)
        reason = pages[0].get("StatusReason", "")
        if pages[0]["Status"] == "FAILED":
            if not any(words in reason for words in UNCHANGED):
                why = _found_early(self.client, pages[0]) or reason
                raise StackError(f"stack {self.standing.name}: {why}")
            self._empty = True
            carry_out([discard(self.client, made, "no change")], self.tell)
        kinds = counted(change for page in pages for change in page.get("Changes", ()))
        self.tell(f"  {self.standing.name}: {told(kinds)}")
        harsh = any(kinds[kind] for kind in HARSH)
        if harsh and not self.confirm(f"go on with {self.standing.name}"):
            carry_out([discard(self.client, made, "declined")], self.tell)
            raise DeclinedError(f"stack {self.standing.name} was left as it is")

    def _planned(self, made: Mapping[str, str]) -> list[dict[str, Any]]:
        for _ in range(states.PATIENCE):
            pages = list(self.client.get_paginator("describe_change_set").paginate(**made))
            if pages[0]["Status"] in ("CREATE_COMPLETE", "FAILED"):
                return pages
            time.sleep(states.PAUSE)
        raise late(self.standing.name, pages[0]["Status"])

    def _wait(self) -> None:
        status = states.settled(self.client, self.standing.name, review=True)
        if status not in DONE:
            why = first_failure(self.client, self.standing.name) or f"it is {status}"
            raise StackError(f"stack {self.standing.name}: {why}")

    def _refused(self, error: ClientError) -> Exception:
        said = error.response["Error"]
        if said["Code"] not in REFUSALS:
            return cast("Exception", error)
        return StackError(f"stack {self.standing.name}: {said['Message']}")


def _found_early(client: Any, planned: Mapping[str, Any]) -> str:
    """What CloudFormation's look beforehand has found, such as a name that is taken."""
    if EARLY not in planned.get("StatusReason", ""):
        return ""
    asked = {"ChangeSetName": planned["ChangeSetId"], "Filters": {"FailedEvents": True}}
    try:
        events = client.describe_events(**asked).get("OperationEvents", ())
    except ClientError:  # who may not read them still reads the reason
        return ""
    return "; ".join(
        f"{event.get('LogicalResourceId')} ({event.get('ResourceType')}): "
        f"{event['ValidationStatusReason']}"
        for event in events
        if event.get("ValidationStatusReason")
    )


def leftovers(client: Any, standing: Standing) -> Iterator[Write]:
    """The calls that clear what interrupted runs have planned and not carried out."""
    for name in standing.left:
        made = {"StackName": standing.name, "ChangeSetName": name}
        yield discard(client, made, "left over")


def discard(client: Any, made: Mapping[str, str], why: str) -> Write:
    """The call that deletes a change set."""
    return Write(client, "delete_change_set", made["StackName"], made, why)


def counted(changes: Iterable[Mapping[str, Any]]) -> Counter[str]:
    """How many resources a change set creates, updates, replaces and removes."""
    return Counter(_kind(change["ResourceChange"]) for change in changes)


def told(kinds: Counter[str]) -> str:
    """The counts in words."""
    return ", ".join(f"{kinds[k]} to {k}" for k in KINDS if kinds[k]) or "nothing changes"


def _kind(change: Mapping[str, Any]) -> str:
    if change["Action"] == "Modify":
        return {"True": "replace", "Conditional": "maybe replace"}.get(
            change.get("Replacement", "False"), "update"
        )
    return {"Add": "create", "Remove": "remove", "Import": "import"}.get(change["Action"], "update")


def deletion(client: Any, name: str, why: str = "", then: Callable[[], None] = nothing) -> Write:
    """The call that deletes a stack, and waits until it is gone; then: what follows."""

    def wait() -> None:
        status = states.settled(client, name, review=True)
        if status:
            reason = first_failure(client, name) or f"it is {status}"
            raise StackError(
                f"stack {name} was not deleted: {reason}", "mend that and run it again"
            )
        then()

    return Write(client, "delete_stack", name, {"StackName": name}, why, after=wait)

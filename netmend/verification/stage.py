"""What the checks do in an account goes through here: each write is told before it is made.

All of it carries one tag, is removed at the end, and is found by that tag at the next start where
an earlier run could not remove it.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count, takewhile
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from netmend.verification import runs
from netmend.verification.errors import CouldNotError
from netmend.verification.place import RUNBOOK, Clients, Place
from netmend.verification.runs import Run
from rules.netlib import clock
from rules.netlib.evidence import key, stamp
from rules.netlib.verified import SCRATCH, SCRATCH_SCHEMA, SCRATCH_TAG

GRANTED: Final = timedelta(minutes=50)
"""Below the longest grant, so that a clock that runs ahead of Lambda's does not void it."""

SHORTEST, LONGEST, GROWTH = 0.1, 10.0, 1.5
TOLD_EACH: Final = 20.0
SKEW: Final = timedelta(minutes=5)
GONE: Final = ("InvalidGroup.NotFound", "ParameterNotFound")
NAMED: Final = "netmend-scratch-"
DESCRIPTION: Final = "Made and removed by netmend verify --live"
AT_WORK: Final = ("Pending", "InProgress", "Waiting", "Cancelling")
RECORDS: Final = 50
"""How far below the head of the evidence chain the records of a run are looked for."""

Say = Callable[[str], None]


class Stage:
    """One go at the checks; timeout: seconds that each wait may last."""

    def __init__(self, clients: Clients, place: Place, timeout: float, say: Say) -> None:
        self.clients, self.place, self.timeout, self.say = clients, place, timeout, say
        self.began = datetime.now(UTC)
        self.known: dict[str, Any] = {}  # what checks have in common, made by the first of them
        self._groups: list[str] = []
        self._left: list[str] = []
        self._seen: dict[str, str] = {}
        self._records: dict[int, dict[str, Any]] = {}

    def write(self, service: str, call: str, **params: Any) -> Any:
        """Tell of a call that changes something, and make it."""
        client = self.clients(service)
        shown = " ".join(f"{name}={_short(value)}" for name, value in params.items())
        self.say(f"    {service} {client.meta.method_to_api_mapping[call]} {shown}")
        return getattr(client, call)(**params)

    def group(self, *permissions: Mapping[str, Any], tags: Mapping[str, str] | None = None) -> str:
        """A new scratch group without an interface, with these ingress permissions."""
        name = f"{NAMED}{secrets.token_hex(4)}"
        marks = {SCRATCH_TAG: stamp(self.began), "Application": "netmend", "Name": name}
        made: str = self.write(
            "ec2",
            "create_security_group",
            GroupName=name,
            Description=DESCRIPTION,
            VpcId=self.place.vpc,
            TagSpecifications=[{"ResourceType": "security-group", "Tags": _tags(marks)}],
        )["GroupId"]
        self._groups.append(made)
        self.clients("ec2").get_waiter("security_group_exists").wait(GroupIds=[made])
        for permission in permissions:
            self.open(made, permission, tags)
        return made

    def open(
        self, group: str, permission: Mapping[str, Any], tags: Mapping[str, str] | None = None
    ) -> None:
        """Authorise one permission; tags: of the rule."""
        marked = {"ResourceType": "security-group-rule", "Tags": _tags(tags or {})}
        self.write(
            "ec2",
            "authorize_security_group_ingress",
            GroupId=group,
            IpPermissions=[permission],
            **({"TagSpecifications": [marked]} if tags else {}),
        )

    @contextmanager
    def granted(self, group: str, mode: str) -> Iterator[None]:
        """Let runs for this group alone act as in that mode, until the block ends."""
        grant = {
            "schema": SCRATCH_SCHEMA,
            "account": self.place.account,
            "region": self.place.region,
            "group": group,
            "mode": mode,
            "until": stamp(clock.now() + GRANTED),
        }
        put = {"Name": SCRATCH, "Value": json.dumps(grant), "Type": "String", "Overwrite": True}
        try:
            self.write("ssm", "put_parameter", **put)
            yield
        finally:
            self._left += self.withdraw()

    def start(self, group: str, rule: str = "", approvers: tuple[str, ...] = ()) -> str:
        """Start the runbook for the group as EventBridge would; returns the execution's id."""
        given = {
            "ResourceId": [group],
            "ConfigRuleName": [rule or self.place.rule],
            "AutomationAssumeRole": [self.place.runbook_role],
            **({"Approvers": list(approvers)} if approvers else {}),
        }
        answer = self.write(
            "ssm", "start_automation_execution", DocumentName=RUNBOOK, Parameters=given
        )
        return str(answer["AutomationExecutionId"])

    def run(self, execution: str) -> Run:
        """The run as it stands."""
        found = self.clients("ssm").get_automation_execution(AutomationExecutionId=execution)
        return runs.of(found["AutomationExecution"])

    def settled(self, execution: str) -> Run:
        """The run once it has ended or asks a person; as it stands, where it does neither."""
        found = self.run(execution)
        for _ in self.times(f"run {execution}"):
            if found.ended or found.status == runs.WAITING:
                break
            found = self.run(execution)
        return found

    def runs(self, group: str) -> list[Run]:
        """All runs for a scratch group."""
        pages = self.clients("ssm").get_paginator("describe_automation_executions")
        asked = {"Filters": [{"Key": "DocumentNamePrefix", "Values": [RUNBOOK]}]}
        for page in pages.paginate(**asked):
            heads = page["AutomationExecutionMetadataList"]
            recent = [h for h in heads if h["ExecutionStartTime"] > self.began - SKEW]
            for execution in (head["AutomationExecutionId"] for head in recent):
                if execution not in self._seen:
                    self._seen[execution] = self.run(execution).group
            if not recent:  # the newest come first
                break
        return [self.run(execution) for execution, of in self._seen.items() if of == group]

    def times(self, what: str, first: float = SHORTEST, growth: float = GROWTH) -> Iterator[None]:
        """Goes round ever more slowly until the time is up; tells now and then that it waits."""
        began = told = time.monotonic()
        pause = first
        while (now := time.monotonic()) - began < self.timeout:
            if now - told > TOLD_EACH:
                self.say(f"    waiting for {what}: {now - began:.0f} s")
                told = now
            yield
            time.sleep(min(pause, max(0.0, self.timeout - (now - began))))
            pause = min(pause * growth, LONGEST)

    def records(self, execution: str) -> list[dict[str, Any]]:
        """The evidence of a run, newest first; the bucket may be ahead of the ledger's head."""
        head = self.clients("dynamodb").get_item(
            TableName="netmend-ledger", Key={"pk": {"S": "chain"}}
        )
        last = int(head["Item"]["number"]["N"]) if "Item" in head else 0
        newer = takewhile(bool, map(self._record, count(last + 1)))
        older = map(self._record, range(last, max(last - RECORDS, 0), -1))
        return [r for r in (*reversed(list(newer)), *older) if r.get("execution") == execution]

    def _record(self, number: int) -> dict[str, Any]:
        if number not in self._records:
            s3 = self.clients("s3")
            name = key(self.place.account, self.place.region, number)
            try:
                body = s3.get_object(Bucket=self.place.bucket, Key=name)["Body"].read()
            except s3.exceptions.NoSuchKey:
                return {}
            self._records[number] = json.loads(body)
        return self._records[number]

    def clean(self) -> list[str]:
        """Remove all that was made; returns what could not be removed, and why."""
        left = self._left + [line for group in self._groups for line in self.remove(group)]
        self._groups, self._left = [], []
        return left

    def withdraw(self) -> list[str]:
        """Delete the grant; as `clean`."""
        return self.tried(SCRATCH, self._ungrant)

    def remove(self, group: str) -> list[str]:
        """End the runs for the group and delete it."""
        left = self.tried(f"runs for {group}", self._end_runs, group)
        return left + self.tried(group, self._delete, group)

    def stop(self, run: Run) -> None:
        """Stop a run that has not ended."""
        named = {"AutomationExecutionId": run.id, "Type": "Cancel"}
        self.write("ssm", "stop_automation_execution", **named)

    def _end_runs(self, group: str) -> None:
        # By their state, not since when: one that asks outlives the go that has started it.
        asked = [
            {"Key": "DocumentNamePrefix", "Values": [RUNBOOK]},
            {"Key": "ExecutionStatus", "Values": list(AT_WORK)},
        ]
        pages = self.clients("ssm").get_paginator("describe_automation_executions")
        for page in pages.paginate(Filters=asked):
            for head in page["AutomationExecutionMetadataList"]:
                found = self.run(head["AutomationExecutionId"])
                if found.group == group and not found.ended:
                    self._end(found)

    def _end(self, run: Run) -> None:
        try:
            if run.status == runs.WAITING:  # a No closes its books, a stop leaves them open
                named = {"AutomationExecutionId": run.id, "SignalType": "Reject"}
                self.write("ssm", "send_automation_signal", **named)
                return
        except ClientError:
            self.say("    that answer was refused")
        self.stop(run)

    def _delete(self, group: str) -> None:
        self.write("ec2", "delete_security_group", GroupId=group)

    def _ungrant(self) -> None:
        self.write("ssm", "delete_parameter", Name=SCRATCH)

    def tried(self, what: str, act: Callable[..., None], *given: Any) -> list[str]:
        """Removes something; returns what it could not remove, and why."""
        try:
            act(*given)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return [] if code in GONE else [f"{what}: {code}"]
        except BotoCoreError as error:
            return [f"{what}: {error}"]
        return []


def leftovers(ec2: Any) -> list[str]:
    """Scratch groups that an earlier go could not remove: somebody's own may carry the tag too."""
    asked = [
        {"Name": "tag-key", "Values": [SCRATCH_TAG]},
        {"Name": "group-name", "Values": [f"{NAMED}*"]},
        {"Name": "description", "Values": [DESCRIPTION]},
    ]
    pages = ec2.get_paginator("describe_security_groups").paginate(Filters=asked)
    return [group["GroupId"] for page in pages for group in page["SecurityGroups"]]


def refused(error: Exception) -> CouldNotError:
    """What AWS would not do for the caller, as the end of a check."""
    if isinstance(error, ClientError):
        code = error.response["Error"].get("Code", "Unknown")
        words = " ".join(error.response["Error"].get("Message", "").split())
        return CouldNotError(f"AWS refused {error.operation_name}: {code}: {words}"[:300])
    return CouldNotError(" ".join(str(error).split())[:300])


def _tags(pairs: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": name, "Value": value} for name, value in pairs.items()]


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))

"""One run from its document to its end: made, started, followed, and all that came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from botocore.exceptions import ClientError

from netmend.errors import UserError
from netmend.running import people, policy, roles, told
from netmend.running.job import Job, Text
from netmend.running.places import Place, signed
from netmend.running.recorder import STARTER
from netmend.running.steps import CHILD, SETTLED, Teller, bare, seconds

SUCCESSES: Final = frozenset({"Success", "CompletedWithSuccess"})
NESTING: Final = frozenset({CHILD, "aws:loop"})
SCHEMA_VERSION: Final = 1
"""Of the outcome as JSON data: it becomes 2 when a member goes or means something else."""

MEND: Final = "mend the document"
HINTS: Final = {
    "InvalidDocumentContent": MEND,
    "InvalidDocumentSchemaVersion": MEND,
    "MaxDocumentSizeExceeded": "shorten the document",
    "InvalidAutomationExecutionParametersException": "give another value: -p NAME=VALUE",
    "MalformedPolicyDocument": "give --policy a file with an IAM policy",
}

SELDOM: Final = 10
"""A record that grows takes longer to read, so a long run is looked at less often."""

Ask = Callable[[Mapping[str, Any]], str]
"""What a person answers to a question: Approve, Reject, or empty for nothing."""


@dataclass
class Runner:
    """Runs jobs in a place. note: told what is made besides; step: each step as it settles."""

    place: Place
    note: Callable[[str], None]
    step: Callable[[dict[str, Any]], None]
    ask: Ask = lambda asked: ""
    _notes: list[str] = field(default_factory=list)

    def run(self, job: Job) -> dict[str, Any]:
        """What came of it, as JSON data; raises UserError where AWS would not even start it."""
        main = job.documents[-1]
        try:
            versions = [self._document(text) for text in job.documents]
            parameters = roles.prepared(self.place, job, self._said)
            self.place.begin()
            execution = self._start(main, versions[-1], parameters)
        except ClientError as error:
            raise refused(main.name, error) from error
        teller = Teller(self._record, self.step)
        record, asked = self._follow(teller, execution, job.answer)
        found = self.place.finish(list(teller.records))
        return self._outcome(main, record, asked, teller, found)

    def _said(self, text: str) -> None:
        self._notes.append(text)
        self.note(text)

    def _document(self, text: Text) -> str:
        """Create it, or give a document of that name a new version; the version to start."""
        ssm = self.place.client("ssm")
        named = {"Name": text.name, "Content": text.content, "DocumentFormat": text.form}
        try:
            ssm.create_document(**named, DocumentType="Automation")
            return "1"
        except ClientError as error:
            if error.response["Error"]["Code"] != "DocumentAlreadyExists":
                raise refused(text.name, error) from error
        try:
            made = ssm.update_document(**named, DocumentVersion="$LATEST")
        except ClientError as error:
            if error.response["Error"]["Code"] != "DuplicateDocumentContent":
                raise refused(text.name, error) from error
            found = ssm.describe_document(Name=text.name, DocumentVersion="$LATEST")
            return str(found["Document"]["LatestVersion"])
        version = str(made["DocumentDescription"]["DocumentVersion"])
        self._said(f"document {text.name}: version {version}, beside what was there")
        return version

    def _start(self, text: Text, version: str, parameters: Mapping[str, list[str]]) -> str:
        given = {"Parameters": dict(parameters)} if parameters else {}  # AWS takes no empty ones
        started = self.place.client("ssm", signed(STARTER)).start_automation_execution(
            DocumentName=text.name, DocumentVersion=version, **given
        )
        return str(started["AutomationExecutionId"])

    def _record(self, execution: str) -> Mapping[str, Any]:
        ssm = self.place.client("ssm")
        answer = ssm.get_automation_execution(AutomationExecutionId=execution)
        record: dict[str, Any] = answer["AutomationExecution"]
        return record

    def _follow(
        self, teller: Teller, execution: str, given: str
    ) -> tuple[Mapping[str, Any], Mapping[str, Any] | None]:
        """(the record at the end, the question that nobody answered)."""
        while True:
            record = teller.look(execution)
            if record["AutomationExecutionStatus"] in SETTLED:
                return record, None
            if asked := _question(teller):
                if not (answer := given or self.ask(asked)):
                    return record, asked
                people.answer(self.place, asked, answer, self._said)
                self._until_heard(teller, execution, asked)
            elif not self.place.go_on(len(record["StepExecutions"]) // SELDOM):
                return record, None

    def _until_heard(self, teller: Teller, execution: str, asked: Mapping[str, Any]) -> None:
        """An answer is worked on behind the API; it must not be given twice."""
        while _question(teller) == asked and self.place.go_on():
            teller.look(execution)

    def _outcome(
        self,
        main: Text,
        record: Mapping[str, Any],
        asked: Mapping[str, Any] | None,
        teller: Teller,
        found: dict[str, Any],
    ) -> dict[str, Any]:
        calls = found["calls"]
        failed, cause = _failure(record, teller)
        return {
            "schema_version": SCHEMA_VERSION,
            "document": main.name,
            "execution": record["AutomationExecutionId"],
            "status": record["AutomationExecutionStatus"],
            "seconds": seconds(record),
            "failed_step": failed,
            "cause": cause,
            "waiting": dict(asked) if asked else None,
            "outputs": record.get("Outputs", {}),
            "steps": list(teller.steps.values()),
            "changes": found["changes"],
            "writes": [_write(call) for call in calls if _tells(call)],
            "unread": found["unread"],
            "permissions": policy.policies(calls, _known(found, main, record)),
            "notes": self._notes,
        }


def _question(teller: Teller) -> dict[str, Any] | None:
    """What the run, or one of its children, asks."""
    asked = (people.question(record) for record in teller.records.values())
    return next((one for one in asked if one), None)


def _known(found: Mapping[str, Any], main: Text, record: Mapping[str, Any]) -> set[str]:
    """Ids that were there before, stand in the document, or were given."""
    return {*found["known"], *policy.ids([main.content, record.get("Parameters", {})])}


def _failure(record: Mapping[str, Any], teller: Teller) -> tuple[str, str]:
    """The step that the run failed of, a child's own where it was a child, and its bare cause."""
    if record["AutomationExecutionStatus"] in SUCCESSES:
        return "", ""
    failed = [step for step in teller.steps.values() if step["cause"]]
    outer = [step for step in failed if step["depth"] == 0]
    if outer and outer[-1]["action"] in NESTING:
        deepest = max(step["depth"] for step in failed)
        outer = [step for step in failed if step["depth"] == deepest]
    if outer:
        return str(outer[-1]["name"]), str(outer[-1]["cause"])
    return "", bare(str(record.get("FailureMessage", "")))


def _tells(call: Mapping[str, Any]) -> bool:
    """Whether a call is one to be shown: it writes, and is not the answer that was given here."""
    answers = not call["own"] and call["operation"] in people.OPERATIONS
    return bool(call["writes"]) and not answers


def _write(call: Mapping[str, Any]) -> dict[str, Any]:
    by = told.OWN if call["own"] else call["caller"]
    kept = ("service", "operation", "params", "region", "account", "error")
    return {**{name: call[name] for name in kept}, "by": by}


def refused(name: str, error: ClientError) -> UserError:
    """AWS's refusal to create or start it, in one line."""
    code, words = error.response["Error"]["Code"], error.response["Error"]["Message"]
    return UserError(f"{name}: {code}: {words}".rstrip("."), HINTS.get(code, ""))

"""What AWS says now is read source by source, and a source that can't be read is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from netmend.audit.evidence import Head
from netmend.audit.source import Clients, Record, s3_records
from netmend.commands.ambient import told_in_one_line
from netmend.commands.approve import asked, asked_list
from netmend.errors import UserError
from rules.netlib import clock
from rules.netlib.evidence import stamp

LEDGER: Final = "netmend-ledger"
PACKS: Final = "config-conforms.amazonaws.com"
WAITING: Final = (
    {"Key": "DocumentNamePrefix", "Values": ["Netmend-"]},
    {"Key": "ExecutionStatus", "Values": ["Waiting"]},
)


@dataclass(frozen=True)
class Source:
    """What was asked, when, and why it could not be read; '' where it could."""

    name: str
    calls: str
    time: str
    problem: str = ""


@dataclass(frozen=True)
class Waiting:
    """An execution that waits for a person, as Systems Manager tells it."""

    execution: str
    document: str
    resource: str
    rule: str
    since: str
    question: str
    approvers: tuple[str, ...]


@dataclass(frozen=True)
class Open:
    """A resource that a rule of Netmend finds NON_COMPLIANT now, as Config tells it."""

    rule: str
    kind: str
    resource: str
    annotation: str
    since: str


@dataclass
class Live:
    """One account and Region at the moment of reading; None where a source was not read."""

    account: str
    region: str
    sources: list[Source] = field(default_factory=list)
    head: Head | None = None
    records: list[Record] | None = None
    waiting: list[Waiting] | None = None
    open: list[Open] | None = None

    @property
    def unread(self) -> list[Source]:
        return [source for source in self.sources if source.problem]


Reader = Callable[[Live, Clients], Any]


def read(clients: Clients) -> Live:
    """Everything that a report tells of the caller's account and Region.

    clients: boto3 client by service name. Raises UserError where not even the account is known.
    """
    with told_in_one_line():
        region = clients("sns").meta.region_name  # of STS it may be "aws-global"
        live = Live(clients("sts").get_caller_identity()["Account"], region)
    for into, name, calls, reader in READERS:
        live.sources.append(_read(live, into, name, calls, reader, clients))
    return live


def _read(live: Live, into: str, name: str, calls: str, reader: Reader, clients: Clients) -> Source:
    named = name.format(account=live.account, region=live.region)
    time = stamp(clock.now())
    try:
        with told_in_one_line():
            setattr(live, into, reader(live, clients))
    except UserError as error:
        return Source(named, calls, time, str(error))
    return Source(named, calls, time)


def _records(live: Live, clients: Clients) -> list[Record]:
    bucket = f"netmend-evidence-{live.account}-{live.region}"
    return list(s3_records(f"s3://{bucket}/{live.account}/{live.region}/", clients))


def _head(_: Live, clients: Clients) -> Head | None:
    item = (
        clients("dynamodb")
        .get_item(TableName=LEDGER, Key={"pk": {"S": "chain"}}, ConsistentRead=True)
        .get("Item")
    )
    try:
        return Head(int(item["number"]["N"]), item["hash"]["S"]) if item else None
    except (KeyError, ValueError) as error:
        hint = "restore it from a notification: number and hash of the newest record"
        raise UserError(f"the item chain of {LEDGER} is not a head", hint) from error


def _waiting(_: Live, clients: Clients) -> list[Waiting]:
    ssm = clients("ssm")
    pages = ssm.get_paginator("describe_automation_executions").paginate(Filters=list(WAITING))
    ids = [
        one["AutomationExecutionId"]
        for page in pages
        for one in page["AutomationExecutionMetadataList"]
    ]
    return [
        _question(ssm.get_automation_execution(AutomationExecutionId=one)["AutomationExecution"])
        for one in ids
    ]


def _question(run: dict[str, Any]) -> Waiting:
    given = run.get("Parameters", {})
    steps = [s for s in run.get("StepExecutions", ()) if s.get("Action") == "aws:approve"]
    step = steps[-1] if steps else {}
    return Waiting(
        run["AutomationExecutionId"],
        run["DocumentName"],
        ", ".join(given.get("ResourceId", ())),
        ", ".join(given.get("ConfigRuleName", ())),
        stamp(step.get("ExecutionStartTime") or run["ExecutionStartTime"]),
        asked(step, "Message"),
        tuple(asked_list(step, "Approvers")),
    )


def _open(_: Live, clients: Clients) -> list[Open]:
    return sorted(_non_compliant(clients("config")), key=lambda one: (one.rule, one.resource))


def _non_compliant(config: Any) -> Iterator[Open]:
    rules = [
        rule["ConfigRuleName"]
        for page in config.get_paginator("describe_config_rules").paginate()
        for rule in page["ConfigRules"]
        if rule["ConfigRuleName"].startswith("netmend-") and rule.get("CreatedBy") == PACKS
    ]
    details = config.get_paginator("get_compliance_details_by_config_rule")
    for rule in rules:
        for page in details.paginate(ConfigRuleName=rule, ComplianceTypes=["NON_COMPLIANT"]):
            for found in page["EvaluationResults"]:
                of = found["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
                yield Open(
                    rule,
                    of["ResourceType"],
                    of["ResourceId"],
                    found.get("Annotation", ""),
                    stamp(found["ResultRecordedTime"]),
                )


READERS: Final[tuple[tuple[str, str, str, Reader], ...]] = (
    # The head first: what is stored after it was read is beyond it, and nothing seems removed.
    ("head", f"head of the chain (table {LEDGER})", "dynamodb:GetItem", _head),
    (
        "records",
        "evidence (bucket netmend-evidence-{account}-{region})",
        "s3:ListObjectsV2, s3:GetObject",
        _records,
    ),
    (
        "waiting",
        "executions that wait",
        "ssm:DescribeAutomationExecutions, ssm:GetAutomationExecution",
        _waiting,
    ),
    (
        "open",
        "what is NON_COMPLIANT now",
        "config:DescribeConfigRules, config:GetComplianceDetailsByConfigRule",
        _open,
    ),
)

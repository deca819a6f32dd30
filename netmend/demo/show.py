"""The story that the demo tells, and what it prints while it happens."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rich.table import Table

from netmend.audit.report import VERIFIED, Report
from netmend.demo import keep, words
from netmend.demo.network import DRIFTS, FINE, LEFT, Drift, Network
from netmend.deployment import deploy
from netmend.sandbox.core import Sandbox
from netmend.verification.record import SANDBOX_HOME, mark_sandbox

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

APPROVER: Final = "demo-approver"
BUCKET: Final = "netmend-evidence-123456789012-us-east-1"
RULE: Final = "netmend-security-group-no-public-ingress"
"""The rule that the story is about; others may judge the same groups."""

SILENT: Final = frozenset({"Decide", "DecideApproved", "Done"})
ENDED: Final = frozenset({"Success", "Failed", "TimedOut", "Cancelled", "Rejected"})


class DemoFailedError(RuntimeError):
    """The loop did not end as it should; the message says where."""


@dataclass
class Mended:
    """What became of one drift."""

    drift: Drift
    group: str
    seconds: float
    approved_by: str


def show(console: Console, folder: Path) -> int:
    """Tell the whole story, and keep its evidence and report in `folder`; returns the exit code."""
    began = time.perf_counter()
    with Sandbox() as sandbox:
        story = Story(console, sandbox)
        story.start()
        mended = [story.follow(drift) for drift in DRIFTS]
        story.table(mended)
        story.fine()
        story.left()
        found = story.evidence()
        kept = keep.everything(found, story.objects(), folder)
    console.print(f"Everything above took {time.perf_counter() - began:.1f} s.")
    console.print("The report, to open in a browser, with its evidence beside it:")
    console.out(str(kept), highlight=False)  # alone, whole, and last: scripts read it
    return 0


class Story:
    """One telling of the demo."""

    def __init__(self, console: Console, sandbox: Sandbox) -> None:
        self._console = console
        self._sandbox = sandbox
        self._rule = ""
        self._network: Network

    def _say(self, text: str) -> None:
        self._console.print(text, highlight=False)

    def _client(self, service: str, credentials: Any = None) -> Any:
        return self._sandbox.client(service, "us-east-1", credentials)

    def start(self) -> None:
        """Deploy what this repository ships, and build a healthy network."""
        self._say("[bold]Embedded AWS[/] started in this process: no account, no network.")
        key = self._approver()
        self._say(f"IAM user [bold]{APPROVER}[/] may answer questions.")
        mark_sandbox(self._client("ssm"), *SANDBOX_HOME)
        with self._console.status("Deploying"):
            deploy(
                self._sandbox.client,
                mode="enforce",
                approvers=[APPROVER],
                progress=lambda stack: self._say(f"  CloudFormation: {stack}"),
            )
        self._key = key
        self._sandbox.settle()
        rules = self._client("config").describe_config_rules()["ConfigRules"]
        self._rule = next(
            r["ConfigRuleName"] for r in rules if r["ConfigRuleName"].startswith("netmend-")
        )
        self._say(f"Conformance pack deployed; its rule is [bold]{self._rule}[/].")
        self._say(
            "[yellow]The default mode is observe: Netmend looks and changes nothing."
            " This demo sets enforce on purpose.[/]"
        )
        self._network = Network(self._client("ec2"))
        self._network.build()
        self._sandbox.settle()
        self._expect_compliant()
        groups = len(self._network.groups)
        self._say(
            f"A network of {groups} security groups stands; AWS Config finds all of it fine.\n"
        )

    def _approver(self) -> dict[str, str]:
        iam = self._client("iam")
        iam.create_user(UserName=APPROVER)
        key: dict[str, str] = iam.create_access_key(UserName=APPROVER)["AccessKey"]
        return key

    def _expect_compliant(self) -> None:
        for name, group in self._network.groups.items():
            if self._compliance(group)[0] != "COMPLIANT":
                raise DemoFailedError(f"{name} is {self._compliance(group)[0] or 'not judged'}")

    def _compliance(self, group: str) -> tuple[str, str]:
        found = self._client("config").get_compliance_details_by_resource(
            ResourceType="AWS::EC2::SecurityGroup", ResourceId=group
        )["EvaluationResults"]
        for one in found:
            asked = one["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
            if asked["ConfigRuleName"].startswith(RULE):
                return one["ComplianceType"], one.get("Annotation", "")
        return "", ""

    def follow(self, drift: Drift) -> Mended:
        """Make one drift and show all that it causes, until Config says COMPLIANT."""
        group = self._network.groups[drift.name]
        self._say(f"[bold]{drift.name}[/] ({group}): {drift.story}")
        began = time.perf_counter()
        self._network.open(drift)
        approved_by = self._watch(group)
        verdict, _ = self._compliance(group)
        seconds = time.perf_counter() - began
        if verdict != "COMPLIANT":
            raise DemoFailedError(f"{drift.name} is still {verdict or 'not judged'}")
        if drift.stays:
            self._expect_open(group, drift.stays)
            self._say(f"  tcp {drift.stays} is still open to everyone, as it should be")
        self._say(f"  [green]COMPLIANT[/] after {seconds:.2f} s\n")
        return Mended(drift, group, seconds, approved_by)

    def _expect_open(self, group: str, port: int) -> None:
        found = self._client("ec2").describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [group]}]
        )["SecurityGroupRules"]
        public = [r for r in found if not r["IsEgress"] and r.get("CidrIpv4") == "0.0.0.0/0"]
        if not any(r["FromPort"] <= port <= r["ToPort"] for r in public):
            raise DemoFailedError(f"tcp {port} was open to everyone and is no more")

    def _watch(self, group: str) -> str:
        shown: set[str] = set()
        found = approved_by = ""
        while True:
            worked = self._sandbox.engine.step()
            if not found:
                found = self._found(group)
            run = self._run_of(group)
            if run:
                self._steps(run, shown)
            if not worked:
                if run and run["AutomationExecutionStatus"] == "Waiting" and not approved_by:
                    approved_by = self._approve(run)
                    continue
                return approved_by

    def _found(self, group: str) -> str:
        verdict, annotation = self._compliance(group)
        if verdict != "NON_COMPLIANT":
            return ""
        self._say(f"  AWS Config: [red]NON_COMPLIANT[/] {words.brief(annotation)}")
        return verdict

    def _run_of(self, group: str) -> dict[str, Any] | None:
        ssm = self._client("ssm")
        found = ssm.describe_automation_executions(MaxResults=1)["AutomationExecutionMetadataList"]
        for run in found:
            whole: dict[str, Any] = ssm.get_automation_execution(
                AutomationExecutionId=run["AutomationExecutionId"]
            )["AutomationExecution"]
            if whole["Parameters"]["ResourceId"] == [group]:
                return whole
        return None

    def _steps(self, run: dict[str, Any], shown: set[str]) -> None:
        if not shown:
            self._say(f"  EventBridge started {run['DocumentName']} as {_role(run['ExecutedBy'])}")
            shown.add("")
        for step in run["StepExecutions"]:
            name, status = step["StepName"], step["StepStatus"]
            reached = status in ENDED or status == "Waiting"
            if not reached or name in SILENT or name in shown:
                continue
            shown.add(name)
            intents = self._records(run["Parameters"]["ResourceId"][0], "intent")
            questions = self._records(run["Parameters"]["ResourceId"][0], "question")
            plan = (intents or questions or [{"plan": {"before": [], "lost": []}}])[-1]["plan"]
            lines = words.done(step, plan) or [status]
            self._step(name, lines)

    def _step(self, name: str, lines: list[str]) -> None:
        grid = Table.grid(padding=(0, 1))
        grid.add_column(width=23, no_wrap=True)
        grid.add_column()
        for number, line in enumerate(lines):
            grid.add_row("" if number else f"    {name}", line)
        self._console.print(grid)

    def _approve(self, run: dict[str, Any]) -> str:
        self._client("ssm", self._key).send_automation_signal(
            AutomationExecutionId=run["AutomationExecutionId"],
            SignalType="Approve",
            Payload={"Comment": ["seen in the demo"]},
        )
        self._step("Approve", [f"[bold]{APPROVER}[/] has read the plan and approves it"])
        return APPROVER

    def table(self, mended: list[Mended]) -> None:
        """For each group: what was open, what was taken away, what was kept, how long it took."""
        table = Table(title="What was mended", title_justify="left")
        table.add_column("group", no_wrap=True)
        table.add_column("", no_wrap=True, style="dim")
        table.add_column("rules")
        table.add_column("seconds", justify="right", no_wrap=True)
        for one in mended:
            intent = self._records(one.group, "intent")[-1]
            name, seconds = one.drift.name, f"{one.seconds:.2f}"
            for what, lines in words.story(intent["drift"]["what"], intent["plan"]):
                table.add_row(name, what, "\n".join(lines), seconds)
                name = seconds = ""
            if one.approved_by:
                table.add_row("", "approved by", one.approved_by, "")
            table.add_section()
        self._console.print(table)

    def _records(self, group: str, kind: str) -> list[dict[str, Any]]:
        records = [json.loads(data) for _, data in self.objects()]
        return [r for r in records if (r["resource"], r["kind"]) == (group, kind)]

    def objects(self) -> list[tuple[str, bytes]]:
        """Every evidence record by its key."""
        s3 = self._client("s3")
        listed = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        return [
            (o["Key"], s3.get_object(Bucket=BUCKET, Key=o["Key"])["Body"].read()) for o in listed
        ]

    def fine(self) -> None:
        """The groups that looked alarming were left alone."""
        self._say("\nLooked alarming, was fine, was not touched:")
        for name, (story, _) in FINE.items():
            group = self._network.groups[name]
            verdict, _ = self._compliance(group)
            if verdict != "COMPLIANT" or self._records(group, "intent"):
                raise DemoFailedError(f"{name} should have been left alone")
            self._say(f"  [green]{verdict}[/] {name}: {story}")

    def left(self) -> None:
        """What is not mended: one waits for an answer, one is only observed."""
        self._say("\nNot mended, and nothing was changed:")
        for one in LEFT:
            self._client("ssm").put_parameter(
                Name="/netmend/mode", Value=one.mode, Type="String", Overwrite=True
            )
            self._network.open(one.drift)
            self._sandbox.settle()
            group = self._network.groups[one.drift.name]
            if not self._records(group, one.kind) or self._records(group, "intent"):
                raise DemoFailedError(f"{one.drift.name} should have left a {one.kind} alone")
            self._say(f"  [yellow]{one.told}[/] {one.drift.name}: {one.drift.story}")

    def evidence(self) -> Report:
        """The chain is checked as an auditor would, against the ledger's head."""
        found = keep.report(self._client)
        if found.verdict != VERIFIED or found.unread:
            raise DemoFailedError("; ".join((*found.problems, *(s.problem for s in found.unread))))
        checked = found.verification
        self._say(f"\n[bold]Evidence[/]: {checked.count} records, {checked.message}.")
        return found


def _role(arn: str) -> str:
    return arn.split("/")[1] if "assumed-role" in arn else arn

"""Everything that a deployment is for, shown once: what does not work is named by what fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from botocore.exceptions import ClientError

from netmend.audit.evidence import Head, verify
from netmend.sandbox import quotas
from netmend.sandbox.api import ApiCall
from netmend.sandbox.config import messages
from netmend.sandbox.faults import Cut
from netmend.sandbox.iam.patterns import Context
from netmend.sandbox.iam.policy import Decision, Kind, Request, decide, parse
from tests.loop.clues import clues
from tests.loop.world import ACCOUNT, BUCKET, REGION, World, permission

SSH: Final = (22, 22)
ALL: Final = "0.0.0.0/0"
HALVES: Final = ("0.0.0.0/1", "128.0.0.0/1")


class ProofFailed(AssertionError):
    """One part of the loop does not do what it is for."""


def expect(holds: object, what: str) -> None:
    if not holds:
        raise ProofFailed(what)


def ended(world: World, group: str, outcomes: list[tuple[str, str]]) -> None:
    runs = world.runs(group)
    expect(runs, "the runbook was started")
    for run in runs:
        status = run["AutomationExecutionStatus"]
        expect(status == "Success", f"the run succeeds: {status}")
    found = world.outcomes(group)
    expect(found == outcomes, f"the evidence says {outcomes}, not {found}")
    expect(world.compliance(group) == "COMPLIANT", "Config turns COMPLIANT")


MENDED: Final = [("intent", "MEND"), ("outcome", "MENDED")]


def mends_and_keeps_tags(world: World) -> None:
    group = world.group()
    world.client("ec2").authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[permission("tcp", SSH, ALL, Description="everybody")],
        TagSpecifications=[
            {
                "ResourceType": "security-group-rule",
                "Tags": [{"Key": "owner", "Value": "net"}],
            }
        ],
    )
    world.settle()
    ended(world, group, MENDED)
    expect(("tcp", 22, 22, "10.0.0.0/8") in world.rules(group), "private SSH stays")
    found = world.client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"]
    kept = {t["Value"] for r in found if not r["IsEgress"] for t in r["Tags"]}
    expect(kept == {"net"}, "rule tags stay")
    (gone,) = world.evidence(group)[0]["plan"]["before"]
    undo = (gone["Description"], [tag["Value"] for tag in gone["Tags"]])
    expect(undo == ("everybody", ["net"]), "the intent has what it takes to undo the mend")


def mends_prefix_lists(world: World) -> None:
    listed = world.prefix_list("198.51.100.0/24")
    group = world.group(permission("tcp", SSH, listed))
    world.settle()
    expect(world.compliance(group) == "COMPLIANT", "a narrow prefix list is fine")
    ec2 = world.client("ec2")
    found = ec2.describe_managed_prefix_lists(PrefixListIds=[listed])["PrefixLists"][0]
    ec2.modify_managed_prefix_list(
        PrefixListId=listed,
        CurrentVersion=found["Version"],
        AddEntries=[{"Cidr": half} for half in HALVES],
    )
    world.settle()
    ended(world, group, MENDED)


def asks_before_all_protocols(world: World) -> None:
    group = world.group(permission("-1", None, ALL))
    world.settle()
    runs = world.runs(group)
    expect(runs, "the runbook was started")
    expect(runs[0]["AutomationExecutionStatus"] == "Waiting", "the question waits")
    world.answer(runs[0]["AutomationExecutionId"], "Approve")
    world.settle()
    ended(world, group, [("question", "WAITING"), *MENDED])


class _CutAfter:
    """Cuts the run once, right after its first call of one name."""

    def __init__(self, name: str) -> None:
        self.name, self.fired = name, False

    def before(self, call: ApiCall) -> None:
        return None

    def after(self, call: ApiCall) -> None:
        if call.name == self.name and "netmend-planner" in call.caller.role_arn and not self.fired:
            self.fired = True
            raise Cut(self.name)


def takes_over_from_dead_runs(world: World) -> None:
    cut = _CutAfter("s3:PutObject")
    group = world.group()
    world.sandbox.hooks.append(cut)
    world.open(group, permission("tcp", SSH, ALL))
    world.settle()
    world.sandbox.hooks.remove(cut)
    expect(cut.fired, "the run writes its intent")
    execution = world.start(group)
    world.settle()
    expect(world.run(execution)["AutomationExecutionStatus"] == "Success", "it is taken over")
    interrupted = [("intent", "MEND"), ("outcome", "INTERRUPTED")]
    expect(world.outcomes(group) == interrupted + MENDED, "the dead run's evidence is closed")


def reads_oversized_items(world: World) -> None:
    largest, messages.LARGEST = messages.LARGEST, 1
    try:
        group = world.group(permission("tcp", SSH, ALL))
        world.settle()
    finally:
        messages.LARGEST = largest
    ended(world, group, MENDED)


def respects_raised_quotas(world: World) -> None:
    quotas.apply(world.sandbox, ACCOUNT, REGION, quotas.RULES_PER_GROUP, 100)
    hosts = [f"203.0.113.{n}/32" for n in range(58)]
    group = world.group(permission("tcp", (443, 443), *hosts))
    world.open(group, permission("tcp", SSH, ALL))
    world.settle()
    ended(world, group, MENDED)


def judges_daily(world: World) -> None:
    before = _status(world)
    world.sandbox.clock.advance(24 * 3600 + 60)
    world.settle()
    after = _status(world)
    expect(
        after.get("LastSuccessfulEvaluationTime") != before.get("LastSuccessfulEvaluationTime"),
        "the daily run evaluates",
    )
    expect("LastErrorCode" not in after, f"no invocation fails: {after.get('LastErrorMessage')}")


def _status(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.client("config").describe_config_rule_evaluation_status(
        ConfigRuleNames=[world.rule_name]
    )["ConfigRulesEvaluationStatus"][0]
    return found


def logs_what_it_does(world: World) -> None:
    logs = world.client("logs")
    for name in ("/aws/lambda/netmend-detector", "/aws/lambda/netmend-planner"):
        found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        expect(found and found[0].get("retentionInDays"), f"{name} has a retention")
        expect(logs.filter_log_events(logGroupName=name)["events"], f"{name} is written")


ALARMS: Final = {
    "netmend-detector-errors": ("Errors", "netmend-detector"),
    "netmend-planner-errors": ("Errors", "netmend-planner"),
    "netmend-start-dlq": ("ApproximateNumberOfMessagesVisible", "netmend-start-dlq"),
}


def alarms_where_it_fails(world: World) -> None:
    found = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    alarms = {alarm["AlarmName"]: alarm for alarm in found}
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:netmend-notifications"
    for name, (metric, watched) in ALARMS.items():
        alarm = alarms.get(name, {})
        expect(alarm.get("AlarmActions") == [topic], f"the alarm {name} tells {topic}")
        (dimension,) = alarm["Dimensions"]
        watches = (alarm["MetricName"], dimension["Value"], alarm["Threshold"])
        expect(watches == (metric, watched, 1), f"the alarm {name} watches {watched}")


def keeps_evidence_safe(world: World) -> None:
    item = world.client("dynamodb").get_item(
        TableName="netmend-ledger", Key={"pk": {"S": "chain"}}
    )["Item"]
    found = verify(world.objects(), Head(int(item["number"]["N"]), item["hash"]["S"]))
    expect(found.ok, f"the chain verifies: {found.problems}")
    s3 = world.client("s3")
    key = world.objects()[0][0]
    head = s3.head_object(Bucket=BUCKET, Key=key)
    expect(head.get("ServerSideEncryption") == "aws:kms", "evidence is under KMS")
    locked = s3.get_object_lock_configuration(Bucket=BUCKET)["ObjectLockConfiguration"]
    expect(locked["Rule"]["DefaultRetention"]["Mode"] == "GOVERNANCE", "evidence is locked")
    _refused(world, "overwritten", {"Key": key, "Body": b"x"})
    foreign = {"Key": "210987654321/us-east-1/000000000001.json", "Body": b"x", "IfNoneMatch": "*"}
    _refused(world, "put under another account's prefix", foreign)
    policy = parse(s3.get_bucket_policy(Bucket=BUCKET)["Policy"], Kind.RESOURCE)
    plain = Context({"aws:SecureTransport": "false"}, lambda _: True)
    asked = Request("s3:GetObject", f"arn:aws:s3:::{BUCKET}/{key}", plain, frozenset())
    expect(decide([policy], asked) is Decision.DENY, "evidence is not read without TLS")


def _refused(world: World, what: str, put: dict[str, Any]) -> None:
    try:
        world.client("s3").put_object(Bucket=BUCKET, **put)
    except ClientError as error:
        expect(error.response["Error"]["Code"] == "AccessDenied", f"evidence is not {what}")
    else:
        raise ProofFailed(f"evidence was {what}: its bucket policy lets anybody do that")


def keeps_lost_starts(world: World) -> None:
    world.client("ssm").delete_document(Name="Netmend-RevokePublicIngress")
    world.group(permission("tcp", SSH, ALL))
    world.settle()
    sqs = world.client("sqs")
    url = sqs.get_queue_url(QueueName="netmend-start-dlq")["QueueUrl"]
    expect(sqs.receive_message(QueueUrl=url).get("Messages"), "a lost start is in the queue")


PARTS: Final[tuple[Callable[[World], None], ...]] = (
    mends_and_keeps_tags,
    logs_what_it_does,
    alarms_where_it_fails,
    keeps_evidence_safe,
    asks_before_all_protocols,
    takes_over_from_dead_runs,
    mends_prefix_lists,
    reads_oversized_items,
    respects_raised_quotas,
    judges_daily,
    keeps_lost_starts,
)
"""What costs least, and notices most, comes first."""


def prove(world: World) -> None:
    """Show every part; raises `ProofFailed` with its name, what does not hold, and the clues."""
    for part in PARTS:
        try:
            part(world)
        except ProofFailed as failed:
            said = [f"{part.__name__} does not hold: {failed}", *dict.fromkeys(clues(world))]
            raise ProofFailed("\n".join(said)) from None

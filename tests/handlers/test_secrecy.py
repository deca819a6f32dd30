"""What users write themselves stands in the evidence, and is told to nobody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netmend.sandbox.api import ApiError
from tests.handlers import books
from tests.handlers.faults import Fault, Watch, hooked, start
from tests.loop.world import World, permission

SSH = permission("tcp", (22, 22), "0.0.0.0/0")
ALL = permission("-1", None, "0.0.0.0/0")

pytestmark = pytest.mark.usefixtures("no_pauses")


CANARY = "kestrel"
TEXTS = [
    pytest.param(f"{CANARY} {{{{ global:REGION }}}} {{{{ Plan.Question }}}}", id="references"),
    pytest.param(f"{CANARY} $(id); #!=&*,[]@+", id="signs"),
    pytest.param(f"{CANARY} {'x' * 247}", id="255 characters"),
]
TAGS = {
    f"{CANARY}-key": f'{CANARY} "quoted" \\ \' {{{{ global:REGION }}}}',
    "名前": f"{CANARY} 値 \u202e é",
}


def tagged(*values: dict[str, str]) -> list[dict[str, Any]]:
    tags = [{"Key": key, "Value": value} for one in values for key, value in one.items()]
    return [{"ResourceType": "security-group-rule", "Tags": tags}]


def hostile(world: World, text: str, opening: dict[str, Any]) -> str:
    """A group in which every text that a user may write is a canary, not yet judged."""
    ec2 = world.client("ec2")
    group = ec2.create_security_group(
        GroupName=f"{CANARY} {len(text)} {opening['IpProtocol']} {hash(text)}",
        Description=CANARY,
        VpcId=world.vpc,
        TagSpecifications=[{**tagged(TAGS)[0], "ResourceType": "security-group"}],
    )["GroupId"]
    for source in ("IpRanges", "Ipv6Ranges"):
        for one in opening.get(source, []):
            one["Description"] = text
    ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[opening], TagSpecifications=tagged(TAGS)
    )
    return str(group)


def logs(world: World) -> str:
    found, client = [], world.client("logs")
    for name in ("netmend-detector", "netmend-planner"):
        where = f"/aws/lambda/{name}"
        for stream in client.describe_log_streams(logGroupName=where)["logStreams"]:
            events = client.get_log_events(
                logGroupName=where, logStreamName=stream["logStreamName"]
            )["events"]
            found += [event["message"] for event in events]
    return "\n".join(found)


def told(world: World, group: str, published: Watch) -> str:
    """Everything that Netmend says to people and services besides the evidence."""
    table = world.client("dynamodb").scan(TableName="netmend-ledger")["Items"]
    verdicts = world.client("config").get_compliance_details_by_resource(
        ResourceType="AWS::EC2::SecurityGroup", ResourceId=group
    )["EvaluationResults"]
    return json.dumps(
        [[call.params for call in published.calls], table, verdicts, logs(world)],
        default=str,
        ensure_ascii=False,
    )


def runs(world: World, group: str) -> list[dict[str, Any]]:
    """The executions that the evidence of a group names."""
    return [world.run(record["execution"]) for record in world.evidence(group)]


def descriptions(world: World, group: str) -> set[str]:
    rules = world.client("ec2").describe_security_group_rules(
        Filters=[{"Name": "group-id", "Values": [group]}]
    )["SecurityGroupRules"]
    return {rule.get("Description", "") for rule in rules if not rule["IsEgress"]}


@pytest.mark.parametrize("text", TEXTS)
def test_users_text_is_kept_as_it_is_and_told_to_nobody(world: World, text: str) -> None:
    published = Watch("sns:Publish")
    with hooked(world, published):
        group = hostile(world, text, permission("tcp", (22, 22), "0.0.0.0/0"))
        world.settle()
    assert world.outcomes(group)[-1] == ("outcome", "MENDED")
    assert descriptions(world, group) == {text}
    assert text in json.dumps(world.evidence(group), ensure_ascii=False)
    assert len(published.calls) == 1
    assert CANARY not in told(world, group, published)


def test_question_has_no_text_of_users(world: World) -> None:
    published = Watch("sns:Publish")
    with hooked(world, published):
        group = hostile(world, f"{CANARY} all", permission("tcp", (22, 22), "0.0.0.0/0"))
        for port in (3389, 5432, 6379):  # more sets of tags than there are calls: some are lost
            world.client("ec2").authorize_security_group_ingress(
                GroupId=group,
                IpPermissions=[permission("tcp", (port, port), "0.0.0.0/0")],
                TagSpecifications=tagged({f"{CANARY}-{port}": CANARY}),
            )
        world.settle()
    (run,) = world.client("ssm").describe_automation_executions(
        Filters=[{"Key": "ExecutionStatus", "Values": ["Waiting"]}]
    )["AutomationExecutionMetadataList"]
    question = world.evidence(group)[-1]
    assert CANARY in str(question["plan"]["lost"]), "evidence names the tags that are lost"
    (asked,) = [c for c in published.calls if "approvals" in c.params["TopicArn"]]
    assert "the tags" in asked.params["Message"]
    assert CANARY not in told(world, group, published)
    world.answer(run["AutomationExecutionId"], "Approve")
    world.settle()
    assert world.outcomes(group)[-1] == ("outcome", "MENDED")


def test_error_that_repeats_users_text_is_told_in_the_evidence_alone(world: World) -> None:
    echo = lambda: ApiError("InvalidParameterValue", f"Value ({CANARY}) is invalid")  # noqa: E731
    published = Watch("sns:Publish")
    fault = Fault("ec2:AuthorizeSecurityGroupIngress", echo, times=1)
    with hooked(world, fault, published):
        group = hostile(world, f"{CANARY} error", permission("tcp", (22, 22), "0.0.0.0/0"))
        world.settle()
    assert world.outcomes(group)[-1] == ("outcome", "FAILED")
    assert CANARY in world.evidence(group)[-1]["reason"]
    assert CANARY not in told(world, group, published)
    aborted = runs(world, group)[-1]["StepExecutions"][-1]
    assert aborted["StepName"] == "Abort"
    assert CANARY not in aborted["FailureMessage"], "Lambda writes it to its log"
    start(world, group)
    world.settle()


def test_books_are_closed_at_the_end(world: World) -> None:
    books.check(world)

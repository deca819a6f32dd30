"""Whole runbooks, written as published ones are, end as AWS documents."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from netmend.sandbox.automation import Document

BOOKS = Path(__file__).parent / "runbooks"
GROUP = "sg-0123456789abcdef0"
INSTANCE = "i-0123456789abcdef0"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:AutomationApproval"
RULE = {"SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1"}]}


@dataclass
class Case:
    """answers: what a call gives, an error code, or one answer after the other."""

    book: str
    given: dict[str, list[str]] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    status: str = "Success"
    last: Any = None
    signal: str = ""


CASES = {
    "an open group is closed and proved": Case(
        "close-ssh",
        {"GroupId": [GROUP]},
        {
            "ec2:RevokeSecurityGroupIngress": {"Return": True},
            "ec2:DescribeSecurityGroupRules": RULE,
            "ec2:DescribeSecurityGroups": {"SecurityGroups": [{"IpPermissions": []}]},
        },
        ["RevokeSecurityGroupIngress", "DescribeSecurityGroupRules", "DescribeSecurityGroups"],
    ),
    "a group that is closed already is proved": Case(
        "close-ssh",
        {"GroupId": [GROUP]},
        {
            "ec2:RevokeSecurityGroupIngress": "InvalidPermission.NotFound",
            "ec2:DescribeSecurityGroupRules": {"SecurityGroupRules": []},
            "ec2:DescribeSecurityGroups": {"SecurityGroups": [{"IpPermissions": []}]},
        },
        ["RevokeSecurityGroupIngress", "DescribeSecurityGroupRules", "DescribeSecurityGroups"],
    ),
    "a group that stays open is a failure": Case(
        "close-ssh",
        {"GroupId": [GROUP]},
        {
            "ec2:RevokeSecurityGroupIngress": {"Return": True},
            "ec2:DescribeSecurityGroupRules": RULE,
            "ec2:DescribeSecurityGroups": {"SecurityGroups": [{"IpPermissions": [{"x": 1}]}]},
        },
        ["RevokeSecurityGroupIngress", "DescribeSecurityGroupRules", "DescribeSecurityGroups"],
        "Failed",
    ),
    "a snapshot is waited for and tagged": Case(
        "snapshot-volume",
        {"VolumeId": ["vol-1"]},
        {
            "ec2:CreateSnapshot": {"SnapshotId": "snap-1"},
            "ec2:DescribeSnapshots": [
                {"Snapshots": [{"State": "pending"}]},
                {"Snapshots": [{"State": "completed"}]},
            ],
            "ec2:CreateTags": {},
        },
        ["CreateSnapshot", "DescribeSnapshots", "DescribeSnapshots", "CreateTags"],
        last={
            "Resources": ["snap-1", "vol-1"],
            "Tags": [{"Key": "made-by", "Value": "runbook"}],
        },
    ),
    "a snapshot that fails is removed, and the run with it": Case(
        "snapshot-volume",
        {"VolumeId": ["vol-1"], "Tags": ['{"Key": "a", "Value": "b"}']},
        {
            "ec2:CreateSnapshot": {"SnapshotId": "snap-1"},
            "ec2:DescribeSnapshots": "InternalError",
            "ec2:DeleteSnapshot": {},
        },
        ["CreateSnapshot", "DescribeSnapshots", "DeleteSnapshot"],
        "Failed",
        {"SnapshotId": "snap-1"},
    ),
    "running instances are stopped": Case(
        "stop-instances",
        {"InstanceIds": [INSTANCE, "i-01234567"], "Force": ["true"]},
        {
            "ec2:DescribeInstances": {
                "Reservations": [
                    {"Instances": [{"InstanceId": INSTANCE}]},
                    {"Instances": [{"InstanceId": "i-01234567"}]},
                ]
            },
            "ec2:StopInstances": {},
        },
        ["DescribeInstances", "StopInstances"],
        last={"InstanceIds": [INSTANCE, "i-01234567"], "Force": True},
    ),
    "where none runs there is nothing to do": Case(
        "stop-instances",
        {"InstanceIds": [INSTANCE]},
        {"ec2:DescribeInstances": {"Reservations": []}},
        ["DescribeInstances"],
        last={
            "InstanceIds": [INSTANCE],
            "Filters": [{"Name": "instance-state-name", "Values": ["running"]}],
        },
    ),
    "what a script found is reported": Case(
        "choose-by-script",
        {},
        {"script": {"over": True}, "sns:Publish": {}},
        ["script", "Publish"],
    ),
    "what a script excused is not": Case(
        "choose-by-script",
        {},
        {"script": {"over": True, "excuse": "maintenance"}},
        ["script"],
    ),
    "a number that was given counts": Case(
        "choose-by-script",
        {"Threshold": ["2"]},
        {"script": {"over": True}},
        ["script"],
        last={"threshold": 2},
    ),
    "what cannot be finished is taken away": Case(
        "rescue",
        {},
        {
            "ec2:CreateSecurityGroup": {"GroupId": GROUP},
            "ec2:AuthorizeSecurityGroupIngress": "Boom",
            "ec2:DeleteSecurityGroup": {},
        },
        ["CreateSecurityGroup"] + ["AuthorizeSecurityGroupIngress"] * 3 + ["DeleteSecurityGroup"],
        "Failed",
        {"GroupId": GROUP},
    ),
    "what can be finished is kept": Case(
        "rescue",
        {},
        {
            "ec2:CreateSecurityGroup": {"GroupId": GROUP},
            "ec2:AuthorizeSecurityGroupIngress": {},
        },
        ["CreateSecurityGroup", "AuthorizeSecurityGroupIngress"],
    ),
    "an instance is rebooted once somebody agrees": Case(
        "reboot-with-approval",
        {"InstanceId": [INSTANCE], "Approvers": ["alice"], "SNSTopicArn": [TOPIC]},
        {"ec2:RebootInstances": {}},
        ["Publish", "RebootInstances"],
        signal="Approve",
        last={"InstanceIds": [INSTANCE]},
    ),
    "and is not where somebody objects": Case(
        "reboot-with-approval",
        {"InstanceId": [INSTANCE], "Approvers": ["alice"], "SNSTopicArn": [TOPIC]},
        {},
        ["Publish"],
        "Failed",
        signal="Reject",
    ),
    "and is not where nobody says anything": Case(
        "reboot-with-approval",
        {"InstanceId": [INSTANCE], "Approvers": ["alice"], "SNSTopicArn": [TOPIC]},
        {},
        ["Publish"],
        "TimedOut",
    ),
    "a long drain is waited for": Case(
        "drain-by-function",
        {},
        {"lambda:drain": {"max_drain_time": 30}, "lambda:finish": None},
        ["drain", "finish"],
        last={"drained": {"max_drain_time": 30}},
    ),
    "a function that fails is called again and then given up": Case(
        "drain-by-function",
        {"FunctionName": ["other"]},
        {"lambda:other": "Boom"},
        ["other", "other"],
        "Failed",
        {"names": ["a", "b"], "region": "eu-west-1"},
    ),
    "defaults come from Parameter Store": Case(
        "stored-default",
        {},
        {"sns:Publish": {}},
        ["Publish"],
        last={"TopicArn": TOPIC, "Message": 'subnets: ["subnet-1","subnet-2"]'},
    ),
    "flow logs are turned on": Case(
        "enable-flow-logs",
        {"VpcId": ["vpc-1"]},
        {
            "ec2:DescribeFlowLogs": [
                {"FlowLogs": [{"FlowLogId": "fl-0", "TrafficType": "ALL"}]},
                {"FlowLogs": []},
                {"FlowLogs": [{"FlowLogStatus": "ACTIVE"}]},
            ],
            "ec2:CreateFlowLogs": {"Unsuccessful": []},
        },
        ["DescribeFlowLogs", "CreateFlowLogs", "DescribeFlowLogs", "DescribeFlowLogs"],
    ),
    "flow logs that are on are only checked": Case(
        "enable-flow-logs",
        {"VpcId": ["vpc-1"]},
        {
            "ec2:DescribeFlowLogs": {
                "FlowLogs": [
                    {"FlowLogId": "fl-1", "TrafficType": "REJECT", "FlowLogStatus": "ACTIVE"}
                ]
            }
        },
        ["DescribeFlowLogs", "DescribeFlowLogs"],
    ),
    "flow logs that never get active time out": Case(
        "enable-flow-logs",
        {"VpcId": ["vpc-1"]},
        {
            "ec2:DescribeFlowLogs": {
                "FlowLogs": [{"FlowLogId": "fl-1", "TrafficType": "REJECT", "FlowLogStatus": "x"}]
            }
        },
        ["DescribeFlowLogs"] * 16,
        "TimedOut",
    ),
    "a failure that nobody minds is passed over": Case(
        "tidy-up",
        {},
        {
            "ec2:ReleaseAddress": "Boom",
            "ec2:DeleteNatGateway": {},
            "ec2:DeleteRouteTable": "Boom",
        },
        ["ReleaseAddress", "DeleteNatGateway", "DeleteRouteTable"],
    ),
    "a failure that matters is passed over and told in the end": Case(
        "tidy-up",
        {},
        {
            "ec2:ReleaseAddress": {},
            "ec2:DeleteNatGateway": "Boom",
            "ec2:DeleteRouteTable": {},
        },
        ["ReleaseAddress", "DeleteNatGateway", "DeleteRouteTable"],
        "Failed",
    ),
}


def teach(world, answers):
    for name, answer in answers.items():
        if name == "script":
            world.scripts = lambda answer=answer, **_: answer
        elif name.startswith("lambda:"):
            world.functions[name[7:]] = answering(world, name, answer)
        else:
            world.apis[name] = answering(world, name, answer)


def answering(world, name, answer):
    one_by_one = iter(answer) if isinstance(answer, list) else None

    def call(*_, **__):
        if isinstance(answer, str):
            raise world.error(answer, "no", name)
        return next(one_by_one) if one_by_one else answer

    return call


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_runbook(world, case):
    teach(world, case.answers)
    world.parameters = {"/network/subnets": "subnet-1,subnet-2", "topic": TOPIC}
    document = Document.parse((BOOKS / f"{case.book}.yaml").read_text("utf-8"), "YAML")
    run = world.start(document, case.given)
    world.drive(run)
    if case.signal:
        run.signal(case.signal, {}, "arn:aws:iam::123456789012:user/alice")
        world.drive(run)
    world.sleep(run, 2000)
    assert [name.partition(":")[2] or name for name in world.named()] == case.calls
    assert run.status == case.status
    if case.last is not None:
        assert world.calls[-1][1] == case.last

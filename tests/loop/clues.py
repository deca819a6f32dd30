"""What a deployed Netmend says of itself when a part of it does not do what it is for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from netmend.sandbox.events.attempts import Loss, Losses
from tests.loop.world import ACCOUNT, REGION, RULE, World

FUNCTIONS: Final = ("netmend-detector", "netmend-planner")
FAILED: Final = ("Failed", "TimedOut", "Cancelled")
EVENT_RULE: Final = "netmend-RevokePublicIngress"


def clues(world: World) -> list[str]:
    """One line for each thing that did not happen or was refused, from the rule to the run."""
    parts = (_rule(world), _events(world), _losses(world), _runs(world), _records(world))
    logs = (line for name in FUNCTIONS for line in _log(world, name))
    return [line for part in (*parts, logs) for line in part]


def _rule(world: World) -> Iterator[str]:
    config = world.client("config")
    found = [
        rule
        for rule in config.describe_config_rules()["ConfigRules"]
        if rule["ConfigRuleName"].startswith(RULE)
    ]
    if not found:
        yield f"no conformance pack has made the Config rule {RULE}"
    for rule in found:
        types = rule.get("Scope", {}).get("ComplianceResourceTypes")
        for group in _groups(world):
            if not world.compliance(group):
                yield f"the rule has not judged {group} at all; it hears of {types}"
        status = config.describe_config_rule_evaluation_status(
            ConfigRuleNames=[rule["ConfigRuleName"]]
        )["ConfigRulesEvaluationStatus"][0]
        if "LastErrorMessage" in status:
            yield f"the rule's last error: {status['LastErrorCode']}: {status['LastErrorMessage']}"


def _groups(world: World) -> list[str]:
    found = world.client("ec2").describe_security_groups(
        Filters=[{"Name": "group-name", "Values": ["group-*"]}]
    )
    return [group["GroupId"] for group in found["SecurityGroups"]]


def _events(world: World) -> Iterator[str]:
    events = world.client("events")
    rules = {rule["Name"]: rule for rule in events.list_rules(NamePrefix="netmend-")["Rules"]}
    if EVENT_RULE not in rules:
        yield f"there is no event rule {EVENT_RULE}"
        return
    if not events.list_targets_by_rule(Rule=EVENT_RULE)["Targets"]:
        yield f"the event rule {EVENT_RULE} has no target"
    if not _executions(world) and not _lost(world):
        names = json.loads(rules[EVENT_RULE]["EventPattern"])["detail"]["configRuleName"]
        verdicts = world.client("config").describe_compliance_by_config_rule()
        if "NON_COMPLIANT" in json.dumps(verdicts, default=str):
            yield f"NON_COMPLIANT, but {EVENT_RULE} matched no event: it hears of rules {names}"


def _lost(world: World) -> list[Loss]:
    return list(world.sandbox.state(Losses, ACCOUNT, REGION))


def _losses(world: World) -> Iterator[str]:
    for loss in _lost(world):
        name = loss.rule_arn.rpartition("/")[2]
        yield f"{name} could not start {loss.target_arn}: {loss.code}: {loss.message}"
        if not loss.dead_letter_queue:
            yield f"its event is in no queue: {_queue(world, name)}"


def _queue(world: World, name: str) -> str:
    (target,) = world.client("events").list_targets_by_rule(Rule=name)["Targets"]
    if "DeadLetterConfig" not in target:
        return f"the target of {name} has no DeadLetterConfig"
    queue = target["DeadLetterConfig"]["Arn"].rpartition(":")[2]
    sqs = world.client("sqs")
    asked = {"QueueUrl": sqs.get_queue_url(QueueName=queue)["QueueUrl"]}
    policy = sqs.get_queue_attributes(**asked, AttributeNames=["Policy"]).get("Attributes", {})
    return f"the policy of {queue} does not let EventBridge sqs:SendMessage: {policy}"


def _executions(world: World) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.client("ssm").describe_automation_executions(MaxResults=3)[
        "AutomationExecutionMetadataList"
    ]
    return found


def _runs(world: World) -> Iterator[str]:
    for run in _executions(world):
        whole = world.run(run["AutomationExecutionId"])
        for step in whole["StepExecutions"]:
            # Abort fails on purpose, after what it reports.
            if step["StepStatus"] in FAILED and step["StepName"] != "Abort":
                cause = step.get("FailureMessage", "").partition(', "requestId"')[0]
                yield f"step {step['StepName']} failed: {cause}"


def _records(world: World) -> Iterator[str]:
    try:
        ours = [data for key, data in world.objects() if key.startswith(f"{ACCOUNT}/")]
    except ClientError as error:
        yield f"the evidence can't be read: {error}"
        return
    for record in map(json.loads, ours):
        if record["kind"] == "refusal":
            yield f"evidence: {record['outcome']}: {record['reason']}"


def _log(world: World, function: str) -> Iterator[str]:
    group = f"/aws/lambda/{function}"
    logs = world.client("logs")
    if not logs.describe_log_streams(logGroupName=group)["logStreams"]:
        yield f"{group} is empty"
    for event in logs.filter_log_events(logGroupName=group)["events"]:
        if "Error" in event["message"]:
            yield f"{group}: {event['message'].splitlines()[-1]}"

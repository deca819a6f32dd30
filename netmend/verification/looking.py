"""The checks that change nothing but a scratch group in which nobody opens anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from botocore.exceptions import ClientError

from netmend.verification.errors import CouldNotError, DriftError
from netmend.verification.openings import neighbours, public
from netmend.verification.place import RULE
from netmend.verification.stage import Stage, refused

PRECISION: Final = timedelta(seconds=1)
QUEUE: Final = "netmend-start-dlq"
GROUP: Final = "AWS::EC2::SecurityGroup"


def selector_root(stage: Stage) -> str:
    """1: Plan.Decision comes through from the function's own return value."""
    found = stage.settled(stage.start(stage.group()))  # nothing to mend, so it ends in any mode
    if found.state("Plan") != "Success":
        raise CouldNotError(f"Plan is {found.state('Plan')}: {found.failure('Plan')}")
    if not found.decision:
        raise DriftError(f"Plan.Decision is not set; the run went {found.path}", "a decision")
    return f"Plan.Decision is {found.decision}"


def raising_function(stage: Stage) -> str:
    """2: a function that raises fails its step, and Abort fails the run."""
    group = stage.group()
    with stage.granted(group, "approve"):  # in some modes Plan would not come to read the rule
        found = stage.settled(stage.start(group, rule=f"{RULE}verify0"))
    told = f"the run is {found.status}: {found.path}"
    if not found.ended or not found.reached("Plan"):
        raise CouldNotError(told)
    ends = (found.status, found.state("Plan"), found.state("Abort"))
    if ends != ("Failed", "Failed", "Failed"):
        raise DriftError(told, "Plan Failed, Abort Failed, and the run Failed")
    return told


def evaluation_of_pack_rule(stage: Stage) -> str:
    """10: StartConfigRulesEvaluation works on a rule that a conformance pack owns."""
    for _ in stage.times("an evaluation of the rule that is under way"):
        try:
            stage.write(
                "config", "start_config_rules_evaluation", ConfigRuleNames=[stage.place.rule]
            )
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in ("AccessDeniedException", "AccessDenied"):
                raise refused(error) from error
            if code not in ("ResourceInUseException", "LimitExceededException"):
                raise DriftError(f"{code}: {error.response['Error']['Message']}", "no error") from (
                    error
                )
        else:
            return f"started for {stage.place.rule}"
    raise CouldNotError("the rule was being evaluated all the time", "try it again later")


def history(stage: Stage) -> str:
    """12: GetResourceConfigHistory with laterTime begins with the item of that time itself."""
    config = stage.clients("config")
    found = config.list_discovered_resources(resourceType=GROUP, limit=1)["resourceIdentifiers"]
    if not found:
        raise CouldNotError("AWS Config has recorded no security group", "let it record them")
    asked = {"resourceType": GROUP, "resourceId": found[0]["resourceId"], "limit": 2}
    items = config.get_resource_config_history(**asked)["configurationItems"]
    if not items:
        raise CouldNotError(f"AWS Config has no history of {found[0]['resourceId']}")
    wanted = items[-1]["configurationItemCaptureTime"]
    items = config.get_resource_config_history(**asked, laterTime=wanted)["configurationItems"]
    first: Any = items[0]["configurationItemCaptureTime"] if items else None
    if first is None or abs(first - wanted) > PRECISION:
        raise DriftError(f"asked for {wanted}, the first item is of {first}", "that item first")
    return f"the item of {wanted:%Y-%m-%d %H:%M:%S} came first"


def managed_prefix_list(stage: Stage) -> str:
    """15: a group with a prefix list of AWS's own can be judged."""
    asked = [{"Name": "owner-id", "Values": ["AWS"]}]
    lists = stage.clients("ec2").describe_managed_prefix_lists(Filters=asked)["PrefixLists"]
    if not lists:
        raise CouldNotError("this Region has no prefix list of AWS's own")
    # DynamoDB's has few entries, and each counts against the quota of a group's rules.
    chosen = min(lists, key=lambda one: not one["PrefixListName"].endswith(".dynamodb"))
    port = stage.place.policy.guarded.tcp[0][0] if stage.place.policy.guarded.tcp else 22
    permission = {
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "PrefixListIds": [{"PrefixListId": chosen["PrefixListId"]}],
    }
    group = stage.group(permission)
    with stage.granted(group, "enforce"):
        found = stage.settled(stage.start(group))
    why = found.failure("Plan")
    if found.state("Plan") == "Success":
        return f"judged with {chosen['PrefixListName']}: {found.decision}"
    if "AccessDenied" in why or "UnauthorizedOperation" in why:
        raise DriftError(f"Plan Failed: {why}", f"{chosen['PrefixListName']} is read")
    raise CouldNotError(f"Plan is {found.state('Plan')}: {why}")


def delivery(stage: Stage) -> str:
    """13: EventBridge starts a run by itself, and nothing comes into the dead-letter queue.

    The grant has its evidence say that it was a trial: nobody is to take it for a drift.
    """
    before = _dead(stage)
    group = stage.group()
    with stage.granted(group, "enforce"):
        stage.open(group, public(neighbours(stage)))
        return _delivered(stage, group, before)


def _delivered(stage: Stage, group: str, dead: int) -> str:
    for _ in stage.times("AWS Config to judge the group and EventBridge to start a run"):
        found = stage.runs(group)
        if found:
            run = stage.settled(found[0].id)
            return f"started by {run.executed_by or 'EventBridge'}"
        if _dead(stage) > dead:
            raise DriftError(f"a start went to {QUEUE}", "a run; its attributes tell the error")
    if _judged(stage, group):
        raise DriftError("the group is NON_COMPLIANT and no run was started", "a run")
    raise CouldNotError(
        "AWS Config has not judged the group",
        "see that it records security groups, or give it longer by --timeout",
    )


def _judged(stage: Stage, group: str) -> bool:
    """Whether our rule, and not another one of the account, holds the group for open."""
    asked = {"ResourceType": GROUP, "ResourceId": group, "ComplianceTypes": ["NON_COMPLIANT"]}
    reader = stage.clients("config").get_paginator("get_compliance_details_by_resource")
    return any(
        result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ConfigRuleName"]
        == stage.place.rule
        for page in reader.paginate(**asked)
        for result in page["EvaluationResults"]
    )


def _dead(stage: Stage) -> int:
    sqs = stage.clients("sqs")
    asked = {
        "QueueUrl": sqs.get_queue_url(QueueName=QUEUE)["QueueUrl"],
        "AttributeNames": ["ApproximateNumberOfMessages"],
    }
    return int(sqs.get_queue_attributes(**asked)["Attributes"]["ApproximateNumberOfMessages"])

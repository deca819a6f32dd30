"""A deployment that is cut anywhere ends, by the next run, as one that never was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from netmend.deploy import change, standing
from netmend.deploy.change import deletion
from netmend.deploy.site import Site
from netmend.deploy.standing import StackError, Standing
from netmend.deploy.survey import _roles
from netmend.deploy.writes import carry_out
from netmend.errors import UserError
from netmend.sandbox.cloudformation.model import Stacks
from netmend.sandbox.core import Sandbox
from tests.deploy.places import ACCOUNT, Fault, Place

CREATE, EXECUTE = "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"
DISCARD, DELETE = "cloudformation:DeleteChangeSet", "cloudformation:DeleteStack"
SETTINGS = ["s3:PutPublicAccessBlock", "s3:PutBucketEncryption", "s3:PutBucketPolicy"]
FIRST = ["s3:CreateBucket", *SETTINGS, *["s3:PutObject"] * 4, *[CREATE, EXECUTE] * 3]


@pytest.fixture
def place() -> Iterator[Place]:
    with Sandbox() as sandbox:
        yield Place(sandbox)


@pytest.fixture(scope="module")
def whole() -> dict[str, object]:
    with Sandbox() as sandbox:
        place = Place(sandbox)
        assert place.deploy() == FIRST
        return place.stands()


def dies_at(call_number: int) -> Fault:
    def fault(number: int, _: str) -> None:
        if number == call_number:
            raise KeyboardInterrupt

    return fault


def expires_at(call_number: int) -> Fault:
    def fault(number: int, call: str) -> None:
        if number == call_number:
            error = {"Code": "ExpiredToken", "Message": "The security token has expired"}
            raise ClientError({"Error": error}, call.partition(":")[2])

    return fault


def test_a_run_that_died_after_a_call_is_gone_on_with_wherever_it_was(
    place: Place, whole: dict[str, object]
) -> None:
    died: list[str] = []

    def dies_at_the_next(_: int, call: str) -> None:
        if call == FIRST[len(died)]:
            died.append(call)
            raise KeyboardInterrupt

    place.after = dies_at_the_next
    for number, call in enumerate(FIRST):
        with pytest.raises(KeyboardInterrupt):
            place.deploy()
        # What a run has planned and never looked at is thrown away by the next.
        planned_before = number and FIRST[number - 1] == CREATE
        assert place.made == ([DISCARD, CREATE, call] if planned_before else [call])
    place.after = lambda number, call: None
    assert place.deploy() == []
    assert place.stands() == whole


@pytest.mark.parametrize("cut", [0, 4, 9, 13], ids=lambda n: f"{n} {FIRST[n]}")
def test_a_call_that_was_refused_is_made_by_the_next_run(
    cut: int, place: Place, whole: dict[str, object]
) -> None:
    place.before = expires_at(cut)
    with pytest.raises(ClientError, match="ExpiredToken"):
        place.deploy()
    place.before = lambda number, call: None
    left = FIRST[cut:]
    if FIRST[cut] == EXECUTE:
        left = [DISCARD, CREATE, *left]
    assert place.deploy() == left
    assert place.stands() == whole


def test_an_update_that_died_is_gone_on_with(place: Place) -> None:
    place.deploy()
    place.after = dies_at(0)
    with pytest.raises(KeyboardInterrupt):
        place.deploy(settings={"GuardedPorts": "22"})
    place.after = lambda number, call: None
    assert place.deploy(settings={"GuardedPorts": "22"}) == [DISCARD, CREATE, EXECUTE]
    assert place.deploy() == []


def test_what_an_interrupted_update_has_planned_is_cleared_by_a_run_that_changes_nothing(
    place: Place,
) -> None:
    place.deploy()
    place.after = dies_at(0)
    with pytest.raises(KeyboardInterrupt):
        place.deploy(settings={"GuardedPorts": "22"})
    place.after = lambda number, call: None
    assert place.deploy() == [DISCARD]
    assert place.deploy() == []


def test_a_creation_that_failed_is_named_and_begun_anew(
    place: Place, whole: dict[str, object]
) -> None:
    sqs = place.raw("sqs")
    url = sqs.create_queue(QueueName="netmend-start-dlq")["QueueUrl"]
    with pytest.raises(
        StackError, match=r"netmend-remediation: StartDeadLetters \(AWS::SQS::Queue\)"
    ):
        place.deploy()
    assert place.stack("netmend-remediation")["StackStatus"] == "ROLLBACK_COMPLETE"
    sqs.delete_queue(QueueUrl=url)
    assert place.deploy() == [DELETE, CREATE, EXECUTE]
    assert place.stands() == whole


def test_a_stack_that_was_never_complete_goes_first_and_its_evidence_is_looked_at_again(
    place: Place,
) -> None:
    place.deploy()
    stack = place.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-remediation"]
    stack.status = "ROLLBACK_FAILED"

    def takes_bucket(number: int, call: str) -> None:
        if call == DELETE:
            place.raw("s3").delete_bucket(Bucket=f"netmend-evidence-{ACCOUNT}-us-east-1")

    place.after = takes_bucket
    with pytest.raises(UserError, match="went evidence that it had made - run it again"):
        place.deploy()
    place.after = lambda number, call: None
    assert place.deploy() == [CREATE, EXECUTE]
    assert place.raw("s3").head_bucket(Bucket=f"netmend-evidence-{ACCOUNT}-us-east-1")


def test_an_update_that_failed_is_tried_again(place: Place) -> None:
    place.deploy()
    stack = place.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-detection"]
    stack.status = "UPDATE_ROLLBACK_COMPLETE"
    assert place.deploy(settings={"GuardedPorts": "22"}) == [CREATE, EXECUTE]
    stack.status = "UPDATE_ROLLBACK_COMPLETE"
    assert place.deploy() == [CREATE, DISCARD]


def test_each_call_is_told_before_it_is_made_and_was_planned(place: Place) -> None:
    planned = [write.call for write in place.plan().writes]
    assert planned == FIRST
    told_first: list[str] = []
    place.before = lambda number, call: told_first.append(place.told[-1].split()[0])
    assert place.deploy() == FIRST == told_first


def test_roles_that_failed_halfway_are_made_anew(place: Place) -> None:
    place.deploy()
    stack = place.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-roles"]
    stack.status = "ROLLBACK_FAILED"
    assert place.deploy() == [DELETE, CREATE, EXECUTE]
    assert place.deploy() == []


IN_THE_MAKING = {
    "CREATE_PENDING": False,
    "CREATE_IN_PROGRESS": False,
    "CREATE_COMPLETE": True,
    "FAILED": True,
    "DELETE_IN_PROGRESS": False,
    "DELETE_FAILED": True,
}


@pytest.mark.parametrize(("status", "deleted"), IN_THE_MAKING.items())
def test_a_change_set_is_cleared_when_it_can_be_deleted(status: str, deleted: bool) -> None:
    summary = {"ChangeSetName": "netmend-1", "Status": status, "ExecutionStatus": "UNAVAILABLE"}
    assert standing._pending(summary) is deleted


def test_a_stack_under_review_is_waited_for_until_it_is_gone(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = iter(["REVIEW_IN_PROGRESS", "DELETE_IN_PROGRESS", ""])
    place.after = dies_at(8)
    with pytest.raises(KeyboardInterrupt):
        place.deploy()
    client = place.raw("cloudformation")

    def describe_stacks(StackName: str) -> dict[str, object]:
        status = next(looks)
        if not status:
            raise ClientError({"Error": {"Message": "does not exist"}}, "DescribeStacks")
        return {"Stacks": [{"StackStatus": status}]}

    monkeypatch.setattr(client, "describe_stacks", describe_stacks)
    monkeypatch.setattr("time.sleep", lambda _: None)
    carry_out([deletion(client, "netmend-roles")], lambda _: None)
    assert list(looks) == []


class Early:
    """What CloudFormation's look beforehand has found, or refuses to tell."""

    def __init__(self, *events: dict[str, str]) -> None:
        self.events = events

    def describe_events(self, **asked: object) -> dict[str, object]:
        assert asked == {"ChangeSetName": "arn", "Filters": {"FailedEvents": True}}
        if not self.events:
            raise ClientError({"Error": {"Code": "AccessDenied"}}, "DescribeEvents")
        return {"OperationEvents": list(self.events)}


def test_a_name_that_is_taken_already_is_told_as_cloudformation_found_it() -> None:
    planned = {
        "ChangeSetId": "arn",
        "StatusReason": "The following hook(s)/validation failed: "
        "[AWS::EarlyValidation::ResourceExistenceCheck]. To troubleshoot, use DescribeEvents.",
    }
    taken = {
        "LogicalResourceId": "Ledger",
        "ResourceType": "AWS::DynamoDB::Table",
        "ValidationStatusReason": "it already exists",
    }
    said = change._found_early(Early({"EventType": "STACK_EVENT"}, taken), planned)
    assert said == "Ledger (AWS::DynamoDB::Table): it already exists"
    assert change._found_early(Early(), planned) == ""
    assert change._found_early(None, {"StatusReason": "anything else"}) == ""


FAILED_ROLES = {
    "their own stack, which has failed": ("us-east-1", "ROLLBACK_FAILED", ""),
    "their own stack, which is gone": ("us-east-1", "", ""),
    "the stack of another Region": ("eu-west-1", "ROLLBACK_COMPLETE", "eu-west-1"),
    "nobody knows what, and here none has failed": ("", "", "another Region"),
    "nobody knows what, and a stack here has failed": ("", "DELETE_FAILED", ""),
}


@pytest.mark.parametrize("case", FAILED_ROLES.values(), ids=FAILED_ROLES)
def test_roles_are_taken_as_they_stand_only_where_another_stack_has_made(
    case: tuple[str, str, str],
) -> None:
    region, status, told = case
    stack = f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/netmend-roles/1"
    tags = [{"Key": "aws:cloudformation:stack-id", "Value": stack}] if region else []

    class Iam:
        def get_role(self, **_: str) -> dict[str, object]:
            return {"Role": {"Tags": tags}}

    site = Site(lambda service: Iam(), ACCOUNT, "us-east-1", "aws", "")
    assert _roles(site, Standing("netmend-roles", status)) == told

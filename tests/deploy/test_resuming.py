"""A deployment that is cut anywhere ends, by the next run, as one that never was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from netmend.deploy import standing
from netmend.deploy.standing import StackError
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


@pytest.mark.parametrize("cut", range(len(FIRST)), ids=lambda n: f"after {n} {FIRST[n]}")
def test_a_run_that_died_after_a_call_is_gone_on_with(
    cut: int, place: Place, whole: dict[str, object]
) -> None:
    place.after = dies_at(cut)
    with pytest.raises(KeyboardInterrupt):
        place.deploy()
    place.after = lambda number, call: None
    left = FIRST[cut + 1 :]
    if FIRST[cut] == CREATE:  # what it has planned was never looked at
        left = [DISCARD, CREATE, *left]
    assert place.deploy() == left
    assert place.stands() == whole
    assert place.deploy() == []


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


WAITED = {
    "a creation": "CREATE_IN_PROGRESS",
    "an update": "UPDATE_IN_PROGRESS",
    "its cleaning up": "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "a roll-back": "UPDATE_ROLLBACK_IN_PROGRESS",
}


@pytest.mark.parametrize("status", WAITED.values(), ids=WAITED.keys())
def test_what_cloudformation_is_at_is_waited_for(
    status: str, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.deploy()
    place.told.clear()
    stack = place.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-detection"]
    stack.status = status
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            stack.status = "UPDATE_COMPLETE"

    monkeypatch.setattr("time.sleep", sleep)
    assert place.deploy() == []
    assert slept == [2.0, 2.0, 2.0]
    assert place.told == [f"netmend-detection is {status}: waiting until that has ended"]


def test_a_stack_that_does_not_come_to_rest_is_not_waited_for_for_ever(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.deploy()
    stack = place.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-detection"]
    stack.status = "UPDATE_IN_PROGRESS"
    monkeypatch.setattr(standing, "PATIENCE", 3)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(StackError, match="is still UPDATE_IN_PROGRESS - run it again later"):
        place.deploy()


def test_a_stack_that_only_a_person_can_mend_is_named_before_anything_is_made(
    place: Place,
) -> None:
    place.deploy()
    stack = place.sandbox.state(Stacks, ACCOUNT, "us-east-1").live["netmend-detection"]
    stack.status = "UPDATE_ROLLBACK_FAILED"
    place.made.clear()
    with pytest.raises(StackError, match="continue-update-rollback --stack-name netmend-detection"):
        place.deploy(settings={"GuardedPorts": "22"})
    assert place.made == []


def test_each_call_is_told_before_it_is_made_and_was_planned(place: Place) -> None:
    planned = [write.call for write in place.plan().writes]
    assert planned == FIRST
    told_first: list[str] = []
    place.before = lambda number, call: told_first.append(place.told[-1].split()[0])
    assert place.deploy() == FIRST == told_first

"""aws:approve: who is asked, who may answer, and what comes of the answer."""

import json

import pytest

from netmend.sandbox.automation import SignalError

TOPIC = "arn:aws:sns:eu-west-1:123456789012:Automation-netmend-approvals"
USER = "arn:aws:iam::123456789012:user/alice"
OTHER = "arn:aws:iam::123456789012:user/teams/net/bob"
ROLE = "arn:aws:iam::123456789012:role/teams/Approver"
SESSION = "arn:aws:sts::123456789012:assumed-role/Approver/carol"
AFTER = {"name": "After", "action": "aws:sleep", "inputs": {"Duration": "PT0S"}}


def approve(*approvers, **more):
    inputs = {"Approvers": list(approvers) or ["alice"], **more.pop("inputs", {})}
    return {"name": "Ask", "action": "aws:approve", "inputs": inputs, **more}


def ask(world, *approvers, **more):
    return world.run(approve(*approvers, **more), AFTER)


def answer(world, run, kind, sender=USER, comment=None):
    run.signal(kind, {"Comment": [comment]} if comment else {}, sender)
    world.drive(run)


def test_the_question_goes_to_the_topic_as_the_role(world):
    inputs = {"NotificationArn": TOPIC, "Message": "Take away {{ What }}?"}
    run = world.run(
        approve(inputs=inputs),
        assumeRole=ROLE,
        parameters={"What": {"type": "String", "default": "22/tcp"}},
    )
    (sent,) = world.published
    assert sent["topic"] == TOPIC
    assert sent["subject"] == "Approval needed: Netmend-Test"
    for part in ("Take away 22/tcp?", run.facts.execution_id, "Step: Ask", '["alice"]'):
        assert part in sent["message"]
    assert world.credentials[0]["role"] == ROLE


def test_without_a_topic_nobody_is_told_and_the_run_waits(world):
    run = ask(world)
    assert world.published == []
    assert (run.status, run.steps[0].status, run.ready) == ("Waiting", "Waiting", False)
    assert run.steps[0].outputs == {"ApprovalStatus": "Waiting"}


def test_an_approval_lets_the_run_go_on(world):
    run = ask(world)
    world.time += 60
    answer(world, run, "Approve", comment="looks good")
    assert run.status == "Success"
    assert world.statuses(run) == {"Ask": "Success", "After": "Success"}
    outputs = run.record()["StepExecutions"][0]["Outputs"]
    assert outputs["ApprovalStatus"] == ["Approved"]
    (decisions,) = outputs["ApproverDecisions"]
    assert json.loads(decisions) == [
        {
            "Approver": USER,
            "Decision": "Approved",
            "Time": "2026-09-21T14:14:20Z",
            "Comment": "looks good",
        }
    ]


def test_the_decisions_can_be_referred_to(world):
    world.functions["f"] = lambda payload: payload
    record = {
        "name": "Note",
        "action": "aws:invokeLambdaFunction",
        "inputs": {
            "FunctionName": "f",
            "InputPayload": {
                "status": "{{ Ask.ApprovalStatus }}",
                "by": "{{ Ask.ApproverDecisions }}",
            },
        },
    }
    run = world.run(approve(), record)
    answer(world, run, "Approve")
    (_, payload) = world.calls[-1]
    assert payload["status"] == "Approved"
    assert payload["by"][0]["Approver"] == USER


def test_a_rejection_fails_the_step_at_once_and_is_not_asked_again(world):
    run = ask(world, maxAttempts=3)
    answer(world, run, "Reject", comment="no")
    assert run.status == "Failed"
    assert world.statuses(run) == {"Ask": "Failed", "After": "Pending"}
    (step, _) = run.record()["StepExecutions"]
    assert step["Outputs"]["ApprovalStatus"] == ["Rejected"]
    assert f"The step was Rejected by {USER}" in step["FailureMessage"]
    assert json.loads(step["Outputs"]["ApproverDecisions"][0])[0]["Comment"] == "no"


def test_several_approvals_are_waited_for_where_several_are_needed(world):
    run = ask(world, "alice", OTHER, ROLE, inputs={"MinRequiredApprovals": 2})
    answer(world, run, "Approve", USER)
    assert run.status == "Waiting"
    shown = run.record()["StepExecutions"][0]["Outputs"]
    assert shown["ApprovalStatus"] == ["Waiting"]
    assert len(json.loads(shown["ApproverDecisions"][0])) == 1
    answer(world, run, "Approve", SESSION)
    assert run.status == "Success"


def test_one_rejection_outweighs_an_approval(world):
    run = ask(world, "alice", OTHER, inputs={"MinRequiredApprovals": 2})
    answer(world, run, "Approve", USER)
    answer(world, run, "Reject", OTHER)
    assert run.status == "Failed"


MAY = {
    "a user by name": ("alice", USER),
    "a user with a path by name": ("bob", OTHER),
    "a user by ARN": (OTHER, OTHER),
    "a session of a role by the role's ARN": (ROLE, SESSION),
    "a session of a role by its own ARN": (SESSION, SESSION),
    "the root by ARN": ("arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:root"),
}
MAY_NOT = {
    "another user": ("alice", OTHER),
    "a user of that name in another account": ("alice", "arn:aws:iam::999999999999:user/alice"),
    "a user of that name by another's ARN": (USER, "arn:aws:iam::999999999999:user/alice"),
    "a user whose path is the name": ("teams", OTHER),
    "a session of a role whose name goes on": (
        ROLE,
        "arn:aws:sts::123456789012:assumed-role/ApproverX/carol",
    ),
    "a session of that role in another account": (
        ROLE,
        "arn:aws:sts::999999999999:assumed-role/Approver/carol",
    ),
    "a session whose name is the user's": (
        "alice",
        "arn:aws:sts::123456789012:assumed-role/Other/alice",
    ),
    "a session of another name": (SESSION, SESSION + "2"),
    "the root for a name": ("alice", "arn:aws:iam::123456789012:root"),
}


@pytest.mark.parametrize(("approver", "sender"), MAY.values(), ids=MAY)
def test_an_answer_is_taken_of(world, approver, sender):
    run = ask(world, approver)
    answer(world, run, "Approve", sender)
    assert run.status == "Success"


@pytest.mark.parametrize(("approver", "sender"), MAY_NOT.values(), ids=MAY_NOT)
def test_no_answer_is_taken_of(world, approver, sender):
    run = ask(world, approver)
    with pytest.raises(SignalError, match="is not an approver of this step"):
        run.signal("Approve", {}, sender)
    assert (run.status, run.ready) == ("Waiting", False)


TWICE = {
    "the same user": (["alice", "bob"], USER, USER),
    "a user listed by name and by ARN": (["alice", USER], USER, USER),
    "two sessions of one role": ([ROLE, "alice"], SESSION, SESSION + "2"),
}


@pytest.mark.parametrize(("approvers", "first", "second"), TWICE.values(), ids=TWICE)
def test_nobody_counts_twice(world, approvers, first, second):
    run = ask(world, *approvers, inputs={"MinRequiredApprovals": 2})
    answer(world, run, "Approve", first)
    with pytest.raises(SignalError, match="has answered this step already"):
        run.signal("Approve", {}, second)
    assert run.status == "Waiting"


def test_the_approvers_may_come_from_a_parameter(world):
    run = world.run(
        approve(inputs={"Approvers": "{{ Who }}"}),
        given={"Who": ["alice", "bob"]},
        parameters={"Who": {"type": "StringList"}},
    )
    answer(world, run, "Approve")
    assert run.status == "Success"


BAD = {
    "no approvers": ({"Approvers": []}, "Approvers must be a list of 1 to 10 texts"),
    "eleven approvers": ({"Approvers": [str(n) for n in range(11)]}, "a list of 1 to 10 texts"),
    "approvers that are a text": ({"Approvers": "alice"}, "a list of 1 to 10 texts"),
    "an approver without a name": ({"Approvers": ["alice", ""]}, "a list of 1 to 10 texts"),
    "an approver that is a number": ({"Approvers": [1]}, "a list of 1 to 10 texts"),
    "more approvals than approvers": (
        {"MinRequiredApprovals": 2},
        "MinRequiredApprovals must be 1",
    ),
    "more approvals than different approvers": (
        {"Approvers": ["alice", "alice"], "MinRequiredApprovals": 2},
        "must be 1 to 1",
    ),
    "no approval at all": ({"MinRequiredApprovals": 0}, "MinRequiredApprovals must be 1 to 1"),
    "words for the number": ({"MinRequiredApprovals": "all"}, "not convertible to Integer"),
    "a message that is too long": ({"Message": "x" * 4097}, "more than 4096 characters"),
    "a topic of another name": (
        {"NotificationArn": TOPIC.replace("Automation", "Mine")},
        "whose name begins with Automation",
    ),
    "a topic that is a queue": (
        {"NotificationArn": TOPIC.replace("sns", "sqs")},
        "must be an SNS topic",
    ),
    "an input of another action": ({"Topic": TOPIC}, "the input Topic is unknown"),
}


@pytest.mark.parametrize(("inputs", "message"), BAD.values(), ids=BAD)
def test_the_step_fails_without_asking_for(world, inputs, message):
    run = ask(world, inputs=inputs)
    assert run.status == "Failed"
    assert message in run.failure_message
    assert world.published == []


def test_a_topic_that_the_role_may_not_publish_to_fails_the_step(world, monkeypatch):
    def deny(*_):
        raise world.error("AuthorizationError", "no", "Publish")

    monkeypatch.setattr(world, "publish", deny)
    run = ask(world, inputs={"NotificationArn": TOPIC})
    assert run.status == "Failed"
    assert run.steps[0].failure.kind == "Permission"


def test_a_message_of_exactly_the_limit_is_sent(world):
    run = ask(world, inputs={"NotificationArn": TOPIC, "Message": "x" * 4096})
    assert (run.status, len(world.published)) == ("Waiting", 1)

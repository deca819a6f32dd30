"""An answer to aws:approve is taken while it is awaited, and at no other time."""

import pytest

from netmend.sandbox.automation import SignalError

TOPIC = "arn:aws:sns:eu-west-1:123456789012:Automation-netmend-approvals"
USER = "arn:aws:iam::123456789012:user/alice"
OTHER = "arn:aws:iam::123456789012:user/teams/net/bob"
AFTER = {"name": "After", "action": "aws:sleep", "inputs": {"Duration": "PT0S"}}


def approve(*approvers, **more):
    inputs = {"Approvers": list(approvers) or ["alice"], **more.pop("inputs", {})}
    return {"name": "Ask", "action": "aws:approve", "inputs": inputs, **more}


def ask(world, *approvers, **more):
    return world.run(approve(*approvers, **more), AFTER)


def answer(world, run, kind, sender=USER):
    run.signal(kind, {}, sender)
    world.drive(run)


def test_seven_days_without_an_answer_are_enough(world):
    run = ask(world)
    world.sleep(run, 604_799)
    assert run.status == "Waiting"
    world.sleep(run, 1)
    assert run.status == "TimedOut"
    assert world.statuses(run) == {"Ask": "TimedOut", "After": "Pending"}
    message = run.record()["StepExecutions"][0]["FailureMessage"]
    assert message.startswith("Step timed out while step is waiting for approval.")


def test_a_late_answer_is_not_taken_even_where_nobody_has_looked_yet(world):
    run = ask(world, timeoutSeconds=60)
    world.time += 60
    with pytest.raises(SignalError, match="not valid for the current Automation execution"):
        run.signal("Approve", {}, USER)
    world.drive(run)
    assert run.status == "TimedOut"


def test_an_answer_in_time_counts_though_the_run_goes_on_late(world):
    run = ask(world, timeoutSeconds=60)
    world.time += 59
    run.signal("Approve", {}, USER)
    world.time += 3600
    world.drive(run)
    assert run.status == "Success"


def test_a_timeout_with_attempts_left_asks_again(world):
    run = ask(world, timeoutSeconds=60, maxAttempts=2, inputs={"NotificationArn": TOPIC})
    world.sleep(run, 60)
    assert (run.status, len(world.published)) == ("Waiting", 2)
    answer(world, run, "Approve")
    assert run.status == "Success"


def test_a_timer_of_a_step_that_was_answered_disturbs_no_later_wait(world):
    nap = {"name": "Nap", "action": "aws:sleep", "inputs": {"Duration": "PT1000S"}}
    run = world.run(approve(timeoutSeconds=60), nap)
    answer(world, run, "Approve")
    world.sleep(run, 500)
    assert world.statuses(run) == {"Ask": "Success", "Nap": "InProgress"}


UNWANTED = {
    "before the run has begun": lambda world: world.start(world.parse(approve())),
    "while no approval is waited for": lambda world: world.run(
        {"name": "nap", "action": "aws:sleep", "inputs": {"Duration": "PT9S"}}
    ),
    "after the run": lambda world: world.run(AFTER),
}


@pytest.mark.parametrize("begin", UNWANTED.values(), ids=UNWANTED)
def test_a_signal_is_refused(world, begin):
    run = begin(world)
    with pytest.raises(SignalError) as refusal:
        run.signal("Approve", {}, USER)
    assert refusal.value.code == "InvalidAutomationSignalException"


def test_a_second_signal_is_refused_before_the_first_has_taken_effect(world):
    run = ask(world, "alice", OTHER)
    run.signal("Approve", {}, USER)
    with pytest.raises(SignalError):
        run.signal("Reject", {}, OTHER)
    world.drive(run)
    assert run.status == "Success"


@pytest.mark.parametrize("kind", ["Resume", "StartStep", "StopStep", "Revoke", "approve"])
def test_other_signals_do_not_answer(world, kind):
    run = ask(world)
    with pytest.raises(SignalError, match=f"The signal {kind} does not answer"):
        run.signal(kind, {}, USER)
    assert run.status == "Waiting"

"""A run can be cancelled, and completed early."""

import pytest

from netmend.sandbox.automation import SignalError, StatusError


def step(name, **keys):
    return {
        "name": name,
        "action": "aws:invokeLambdaFunction",
        "inputs": {"FunctionName": name},
        **keys,
    }


def nap(name="Nap", seconds=600, **keys):
    return {"name": name, "action": "aws:sleep", "inputs": {"Duration": f"PT{seconds}S"}, **keys}


def functions(world, **table):
    world.functions = {name: table.get(name, lambda _: None) for name in ("A", "B", "Abort")}


def test_a_cancelled_wait_ends_cancelled(world):
    run = world.run(nap(), step("A"))
    run.stop()
    assert (run.status, run.ready) == ("Cancelling", True)
    world.drive(run)
    assert run.status == "Cancelled"
    assert world.statuses(run) == {"Nap": "Cancelled", "A": "Pending"}


def test_a_cancelled_approval_can_no_longer_be_given(world):
    run = world.run({"name": "Ask", "action": "aws:approve", "inputs": {"Approvers": ["a"]}})
    run.stop()
    with pytest.raises(SignalError):
        run.signal("Approve", {}, "arn:aws:iam::123456789012:user/a")
    world.drive(run)
    assert (run.status, run.steps[0].status) == ("Cancelled", "Cancelled")


def test_on_cancel_leads_to_a_step_and_the_run_still_ends_cancelled(world):
    functions(world)
    run = world.run(nap(onCancel="step:Abort"), step("A"), step("Abort", isEnd=True))
    run.stop("Cancel")
    world.drive(run)
    assert run.status == "Cancelled"
    assert world.named() == ["lambda:Abort"]
    assert world.statuses(run) == {"Nap": "Cancelled", "A": "Pending", "Abort": "Success"}


def test_a_call_under_way_is_let_finish_and_its_own_on_cancel_is_followed(world):
    functions(world, A=lambda _: run.stop())
    run = world.start(
        world.parse(step("A", onCancel="step:Abort"), step("B"), step("Abort", isEnd=True))
    )
    world.drive(run)
    assert run.status == "Cancelled"
    assert world.statuses(run) == {"A": "Success", "B": "Pending", "Abort": "Success"}


def test_a_call_that_fails_while_the_run_is_cancelled_is_not_tried_again(world):
    def fail(_):
        run.stop()
        raise world.error("Boom", "x", "Invoke")

    functions(world, A=fail)
    run = world.start(world.parse(step("A", maxAttempts=3, onFailure="step:B"), step("B")))
    world.drive(run)
    assert (run.status, len(world.calls)) == ("Cancelled", 1)
    assert world.statuses(run) == {"A": "Failed", "B": "Pending"}


def test_between_two_steps_the_next_one_s_on_cancel_is_followed(world):
    functions(world)
    run = world.start(
        world.parse(step("A"), step("B", onCancel="step:Abort"), step("Abort", isEnd=True))
    )
    run.advance()
    run.stop()
    world.drive(run)
    assert world.named() == ["lambda:A", "lambda:Abort"]
    assert world.statuses(run)["B"] == "Pending"


def test_a_run_cancelled_before_it_began_runs_nothing(world):
    functions(world)
    run = world.start(world.parse(step("A", onCancel="step:Abort"), step("Abort")))
    run.stop()
    world.drive(run)
    assert (run.status, world.calls) == ("Cancelled", [])


def test_the_way_out_of_a_cancelled_run_may_take_two_minutes(world):
    functions(world)
    run = world.run(
        step("A", nextStep="Long"),
        nap("Long", 10, onCancel="step:B"),
        step("B"),
        {
            "name": "Wait",
            "action": "aws:waitForAwsResourceProperty",
            "inputs": {
                "Service": "ec2",
                "Api": "DescribeVpcs",
                "PropertySelector": "$.X",
                "DesiredValues": ["y"],
            },
        },
        step("Abort"),
    )
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"X": "x"}
    run.stop()
    world.drive(run)
    assert (run.status, run.ready) == ("Cancelling", False)
    world.sleep(run, 300)
    assert run.status == "Cancelled"
    assert run.ended_at - run.started == 120
    assert world.statuses(run)["Wait"] == "Cancelled"
    assert "lambda:Abort" not in world.named()


def test_the_way_out_is_not_left_by_another_on_cancel(world):
    functions(world)
    run = world.run(nap(onCancel="step:A"), step("A", onCancel="step:A"), step("B"))
    run.stop()
    assert world.drive(run) == 3
    assert world.named() == ["lambda:A", "lambda:B"]


def test_a_cancelled_run_stays_so_while_its_way_out_asks_somebody(world):
    functions(world)
    ask = {"name": "Ask", "action": "aws:approve", "inputs": {"Approvers": ["a"]}}
    run = world.run(nap(onCancel="step:A"), step("A"), ask, step("B"))
    run.stop()
    world.drive(run)
    assert (run.status, run.steps[2].status) == ("Cancelling", "Waiting")
    run.signal("Approve", {}, "arn:aws:iam::123456789012:user/a")
    world.drive(run)
    assert (run.status, world.named()) == ("Cancelled", ["lambda:A", "lambda:B"])


def test_complete_runs_no_other_step_and_ends_as_settled(world):
    functions(world, A=lambda _: run.stop("Complete"))
    run = world.start(world.parse(step("A"), step("B")))
    world.drive(run)
    assert run.status == "Success"
    assert world.statuses(run) == {"A": "Success", "B": "Pending"}


def test_complete_does_not_wait(world):
    run = world.run(nap(), step("A"))
    run.stop("Complete")
    world.drive(run)
    assert world.statuses(run) == {"Nap": "Cancelled", "A": "Pending"}
    assert run.status == "Success"


STOPPED = {
    "that has ended": lambda world: world.run(nap(seconds=0)),
    "that is being cancelled": lambda world: stopped(world),
}


def stopped(world):
    run = world.run(nap())
    run.stop()
    return run


@pytest.mark.parametrize("begin", STOPPED.values(), ids=STOPPED)
def test_no_run_is_stopped(world, begin):
    run = begin(world)
    with pytest.raises(StatusError) as refusal:
        run.stop()
    assert refusal.value.code == "InvalidAutomationStatusUpdateException"


def test_a_stop_of_another_kind_is_refused(world):
    run = world.run(nap())
    with pytest.raises(StatusError):
        run.stop("Abort")
    assert run.status == "InProgress"

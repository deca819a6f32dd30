"""A step that waits for a child goes on when it is nudged, and leaves no child behind."""

import pytest


def child(**keys):
    inputs = {"DocumentName": "Child", "RuntimeParameters": {"Id": ["x"]}}
    return {"name": "Call", "action": "aws:executeAutomation", "inputs": inputs, **keys}


AFTER = {"name": "After", "action": "aws:sleep", "inputs": {"Duration": "PT0S"}}


def started(world, *steps):
    world.children["child-1"] = {"AutomationExecutionStatus": "InProgress"}
    run = world.run(*(steps or (child(), AFTER)))
    assert (run.ready, run.current.step.name) == (False, "Call")
    return run


def test_a_child_that_ends_lets_its_parent_go_on(world):
    run = started(world)
    world.children["child-1"] = {"AutomationExecutionStatus": "Success", "Outputs": {}}
    run.nudge()
    world.drive(run)
    assert (run.status, world.named()) == ("Success", ["start"])


def test_a_nudge_means_nothing_to_a_run_that_waits_for_no_child(world):
    nap = {"name": "Nap", "action": "aws:sleep", "inputs": {"Duration": "PT60S"}}
    run = world.run(nap)
    run.nudge()
    assert (run.ready, run.advance(), run.status) == (False, False, "InProgress")


def in_loop(step):
    inputs = {"Iterators": ["x", "y"], "Steps": [step]}
    return {"name": "Loop", "action": "aws:loop", "inputs": inputs}


ENDS = {
    "the parent is cancelled": (child(), lambda world, run: run.stop()),
    "the parent is completed": (child(), lambda world, run: run.stop("Complete")),
    "the parent's step times out": (
        child(timeoutSeconds=60),
        lambda world, run: world.sleep(run, 61),
    ),
    "the parent is cancelled within a loop": (in_loop(child()), lambda world, run: run.stop()),
    "the loop around the parent's step times out": (
        {**in_loop(child()), "timeoutSeconds": 60},
        lambda world, run: world.sleep(run, 61),
    ),
}


@pytest.mark.parametrize(("step", "end"), ENDS.values(), ids=ENDS)
def test_a_child_is_stopped_when(world, step, end):
    run = started(world, step)
    end(world, run)
    world.drive(run)
    assert run.ended
    assert world.calls[-1] == ("stop", "child-1")

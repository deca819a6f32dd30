"""aws:pause waits for the signal Resume, and for no other."""

import pytest

from netmend.sandbox.automation import SignalError

USER = "arn:aws:iam::123456789012:user/alice"
PAUSE = {"name": "Wait", "action": "aws:pause", "inputs": {"Message": "Look first."}}
NAP = {"name": "Nap", "action": "aws:sleep", "inputs": {"Duration": "PT0S"}}


def test_a_paused_run_waits_however_long(world):
    run = world.run(PAUSE, NAP)
    world.sleep(run, 10_000_000)
    assert (run.status, world.statuses(run)) == ("Waiting", {"Wait": "Waiting", "Nap": "Pending"})


RESUMES = {
    "with the step's name": {"StepName": ["Wait"]},
    "without one": {},
}


@pytest.mark.parametrize("payload", RESUMES.values(), ids=RESUMES)
def test_a_paused_run_is_resumed(world, payload):
    run = world.run(PAUSE, NAP)
    run.signal("Resume", payload, USER)
    world.drive(run)
    assert (run.status, world.statuses(run)["Nap"]) == ("Success", "Success")


OTHERS = {
    "Approve": ("Approve", {}),
    "Reject": ("Reject", {}),
    "StartStep": ("StartStep", {"StepName": ["Wait"]}),
    "Resume of another step": ("Resume", {"StepName": ["Nap"]}),
}


@pytest.mark.parametrize(("kind", "payload"), OTHERS.values(), ids=OTHERS)
def test_a_paused_run_takes_no(world, kind, payload):
    run = world.run(PAUSE, NAP)
    with pytest.raises(SignalError):
        run.signal(kind, payload, USER)
    world.drive(run)
    assert run.status == "Waiting"


def test_a_pause_with_a_timeout_times_out(world):
    run = world.run({**PAUSE, "timeoutSeconds": 60}, NAP)
    world.sleep(run, 61)
    assert run.status == "TimedOut"

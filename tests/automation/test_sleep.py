"""aws:sleep asks for a timer and goes on when it rings."""

import pytest

SECONDS = {
    "a second": ("PT1S", 1),
    "half a second": ("PT0.5S", 0.5),
    "ten minutes": ("PT10M", 600),
    "a day and a bit": ("P1DT1H1M1S", 90_061),
    "nearly a week": ("PT604799S", 604_799),
}
STAMPS = {
    "a time ahead": ("2026-09-21T14:13:30Z", 10),
    "a time ahead of another zone": ("2026-09-21T16:13:30+02:00", 10),
    "a time without a zone": ("2026-09-21T14:13:30", 10),
}
BAD = {
    "nothing": {},
    "both": {"Duration": "PT1S", "Timestamp": "2026-01-01T00:00:00Z"},
    "a bare number": {"Duration": "10"},
    "an empty duration": {"Duration": "P"},
    "an empty time": {"Duration": "PT"},
    "months": {"Duration": "P1M"},
    "less than nothing": {"Duration": "-PT1S"},
    "a week": {"Duration": "P1W"},
    "a date of words": {"Timestamp": "tomorrow"},
    "a number for text": {"Duration": 10},
}


def nap(**inputs):
    return {"name": "nap", "action": "aws:sleep", "inputs": inputs}


@pytest.mark.parametrize(("duration", "seconds"), SECONDS.values(), ids=SECONDS)
def test_it_sleeps(world, duration, seconds):
    run = world.run(nap(Duration=duration))
    assert (run.status, run.steps[0].status) == ("InProgress", "InProgress")
    world.sleep(run, 700_000)
    assert run.status == "Success"
    assert run.ended_at - run.started == seconds


@pytest.mark.parametrize(("stamp", "seconds"), STAMPS.values(), ids=STAMPS)
def test_it_sleeps_until(world, stamp, seconds):
    run = world.run(nap(Timestamp=stamp))
    world.sleep(run, 60)
    assert run.ended_at - run.started == seconds


@pytest.mark.parametrize("inputs", [{"Duration": "PT0S"}, {"Timestamp": "2020-01-01T00:00:00Z"}])
def test_a_time_that_has_come_is_not_waited_for(world, inputs):
    assert world.run(nap(**inputs)).status == "Success"
    assert world.timers == []


@pytest.mark.parametrize("inputs", BAD.values(), ids=BAD)
def test_it_fails_for(world, inputs):
    run = world.run(nap(**inputs))
    assert run.status == "Failed"
    assert "validating and resolving the step inputs" in run.failure_message


def test_a_sleep_longer_than_the_step_may_take_is_timed_out(world):
    run = world.run({**nap(Duration="PT10S"), "timeoutSeconds": 5})
    world.sleep(run, 60)
    assert (run.status, run.ended_at - run.started) == ("TimedOut", 5)


def test_a_clock_that_jumps_past_sleep_and_timeout_finds_the_sleep_done(world):
    run = world.run({**nap(Duration="PT5S"), "timeoutSeconds": 10})
    world.time += 3600
    world.drive(run)
    assert run.status == "Success"


def test_a_timer_that_rings_a_moment_early_is_enough(world):
    run = world.run(nap(Duration="PT5S"))
    world.time += 4.999
    world.timers.pop()[1]()
    world.drive(run)
    assert run.status == "Success"


def test_until_the_timer_rings_there_is_nothing_to_do(world):
    run = world.run(nap(Duration="PT5S"))
    assert not run.ready
    assert not run.advance()
    assert run.status == "InProgress"

"""A run that is killed, or cut by its surroundings, is dead on the spot."""

import pytest


class Cut(BaseException):
    """As fault injection has it: no handler lives through it."""


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


def test_a_killed_run_is_failed_on_the_spot(world):
    functions(world)
    run = world.run(nap(onFailure="step:Abort", onCancel="step:Abort"), step("A"), step("Abort"))
    run.kill()
    assert (run.status, run.ready, run.advance()) == ("Failed", False, False)
    assert world.statuses(run) == {"Nap": "Failed", "A": "Pending", "Abort": "Pending"}
    assert world.changes[-1] == ("", "Failed")
    assert "the run was killed" in run.record()["FailureMessage"]
    world.sleep(run, 3600)
    assert world.calls == []


def test_a_run_that_has_ended_cannot_be_killed(world):
    run = world.run(nap(seconds=0))
    told = list(world.changes)
    run.kill()
    assert (run.status, world.changes) == ("Success", told)


KILLS = {
    "while a step is called": lambda world, run: world.functions.update(A=lambda _: run.kill()),
    "as a step begins": lambda world, run: kill_at(world, run, "A", "InProgress"),
    "as a step ends": lambda world, run: kill_at(world, run, "A", "Success"),
    "as the run begins": lambda world, run: kill_at(world, run, "", "InProgress"),
    "as an approval is waited for": lambda world, run: kill_at(world, run, "Ask", "Waiting"),
    "as the run waits": lambda world, run: kill_at(world, run, "", "Waiting"),
}


def kill_at(world, run, step_name, status):
    def hook(execution):
        change = execution.latest_change
        if (change.step, change.status) == (step_name, status):
            run.kill()

    world.on_change = hook


@pytest.mark.parametrize("arrange", KILLS.values(), ids=KILLS)
def test_a_run_killed_within_a_turn_stays_dead(world, arrange):
    functions(world)
    ask = {"name": "Ask", "action": "aws:approve", "inputs": {"Approvers": ["a"]}}
    run = world.start(world.parse(step("A", onFailure="step:B"), ask, step("B")))
    arrange(world, run)
    world.drive(run)
    world.sleep(run, 700_000)
    assert (run.status, run.ended) == ("Failed", True)
    assert world.changes[-1] == ("", "Failed")
    assert world.statuses(run)["B"] == "Pending"
    assert "InProgress" not in world.statuses(run).values()
    assert "Waiting" not in world.statuses(run).values()


def test_a_run_does_not_go_on_within_its_own_turn(world):
    turns = []
    functions(world, A=lambda _: turns.append(run.advance()))
    run = world.start(world.parse(step("A"), step("B")))
    world.drive(run)
    assert (turns, world.named()) == ([False], ["lambda:A", "lambda:B"])


def test_a_cut_at_the_last_announcement_leaves_the_run_as_it_ended(world):
    functions(world)
    world.on_change = cut_at("", "Success")
    run = world.start(world.parse(step("A")))
    with pytest.raises(Cut):
        world.drive(run)
    assert run.status == "Success"


PLACES = {
    "in a call": lambda world: setattr(world, "functions", {"A": cut, "B": cut}),
    "in an announcement": lambda world: setattr(world, "on_change", cut_at("A", "Success")),
    "before the first call": lambda world: setattr(world, "on_change", cut_at("", "InProgress")),
}


def cut(_):
    raise Cut


def cut_at(step_name, status):
    def hook(execution):
        change = execution.latest_change
        if (change.step, change.status) == (step_name, status):
            raise Cut

    return hook


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_cut_leaves_advance_and_the_run_is_dead(world, place):
    functions(world)
    place(world)
    run = world.start(
        world.parse(step("A", onFailure="step:Abort", maxAttempts=3), step("B"), step("Abort"))
    )
    with pytest.raises(Cut):
        world.drive(run)
    calls = list(world.calls)
    assert (run.status, run.ended, run.advance()) == ("Failed", True, False)
    assert world.calls == calls
    assert world.statuses(run)["Abort"] == "Pending"
    assert run.record()["AutomationExecutionStatus"] == "Failed"


def test_an_interrupt_from_the_keyboard_goes_through(world):
    def interrupt(_):
        raise KeyboardInterrupt

    world.functions["A"] = interrupt
    run = world.start(world.parse(step("A", onFailure="Continue"), step("B")))
    with pytest.raises(KeyboardInterrupt):
        run.advance()
    assert run.status == "Failed"


def test_a_defect_of_the_owner_s_announcement_is_not_taken_for_the_step_s(world):
    functions(world)

    def defect(_):
        raise LookupError("no such scheduler")

    world.on_change = defect
    run = world.start(world.parse(step("A")))
    with pytest.raises(LookupError):
        run.advance()

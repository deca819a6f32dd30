"""aws:loop: what its steps see, how often they run, where they lead, and what its record shows."""

import pytest

from netmend.sandbox.automation import SignalError


def step(name, payload=None, **keys):
    inputs = {"FunctionName": name}
    if payload is not None:
        inputs["InputPayload"] = {"p": payload}
    return {"name": name, "action": "aws:invokeLambdaFunction", "inputs": inputs, **keys}


def each(items, *steps, keys=None, **inputs):
    given = {"Iterators": items, "Steps": list(steps), **inputs}
    return {"name": "Loop", "action": "aws:loop", "inputs": given, **(keys or {})}


def whilst(condition, *steps, keys=None, **inputs):
    given = {"LoopCondition": condition, "Steps": list(steps), **inputs}
    return {"name": "Loop", "action": "aws:loop", "inputs": given, **(keys or {})}


def go(world, *steps, answers=None, **top):
    """Functions answer from `answers`, one after the other; a text is an error's code."""
    left = {name: list(given) for name, given in (answers or {}).items()}

    def behave(name):
        def function(payload):
            answer = left[name].pop(0) if left.get(name) else {"more": False}
            if isinstance(answer, str):
                raise world.error(answer, "no", "Invoke")
            return answer

        return function

    world.functions = {name: behave(name) for name in ("A", "B", "C", "D", "Rescue")}
    return world.run(*steps, **top)


def order(world):
    return "".join(name.removeprefix("lambda:") for name in world.named() if name != "stop")


VALUE = "{{ Loop.CurrentIteratorValue }}"
COUNT = "{{ Loop.CurrentIteration }}"
MORE = {"Variable": "{{ A.more }}", "BooleanEquals": True}
TELLS = [{"Name": "more", "Selector": "$.more", "Type": "Boolean"}]
YES, NO = {"more": True}, {"more": False}

# steps, answers -> order of calls, status
COURSES = {
    "each item runs the steps once": ([each(["x", "y"], step("A"), step("B"))], {}, "ABAB"),
    "no item runs none and goes on": ([each([], step("A")), step("D")], {}, "D"),
    "one text is one item": ([each("x", step("A"))], {}, "A"),
    "MaxIterations leaves items over": ([each(["x"] * 9, step("A"), MaxIterations=2)], {}, "AA"),
    "isEnd ends the iteration and not the run": (
        [each(["x", "y"], step("A", isEnd=True), step("B")), step("D")],
        {},
        "AAD",
    ),
    "nextStep skips inside": (
        [each(["x", "y"], step("A", nextStep="C"), step("B"), step("C"))],
        {},
        "ACAC",
    ),
    "nextStep to a step outside leaves the loop": (
        [each(["x", "y"], step("A", nextStep="D"), step("B")), step("C"), step("D")],
        {},
        "AD",
    ),
    "the loop's own nextStep follows it": (
        [each(["x"], step("A"), keys={"nextStep": "D"}), step("C"), step("D")],
        {},
        "AD",
    ),
    "the loop's own isEnd ends the run": (
        [each(["x"], step("A"), keys={"isEnd": True}), step("D")],
        {},
        "A",
    ),
    "a condition is looked at after the steps": (
        [whilst(MORE, step("A", outputs=TELLS)), step("D")],
        {"A": [YES, YES, NO]},
        "AAAD",
    ),
    "a condition that never held runs once": ([whilst(MORE, step("A", outputs=TELLS))], {}, "A"),
    "a condition on what is not there does not hold": ([whilst(MORE, step("A"))], {}, "A"),
    "MaxIterations ends a condition that still holds": (
        [whilst(MORE, step("A", outputs=TELLS), MaxIterations=3), step("D")],
        {"A": [YES] * 9},
        "AAAD",
    ),
    "And, Or and Not are conditions": (
        [whilst({"Not": {"And": [{"Not": MORE}]}}, step("A", outputs=TELLS))],
        {"A": [YES, NO]},
        "AA",
    ),
    "a failure that says Continue goes on inside": (
        [each(["x", "y"], step("A", onFailure="Continue"), step("B"))],
        {"A": ["Boom"]},
        "ABAB",
    ),
    "a failure goes to a step inside": (
        [each(["x", "y"], step("A", onFailure="step:C", isCritical=False), step("B"), step("C"))],
        {"A": ["Boom"]},
        "ACABC",
    ),
    "a failure goes to a step outside": (
        [each(["x", "y"], step("A", onFailure="step:D", isCritical=False)), step("C"), step("D")],
        {"A": ["Boom"]},
        "AD",
    ),
    "an attempt is made again inside": (
        [each(["x", "y"], step("A", maxAttempts=2))],
        {"A": ["Boom", NO, "Boom"]},
        "AAAA",
    ),
    "a loop that may fail is passed over": (
        [each(["x", "y"], step("A"), keys={"onFailure": "Continue"}), step("D")],
        {"A": ["Boom"]},
        "AD",
    ),
    "a loop that is tried again begins anew": (
        [each(["x", "y"], step("A"), keys={"maxAttempts": 2}), step("D")],
        {"A": [NO, "Boom"]},
        "AAAAD",
    ),
    "a loop can be come back to": (
        [
            each(["x", "y"], step("A")),
            step("B", outputs=[{"Name": "more", "Selector": "$.more", "Type": "Boolean"}]),
            {
                "name": "Fork",
                "action": "aws:branch",
                "inputs": {
                    "Choices": [
                        {"Variable": "{{ B.more }}", "BooleanEquals": True, "NextStep": "Loop"}
                    ]
                },
            },
        ],
        {"B": [YES, NO]},
        "AABAAB",
    ),
    "a branch inside chooses inside and outside": (
        [
            each(
                ["x", "y", "z"],
                {
                    "name": "Fork",
                    "action": "aws:branch",
                    "inputs": {
                        "Choices": [
                            {"Variable": VALUE, "StringEquals": "x", "NextStep": "B"},
                            {"Variable": VALUE, "StringEquals": "z", "NextStep": "D"},
                        ]
                    },
                    "isEnd": True,
                },
                step("A"),
                step("B"),
            ),
            step("C"),
            step("D"),
        ],
        {},
        "BD",
    ),
    "loops stand inside loops": (
        [each(["x", "y"], {**each(["1", "2"], step("A")), "name": "In"}, step("B"))],
        {},
        "AABAAB",
    ),
    "a step deep inside leaves all loops": (
        [
            each(["x", "y"], {**each(["1", "2"], step("A", nextStep="D")), "name": "In"}),
            step("C"),
            step("D"),
        ],
        {},
        "AD",
    ),
    "a step deep inside leaves one loop": (
        [
            each(
                ["x", "y"], {**each(["1", "2"], step("A", nextStep="C")), "name": "In"}, step("C")
            ),
            step("D"),
        ],
        {},
        "ACACD",
    ),
}


@pytest.mark.parametrize(("steps", "answers", "calls"), COURSES.values(), ids=COURSES)
def test_course(world, steps, answers, calls):
    run = go(world, *steps, answers=answers)
    assert (order(world), run.status) == (calls, "Success")
    assert "InProgress" not in {record.status for record in run.steps}


FAILURES = {
    "a failure inside is the loop's and the run's": (
        [each(["x", "y"], step("A")), step("D")],
        "A",
        {"Loop": "Failed", "A": "Failed", "D": "Pending"},
        "Failed",
    ),
    "a failure that says Abort is not passed over by the loop": (
        [each(["x"], step("A", onFailure="Abort"), keys={"onFailure": "Continue"}), step("D")],
        "A",
        {"Loop": "Failed", "A": "Failed", "D": "Pending"},
        "Failed",
    ),
    "a critical failure that is gone on from is told in the end": (
        [each(["x"], step("A", onFailure="Continue", isCritical=True)), step("D")],
        "AD",
        {"Loop": "Success", "A": "Failed", "D": "Success"},
        "Failed",
    ),
    "a failure that is not critical ends no loop, as AWS's own runbooks count on": (
        [each(["x", "y"], step("A", isCritical=False), step("B")), step("D")],
        "ABABD",
        {"Loop": "Success", "A": "Failed", "B": "Success", "D": "Success"},
        "Success",
    ),
    "a failure that is not critical and isEnd ends its iteration": (
        [each(["x", "y"], step("A", isCritical=False, isEnd=True), step("B")), step("D")],
        "AAD",
        {"Loop": "Success", "A": "Failed", "B": "Pending", "D": "Success"},
        "Success",
    ),
    "a loop that fails goes where its onFailure leads": (
        [each(["x"], step("A"), keys={"onFailure": "step:D"}), step("C"), step("D")],
        "AD",
        {"Loop": "Failed", "A": "Failed", "C": "Pending", "D": "Success"},
        "Failed",
    ),
    "a failure deep inside fails the loops around it": (
        [each(["x"], {**each(["1"], step("A")), "name": "In"}), step("D")],
        "A",
        {"Loop": "Failed", "In": "Failed", "A": "Failed", "D": "Pending"},
        "Failed",
    ),
}


@pytest.mark.parametrize(("steps", "calls", "statuses", "status"), FAILURES.values(), ids=FAILURES)
def test_failure(world, steps, calls, statuses, status):
    run = go(world, *steps, answers={"A": ["Boom"] * 9})
    assert (order(world), world.statuses(run), run.status) == (calls, statuses, status)


def test_the_run_says_which_step_of_which_iteration_failed(world):
    run = go(world, each(["x", "y"], step("A")), answers={"A": [NO, "Boom"]})
    assert "Step A of iteration 2 failed: An error occurred (Boom)" in run.failure_message
    shown = run.record()["StepExecutions"]
    assert [one["StepName"] for one in shown] == ["Loop", "A", "A"]
    assert "An error occurred (Boom)" in shown[2]["FailureMessage"]


# Iterators, IteratorDataType -> what the steps see
ITEMS = {
    "texts": (["a", "b"], None, ["a", "b"]),
    "numbers as texts, which is the default": ([1, 2], None, ["1", "2"]),
    "numbers": (["1", 2], "Integer", [1, 2]),
    "truths": (["true", False], "Boolean", [True, False]),
    "maps": ([{"a": 1}], "StringMap", [{"a": 1}]),
    "maps in texts": (['{"a": 1}'], "StringMap", [{"a": 1}]),
    "a map as text": ([{"a": 1}], None, ['{"a":1}']),
    "braces that are no reference any more": (["{{ Secret }}"], None, ["{{ Secret }}"]),
}


@pytest.mark.parametrize(("items", "kind", "seen"), ITEMS.values(), ids=ITEMS)
def test_the_steps_of_a_loop_see(world, items, kind, seen):
    typed = {"IteratorDataType": kind} if kind else {}
    world.functions["Give"] = lambda _: {"items": items}
    selected = "MapList" if any(isinstance(item, dict) for item in items) else "StringList"
    give = step("Give", outputs=[{"Name": "items", "Selector": "$.items", "Type": selected}])
    world.functions["A"] = lambda payload: payload
    run = world.run(give, each("{{ Give.items }}", step("A", payload=VALUE), **typed))
    assert run.status == "Success", run.failure_message
    payloads = [payload["p"] for name, payload in world.calls if name == "lambda:A"]
    assert payloads == seen


BAD = {
    "items of another type": ({"Iterators": ["x"], "IteratorDataType": "Integer"}, "Iterators: "),
    "a type that is none": ({"Iterators": ["x"], "IteratorDataType": "Float"}, "IteratorDataType"),
    "a text that is no map": ({"Iterators": ["[1]"], "IteratorDataType": "StringMap"}, "Iterat"),
    "a text that is no JSON": ({"Iterators": ["{"], "IteratorDataType": "StringMap"}, "Iterators"),
    "more than a hundred items": ({"Iterators": ["x"] * 101}, "101 Iterators, more than 100"),
    "a limit of none": ({"Iterators": ["x"], "MaxIterations": "0"}, "MaxIterations is 0, not 1"),
    "a limit of a word": ({"Iterators": ["x"], "MaxIterations": "all"}, "MaxIterations: the value"),
    "items that are not there": ({"Iterators": "{{ D.x }}"}, "the input Iterators is not complete"),
    "an input of no meaning": ({"Iterators": ["x"], "Delay": 1}, "the input Delay is unknown"),
}


@pytest.mark.parametrize(("inputs", "message"), BAD.values(), ids=BAD)
def test_a_loop_fails_for(world, inputs, message):
    loop = {"name": "Loop", "action": "aws:loop", "inputs": {"Steps": [step("A")], **inputs}}
    run = go(world, loop, step("D"))
    assert (run.status, world.calls) == ("Failed", [])
    assert message in run.failure_message


def test_a_condition_that_cannot_be_compared_fails_the_loop(world):
    run = go(world, whilst({"Variable": "x", "NumericGreater": 1}, step("A")), step("D"))
    assert (order(world), run.status) == ("A", "Failed")
    assert "the value x is not a number" in run.failure_message


def test_outputs_of_the_last_iteration_are_read_after_the_loop(world):
    loop = each(["x", "y"], step("A", outputs=TELLS))
    run = go(
        world, loop, step("D", payload="{{ A.more }} " + COUNT + VALUE), answers={"A": [NO, YES]}
    )
    assert world.calls[-1] == ("lambda:D", {"p": "true 2y"})
    assert run.status == "Success"


def test_a_step_of_a_loop_reads_what_the_iteration_before_put_out(world):
    first = step("B", payload="{{ A.more }}", onFailure="Continue")
    run = go(world, each(["x", "y"], first, step("A", outputs=TELLS)), answers={"A": [YES, NO]})
    assert world.calls[1] == ("lambda:B", {"p": True})
    assert run.steps[1].status == "Failed"


def test_records_of_a_loop_name_it_and_the_iteration(world):
    run = go(world, each(["x", "y"], step("A"), step("B")), step("D"), outputs=["A.more"])
    record = run.record()
    loop, *inner, last = record["StepExecutions"]
    assert [(one["StepName"], one["ParentStepDetails"]["Iteration"]) for one in inner] == [
        ("A", 1),
        ("B", 1),
        ("A", 2),
        ("B", 2),
    ]
    assert inner[2]["ParentStepDetails"] == {
        "StepExecutionId": loop["StepExecutionId"],
        "StepName": "Loop",
        "Action": "aws:loop",
        "Iteration": 2,
        "IteratorValue": "y",
    }
    assert (loop["Outputs"], "ParentStepDetails" in last) == (
        {"CurrentIteration": ["2"], "CurrentIteratorValue": ["y"]},
        False,
    )
    assert len({one["StepExecutionId"] for one in record["StepExecutions"]}) == 6
    assert record["ProgressCounters"]["TotalSteps"] == 6


def test_a_loop_s_ids_are_the_same_in_every_repetition(world):
    first, second = (go(world, each(["x", "y"], step("A"))) for _ in range(2))
    assert [one.id for one in first.steps] == [one.id for one in second.steps]


def nap(name, seconds, **keys):
    return {"name": name, "action": "aws:sleep", "inputs": {"Duration": f"PT{seconds}S"}, **keys}


def test_a_loop_sleeps_between_its_calls(world):
    run = go(world, each(["x", "y"], step("A"), nap("Nap", 10)))
    assert (order(world), run.current.step.name, run.status) == ("A", "Nap", "InProgress")
    world.sleep(run, 30)
    assert (order(world), run.status, run.ended_at - run.started) == ("AA", "Success", 20)


def test_a_loop_that_takes_longer_than_it_may_times_out(world):
    loop = each(["x"] * 9, step("A"), nap("Nap", 10), keys={"timeoutSeconds": 25})
    run = go(world, loop, step("D"))
    world.sleep(run, 100)
    assert (order(world), run.status) == ("AAA", "TimedOut")
    assert [one.status for one in run.steps[:7]] == ["TimedOut", *["Success"] * 5, "Cancelled"]
    assert run.ended_at - run.started == 25


def test_each_attempt_of_a_loop_has_its_whole_time(world):
    keys = {"timeoutSeconds": 15, "maxAttempts": 2, "onFailure": "Continue"}
    run = go(world, each(["x", "y"], step("A"), nap("Nap", 10), keys=keys), step("D"))
    world.sleep(run, 100)
    assert (order(world), run.status) == ("AAAAD", "Success")
    assert run.ended_at - run.started == 30


def test_an_inner_timeout_is_the_inner_step_s(world):
    slow = step("A", onFailure="Continue")
    run = go(world, each(["x", "y"], slow), answers={})
    world.functions["A"] = lambda _: setattr(world, "time", world.time + 301)
    again = world.start(run.document)
    world.drive(again)
    assert [one.status for one in again.steps] == ["Success", "TimedOut", "TimedOut"]


def test_a_pause_inside_a_loop_waits_in_every_iteration(world):
    pause = {"name": "Wait", "action": "aws:pause", "inputs": {}}
    run = go(world, each(["x", "y"], pause, step("A")))
    for calls in ("", "A"):
        assert (order(world), run.status) == (calls, "Waiting")
        run.signal("Resume", {"StepName": ["Wait"]}, "arn:aws:iam::123456789012:user/a")
        world.drive(run)
    assert (order(world), run.status) == ("AA", "Success")
    with pytest.raises(SignalError):
        run.signal("Resume", {}, "arn:aws:iam::123456789012:user/a")


# onCancel of the step at which the run is cancelled -> calls, statuses
CANCELS = {
    "nowhere": ("Abort", "A", {"Loop": "Cancelled", "Nap": "Cancelled", "D": "Pending"}),
    "outside": ("step:D", "AD", {"Loop": "Cancelled", "Nap": "Cancelled", "D": "Success"}),
    "inside, where the iteration is ended and no other begun": (
        "step:B",
        "ABC",
        {"Loop": "Cancelled", "B": "Success", "C": "Success", "D": "Pending"},
    ),
}


@pytest.mark.parametrize(("target", "calls", "statuses"), CANCELS.values(), ids=CANCELS)
def test_a_run_cancelled_inside_a_loop_leads(world, target, calls, statuses):
    steps = (step("A"), nap("Nap", 10, onCancel=target), step("B"), step("C"))
    run = go(world, each(["x", "y"], *steps), step("D"))
    run.stop()
    world.drive(run)
    assert (order(world), run.status) == (calls, "Cancelled")
    assert {name: world.statuses(run)[name] for name in statuses} == statuses


def test_a_completed_run_leaves_its_loops(world):
    run = go(world, each(["x", "y"], step("A"), nap("Nap", 10)), step("D"))
    run.stop("Complete")
    world.drive(run)
    assert (order(world), run.status) == ("A", "Success")
    assert world.statuses(run)["Loop"] == "Cancelled"


def test_a_killed_run_leaves_nothing_in_progress(world):
    inner = {**each(["1"], nap("Nap", 10)), "name": "In"}
    run = go(world, each(["x"], inner))
    run.kill()
    assert {one.status for one in run.steps} == {"Failed"}


def test_a_loop_without_end_is_ended(world):
    forever = each(["x"], step("A", nextStep="B"), step("B", nextStep="A"))
    run = go(world, forever, step("D"))
    assert (run.status, len(world.calls)) == ("Failed", 9_999)
    assert "A run of more than 10000 steps is not emulated" in run.failure_message
    assert world.statuses(run)["Loop"] == "Failed"


def test_a_step_inside_a_loop_may_wait_for_a_child_which_a_stop_stops(world):
    run = go(world, each(["x"], nap("Nap", 10)))
    run._hold.wait = type(run._hold.wait)("waiting", child="child-1")
    run.stop()
    world.drive(run)
    assert ("stop", "child-1") in world.calls

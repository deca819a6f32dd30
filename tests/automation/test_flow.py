"""Which steps run, in which order, and what the run amounts to."""

import pytest


def step(name, **keys):
    return {
        "name": name,
        "action": "aws:invokeLambdaFunction",
        "inputs": {"FunctionName": name},
        **keys,
    }


def go(world, *steps, **top):
    """Functions whose name ends in Bad fail; those that end in Late time out."""

    def behave(name):
        def function(_):
            if name.endswith("Bad"):
                raise world.error("Boom", name, "Invoke")
            if name.endswith("Late"):
                world.time += 301

        return function

    world.functions = {s["name"]: behave(s["name"]) for s in steps}
    return world.run(*steps, **top)


# steps -> (order of calls, final status)
ORDERS = {
    "steps run as they stand": ([step("A"), step("B")], "AB", "Success"),
    "nextStep is followed": (
        [step("A", nextStep="C"), step("B"), step("C")],
        "AC",
        "Success",
    ),
    "nextStep may lead back up, and isEnd ends": (
        [step("A", nextStep="C"), step("B", isEnd=True), step("C", nextStep="B")],
        "ACB",
        "Success",
    ),
    "isEnd ends although steps stand below": ([step("A", isEnd=True), step("B")], "A", "Success"),
    "a failure aborts": ([step("ABad"), step("B")], ["ABad"], "Failed"),
    "a failure that says Abort aborts": ([step("ABad", onFailure="Abort")], ["ABad"], "Failed"),
    "an aborting failure that is not critical still fails the run": (
        [step("ABad", isCritical=False), step("B")],
        ["ABad"],
        "Failed",
    ),
    "Continue goes on, and the run succeeds": (
        [step("ABad", onFailure="Continue"), step("B")],
        ["ABad", "B"],
        "Success",
    ),
    "Continue follows nextStep": (
        [step("ABad", onFailure="Continue", nextStep="C"), step("B"), step("C")],
        ["ABad", "C"],
        "Success",
    ),
    "Continue on a critical step goes on, and the run fails": (
        [step("ABad", onFailure="Continue", isCritical=True), step("B")],
        ["ABad", "B"],
        "Failed",
    ),
    "Continue on a step that is the end ends": (
        [step("ABad", onFailure="Continue", isEnd=True), step("B")],
        ["ABad"],
        "Success",
    ),
    "a rescued failure is a failure": (
        [step("ABad", onFailure="step:C"), step("B"), step("C")],
        ["ABad", "C"],
        "Failed",
    ),
    "a rescued failure that is not critical is none": (
        [step("ABad", onFailure="step:C", isCritical="false"), step("B"), step("C")],
        ["ABad", "C"],
        "Success",
    ),
    "a rescue is gone to although the step is the end": (
        [step("ABad", onFailure="step:B", isEnd=True, isCritical=False), step("B")],
        ["ABad", "B"],
        "Success",
    ),
    "a rescue that fails is followed further": (
        [
            step("ABad", onFailure="step:BBad"),
            step("BBad", onFailure="step:C"),
            step("C", isEnd=True),
        ],
        ["ABad", "BBad", "C"],
        "Failed",
    ),
    "a timeout aborts as one": ([step("ALate"), step("B")], ["ALate"], "TimedOut"),
    "a timeout passed over is none": (
        [step("ALate", onFailure="Continue"), step("B")],
        ["ALate", "B"],
        "Success",
    ),
    "a timeout goes where failures go": (
        [step("ALate", onFailure="step:B"), step("C"), step("B")],
        ["ALate", "B"],
        "TimedOut",
    ),
    "a failure outweighs a timeout before it": (
        [step("ALate", onFailure="step:BBad"), step("BBad")],
        ["ALate", "BBad"],
        "Failed",
    ),
    "a failure outweighs a timeout after it": (
        [step("ABad", onFailure="step:BLate"), step("BLate")],
        ["ABad", "BLate"],
        "Failed",
    ),
}


@pytest.mark.parametrize(("steps", "order", "status"), ORDERS.values(), ids=ORDERS)
def test_flow(world, steps, order, status):
    run = go(world, *steps)
    assert [name.removeprefix("lambda:") for name in world.named()] == list(order)
    assert run.status == status


def test_steps_that_were_not_reached_stay_pending(world):
    run = go(world, step("ABad", onFailure="step:C"), step("B"), step("C"))
    assert world.statuses(run) == {"ABad": "Failed", "B": "Pending", "C": "Success"}


def test_the_first_critical_failure_is_the_run_s_message(world):
    run = go(world, step("ABad", onFailure="step:BBad"), step("BBad"))
    assert run.failure_message == run.steps[0].failure.message
    assert run.record()["FailureMessage"] == run.failure_message


def test_a_run_that_succeeds_has_no_message(world):
    run = go(world, step("ABad", onFailure="Continue"), step("B"))
    assert "FailureMessage" not in run.record()


RESCUES = {
    "is a failure of the run where the step is critical": (True, "Failed"),
    "is none where the step is not critical": (False, "Success"),
}


@pytest.mark.parametrize(("critical", "status"), RESCUES.values(), ids=RESCUES)
def test_a_failure_that_was_mended_and_done_again(world, critical, status):
    mended = []

    def flaky(_):
        if not mended:
            raise world.error("Boom", "not yet", "Invoke")

    world.functions = {"A": flaky, "Mend": mended.append}
    run = world.run(
        step("A", onFailure="step:Mend", isCritical=critical, isEnd=True),
        step("Mend", nextStep="A"),
    )
    assert world.named() == ["lambda:A", "lambda:Mend", "lambda:A"]
    assert (run.status, world.statuses(run)["A"]) == (status, "Success")


def retried(world, failures, attempts, **keys):
    left = [failures]

    def flaky(_):
        left[0] -= 1
        if left[0] >= 0:
            raise world.error("Boom", str(left[0]), "Invoke")

    world.functions["A"] = flaky
    return world.run(step("A", maxAttempts=attempts, **keys))


ATTEMPTS = {
    "the first succeeds": (0, 3, 1, "Success"),
    "the last succeeds": (2, 3, 3, "Success"),
    "none succeeds": (3, 3, 3, "Failed"),
    "only one is allowed": (1, 1, 1, "Failed"),
}


@pytest.mark.parametrize(("failures", "allowed", "made", "status"), ATTEMPTS.values(), ids=ATTEMPTS)
def test_attempts_are_made_until(world, failures, allowed, made, status):
    run = retried(world, failures, allowed)
    assert (len(world.calls), run.status) == (made, status)
    assert [change for change in world.changes if change[0]] == [
        ("A", "InProgress"),
        ("A", "Success" if status == "Success" else "Failed"),
    ]


def test_between_attempts_the_step_is_in_progress_and_shows_what_went_wrong(world):
    seen = []

    def flaky(_):
        seen.append(run.record()["StepExecutions"][0])
        if len(seen) == 1:
            raise world.error("Boom", "first", "Invoke")

    world.functions["A"] = flaky
    run = world.start(world.parse(step("A", maxAttempts=2)))
    world.drive(run)
    assert [s["StepStatus"] for s in seen] == ["InProgress", "InProgress"]
    assert "first" in seen[1]["FailureMessage"]
    assert "FailureMessage" not in run.record()["StepExecutions"][0]


def test_each_attempt_has_the_step_s_whole_time(world):
    def slow(_):
        world.time += 8 if len(world.calls) == 2 else 11

    world.functions["A"] = slow
    run = world.run(step("A", maxAttempts=2, timeoutSeconds=10))
    assert (len(world.calls), run.status) == (2, "Success")


def test_inputs_that_cannot_be_resolved_are_not_tried_again(world):
    world.functions["A"] = lambda _: None
    bad = {"FunctionName": "A", "InputPayload": {"x": "{{ B.Out }}"}}
    run = world.run(step("A", inputs=bad, maxAttempts=5), step("B"))
    assert (world.calls, run.steps[0].attempts) == ([], 1)
    assert run.failure_message == (
        "Step fails when it is validating and resolving the step inputs. the input InputPayload is"
        " not complete: {{ B.Out }} has no value: step B has given no such output. Please refer to"
        " Automation Service Troubleshooting Guide for more diagnosis details."
    )
    (shown, _) = run.record()["StepExecutions"]
    assert shown["Inputs"]["InputPayload"] == '{"x":"{{ B.Out }}"}'
    assert shown["FailureDetails"]["FailureStage"] == "InputValidation"


UNRESOLVED = {
    "an output of no step": ("{{ Gone.Out }}", "the document has no step Gone"),
    "a variable without a value": ("{{ variable:x }}", "it has none yet"),
    "a system variable that is none": ("{{ global:ORGANIZATION_ID }}", "no parameter or system"),
    "a selection inside a reference": ("{{ A.Out.message }}", "step A has given no such output"),
}


@pytest.mark.parametrize(("reference", "why"), UNRESOLVED.values(), ids=UNRESOLVED)
def test_the_step_fails_that_refers_to(world, reference, why):
    world.functions["A"] = lambda _: {"Out": {"message": "x"}}
    first = step("A", outputs=[{"Name": "Out", "Selector": "$.Out", "Type": "StringMap"}])
    run = world.run(
        first,
        step("B", inputs={"FunctionName": reference}),
        variables={"x": {"type": "String"}},
    )
    assert why in run.failure_message


def test_an_action_that_the_engine_does_not_have_stops_the_run_by_name(world):
    run = world.run(step("A", action="aws:runCommand", inputs={}, maxAttempts=3))
    assert run.status == "Failed"
    assert "The action aws:runCommand is not emulated" in run.failure_message

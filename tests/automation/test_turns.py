"""A run goes on in turns, as the role that its document names, and tells each change."""

import pytest

ROLE = "arn:aws:iam::123456789012:role/x"


def step(name, **keys):
    return {
        "name": name,
        "action": "aws:invokeLambdaFunction",
        "inputs": {"FunctionName": name},
        **keys,
    }


def go(world, *steps, **top):
    def behave(name):
        def function(_):
            if name.endswith("Bad"):
                raise world.error("Boom", name, "Invoke")

        return function

    world.functions = {s["name"]: behave(s["name"]) for s in steps}
    return world.run(*steps, **top)


def test_one_turn_is_one_step(world):
    run = go(world, step("A"), step("B"), step("C"))
    again = world.start(run.document)
    world.calls.clear()
    assert [again.advance(), again.advance(), again.advance(), again.advance()] == [
        True,
        True,
        False,
        False,
    ]
    assert world.named() == ["lambda:A", "lambda:B", "lambda:C"]


def test_runs_can_take_turns(world):
    world.functions = {name: lambda _: None for name in "AB"}
    document = world.parse(step("A"), step("B"))
    first, second = world.start(document), world.start(document, execution_id="other")
    while first.ready or second.ready:
        first.advance()
        second.advance()
    assert world.named() == ["lambda:A", "lambda:A", "lambda:B", "lambda:B"]


def test_every_change_of_status_is_announced_in_order(world):
    go(world, step("A"), step("BBad"))
    assert world.changes == [
        ("", "InProgress"),
        ("A", "InProgress"),
        ("A", "Success"),
        ("BBad", "InProgress"),
        ("BBad", "Failed"),
        ("", "Failed"),
    ]


def test_system_variables_are_those_of_the_moment_at_which_the_step_runs(world):
    world.functions["A"] = lambda payload: payload
    text = "{{global:DATE}} {{ global:DATE_TIME }} {{global:REGION}} {{global:AWS_PARTITION}}"
    late = step("A", inputs={"FunctionName": "A", "InputPayload": {"t": text}})
    nap = {"name": "Nap", "action": "aws:sleep", "inputs": {"Duration": "P1D"}}
    run = world.run(nap, late)
    world.sleep(run, 90_000)
    (_, payload) = world.calls[0]
    assert payload == {"t": "2026-09-22 2026-09-22_14.13.20 eu-west-1 aws"}


ROLES = {
    "a role that cannot be assumed": (
        ROLE,
        True,
        "The defined assume role is unable to be assumed.",
    ),
    "a text that is no role": (
        "admin",
        False,
        "The format of the supplied assume role ARN isn't valid.",
    ),
}


@pytest.mark.parametrize(("role", "denied", "message"), ROLES.values(), ids=ROLES)
def test_no_step_runs_with(world, role, denied, message):
    world.deny_roles = denied
    run = go(
        world,
        step("A"),
        assumeRole="{{ AutomationAssumeRole }}",
        parameters={"AutomationAssumeRole": {"type": "String"}},
        given={"AutomationAssumeRole": [role]},
    )
    assert (run.status, run.failure_message, world.calls) == ("Failed", message, [])
    assert world.statuses(run) == {"A": "Pending"}


def test_an_empty_role_means_the_caller(world):
    run = go(
        world,
        step("A"),
        assumeRole="{{ AutomationAssumeRole }}",
        parameters={"AutomationAssumeRole": {"type": "AWS::IAM::Role::Arn", "default": ""}},
    )
    assert run.status == "Success"


def test_the_role_is_assumed_once(world, monkeypatch):
    taken = []
    monkeypatch.setattr(world, "assume", lambda role, session: taken.append(role) or "credentials")
    go(world, step("A"), step("B"), assumeRole=ROLE)
    assert (taken, world.credentials) == ([ROLE], ["credentials", "credentials"])


def test_effects_that_give_no_credentials_are_a_defect_and_not_a_run_as_the_caller(
    world, monkeypatch
):
    monkeypatch.setattr(world, "assume", lambda *_: None)
    with pytest.raises(TypeError, match="gave no credentials"):
        go(world, step("A"), assumeRole=ROLE)
    assert world.calls == []


def test_a_step_s_ids_are_the_same_in_every_repetition(world):
    first, second = go(world, step("A"), step("B")), go(world, step("A"), step("B"))
    ids = [run.id for run in first.steps]
    assert ids == [run.id for run in second.steps]
    assert len(set(ids)) == 2

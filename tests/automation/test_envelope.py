"""The envelope around every change: each decision takes its way, each failure ends in Abort."""

from pathlib import Path

import pytest

from netmend.sandbox.automation import Document, InvokeResult

RUNBOOK = Document.parse(
    (Path(__file__).parent / "runbooks" / "envelope.yaml").read_text("utf-8"), "YAML"
)
GROUP = "sg-0123456789abcdef0"
ROLE = "arn:aws:iam::123456789012:role/netmend-Test"
APPROVER = "arn:aws:iam::123456789012:user/demo-approver"
PERMISSIONS = [
    {
        "IpProtocol": "tcp",
        "FromPort": 23,
        "ToPort": 65535,
        "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "web & more"}],
    },
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]},
]
RULES = ["sgr-1", "sgr-2"]
AUTHORIZE = "ec2:AuthorizeSecurityGroupIngress"
REVOKE = "ec2:RevokeSecurityGroupIngress"


def start(world, entries=("Add", "Add"), **failing):
    """entries: what Plan and PlanApproved say; failing: phase or call -> exception maker."""

    def planner(payload):
        phase = payload["phase"]
        assert payload["executionId"] == "11111111-2222-4333-8444-555555555555"
        if phase in failing or phase == "abort":
            return InvokeResult(f'{{"errorMessage": "{phase}"}}', "Unhandled")
        if phase == "close":
            return {"Outcome": "MENDED"}
        return {
            "Decision": "any",
            "Entry": entries[phase == "approved"],
            "Question": "May I?",
            "IpPermissions": PERMISSIONS,
            "SecurityGroupRuleIds": RULES,
        }

    def api(name):
        def call(**_):
            if name in failing:
                raise world.error("RulesPerSecurityGroupLimitExceeded", "full", name)
            return {"Return": True}

        return call

    world.functions["netmend-planner"] = planner
    world.apis = {AUTHORIZE: api("authorize"), REVOKE: api("revoke")}
    run = world.start(RUNBOOK, {"AutomationAssumeRole": [ROLE], "GroupId": [GROUP]})
    world.drive(run)
    return run


def went(world):
    """The calls, a planner's by its phase."""
    return [
        params["phase"] if name.startswith("lambda:") else name.partition(":")[2]
        for name, params in world.calls
    ]


ADD, TAKE = "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"

WAYS = {
    "mend by adding and taking away": ("Add", {}, ["plan", ADD, TAKE, "close"], "Success"),
    "mend by taking away alone": ("Remove", {}, ["plan", TAKE, "close"], "Success"),
    "a word that nobody knows aborts": ("Other", {}, ["plan", "abort"], "Failed"),
    "no word at all aborts": (None, {}, ["plan", "abort"], "Failed"),
    "a plan that fails twice aborts": ("Add", {"plan": 1}, ["plan", "plan", "abort"], "Failed"),
    "adding that fails takes nothing away": (
        "Add",
        {"authorize": 1},
        ["plan", ADD, "abort"],
        "Failed",
    ),
    "taking away that fails is recorded": (
        "Add",
        {"revoke": 1},
        ["plan", ADD, TAKE, "abort"],
        "Failed",
    ),
    "closing that fails is recorded although it is the end": (
        "Remove",
        {"close": 1},
        ["plan", TAKE, "close", "abort"],
        "Failed",
    ),
}


@pytest.mark.parametrize(("entry", "failing", "calls", "status"), WAYS.values(), ids=WAYS)
def test_way(world, entry, failing, calls, status):
    run = start(world, (entry, entry), **failing)
    assert went(world) == calls
    assert run.status == status
    ending = "Failed" if calls[-1] == "abort" else "Pending"
    assert world.statuses(run)["Abort"] == ending


def test_nothing_to_do_ends_after_a_moment_in_success(world):
    run = start(world, ("Nothing", "Nothing"))
    assert (run.status, run.current.step.name) == ("InProgress", "Done")
    world.sleep(run, 1)
    assert (run.status, went(world)) == ("Success", ["plan"])


def test_the_calls_have_the_plan_s_own_values_and_the_role(world):
    start(world)
    arguments = dict(world.calls)
    assert arguments[AUTHORIZE] == {"GroupId": GROUP, "IpPermissions": PERMISSIONS}
    assert arguments[REVOKE] == {"GroupId": GROUP, "SecurityGroupRuleIds": RULES}
    ports = [p["FromPort"] for p in arguments[AUTHORIZE]["IpPermissions"]]
    assert [type(port) for port in ports] == [int, int]
    assert {c["role"] for c in world.credentials} == {ROLE}


def test_the_record_tells_the_outcome(world):
    record = start(world).record()
    assert record["Outputs"] == {"Plan.Decision": ["any"], "Close.Outcome": ["MENDED"]}
    steps = {step["StepName"]: step for step in record["StepExecutions"]}
    assert steps["RevokeOffenders"]["Outputs"] == {"RequestId": ["req-1"]}
    assert steps["RevokeOffenders"]["Inputs"]["SecurityGroupRuleIds"] == '["sgr-1","sgr-2"]'


ANSWERS = {
    "approved": ("Approve", "Add", ["plan", "Publish", "approved", ADD, TAKE, "close"], "Success"),
    "approved but stale": ("Approve", "Other", ["plan", "Publish", "approved", "abort"], "Failed"),
    "rejected": ("Reject", "Add", ["plan", "Publish", "abort"], "Failed"),
}


@pytest.mark.parametrize(("kind", "entry", "calls", "status"), ANSWERS.values(), ids=ANSWERS)
def test_a_question_that_is(world, kind, entry, calls, status):
    run = start(world, ("Ask", entry))
    assert (run.status, went(world)) == ("Waiting", ["plan", "Publish"])
    assert "May I?" in world.published[0]["message"]
    run.signal(kind, {"Comment": ["because"]}, APPROVER)
    world.drive(run)
    assert went(world) == calls
    assert run.status == status


def test_a_question_that_nobody_answers_is_recorded_after_a_day(world):
    run = start(world, ("Ask", "Add"))
    world.sleep(run, 86_400)
    assert went(world) == ["plan", "Publish", "abort"]
    assert world.statuses(run)["Approve"] == "TimedOut"
    assert run.status == "Failed"


def test_a_cancelled_change_is_recorded_and_the_run_is_cancelled(world):
    run = world.start(RUNBOOK, {"AutomationAssumeRole": [ROLE], "GroupId": [GROUP]})
    answers = {"Entry": "Add", "IpPermissions": PERMISSIONS, "SecurityGroupRuleIds": RULES}
    world.functions["netmend-planner"] = lambda _: answers
    world.apis = {AUTHORIZE: lambda **_: run.stop(), REVOKE: lambda **_: {}}
    world.drive(run)
    assert went(world) == ["plan", ADD, "abort"]
    assert run.status == "Cancelled"


def test_a_planner_that_reads_its_own_run_sees_what_the_steps_before_have_done(world):
    seen = {}
    run = start(world, ("Ask", "Add"))

    def planner(payload):
        steps = run.record()["StepExecutions"]
        seen[payload["phase"]] = {s["StepName"]: s["Outputs"] for s in steps}
        return {"Entry": "Nothing"}

    world.functions["netmend-planner"] = planner
    run.signal("Approve", {}, APPROVER)
    world.drive(run)
    assert seen["approved"]["Approve"]["ApprovalStatus"] == ["Approved"]
    assert seen["approved"]["Plan"]["SecurityGroupRuleIds"] == RULES

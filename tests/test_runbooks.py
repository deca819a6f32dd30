"""Every runbook is whole when read alone: parameters pinned, envelope complete, no step astray."""

from __future__ import annotations

import importlib
import re
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from netmend import catalog
from tests.stacks import parse

CATALOG = catalog.load()
DOCUMENTS = [pytest.param(parse(r.text), id=r.name) for r in CATALOG.runbooks]
RUNBOOKS = [pytest.param(r, id=r.name) for r in CATALOG.runbooks]
LISTS = {"structure": "MapList", "string": "StringList"}
SINGLE = {"string": "String", "structure": "StringMap", "map": "StringMap"}
REFERENCE = re.compile(r"\{\{\s*([^}]*?)\s*\}\}")
HEADINGS = [
    "## What does this document do?",
    "## What does it never do?",
    "## Steps",
    "## Input Parameters",
    "## Output Parameters",
    "## Permissions",
    "## How is it undone?",
]

Document = dict[str, Any]


def steps(document: Document) -> dict[str, Document]:
    return {step["name"]: step for step in document["mainSteps"]}


def choices(step: Document) -> dict[str, str]:
    return {choice["StringEquals"]: choice["NextStep"] for choice in step["inputs"]["Choices"]}


def changes(document: Document) -> list[Document]:
    names = list(steps(document))
    between = slice(names.index("DecideApproved") + 1, names.index("Close"))
    return list(steps(document).values())[between]


def strings(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [text for item in items for text in strings(item)]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_head_is_schema_0_3_with_a_role_that_the_starter_names(document: Document) -> None:
    assert document["schemaVersion"] == "0.3"
    assert document["assumeRole"] == "{{ AutomationAssumeRole }}"
    assert "default" not in document["parameters"]["AutomationAssumeRole"]


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_parameters_are_pinned_from_end_to_end(runbook: catalog.Runbook) -> None:
    """Java's and Python's `$` may match before a line's end: full matches are what we mean."""
    for name, parameter in parse(runbook.text)["parameters"].items():
        pattern = parameter["allowedPattern"]
        assert pattern.startswith("^"), name
        assert pattern.endswith("$"), name
        for bad in ("", "x y", "{{ global:REGION }}", '"', "sg-0123456789abcdef0;", "é"):
            assert not re.fullmatch(pattern, bad), (name, bad)


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_rule_and_role_of_another_control_are_refused(runbook: catalog.Runbook) -> None:
    parameters = parse(runbook.text)["parameters"]
    rule, assumed = parameters["ConfigRuleName"], parameters["AutomationAssumeRole"]
    for control in CATALOG.controls:
        name = f"{control.name}-conformance-pack-qayjyopmd"
        ours = control in CATALOG.mended_by(runbook)
        assert bool(re.fullmatch(rule["allowedPattern"], name)) == ours
    for partition in ("aws", "aws-cn", "aws-us-gov", "aws-iso-b"):
        arn = f"arn:{partition}:iam::123456789012:role/netmend-{runbook.name}"
        assert re.fullmatch(assumed["allowedPattern"], arn)
        assert not re.fullmatch(assumed["allowedPattern"], f"{arn}-undo")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_step_but_abort_ends_in_abort_when_it_fails(document: Document) -> None:
    for name, step in steps(document).items():
        fate = (step.get("isCritical"), step.get("onFailure"))
        assert fate == ((None, None) if name == "Abort" else (True, "step:Abort")), name
    cancelled = [name for name, step in steps(document).items() if "onCancel" in step]
    assert cancelled == [*(step["name"] for step in changes(document)), "Close"]
    assert {steps(document)[name]["onCancel"] for name in cancelled} == {"step:Abort"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_run_ends_at_done_or_abort(document: Document) -> None:
    names = list(steps(document))
    assert [name for name in names if steps(document)[name].get("isEnd")] == ["Done"]
    assert steps(document)["Close"]["nextStep"] == "Done"
    assert names[-3:] == ["Close", "Done", "Abort"]
    assert names[:5] == ["Plan", "Decide", "Approve", "PlanApproved", "DecideApproved"]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_decisions_lead_to_steps_and_anything_else_aborts(document: Document) -> None:
    known = steps(document)
    first, second = choices(known["Decide"]), choices(known["DecideApproved"])
    mends = {word: step for word, step in first.items() if word.startswith("MEND_")}
    quiet = dict.fromkeys(("NONE", "OBSERVE", "HELD", "EXEMPT"), "Done")
    assert first == {**mends, "APPROVE": "Approve", **quiet}
    assert second == {**mends, **quiet, "STALE": "Done"}
    assert set(mends.values()) <= {step["name"] for step in changes(document)}
    assert {known[n]["inputs"]["Default"] for n in ("Decide", "DecideApproved")} == {"Abort"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_planner_gets_the_phase_and_the_execution_alone(document: Document) -> None:
    asked = {
        name: step["inputs"]["InputPayload"]
        for name, step in steps(document).items()
        if step["action"] == "aws:invokeLambdaFunction"
    }
    execution = "{{ automation:EXECUTION_ID }}"
    assert asked == {
        "Plan": {"phase": "plan", "execution": execution},
        "PlanApproved": {"phase": "approved", "execution": execution},
        "Close": {"phase": "close", "execution": execution},
        "Abort": {"phase": "abort", "execution": execution},
    }


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_reference_is_to_something_declared(document: Document) -> None:
    declared = {name: step.get("outputs", []) for name, step in steps(document).items()}
    known = {f"{name}.{output['Name']}" for name, outputs in declared.items() for output in outputs}
    known |= set(document["parameters"]) | {"automation:EXECUTION_ID"}
    known |= {"global:AWS_PARTITION", "global:REGION", "global:ACCOUNT_ID"}
    for text in strings(document["mainSteps"]):
        assert set(REFERENCE.findall(text)) <= known
    assert set(document["outputs"]) <= known


def output_type(shape: Any) -> str:
    """The type of a step's output that can be the argument of an API."""
    if shape.type_name == "list":
        return LISTS[shape.member.type_name]
    return SINGLE[shape.type_name]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_change_is_calls_of_one_api_each_with_plans_own_lists(document: Document) -> None:
    types = {output["Name"]: output["Type"] for output in steps(document)["Plan"]["outputs"]}
    for step in changes(document):
        inputs = dict(step["inputs"])
        service, api = inputs.pop("Service"), inputs.pop("Api")
        client = boto3.client(
            service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
        )
        members = client.meta.service_model.operation_model(api).input_shape.members
        assert step["outputs"][0]["Selector"] == "$.ResponseMetadata.RequestId"
        for name, value in inputs.items():
            (reference,) = REFERENCE.findall(value)
            if reference.startswith("Plan."):
                assert types[reference.removeprefix("Plan.")] == output_type(members[name])


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_plan_selects_all_that_a_rule_answers(runbook: catalog.Runbook) -> None:
    declared = {output["Name"] for output in steps(parse(runbook.text))["Plan"]["outputs"]}
    for control in CATALOG.mended_by(runbook):
        module = importlib.import_module(f"rules.{control.rule}.{control.rule}")
        answered = getattr(module, control.rule)().runbook_outputs(SimpleNamespace(calls=()))
        # The planner turns Entry into the decision, and adds three texts of its own.
        assert declared == set(answered) - {"Entry"} | {"Decision", "Reason", "Digest", "Question"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_adding_comes_before_removing(document: Document) -> None:
    verbs = [step["inputs"]["Api"] for step in changes(document)]
    removing = [verb.startswith(("Revoke", "Delete", "Disassociate")) for verb in verbs]
    assert removing == sorted(removing)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_script_holds_a_reference(document: Document) -> None:
    for step in document["mainSteps"]:
        assert "{{" not in step["inputs"].get("Script", "")


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_the_description_tells_a_reader_everything(runbook: catalog.Runbook) -> None:
    document = parse(runbook.text)
    description = document["description"]
    assert description.startswith(f"### Document name - {runbook.document}\n")
    assert re.findall(r"^## .*$", description, re.MULTILINE) == HEADINGS
    assert "**Violation:**" in description
    assert "**Fix:**" in description
    for step in document["mainSteps"]:
        assert f"**{step['name']}**" in description
        assert step["description"]
    for name in document["parameters"]:
        assert f"* {name}: (" in description
    for control in CATALOG.mended_by(runbook):
        assert f"`{control.name}`" in description
        for statement in control.writes:
            granted = statement["Action"]
            for action in [granted] if isinstance(granted, str) else granted:
                assert f"`{action}`" in description


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_undoing_is_told_by_the_record_that_has_the_facts(runbook: catalog.Runbook) -> None:
    document = parse(runbook.text)
    undone = document["description"].partition("## How is it undone?")[2]
    told = "in `plan.before`" if changes(document) else "It changes nothing"
    assert told in " ".join(undone.split())


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_what_a_revoking_step_took_away_is_read_by_close(runbook: catalog.Runbook) -> None:
    for step in changes(parse(runbook.text)):
        if step["inputs"]["Api"] == "RevokeSecurityGroupIngress":
            told = {output["Name"]: output["Selector"] for output in step["outputs"]}
            assert told["Removed"] == "$.RevokedSecurityGroupRules"

"""Every kind of finding has a stable id, a level, and one sentence that says what it means."""

from __future__ import annotations

from typing import Final, NamedTuple

from netmend.lint.runbook import ERROR, WARNING


class Rule(NamedTuple):
    """level: error where the runbook cannot do what it says, warning where it may not."""

    level: str
    meaning: str


RULES: Final[dict[str, Rule]] = {
    # The document
    "not-a-runbook": Rule(ERROR, "A file named on the command line is no Automation runbook."),
    "unknown-key": Rule(ERROR, "CreateDocument refuses a key that it does not know."),
    "missing-key": Rule(ERROR, "A step needs a name, an action and inputs."),
    "step-name": Rule(ERROR, "A step's name is letters, digits and underscores."),
    "duplicate-step": Rule(ERROR, "No two steps bear one name."),
    "document-size": Rule(ERROR, "A document has at most 64 KB."),
    "over-limit": Rule(ERROR, "A documented limit of an input or of the document is passed."),
    "refused": Rule(ERROR, "CreateDocument refuses the document in the sandbox, in these words."),
    # Actions and their inputs
    "unknown-action": Rule(ERROR, "There is no such action for customers' runbooks."),
    "unknown-input": Rule(ERROR, "The action has no such input."),
    "missing-input": Rule(ERROR, "The action cannot do without an input."),
    "input-conflict": Rule(ERROR, "The action takes one of two inputs, not both."),
    "input-type": Rule(ERROR, "An input is a literal of another type than the action takes."),
    "input-value": Rule(ERROR, "An input is none of the words that the action knows."),
    "sleep-duration": Rule(ERROR, "A sleep is ISO 8601 and shorter than seven days."),
    "too-few-approvers": Rule(ERROR, "More approvals are wanted than there are approvers."),
    "variable-name": Rule(ERROR, "aws:updateVariable names its variable as variable:NAME."),
    "variable-type": Rule(WARNING, "A variable takes values of its own type, without conversion."),
    # Calls, against boto3's models and through its aliases
    "unknown-service": Rule(ERROR, "boto3 has no client for the service."),
    "unknown-api": Rule(ERROR, "The service has no such API."),
    "streaming-api": Rule(ERROR, "Automation calls no API that answers with a stream."),
    "unknown-member": Rule(ERROR, "The API, or a structure in its request, has no such member."),
    "missing-member": Rule(ERROR, "A member that the API requires is not given."),
    "member-type": Rule(ERROR, "boto3 refuses the literal: the member has another type."),
    "member-minimum": Rule(ERROR, "boto3 refuses the literal: it is below the member's least."),
    "reference-type": Rule(WARNING, "A reference gives a value of another type than the member's."),
    # What a step gives
    "selector-syntax": Rule(ERROR, "A selector is no JSONPath."),
    "selector-root": Rule(ERROR, "What a script returns stands under $.Payload."),
    "selector-member": Rule(ERROR, "The API's answer never has what the selector looks for."),
    "output-type": Rule(ERROR, "What the selector finds can never become the output's Type."),
    "reserved-output": Rule(ERROR, "An output has the name of one that the action has anyway."),
    "desired-boolean": Rule(ERROR, "A boolean is compared as the text True or False."),
    # References
    "undeclared-parameter": Rule(ERROR, "A reference names no parameter of the document."),
    "undeclared-variable": Rule(ERROR, "A reference names no variable of the document."),
    "unknown-system-variable": Rule(ERROR, "There is no such global: or automation: variable."),
    "ssm-in-step": Rule(ERROR, "Only a parameter's default can refer to Parameter Store."),
    "unknown-step-output": Rule(ERROR, "A reference names a step that is not there."),
    "undeclared-output": Rule(ERROR, "The step neither declares the output nor has it anyway."),
    "nested-reference": Rule(ERROR, "A reference cannot look inside an output."),
    "output-too-early": Rule(ERROR, "The step whose output is read cannot have run before."),
    "outside-loop": Rule(WARNING, "A loop documents its current iteration for inside alone."),
    "parameter-in-default": Rule(WARNING, "A default cannot be another parameter."),
    "unused-parameter": Rule(WARNING, "Nothing in the document uses the parameter."),
    # Parameters
    "parameter-name": Rule(ERROR, "A parameter's name is letters and digits."),
    "parameter-type": Rule(ERROR, "A parameter or variable has one of the documented types."),
    "default-type": Rule(ERROR, "CreateDocument refuses a default of another type."),
    "default-not-allowed": Rule(WARNING, "The default is none of the allowedValues."),
    "pattern-invalid": Rule(ERROR, "The allowedPattern does not compile: no value can pass."),
    "pattern-unanchored": Rule(WARNING, "The allowedPattern lets anything stand around a match."),
    # Flow
    "unknown-step": Rule(ERROR, "A step that is pointed at is not there."),
    "end-with-next": Rule(ERROR, "CreateDocument refuses isEnd: true beside a nextStep."),
    "jump-word": Rule(ERROR, "onFailure and onCancel know few words, or step:NAME."),
    "cancel-target": Rule(ERROR, "A cancelled run cannot move to a step of that action."),
    "unreachable-step": Rule(WARNING, "No path leads to the step."),
    "endless": Rule(WARNING, "No path leads to an end: the run goes on until a step fails."),
    "silent-failure": Rule(WARNING, "onFailure: Continue hides a failure unless isCritical."),
    "failure-stays": Rule(WARNING, "A step that onFailure leads from is critical by default."),
    "end-and-continue": Rule(WARNING, "isEnd ends the run before onFailure: Continue can."),
    "branch-ends": Rule(WARNING, "A last branch without Default ends the run with Success."),
    "retried-create": Rule(WARNING, "A second attempt at creating may create a second time."),
    "timeout-over-cap": Rule(WARNING, "AWS ends the attempt before timeoutSeconds is over."),
    # Scripts and texts that are built
    "unknown-runtime": Rule(ERROR, "aws:executeScript has no such runtime."),
    "retired-runtime": Rule(WARNING, "AWS has retired the runtime."),
    "script-placeholder": Rule(WARNING, "The script is %NAME%, which a build has to fill in."),
    "script-syntax": Rule(ERROR, "The script is no Python 3.11."),
    "missing-handler": Rule(ERROR, "The script does not define its handler."),
    "handler-arguments": Rule(ERROR, "The handler cannot be called with events and context."),
    "script-without-role": Rule(ERROR, "A script calls AWS in a document that assumes no role."),
    "script-injection": Rule(ERROR, "A value is pasted into the script, and can be code."),
    "payload-injection": Rule(WARNING, "A value is pasted into JSON text, and can be JSON."),
    # Children
    "unknown-child": Rule(WARNING, "The child is neither AWS's nor among the linted files."),
    "child-parameter": Rule(ERROR, "The child declares no such parameter."),
    "child-parameter-missing": Rule(ERROR, "The child cannot start without the parameter."),
    # Suppressions
    "unused-ignore": Rule(WARNING, "A comment suppresses a finding that is not there."),
}


def markdown() -> str:
    """The rules as a table."""
    rows = [f"| `{name}` | {rule.level} | {rule.meaning} |" for name, rule in RULES.items()]
    return "\n".join(["| id | level | meaning |", "|---|---|---|", *rows])

"""A reference names what is declared, and what can have a value when it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from netmend.errors import did_you_mean
from netmend.lint.checks.flow import reaching
from netmend.lint.names import PARAMETER_STORE, PLAIN, SYSTEM, VARIABLE, Use, input_uses, uses
from netmend.lint.runbook import LOOP, Problem, Runbook, Step, listing, table, texts
from netmend.lint.tables import LOOP_OUTPUTS, PREDEFINED
from netmend.sandbox.automation.checks import ACTIONS
from netmend.sandbox.automation.references import REFERENCE

ALMOST: Final = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*\.[^{}\n]*?)\s*\}\}")
"""In braces, and beginning as the output of a step does."""


def check(runbook: Runbook) -> Iterator[Problem]:
    before = reaching(runbook)
    for use in uses(runbook.tree.get("assumeRole"), ("assumeRole",)):
        yield from _plain(runbook, use)
    for step in runbook.steps:
        for use in input_uses(step):
            yield from _plain(runbook, use)
            yield from _output(runbook, step, use, before[step])
        yield from _almost(runbook, step)
    yield from _document_outputs(runbook)
    yield from _unused(runbook)


def _plain(runbook: Runbook, use: Use) -> Iterator[Problem]:
    """A parameter, a variable or a system variable."""
    name = use.name
    if name in SYSTEM or name in runbook.parameters:
        return
    if name.startswith(PARAMETER_STORE):
        reason = f"{name} stands in a step: only a parameter's default reads Parameter Store"
        fix = "make it the default of a parameter, and refer to that"
        yield Problem("ssm-in-step", use.path, reason, fix, offset=use.offset)
    elif name.startswith(VARIABLE):
        yield from _variable(runbook, use)
    elif ":" in name:
        reason, fix = f"there is no {name}", did_you_mean(name, SYSTEM)
        yield Problem("unknown-system-variable", use.path, reason, fix, offset=use.offset)
    elif PLAIN.fullmatch(name):
        fix = did_you_mean(name, runbook.parameters)
        fix = fix if fix.startswith("did") else f"declare {name} under parameters"
        reason = f"there is no parameter {name}"
        yield Problem("undeclared-parameter", use.path, reason, fix, offset=use.offset)


def _variable(runbook: Runbook, use: Use) -> Iterator[Problem]:
    name = use.name.removeprefix(VARIABLE)
    if name not in runbook.variables:
        fix = did_you_mean(name, runbook.variables) or "declare it under variables"
        reason = f"there is no variable {name}"
        yield Problem("undeclared-variable", use.path, reason, fix, offset=use.offset)


def _output(runbook: Runbook, step: Step, use: Use, before: set[Step]) -> Iterator[Problem]:
    name, dot, output = use.name.partition(".")
    if not dot or ":" in name:
        return
    source = runbook.by_name.get(name)
    if source is None:
        reason, fix = f"there is no step {name}", did_you_mean(name, runbook.by_name)
        yield Problem("unknown-step-output", use.path, reason, fix, offset=use.offset)
    elif source.action not in ACTIONS:
        return  # of what is unknown, the outputs are
    elif source.action == LOOP and output in LOOP_OUTPUTS:
        yield from _iteration(step, source, use)
    elif not _gives(source, output):
        yield _ungiven(source, output, use)
    elif source not in before:
        reason = f"{name} cannot have run before {step.name or 'this step'}"
        fix = f"let a path lead from {name} to here, or refer to another step"
        yield Problem("output-too-early", use.path, reason, fix, offset=use.offset)


def _gives(source: Step, output: str) -> bool:
    return output in source.outputs or output in PREDEFINED.get(source.action, {})


def _ungiven(source: Step, output: str, use: Use) -> Problem:
    first, dot, rest = output.partition(".")
    if dot and _gives(source, first):
        reason = f"a reference cannot look inside {first} for {rest}"
        fix = f"declare an output of {source.name} that selects it"
        return Problem("nested-reference", use.path, reason, fix, offset=use.offset)
    known = [*source.outputs, *PREDEFINED.get(source.action, {})]
    hint = did_you_mean(output, known)
    fix = hint if hint.startswith("did") else f"declare it under the outputs of {source.name}"
    reason = f"step {source.name} has no output {output}"
    return Problem("undeclared-output", use.path, reason, fix, offset=use.offset)


def _iteration(step: Step, loop: Step, use: Use) -> Iterator[Problem]:
    around = step
    while around is not loop and around.loop is not None:
        around = around.loop
    if around is not loop:
        reason = f"{use.name} has a value only inside the loop {loop.name}"
        fix = "keep what is needed later in a variable"
        yield Problem("outside-loop", use.path, reason, fix, offset=use.offset)


def _almost(runbook: Runbook, step: Step) -> Iterator[Problem]:
    """{{ step.Output[0] }} and the like, which AWS leaves as they are."""
    for name, value in step.inputs.items():
        if name in ("Script", "Steps"):
            continue
        for path, text in texts(value, step.input(name)):
            for match in ALMOST.finditer(text):
                known = match[1].partition(".")[0] in runbook.by_name
                if known and not REFERENCE.fullmatch(match[0]):
                    reason = f"{match[0]} is no reference: there is only NAME and STEP.OUTPUT"
                    fix = "select the value by an output of the step"
                    yield Problem("nested-reference", path, reason, fix, offset=match.start())


def _document_outputs(runbook: Runbook) -> Iterator[Problem]:
    for number, written in enumerate(listing(runbook.tree.get("outputs"))):
        name, dot, output = str(written).strip("{} ").partition(".")
        path = ("outputs", number)
        source = runbook.by_name.get(name)
        if source is None or not dot:
            reason, fix = f"there is no step {name}", did_you_mean(name, runbook.by_name)
            yield Problem("unknown-step-output", path, reason, fix)
        elif source.action in ACTIONS and not _gives(source, output):
            yield _ungiven(source, output, Use(str(written), path, 0, False))


def _unused(runbook: Runbook) -> Iterator[Problem]:
    everything = dict(runbook.tree) | {"description": "", "outputs": []}
    used = {use.name for use in uses(everything, ())}
    for name in runbook.parameters:
        if name not in used:
            fix = "use it or leave it out"
            reason = f"nothing uses the parameter {name}"
            yield Problem("unused-parameter", ("parameters", name), reason, fix, key=True)
    for name, entry in runbook.parameters.items():
        default = table(entry).get("default")
        for use in uses(default, ("parameters", name, "default")):
            # Inside a longer text it works: AWS-UpdateLinuxAmi is written so.
            if use.name in runbook.parameters and use.whole:
                reason = f"a default cannot be another parameter, {use.name}"
                fix = "put the two together in a step"
                yield Problem("parameter-in-default", use.path, reason, fix, offset=use.offset)

"""A script parses, has its handler, may act, and takes no value into its own text."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Final

from netmend.errors import did_you_mean
from netmend.lint.names import SYSTEM, type_of
from netmend.lint.runbook import Problem, Runbook, Step, table, texts
from netmend.lint.tables import OLD_RUNTIMES, POWERSHELL, PYTHON
from netmend.sandbox.automation.references import REFERENCE

SCRIPT: Final = "aws:executeScript"
JSON_TEXTS: Final = ("Payload", "input", "Body")
JSON: Final = re.compile(r"\s*(\[|\{(?!\{))")
SDK: Final = ("boto3", "botocore")
PLACEHOLDER: Final = re.compile(r"\s*%[^%\n]+%\s*|\s*%%[^%\n]+%%\s*")
FREE: Final = re.compile(r"""["'`\\]|(?<!\\)\.|\\[SDW]|\[\^""")
"""In a pattern: what lets a quote or a backslash through."""


def check(runbook: Runbook) -> Iterator[Problem]:
    for step in runbook.steps:
        if step.action == SCRIPT:
            yield from _runtime(step)
            yield from _injection(runbook, step)
            yield from _python(runbook, step)
        yield from _payload(runbook, step)


def _runtime(step: Step) -> Iterator[Problem]:
    runtime = str(step.inputs.get("Runtime", ""))
    path = step.input("Runtime")
    if not runtime or "{{" in runtime or runtime in PYTHON + POWERSHELL:
        return
    if runtime in OLD_RUNTIMES:
        newest = PYTHON[-1] if _is_python(step) else POWERSHELL[-1]
        reason = f"AWS has retired the runtime {runtime}"
        yield Problem("retired-runtime", path, reason, f"write {newest}")
    else:
        reason = f"there is no runtime {runtime}"
        yield Problem("unknown-runtime", path, reason, did_you_mean(runtime, PYTHON + POWERSHELL))


def _is_python(step: Step) -> bool:
    return str(step.inputs.get("Runtime", "")).lower().startswith("python")


def _injection(runbook: Runbook, step: Step) -> Iterator[Problem]:
    """Whoever sets the value of a text that is pasted into code writes code."""
    script = step.inputs.get("Script")
    for match in REFERENCE.finditer(script if isinstance(script, str) else ""):
        if _is_known(runbook, match[1]) and not _is_confined(runbook, match[1]):
            reason = f"the value of {match[1]} becomes part of the script's own text"
            fix = "hand it over by InputPayload, and read it from the handler's first argument"
            path = step.input("Script")
            yield Problem("script-injection", path, reason, fix, offset=match.start())


def _payload(runbook: Runbook, step: Step) -> Iterator[Problem]:
    for name in JSON_TEXTS:
        for path, text in texts(step.inputs.get(name), step.input(name)):
            for match in REFERENCE.finditer(text if JSON.match(text) else ""):
                if _is_known(runbook, match[1]) and not _is_confined(runbook, match[1]):
                    reason = f"a quote in the value of {match[1]} changes the JSON around it"
                    yield Problem(
                        "payload-injection", path, reason, _payload_fix(name), offset=match.start()
                    )


def _payload_fix(name: str) -> str:
    if name == "Payload":
        return "use InputPayload, which takes a map"
    return "confine the value by an allowedPattern without quotes"


def _is_known(runbook: Runbook, name: str) -> bool:
    step, dot, _ = name.partition(".")
    known = runbook.by_name if dot else runbook.parameters
    return (step in known) or name.startswith("variable:")


def _is_confined(runbook: Runbook, name: str) -> bool:
    """Whether no value of the name can hold a quote."""
    entry = table(runbook.parameters.get(name))
    if name in SYSTEM or type_of(runbook, name) in ("Integer", "Boolean"):
        return True
    pattern = str(entry.get("allowedPattern", ""))
    whole = pattern.startswith("^") and pattern.endswith("$")
    special = str(entry.get("type", "")).startswith(("AWS::EC2", "AWS::S3"))
    return special or bool(entry.get("allowedValues")) or (whole and not FREE.search(pattern))


def _python(runbook: Runbook, step: Step) -> Iterator[Problem]:
    script = step.inputs.get("Script")
    if not _is_python(step):
        return
    if step.inputs.get("Handler") is None:
        reason = "a Python script needs the name of its Handler"
        yield Problem("missing-input", step.input(), reason, "add Handler")
    # Beside an attachment, AWS's own documents have a Script that says nothing.
    attached = step.inputs.get("Attachment") is not None
    if attached or not isinstance(script, str) or REFERENCE.search(script):
        return
    if PLACEHOLDER.fullmatch(script):
        reason = "the script is a placeholder, which a build has to fill in"
        yield Problem("script-placeholder", step.input("Script"), reason, "lint what is built")
        return
    try:
        module = ast.parse(script, feature_version=(3, 11))
    except (SyntaxError, ValueError, RecursionError) as error:
        yield _syntax(step, script, error)
        return
    yield from _handler(step, module)
    yield from _role(runbook, step, script, module)


def _syntax(step: Step, script: str, error: Exception) -> Problem:
    line = getattr(error, "lineno", None) or 1
    column = max((getattr(error, "offset", None) or 1) - 1, 0)
    what = getattr(error, "msg", None) or str(error)
    reason = f"line {line} of the script is no Python: {what}"
    offset = _offset(script, line, column)
    return Problem("script-syntax", step.input("Script"), reason, "mend the line", offset=offset)


def _offset(script: str, line: int, column: int) -> int:
    return sum(len(one) for one in script.splitlines(keepends=True)[: line - 1]) + column


def _handler(step: Step, module: ast.Module) -> Iterator[Problem]:
    name = str(step.inputs.get("Handler", "")).rpartition(".")[2]
    if not name or "{{" in name:
        return
    top = list(_top(module))
    found = [node for node in top if _defines(node, name)]
    if not found:
        known = [node.name for node in top if isinstance(node, ast.FunctionDef)]
        reason = f"the script has no function {name}"
        hint = did_you_mean(name, known)
        fix = hint if hint.startswith("did") else f"define {name}(events, context)"
        yield Problem("missing-handler", step.input("Handler"), reason, fix)
    elif isinstance(found[-1], ast.FunctionDef) and not _takes_two(found[-1].args):
        reason = f"{name} is called with two arguments, and cannot take them"
        fix = f"write def {name}(events, context)"
        offset = _offset(str(step.inputs["Script"]), found[-1].lineno, found[-1].col_offset)
        yield Problem("handler-arguments", step.input("Script"), reason, fix, offset=offset)


def _top(node: ast.AST) -> Iterator[ast.AST]:
    """What a module holds outside its functions and classes."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _top(child)


def _defines(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    if isinstance(node, ast.alias):
        return "*" in node.name or (node.asname or node.name) == name
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name


def _takes_two(args: ast.arguments) -> bool:
    positional = len(args.posonlyargs) + len(args.args)
    needed = positional - len(args.defaults)
    named = any(default is None for default in args.kw_defaults)
    return needed <= 2 and not named and (positional >= 2 or args.vararg is not None)


def _role(runbook: Runbook, step: Step, script: str, module: ast.Module) -> Iterator[Problem]:
    for node in ast.walk(module):
        named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        source = node.module if isinstance(node, ast.ImportFrom) else None
        first = {str(one).partition(".")[0] for one in [*named, source]}
        if first & set(SDK) and not runbook.tree.get("assumeRole"):
            reason = "a script has no permissions where the document assumes no role"
            fix = "add assumeRole, as in '{{ AutomationAssumeRole }}', and the parameter"
            offset = _offset(script, getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
            yield Problem("script-without-role", step.input("Script"), reason, fix, offset=offset)
            return

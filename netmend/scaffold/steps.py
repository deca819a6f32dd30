"""What is left to do by hand after a new rule was written, in the order in which it goes well."""

from __future__ import annotations

from netmend.scaffold.names import NewRule
from netmend.scaffold.write import ADAPTED

FIRST = (
    "{folder}/{name}_test.py: fill FIRES and SILENT with what must be found, and what must not",
    "{folder}/{name}.py: fill CONDITIONS until .venv/bin/pytest {folder}{cases} passes;"
    " say there and in parameters.json what it finds",
)
MEND = (
    "{folder}/{name}.py: plan the mend in `mend`",
    "ssm-documents/{runbook}.yaml: write the change step, and tell of it in the description",
    "{folder}/parameters.json: give the role the step's own action in Writes",
    "make render test",
)
RAW = (
    "ssm-documents/{runbook}.yaml: say what a person does about it; no mend is planned for a type"
    " without a live reader",
    "make render test",
)


def text(new: NewRule) -> str:
    """The steps, numbered as in CONTRIBUTING.md, where the first is the command that was run."""
    adapted = new.resource_type in ADAPTED
    values = {
        "name": new.name,
        "runbook": new.runbook,
        "folder": f"rules/{new.name}",
        "cases": ' -k "not loop"' if adapted else "",
    }
    steps = [step.format(**values) for step in (*FIRST, *(MEND if adapted else RAW))]
    lines = [f"  {number}. {step}" for number, step in enumerate(steps, 2)]
    said = "It passes `make test` as it is, and holds every mend. Next, as CONTRIBUTING.md shows:"
    return "\n".join([said, *lines])

"""A parsed Automation document holds only what CreateDocument accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from netmend.sandbox.automation import checks
from netmend.sandbox.automation.loading import load
from netmend.sandbox.automation.mentions import check_references
from netmend.sandbox.automation.parameters import Parameter
from netmend.sandbox.automation.variables import Variable

TO_STEP: Final = "step:"


@dataclass(frozen=True)
class Output:
    """A declared output of a step: `selector` over the response, converted to `type`."""

    name: str
    selector: str
    type: str


@dataclass(frozen=True)
class Step:
    """One entry of mainSteps or of a loop's Steps, which are its `steps`.

    on_failure: Abort, Continue or step:NAME; on_cancel likewise; on_failure_given: the document
    says it.
    """

    name: str
    action: str
    inputs: Mapping[str, Any]
    outputs: tuple[Output, ...]
    is_end: bool
    is_critical: bool
    max_attempts: int
    timeout_seconds: int | None
    next_step: str | None
    on_failure: str
    on_cancel: str
    on_failure_given: bool = False
    steps: tuple[Step, ...] = ()

    def all(self) -> Iterator[Step]:
        """This one and, of a loop, all inside it."""
        yield self
        for step in self.steps:
            yield from step.all()

    @classmethod
    def parse(cls, entry: Mapping[str, Any]) -> Step:
        """From an entry that has passed `checks`."""
        on_failure = entry.get("onFailure") or "Abort"
        # AWS: a step whose failure is passed over is not critical, unless it says so.
        critical = checks.flag(entry, "isCritical", default=on_failure != "Continue")
        return cls(
            name=entry["name"],
            action=entry["action"],
            inputs=entry["inputs"],
            outputs=tuple(
                Output(item["Name"], item["Selector"], item.get("Type") or "String")
                for item in entry.get("outputs") or []
            ),
            is_end=checks.flag(entry, "isEnd", default=False),
            is_critical=critical,
            max_attempts=checks.count(entry, "maxAttempts") or 1,
            timeout_seconds=checks.count(entry, "timeoutSeconds"),
            next_step=entry.get("nextStep"),
            on_failure=on_failure,
            on_cancel=entry.get("onCancel") or "Abort",
            on_failure_given=bool(entry.get("onFailure")),
            steps=tuple(cls.parse(inner) for inner in checks.inner_steps(entry)),
        )


@dataclass(frozen=True)
class Document:
    """A runbook of schema 0.3. assume_role: a literal ARN, a reference to a parameter, or ''.

    outputs: texts STEP.OUTPUT.
    """

    assume_role: str
    parameters: tuple[Parameter, ...]
    steps: tuple[Step, ...]
    outputs: tuple[str, ...]
    variables: tuple[Variable, ...] = ()

    @classmethod
    def parse(cls, content: str, text_format: str = "JSON") -> Document:
        """Parse JSON or YAML text; raises DocumentError with AWS's code and message."""
        tree = load(content, text_format)
        checks.check_top(tree)
        parameters = [
            Parameter.parse(name, entry) for name, entry in (tree.get("parameters") or {}).items()
        ]
        variables = [
            Variable.parse(name, entry) for name, entry in (tree.get("variables") or {}).items()
        ]
        checks.check_steps(tree)
        check_references(tree, [p.name for p in parameters], [v.name for v in variables])
        return cls(
            assume_role=str(tree.get("assumeRole") or ""),
            parameters=tuple(parameters),
            steps=tuple(Step.parse(entry) for entry in tree["mainSteps"]),
            outputs=tuple(tree.get("outputs") or []),
            variables=tuple(variables),
        )

    def steps_by_name(self) -> dict[str, Step]:
        """Every step, those inside loops too."""
        return {step.name: step for top in self.steps for step in top.all()}

"""The names that references may use while a run is at a given moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from netmend.sandbox.automation.references import Unresolved
from netmend.sandbox.automation.variables import PREFIX


@dataclass(frozen=True)
class Facts:
    """What a run is called and where it runs; `caller_credentials` act where no role is assumed.

    parent_id: the execution that started this one; attachments: contents by file name.
    """

    execution_id: str
    document_name: str
    document_version: str
    account: str
    region: str
    partition: str
    executed_by: str
    caller_credentials: Any = None
    parent_id: str = ""
    attachments: Mapping[str, bytes] = field(default_factory=dict)

    def context(self) -> dict[str, str]:
        """The second argument of a script's handler."""
        return {
            "automation:EXECUTION_ID": self.execution_id,
            "global:REGION": self.region,
            "global:ACCOUNT_ID": self.account,
            "global:AWS_PARTITION": self.partition,
        }

    def system(self, now: float) -> dict[str, str]:
        """System variables; the times are those of the moment at which a step runs."""
        moment = datetime.fromtimestamp(now, UTC)
        return self.context() | {
            "global:DATE": f"{moment:%Y-%m-%d}",
            "global:DATE_TIME": f"{moment:%Y-%m-%d_%H.%M.%S}",
        }


@dataclass(frozen=True)
class Scope:
    """A callable that gives the typed value of a name. outputs: by step, then by output name."""

    parameters: Mapping[str, Any]
    outputs: Mapping[str, Mapping[str, Any]]
    system: Mapping[str, str]
    variables: Mapping[str, Any] = field(default_factory=dict)
    variable_types: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, name: str) -> Any:
        """Raises Unresolved."""
        if name in self.parameters:
            return self.parameters[name]
        if name in self.system:
            return self.system[name]
        if name.startswith(PREFIX):
            return self._variable(name)
        step, dot, output = name.partition(".")
        if not dot:
            raise Unresolved(name, "no parameter or system variable has that name")
        if step not in self.outputs:
            raise Unresolved(name, f"the document has no step {step}")
        if output not in self.outputs[step]:
            raise Unresolved(name, f"step {step} has given no such output")
        return self.outputs[step][output]

    def _variable(self, name: str) -> Any:
        variable = name.removeprefix(PREFIX)
        if variable in self.variables:
            return self.variables[variable]
        known = variable in self.variable_types
        raise Unresolved(name, "it has none yet" if known else "the document does not declare it")

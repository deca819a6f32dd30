"""The names that references may use while a run is at a given moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from netmend.sandbox.automation.references import Unresolved


@dataclass(frozen=True)
class Facts:
    """What a run is called and where it runs; `caller_credentials` act where no role is assumed."""

    execution_id: str
    document_name: str
    document_version: str
    account: str
    region: str
    partition: str
    executed_by: str
    caller_credentials: Any = None

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

    def __call__(self, name: str) -> Any:
        """Raises Unresolved."""
        if name in self.parameters:
            return self.parameters[name]
        if name in self.system:
            return self.system[name]
        if name.startswith("variable:"):
            raise Unresolved(name, "variables are not emulated")
        step, dot, output = name.partition(".")
        if not dot:
            raise Unresolved(name, "no parameter or system variable has that name")
        if step not in self.outputs:
            raise Unresolved(name, f"the document has no step {step}")
        if output not in self.outputs[step]:
            raise Unresolved(name, f"step {step} has given no such output")
        return self.outputs[step][output]

"""Findings of Security Hub."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from moto.securityhub.models import securityhub_backends

from netmend.sandbox.api import ApiCall, operation

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

CHANGED: Final = (
    "Confidence",
    "Criticality",
    "RelatedFindings",
    "Severity",
    "Types",
    "UserDefinedFields",
    "VerificationState",
    "Workflow",
)


@operation("securityhub", "BatchUpdateFindings")
def update_findings(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """Playbooks note on the finding what they have mended; moto cannot change one."""
    moment = datetime.fromtimestamp(sandbox.clock.time(), UTC)
    changes: dict[str, Any] = {name: call.params[name] for name in CHANGED if name in call.params}
    if "Note" in call.params:
        changes["Note"] = {**call.params["Note"], "UpdatedAt": f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"}
    known = {
        (one.data.get("Id"), one.data.get("ProductArn")): one.data
        for one in securityhub_backends[call.account][call.region].findings
    }
    done: list[dict[str, str]] = []
    missing: list[dict[str, Any]] = []
    for wanted in call.params["FindingIdentifiers"]:
        finding = known.get((wanted["Id"], wanted["ProductArn"]))
        if finding is None:
            missing.append(_missing(wanted))
        else:
            finding.update(changes)
            done.append(wanted)
    return {"ProcessedFindings": done, "UnprocessedFindings": missing}


def _missing(wanted: dict[str, str]) -> dict[str, Any]:
    return {
        "FindingIdentifier": wanted,
        "ErrorCode": "FindingNotFound",
        "ErrorMessage": "Finding Not Found",
    }

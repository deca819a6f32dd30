"""Findings are changed by BatchUpdateFindings, which names those that it does not find."""

from __future__ import annotations

from typing import Any

from netmend.sandbox.core import Sandbox

PRODUCT = "arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default"


def finding(number: str) -> dict[str, Any]:
    return {
        "SchemaVersion": "2018-10-08",
        "Id": number,
        "ProductArn": PRODUCT,
        "GeneratorId": "rule",
        "AwsAccountId": "123456789012",
        "CreatedAt": "2026-01-01T00:00:00Z",
        "UpdatedAt": "2026-01-01T00:00:00Z",
        "Severity": {"Label": "HIGH"},
        "Title": "t",
        "Description": "d",
        "Resources": [{"Type": "AwsEc2Vpc", "Id": "vpc-1"}],
    }


def test_a_finding_is_noted_on_and_resolved(sandbox: Sandbox) -> None:
    hub = sandbox.client("securityhub")
    hub.batch_import_findings(Findings=[finding("a"), finding("b")])
    wanted = [{"Id": number, "ProductArn": PRODUCT} for number in ("a", "z")]
    answer = hub.batch_update_findings(
        FindingIdentifiers=wanted,
        Note={"Text": "mended", "UpdatedBy": "us"},
        Workflow={"Status": "RESOLVED"},
    )
    assert answer["ProcessedFindings"] == wanted[:1]
    (missing,) = answer["UnprocessedFindings"]
    assert (missing["FindingIdentifier"], missing["ErrorCode"]) == (wanted[1], "FindingNotFound")
    shown = {one["Id"]: one for one in hub.get_findings()["Findings"]}
    assert shown["a"]["Workflow"] == {"Status": "RESOLVED"}
    assert (shown["a"]["Note"]["Text"], shown["a"]["Note"]["UpdatedBy"]) == ("mended", "us")
    assert not {"Note", "Workflow"} & set(shown["b"])

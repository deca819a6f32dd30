"""The record that the checks have passed lies where the planner reads it with the modes."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from netmend import __version__
from rules.netlib import clock
from rules.netlib.evidence import stamp
from rules.netlib.verified import MUST_PASS, PARAMETER, SANDBOX, SANDBOX_ACCOUNT, SCHEMA

if TYPE_CHECKING:
    from netmend.verification.stage import Stage

AWS: Final = "aws"
SANDBOX_HOME: Final = (SANDBOX_ACCOUNT, "us-east-1")
"""Account and Region in which a sandbox deploys Netmend unless it is told otherwise."""


def text(
    account: str, region: str, by: str, checks: Iterable[int], passed: datetime, made_for: str
) -> str:
    """The record as JSON; by: ARN of the caller; checks: numbers of those that passed."""
    record = {
        "schema": SCHEMA,
        "account": account,
        "region": region,
        "checks": sorted(checks),
        "passed": stamp(passed),
        "netmend": __version__,
        "by": by,
        "made_for": made_for,
    }
    return json.dumps(record)


def write(stage: Stage, value: str) -> None:
    """Put the record in place of an older one."""
    stage.write("ssm", "put_parameter", **_put(value))


def remove(stage: Stage) -> None:
    """Remove the record, so that enforce is refused."""
    if not stage.place.verified:
        stage.write("ssm", "delete_parameter", Name=PARAMETER)


def mark_sandbox(ssm: Any, account: str, region: str) -> None:
    """Let enforce work in an embedded AWS, whose behaviour tests hold and not these checks."""
    ssm.put_parameter(**_put(text(account, region, "sandbox", MUST_PASS, clock.now(), SANDBOX)))


def _put(value: str) -> dict[str, Any]:
    return {
        "Name": PARAMETER,
        "Value": value,
        "Type": "String",
        "Overwrite": True,
        "Description": "Netmend: what netmend verify --live has shown here",
    }

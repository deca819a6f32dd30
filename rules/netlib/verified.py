"""Mode enforce is refused until `netmend verify --live` has passed in this account and Region.

Two standard SSM parameters (JSON text, at most 4 KB), read in one call with the modes:

/netmend/verified   {"schema": "netmend-verified/1", "account", "region", "checks": [numbers that
                    passed], "passed": UTC time, "netmend": version, "by": ARN of who ran it,
                    "made_for": "aws" or "sandbox"}
/netmend/scratch    {"schema": "netmend-scratch/1", "account", "region", "group": one id,
                    "mode": "approve" or "enforce", "until": UTC time}

The second exists only while the checks run: some of them need a mend, and nothing else may be
mended then. It cannot widen beyond its one group, because it holds one id and no pattern, counts
only for a run of exactly that id, only within the hour before `until`, never against mode off, and
only while the live group carries the tag `netmend:scratch`: a grant that names somebody's own group
holds that group. Anything about it that is not as said here means that it is not there.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

PARAMETER: Final = "/netmend/verified"
SCRATCH: Final = "/netmend/scratch"
SCHEMA: Final = "netmend-verified/1"
SCRATCH_SCHEMA: Final = "netmend-scratch/1"
SCRATCH_TAG: Final = "netmend:scratch"
LONGEST: Final = timedelta(hours=1)
COMMAND: Final = "netmend verify --live"
SANDBOX: Final = "sandbox"
SANDBOX_ACCOUNT: Final = "123456789012"
"""AWS's own example, which is nobody's: a record for the sandbox counts nowhere else."""

MUST_PASS: Final = (1, 2, 3, 4, 13, 14, 16)
"""Entries of docs/unverified.md without which no mend may run by itself.

A number is never given twice: a check that becomes stricter gets a new one, and an older record
then no longer suffices.
"""


def refusal(value: str | None, account: str, region: str) -> str:
    """Why mode enforce is refused here, in one sentence; "" where the checks have passed.

    value: text of the parameter `/netmend/verified`, None where there is none.
    """
    if value is None:
        return f"enforce is refused until `{COMMAND}` has passed in this account and Region"
    found = _parsed(value, SCHEMA)
    checks = found.get("checks")
    if not isinstance(checks, list) or _time(found.get("passed")) is None:
        return f"enforce is refused: {PARAMETER} is not a record of `{COMMAND}`, run it again"
    if (found.get("account"), found.get("region")) != (account, region):
        return f"enforce is refused: {PARAMETER} is of another place, run `{COMMAND}` here"
    passed = [number for number in checks if type(number) is int]  # True would equal 1
    if found.get("made_for") == SANDBOX and account != SANDBOX_ACCOUNT:
        return f"enforce is refused: {PARAMETER} was made for a sandbox, run `{COMMAND}` here"
    missing = [str(number) for number in MUST_PASS if number not in passed]
    if missing:
        return f"enforce is refused until `{COMMAND}` has passed check {', '.join(missing)} too"
    return ""


def told(value: str) -> dict[str, Any]:
    """What evidence says of a record: when it passed, by whose hand, and for what it was made."""
    found = _parsed(value, SCHEMA)
    return {name: found.get(name) for name in ("passed", "by", "made_for", "checks")}


def granted(value: str | None, resource: str, account: str, region: str, now: datetime) -> str:
    """The mode that `/netmend/scratch` grants to a resource: "approve", "enforce", or "" for none.

    Whoever uses it has to find the tag `netmend:scratch` on the live resource as well.
    """
    found = _parsed(value or "", SCRATCH_SCHEMA)
    until = _time(found.get("until"))
    if until is None or not now < until <= now + LONGEST:
        return ""
    place = (found.get("account"), found.get("region"), found.get("group"))
    mode = found.get("mode")
    return mode if place == (account, region, resource) and mode in ("approve", "enforce") else ""


def _parsed(value: str, schema: str) -> Mapping[str, Any]:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and found.get("schema") == schema else {}


def _time(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else None

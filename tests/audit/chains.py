"""Chains of evidence as the planner would have written them, made from few words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rules.netlib.evidence import GENESIS, key, seal, unseal

ACCOUNT, REGION = "123456789012", "us-east-1"
CONTROL = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
RULE = "netmend-security-group-no-public-ingress-conformance-pack-abcdefgh"
Records = list[tuple[str, bytes]]


def sealed(*contents: Mapping[str, Any], account: str = ACCOUNT, region: str = REGION) -> Records:
    """The contents as records of one chain."""
    records: Records = []
    previous = GENESIS
    for number, content in enumerate(contents, start=1):
        data = seal({"account": account, "region": region, **content}, number, previous)
        previous = str(unseal(data)["hash"])
        records.append((key(account, region, number), data))
    return records


def execution(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def record(run: int, kind: str, outcome: str, second: int = 0, **content: Any) -> dict[str, Any]:
    """One record of the run of that number, `second` seconds after midday."""
    return {
        "kind": kind,
        "outcome": outcome,
        "time": f"2026-11-01T12:{second // 60:02}:{second % 60:02}.000Z",
        "execution": execution(run),
        "started": {"time": "2026-11-01T12:00:00.500Z", "source": "ssm:GetAutomationExecution"},
        "document": {"name": "Netmend-RevokePublicIngress", "version": "1", "hash": "d" * 64},
        "control": CONTROL,
        "rule": RULE,
        "resource": f"sg-{run:017x}",
        "version": "0.1.0",
        **content,
    }


def permission(low: int, high: int, *sources: str, note: str = "") -> dict[str, Any]:
    """An IpPermission as EC2 takes it."""
    described = {"Description": note} if note else {}
    ranges = [{"CidrIp": source, **described} for source in sources]
    return {"IpProtocol": "tcp", "FromPort": low, "ToPort": high, "IpRanges": ranges}


def drift(run: int, port: int = 22) -> dict[str, Any]:
    """What intent, question and refusal say of a rule for one port from everywhere."""
    group = f"sg-{run:017x}"
    private = permission(port, port, "10.0.0.0/8", "192.168.0.0/16", note="ticket 4711")
    gone = {
        "SecurityGroupRuleId": f"sgr-{run:017x}",
        "GroupId": group,
        "IpProtocol": "tcp",
        "FromPort": port,
        "ToPort": port,
        "CidrIpv4": "0.0.0.0/0",
        "Description": "ticket 4711",
    }
    violation = {"protocol": "tcp", "ports": [str(port)], "sources": ["0.0.0.0/0"], "addresses": 9}
    return {
        "mode": "enforce",
        "digest": f"{run:064x}",
        "fingerprint": "f" * 64,
        "drift": {
            "what": f"open to 0.0.0.0/0: tcp/{port}",
            "recorded": "2026-11-01T12:00:00.000Z",
            "recorded_by": "config:GetResourceConfigHistory",
            "violations": [violation],
        },
        "plan": {
            "decision": "MEND",
            "reason": f"open to 0.0.0.0/0: tcp/{port}; revoke 1 rule",
            "lost": [],
            "before": [gone],
            "after": [private, permission(443, 443, "0.0.0.0/0", note="web")],
            "calls": [
                {"op": "AuthorizeSecurityGroupIngress", "IpPermissions": [private]},
                {"op": "RevokeSecurityGroupIngress", "SecurityGroupRuleIds": ["sgr-1"]},
            ],
        },
    }


def call(step: str, api: str) -> dict[str, Any]:
    """One call of an outcome; Automation keeps its inputs as JSON texts."""
    return {
        "step": step,
        "status": "Success",
        "request_id": f"request-of-{step}",
        "time": "2026-11-01T12:00:01.000Z",
        "inputs": {"Service": '"ec2"', "Api": f'"{api}"'},
    }


CALLS = [
    call("AuthorizeRemainder", "AuthorizeSecurityGroupIngress"),
    call("RevokeOffenders", "RevokeSecurityGroupIngress"),
]


def intent(run: int, **content: Any) -> dict[str, Any]:
    return record(run, "intent", "MEND", 1, **drift(run), **content)


def question(run: int, **content: Any) -> dict[str, Any]:
    asked = f"Netmend asks to change sg-{run:017x}.\nAnswer: netmend approve {execution(run)}"
    return record(run, "question", "WAITING", 1, question=asked, **drift(run), **content)


def outcome(run: int, word: str = "MENDED", second: int = 2, **content: Any) -> dict[str, Any]:
    told = {"calls": CALLS, "as_planned": True} if word == "MENDED" else {"reason": f"it {word}"}
    return record(run, "outcome", word, second, **{**told, **content})


def grant(run: int, mode: str = "enforce", **other: str) -> str:
    """The text of /netmend/scratch for the group of that run, as `netmend verify` puts it."""
    granted = {
        "schema": "netmend-scratch/1",
        "account": ACCOUNT,
        "region": REGION,
        "group": f"sg-{run:017x}",
        "mode": mode,
        "until": "2026-11-01T12:50:00.000Z",
    }
    return json.dumps(granted | other)


def raised(run: int, rule: str = f"{RULE[:-8]}verify0", **content: Any) -> dict[str, Any]:
    """What check 2 leaves: the planner raised at Plan, as Lambda and Automation tell of it."""
    return outcome(run, "FAILED", 1, rule=rule, digest="", reason=LAMBDA_ERROR, **content)


LAMBDA_ERROR = (
    "Plan: Step fails when it is Execute/Cancelling action. The function netmend-planner ended "
    'with the error Unhandled: {"errorMessage": "An error occurred (NoSuchConfigRuleException) '
    "when calling the DescribeConfigRules operation: The ConfigRule 'x' is invalid\", "
    '"errorType": "NoSuchConfigRuleException", "requestId": "1", "stackTrace": ["  File '
    '\\"/var/task/planner.py\\", line 51\\n    return phase(x)\\n           ^^^^^^^^\\n"]}. '
    "Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
)
OWN_WORDS = (
    "Plan: An error occurred (NoSuchConfigRuleException) when calling the DescribeConfigRules "
    "operation: The ConfigRule 'x' is invalid"
)


def refusal(run: int, word: str, reason: str) -> dict[str, Any]:
    return record(run, "refusal", word, 1, **drift(run), reason=reason)

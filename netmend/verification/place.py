"""Where the checks run: whose account and Region, and which of Netmend's parts stand there."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from rdklib import InvalidParametersError

from netmend.errors import UserError
from rules.netlib.policy import Policy
from rules.netlib.verified import PARAMETER, SANDBOX_ACCOUNT, SCRATCH, refusal
from rules.SECURITY_GROUP_NO_PUBLIC_INGRESS.SECURITY_GROUP_NO_PUBLIC_INGRESS import (
    SECURITY_GROUP_NO_PUBLIC_INGRESS,
)

Clients = Callable[[str], Any]

RULE: Final = "netmend-security-group-no-public-ingress-conformance-pack-"
PLANNER: Final = "netmend-planner"
RUNBOOK: Final = "Netmend-RevokePublicIngress"
MODE: Final = "/netmend/mode"
OWN_MODE: Final = f"{MODE}/security-group-no-public-ingress"
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Place:
    """An account and Region with Netmend in it; rule: its full name there, policy: its parameters.

    vpc: where scratch groups are made. verified: "" where enforce is allowed already, else why
    it is not. sandbox: whether an embedded AWS on this machine is asked.
    """

    account: str
    region: str
    partition: str
    caller: str
    rule: str
    policy: Policy
    approvers: tuple[str, ...]
    mode: str
    vpc: str
    verified: str
    granted: bool
    sandbox: bool

    @property
    def runbook_role(self) -> str:
        """The role that the runbook assumes."""
        return f"arn:{self.partition}:iam::{self.account}:role/netmend-RevokePublicIngress"

    @property
    def bucket(self) -> str:
        """The evidence bucket."""
        return f"netmend-evidence-{self.account}-{self.region}"


def find(clients: Clients, vpc: str = "") -> Place:
    """Look round by reading alone; raises UserError where Netmend is not deployed or is off."""
    who = clients("sts").get_caller_identity()
    ssm = clients("ssm")
    region = ssm.meta.region_name
    names = [MODE, OWN_MODE, PARAMETER, SCRATCH]
    found = {p["Name"]: p["Value"] for p in ssm.get_parameters(Names=names)["Parameters"]}
    for name in (MODE, OWN_MODE):
        if found.get(name, "").strip() == "off":
            raise UserError("the mode is off, so nothing runs", f"set {name} to observe")
    rule = _rule(clients("config"), region)
    return Place(
        account=who["Account"],
        region=region,
        partition=who["Arn"].split(":")[1],
        caller=who["Arn"],
        rule=rule["ConfigRuleName"],
        policy=_policy(rule),
        approvers=_approvers(clients("lambda")),
        mode=found.get(MODE, "observe"),
        vpc=vpc or _default_vpc(clients("ec2"), region),
        verified=refusal(found.get(PARAMETER), who["Account"], region),
        granted=SCRATCH in found,
        sandbox=_sandbox(who["Account"], ssm.meta.endpoint_url),
    )


def _sandbox(account: str, endpoint: str) -> bool:
    # A proxy of AWS on this machine answers as an account of somebody's.
    return account == SANDBOX_ACCOUNT and urlsplit(endpoint).hostname in LOOPBACK


def _rule(config: Any, region: str) -> dict[str, Any]:
    for page in config.get_paginator("describe_config_rules").paginate():
        for rule in page["ConfigRules"]:
            if rule["ConfigRuleName"].startswith(RULE):
                return dict(rule)
    raise UserError(f"Netmend is not deployed in {region}", "deploy it first, in mode observe")


def _policy(rule: dict[str, Any]) -> Policy:
    try:
        given = json.loads(rule.get("InputParameters") or "{}")
        return SECURITY_GROUP_NO_PUBLIC_INGRESS().parameters(given)
    except (InvalidParametersError, ValueError) as error:
        what = f"the parameters of {rule['ConfigRuleName']} are not valid: {error}"
        raise UserError(what, "deploy valid ones") from error


def _approvers(functions: Any) -> tuple[str, ...]:
    """Who may answer questions here, as the planner is told."""
    found = functions.get_function_configuration(FunctionName=PLANNER)["Environment"]["Variables"]
    return tuple(name for name in found.get("NETMEND_APPROVERS", "").split(",") if name)


def _default_vpc(ec2: Any, region: str) -> str:
    found = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    if not found:
        raise UserError(f"{region} has no default VPC", "name one by --vpc")
    return str(found[0]["VpcId"])

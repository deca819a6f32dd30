"""A deployed Netmend on the embedded AWS, seen through boto3 alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from netmend.deployment import deploy
from netmend.sandbox.core import Sandbox
from netmend.verification.record import mark_sandbox

RULE = "netmend-security-group-no-public-ingress"
ACCOUNT, REGION = "123456789012", "us-east-1"
BUCKET = f"netmend-evidence-{ACCOUNT}-{REGION}"
APPROVER = "demo-approver"


def permission(
    protocol: str, ports: tuple[int, int] | None = None, *sources: str, **texts: str
) -> dict[str, Any]:
    """An IpPermission from short words: sources are CIDRs, pl- or sg- ids."""
    found: dict[str, Any] = {"IpProtocol": protocol}
    if ports is not None:
        found["FromPort"], found["ToPort"] = ports
    for source in sources:
        name, key = _slot(source)
        found.setdefault(name, []).append({key: source, **texts})
    return found


def _slot(source: str) -> tuple[str, str]:
    if source.startswith("pl-"):
        return "PrefixListIds", "PrefixListId"
    if source.startswith("sg-"):
        return "UserIdGroupPairs", "GroupId"
    return ("Ipv6Ranges", "CidrIpv6") if ":" in source else ("IpRanges", "CidrIp")


class World:
    """A sandbox with Netmend deployed in enforce mode, and a VPC to play in.

    Only the rules of `pack` judge: what others find of a test's drift is none of its business.
    """

    def __init__(
        self, sandbox: Sandbox, mode: str = "enforce", pack: str = "network-exposure"
    ) -> None:
        self.sandbox = sandbox
        key = self.client("iam").create_user(UserName=APPROVER)
        key = self.client("iam").create_access_key(UserName=APPROVER)["AccessKey"]
        self.approver = {
            "AccessKeyId": key["AccessKeyId"],
            "SecretAccessKey": key["SecretAccessKey"],
        }
        mark_sandbox(self.client("ssm"), ACCOUNT, REGION)
        deploy(sandbox.client, mode=mode, approvers=[APPROVER])
        self._take_out_all_packs_but(f"netmend-{pack}")
        self.vpc = self.client("ec2").create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
        self.settle()
        self._names = 0
        self._resources: dict[str, str] = {}
        self._before: dict[str, str] = {}
        self._records: dict[str, bytes] = {}
        self._parsed: dict[str, dict[str, Any]] = {}

    def client(self, service: str, credentials: Mapping[str, str] | None = None) -> Any:
        return self.sandbox.client(service, REGION, credentials)

    def _take_out_all_packs_but(self, kept: str) -> None:
        config = self.client("config")
        found = config.describe_conformance_packs()["ConformancePackDetails"]
        for name in {pack["ConformancePackName"] for pack in found} - {kept}:
            config.delete_conformance_pack(ConformancePackName=name)

    def settle(self) -> None:
        self.sandbox.settle()

    @cached_property
    def rule_name(self) -> str:
        rules = self.client("config").describe_config_rules()["ConfigRules"]
        return next(r["ConfigRuleName"] for r in rules if r["ConfigRuleName"].startswith(RULE))

    def group(self, *permissions: Mapping[str, Any], settle: bool = False) -> str:
        """A new group with these ingress permissions."""
        self._names += 1
        made = self.client("ec2").create_security_group(
            GroupName=f"group-{self._names}", Description="a test's own", VpcId=self.vpc
        )
        group_id: str = made["GroupId"]
        self._before[group_id] = next(self._newest_first(), "")
        if settle:
            self.settle()
        if permissions:
            self.open(group_id, *permissions)
        return group_id

    def open(self, group_id: str, *permissions: Mapping[str, Any]) -> None:
        self.client("ec2").authorize_security_group_ingress(
            GroupId=group_id, IpPermissions=list(permissions)
        )

    def prefix_list(self, *cidrs: str, family: str = "IPv4") -> str:
        self._names += 1
        made = self.client("ec2").create_managed_prefix_list(
            PrefixListName=f"list-{self._names}",
            AddressFamily=family,
            MaxEntries=max(len(cidrs), 5),
            Entries=[{"Cidr": cidr} for cidr in cidrs],
        )
        return str(made["PrefixList"]["PrefixListId"])

    def rules(self, group_id: str) -> set[tuple[str, int, int, str]]:
        """Ingress as {(protocol, from, to, source)}."""
        found = self.client("ec2").describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [group_id]}]
        )["SecurityGroupRules"]
        return {
            (r["IpProtocol"], r.get("FromPort", -1), r.get("ToPort", -1), _source(r))
            for r in found
            if not r["IsEgress"]
        }

    def compliance(self, group_id: str) -> str:
        """What our rule says of the group in Config; '' when it says nothing."""
        results = self.client("config").get_compliance_details_by_resource(
            ResourceType="AWS::EC2::SecurityGroup", ResourceId=group_id
        )["EvaluationResults"]
        for result in results:
            qualifier = result["EvaluationResultIdentifier"]["EvaluationResultQualifier"]
            if qualifier["ConfigRuleName"] == self.rule_name:
                return str(result["ComplianceType"])
        return ""

    def runs(self, group_id: str) -> list[dict[str, Any]]:
        """The executions for a group, oldest first."""
        found = []
        for execution in self._newest_first():
            if execution == self._before[group_id]:
                break
            if execution not in self._resources:
                parameters = self.run(execution)["Parameters"]
                self._resources[execution] = parameters["ResourceId"][0]
            if self._resources[execution] == group_id:
                found.append(self.run(execution))
        return found[::-1]

    def _newest_first(self) -> Iterator[str]:
        pages = self.client("ssm").get_paginator("describe_automation_executions")
        for page in pages.paginate(PaginationConfig={"PageSize": 5}):
            yield from (e["AutomationExecutionId"] for e in page["AutomationExecutionMetadataList"])

    def run(self, execution: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client("ssm").get_automation_execution(
            AutomationExecutionId=execution
        )["AutomationExecution"]
        return found

    def answer(self, execution: str, signal: str) -> None:
        self.client("ssm", self.approver).send_automation_signal(
            AutomationExecutionId=execution, SignalType=signal, Payload={"Comment": ["seen"]}
        )

    def start(self, group_id: str) -> str:
        """Deliver the event once more: start the runbook as EventBridge would."""
        role = f"arn:aws:iam::{ACCOUNT}:role/netmend-RevokePublicIngress"
        started = self.client("ssm").start_automation_execution(
            DocumentName="Netmend-RevokePublicIngress",
            Parameters={
                "ResourceId": [group_id],
                "ConfigRuleName": [self.rule_name],
                "Approvers": [APPROVER],
                "AutomationAssumeRole": [role],
            },
        )
        return str(started["AutomationExecutionId"])

    def mode(self, value: str, control: str = "") -> None:
        name = f"/netmend/mode/{control}" if control else "/netmend/mode"
        self.client("ssm").put_parameter(Name=name, Value=value, Type="String", Overwrite=True)

    def objects(self) -> list[tuple[str, bytes]]:
        """The evidence bucket as (key, bytes); what was read once cannot change."""
        s3 = self.client("s3")
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        for key in (o["Key"] for p in pages for o in p.get("Contents", [])):
            if key not in self._records:
                self._records[key] = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return sorted(self._records.items())

    def evidence(self, group_id: str) -> list[dict[str, Any]]:
        """The evidence records about a group, in order."""
        for key, data in self.objects():
            if key not in self._parsed:
                self._parsed[key] = json.loads(data)
        return [r for _, r in sorted(self._parsed.items()) if r["resource"] == group_id]

    def outcomes(self, group_id: str) -> list[tuple[str, str]]:
        return [(r["kind"], r["outcome"]) for r in self.evidence(group_id)]


def _source(rule: Mapping[str, Any]) -> str:
    reference = rule.get("ReferencedGroupInfo", {}).get("GroupId", "")
    return str(
        rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId") or reference
    )


def statuses(run: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """(step, status) of the steps that a run reached."""
    return [
        (s["StepName"], s["StepStatus"])
        for s in run["StepExecutions"]
        if s["StepStatus"] != "Pending"
    ]

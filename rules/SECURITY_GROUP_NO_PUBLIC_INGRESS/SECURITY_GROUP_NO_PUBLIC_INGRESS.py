"""No guarded port of a security group is open to the internet, by whatever rules together."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from rules.netlib import mending, words
from rules.netlib.exposure import Sources, Violation, violations
from rules.netlib.groups import SecurityGroupRule
from rules.netlib.permissions import SecurityGroup
from rules.netlib.plan import Plan
from rules.netlib.policy import Policy, Ports, limits, parse_ports, without
from rules.netlib.rule import Parameter, choice, whole_number

GUARDED: Final = (
    ("tcp/22-23", "SSH, Telnet: a shell"),
    ("tcp/135-139", "Windows RPC and NetBIOS: remote administration, and worms since 2003"),
    ("udp/137-138", "NetBIOS: name and datagram service"),
    ("udp/161", "SNMP: device configuration, and amplification"),
    ("389", "LDAP: the directory, and amplification over UDP"),
    ("tcp/445", "SMB: file shares and remote administration"),
    ("tcp/512-514", "rexec, rlogin, rsh: a shell without encryption"),
    ("udp/623", "IPMI: the machine itself"),
    ("tcp/1433-1434", "Microsoft SQL Server"),
    ("udp/1434", "Microsoft SQL Server: browser service"),
    ("tcp/1521", "Oracle Database"),
    ("tcp/2049", "NFS: file shares"),
    ("tcp/2375-2380", "Docker, Swarm and etcd: a root shell, a cluster's secrets"),
    ("tcp/3306", "MySQL, MariaDB, Aurora"),
    ("3389", "RDP, over TCP and UDP: a desktop"),
    ("tcp/5432", "PostgreSQL"),
    ("tcp/5439", "Redshift"),
    ("tcp/5900-5910", "VNC: a desktop"),
    ("tcp/5985-5986", "WinRM: a shell"),
    ("tcp/6379", "Redis, Valkey"),
    ("tcp/6443", "Kubernetes: the API server"),
    ("tcp/9042", "Cassandra"),
    ("tcp/9200", "Elasticsearch, OpenSearch"),
    ("tcp/9300", "Elasticsearch, OpenSearch: between nodes"),
    ("tcp/10250", "Kubernetes: a shell in every container of a node"),
    ("11211", "memcached, and amplification over UDP"),
    ("tcp/27017-27019", "MongoDB"),
)
"""Ports of administration and of databases that no stranger should reach, and why."""

PORTS: Final = "ports and ranges such as 22,8000-8080,tcp/5432,udp/161 (0 to 65535)"


def allowed_ports(raw: str) -> Ports:
    """As GuardedPorts, or blank for none."""
    return parse_ports(raw) if raw.strip() else Ports((), ())


class SECURITY_GROUP_NO_PUBLIC_INGRESS(SecurityGroupRule):
    """Judges security groups; RevokePublicIngress mends them."""

    NEEDS = ("prefix_lists",)
    PLAN_NEEDS = ("vpc_cidrs", "rules_quota")
    RUNBOOK = "RevokePublicIngress"
    PARAMETERS: ClassVar[Mapping[str, Parameter]] = {
        "GuardedPorts": Parameter(",".join(ports for ports, _ in GUARDED), parse_ports, PORTS),
        "AllowedPorts": Parameter("", allowed_ports, f"{PORTS}, or nothing"),
        "WideIpv4Prefix": Parameter("10", whole_number(1, 32), "a whole number of 1 to 32"),
        "WideIpv6Prefix": Parameter("32", whole_number(1, 128), "a whole number of 1 to 128"),
        "PrivateSources": Parameter("keep", choice("keep", "drop"), "keep or drop"),
        "AllProtocols": Parameter("approve", choice("approve", "carve"), "approve or carve"),
    }

    annotation = staticmethod(words.annotation)

    def parameters(self, raw: Mapping[str, str]) -> Policy:
        given = super().parameters(raw)
        return Policy(
            guarded=without(given["GuardedPorts"], given["AllowedPorts"]),
            limits=limits(given["WideIpv4Prefix"], given["WideIpv6Prefix"]),
            keep_private=given["PrivateSources"] == "keep",
            carve_all_protocols=given["AllProtocols"] == "carve",
        )

    def violations(
        self, resource: SecurityGroup, facts: Mapping[str, Any], params: Policy
    ) -> list[Violation]:
        return violations(resource.ingress, Sources(resource.ingress, facts), params)

    def plan(
        self,
        resource: SecurityGroup,
        violations: list[Violation],
        facts: Mapping[str, Any],
        params: Policy,
    ) -> Plan:
        return mending.plan(resource, violations, facts, params)

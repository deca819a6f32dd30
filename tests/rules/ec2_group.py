"""One security group in the shapes of EC2 and of Config, changed by calls as EC2 changes it."""

from __future__ import annotations

import ipaddress
import itertools
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

ACCOUNT = "111122223333"
VPC = "vpc-0a1b2c3d4e5f60718"
GROUP = "sg-0123456789abcdef0"
LISTS = (
    ("IpRanges", "CidrIp", "CidrIpv4"),
    ("Ipv6Ranges", "CidrIpv6", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId", "GroupId"),
)


class Rule(NamedTuple):
    """`source` is a CIDR, a pl-... or a sg-...; ports None where the protocol has none."""

    protocol: str
    low: int | None
    high: int | None
    source: str
    description: str | None = None
    tags: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> tuple[Any, ...]:
        return self[:4]


class RefusedError(Exception):
    """What EC2 answers with an error code."""


def listed_under(source: str) -> tuple[str, str, str]:
    if source.startswith("pl-"):
        return LISTS[2]
    if source.startswith("sg-"):
        return LISTS[3]
    return LISTS[1] if ":" in source else LISTS[0]


def ip_permission(rule: Rule) -> dict[str, Any]:
    """One rule as an IpPermission."""
    head: dict[str, Any] = {"IpProtocol": rule.protocol}
    if rule.low is not None:
        head |= {"FromPort": rule.low, "ToPort": rule.high}
    permission = head | {name: [] for name, _, _ in LISTS}
    name, field, _ = listed_under(rule.source)
    note = {"Description": rule.description} if rule.description else {}
    permission[name].append({field: rule.source, **note})
    return permission


def grouped(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """IpPermissions the way EC2 groups them: one for each protocol and port range."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for rule in rules:
        one = ip_permission(rule)
        there = found.setdefault(rule[:3], one)
        if there is not one:
            for name, _, _ in LISTS:
                there[name].extend(one[name])
    return list(found.values())


def describe(rules: Iterable[Rule], *, group_id: str = GROUP) -> dict[str, Any]:
    """An element of DescribeSecurityGroups."""
    return {
        "GroupId": group_id,
        "GroupName": "app",
        "Description": "app",
        "OwnerId": ACCOUNT,
        "VpcId": VPC,
        "Tags": [{"Key": "team", "Value": "web"}],
        "IpPermissions": grouped(rules),
        "IpPermissionsEgress": grouped([Rule("-1", None, None, "0.0.0.0/0")]),
    }


def describe_rules(rules: dict[str, Rule], *, group_id: str = GROUP) -> list[dict[str, Any]]:
    """DescribeSecurityGroupRules, with the egress rule that it always tells as well."""
    outward = {"sgr-0e": Rule("-1", None, None, "0.0.0.0/0")}
    found = []
    for rule_id, rule in {**outward, **rules}.items():
        _, _, field = listed_under(rule.source)
        source: dict[str, Any] = {field: rule.source}
        if field == "GroupId":
            source = {"ReferencedGroupInfo": {"GroupId": rule.source, "UserId": ACCOUNT}}
        one = {
            "SecurityGroupRuleId": rule_id,
            "GroupId": group_id,
            "GroupOwnerId": ACCOUNT,
            "IsEgress": rule_id in outward,
            "IpProtocol": rule.protocol,
            "FromPort": -1 if rule.low is None else rule.low,
            "ToPort": -1 if rule.high is None else rule.high,
            **source,
            "Tags": [{"Key": key, "Value": value} for key, value in rule.tags],
        }
        found.append(one | ({"Description": rule.description} if rule.description else {}))
    return found


def item(rules: Iterable[Rule], *, group_id: str = GROUP) -> dict[str, Any]:
    """A configuration item as Config hands it to a Lambda function."""
    permissions = [_camel(permission) for permission in grouped(rules)]
    return {
        "version": "1.3",
        "configurationItemStatus": "OK",
        "configurationItemCaptureTime": "2026-03-01T10:00:00.000Z",
        "configurationStateId": 1772359200000,
        "awsAccountId": ACCOUNT,
        "awsRegion": "eu-central-1",
        "resourceType": "AWS::EC2::SecurityGroup",
        "resourceId": group_id,
        "ARN": f"arn:aws:ec2:eu-central-1:{ACCOUNT}:security-group/{group_id}",
        "tags": {"team": "web"},
        "relationships": [],
        "supplementaryConfiguration": {},
        "configuration": {
            "description": "app",
            "groupId": group_id,
            "groupName": "app",
            "ownerId": ACCOUNT,
            "vpcId": VPC,
            "tags": [{"key": "team", "value": "web"}],
            "ipPermissions": permissions,
            "ipPermissionsEgress": [],
        },
    }


def _camel(permission: dict[str, Any]) -> dict[str, Any]:
    def lowered(value: dict[str, Any]) -> dict[str, Any]:
        return {name[0].lower() + name[1:]: one for name, one in value.items()}

    found = lowered(permission)
    ranges = found.pop("ipRanges")
    found["ipv4Ranges"] = [lowered(one) for one in ranges]
    found["ipRanges"] = [one["CidrIp"] for one in ranges]
    for name in ("ipv6Ranges", "prefixListIds", "userIdGroupPairs"):
        found[name] = [lowered(one) for one in found[name]]
    return found


class Group:
    """The group's rules by id; calls change them, and are refused as EC2 refuses them."""

    def __init__(self, rules: Iterable[Rule], quota: int = 60, sizes: dict[str, int] | None = None):
        self.numbers = itertools.count(1)
        self.rules: dict[str, Rule] = {}
        self.quota, self.sizes = quota, sizes or {}
        self._add(rules)

    def _add(self, rules: Iterable[Rule]) -> None:
        self.rules |= {f"sgr-{next(self.numbers):017x}": rule for rule in rules}

    def call(self, call: dict[str, Any]) -> None:
        """A call as a plan lists it."""
        if call["GroupId"] != GROUP:
            raise RefusedError("InvalidGroup.NotFound")
        if call["op"] == "AuthorizeSecurityGroupIngress":
            self._authorize(call)
        else:
            self._revoke(call)

    def _authorize(self, call: dict[str, Any]) -> None:
        tags = tuple(
            (tag["Key"], tag["Value"])
            for specification in call.get("TagSpecifications", [])
            for tag in specification["Tags"]
        )
        new = [rule._replace(tags=tags) for rule in parsed(call["IpPermissions"])]
        keys = [rule.key for rule in [*self.rules.values(), *new]]
        if not new:
            raise RefusedError("MissingParameter")
        if len(set(keys)) != len(keys):
            raise RefusedError("InvalidPermission.Duplicate")
        if any(key.lower().startswith("aws:") for key, _ in tags):
            raise RefusedError("InvalidParameterValue")
        for ipv6 in (False, True):
            if self._counted(
                [*self.rules.values(), *new], ipv6=ipv6
            ) > self.quota and self._counted(new, ipv6=ipv6):
                raise RefusedError("RulesPerSecurityGroupLimitExceeded")
        self._add(new)

    def _counted(self, rules: Iterable[Rule], *, ipv6: bool) -> int:
        return sum(
            self.sizes[rule.source] * (rule.source.endswith("6") == ipv6)
            if rule.source.startswith("pl-")
            else rule.source.startswith("sg-") or (":" in rule.source) == ipv6
            for rule in rules
        )

    def _revoke(self, call: dict[str, Any]) -> None:
        gone = set(call.get("SecurityGroupRuleIds", ()))
        keys = {rule.key for rule in parsed(call.get("IpPermissions", []))}
        gone |= {rule_id for rule_id, rule in self.rules.items() if rule.key in keys}
        if not gone or not gone <= self.rules.keys():
            raise RefusedError("InvalidSecurityGroupRuleId.NotFound")
        for rule_id in gone:
            del self.rules[rule_id]


def parsed(permissions: list[dict[str, Any]]) -> Iterator[Rule]:
    """The rules of IpPermissions; EC2 takes CIDRs with host bits, the plan must not send any."""
    for permission in permissions:
        head = permission["IpProtocol"], permission.get("FromPort"), permission.get("ToPort")
        for name, field, _ in LISTS:
            for one in permission[name]:
                if "Cidr" in field:
                    ipaddress.ip_network(one[field], strict=True)
                yield Rule(*head, one[field], one.get("Description"))

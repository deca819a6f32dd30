"""AWS::EC2::SecurityGroup, SecurityGroupIngress, SecurityGroupEgress and PrefixList."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    forgiving,
    pick,
    read,
    same,
)
from netmend.sandbox.cloudformation.providers.ec2_tags import retag, specification
from netmend.sandbox.cloudformation.shapes import INTEGER, STRING, TAGS

RULE: Final[Shapes] = {
    "CidrIp": STRING,
    "CidrIpv6": STRING,
    "Description": STRING,
    "FromPort": INTEGER,
    "IpProtocol": STRING,
    "ToPort": INTEGER,
}
INGRESS: Final[Shapes] = {**RULE, "SourcePrefixListId": STRING, "SourceSecurityGroupId": STRING}
EGRESS: Final[Shapes] = {
    **RULE,
    "DestinationPrefixListId": STRING,
    "DestinationSecurityGroupId": STRING,
}
SOURCES: Final = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}
"""Where an IpPermission has what a template says of the other side: list, and key in its items."""

ANYWHERE: Final = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
"""The egress rule of every new group; it goes when the template has egress rules of its own."""


def permission(rule: dict[str, Any]) -> dict[str, Any]:
    """An IpPermission of the API from a rule of a template."""
    made: dict[str, Any] = {
        key: rule[key] for key in ("IpProtocol", "FromPort", "ToPort") if key in rule
    }
    said = {"Description": rule["Description"]} if rule.get("Description") else {}
    for key, (group, name) in SOURCES.items():
        if key in rule:
            made[group] = [{name: rule[key], **said}]
    return made


class SecurityGroup(Provider):
    """Ref is the id; an update keeps the group and changes its rules."""

    type = "AWS::EC2::SecurityGroup"
    name_property = "GroupName"
    shape: ClassVar[Shapes] = {
        "GroupDescription": STRING,
        "GroupName": STRING,
        "SecurityGroupEgress": [EGRESS],
        "SecurityGroupIngress": [INGRESS],
        "Tags": TAGS,
        "VpcId": STRING,
    }
    required = ("GroupDescription",)
    create_only = ("GroupDescription", "GroupName", "VpcId")
    attributes: ClassVar[Attributes] = {
        "GroupId": lambda site, group: group,
        "Id": lambda site, group: group,
        "VpcId": lambda site, group: _group(site, group)["VpcId"],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("ec2").create_security_group(
            GroupName=read(wanted, "GroupName") or site.name(255),
            Description=read(wanted, "GroupDescription"),
            **pick(wanted, "VpcId"),
            **specification("security-group", wanted),
        )
        return str(made["GroupId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("ec2")
        own_before, own_after = (bool(read(p, "SecurityGroupEgress")) for p in (old, new))
        anywhere = {"GroupId": physical_id, "IpPermissions": [ANYWHERE]}
        if own_after and not own_before:
            forgiving(partial(client.revoke_security_group_egress, **anywhere))
        for direction in ("ingress", "egress"):
            name = f"SecurityGroup{direction.title()}"
            before, after = read(old, name, []), read(new, name, [])
            gone = [permission(rule) for rule in before if rule not in after]
            added = [permission(rule) for rule in after if rule not in before]
            for one in gone:
                revoke = getattr(client, f"revoke_security_group_{direction}")
                forgiving(partial(revoke, GroupId=physical_id, IpPermissions=[one]))
            if added:
                authorize = getattr(client, f"authorize_security_group_{direction}")
                authorize(GroupId=physical_id, IpPermissions=added)
        if own_before and not own_after:
            client.authorize_security_group_egress(**anywhere)
        retag(site, physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").delete_security_group(GroupId=physical_id)


def _group(site: Site, group: str) -> dict[str, Any]:
    answer = site.client("ec2").describe_security_groups(GroupIds=[group])
    found: dict[str, Any] = answer["SecurityGroups"][0]
    return found


class Rule(Provider):
    """The two types that are one rule of a group; Ref is the rule's id."""

    direction: ClassVar[str]

    def create(self, site: Site, wanted: Properties) -> str:
        authorize = getattr(site.client("ec2"), f"authorize_security_group_{self.direction}")
        rule = {key: read(wanted, key) for key in wanted if key != "GroupId"}
        made = authorize(GroupId=read(wanted, "GroupId"), IpPermissions=[permission(rule)])
        return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old or same(old, new, "Description"):
            return
        describe = f"update_security_group_rule_descriptions_{self.direction}"
        said = {"SecurityGroupRuleId": physical_id, "Description": read(new, "Description", "")}
        getattr(site.client("ec2"), describe)(
            GroupId=read(new, "GroupId"), SecurityGroupRuleDescriptions=[said]
        )

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        revoke = getattr(site.client("ec2"), f"revoke_security_group_{self.direction}")
        revoke(GroupId=read(properties, "GroupId"), SecurityGroupRuleIds=[physical_id])


class Ingress(Rule):
    """A rule for what comes in."""

    type = "AWS::EC2::SecurityGroupIngress"
    direction = "ingress"
    shape: ClassVar[Shapes] = {"GroupId": STRING, **INGRESS}
    required = ("GroupId", "IpProtocol")
    create_only = tuple(key for key in shape if key != "Description")
    attributes: ClassVar[Attributes] = {"Id": lambda site, rule: rule}


class Egress(Rule):
    """A rule for what goes out."""

    type = "AWS::EC2::SecurityGroupEgress"
    direction = "egress"
    shape: ClassVar[Shapes] = {"GroupId": STRING, **EGRESS}
    required = ("GroupId", "IpProtocol")
    create_only = tuple(key for key in shape if key != "Description")
    attributes: ClassVar[Attributes] = {"Id": lambda site, rule: rule}


class PrefixList(Provider):
    """Ref is the id."""

    type = "AWS::EC2::PrefixList"
    shape: ClassVar[Shapes] = {
        "AddressFamily": STRING,
        "Entries": [{"Cidr": STRING, "Description": STRING}],
        "MaxEntries": INTEGER,
        "PrefixListName": STRING,
        "Tags": TAGS,
    }
    required = ("AddressFamily", "PrefixListName")
    create_only = ("AddressFamily",)
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, made: _list(site, made)["PrefixListArn"],
        "OwnerId": lambda site, made: _list(site, made)["OwnerId"],
        "PrefixListId": lambda site, made: made,
        "Version": lambda site, made: str(_list(site, made)["Version"]),
    }

    def create(self, site: Site, wanted: Properties) -> str:
        entries = read(wanted, "Entries", [])
        made = site.client("ec2").create_managed_prefix_list(
            Entries=entries,
            MaxEntries=read(wanted, "MaxEntries", len(entries)),
            **pick(wanted, "AddressFamily", "PrefixListName"),
            **specification("prefix-list", wanted),
        )
        return str(made["PrefixList"]["PrefixListId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old:
            grows = read(new, "MaxEntries", 0) > read(old, "MaxEntries", 0)
            steps = [self._resize, self._edit] if grows else [self._edit, self._resize]
            for step in steps:  # EC2 refuses size and entries in one call
                step(site, physical_id, old, new)
        retag(site, physical_id, old, new)

    def _resize(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        changed = [n for n in ("MaxEntries", "PrefixListName") if not same(old, new, n)]
        if changed:
            site.client("ec2").modify_managed_prefix_list(
                PrefixListId=physical_id, **pick(new, *changed)
            )

    def _edit(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        before, after = read(old, "Entries", []), read(new, "Entries", [])
        kept = {entry["Cidr"] for entry in after}
        added = [entry for entry in after if entry not in before]
        gone = [{"Cidr": entry["Cidr"]} for entry in before if entry["Cidr"] not in kept]
        if added or gone:
            site.client("ec2").modify_managed_prefix_list(
                PrefixListId=physical_id,
                CurrentVersion=_list(site, physical_id)["Version"],
                AddEntries=added,
                RemoveEntries=gone,
            )

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").delete_managed_prefix_list(PrefixListId=physical_id)


def _list(site: Site, made: str) -> dict[str, Any]:
    answer = site.client("ec2").describe_managed_prefix_lists(PrefixListIds=[made])
    found: dict[str, Any] = answer["PrefixLists"][0]
    return found


PROVIDERS = by_name((Egress, Ingress, PrefixList, SecurityGroup))

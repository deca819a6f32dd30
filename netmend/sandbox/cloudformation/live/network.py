"""Live security groups, their rules, prefix lists, VPCs, subnets and routes."""

from __future__ import annotations

from typing import Any, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.live.base import Properties, Reader, chosen, tags
from netmend.sandbox.cloudformation.providers.ec2 import DESTINATIONS, HOPS

RULE: Final = ("Description", "FromPort", "IpProtocol", "ToPort")


def security_group(site: Site, group: str, expected: Properties) -> Properties:
    client = site.client("ec2")
    found = client.describe_security_groups(GroupIds=[group])["SecurityGroups"][0]
    filters = [{"Name": "group-id", "Values": [group]}]
    rules = client.describe_security_group_rules(Filters=filters)["SecurityGroupRules"]
    return {
        **chosen(found, "GroupName", "VpcId"),
        "GroupDescription": found["Description"],
        "SecurityGroupEgress": [_rule(one) for one in rules if one["IsEgress"]],
        "SecurityGroupIngress": [_rule(one) for one in rules if not one["IsEgress"]],
        "Tags": tags(found.get("Tags", ())),
    }


def _rule(found: dict[str, Any]) -> Properties:
    side = "Destination" if found["IsEgress"] else "Source"
    live = chosen(found, *RULE)
    live |= {"CidrIp": found["CidrIpv4"]} if found.get("CidrIpv4") else {}
    live |= {"CidrIpv6": found["CidrIpv6"]} if found.get("CidrIpv6") else {}
    if found.get("PrefixListId"):
        live[f"{side}PrefixListId"] = found["PrefixListId"]
    if group := found.get("ReferencedGroupInfo", {}).get("GroupId"):
        live[f"{side}SecurityGroupId"] = group
    return live


def group_rule(site: Site, rule: str, expected: Properties) -> Properties:
    answer = site.client("ec2").describe_security_group_rules(SecurityGroupRuleIds=[rule])
    found = answer["SecurityGroupRules"][0]
    return {"GroupId": found["GroupId"], **_rule(found)}


def prefix_list(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("ec2")
    found = client.describe_managed_prefix_lists(PrefixListIds=[name])["PrefixLists"][0]
    pages = client.get_paginator("get_managed_prefix_list_entries").paginate(PrefixListId=name)
    return {
        **chosen(found, "AddressFamily", "MaxEntries", "PrefixListName"),
        "Entries": [one for page in pages for one in page["Entries"]],
        "Tags": tags(found.get("Tags", ())),
    }


def vpc(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("ec2")
    found = client.describe_vpcs(VpcIds=[name])["Vpcs"][0]
    live = {**chosen(found, "CidrBlock", "InstanceTenancy"), "Tags": tags(found.get("Tags", ()))}
    for switch in ("EnableDnsHostnames", "EnableDnsSupport"):
        attribute = switch[0].lower() + switch[1:]
        answer = client.describe_vpc_attribute(VpcId=name, Attribute=attribute)
        live[switch] = answer[switch]["Value"]
    return live


def subnet(site: Site, name: str, expected: Properties) -> Properties:
    found = site.client("ec2").describe_subnets(SubnetIds=[name])["Subnets"][0]
    names = ("AvailabilityZone", "CidrBlock", "MapPublicIpOnLaunch", "VpcId")
    return {**chosen(found, *names), "Tags": tags(found.get("Tags", ()))}


def gateway(site: Site, name: str, expected: Properties) -> Properties:
    answer = site.client("ec2").describe_internet_gateways(InternetGatewayIds=[name])
    found = answer["InternetGateways"][0]
    return {"InternetGatewayId": name, "Tags": tags(found.get("Tags", ()))}


def route_table(site: Site, name: str, expected: Properties) -> Properties:
    found = site.client("ec2").describe_route_tables(RouteTableIds=[name])["RouteTables"][0]
    return {"VpcId": found["VpcId"], "Tags": tags(found.get("Tags", ()))}


def route(site: Site, _: str, expected: Properties) -> Properties:
    table = expected["RouteTableId"]
    answer = site.client("ec2").describe_route_tables(RouteTableIds=[table])
    wanted = chosen(expected, *DESTINATIONS)
    for found in answer["RouteTables"][0]["Routes"]:
        if chosen(found, *DESTINATIONS) == wanted:
            return {"RouteTableId": table, **wanted, **chosen(found, *HOPS)}
    return {}


READERS: Final[dict[str, Reader]] = {
    "AWS::EC2::InternetGateway": gateway,
    "AWS::EC2::PrefixList": prefix_list,
    "AWS::EC2::Route": route,
    "AWS::EC2::RouteTable": route_table,
    "AWS::EC2::SecurityGroup": security_group,
    "AWS::EC2::SecurityGroupEgress": group_rule,
    "AWS::EC2::SecurityGroupIngress": group_rule,
    "AWS::EC2::Subnet": subnet,
    "AWS::EC2::VPC": vpc,
}

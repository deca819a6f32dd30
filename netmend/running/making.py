"""How each thing of a description is made; each function answers with what names it on AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from netmend.errors import UserError
from netmend.running import traffic
from netmend.running.network import DEFAULT

if TYPE_CHECKING:
    from netmend.running.places import Place

IMAGE: Final = "ami-0123456789abcdef0"
TARGETS: Final = {
    "igw-": "GatewayId",
    "nat-": "NatGatewayId",
    "pcx-": "VpcPeeringConnectionId",
    "i-": "InstanceId",
    "vpce-": "GatewayId",
    "eni-": "NetworkInterfaceId",
    "tgw-": "TransitGatewayId",
}

Thing = Mapping[str, Any]


class Maker:
    """Makes things, and knows what has been made."""

    def __init__(self, place: Place) -> None:
        self.client: Callable[[str], Any] = partial(place.client)
        self.ec2 = place.client("ec2")
        self.names: dict[str, str] = {}

    def vpc_id(self, thing: Thing) -> str:
        name = thing.get("vpc", DEFAULT)
        if name in self.names:
            return self.names[name]
        default = [{"Name": "is-default", "Values": ["true"]}]
        return str(self.ec2.describe_vpcs(Filters=default)["Vpcs"][0]["VpcId"])

    def tags(self, kind: str, name: str, thing: Thing) -> dict[str, Any]:
        tags = {"Name": name, **thing.get("tags", {})}
        listed = [{"Key": key, "Value": str(value)} for key, value in tags.items()]
        return {"TagSpecifications": [{"ResourceType": kind, "Tags": listed}]}


def vpc(make: Maker, name: str, thing: Thing) -> str:
    made = make.ec2.create_vpc(CidrBlock=thing["cidr"], **make.tags("vpc", name, thing))
    found = str(made["Vpc"]["VpcId"])
    for field, attribute in (("dns_support", "Support"), ("dns_hostnames", "Hostnames")):
        if field in thing:
            wanted = {f"EnableDns{attribute}": {"Value": thing[field]}}
            make.ec2.modify_vpc_attribute(VpcId=found, **wanted)
    return found


def subnet(make: Maker, name: str, thing: Thing) -> str:
    zone = {"AvailabilityZone": thing["zone"]} if "zone" in thing else {}
    made = make.ec2.create_subnet(
        VpcId=make.vpc_id(thing),
        CidrBlock=thing["cidr"],
        **zone,
        **make.tags("subnet", name, thing),
    )
    found = str(made["Subnet"]["SubnetId"])
    if "public_ips" in thing:
        wanted = {"Value": thing["public_ips"]}
        make.ec2.modify_subnet_attribute(SubnetId=found, MapPublicIpOnLaunch=wanted)
    return found


def internet_gateway(make: Maker, name: str, thing: Thing) -> str:
    made = make.ec2.create_internet_gateway(**make.tags("internet-gateway", name, thing))
    found = str(made["InternetGateway"]["InternetGatewayId"])
    make.ec2.attach_internet_gateway(InternetGatewayId=found, VpcId=make.vpc_id(thing))
    return found


def nat_gateway(make: Maker, name: str, thing: Thing) -> str:
    address = make.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = make.ec2.create_nat_gateway(
        SubnetId=make.names[thing["subnet"]],
        AllocationId=address,
        **make.tags("natgateway", name, thing),
    )
    return str(made["NatGateway"]["NatGatewayId"])


def peering(make: Maker, name: str, thing: Thing) -> str:
    ends = [make.vpc_id({"vpc": thing[end]}) for end in ("from", "to")]
    made = make.ec2.create_vpc_peering_connection(VpcId=ends[0], PeerVpcId=ends[1])
    found = str(made["VpcPeeringConnection"]["VpcPeeringConnectionId"])
    make.ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=found)
    return found


def prefix_list(make: Maker, name: str, thing: Thing) -> str:
    entries = thing["entries"]
    family = "IPv6" if any(":" in one for one in entries) else "IPv4"
    made = make.ec2.create_managed_prefix_list(
        PrefixListName=name,
        AddressFamily=family,
        MaxEntries=thing.get("max", max(1, len(entries))),
        Entries=[{"Cidr": one} for one in entries],
        **make.tags("prefix-list", name, thing),
    )
    return str(made["PrefixList"]["PrefixListId"])


def security_group(make: Maker, name: str, thing: Thing) -> str:
    called = thing.get("group_name", name)
    if called == "default":  # every VPC has its own
        wanted = {"vpc-id": make.vpc_id(thing), "group-name": "default"}
        filters = [{"Name": key, "Values": [value]} for key, value in wanted.items()]
        (found,) = make.ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        if found["IpPermissions"]:
            make.ec2.revoke_security_group_ingress(
                GroupId=found["GroupId"], IpPermissions=found["IpPermissions"]
            )
        return str(found["GroupId"])
    made = make.ec2.create_security_group(
        GroupName=called,
        Description=thing.get("description", name),
        VpcId=make.vpc_id(thing),
        **make.tags("security-group", name, thing),
    )
    return str(made["GroupId"])


def network_acl(make: Maker, name: str, thing: Thing) -> str:
    made = make.ec2.create_network_acl(
        VpcId=make.vpc_id(thing), **make.tags("network-acl", name, thing)
    )
    found = str(made["NetworkAcl"]["NetworkAclId"])
    for one in thing.get("entries", []):
        wanted = traffic.entry(one, f"network_acls.{name}")
        make.ec2.create_network_acl_entry(NetworkAclId=found, **wanted)
    for one in thing.get("subnets", []):
        filters = [{"Name": "association.subnet-id", "Values": [make.names[one]]}]
        (old,) = make.ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
        for link in old["Associations"]:
            if link["SubnetId"] == make.names[one]:
                make.ec2.replace_network_acl_association(
                    AssociationId=link["NetworkAclAssociationId"], NetworkAclId=found
                )
    return found


def route_table(make: Maker, name: str, thing: Thing) -> str:
    made = make.ec2.create_route_table(
        VpcId=make.vpc_id(thing), **make.tags("route-table", name, thing)
    )
    found = str(made["RouteTable"]["RouteTableId"])
    for one in thing.get("subnets", []):
        make.ec2.associate_route_table(RouteTableId=found, SubnetId=make.names[one])
    for one in thing.get("routes", []):
        make.ec2.create_route(RouteTableId=found, **_route(make, name, one))
    return found


def _route(make: Maker, name: str, one: Any) -> dict[str, Any]:
    hint = 'write {"to": "0.0.0.0/0", "via": NAME OF A GATEWAY}'
    if not isinstance(one, dict) or set(one) != {"to", "via"}:
        raise UserError(f"route_tables.{name}: a route has to and via", hint)
    target = make.names.get(one["via"], str(one["via"]))
    member = next((m for head, m in TARGETS.items() if target.startswith(head)), None)
    if member is None:
        raise UserError(f"route_tables.{name}: {one['via']!r} is nothing to route to", hint)
    where = "DestinationIpv6CidrBlock" if ":" in str(one["to"]) else "DestinationCidrBlock"
    return {where: one["to"], member: target}


def endpoint(make: Maker, name: str, thing: Thing) -> str:
    made = make.ec2.create_vpc_endpoint(
        VpcId=make.vpc_id(thing),
        ServiceName=thing["service"],
        RouteTableIds=[make.names[one] for one in thing.get("route_tables", [])],
        **make.tags("vpc-endpoint", name, thing),
    )
    return str(made["VpcEndpoint"]["VpcEndpointId"])


def instance(make: Maker, name: str, thing: Thing) -> str:
    subnet_id = {"SubnetId": make.names[thing["subnet"]]} if "subnet" in thing else {}
    groups = [make.names[one] for one in thing.get("groups", [])]
    made = make.ec2.run_instances(
        ImageId=IMAGE,
        MinCount=1,
        MaxCount=1,
        InstanceType=thing.get("type", "t3.micro"),
        **({"SecurityGroupIds": groups} if groups else {}),
        **subnet_id,
        **make.tags("instance", name, thing),
    )
    found = str(made["Instances"][0]["InstanceId"])
    if thing.get("state") == "stopped":
        make.ec2.stop_instances(InstanceIds=[found])
    return found


def role(make: Maker, name: str, thing: Thing) -> str:
    service = thing.get("service", "ssm.amazonaws.com")
    allow = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam = make.client("iam")
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    if "policy" in thing:
        text = json.dumps(thing["policy"])
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=text)
    return str(made["Role"]["Arn"])


def log_group(make: Maker, name: str, thing: Thing) -> str:
    logs = make.client("logs")
    logs.create_log_group(logGroupName=name)
    if "days" in thing:
        logs.put_retention_policy(logGroupName=name, retentionInDays=thing["days"])
    return name


def bucket(make: Maker, name: str, thing: Thing) -> str:
    s3 = make.client("s3")
    s3.create_bucket(Bucket=name)
    if thing.get("versioning"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    if "policy" in thing:
        s3.put_bucket_policy(Bucket=name, Policy=json.dumps(thing["policy"]))
    if thing.get("tags"):
        tags = [{"Key": key, "Value": str(value)} for key, value in thing["tags"].items()]
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    return name


def flow_log(make: Maker, name: str, thing: Thing) -> str:
    made = make.ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[make.vpc_id(thing)],
        TrafficType="ALL",
        LogGroupName=thing["log_group"],
        DeliverLogsPermissionArn=make.names[thing["role"]],
        **make.tags("vpc-flow-log", name, thing),
    )
    return str(made["FlowLogIds"][0])


def zone(make: Maker, name: str, thing: Thing) -> str:
    route53 = make.client("route53")
    inside = {"VPCRegion": "us-east-1", "VPCId": make.vpc_id({"vpc": thing.get("private")})}
    private = {"VPC": inside} if "private" in thing else {}
    made = route53.create_hosted_zone(Name=name, CallerReference=name, **private)
    found = str(made["HostedZone"]["Id"]).rpartition("/")[2]
    records = [traffic.record(one, f"zones.{name}") for one in thing.get("records", [])]
    if records:
        changes = [{"Action": "CREATE", "ResourceRecordSet": one} for one in records]
        route53.change_resource_record_sets(HostedZoneId=found, ChangeBatch={"Changes": changes})
    return found


def topic(make: Maker, name: str, thing: Thing) -> str:
    return str(make.client("sns").create_topic(Name=name)["TopicArn"])


def parameter(make: Maker, name: str, thing: Thing) -> str:
    kind = thing.get("type", "String")
    make.client("ssm").put_parameter(Name=name, Value=thing["value"], Type=kind)
    return name


MAKERS: Final[dict[str, Callable[[Maker, str, Thing], str]]] = {
    "vpcs": vpc,
    "subnets": subnet,
    "internet_gateways": internet_gateway,
    "nat_gateways": nat_gateway,
    "peerings": peering,
    "prefix_lists": prefix_list,
    "security_groups": security_group,
    "network_acls": network_acl,
    "route_tables": route_table,
    "endpoints": endpoint,
    "instances": instance,
    "roles": role,
    "log_groups": log_group,
    "buckets": bucket,
    "flow_logs": flow_log,
    "zones": zone,
    "topics": topic,
    "parameters": parameter,
}

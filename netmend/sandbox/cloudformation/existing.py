"""What parameters of AWS's own types name stands in the account, or the stack is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from netmend.sandbox.cloudformation import parameters
from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.template import Template

Finder = Callable[[Access, str], Any]


def check(template: Template, references: Mapping[str, Any], access: Access) -> None:
    """references: what Ref gives for each parameter. Raises ValidationError naming what is not."""
    for name, parameter in template.section("Parameters").items():
        kind = parameters.inner(parameter["Type"]).removeprefix("List<").removesuffix(">")
        find = FINDERS.get(kind)
        value = references[name]
        for one in (value if isinstance(value, list) else [value]) if find else ():
            if not _stands(find, access, one):
                raise ValidationError(
                    f"Parameter validation failed: parameter value {one} for parameter name {name} "
                    "does not exist"
                )


def _stands(find: Finder | None, access: Access, value: str) -> bool:
    try:
        return bool(find and find(access, value))
    except ClientError:  # each service has its own word for what is not there
        return False


def _ec2(operation: str, argument: str, answer: str) -> Finder:
    def find(access: Access, value: str) -> Any:
        return getattr(access.client("ec2"), operation)(**{argument: [value]})[answer]

    return find


def _zone(access: Access, value: str) -> bool:
    return value in access.zones(access.region)


FINDERS: Final[dict[str, Finder]] = {
    "AWS::EC2::AvailabilityZone::Name": _zone,
    "AWS::EC2::Instance::Id": _ec2("describe_instances", "InstanceIds", "Reservations"),
    "AWS::EC2::KeyPair::KeyName": _ec2("describe_key_pairs", "KeyNames", "KeyPairs"),
    "AWS::EC2::SecurityGroup::GroupName": _ec2(
        "describe_security_groups", "GroupNames", "SecurityGroups"
    ),
    "AWS::EC2::SecurityGroup::Id": _ec2("describe_security_groups", "GroupIds", "SecurityGroups"),
    "AWS::EC2::Subnet::Id": _ec2("describe_subnets", "SubnetIds", "Subnets"),
    "AWS::EC2::VPC::Id": _ec2("describe_vpcs", "VpcIds", "Vpcs"),
    "AWS::EC2::Volume::Id": _ec2("describe_volumes", "VolumeIds", "Volumes"),
    "AWS::Route53::HostedZone::Id": lambda access, value: access.client("route53").get_hosted_zone(
        Id=value
    ),
    "AWS::SSM::Parameter::Name": lambda access, value: access.client("ssm").get_parameter(
        Name=value
    ),
}
"""Images are not looked up: nobody's are in the sandbox, and instances start from any."""


def attribute(access: Access, kind: str, value: str, name: str) -> str:
    """What Fn::ValueOf tells in a rule of a thing that a parameter names; "" for no such tag."""
    operation, argument, answer, known = ATTRIBUTES.get(kind, ("", "", "", ()))
    first, _, tag = name.partition(".")
    if first != "Tags" and name not in known:
        raise ValidationError(f"Template error: the sandbox knows no attribute {name} of {kind}")
    if kind not in ATTRIBUTES:
        raise ValidationError(f"Template error: the sandbox knows no attributes of {kind}")
    client = access.client("ec2")
    found = getattr(client, operation)(**{argument: [value]})[answer][0]
    if first == "Tags":
        return next((t["Value"] for t in found.get("Tags", ()) if t["Key"] == tag), "")
    if name in DEFAULTS:
        operation, answer, key, filters = DEFAULTS[name]
        chosen = [{"Name": "vpc-id", "Values": [value]}, filters]
        return str(getattr(client, operation)(Filters=chosen)[answer][0][key])
    return str(found[name])


ATTRIBUTES: Final = {
    "AWS::EC2::SecurityGroup::Id": ("describe_security_groups", "GroupIds", "SecurityGroups", ()),
    "AWS::EC2::Subnet::Id": (
        "describe_subnets",
        "SubnetIds",
        "Subnets",
        ("AvailabilityZone", "VpcId"),
    ),
    "AWS::EC2::VPC::Id": (
        "describe_vpcs",
        "VpcIds",
        "Vpcs",
        ("DefaultNetworkAcl", "DefaultSecurityGroup"),
    ),
}
"""How a thing is read, and what may be asked of it beside `Tags.key`."""

DEFAULTS: Final = {
    "DefaultNetworkAcl": (
        "describe_network_acls",
        "NetworkAcls",
        "NetworkAclId",
        {"Name": "default", "Values": ["true"]},
    ),
    "DefaultSecurityGroup": (
        "describe_security_groups",
        "SecurityGroups",
        "GroupId",
        {"Name": "group-name", "Values": ["default"]},
    ),
}

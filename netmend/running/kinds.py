"""What a picture of the world is made of: for each kind of resource how it is listed and told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from netmend.running import shapes
from netmend.running.shapes import Item, Read

Picture = dict[tuple[str, ...], dict[str, Any]]

ABSENT: Final = ("NotFound", "NotFoundException", "NotFoundError", "NotExist", "NoSuchEntity")
"""How the code of an error ends that says that there is nothing."""


@dataclass(frozen=True)
class Kind:
    """name: as people say it; call, key: the operation and where its answer has the list."""

    name: str
    call: str
    key: str
    id: str
    shape: Callable[[Item, Read], Item] = shapes.as_it_is
    params: tuple[tuple[str, Any], ...] = ()
    inner: str = ""

    def listed(self, read: Read) -> Iterable[Any]:
        """Each resource as the list has it; `inner` is where each of its items has a list."""
        found: Iterable[Any] = read(self.call, **dict(self.params)).get(self.key) or ()
        if self.inner:
            return [item for outer in found for item in outer[self.inner]]
        return found


OWN: Final = (("Owners", ["self"]),)
NETWORK: Final[Sequence[Kind]] = (
    Kind(
        "security group",
        "describe_security_groups",
        "SecurityGroups",
        "GroupId",
        shapes.security_group,
    ),
    Kind("network ACL", "describe_network_acls", "NetworkAcls", "NetworkAclId", shapes.acl),
    Kind("route table", "describe_route_tables", "RouteTables", "RouteTableId", shapes.route_table),
    Kind("subnet", "describe_subnets", "Subnets", "SubnetId"),
    Kind("VPC", "describe_vpcs", "Vpcs", "VpcId", shapes.vpc),
    Kind(
        "internet gateway",
        "describe_internet_gateways",
        "InternetGateways",
        "InternetGatewayId",
    ),
    Kind(
        "egress-only internet gateway",
        "describe_egress_only_internet_gateways",
        "EgressOnlyInternetGateways",
        "EgressOnlyInternetGatewayId",
    ),
    Kind("NAT gateway", "describe_nat_gateways", "NatGateways", "NatGatewayId"),
    Kind("VPC endpoint", "describe_vpc_endpoints", "VpcEndpoints", "VpcEndpointId"),
    Kind(
        "peering connection",
        "describe_vpc_peering_connections",
        "VpcPeeringConnections",
        "VpcPeeringConnectionId",
    ),
    Kind("transit gateway", "describe_transit_gateways", "TransitGateways", "TransitGatewayId"),
    Kind(
        "transit gateway attachment",
        "describe_transit_gateway_attachments",
        "TransitGatewayAttachments",
        "TransitGatewayAttachmentId",
    ),
    Kind(
        "prefix list",
        "describe_managed_prefix_lists",
        "PrefixLists",
        "PrefixListId",
        shapes.prefix_list,
    ),
    Kind("flow log", "describe_flow_logs", "FlowLogs", "FlowLogId"),
    Kind("DHCP options", "describe_dhcp_options", "DhcpOptions", "DhcpOptionsId"),
    Kind(
        "network interface",
        "describe_network_interfaces",
        "NetworkInterfaces",
        "NetworkInterfaceId",
    ),
    Kind("elastic IP address", "describe_addresses", "Addresses", "AllocationId"),
)
COMPUTE: Final[Sequence[Kind]] = (
    Kind(
        "instance",
        "describe_instances",
        "Reservations",
        "InstanceId",
        shapes.instance,
        inner="Instances",
    ),
    Kind("volume", "describe_volumes", "Volumes", "VolumeId"),
    Kind(
        "snapshot",
        "describe_snapshots",
        "Snapshots",
        "SnapshotId",
        params=(("OwnerIds", ["self"]),),
    ),
    Kind("image", "describe_images", "Images", "ImageId", params=OWN),
    Kind("key pair", "describe_key_pairs", "KeyPairs", "KeyPairId"),
    Kind("launch template", "describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
)
KINDS: Final[dict[str, Sequence[Kind]]] = {
    "ec2": (*NETWORK, *COMPUTE),
    "route53": (Kind("hosted zone", "list_hosted_zones", "HostedZones", "Id", shapes.zone),),
    "s3": (Kind("bucket", "list_buckets", "Buckets", "Name", shapes.bucket),),
    "iam": (
        Kind("role", "list_roles", "Roles", "RoleName", shapes.role),
        Kind("user", "list_users", "Users", "UserName", shapes.user),
        Kind("group", "list_groups", "Groups", "GroupName", shapes.group),
        Kind("policy", "list_policies", "Policies", "Arn", shapes.policy, (("Scope", "Local"),)),
        Kind(
            "instance profile",
            "list_instance_profiles",
            "InstanceProfiles",
            "InstanceProfileName",
        ),
    ),
    "ssm": (
        Kind("SSM parameter", "describe_parameters", "Parameters", "Name", shapes.parameter),
        Kind(
            "SSM document",
            "list_documents",
            "DocumentIdentifiers",
            "Name",
            params=(("Filters", [{"Key": "Owner", "Values": ["Self"]}]),),
        ),
    ),
    "logs": (Kind("log group", "describe_log_groups", "logGroups", "logGroupName"),),
    "rds": (
        Kind("DB instance", "describe_db_instances", "DBInstances", "DBInstanceIdentifier"),
        Kind("DB cluster", "describe_db_clusters", "DBClusters", "DBClusterIdentifier"),
        Kind("DB snapshot", "describe_db_snapshots", "DBSnapshots", "DBSnapshotIdentifier"),
    ),
    "sns": (Kind("topic", "list_topics", "Topics", "TopicArn", shapes.topic),),
    "sqs": (Kind("queue", "list_queues", "QueueUrls", "QueueUrl", shapes.queue),),
    "kms": (Kind("key", "list_keys", "Keys", "KeyId", shapes.key),),
    "lambda": (Kind("function", "list_functions", "Functions", "FunctionName"),),
    "dynamodb": (Kind("table", "list_tables", "TableNames", "TableName", shapes.table),),
    "cloudtrail": (Kind("trail", "describe_trails", "trailList", "Name", shapes.trail),),
    "cloudwatch": (Kind("alarm", "describe_alarms", "MetricAlarms", "AlarmName"),),
    "events": (Kind("rule", "list_rules", "Rules", "Name", shapes.event_rule),),
    "cloudformation": (Kind("stack", "describe_stacks", "Stacks", "StackName"),),
    "config": (
        Kind("Config rule", "describe_config_rules", "ConfigRules", "ConfigRuleName"),
        Kind(
            "configuration recorder",
            "describe_configuration_recorder_status",
            "ConfigurationRecordersStatus",
            "name",
        ),
    ),
    "elbv2": (
        Kind(
            "load balancer",
            "describe_load_balancers",
            "LoadBalancers",
            "LoadBalancerArn",
            shapes.load_balancer,
        ),
        Kind("target group", "describe_target_groups", "TargetGroups", "TargetGroupArn"),
    ),
    "autoscaling": (
        Kind(
            "auto scaling group",
            "describe_auto_scaling_groups",
            "AutoScalingGroups",
            "AutoScalingGroupName",
        ),
    ),
    "secretsmanager": (Kind("secret", "list_secrets", "SecretList", "Name"),),
}
"""boto3 service -> the kinds of its resources that are shown before and after."""

SERVICES: Final = frozenset(KINDS)

"""What stands in subnets: interfaces, addresses, instances, endpoints, and logs of their flows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netmend.sandbox.config.gateways import standing
from netmend.sandbox.config.network import (
    NOT_APPLICABLE,
    SEVERAL_ZONES,
    Description,
    Network,
    Relationship,
    related,
    tag_list,
)


def interfaces(network: Network) -> Mapping[str, Any]:
    """The network interfaces, by id; not those of instances that are gone."""
    return {
        key: one
        for key, one in list(network.ec2.enis.items())
        if not one.instance or standing(one.instance.state)
    }


def describe_interface(network: Network, interface: Any) -> Description:
    """A network interface. When it was attached is not told: moto reads another clock."""
    tags, subnet = network.tags(interface.id), interface.subnet
    configuration = {
        **_interface(interface),
        "availabilityZone": subnet.availability_zone,
        "interfaceType": interface.interface_type,
        "requesterManaged": interface.requester_managed,
        "tagSet": tag_list(tags),
        **_of_instance(interface),
    }
    arn, zone = network.arn("network-interface", interface.id), subnet.availability_zone
    users = [related("Is attached to Instance", one) for one in _instance(interface)]
    relationships = [
        *users,
        *network.addresses.get(interface.id, []),
        *_groups(interface.group_set),
        *_inside(subnet.id, subnet.vpc_id),
    ]
    return Description(None, arn, zone, configuration, tags, relationships)


def _interface(one: Any) -> dict[str, Any]:
    name = getattr(one, "private_dns_name", None)
    return {
        "networkInterfaceId": one.id,
        "subnetId": one.subnet.id,
        "vpcId": one.subnet.vpc_id,
        "description": one.description,
        "ownerId": one.owner_id,
        "status": "in-use" if one.instance else "available",
        "macAddress": one.mac_address,
        "privateIpAddress": one.private_ip_address,
        **({"privateDnsName": name} if name else {}),
        "sourceDestCheck": one.source_dest_check,
        "groups": [{"groupName": group.name, "groupId": group.id} for group in one.group_set],
        "privateIpAddresses": _addresses(one),
        "ipv6Addresses": [{"ipv6Address": address} for address in one.ipv6_addresses],
        **_public(one),
    }


def _addresses(one: Any) -> list[dict[str, Any]]:
    return [
        {
            "privateIpAddress": address.get("PrivateIpAddress"),
            "primary": address.get("PrivateIpAddress") == one.private_ip_address,
        }
        for address in one.private_ip_addresses
    ]


def _public(one: Any) -> dict[str, Any]:
    return {"association": dict(one.association)} if one.public_ip else {}


def _instance(interface: Any) -> list[str]:
    return [interface.instance.id] if interface.instance else []


def _of_instance(interface: Any) -> dict[str, Any]:
    if not interface.instance:
        return {}
    return {
        "attachment": {
            "attachmentId": interface.attachment_id,
            "instanceId": interface.instance.id,
            "instanceOwnerId": interface.owner_id,
            "deviceIndex": interface.device_index,
            "status": "attached",
            "deleteOnTermination": bool(interface.delete_on_termination),
        }
    }


def _groups(groups: Any) -> list[Relationship]:
    ids = sorted({group.id for group in groups})
    return [related("Is associated with SecurityGroup", one) for one in ids]


def _inside(subnet: str, vpc: str) -> list[Relationship]:
    return [related("Is contained in Subnet", subnet), related("Is contained in Vpc", vpc)]


def addresses(network: Network) -> Mapping[str, Any]:
    """The elastic addresses of VPCs, by allocation id."""
    return {one.allocation_id: one for one in list(network.ec2.addresses) if one.allocation_id}


def describe_address(network: Network, address: Any) -> Description:
    """An elastic IP address; what is not associated has no members of an association."""
    tags, interface = network.tags(address.allocation_id), address.eni
    associated = {
        "associationId": address.association_id,
        "instanceId": address.instance_id,
        "networkInterfaceId": address.network_interface_id,
        "networkInterfaceOwnerId": address.network_interface_owner_id,
        "privateIpAddress": address.private_ip_address,
    }
    configuration = {
        "publicIp": address.public_ip,
        "allocationId": address.allocation_id,
        "domain": address.domain,
        **{key: value for key, value in associated.items() if value},
        "tags": tag_list(tags),
    }
    users = [related("Is attached to NetworkInterface", interface.id)] if interface else []
    if address.instance_id:
        users.insert(0, related("Is attached to Instance", address.instance_id))
    arn = network.arn("eip-allocation", address.allocation_id)
    return Description(None, arn, NOT_APPLICABLE, configuration, tags, users)


def instances(network: Network) -> Mapping[str, Any]:
    """The instances that are not terminated, by id."""
    return {
        instance.id: instance
        for reservation in list(network.ec2.reservations.values())
        for instance in reservation.instances
        if standing(instance.state)
    }


def describe_instance(network: Network, instance: Any) -> Description:
    """An instance with its interfaces; when it was launched is not told."""
    tags, options = network.tags(instance.id), instance.metadata_options
    nics = list(instance.nics.values())
    groups = nics[0].group_set if nics else instance.security_groups
    configuration = {
        "instanceId": instance.id,
        "imageId": instance.image_id,
        "state": {"code": instance.state_code, "name": instance.state},
        "metadataOptions": {
            "state": options.state,
            "httpTokens": options.http_tokens,
            "httpPutResponseHopLimit": options.http_put_response_hop_limit,
            "httpEndpoint": options.http_endpoint,
            "httpProtocolIpv6": options.http_protocol_ipv6,
            "instanceMetadataTags": options.instance_metadata_tags,
        },
        "keyName": instance.key_name,
        "instanceType": instance.instance_type,
        "placement": {"availabilityZone": instance.placement.zone, "tenancy": "default"},
        "subnetId": instance.subnet_id,
        "vpcId": instance.vpc_id,
        "privateIpAddress": instance.private_ip_address,
        "publicIpAddress": instance.public_ip_address,
        "architecture": instance.architecture,
        "sourceDestCheck": instance.source_dest_check,
        "securityGroups": [{"groupName": one.name, "groupId": one.id} for one in groups],
        "networkInterfaces": [{**_interface(nic), **_of_instance(nic)} for nic in nics],
        "tags": tag_list(tags),
    }
    inside = _inside(instance.subnet_id, instance.vpc_id) if instance.subnet_id else []
    relationships = [
        *(related("Contains NetworkInterface", nic.id) for nic in nics),
        *_groups(groups),
        *inside,
    ]
    arn = network.arn("instance", instance.id)
    return Description(None, arn, instance.placement.zone, configuration, tags, relationships)


def endpoints(network: Network) -> Mapping[str, Any]:
    """The VPC endpoints that are not deleted, by id."""
    found = list(network.ec2.vpc_end_points.items())
    return {key: one for key, one in found if standing(one.state)}


def describe_endpoint(network: Network, endpoint: Any) -> Description:
    """A VPC endpoint; its policy is JSON text."""
    tags = network.tags(endpoint.id)
    configuration = {
        "vpcEndpointId": endpoint.id,
        "vpcEndpointType": endpoint.vpc_endpoint_type or "Gateway",
        "vpcId": endpoint.vpc_id,
        "serviceName": endpoint.service_name,
        "state": {"value": endpoint.state},
        "policyDocument": endpoint.policy_document,
        "routeTableIds": list(endpoint.route_table_ids or []),
        "subnetIds": list(endpoint.subnet_ids or []),
        "groups": [
            {"groupId": one["GroupId"], "groupName": one["GroupName"]} for one in endpoint.groups
        ],
        "privateDnsEnabled": bool(endpoint.private_dns_enabled),
        "requesterManaged": False,
        "networkInterfaceIds": list(endpoint.network_interface_ids),
        "ownerId": network.ec2.account_id,
        "tags": tag_list(tags),
    }
    relationships = [
        *(related("Contains NetworkInterface", one) for one in endpoint.network_interface_ids),
        *(related("Is attached to RouteTable", one) for one in endpoint.route_table_ids or []),
        related("Is contained in Vpc", endpoint.vpc_id),
    ]
    arn = network.arn("vpc-endpoint", endpoint.id)
    return Description(None, arn, SEVERAL_ZONES, configuration, tags, relationships)


def flow_logs(network: Network) -> Mapping[str, Any]:
    """The flow logs, by id."""
    return dict(network.ec2.flow_logs)


def describe_flow_log(network: Network, log: Any) -> Description:
    """A flow log; Config relates it to nothing, `resourceId` says whose flows it tells."""
    tags = network.tags(log.id)
    stated = {
        "deliverLogsErrorMessage": log.deliver_logs_error_message,
        "deliverLogsPermissionArn": log.deliver_logs_permission_arn,
        "logDestination": log.log_destination and str(log.log_destination),
        "logGroupName": log.log_group_name,
    }
    configuration = {
        "deliverLogsStatus": log.deliver_logs_status,
        "flowLogId": log.id,
        "flowLogStatus": log.flow_log_status,
        "resourceId": log.resource_id,
        "trafficType": log.traffic_type,
        "logDestinationType": log.log_destination_type,
        "logFormat": log.log_format,
        "maxAggregationInterval": int(log.max_aggregation_interval),
        **{key: value for key, value in stated.items() if value},
        "tags": tag_list(tags),
    }
    arn = network.arn("vpc-flow-log", log.id)
    return Description(None, arn, NOT_APPLICABLE, configuration, tags, [])

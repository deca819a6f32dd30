"""Hosted zones of Route 53, which Config records in one Region for the whole world."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Final

from moto.backends import get_backend

from netmend.sandbox.config.network import REGIONAL, Description, Network, related, tag_list

HOME: Final = "us-east-1"

CHANGES: Final = {
    "AssociateVPCWithHostedZone": "HostedZoneId",
    "ChangeTagsForResource": "ResourceId",
    "CreateHostedZone": None,
    "CreateQueryLoggingConfig": "HostedZoneId",
    "DeleteHostedZone": None,
    "DeleteQueryLoggingConfig": None,
    "DisassociateVPCFromHostedZone": "HostedZoneId",
    "UpdateHostedZoneComment": "Id",
}
"""Operations that change zones, and the parameter that names one which stands. Changes of records
are none: Config does not record them."""


def changed(operation: str, params: Mapping[str, Any]) -> set[str] | None:
    """Ids of the zones that stand and that a call may have changed; None means any."""
    parameter = CHANGES[operation]
    if parameter is None:
        return None if operation == "DeleteQueryLoggingConfig" else set()
    return {str(params[parameter]).rpartition("/")[2]}


def zones(network: Network) -> Mapping[str, Any]:
    """The hosted zones, by id, where this is the Region that records them."""
    backend = _backend(network)
    return dict(backend.zones) if backend else {}


def _backend(network: Network) -> Any:
    if network.region != HOME or "moto.route53.models" not in sys.modules:
        return None  # whoever has a zone has loaded the module, and loading it takes long
    return get_backend("route53")[network.account]["aws"]


def describe_zone(network: Network, zone: Any) -> Description:
    """A hosted zone in the registry's words; Config knows none of its records."""
    backend = _backend(network)
    zone_id = zone.resource_id
    tags = dict(sorted(backend.resource_tags.get(zone_id, {}).items()))
    configs = backend.query_logging_configs.values()
    logs = [one.cloudwatch_logs_log_group_arn for one in configs if one.hosted_zone_id == zone_id]
    vpcs = [{"VPCId": one["vpc_id"], "VPCRegion": one.get("vpc_region")} for one in zone.vpcs]
    configuration = {
        "Id": zone_id,
        "HostedZoneConfig": {"Comment": zone.comment or ""},
        "Name": zone.name,
        "NameServers": list(zone.delegation_set.name_servers) if zone.delegation_set else [],
        "VPCs": vpcs,
        "HostedZoneTags": tag_list(tags, "Key", "Value"),
        **({"QueryLoggingConfig": {"CloudWatchLogsLogGroupArn": logs[0]}} if logs else {}),
    }
    relationships = [related("Is associated with Vpc", one["VPCId"]) for one in vpcs]
    arn = f"arn:aws:route53:::hostedzone/{zone_id}"
    return Description(zone.name, arn, REGIONAL, configuration, tags, relationships)

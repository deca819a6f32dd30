"""AWS::Route53::HostedZone, RecordSet and HealthCheck."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    same,
)
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, STRING, TAGS


class HostedZone(Provider):
    """Ref is the id, without its path."""

    type = "AWS::Route53::HostedZone"
    shape: ClassVar[Shapes] = {
        "HostedZoneConfig": {"Comment": STRING},
        "HostedZoneTags": TAGS,
        "Name": STRING,
        "VPCs": [{"VPCId": STRING, "VPCRegion": STRING}],
    }
    required = ("Name",)
    create_only = ("Name",)
    attributes: ClassVar[Attributes] = {
        "Id": lambda site, zone: zone,
        "NameServers": lambda site, zone: _zone(site, zone)["DelegationSet"]["NameServers"],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        vpcs = read(wanted, "VPCs", [])
        config = {**read(wanted, "HostedZoneConfig", {}), "PrivateZone": bool(vpcs)}
        made = site.client("route53").create_hosted_zone(
            Name=read(wanted, "Name"),
            CallerReference=site.access.sandbox.uuid(),
            HostedZoneConfig=config,
            **({"VPC": vpcs[0]} if vpcs else {}),
        )
        return str(made["HostedZone"]["Id"]).rsplit("/", 1)[1]

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client, where = site.client("route53"), {"HostedZoneId": physical_id}
        before = read(old, "VPCs", []) if old else read(new, "VPCs", [])[:1]
        after = read(new, "VPCs", [])
        for vpc in after:
            if vpc not in before:
                client.associate_vpc_with_hosted_zone(**where, VPC=vpc)
        for vpc in before:
            if vpc not in after:
                client.disassociate_vpc_from_hosted_zone(**where, VPC=vpc)
        if old and not same(old, new, "HostedZoneConfig"):
            comment = read(new, "HostedZoneConfig", {}).get("Comment", "")
            client.update_hosted_zone_comment(Id=physical_id, Comment=comment)
        _retag(client, physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("route53").delete_hosted_zone(Id=physical_id)


def _zone(site: Site, zone: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client("route53").get_hosted_zone(Id=zone)
    return found


def _retag(client: Any, zone: str, old: Properties, new: Properties) -> None:
    before, after = read(old, "HostedZoneTags", []), read(new, "HostedZoneTags", [])
    kept = {tag["Key"] for tag in after}
    added = [tag for tag in after if tag not in before]
    gone = [tag["Key"] for tag in before if tag["Key"] not in kept]
    if added or gone:
        client.change_tags_for_resource(
            ResourceType="hostedzone",
            ResourceId=zone,
            **({"AddTags": added} if added else {}),
            **({"RemoveTagKeys": gone} if gone else {}),
        )


RECORD: Final[Shapes] = {
    "AliasTarget": {
        "DNSName": STRING,
        "EvaluateTargetHealth": BOOLEAN,
        "HostedZoneId": STRING,
    },
    "Failover": STRING,
    "GeoLocation": {"ContinentCode": STRING, "CountryCode": STRING, "SubdivisionCode": STRING},
    "HealthCheckId": STRING,
    "MultiValueAnswer": BOOLEAN,
    "Name": STRING,
    "Region": STRING,
    "SetIdentifier": STRING,
    "TTL": INTEGER,
    "Type": STRING,
    "Weight": INTEGER,
}


class RecordSet(Provider):
    """Ref is the name; one that stands already is not taken over."""

    type = "AWS::Route53::RecordSet"
    shape: ClassVar[Shapes] = {
        **RECORD,
        "Comment": STRING,
        "HostedZoneId": STRING,
        "HostedZoneName": STRING,
        "ResourceRecords": [STRING],
    }
    required = ("Name", "Type")
    create_only = ("HostedZoneId", "HostedZoneName", "Name", "SetIdentifier", "Type")

    def create(self, site: Site, wanted: Properties) -> str:
        self._change(site, "CREATE", wanted)
        return str(read(wanted, "Name"))

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old:
            self._change(site, "UPSERT", new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        self._change(site, "DELETE", properties)

    def _change(self, site: Site, action: str, wanted: Properties) -> None:
        record = pick(wanted, *RECORD)
        if values := read(wanted, "ResourceRecords"):
            record["ResourceRecords"] = [{"Value": value} for value in values]
        if "AliasTarget" in record:
            record["AliasTarget"].setdefault("EvaluateTargetHealth", False)
        batch = {
            "Comment": read(wanted, "Comment", ""),
            "Changes": [{"Action": action, "ResourceRecordSet": record}],
        }
        site.client("route53").change_resource_record_sets(
            HostedZoneId=_zone_of(site, wanted), ChangeBatch=batch
        )


def _zone_of(site: Site, wanted: Properties) -> str:
    if zone := read(wanted, "HostedZoneId"):
        return str(zone)
    name = str(read(wanted, "HostedZoneName", ""))
    found = site.client("route53").list_hosted_zones_by_name(DNSName=name)["HostedZones"]
    zones = [one["Id"].rsplit("/", 1)[1] for one in found if one["Name"] == name]
    if len(zones) != 1:
        raise Failure(f"{len(zones)} hosted zones are named {name!r}: say HostedZoneId")
    return str(zones[0])


class HealthCheck(Provider):
    """Ref is the id; what it checks is changed by a new one."""

    type = "AWS::Route53::HealthCheck"
    shape: ClassVar[Shapes] = {
        "HealthCheckConfig": {
            "Disabled": BOOLEAN,
            "EnableSNI": BOOLEAN,
            "FailureThreshold": INTEGER,
            "FullyQualifiedDomainName": STRING,
            "IPAddress": STRING,
            "Inverted": BOOLEAN,
            "MeasureLatency": BOOLEAN,
            "Port": INTEGER,
            "RequestInterval": INTEGER,
            "ResourcePath": STRING,
            "SearchString": STRING,
            "Type": STRING,
        },
    }
    required = ("HealthCheckConfig",)
    create_only = ("HealthCheckConfig",)
    attributes: ClassVar[Attributes] = {"HealthCheckId": lambda site, made: made}

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("route53").create_health_check(
            CallerReference=site.access.sandbox.uuid(),
            HealthCheckConfig=read(wanted, "HealthCheckConfig"),
        )
        return str(made["HealthCheck"]["Id"])

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("route53").delete_health_check(HealthCheckId=physical_id)


PROVIDERS = by_name((HealthCheck, HostedZone, RecordSet))

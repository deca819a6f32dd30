"""AWS::EC2::Instance."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from moto.ec2.models import ec2_backends

from netmend.sandbox.cloudformation.access import Site
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
from netmend.sandbox.cloudformation.providers.ec2_tags import retag, specification
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, STRING, TAGS

PLAIN: Final = (
    "ImageId",
    "InstanceType",
    "EbsOptimized",
    "InstanceInitiatedShutdownBehavior",
    "KeyName",
    "PrivateIpAddress",
    "SecurityGroupIds",
    "SecurityGroups",
    "SubnetId",
    "UserData",
)
"""What RunInstances takes under the same name."""

EBS: Final[Shapes] = {
    "DeleteOnTermination": BOOLEAN,
    "Encrypted": BOOLEAN,
    "Iops": INTEGER,
    "KmsKeyId": STRING,
    "SnapshotId": STRING,
    "VolumeSize": INTEGER,
    "VolumeType": STRING,
}
CARD: Final[Shapes] = {
    "AssociatePublicIpAddress": BOOLEAN,
    "DeleteOnTermination": BOOLEAN,
    "Description": STRING,
    "DeviceIndex": INTEGER,
    "GroupSet": [STRING],
    "NetworkInterfaceId": STRING,
    "PrivateIpAddress": STRING,
    "SubnetId": STRING,
}
METADATA: Final[Shapes] = {
    "HttpEndpoint": STRING,
    "HttpPutResponseHopLimit": INTEGER,
    "HttpTokens": STRING,
    "InstanceMetadataTags": STRING,
}
TOLD: Final = ("PrivateDnsName", "PrivateIp", "PublicDnsName", "PublicIp", "VpcId")


def _told(name: str) -> Any:
    key = {"PrivateIp": "PrivateIpAddress", "PublicIp": "PublicIpAddress"}.get(name, name)
    return lambda site, instance: _instance(site, instance).get(key, "")


class Instance(Provider):
    """Ref is the id."""

    type = "AWS::EC2::Instance"
    shape: ClassVar[Shapes] = {
        "AvailabilityZone": STRING,
        "BlockDeviceMappings": [{"DeviceName": STRING, "Ebs": EBS, "VirtualName": STRING}],
        "DisableApiTermination": BOOLEAN,
        "IamInstanceProfile": STRING,
        "MetadataOptions": METADATA,
        "Monitoring": BOOLEAN,
        "NetworkInterfaces": [CARD],
        "Tags": TAGS,
        **{name: [STRING] if "SecurityGroup" in name else STRING for name in PLAIN},
        "EbsOptimized": BOOLEAN,
    }
    required = ("ImageId",)
    create_only = tuple(
        name
        for name in shape
        if name not in ("DisableApiTermination", "InstanceType", "SecurityGroupIds", "Tags")
    )
    attributes: ClassVar[Attributes] = {
        "AvailabilityZone": lambda site, one: _instance(site, one)["Placement"]["AvailabilityZone"],
        "InstanceId": lambda site, one: one,
        **{name: _told(name) for name in TOLD},
    }

    def create(self, site: Site, wanted: Properties) -> str:
        request = {
            **pick(wanted, *PLAIN, "BlockDeviceMappings", "MetadataOptions"),
            **specification("instance", wanted),
        }
        if cards := read(wanted, "NetworkInterfaces"):
            renamed = {"GroupSet": "Groups"}
            request["NetworkInterfaces"] = [
                {renamed.get(key, key): value for key, value in card.items()} for card in cards
            ]
        if read(wanted, "Monitoring", False):
            request["Monitoring"] = {"Enabled": True}
        if zone := read(wanted, "AvailabilityZone"):
            request["Placement"] = {"AvailabilityZone": zone}
        if profile := read(wanted, "IamInstanceProfile"):
            request["IamInstanceProfile"] = {"Name": profile}
        made = site.client("ec2").run_instances(MinCount=1, MaxCount=1, **request)
        return str(made["Instances"][0]["InstanceId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client, where = site.client("ec2"), {"InstanceId": physical_id}
        kept = read(new, "DisableApiTermination", False)
        if kept != read(old, "DisableApiTermination", False):
            client.modify_instance_attribute(**where, DisableApiTermination={"Value": kept})
        if old and not same(old, new, "SecurityGroupIds"):
            client.modify_instance_attribute(**where, Groups=read(new, "SecurityGroupIds", []))
        kind = read(new, "InstanceType", "m1.small")
        if old and not same(old, new, "InstanceType"):
            client.stop_instances(InstanceIds=[physical_id])
            client.modify_instance_attribute(**where, InstanceType={"Value": kind})
            client.start_instances(InstanceIds=[physical_id])
        retag(site, physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("ec2").terminate_instances(InstanceIds=[physical_id])
        cards = ec2_backends[site.access.account][site.access.region].enis
        own = [name for name, card in cards.items() if _is_of(card, physical_id)]
        for name in own:
            del cards[name]  # moto leaves them behind, and with them their groups in use


def _is_of(card: Any, instance: str) -> bool:
    return card.instance is not None and card.instance.id == instance


def _instance(site: Site, instance: str) -> dict[str, Any]:
    answer = site.client("ec2").describe_instances(InstanceIds=[instance])
    found: dict[str, Any] = answer["Reservations"][0]["Instances"][0]
    return found


PROVIDERS = by_name((Instance,))

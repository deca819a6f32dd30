"""What is told of a resource: what its list has and what only another call knows, briefly."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

Item = dict[str, Any]
Read = Callable[..., Item]
"""(operation, **parameters) -> its answer, empty where there is none."""

SOURCES: Final = (
    ("IpRanges", "CidrIp"),
    ("Ipv6Ranges", "CidrIpv6"),
    ("PrefixListIds", "PrefixListId"),
    ("UserIdGroupPairs", "GroupId"),
)
PROTOCOLS: Final = {"-1": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}


def as_it_is(item: Item, read: Read) -> Item:
    """The list has it all."""
    return item


def security_group(item: Item, read: Read) -> Item:
    """Rules as lines: `tcp 22 from 0.0.0.0/0`."""
    kept = {k: v for k, v in item.items() if not k.startswith("IpPermissions")}
    return {
        **kept,
        "ingress": list(_rules(item.get("IpPermissions", []), "from")),
        "egress": list(_rules(item.get("IpPermissionsEgress", []), "to")),
    }


def _rules(permissions: Iterable[Item], word: str) -> Iterable[str]:
    for one in permissions:
        for group, member in SOURCES:
            for source in one.get(group) or []:
                note = f" ({source['Description']})" if source.get("Description") else ""
                yield f"{_traffic(one)} {word} {source[member]}{note}"


def _traffic(one: Mapping[str, Any]) -> str:
    protocol = PROTOCOLS.get(str(one["IpProtocol"]), str(one["IpProtocol"]))
    return f"{protocol} {_ports(one.get('FromPort'), one.get('ToPort'))}"


def _ports(first: Any, last: Any) -> str:
    if first in (None, -1) or (first, last) == (0, 65535):
        return "all ports"
    return str(first) if first == last else f"{first}-{last}"


def acl(item: Item, read: Read) -> Item:
    """Entries as lines: `ingress 100 allow tcp 22 0.0.0.0/0`."""
    kept = {k: v for k, v in item.items() if k not in ("Entries", "Associations")}
    subnets = [one["SubnetId"] for one in item.get("Associations", [])]
    return {**kept, "subnets": subnets, "entries": [_entry(e) for e in item.get("Entries", [])]}


def _entry(one: Item) -> str:
    way = "egress" if one["Egress"] else "ingress"
    ports = one.get("PortRange", {})
    protocol = PROTOCOLS.get(str(one["Protocol"]), str(one["Protocol"]))
    where = one.get("CidrBlock") or one.get("Ipv6CidrBlock")
    traffic = f"{protocol} {_ports(ports.get('From'), ports.get('To'))}"
    return f"{way} {one['RuleNumber']} {one['RuleAction']} {traffic} {where}"


def route_table(item: Item, read: Read) -> Item:
    """Routes as lines: `0.0.0.0/0 to igw-1`."""
    kept = {k: v for k, v in item.items() if k not in ("Routes", "Associations")}
    links = [one.get("SubnetId") or "main" for one in item.get("Associations", [])]
    return {**kept, "subnets": links, "routes": [_route(one) for one in item.get("Routes", [])]}


def _route(one: Item) -> str:
    target = next((str(v) for k, v in one.items() if _is_target(k) and v), "nowhere")
    where = next((str(v) for k, v in one.items() if k.startswith("Destination") and v), "?")
    state = "" if one.get("State", "active") == "active" else f" ({one['State']})"
    return f"{where} to {target}{state}"


def _is_target(member: str) -> bool:
    return member.endswith("Id") and not member.startswith(("Destination", "InstanceOwner"))


def vpc(item: Item, read: Read) -> Item:
    """With the two attributes that only a call of their own tells."""
    found = dict(item)
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = read("describe_vpc_attribute", VpcId=item["VpcId"], Attribute=attribute)
        member = attribute[0].upper() + attribute[1:]
        found[attribute] = answer.get(member, {}).get("Value")
    return found


def prefix_list(item: Item, read: Read) -> Item:
    """With its entries, of an account's own list."""
    if item.get("OwnerId") == "AWS":
        return item
    listed = read("get_managed_prefix_list_entries", PrefixListId=item["PrefixListId"])
    return {**item, "entries": [one["Cidr"] for one in listed.get("Entries", [])]}


def instance(item: Item, read: Read) -> Item:
    """State in a word, groups and profile by their ids."""
    kept = {k: v for k, v in item.items() if k not in ("NetworkInterfaces", "BlockDeviceMappings")}
    groups = [one["GroupId"] for one in item.get("SecurityGroups", [])]
    return {**kept, "State": item.get("State", {}).get("Name"), "SecurityGroups": groups}


def zone(item: Item, read: Read) -> Item:
    """With its records as lines: `www.example.org. A 300 192.0.2.1`."""
    listed = read("list_resource_record_sets", HostedZoneId=item["Id"])
    return {**item, "records": [_record(one) for one in listed.get("ResourceRecordSets", [])]}


def _record(one: Item) -> str:
    values = [value["Value"] for value in one.get("ResourceRecords") or []]
    alias = one.get("AliasTarget")
    shown = f"alias {alias['DNSName']}" if alias else " ".join(values)
    routing = f" [{one['SetIdentifier']}]" if one.get("SetIdentifier") else ""
    return f"{one['Name']} {one['Type']} {one.get('TTL', '-')} {shown}{routing}"


BUCKET: Final = (
    "get_bucket_acl",
    "get_bucket_encryption",
    "get_bucket_lifecycle_configuration",
    "get_bucket_logging",
    "get_bucket_notification_configuration",
    "get_bucket_ownership_controls",
    "get_bucket_policy",
    "get_bucket_tagging",
    "get_bucket_versioning",
    "get_bucket_website",
    "get_public_access_block",
)


def bucket(item: Item, read: Read) -> Item:
    """Every setting that it has, and the keys of its objects."""
    settings = {call.removeprefix("get_"): read(call, Bucket=item["Name"]) for call in BUCKET}
    objects = read("list_objects_v2", Bucket=item["Name"]).get("Contents", [])
    return {**settings, "objects": [one["Key"] for one in objects]}


def role(item: Item, read: Read) -> Item:
    """With its policies, inline ones whole."""
    return {**item, **_policies("role", {"RoleName": item["RoleName"]}, read)}


def user(item: Item, read: Read) -> Item:
    """With its policies and the ids of its access keys."""
    named = {"UserName": item["UserName"]}
    keys = read("list_access_keys", **named).get("AccessKeyMetadata", [])
    told = [f"{one['AccessKeyId']} {one['Status']}" for one in keys]
    return {**item, **_policies("user", named, read), "access keys": told}


def group(item: Item, read: Read) -> Item:
    """With its policies."""
    return {**item, **_policies("group", {"GroupName": item["GroupName"]}, read)}


def _policies(kind: str, named: Item, read: Read) -> Item:
    attached = read(f"list_attached_{kind}_policies", **named).get("AttachedPolicies", [])
    inline = read(f"list_{kind}_policies", **named).get("PolicyNames", [])
    texts = {name: read(f"get_{kind}_policy", **named, PolicyName=name) for name in inline}
    return {
        "attached": [one["PolicyArn"] for one in attached],
        "inline": {name: text.get("PolicyDocument") for name, text in texts.items()},
    }


def policy(item: Item, read: Read) -> Item:
    """With the text of its default version."""
    version = item["DefaultVersionId"]
    found = read("get_policy_version", PolicyArn=item["Arn"], VersionId=version)
    return {**item, "document": found.get("PolicyVersion", {}).get("Document")}


def parameter(item: Item, read: Read) -> Item:
    """With its value; a secret one stays encrypted."""
    found = read("get_parameter", Name=item["Name"]).get("Parameter", {})
    return {**item, "value": found.get("Value")}


def topic(item: Item, read: Read) -> Item:
    """Its attributes."""
    found: Item = read("get_topic_attributes", TopicArn=item["TopicArn"]).get("Attributes", {})
    return found


def queue(item: Item, read: Read) -> Item:
    """Its attributes, without the messages that are under way."""
    named = {"QueueUrl": item["QueueUrl"], "AttributeNames": ["All"]}
    found: Item = read("get_queue_attributes", **named).get("Attributes", {})
    return {k: v for k, v in found.items() if not k.startswith("Approximate")}


def key(item: Item, read: Read) -> Item:
    """What it is, and whether it is rotated."""
    found = read("describe_key", KeyId=item["KeyId"]).get("KeyMetadata", {})
    turned = read("get_key_rotation_status", KeyId=item["KeyId"])
    return {**found, "rotated": turned.get("KeyRotationEnabled")}


def table(item: Item, read: Read) -> Item:
    """What it is, and how it is backed up."""
    named = {"TableName": item["TableName"]}
    backups = read("describe_continuous_backups", **named)
    return {**read("describe_table", **named).get("Table", {}), "backups": backups}


def trail(item: Item, read: Read) -> Item:
    """Whether it logs."""
    status = read("get_trail_status", Name=item["TrailARN"])
    return {**item, "logs": status.get("IsLogging")}


def event_rule(item: Item, read: Read) -> Item:
    """With its targets."""
    return {**item, "targets": read("list_targets_by_rule", Rule=item["Name"]).get("Targets", [])}


def load_balancer(item: Item, read: Read) -> Item:
    """With its attributes."""
    arn = item["LoadBalancerArn"]
    found = read("describe_load_balancer_attributes", LoadBalancerArn=arn).get("Attributes", [])
    return {**item, "attributes": {one["Key"]: one["Value"] for one in found}}

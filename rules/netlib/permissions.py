"""A permission is one EC2 rule with one source; a security group is its permissions.

Two adapters give the same group: `from_item` reads what Config delivers, `from_live` what EC2
answers (which adds rule ids and rule tags). What neither can be is refused with `Malformed`.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from rules.netlib.errors import Malformed, ReadsDisagree
from rules.netlib.sources import READ, canonical

Tags = tuple[tuple[str, str], ...]
Key = tuple[str, int | None, int | None, str, str]

ALL: Final = "-1"
PORTED: Final = ("tcp", "udp")
LAST: Final = 65535
NAMED: Final = frozenset({*PORTED, "icmp", "icmpv6", ALL})
PROTOCOLS: Final = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}
RANGES: Final = {  # the range that means everything, the lowest and the highest number
    "tcp": ((0, LAST), 0, LAST),
    "udp": ((0, LAST), 0, LAST),
    "icmp": ((-1, -1), -1, 255),
    "icmpv6": ((-1, -1), -1, 255),
}
_new: Final = tuple.__new__  # a NamedTuple's own constructor takes three times as long


class Permission(NamedTuple):
    """One rule: protocol "tcp", "udp", "icmp", "icmpv6", "-1" (all) or a number as text.

    Ports are inclusive; for ICMP they are type and code (-1: all); other protocols have none.
    `kind` is that of `source`: "ipv4" or "ipv6" (a canonical CIDR), "prefix-list" or "group" (id).
    """

    rule_id: str | None
    protocol: str
    from_port: int | None
    to_port: int | None
    kind: str
    source: str
    description: str | None = None
    tags: Tags = ()

    @property
    def key(self) -> Key:
        """What EC2 tells rules of one group apart by."""
        return self[1:6]

    @property
    def origin(self) -> tuple[str, str]:
        """Kind and source: where the traffic comes from."""
        return self[4:6]


class SecurityGroup(NamedTuple):
    """A security group with its ingress, in the order in which AWS gave it."""

    group_id: str
    group_name: str
    owner_id: str
    vpc_id: str
    tags: Tags
    ingress: tuple[Permission, ...]


class Words(NamedTuple):
    """The names of one vocabulary: Config's camelCase, or EC2's own."""

    group: tuple[str, str, str, str]
    permissions: str
    rule: tuple[str, str, str]
    sources: tuple[tuple[str, str, str], ...]  # a list, the field of its objects, the kind
    description: str
    tags: str
    tag: tuple[str, str]

    @property
    def lists(self) -> frozenset[str]:
        """The lists that hold sources."""
        return frozenset(name for name, _, _ in self.sources)


EC2: Final = Words(
    group=("GroupId", "GroupName", "OwnerId", "VpcId"),
    permissions="IpPermissions",
    rule=("IpProtocol", "FromPort", "ToPort"),
    sources=(
        ("IpRanges", "CidrIp", "ipv4"),
        ("Ipv6Ranges", "CidrIpv6", "ipv6"),
        ("PrefixListIds", "PrefixListId", "prefix-list"),
        ("UserIdGroupPairs", "GroupId", "group"),
    ),
    description="Description",
    tags="Tags",
    tag=("Key", "Value"),
)
CONFIG: Final = Words(
    group=("groupId", "groupName", "ownerId", "vpcId"),
    permissions="ipPermissions",
    rule=("ipProtocol", "fromPort", "toPort"),
    sources=(
        ("ipv4Ranges", "cidrIp", "ipv4"),
        ("ipRanges", "cidrIp", "ipv4"),
        ("ipv6Ranges", "cidrIpv6", "ipv6"),
        ("prefixListIds", "prefixListId", "prefix-list"),
        ("userIdGroupPairs", "groupId", "group"),
    ),
    description="description",
    tags="tags",
    tag=("key", "value"),
)
KNOWN: Final = {words.permissions: words.lists | {*words.rule} for words in (EC2, CONFIG)}
"""What an IpPermission consists of, by the name of the list that it is in."""

RULE_SOURCES: Final = (
    ("CidrIpv4", "ipv4"),
    ("CidrIpv6", "ipv6"),
    ("PrefixListId", "prefix-list"),
    ("GroupId", "group"),
)


def from_item(item: Mapping[str, Any]) -> SecurityGroup:
    """From a configuration item, as delivered or as GetResourceConfigHistory answers; Malformed."""
    configuration = item.get("configuration")
    if isinstance(configuration, str):
        try:
            configuration = json.loads(configuration)
        except (ValueError, RecursionError):
            raise Malformed(f"{item.get('resourceId')}: its configuration is not JSON") from None
    return _group(configuration, CONFIG)


def from_live(
    group: Mapping[str, Any], rules: Iterable[Mapping[str, Any]] | None = None
) -> SecurityGroup:
    """From an element of DescribeSecurityGroups, and the group's DescribeSecurityGroupRules.

    With `rules` each permission has its id and tags. Raises Malformed, and ReadsDisagree where the
    two tell of different rules.
    """
    found = _group(group, EC2)
    if rules is None:
        return found
    try:
        ingress = tuple(_rule(rule, found.group_id) for rule in rules if not rule["IsEgress"])
    except (KeyError, TypeError, AttributeError) as error:
        raise Malformed(f"{found.group_id}: a rule without {error}") from None
    if Counter(p.key for p in ingress) != Counter(p.key for p in found.ingress):
        raise ReadsDisagree(found.group_id)
    return found._replace(ingress=ingress)


def _group(raw: Any, words: Words) -> SecurityGroup:
    if not isinstance(raw, dict):
        raise Malformed(f"a security group must be an object, not {raw!r:.40}")
    given = raw.get(words.group[0])
    if not given:
        raise Malformed(f"a security group without {words.group[0]}")
    if not isinstance(given, str):
        raise Malformed(f"{words.group[0]} must be text, not {given!r:.40}")
    group_id, name, owner_id, vpc_id = [str(raw.get(word) or "") for word in words.group]
    try:
        ingress = tuple(_permissions(_list(raw, words.permissions), words))
        tags = _tags(raw.get(words.tags), words.tag)
    except Malformed as error:
        raise Malformed(f"{group_id}: {error}") from None
    return _new(SecurityGroup, (group_id, name, owner_id, vpc_id, tags, ingress))


def _list(raw: Mapping[str, Any], name: str) -> list[Any]:
    value = raw.get(name)
    if not isinstance(value, list):
        raise Malformed(f"{name} must be a list, not {value!r:.40}")
    return value


def _permissions(entries: list[Any], words: Words) -> list[Permission]:
    """One for each source of each IpPermission; what every item has goes the shortest way."""
    _, _, (protocol_word, low_word, high_word), sources, describing, _, _ = words
    usual = _has_only_known_names(entries, words)
    found: list[Permission] = []
    append, new, permission = found.append, _new, Permission
    for entry in entries:
        if not isinstance(entry, dict):
            raise Malformed(f"a permission must be an object, not {entry!r:.40}")
        get = entry.get
        protocol, low, high = get(protocol_word), get(low_word), get(high_word)
        if not (type(low) is int and type(high) is int and 0 <= low <= high <= LAST) or (
            protocol not in PORTED
        ):
            protocol, low, high = ports(protocol, low, high)
        told: list[Any] = []
        for name, field, kind in sources:
            listed = get(name)
            # Newer items repeat ipv4Ranges as bare texts in ipRanges, older ones have only those.
            if not listed or listed == told:
                continue
            read = READ[kind]
            for one in listed if type(listed) is list else _list(entry, name):
                text, note = one, None
                if type(one) is dict:
                    text, note = one.get(field), one.get(describing)
                    if note is not None and type(note) is not str:
                        raise Malformed(f"a description must be text, not {note!r:.40}")
                told.append(text)
                try:
                    source = read(text)
                except (TypeError, AttributeError):
                    source = canonical(kind, text)  # says what is wrong with it
                whole = None, protocol, low, high, kind, source, note or None, ()
                append(new(permission, whole))
        if not told or not usual:
            _check_sources(entry, words)
    return found


def _has_only_known_names(entries: list[Any], words: Words) -> bool:
    """Of all entries at once, which is quick; False when one is no object at all."""
    try:
        return KNOWN[words.permissions].issuperset(set().union(*entries))
    except TypeError:
        return False


def _check_sources(entry: Mapping[str, Any], words: Words) -> None:
    for name, value in entry.items():
        if type(value) is list and value and name not in words.lists:
            raise Malformed(f"a permission has sources of an unknown kind: {name:.60}")
    if words.lists.isdisjoint(entry):
        raise Malformed(f"a permission must list its sources: {', '.join(entry):.60}")


def _rule(rule: Mapping[str, Any], group_id: str) -> Permission:
    """One element of DescribeSecurityGroupRules."""
    if rule["GroupId"] != group_id:
        raise Malformed(f"{rule['SecurityGroupRuleId']} is a rule of {rule['GroupId']}")
    protocol, low, high = ports(rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort"))
    referenced = rule.get("ReferencedGroupInfo") or {}
    given = {**rule, "GroupId": referenced.get("GroupId")}
    sources = [(kind, given[field]) for field, kind in RULE_SOURCES if given.get(field)]
    if len(sources) != 1:
        raise Malformed(f"{rule['SecurityGroupRuleId']} has {len(sources)} sources, not one")
    kind, text = sources[0]
    source, tags = canonical(kind, text), _tags(rule.get("Tags"), EC2.tag)
    description = rule.get("Description") or None
    rule_id = str(rule["SecurityGroupRuleId"])
    return Permission(rule_id, protocol, low, high, kind, source, description, tags)


def ports(protocol: Any, low: Any, high: Any) -> tuple[str, int | None, int | None]:
    """Protocol and ports in their one form; raises Malformed.

    For TCP and UDP no ports, or -1, mean every port: EC2 never answers that, templates may say it.
    """
    if protocol in PORTED and type(low) is int and type(high) is int and 0 <= low <= high <= LAST:
        return protocol, low, high
    name = protocol if type(protocol) is str and protocol in NAMED else _protocol(protocol)
    if name not in RANGES:
        return name, None, None  # EC2 ignores ports there
    every, lowest, highest = RANGES[name]
    if (low, high) in ((None, None), (-1, -1)):
        return name, *every
    for port in (low, high):
        if type(port) is not int or not lowest <= port <= highest:
            raise Malformed(f"{port!r:.40} is no {name} port or type, {lowest} to {highest}")
    if name in PORTED and low > high:
        raise Malformed(f"the port range {low}-{high} is upside down")
    return name, low, high


def _protocol(raw: Any) -> str:
    text = str(raw).lower() if type(raw) in (str, int) else ""
    if text in NAMED:
        return text
    if text.isascii() and text.isdecimal() and len(text) < 4 and int(text) < 256:
        return PROTOCOLS.get(str(int(text)), str(int(text)))
    if text == "all":
        return ALL
    raise Malformed(f"{raw!r:.40} is no protocol: tcp, udp, icmp, icmpv6, -1 or 0 to 255")


def _tags(raw: Any, words: tuple[str, str]) -> Tags:
    if not raw:
        return ()
    name, value = words
    try:
        return tuple(sorted([(str(tag.get(name) or ""), str(tag.get(value) or "")) for tag in raw]))
    except (TypeError, AttributeError):
        raise Malformed(f"tags must be a list of objects, not {raw!r:.40}") from None

"""A batch of changes is done whole, or refused whole with Route 53's words."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.api import OPERATIONS, ApiCall, ApiError, Caller
from netmend.sandbox.core import Sandbox
from tests.dns.conftest import Zone, record

WEIGHTED = {"SetIdentifier": "one", "Weight": 10}
MISMATCH = "but the values provided do not match the current values"
HEAD = "Tried to delete resource record set [name='www.example.com.', type='A'"
EXISTS = "Tried to create resource record set [name='www.example.com.', type='A'"
ALIAS = {"HostedZoneId": "Z2", "DNSName": "lb.example.net", "EvaluateTargetHealth": False}
FATAL = "Invalid Resource Record: 'FATAL problem:"

BATCH = [
    ([("CREATE", record("www.example.com"))], f"[{EXISTS}] but it already exists]", "it exists"),
    (
        [("CREATE", record("WWW.Example.com."))],
        f"[{EXISTS}] but it already exists]",
        "it exists under another spelling",
    ),
    (
        [("DELETE", record("gone.example.com"))],
        "[Tried to delete resource record set [name='gone.example.com.', type='A'] "
        "but it was not found]",
        "it is not there",
    ),
    ([("DELETE", record("www.example.com", "A", "192.0.2.9"))], MISMATCH, "another value"),
    ([("DELETE", record("www.example.com", TTL=60))], MISMATCH, "another TTL"),
    (
        [("DELETE", record("www.example.com", "A", "192.0.2.1", "192.0.2.2"))],
        f"{HEAD}] {MISMATCH}",
        "a value too many",
    ),
    (
        [("DELETE", record("www.example.com", **WEIGHTED))],
        f"{HEAD}, set-identifier='one'] but it was not found",
        "a set that is not there",
    ),
    (
        [("CREATE", record("www.example.com", "CNAME", "x.example.net"))],
        "RRSet of type CNAME with DNS name www.example.com. is not permitted as it conflicts with "
        "other records with the same DNS name in zone example.com.",
        "a CNAME beside an A",
    ),
    (
        [("CREATE", record("alias.example.com"))],
        "RRSet of type A with DNS name alias.example.com. is not permitted because a conflicting "
        "RRSet of type CNAME with the same DNS name already exists in zone example.com.",
        "an A beside a CNAME",
    ),
    (
        [("UPSERT", record("example.com", "CNAME", "x.example.net"))],
        "RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone "
        "example.com.",
        "a CNAME at the apex",
    ),
    (
        [("CREATE", record("www.example.org"))],
        "RRSet with DNS name www.example.org. is not permitted in zone example.com.",
        "a name outside",
    ),
    (
        [("CREATE", record("notexample.com"))],
        "RRSet with DNS name notexample.com. is not permitted in zone example.com.",
        "a name that only ends alike",
    ),
    (
        [("CREATE", record("a.example.com", "A", "1.2.3"))],
        f"{FATAL} ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with "
        "'1.2.3''",
        "no IPv4 address",
    ),
    (
        [("CREATE", record("a.example.com", "AAAA", "1.2.3.4"))],
        f"{FATAL} AAAARRDATAIllegalIPv6Address",
        "no IPv6 address",
    ),
    (
        [("CREATE", record("a.example.com", "TXT", "bare"))],
        f"{FATAL} InvalidCharacterString (Value should be enclosed in quotation marks) "
        "encountered with 'bare''",
        "a text without quotes",
    ),
    (
        [("CREATE", record("a.example.com", "TXT", f'"{"x" * 256}"'))],
        f"{FATAL} CharacterStringTooLong",
        "a text that is too long",
    ),
    ([("CREATE", record("a.example.com", "MX", "mail"))], "RRDATAInvalidNumberOfFields", "MX"),
    ([("CREATE", record("a.example.com", "SRV", "1 2 x t"))], "RRDATAIllegalNumber", "SRV"),
    ([("CREATE", record("a.example.com", "CAA", "0 issue x"))], "quotation marks", "CAA"),
    ([("CREATE", record("a.example.com", "CNAME", "a..b"))], "DomainLabelEmpty", "an empty label"),
    (
        [("CREATE", record("a.example.com", "A", "192.0.2.1", "192.0.2.1"))],
        "Duplicate Resource Record: '192.0.2.1'",
        "the same value twice",
    ),
    (
        [("CREATE", record(f"{'x' * 64}.example.com"))],
        "DomainLabelTooLong",
        "a label that is too long",
    ),
    (
        [("CREATE", record("a.example.com")), ("UPSERT", record("a.example.com"))],
        "The request contains an invalid set of changes for a resource record set "
        "'A a.example.com.'",
        "a set twice",
    ),
    (
        [("CREATE", record("www.example.com", **WEIGHTED))],
        "cannot be created as other RRSets exist with the same name and type",
        "a weighted set beside a simple one",
    ),
    (
        [
            ("CREATE", record("f.example.com", SetIdentifier="a", Failover="PRIMARY")),
            ("CREATE", record("f.example.com", SetIdentifier="b", Failover="PRIMARY")),
        ],
        "the same Failover exists",
        "two primaries",
    ),
    (
        [("CREATE", record(f"a{n}.example.com")) for n in range(1001)],
        "Number of records limit of 1000 exceeded",
        "too many records",
    ),
    (
        [("UPSERT", record(f"a{n}.example.com")) for n in range(501)],
        "Number of records limit of 1000 exceeded",
        "half as many that are put",
    ),
    (
        [("CREATE", record(f"a{n}.example.com", "TXT", f'"{"x" * 250}"')) for n in range(130)],
        "limit of 32000 exceeded",
        "too many characters",
    ),
]


@pytest.fixture
def standing(zone: Zone) -> Zone:
    zone.change(
        ("CREATE", record("www.example.com")),
        ("CREATE", record("alias.example.com", "CNAME", "x.example.net")),
    )
    return zone


@pytest.mark.parametrize(
    ("changes", "words"), [pytest.param(*case[:2], id=case[2]) for case in BATCH]
)
def test_a_batch_is_refused_for(standing, changes, words):
    before = standing.records()
    with pytest.raises(ClientError) as raised:
        standing.change(("CREATE", record("first.example.com")), *changes)
    error = raised.value.response["Error"]
    assert error["Code"] == "InvalidChangeBatch"
    assert words.strip("[]") in error["Message"]
    assert error["Message"].startswith("[")
    assert standing.records() == before


def test_everything_wrong_is_said_at_once(standing):
    with pytest.raises(ClientError) as raised:
        standing.change(
            ("CREATE", record("www.example.com")), ("DELETE", record("gone.example.com"))
        )
    message = raised.value.response["Error"]["Message"]
    assert "but it already exists" in message
    assert "but it was not found" in message


INPUT = [
    ({"Name": "a.example.com", "Type": "A"}, "found none", "neither records nor alias"),
    (
        {**record("a.example.com"), "AliasTarget": ALIAS},
        "found more than one",
        "records and an alias",
    ),
    (record("a.example.com", Weight=1), "Missing field 'SetIdentifier'", "a weight without a name"),
    (record("a.example.com", SetIdentifier="x"), "Missing field 'one of", "a name alone"),
    (
        record("a.example.com", SetIdentifier="x", Weight=1, Region="us-east-1"),
        "found more than one",
        "two ways to route",
    ),
]


@pytest.mark.parametrize(
    ("wanted", "words"), [pytest.param(*case[:2], id=case[2]) for case in INPUT]
)
def test_a_change_is_not_understood(zone, wanted, words):
    with pytest.raises(ClientError, match=words) as raised:
        zone.change(("CREATE", wanted))
    assert raised.value.response["Error"]["Code"] == "InvalidInput"


@pytest.mark.parametrize(("kind", "words"), [("SOA", "exactly one SOA"), ("NS", "at least one NS")])
def test_the_apex_keeps_its(zone, kind, words):
    (apex,) = [found for found in zone.records() if found["Type"] == kind]
    with pytest.raises(ClientError, match=words):
        zone.change(("DELETE", apex))
    zone.change(("UPSERT", {**apex, "TTL": 60}))
    assert [f["TTL"] for f in zone.records() if f["Type"] == kind] == [60]


TAKEN = [
    (
        [("DELETE", record("www.example.com")), ("CREATE", record("www.example.com", TTL=5))],
        "a set is replaced",
    ),
    (
        [
            ("CREATE", record("www.example.com", "CNAME", "x.example.net")),
            ("DELETE", record("www.example.com")),
        ],
        "a CNAME takes the place of an A",
    ),
    ([("UPSERT", record("www.example.com", TTL=5))], "a set is put"),
    (
        [
            ("CREATE", record("w.example.com", SetIdentifier="a", Weight=0)),
            ("CREATE", record("w.example.com", SetIdentifier="b", Weight=255)),
        ],
        "weighted sets",
    ),
    (
        [
            ("CREATE", record("l.example.com", SetIdentifier="a", Region="us-east-1")),
            ("CREATE", record("l.example.com", SetIdentifier="b", Region="eu-west-1")),
        ],
        "latency sets",
    ),
    (
        [
            (
                "CREATE",
                record("g.example.com", SetIdentifier="a", GeoLocation={"CountryCode": "*"}),
            ),
            (
                "CREATE",
                record("g.example.com", SetIdentifier="b", GeoLocation={"CountryCode": "DE"}),
            ),
        ],
        "sets by place",
    ),
    (
        [
            ("CREATE", record("f.example.com", SetIdentifier="a", Failover="PRIMARY")),
            ("CREATE", record("f.example.com", SetIdentifier="b", Failover="SECONDARY")),
        ],
        "failover sets",
    ),
    (
        [("CREATE", record("m.example.com", SetIdentifier="a", MultiValueAnswer=True))],
        "a multivalue set",
    ),
    ([("CREATE", record("example.com", AliasTarget=ALIAS))], "an alias at the apex"),
    ([("CREATE", record("a.example.com", "MX", "10 mail.example.com"))], "a mail server"),
    ([("CREATE", record("_s._tcp.example.com", "SRV", "1 2 443 t.example.com"))], "a service"),
    ([("CREATE", record("a.example.com", "TXT", '"one" "two"'))], "two texts"),
    ([("CREATE", record("a.example.com", "CAA", '0 issue "ca.example.net"'))], "an authority"),
]


@pytest.mark.parametrize("changes", [pytest.param(case[0], id=case[1]) for case in TAKEN])
def test_a_batch_is_done(standing, changes):
    standing.change(*changes)
    shown = {(r["Name"], r["Type"], r.get("SetIdentifier")): r for r in standing.records()}
    for action, wanted in changes:
        key = (wanted["Name"] + ".", wanted["Type"], wanted.get("SetIdentifier"))
        if action != "DELETE":
            found = shown[key]
            assert {**wanted, "Name": key[0]} == found or found["AliasTarget"]["DNSName"] == (
                "lb.example.net."
            )
        elif (wanted["Name"], wanted["Type"]) not in {
            (w["Name"], w["Type"]) for a, w in changes if a != "DELETE"
        }:
            assert key not in shown


def test_a_set_is_deleted_by_its_own_identifier(zone):
    one = record("w.example.com", SetIdentifier="one", Weight=1)
    two = record("w.example.com", SetIdentifier="two", Weight=1)
    zone.change(("CREATE", one), ("CREATE", two))
    zone.change(("DELETE", one))
    assert [r.get("SetIdentifier") for r in zone.records() if r["Name"] == "w.example.com."] == [
        "two"
    ]


def test_values_are_deleted_in_any_order(zone):
    zone.change(("CREATE", record("a.example.com", "A", "192.0.2.1", "192.0.2.2")))
    zone.change(("DELETE", record("a.example.com", "A", "192.0.2.2", "192.0.2.1")))
    assert zone.names() == []


OWN = [
    ("www.example.org", "does not lie within the target zone", "a name outside"),
    ("gone.example.com", "that target was not found", "a name that is not there"),
]


@pytest.mark.parametrize(("name", "words"), [pytest.param(*c[:2], id=c[2]) for c in OWN])
def test_an_alias_to_its_own_zone_is_refused_for(zone, name, words):
    target = {**ALIAS, "HostedZoneId": zone.id, "DNSName": name}
    with pytest.raises(ClientError, match=words):
        zone.change(("CREATE", record("a.example.com", AliasTarget=target)))


def test_a_change_is_pending_and_then_in_sync(zone):
    info = zone.change(("CREATE", record("a.example.com")), comment="a reason")
    assert (info["Status"], info["Comment"]) == ("PENDING", "a reason")
    later = zone.client.get_change(Id=info["Id"])["ChangeInfo"]
    assert (later["Status"], later["Id"]) == ("INSYNC", info["Id"])
    assert later["SubmittedAt"] == info["SubmittedAt"]


ABSENT = [
    (lambda c: c.get_change(Id="C1"), "NoSuchChange"),
    (lambda c: c.list_resource_record_sets(HostedZoneId="Z1"), "NoSuchHostedZone"),
    (
        lambda c: c.change_resource_record_sets(
            HostedZoneId="Z1",
            ChangeBatch={
                "Changes": [{"Action": "CREATE", "ResourceRecordSet": record("a.example.com")}]
            },
        ),
        "NoSuchHostedZone",
    ),
]


@pytest.mark.parametrize(("call", "code"), ABSENT)
def test_what_is_not_there_is_refused(sandbox, call, code):
    with pytest.raises(ClientError) as raised:
        call(sandbox.client("route53"))
    assert raised.value.response["Error"]["Code"] == code


def test_a_health_check_must_be_there(zone):
    wanted = record("a.example.com", SetIdentifier="x", Weight=1, HealthCheckId="none")
    with pytest.raises(ClientError, match="NoSuchHealthCheck"):
        zone.change(("CREATE", wanted))


def test_an_account_has_five_calls_a_second(sandbox, zone):
    sandbox.rates = True
    for _ in range(5):
        zone.client.list_hosted_zones()
    with pytest.raises(ClientError) as raised:
        zone.client.get_hosted_zone(Id=zone.id)
    error = raised.value.response["Error"]
    assert (error["Code"], error["Message"]) == ("Throttling", "Rate exceeded")
    sandbox.clock.advance(1)
    assert zone.client.get_hosted_zone(Id=zone.id)["HostedZone"]["Name"] == "example.com."


def test_a_batch_without_changes_is_refused(sandbox: Sandbox) -> None:
    zone = Zone(sandbox)
    call = ApiCall(
        "route53",
        "ChangeResourceRecordSets",
        {"HostedZoneId": zone.id, "ChangeBatch": {"Changes": []}},
        "123456789012",
        "us-east-1",
        Caller("root", "123456789012", "arn:aws:iam::123456789012:user/administrator"),
        "id",
    )
    with pytest.raises(ApiError, match="the batch holds no changes"):
        OPERATIONS["route53", "ChangeResourceRecordSets"](sandbox, call)

"""Record sets are listed in Route 53's order and form, page by page."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.dns.names import NameProblem, normal, order
from tests.dns.conftest import record

NAMES = [
    ("WWW.Example.COM", "www.example.com.", "capitals"),
    ("www.example.com.", "www.example.com.", "a dot at the end"),
    ("*.example.com", "\\052.example.com.", "a star"),
    ("\\052.example.com", "\\052.example.com.", "an escaped star"),
    ("a\\056b.example.com", "a\\056b.example.com.", "an escaped dot"),
    ("_dmarc.example.com", "_dmarc.example.com.", "an underscore"),
    ("a/b.example.com", "a\\057b.example.com.", "a slash"),
    ("é.example.com", "\\351.example.com.", "a letter of Latin 1"),
]


@pytest.mark.parametrize(
    ("given", "expected"), [pytest.param(*case[:2], id=case[2]) for case in NAMES]
)
def test_a_name_is_shown(given, expected):
    assert normal(given) == expected


@pytest.mark.parametrize("given", ["a..com", "a b.com", "x" * 64, "日.com", "a." * 128])
def test_a_name_is_refused(given):
    with pytest.raises(NameProblem, match="FATAL problem"):
        normal(given)


def test_names_are_ordered_by_their_labels_from_the_right():
    names = ["z.", "a.", "b.a.", "a-b.", "a.a.", "\\052.a."]
    assert sorted(names, key=order) == ["a-b.", "a.", "\\052.a.", "a.a.", "b.a.", "z."]


def test_a_new_zone_has_its_apex(zone):
    servers, start = zone.records()
    assert (servers["Type"], servers["Name"], servers["TTL"]) == ("NS", "example.com.", 172800)
    assert len(servers["ResourceRecords"]) == 4
    assert (start["Type"], start["TTL"]) == ("SOA", 900)
    assert start["ResourceRecords"][0]["Value"].endswith(" 1 7200 900 1209600 86400")


def test_pages_follow_one_another(zone):
    for first in range(0, 700, 350):
        wanted = [record(f"n{n:03}.example.com") for n in range(first, first + 350)]
        zone.change(*[("CREATE", one) for one in wanted])
    answer = zone.client.list_resource_record_sets(HostedZoneId=zone.id)
    assert (len(answer["ResourceRecordSets"]), answer["IsTruncated"]) == (300, True)
    assert (answer["NextRecordName"], answer["NextRecordType"]) == ("n298.example.com.", "A")
    assert answer["MaxItems"] == "300"
    names = zone.names()
    assert len(names) == 700
    assert names == sorted(names)


def test_sets_of_one_name_are_paged_by_identifier(zone):
    sets = [record("w.example.com", SetIdentifier=f"s{n}", Weight=1) for n in range(4)]
    zone.change(*[("CREATE", one) for one in sets])
    found, start = [], {"StartRecordName": "w.example.com", "StartRecordType": "A"}
    while start:
        page = zone.client.list_resource_record_sets(HostedZoneId=zone.id, MaxItems="1", **start)
        found += [one["SetIdentifier"] for one in page["ResourceRecordSets"]]
        following = ("NextRecordName", "NextRecordType", "NextRecordIdentifier")
        starts = ("StartRecordName", "StartRecordType", "StartRecordIdentifier")
        start = {to: page[name] for name, to in zip(following, starts, strict=True) if name in page}
    assert found == ["s0", "s1", "s2", "s3"]


def test_a_list_begins_where_it_is_told(zone):
    zone.change(*[("CREATE", record(f"{letter}.example.com")) for letter in "abc"])
    answer = zone.client.list_resource_record_sets(
        HostedZoneId=zone.id, StartRecordName="B.example.com"
    )
    names = [one["Name"] for one in answer["ResourceRecordSets"]]
    assert names == ["b.example.com.", "c.example.com."]


def test_a_type_without_a_name_is_refused(zone):
    with pytest.raises(ClientError, match="InvalidInput"):
        zone.client.list_resource_record_sets(HostedZoneId=zone.id, StartRecordType="A")


def test_a_zone_that_holds_records_is_not_deleted(zone):
    zone.change(("CREATE", record("a.example.com")))
    with pytest.raises(ClientError, match="HostedZoneNotEmpty"):
        zone.client.delete_hosted_zone(Id=zone.id)
    zone.change(("DELETE", record("a.example.com")))
    zone.client.delete_hosted_zone(Id=zone.id)
    assert zone.client.list_hosted_zones()["HostedZones"] == []

"""A verified chain is whole, and a broken one is named at the record that broke."""

from collections.abc import Callable

import pytest

from netmend.audit.evidence import Head, verify
from rules.netlib.evidence import GENESIS, key, seal, unseal

Records = list[tuple[str, bytes]]


def chain(length: int = 5) -> Records:
    records: Records = []
    previous = GENESIS
    for number in range(1, length + 1):
        data = seal({"kind": "intent", "note": f"grün {number}"}, number, previous)
        previous = str(unseal(data)["hash"])
        records.append((key("123456789012", "eu-west-1", number), data))
    return records


def head_of(records: Records) -> Head:
    last = unseal(records[-1][1])
    return Head(last["number"], last["hash"])


def test_whole_chain_verifies_in_any_order() -> None:
    records = chain()
    found = verify(reversed(records), head_of(records))
    assert found.ok
    assert found.count == 5
    assert "up to 5 (head confirmed)" in found.message


def test_chain_without_head_says_up_to_where_it_is_complete() -> None:
    assert "up to 5 (no head given)" in verify(chain()).message


def text_altered(records: Records) -> Records:
    name, data = records[2]
    return [*records[:2], (name, data.replace("grün 3".encode(), b"rot 3")), *records[3:]]


def removed(records: Records) -> Records:
    return [*records[:2], *records[3:]]


def reordered(records: Records) -> Records:
    (third, three), (fourth, four) = records[2:4]
    return [*records[:2], (third, four), (fourth, three), *records[4:]]


def forged(records: Records) -> Records:
    before = str(unseal(records[1][1])["hash"])
    return [*records[:2], (records[2][0], seal({"kind": "x"}, 3, before)), *records[3:]]


def not_json(records: Records) -> Records:
    return [*records[:2], (records[2][0], b"\xff{"), *records[3:]]


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param(text_altered, "record 3 was altered", id="a changed word is named"),
        pytest.param(removed, "record 3 was removed", id="a missing record is named"),
        pytest.param(reordered, "record 3 was reordered", id="two swapped records are named"),
        pytest.param(forged, "record 4 does not follow 3", id="a forged record breaks the next"),
        pytest.param(not_json, "record 3 is not JSON", id="garbage is named"),
    ],
)
def test_damage_is_named(damage: Callable[[Records], Records], named: str) -> None:
    found = verify(damage(chain()))
    assert not found.ok
    assert any(named in problem for problem in found.problems)


def test_cut_off_end_shows_only_against_the_head() -> None:
    records = chain()
    assert verify(records[:-1]).ok
    found = verify(records[:-1], head_of(records))
    assert any("records 5 to 5 were removed" in problem for problem in found.problems)


def test_replaced_last_record_shows_only_against_the_head() -> None:
    records = chain()
    before = str(unseal(records[3][1])["hash"])
    swapped = [*records[:4], (records[4][0], seal({"kind": "x"}, 5, before))]
    assert verify(swapped).ok
    found = verify(swapped, head_of(records))
    assert any("record 5 is not the one that the head states" in p for p in found.problems)


def test_nothing_is_not_a_verified_chain() -> None:
    assert not verify([]).ok


def test_foreign_files_are_named() -> None:
    found = verify([*chain(), ("123456789012/eu-west-1/notes.txt", b"x")])
    assert any("notes.txt" in problem for problem in found.problems)

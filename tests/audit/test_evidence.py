"""A verified chain is whole, and a broken one is named at the record that broke."""

import json
from collections.abc import Callable

import pytest

from netmend.audit.evidence import Head, verify
from rules.netlib.evidence import GENESIS, EvidenceError, canonical, key, seal, sha256, unseal

Records = list[tuple[str, bytes]]
ACCOUNT, REGION = "123456789012", "eu-west-1"


def chain(length: int = 5) -> Records:
    records: Records = []
    previous = GENESIS
    for number in range(1, length + 1):
        note = f"grün {number}"
        record = {"kind": "intent", "note": note, "account": ACCOUNT, "region": REGION}
        data = seal(record, number, previous)
        previous = str(unseal(data)["hash"])
        records.append((key(ACCOUNT, REGION, number), data))
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
    record = {"kind": "x", "account": ACCOUNT, "region": REGION}
    return [*records[:2], (records[2][0], seal(record, 3, before)), *records[3:]]


def third(data: bytes) -> Callable[[Records], Records]:
    return lambda records: [*records[:2], (records[2][0], data), *records[3:]]


def third_told(tell: Callable[[bytes], bytes]) -> Callable[[Records], Records]:
    """The third record in other bytes, whose parsed value is still what was hashed."""

    def told(records: Records) -> Records:
        data = tell(records[2][1])
        assert json.loads(data) == json.loads(records[2][1])
        return third(data)(records)

    return told


def all_moved(folder: str) -> Callable[[Records], Records]:
    return lambda records: [(f"{folder}/{name.split('/')[-1]}", data) for name, data in records]


def with_zero(records: Records) -> Records:
    return [*records, (key(ACCOUNT, REGION, 0), records[0][1])]


def last_far_away(records: Records) -> Records:
    return [*records[:2], (key(ACCOUNT, REGION, 10**12 - 1), records[2][1])]


ALTERED_BYTES = "record 3 was altered: its bytes are not the ones that were sealed"
COPIED = f"record 1 was copied here: it says that it is of '{ACCOUNT}' in '{REGION}'"


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        pytest.param(text_altered, "record 3 was altered", id="a changed word is named"),
        pytest.param(removed, "record 3 was removed", id="a missing record is named"),
        pytest.param(reordered, "record 3 was reordered", id="two swapped records are named"),
        pytest.param(forged, "record 4 does not follow 3", id="a forged record breaks the next"),
        pytest.param(third(b"\xff{"), "record 3 is not JSON", id="garbage is named"),
        pytest.param(third(b"[" * 100_000), "record 3 is not JSON", id="endless nesting is named"),
        pytest.param(
            third(b'{"schema":"netmend-evidence/1","number":3,"previous":"","n":"\\ud800"}'),
            "record 3 is not JSON",
            id="a character that has no bytes is named",
        ),
        pytest.param(
            third_told(lambda data: data.replace(b"{", b'{"kind":"none",', 1)),
            ALTERED_BYTES,
            id="a key told twice is named",
        ),
        pytest.param(
            third_told(lambda data: data.replace(b",", b", ")), ALTERED_BYTES, id="a space is named"
        ),
        pytest.param(
            third_told(lambda data: data + b"\n"), ALTERED_BYTES, id="a newline at the end is named"
        ),
        pytest.param(
            third_told(lambda data: data.decode().encode("utf-16")),
            ALTERED_BYTES,
            id="another encoding is named",
        ),
        pytest.param(
            all_moved(f"210987654321/{REGION}"), COPIED, id="a chain of another account is named"
        ),
        pytest.param(
            all_moved(f"backup/{ACCOUNT}/us-east-1"),
            COPIED,
            id="a chain of another Region is named",
        ),
        pytest.param(with_zero, "numbers begin at 1", id="a record before the first is named"),
        pytest.param(
            last_far_away,
            "records 3 to 999999999998 were removed",
            id="a long gap is named at once",
        ),
    ],
)
def test_damage_is_named(damage: Callable[[Records], Records], named: str) -> None:
    found = verify(damage(chain()))
    assert not found.ok
    assert any(named in problem for problem in found.problems)


def test_record_zero_alone_is_not_a_verified_chain() -> None:
    assert not verify([(key(ACCOUNT, REGION, 0), chain(1)[0][1])]).ok


def test_every_gap_is_named_where_it_is() -> None:
    records = chain(9)
    found = verify([records[1], *records[4:6], records[7]])
    assert [problem.partition(": ")[2] for problem in found.problems] == [
        "record 1 was removed",
        "records 3 to 4 were removed",
        "record 7 was removed",
    ]


@pytest.mark.parametrize("folder", ["", "copy/", "2026/copy/"])
def test_a_folder_that_names_no_account_takes_any_chain(folder: str) -> None:
    assert verify([(folder + name.split("/")[-1], data) for name, data in chain()]).ok


def test_folders_are_one_chain_only_where_their_names_are_equal() -> None:
    forged = f"{ACCOUNT}//{REGION}/000000000001.json", b"{}"
    assert not verify([forged, *chain()]).ok


def test_a_number_is_no_truth_value() -> None:
    content = {"schema": "netmend-evidence/1", "number": True, "previous": GENESIS}
    with pytest.raises(EvidenceError, match="has no number"):
        unseal(canonical({**content, "hash": sha256(canonical(content))}))


def test_cut_off_end_shows_only_against_the_head() -> None:
    records = chain()
    assert verify(records[:-1]).ok
    found = verify(records[:-1], head_of(records))
    assert any("records 5 to 5 were removed" in problem for problem in found.problems)


def test_replaced_last_record_shows_only_against_the_head() -> None:
    records = chain()
    before = str(unseal(records[3][1])["hash"])
    record = {"kind": "x", "account": ACCOUNT, "region": REGION}
    swapped = [*records[:4], (records[4][0], seal(record, 5, before))]
    assert verify(swapped).ok
    found = verify(swapped, head_of(records))
    assert any("record 5 is not the one that the head states" in p for p in found.problems)


def test_nothing_is_not_a_verified_chain() -> None:
    assert not verify([]).ok


def test_problems_are_counted_as_one_says_it() -> None:
    name, data = chain(1)[0]
    assert verify([(name, data + b" ")]).message == "1 problem in the chain"
    assert verify([(name, data + b" "), ("x.json", b"")]).message == "2 problems in the chain"


def test_foreign_files_are_named() -> None:
    found = verify([*chain(), ("123456789012/eu-west-1/notes.txt", b"x")])
    assert any("notes.txt" in problem for problem in found.problems)

"""A chain of evidence is checked offline, and what was altered, removed or moved is named."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rules.netlib.evidence import GENESIS, EvidenceError, unseal

NAME: Final = re.compile(r"([0-9]{12})\.json")
PLACE: Final = re.compile(r"(?s:.*/)?([0-9]{12})/([^/]+)")
"""A folder that names account and Region, wherever it lies."""


@dataclass(frozen=True)
class Head:
    """Number and hash of the newest record, as the ledger or a notification states them."""

    number: int
    hash: str


@dataclass(frozen=True)
class Verification:
    """What is known of a set of chains: how many records, and every problem found."""

    count: int
    problems: tuple[str, ...]
    message: str

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(records: Iterable[tuple[str, bytes]], head: Head | None = None) -> Verification:
    """Check records given as (key or path, bytes), in any order; one chain per folder.

    Where a folder is called <account>/<region> its records must be of that account and Region.
    Without `head` the end of a chain proves nothing: cutting off its last records leaves a chain
    that is complete up to the number stated.
    """
    chains: dict[str, dict[int, bytes]] = defaultdict(dict)
    problems = []
    for name, data in records:
        folder, _, file = name.rpartition("/")
        match = NAME.fullmatch(file)
        if match is None:
            problems.append(f"{name} is not named like an evidence record (000000000001.json)")
        elif not int(match[1]):
            problems.append(f"{name} is no evidence record: their numbers begin at 1")
        else:
            chains[folder or "."][int(match[1])] = data
    for chain, found in sorted(chains.items()):
        problems += [f"{chain}: {problem}" for problem in _check(chain, found, head)]
    count = sum(len(found) for found in chains.values())
    if not count:
        problems.append("no evidence records found - give the folder or s3:// prefix of a chain")
    return Verification(count, tuple(problems), _message(chains, problems, head))


def _message(
    chains: Mapping[str, Mapping[int, bytes]], problems: list[str], head: Head | None
) -> str:
    if problems:
        return f"{len(problems)} problem(s) in the chain"
    ends = ", ".join(f"{chain} up to {max(found)}" for chain, found in sorted(chains.items()))
    return f"complete {ends}" + (" (head confirmed)" if head else " (no head given)")


def _check(chain: str, found: Mapping[int, bytes], head: Head | None) -> list[str]:
    problems: list[str] = []
    hashes: dict[int, str] = {0: GENESIS}
    last = 0
    for number in sorted(found):
        problems += _gap(last + 1, number - 1)
        last = number
        record, problem = _read(chain, number, found[number])
        if problem:
            problems.append(problem)
            continue
        if record["previous"] != hashes.get(number - 1, record["previous"]):
            problems.append(f"record {number} does not follow {number - 1}: one was replaced")
        hashes[number] = str(record["hash"])
    return problems + (_check_head(last, hashes, head) if head else [])


def _gap(first: int, last: int) -> list[str]:
    if first > last:
        return []
    if first == last:
        return [f"record {first} was removed"]
    return [f"records {first} to {last} were removed"]


def _read(chain: str, number: int, data: bytes) -> tuple[dict[str, Any], str]:
    try:
        record = unseal(data)
    except EvidenceError as error:
        return {}, f"record {number} {error}"
    if record["number"] != number:
        return {}, f"record {number} was reordered: it says that it is number {record['number']}"
    place = PLACE.fullmatch(chain)
    owner = record.get("account"), record.get("region")
    if place and place.groups() != owner:
        said = f"it says that it is of {owner[0]!r:.40} in {owner[1]!r:.40}"
        return {}, f"record {number} was copied here: {said}"
    return record, ""


def _check_head(last: int, hashes: Mapping[int, str], head: Head) -> list[str]:
    if last < head.number:
        return [f"records {last + 1} to {head.number} were removed: the head says {head.number}"]
    if hashes.get(head.number, head.hash) != head.hash:
        return [f"record {head.number} is not the one that the head states: it was replaced"]
    return []

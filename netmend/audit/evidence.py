"""A chain of evidence is checked offline, and what was altered, removed or moved is named."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

from rules.netlib.evidence import GENESIS, EvidenceError, unseal

NAME: Final = re.compile(r"(\d{12})\.json")


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

    Without `head` the end of a chain proves nothing: cutting off its last records leaves a chain
    that is complete up to the number stated.
    """
    chains: dict[str, dict[int, bytes]] = defaultdict(dict)
    problems = []
    for name, data in records:
        path = PurePosixPath(name)
        match = NAME.fullmatch(path.name)
        if match is None:
            problems.append(f"{name} is not named like an evidence record (000000000001.json)")
            continue
        chains[str(path.parent)][int(match[1])] = data
    for chain, found in sorted(chains.items()):
        problems += [f"{chain}: {problem}" for problem in _check(found, head)]
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


def _check(found: Mapping[int, bytes], head: Head | None) -> list[str]:
    problems: list[str] = []
    hashes: dict[int, str] = {0: GENESIS}
    for number in range(1, max(found) + 1):
        if number not in found:
            problems.append(f"record {number} was removed")
            continue
        record, problem = _read(number, found[number])
        if problem:
            problems.append(problem)
            continue
        if record["previous"] != hashes.get(number - 1, record["previous"]):
            problems.append(f"record {number} does not follow {number - 1}: one was replaced")
        hashes[number] = str(record["hash"])
    return problems + (_check_head(max(found), hashes, head) if head else [])


def _read(number: int, data: bytes) -> tuple[dict[str, Any], str]:
    try:
        record = unseal(data)
    except EvidenceError as error:
        return {}, f"record {number} {error}"
    if record["number"] != number:
        return {}, f"record {number} was reordered: it says that it is number {record['number']}"
    return record, ""


def _check_head(last: int, hashes: Mapping[int, str], head: Head) -> list[str]:
    if last < head.number:
        return [f"records {last + 1} to {head.number} were removed: the head says {head.number}"]
    if hashes.get(head.number, head.hash) != head.hash:
        return [f"record {head.number} is not the one that the head states: it was replaced"]
    return []

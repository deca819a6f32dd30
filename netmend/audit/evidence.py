"""A chain of evidence is checked offline, and what was altered, removed or moved is named."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rules.netlib.evidence import GENESIS, EvidenceError, canonical, unseal

NAME: Final = re.compile(r"([0-9]{12})\.json")
PLACE: Final = re.compile(r"(?s:.*/)?([0-9]{12})/([^/]+)")
"""A folder that names account and Region, wherever it lies."""


@dataclass(frozen=True)
class Head:
    """Number and hash of the newest record, as the ledger or a notification states them."""

    number: int
    hash: str


@dataclass
class Link:
    """One record in its chain. record: what it says, {} where that can't be read.

    problem: why it is not verified, '' where it is.
    """

    chain: str
    number: int
    record: Mapping[str, Any]
    problem: str = ""


@dataclass(frozen=True)
class Verification:
    """What is known of a set of chains: how many records, and every problem found."""

    count: int
    problems: tuple[str, ...]
    message: str
    links: tuple[Link, ...] = ()

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
    links: list[Link] = []
    for chain, found in sorted(chains.items()):
        checked = _Chain(chain, found)
        problems += [f"{chain}: {problem}" for problem in checked.check(head)]
        links += checked.links.values()
    if not links:
        problems.append("no evidence records found - give the folder or s3:// prefix of a chain")
    message = _message(chains, problems, head)
    return Verification(len(links), tuple(problems), message, tuple(links))


def _message(
    chains: Mapping[str, Mapping[int, bytes]], problems: list[str], head: Head | None
) -> str:
    if problems:
        what = "problem" if len(problems) == 1 else "problems"
        return f"{len(problems)} {what} in the chain"
    ends = ", ".join(f"{chain} up to {max(found)}" for chain, found in sorted(chains.items()))
    return f"complete {ends}" + (" (head confirmed)" if head else " (no head given)")


class _Chain:
    """The records of one folder, each checked by itself and against its neighbours."""

    def __init__(self, chain: str, found: Mapping[int, bytes]) -> None:
        self.links = {n: _read(chain, n, found[n]) for n in sorted(found)}

    def check(self, head: Head | None) -> list[str]:
        """Every problem, in the order of the numbers; each is noted on its record as well."""
        problems: list[str] = []
        last, hashes = 0, {0: GENESIS}
        for number, link in self.links.items():
            problems += _gap(last + 1, number - 1)
            last = number
            if not link.problem:
                if link.record["previous"] != hashes.get(number - 1, link.record["previous"]):
                    said = f"record {number} does not follow {number - 1}: one was replaced"
                    problems.append(self._note(said, number - 1, number))
                hashes[number] = str(link.record["hash"])
            else:
                problems.append(link.problem)
        return problems + (self._check_head(last, hashes, head) if head else [])

    def _note(self, problem: str, *numbers: int) -> str:
        for number in numbers:
            if number in self.links and not self.links[number].problem:
                self.links[number].problem = problem
        return problem

    def _check_head(self, last: int, hashes: Mapping[int, str], head: Head) -> list[str]:
        if last < head.number:
            what = f"records {last + 1} to {head.number} were removed"
            return [f"{what}: the head says {head.number}"]
        if hashes.get(head.number, head.hash) != head.hash:
            said = f"record {head.number} is not the one that the head states: it was replaced"
            return [self._note(said, head.number)]
        return []


def _gap(first: int, last: int) -> list[str]:
    if first > last:
        return []
    if first == last:
        return [f"record {first} was removed"]
    return [f"records {first} to {last} were removed"]


def _read(chain: str, number: int, data: bytes) -> Link:
    try:
        record = unseal(data)
    except EvidenceError as error:
        return Link(chain, number, _unverified(data), f"record {number} {error}")
    if record["number"] != number:
        moved = f"record {number} was reordered: it says that it is number {record['number']}"
        return Link(chain, number, record, moved)
    place = PLACE.fullmatch(chain)
    owner = record.get("account"), record.get("region")
    if place and place.groups() != owner:
        said = f"it says that it is of {owner[0]!r:.40} in {owner[1]!r:.40}"
        return Link(chain, number, record, f"record {number} was copied here: {said}")
    return Link(chain, number, record)


def _unverified(data: bytes) -> dict[str, Any]:
    """What an altered record says, as far as it can be read."""
    try:
        record = json.loads(data)
        canonical(record)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}

"""A domain name has one form: lower case, octal escapes, a dot at the end."""

from __future__ import annotations

import re
from typing import Final

PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_")
LONGEST_LABEL: Final = 63
LONGEST_NAME: Final = 255

_TOKEN: Final = re.compile(r"\\([0-3][0-7]{2})|\\(.)|(.)", re.DOTALL)


class NameProblem(ValueError):
    """A name that Route 53 would not take, in its words: `FATAL problem: ...`."""

    def __init__(self, kind: str, why: str, culprit: str) -> None:
        super().__init__(f"FATAL problem: {kind} ({why}) encountered with '{culprit}'")


def normal(name: str) -> str:
    """The form in which Route 53 shows a name; `NameProblem` for what is none.

    `*` becomes `\\052`; an escaped dot stays inside its label.
    """
    labels = _labels(name)
    for label, text in labels:
        if not label:
            raise NameProblem("DomainLabelEmpty", "Domain label is empty", name)
        if len(label) > LONGEST_LABEL:
            raise NameProblem("DomainLabelTooLong", "Domain label is too long", text)
    shown = "".join(f"{text}." for _, text in labels) or "."
    if sum(len(label) + 1 for label, _ in labels) > LONGEST_NAME:
        raise NameProblem("DomainNameTooLong", "Domain name is too long", shown)
    return shown


def _labels(name: str) -> list[tuple[str, str]]:
    """(characters, as shown) of each label."""
    labels: list[tuple[str, str]] = [("", "")]
    for octal, escaped, plain in _TOKEN.findall(name):
        if plain == ".":
            labels.append(("", ""))
            continue
        character = (chr(int(octal, 8)) if octal else escaped or plain).lower()
        if ord(character) > 255 or (plain and ord(character) <= 32):
            raise NameProblem(
                "UnsupportedCharacter", "Value contains unsupported characters", character
            )
        shown = character if character in PLAIN else f"\\{ord(character):03o}"
        label, text = labels[-1]
        labels[-1] = (label + character, text + shown)
    return labels[:-1] if labels[-1] == ("", "") else labels


def order(name: str) -> str:
    """What lists are sorted by: the labels from the right, each with its dot."""
    return ".".join(reversed(name.removesuffix(".").split("."))) + "."


def lies_in(name: str, zone: str) -> bool:
    """Whether a name is the zone's own or below it; both in the normal form."""
    return name == zone or name.endswith(f".{zone}")

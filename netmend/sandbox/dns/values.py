"""A record's value has the form that its type demands."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Final

from netmend.sandbox.dns.names import NameProblem, normal

LONGEST_TEXT: Final = 255
LONGEST_VALUE: Final = 4000

_TEXT: Final = re.compile(r'"((?:\\.|[^"\\])*)"|(\S+)', re.DOTALL)
_CAA_FIELDS: Final = 3

Check = Callable[[str], None]


def problem(kind: str, value: str) -> str:
    """Why a value is refused, in Route 53's words; empty where it is taken."""
    check = CHECKS.get(kind)
    try:
        if len(value) > LONGEST_VALUE:
            raise NameProblem("ValueTooLong", "Value is too long", value[:64])
        if not value.strip():
            raise NameProblem("EmptyValue", "Value is empty", value)
        if check is not None:
            check(value)
    except NameProblem as error:
        return f"Invalid Resource Record: '{error}'"
    return ""


def _ipv4(value: str) -> None:
    if " " in value.strip():
        raise NameProblem("ARRDATANotSingleField", "Value contains spaces", value)
    try:
        ipaddress.IPv4Address(value)
    except ValueError:
        why = "Value is not a valid IPv4 address"
        raise NameProblem("ARRDATAIllegalIPv4Address", why, value) from None


def _ipv6(value: str) -> None:
    try:
        ipaddress.IPv6Address(value)
    except ValueError:
        why = "Value is not a valid IPv6 address"
        raise NameProblem("AAAARRDATAIllegalIPv6Address", why, value) from None


def _name(value: str) -> None:
    if len(value.split()) != 1:
        raise NameProblem("RRDATANotSingleField", "Value contains spaces", value)
    normal(value)


def _texts(value: str) -> None:
    found = _TEXT.findall(value)
    if not found or any(bare for _, bare in found):
        why = "Value should be enclosed in quotation marks"
        raise NameProblem("InvalidCharacterString", why, value)
    for text, _ in found:
        if len(re.sub(r"\\([0-7]{3}|.)", "x", text)) > LONGEST_TEXT:
            raise NameProblem("CharacterStringTooLong", "Value is too long", f'"{text}"')


def _numbers(count: int) -> Check:
    """So many numbers of 16 bits, then a name."""

    def check(value: str) -> None:
        fields = value.split()
        if len(fields) != count + 1:
            why = f"Value should have {count + 1} fields"
            raise NameProblem("RRDATAInvalidNumberOfFields", why, value)
        for field in fields[:count]:
            if not field.isdigit() or int(field) > 65_535:
                why = "Value is not a number from 0 to 65535"
                raise NameProblem("RRDATAIllegalNumber", why, field)
        normal(fields[count])

    return check


def _caa(value: str) -> None:
    fields = value.split(None, _CAA_FIELDS - 1)
    if len(fields) != _CAA_FIELDS or not fields[0].isdigit() or int(fields[0]) > 255:
        why = "Value should be flags, tag and a value in quotation marks"
        raise NameProblem("CAARRDATAInvalid", why, value)
    _texts(fields[2])


CHECKS: Final[dict[str, Check]] = {
    "A": _ipv4,
    "AAAA": _ipv6,
    "CAA": _caa,
    "CNAME": _name,
    "MX": _numbers(1),
    "NS": _name,
    "PTR": _name,
    "SPF": _texts,
    "SRV": _numbers(3),
    "TXT": _texts,
}

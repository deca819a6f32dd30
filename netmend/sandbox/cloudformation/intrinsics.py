"""The functions of the template language that need nothing but their arguments."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable
from itertools import islice
from typing import Any, Final

from netmend.sandbox.cloudformation.errors import ValidationError

SUB_NAME: Final = re.compile(r"\$\{([^}]*)\}")
SUB_ALLOWED: Final = re.compile(r"[A-Za-z0-9_.:]+")


def text(value: Any, where: str) -> str:
    """A scalar as the text that CloudFormation makes of it; anything else is refused."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | int | float):
        return str(value)
    raise ValidationError(f"Template error: every value in {where} must resolve to a string")


def arguments(name: str, value: Any, *counts: int) -> list[Any]:
    """The argument list of a function that takes one of these numbers of arguments."""
    if not isinstance(value, list) or (counts and len(value) not in counts):
        wanted = " or ".join(map(str, counts))
        raise ValidationError(f"Template error: {name} takes a list of {wanted} arguments")
    return value


def join(value: Any) -> str:
    """Fn::Join: [delimiter, list of texts]."""
    delimiter, items = arguments("Fn::Join", value, 2)
    if not isinstance(delimiter, str) or not isinstance(items, list):
        raise ValidationError(
            "Template error: every Fn::Join object requires two parameters, (1) a string "
            "delimiter and (2) a list of strings to be joined or a function that returns a list "
            "of strings (such as Fn::GetAZs) to be joined."
        )
    return delimiter.join(text(item, "Fn::Join") for item in items)


def split(value: Any) -> list[str]:
    """Fn::Split: [delimiter, text]."""
    delimiter, source = arguments("Fn::Split", value, 2)
    if not isinstance(delimiter, str) or not delimiter:
        raise ValidationError(
            "Template error: Fn::Split needs a delimiter of one character or more"
        )
    return text(source, "Fn::Split").split(delimiter)


def select(value: Any) -> Any:
    """Fn::Select: [index, list]."""
    index, items = arguments("Fn::Select", value, 2)
    digits = text(index, "Fn::Select")
    if not isinstance(items, list) or not digits.isdigit():
        raise ValidationError(
            "Template error: Fn::Select requires a list argument with two elements: an integer "
            "index and a list"
        )
    if int(digits) >= len(items):
        raise ValidationError(
            f"Template error: Fn::Select cannot select nonexistent value at index {digits}"
        )
    return items[int(digits)]


def encode(value: Any) -> str:
    """Fn::Base64: one text."""
    return base64.b64encode(text(value, "Fn::Base64").encode()).decode()


def cidr(value: Any) -> list[str]:
    """Fn::Cidr: [block, count, bits of the host part, default what fits]."""
    block, count, *bits = arguments("Fn::Cidr", value, 2, 3)
    network = ipaddress.ip_network(text(block, "Fn::Cidr"), strict=False)
    wanted = int(text(count, "Fn::Cidr"))
    smallest = (wanted - 1).bit_length()
    prefix = network.max_prefixlen - int(bits[0]) if bits else network.prefixlen + smallest
    if not network.prefixlen + smallest <= prefix <= network.max_prefixlen:
        raise ValidationError(
            f"Template error: Fn::Cidr cannot cut {block} into {count} blocks of /{prefix}"
        )
    return [str(part) for part in islice(network.subnets(new_prefix=prefix), wanted)]


def substitute(template: Any, value_of: Callable[[str], Any]) -> str:
    """Fn::Sub: replace each `${Name}` once; `${!Literal}` stays, as `${Literal}`."""
    if not isinstance(template, str):
        raise ValidationError(
            "Template error: One or more Fn::Sub intrinsic functions don't "
            "specify expected arguments. Specify a string as first argument, "
            "and an optional second argument to specify a mapping of values to "
            "replace in the string"
        )

    def replacement(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        return text(value_of(sub_name(name)), "Fn::Sub")

    return SUB_NAME.sub(replacement, template)


def sub_names(template: str) -> list[str]:
    """The names that an Fn::Sub text asks for, in order."""
    return [sub_name(n) for n in SUB_NAME.findall(template) if not n.startswith("!")]


def sub_name(name: str) -> str:
    """The name between the braces; raises ValidationError for one that cannot be a name."""
    name = name.strip()
    if not SUB_ALLOWED.fullmatch(name):
        raise ValidationError(
            "Template error: variable names in Fn::Sub syntax must contain only alphanumeric "
            f"characters, underscores, periods, and colons: {name!r}"
        )
    return name


PURE: Final[dict[str, Callable[[Any], Any]]] = {
    "Fn::Base64": encode,
    "Fn::Cidr": cidr,
    "Fn::Join": join,
    "Fn::Select": select,
    "Fn::Split": split,
}

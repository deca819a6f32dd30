"""A Config rule's name leads to the code that judges it, however a pack has renamed it."""

import importlib
import re
from typing import Final

from rules.netlib.rule import NetmendRule

NAME: Final = re.compile(
    r"netmend-(?P<base>[a-z0-9]+(?:-[a-z0-9]+)*?)(?:-conformance-pack-[a-z0-9]{1,32})?"
)


class UnknownRuleError(LookupError):
    """The name is not that of a rule in this code."""


def control(config_rule_name: str) -> str:
    """`netmend-a-b-conformance-pack-xyz` -> `A_B`, the rule's folder; raises `UnknownRuleError`."""
    match = NAME.fullmatch(config_rule_name)
    if match is None:
        raise UnknownRuleError(f"{config_rule_name!r} is not the name of a Netmend rule")
    return match["base"].replace("-", "_").upper()


def load(folder: str) -> NetmendRule:
    """The rule in `rules/<folder>`; raises `UnknownRuleError`."""
    try:
        module = importlib.import_module(f"rules.{folder}.{folder}")
    except ModuleNotFoundError as error:
        if error.name and error.name.startswith(f"rules.{folder}"):
            raise UnknownRuleError(f"this version of Netmend has no rule {folder}") from None
        raise
    rule: NetmendRule = getattr(module, folder)()
    return rule

"""The gates of Plan that need AWS's word; each fails closed and leaves its reason."""

import json
import os
from collections.abc import Mapping
from typing import Any, Final

from rdklib import InvalidParametersError

from rules.handlers.clients import client
from rules.handlers.run import Run
from rules.netlib.rule import NetmendRule

MODES: Final = ("off", "observe", "approve", "enforce")
"""From the lowest to the highest: of the modes that are set, the lowest wins."""

DEFAULT_MODE: Final = "observe"
PACKS: Final = "config-conforms.amazonaws.com"


class HeldError(RuntimeError):
    """A gate is closed; the message is the reason that evidence and people get."""


def mode(control: str) -> str:
    """Gate 1: the mode in force for a control, from `/netmend/mode` and `/netmend/mode/<control>`.

    Without the general parameter the general mode is observe. A value that is no mode holds. A
    parameter that cannot be read raises, which changes nothing either.
    """
    general, own = "/netmend/mode", f"/netmend/mode/{control.lower().replace('_', '-')}"
    found = client("ssm").get_parameters(Names=[general, own])["Parameters"]
    values: list[str] = [parameter["Value"].strip() for parameter in found]
    if not any(parameter["Name"] == general for parameter in found):
        values.append(DEFAULT_MODE)
    wrong = [value for value in values if value not in MODES]
    if wrong:
        raise HeldError(f"the mode {wrong[0]!r} is none of {', '.join(MODES)}")
    return min(values, key=MODES.index)


def parameters(run: Run, rule: NetmendRule) -> tuple[Any, Mapping[str, str]]:
    """Gate 3: the rule that sent us is ours, and these are its parameters (typed, and as text).

    Ours means: our detector judges it, and a conformance pack owns it. Anybody who may call
    PutConfigRule could otherwise point a look-alike rule at any resource.
    """
    rules = client("config").describe_config_rules(ConfigRuleNames=[run.rule_name])["ConfigRules"]
    found = rules[0]
    source = found["Source"]
    if (source["Owner"], source.get("SourceIdentifier")) != (
        "CUSTOM_LAMBDA",
        os.environ["NETMEND_DETECTOR"],
    ):
        raise HeldError(f"the rule {run.rule_name} is not judged by Netmend's detector")
    if found.get("CreatedBy") != PACKS:
        raise HeldError(f"the rule {run.rule_name} does not belong to a conformance pack")
    if run.runbook != rule.RUNBOOK:
        raise HeldError(f"the runbook of {run.control} is {rule.RUNBOOK}, not {run.runbook}")
    try:
        given = json.loads(found.get("InputParameters") or "{}")
        if not isinstance(given, dict):
            raise InvalidParametersError("they must be a JSON object")
        return rule.parameters(given), given
    except (InvalidParametersError, ValueError) as error:
        raise HeldError(f"the parameters of {run.rule_name} are not valid: {error}") from None


def ownership(owner: str, account: str, resource: str) -> None:
    """Gate 3: the resource belongs to this account (a shared one is somebody else's to change)."""
    if owner != account:
        raise HeldError(f"{resource} belongs to account {owner}: it is shared, and not ours")

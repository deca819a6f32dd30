"""The gates of Plan that need AWS's word; each fails closed and leaves its reason."""

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from rdklib import InvalidParametersError

from rules.handlers.clients import client
from rules.handlers.run import Run
from rules.netlib import clock, verified
from rules.netlib.rule import NetmendRule

MODES: Final = ("off", "observe", "approve", "enforce")
"""From the lowest to the highest: of the modes that are set, the lowest wins."""

DEFAULT_MODE: Final = "observe"
PACKS: Final = "config-conforms.amazonaws.com"


class HeldError(RuntimeError):
    """A gate is closed; the message is the reason that evidence and people get."""


class Mode(NamedTuple):
    """The mode in force for one resource, and what lets it act: stated in evidence."""

    name: str
    grounds: Mapping[str, Any]
    scratch: bool = False


def mode(control: str, resource: str, account: str, region: str) -> Mode:
    """Gate 1: `/netmend/mode` and `/netmend/mode/<control>`, read with `netmend verify`'s words.

    Without the general parameter the general mode is observe. A value that is no mode holds, and
    so does enforce where the checks of `netmend verify --live` have not passed. A parameter that
    cannot be read raises, which changes nothing either.
    """
    general, own = "/netmend/mode", f"/netmend/mode/{control.lower().replace('_', '-')}"
    names = [general, own, verified.PARAMETER, verified.SCRATCH]
    found = client("ssm").get_parameters(Names=names)["Parameters"]
    values = {parameter["Name"]: parameter["Value"].strip() for parameter in found}
    word = _lowest([values.get(general, DEFAULT_MODE), values.get(own)])
    if word == "off":
        return Mode(word, {})
    trial = verified.granted(values.get(verified.SCRATCH), resource, account, region, clock.now())
    if trial:
        return Mode(trial, {"scratch": values[verified.SCRATCH]}, scratch=True)
    if word != "enforce":
        return Mode(word, {})
    record = values.get(verified.PARAMETER)
    refused = verified.refusal(record, account, region)
    if record is None or refused:
        raise HeldError(refused)
    return Mode(word, {"verified": verified.told(record)})


def _lowest(words: Iterable[str | None]) -> str:
    given = [word for word in words if word is not None]
    wrong = [word for word in given if word not in MODES]
    if wrong:
        raise HeldError(f"the mode {wrong[0]!r} is none of {', '.join(MODES)}")
    return min(given, key=MODES.index)


def scratch(found: Mode, tags: Iterable[tuple[str, str]], resource: str) -> None:
    """Gate 1 again: what a scratch grant lets act carries the tag of a scratch resource."""
    if found.scratch and all(key != verified.SCRATCH_TAG for key, _ in tags):
        raise HeldError(f"{verified.SCRATCH} names {resource}, which is no scratch resource")


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


def strangers(run: Run) -> str:
    """Why the approvers that a run was started with may not answer; nothing where they may.

    Whoever may start the runbook names them: only those whom the stack names are believed.
    """
    named = os.environ["NETMEND_APPROVERS"].split(",")
    unknown = [approver for approver in run.approvers if approver not in named]
    if not unknown:
        return ""
    return f"{', '.join(unknown)} may not approve: the stack's parameter Approvers does not say so"


def ownership(owner: str, account: str, resource: str) -> None:
    """Gate 3: the resource belongs to this account (a shared one is somebody else's to change)."""
    if owner != account:
        raise HeldError(f"{resource} belongs to account {owner}: it is shared, and not ours")

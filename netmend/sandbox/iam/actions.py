"""The action and the ARNs that an API operation needs, from its parameters and AWS's reference."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from netmend.sandbox.iam import reference
from netmend.sandbox.iam.patterns import UNKNOWN
from netmend.sandbox.iam.reference import VARIABLE, Action, Kind
from netmend.sandbox.iam.resources import (
    ACTIONS,
    ID_KINDS,
    LOGS_BARE,
    PARAMETERS,
    PREFIXES,
    RULE_KINDS,
    S3_ACTIONS,
)

ANY: Final = "*"
CREATES: Final = re.compile(
    "^(Create|Run|Allocate|Copy|Import|Register|Request|Restore|Provision|Publish|Purchase)[A-Z]"
)
ENDINGS: Final = ("arn", "identifier", "name", "id")
ID: Final = re.compile(r"^([a-z-]+)-[0-9a-f]+$")


class UnknownAction(LookupError):
    """AWS's reference has no action for this operation, so nobody can say what it needs."""


@dataclass(frozen=True)
class Where:
    """Whose resources a call means by their bare names."""

    partition: str = "aws"
    region: str = ANY
    account: str = ANY


@dataclass(frozen=True)
class Target:
    """One ARN, its resource type in AWS's reference, and the keys that this type has there.

    Where a part cannot be told from the parameters, `patterns.UNKNOWN` stands in its place.
    """

    arn: str
    kind: str = ""
    keys: frozenset[str] = frozenset()


def action_of(
    service: str, operation: str, params: Mapping[str, Any], where: Where | None = None
) -> tuple[str, list[str]]:
    """(IAM action, ARNs that it acts on) of one call.

    service: boto3's client name. operation: the API's own name. params: as boto3 takes them.
    An ARN has `*` for what the parameters do not say, and is `*` alone for an action without
    resource types. Raises `UnknownAction`. An operation may need other actions besides, such as
    ec2:CreateTags where it tags what it makes: the sandbox's own judging knows these.
    """
    name = action_name(service, operation)
    found = targets(name, operation, params, where or Where())
    return name, list(dict.fromkeys(target.arn.replace(UNKNOWN, ANY) for target in found))


def prefix(service: str) -> str:
    """The name of a boto3 service in IAM actions."""
    return PREFIXES.get(service, service)


def action_name(service: str, operation: str) -> str:
    """The IAM action of an operation; most bear its name."""
    if service == "s3":
        return f"s3:{S3_ACTIONS.get(operation, operation)}"
    return ACTIONS.get(f"{service}:{operation}") or f"{prefix(service)}:{operation}"


def known(name: str) -> Action:
    """The action in AWS's reference; raises `UnknownAction`."""
    found = reference.action(name)
    if found is None:
        raise UnknownAction(f"AWS's reference of IAM actions has no {name}")
    return found


def targets(
    name: str, operation: str, params: Mapping[str, Any], where: Where
) -> tuple[Target, ...]:
    """What a call with these parameters acts on."""
    action = known(name)
    params = prepared(name, params, where)
    filler = ANY if CREATES.match(operation) else UNKNOWN
    if name.startswith("ec2:"):
        found = tuple(t for kind in action.kinds for t in _of_id(kind, params, where, filler))
    else:
        found = tuple(t for kind in action.kinds for t in _of_name(kind, params, where, filler))
    optional = {kind.name for kind in action.kinds if not kind.required}
    if any(UNKNOWN not in target.arn for target in found):  # a table without an index is meant
        found = tuple(t for t in found if UNKNOWN not in t.arn or t.kind not in optional)
    if name.startswith(("events:", "s3:")):
        found = tuple(target for target in found if _is_meant(target, params))
    if indexes := tuple(target for target in found if target.kind == "index"):
        found = indexes  # DynamoDB asks for the index alone, where one is named
    if name.startswith("logs:") and name not in LOGS_BARE:
        found = tuple(_with_streams(target) for target in found)
    return found or (Target(ANY, "", frozenset().union(*(k.keys for k in action.kinds))),)


def prepared(name: str, params: Mapping[str, Any], where: Where) -> Mapping[str, Any]:
    """The parameters with what they say in a form of their own under the reference's names."""
    more: dict[str, Any] = {
        variable: params[param]
        for (service, param), variable in PARAMETERS.items()
        if param in params and name.startswith(service)
    }
    if name.startswith("ssm:") and "Parameter" in name:
        given = params.get("Names") or [params.get("Name") or params.get("Path") or ANY]
        more["ParameterNameWithoutLeadingSlash"] = [_bare_parameter(str(one)) for one in given]
    if name.startswith("sqs:") and "QueueUrl" in params:
        more["QueueArn"] = _queue_arn(str(params["QueueUrl"]), where)
    return {**params, **more} if more else params


def _bare_parameter(name: str) -> str:
    # A parameter's ARN has no second slash and no version or label.
    return name if name.startswith("arn:") else name.split(":")[0].lstrip("/")


def _queue_arn(url: str, where: Where) -> str:
    parts = url.split("/")
    account = parts[-2] if len(parts) > 1 else where.account
    return f"arn:{where.partition}:sqs:{where.region}:{account}:{parts[-1]}"


def _is_meant(target: Target, params: Mapping[str, Any]) -> bool:
    # Of the two forms of a rule's ARN and of an object's only one is meant by a bare name.
    custom = params.get("EventBusName", "default") != "default"
    if target.kind in RULE_KINDS:
        return RULE_KINDS[target.kind] is custom
    named = ANY not in target.arn and UNKNOWN not in target.arn
    return named or not target.kind.startswith("accesspoint")


def _with_streams(target: Target) -> Target:
    # CloudWatch Logs judges what is done to a log group on `log-group:NAME:log-stream:`.
    if target.kind != "log-group":
        return target
    return replace(target, arn=target.arn.removesuffix(":*") + ":log-stream:")


def _of_id(kind: Kind, params: Mapping[str, Any], where: Where, filler: str) -> Iterator[Target]:
    """EC2's ids say themselves of what type they are."""
    ids = [text for _, text in _texts(params) if _kind_of_id(text) == kind.name]
    if ids:
        return (_target(kind, where, dict.fromkeys(kind.variables, text)) for text in ids)
    named = list(_of_name(kind, params, where, filler))
    return iter(named)


def _kind_of_id(text: str) -> str:
    match = ID.match(text)
    return ID_KINDS.get(match[1], "") if match else ""


def _of_name(kind: Kind, params: Mapping[str, Any], where: Where, filler: str) -> Iterator[Target]:
    shape = _shape(kind.form)
    whole = [text for _, text in _texts(params) if text.startswith("arn:") and shape.match(text)]
    if whole:
        yield from (Target(arn, kind.name, kind.keys) for arn in dict.fromkeys(whole))
        return
    values = {name: _given(kind, name, params) for name in kind.variables}
    if not any(values.values()) and not kind.required:
        return
    listed = next((name for name, found in values.items() if len(found) > 1), None)
    single = {name: found[0] if found else filler for name, found in values.items()}
    for value in values[listed] if listed else [""]:
        yield _target(kind, where, {**single, **({listed: value} if listed else {})})


def _target(kind: Kind, where: Where, values: Mapping[str, str]) -> Target:
    places = {"Partition": where.partition, "Region": where.region, "Account": where.account}
    found = {**places, **values}
    return Target(VARIABLE.sub(lambda match: found[match[1]], kind.form), kind.name, kind.keys)


@lru_cache(maxsize=1024)
def _shape(form: str) -> re.Pattern[str]:
    parts = VARIABLE.split(form)
    text = "".join(".*" if place % 2 else re.escape(part) for place, part in enumerate(parts))
    return re.compile(f"{text}$")


def _texts(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(parameter, text) of each text and each text in a list, at the top level."""
    for name, value in params.items():
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, str):
                yield name, one


def _given(kind: Kind, variable: str, params: Mapping[str, Any]) -> list[str]:
    bare = len(kind.variables) == 1
    wanted = {_stem(variable), *([_stem(kind.name.replace("-", ""))] if bare else [])}
    found = [(_stem(name), text) for name, text in _texts(params)]
    exact = [text for stem, text in found if stem and stem in wanted]
    return exact or [text for stem, text in found if not stem and bare and kind.required]


@lru_cache(maxsize=4096)
def _stem(name: str) -> str:
    text = name.lower().removesuffix("withpath").removesuffix("s")
    ending = next((end for end in ENDINGS if text.endswith(end)), "")
    return text.removesuffix(ending)

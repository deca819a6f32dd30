"""No template goes on in which cfn-lint finds an error that CloudFormation or a service refuses.

cfn-lint is imported with the first template, and what it found is kept for each text and Region.
Its rules and schemas come with the package, so that nothing is fetched.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
import threading
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any, Final, NamedTuple

from netmend.sandbox.cloudformation.errors import ValidationError

SKIPPED: Final = frozenset(
    {
        "aws_cli",
        "custom",
        "deployment_files",
        "metadata",
        "parameter_files",
        "amazonmq",
        "appstream",
        "cloudfront",
        "codebuild",
        "codepipeline",
        "dax",
        "docdb",
        "ecs",
        "elasticache",
        "elasticsearch",
        "emr",
        "fsx",
        "gamelift",
        "managedblockchain",
        "neptune",
        "opensearch",
        "rds",
        "redshift",
        "sagemaker",
        "updatepolicy",
    }
)
"""Packages of rules that are not loaded: half of the memory, for services far from networks."""

SPARED: Final = {
    "E0000": "the sandbox's own parser has judged the text",
    "E0002": "a rule of cfn-lint stumbled, which says nothing of the template",
    "E1002": "a template from S3 may be larger",
    "E1029": "a literal ${Name} is a text like any other",
    "E1040": "CloudFormation does not compare formats of attributes",
    "E1041": "nor of references",
    "E2531": "old runtimes are refused by Lambda itself",
    "E2533": "and so is their update",
    "E3004": "circles are found by the sandbox's own order of making",
    "E3006": "the sandbox knows best which types it has",
    "E3010": "counted by the sandbox's own parser",
    "E3019": "two resources of one name fail when the second is made",
    "E3022": "a second association fails when it is made",
    "E3045": "S3 judges access control lists when they are put",
    "E3051": "Systems Manager judges documents when they are made",
    "E3059": "EC2 refuses a subnet outside its VPC when it is made",
    "E3060": "and one that overlaps",
    "E3514": "S3, SNS and SQS judge the resources of policies when these are put",
    "E3505": "SQS and Lambda judge timeouts when the source is mapped",
}
"""Errors that CloudFormation does not see before it makes the resources, or not at all."""

UNLOADED: Final = frozenset({"E3004", "E3019", "E3059", "E3060", "E3505"})
"""Those of them that compare all resources with each other, which takes long."""

FORMATS: Final = ("E1103", "E115", "E116")
"""How the numbers of rules for the formats of ids and ARNs begin: the services judge those."""

UNREACHABLE: Final = "is not reachable"
"""What cfn-lint says of a branch of Fn::If that no value of a condition takes."""

GUESSED: Final = re.compile(r"when '[\w:]+' is resolved")
"""What it says where only a parameter's default is wrong: the values given are judged apart."""

MISSING: Final = re.compile(r"'(\w+)' is a required property")

_lock: Final = threading.Lock()


class Finding(NamedTuple):
    """One error: the rule's number, where in the template, and what is wrong there."""

    rule: str
    path: tuple[Any, ...]
    message: str


def check(text: str, region: str) -> None:
    """Raises ValidationError with the first finding in a template, as CloudFormation words it."""
    for finding in findings(text, region):
        raise ValidationError(worded(finding))


def worded(finding: Finding) -> str:
    """The message of CloudFormation for what cfn-lint says."""
    section, *rest = finding.path or ("",)
    said = f"{finding.message[:1].lower()}{finding.message[1:]} (cfn-lint {finding.rule})"
    if section != "Resources" or rest[1:2] != ["Properties"]:
        return f"Template format error: [{'/'.join(['', *map(str, finding.path)])}] {said}"
    inside = rest[2:]
    if finding.rule == "E3002" and inside and "unexpected" in finding.message:
        said = f"extraneous key [{inside.pop()}] is not permitted: {said}"
    if finding.rule == "E3003" and (missing := MISSING.match(finding.message)):
        said = f"required key [{missing[1]}] not found (cfn-lint {finding.rule})"
    where = "/".join(["#", *map(str, inside)])
    return f"Properties validation failed for resource {rest[0]} with message: {where}: {said}"


@lru_cache(maxsize=256)
def findings(text: str, region: str) -> tuple[Finding, ...]:
    """All errors in a template for a Region, in the template's order."""
    from cfnlint.config import ConfigMixIn
    from cfnlint.decode import decode_str
    from cfnlint.template import Template

    parsed, problems = decode_str(text)
    if problems or not isinstance(parsed, dict):
        return ()  # what cfn-lint cannot read the sandbox's own parser judges
    with _lock:  # the rules keep state while they run
        template = Template("template", parsed, [region])
        matches = list(_rules().run("template", template, ConfigMixIn([], regions=[region])))
    matches.sort(key=lambda match: (match.linenumber, match.columnnumber, match.rule.id))
    found = [Finding(m.rule.id, tuple(m.path), m.message) for m in matches]
    return tuple(one for one in found if not _is_spared(one))


def _is_spared(one: Finding) -> bool:
    return one.rule in SPARED or one.rule.startswith(FORMATS) or _is_guessed(one.message)


def _is_guessed(message: str) -> bool:
    return UNREACHABLE in message or GUESSED.search(message) is not None


@cache
def _rules() -> Any:
    from cfnlint.rules import Rules

    return Rules({rule.id: rule for rule in _all_rules()})


def _all_rules() -> Iterator[Any]:
    import cfnlint.rules
    from cfnlint.helpers import create_rules

    for name in _modules(cfnlint.rules):
        for rule in create_rules(importlib.import_module(name)):
            if rule.id.startswith("E") and rule.id not in UNLOADED:
                yield rule


def _modules(package: Any) -> Iterator[str]:
    for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        last = found.name.rsplit(".", 1)[1]
        if last in SKIPPED or last.startswith("_"):
            continue
        if found.ispkg:
            yield from _modules(importlib.import_module(found.name))
        else:
            yield found.name

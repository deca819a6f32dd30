"""What repeats in the stacks: a role a runbook, a resource a pack, a document and an event rule."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from netmend.catalog import Catalog, CatalogError, Control, Parameter, Runbook
from netmend.rendering.packs import parameters
from netmend.rendering.text import block, fill, indented, lines, quoted

ARN: Final = "!Sub arn:${AWS::Partition}"


def roles(catalog: Catalog) -> dict[str, str]:
    """Regions of roles.yaml: the role that starts runbooks, and the role of each."""
    start = fill(
        "start-role.yaml",
        definitions=lines(
            (
                f"{ARN}:ssm:*:${{AWS::AccountId}}:{kind}"
                for runbook in catalog.runbooks
                for kind in (
                    f"automation-definition/{runbook.document}:*",
                    f"document/{runbook.document}",
                )
            ),
            18,
        ),
        roles=lines(
            (
                f"{ARN}:iam::${{AWS::AccountId}}:role/netmend-{runbook.name}"
                for runbook in catalog.runbooks
            ),
            18,
        ),
    )
    own = [
        fill("runbook-role.yaml", runbook=runbook.name, writes=_writes(catalog.mended_by(runbook)))
        for runbook in catalog.runbooks
    ]
    return {"start-role.yaml, runbook-role.yaml": "\n\n".join([start, *own])}


def _writes(controls: tuple[Control, ...]) -> str:
    found: dict[str, Mapping[str, Any]] = {}
    for control in controls:
        for statement in control.writes:
            if found.setdefault(statement["Sid"], statement) != statement:
                raise CatalogError(
                    control.path,
                    f"another rule of {control.runbook} has other Writes called {statement['Sid']}",
                    "make them equal, or rename one",
                )
    return block(list(found.values()), 14)


def detection(catalog: Catalog, packs: Mapping[str, str]) -> dict[str, str]:
    """Regions of detection.yaml. packs: the text of each pack by its name."""
    groups, resources = [], []
    for name, controls in catalog.packs().items():
        names = [parameter.name for parameter in parameters(controls)]
        if names:
            groups.append(fill("parameter-group.yaml", pack=name, names=lines(names, 10)))
        resources.append(_pack(name, names, packs[name]))
    declared = [
        fill(
            "parameter.yaml",
            name=parameter.name,
            description=quoted(parameter.description),
            default=quoted(parameter.default),
            constraint=_constraint(parameter),
        )
        for parameter in parameters(catalog.controls)
    ]
    return {
        "parameter-group.yaml": "\n".join(groups),
        "parameter.yaml": "\n".join(declared),
        "pack-resource.yaml": "\n\n".join(resources),
    }


def _constraint(parameter: Parameter) -> str:
    takes = parameter.takes or " or ".join(parameter.values)
    if not takes:
        return ""
    allowed = {"AllowedValues": list(parameter.values), "AllowedPattern": parameter.pattern}
    given = {key: value for key, value in allowed.items() if value}
    return block({**given, "ConstraintDescription": f"must be {takes}."}, 4)


def _pack(name: str, names: list[str], text: str) -> str:
    return fill(
        "pack-resource.yaml",
        logical_id="".join(part.capitalize() for part in name.split("-")) + "Pack",
        pack=name,
        inputs="\n".join(fill("pack-input.yaml", name=parameter) for parameter in names),
        body=indented(text, 8),
    )


def remediation(catalog: Catalog, documents: Mapping[str, str]) -> dict[str, str]:
    """Region of remediation.yaml. documents: the text of each runbook by its name.

    Documents are made one after the other: SSM throttles CreateDocument.
    """
    resources, before = [], ""
    for runbook in catalog.runbooks:
        resources.append(_runbook(catalog, runbook, documents[runbook.name], before))
        before = f"    DependsOn: {runbook.name}Runbook"
    return {"runbook-resources.yaml": "\n\n".join(resources)}


def _runbook(catalog: Catalog, runbook: Runbook, text: str, depends: str) -> str:
    prefixes = [f"prefix: {c.name}-conformance-pack-" for c in catalog.mended_by(runbook)]
    return fill(
        "runbook-resources.yaml",
        runbook=runbook.name,
        depends=depends,
        content=indented(text, 8),
        names=lines(prefixes, 12),
    )

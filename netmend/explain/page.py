"""A rule's page is read from its folder, its test, its runbook and its role, and nowhere else."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from netmend.catalog import ROOT, Catalog, Control, Parameter
from netmend.explain import blocks
from netmend.rendering.text import RenderError

SECTION: Final = re.compile(r"^## (.+)$", re.MULTILINE)
CHANGES: Final = ("aws:executeAwsApi", "aws:executeScript")
ROLE: Final = re.compile(r"RoleName: (netmend-[A-Z]\w+)\n")
VARIABLE: Final = re.compile(r"\$\{(?:AWS::)?(\w+)\}")


@dataclass(frozen=True)
class Step:
    """A step of a runbook."""

    name: str
    action: str
    does: str


@dataclass(frozen=True)
class Allowed:
    """One statement of the runbook's role; condition: in words, empty where there is none."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: str


@dataclass(frozen=True)
class Listing:
    """A table that the rule's own code holds: what it is, and its rows of two texts."""

    caption: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """All that a page tells of a rule. fires, silent: sentences of its test's two tables.

    document: the runbook's own sections by heading, in Markdown.
    """

    rule: str
    config_name: str
    title: str
    description: str
    severity: str
    risk: str
    pack: str
    resource_types: tuple[str, ...]
    frequency: str
    parameters: tuple[Parameter, ...]
    listings: tuple[Listing, ...]
    fires: tuple[str, ...]
    silent: tuple[str, ...]
    runbook: str
    document: Mapping[str, str]
    steps: tuple[Step, ...]
    allowed: tuple[Allowed, ...]
    frameworks: Mapping[str, Any]

    @property
    def changing(self) -> list[str]:
        """The steps that change something."""
        return [step.name for step in self.steps if step.action in CHANGES]

    def to_json(self) -> dict[str, Any]:
        """Everything as JSON types."""
        return {**asdict(self), "document": dict(self.document)}


def pages(catalog: Catalog, documents: Mapping[str, str], roles: str) -> list[Page]:
    """A page for each rule that has a test; raises RenderError where that lacks a table.

    documents: texts of runbooks by name. roles: text of roles.yaml.
    """
    role_texts = _roles(roles) if catalog.controls else {}
    return [
        _page(control, documents[control.runbook], role_texts)
        for control in catalog.controls
        if test_of(control).exists()
    ]


def test_of(control: Control) -> Path:
    """The file with the rule's test."""
    return control.path.with_name(f"{control.rule}_test.py")


def _page(control: Control, text: str, roles: Mapping[str, list[Allowed]]) -> Page:
    return Page(
        rule=control.rule,
        config_name=control.name,
        title=control.title,
        description=control.description,
        severity=control.severity,
        risk=control.risk,
        pack=control.pack,
        resource_types=control.resource_types,
        frequency=control.frequency,
        parameters=control.parameters,
        listings=tuple(_listings(control.path.with_name(f"{control.rule}.py"))),
        fires=_sentences(test_of(control), "FIRES"),
        silent=_sentences(test_of(control), "SILENT"),
        runbook=control.runbook,
        document=dict(_sections(blocks.description(text))),
        steps=tuple(Step(*step) for step in blocks.steps(text)),
        allowed=tuple(roles.get(f"netmend-{control.runbook}", ())),
        frameworks=control.frameworks,
    )


def _sections(text: str) -> Iterator[tuple[str, str]]:
    parts = SECTION.split(text)[1:]
    return (
        (head.strip(), body.strip()) for head, body in zip(parts[::2], parts[1::2], strict=True)
    )


def _assigned(path: Path) -> Iterator[tuple[str, ast.expr, str]]:
    """Name, value and docstring of what a module assigns, read and not run."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    for node, following in zip(body, [*body[1:], None], strict=True):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.expr):
            told = following.value if isinstance(following, ast.Expr) else None
            is_text = isinstance(told, ast.Constant) and isinstance(told.value, str)
            yield target.id, value, str(told.value) if is_text else ""  # type: ignore[union-attr]


def _sentences(path: Path, table: str) -> tuple[str, ...]:
    for name, value, _ in _assigned(path):
        if name == table and isinstance(value, ast.Dict):
            return tuple(str(k.value) for k in value.keys if isinstance(k, ast.Constant))
    raise RenderError(path, 0, f"it has no table {table}", "write a dict whose keys are sentences")


def _listings(path: Path) -> Iterator[Listing]:
    """Each documented constant of the module that is pairs of texts."""
    for _, value, told in _assigned(path) if path.exists() else ():
        if told and isinstance(value, ast.Tuple):
            rows = tuple(_pair(row) for row in value.elts)
            if rows and all(rows):
                yield Listing(told, tuple((one[0], one[1]) for one in rows))


def _pair(node: ast.expr) -> tuple[str, ...]:
    if not isinstance(node, ast.Tuple) or len(node.elts) != 2:
        return ()
    texts = [part.value for part in node.elts if isinstance(part, ast.Constant)]
    return tuple(text for text in texts if isinstance(text, str)) if len(texts) == 2 else ()


def _roles(text: str) -> dict[str, list[Allowed]]:
    """The statements of each runbook's role by the role's name."""
    found = {}
    for resource in blocks.resources(text):
        name = ROLE.search(resource)
        if name:
            policy = resource.partition("            Statement:\n")[2].partition("      Tags:")[0]
            statements = blocks.read(policy)
            found[name[1]] = [_allowed(statement) for statement in statements]
    return found


def _allowed(statement: Mapping[str, Any]) -> Allowed:
    conditions = [
        f"{key} is {' or '.join(_several(value))}"
        for tests in statement.get("Condition", {}).values()
        for key, value in tests.items()
    ]
    return Allowed(
        sid=statement["Sid"],
        actions=tuple(_several(statement["Action"])),
        resources=tuple(map(_resource, _several(statement["Resource"]))),
        condition=" and ".join(conditions),
    )


def _several(value: Any) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _resource(arn: str) -> str:
    """`security-group/*` of an ARN, whose account is this one."""
    return VARIABLE.sub(r"\1", arn).split(":", 5)[-1]


def of_disk(catalog: Catalog, root: Path = ROOT) -> list[Page]:
    """The pages of what is committed."""
    roles = (root / "cloudformation" / "roles.yaml").read_text(encoding="utf-8")
    return pages(catalog, {runbook.name: runbook.text for runbook in catalog.runbooks}, roles)

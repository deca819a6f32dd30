"""Whatever is taken from the three templates, the loop fails and says where."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend import deployment
from netmend.sandbox.core import Sandbox
from netmend.stacks import StackError
from tests.loop.proof import ProofFailed, prove
from tests.loop.world import World
from tests.stacks import ROOT, TEMPLATES, parse

Path_ = tuple[Any, ...]
Template = dict[str, Any]
ELSEWHERE = "ec2.amazonaws.com"


def policies(properties: Template) -> Iterator[Path_]:
    """Where the policy documents of a resource are."""
    for key in ("AssumeRolePolicyDocument", "PolicyDocument", "KeyPolicy"):
        if key in properties:
            yield (key,)
    for number, _ in enumerate(properties.get("Policies", [])):
        yield "Policies", number, "PolicyDocument"


def at(value: Any, path: Path_) -> Any:
    for step in path:
        value = value[step]
    return value


def mutants() -> Iterator[Any]:
    for name in TEMPLATES:
        body = parse((ROOT / "cloudformation" / f"{name}.yaml").read_text())
        for logical, resource in body["Resources"].items():
            yield pytest.param(name, ("Resources", logical), None, id=f"{name}: no {logical}")
            yield from _inside(name, logical, resource.get("Properties", {}))


def _inside(name: str, logical: str, properties: Template) -> Iterator[Any]:
    here = ("Resources", logical, "Properties")
    for path in policies(properties):
        for number, statement in enumerate(at(properties, path)["Statement"]):
            place = (*here, *path, "Statement", number)
            label = statement.get("Sid", f"statement {number}")
            if path == ("AssumeRolePolicyDocument",):
                changed = {**statement, "Principal": {"Service": ELSEWHERE}}
                yield pytest.param(name, place, changed, id=f"{name}: {logical} trusts another")
            else:
                yield pytest.param(name, place, None, id=f"{name}: {logical} without {label}")
    yield from _events(name, logical, properties, here)
    if "TemplateBody" in properties:
        body = properties["TemplateBody"].replace("AWS::EC2::SecurityGroup", "AWS::EC2::VPC")
        yield pytest.param(
            name, (*here, "TemplateBody"), body, id=f"{name}: {logical} judges something else"
        )
    if "Handler" in properties:
        changed = "rules.handlers.nothing.handle"
        yield pytest.param(name, (*here, "Handler"), changed, id=f"{name}: {logical} has no code")


def _events(name: str, logical: str, properties: Template, here: Path_) -> Iterator[Any]:
    if "EventPattern" not in properties:
        return
    yield pytest.param(name, (*here, "Targets", 0), None, id=f"{name}: {logical} without target")
    pattern = (*here, "EventPattern", "detail", "configRuleName")
    yield pytest.param(name, pattern, ["another-rule"], id=f"{name}: {logical} hears another rule")
    target = (*here, "Targets", 0)
    old = at(properties, ("Targets", 0, "InputTransformer"))
    paths = dict.fromkeys(old["InputPathsMap"], "$.detail.awsRegion")
    yield pytest.param(
        name,
        (*target, "InputTransformer", "InputPathsMap"),
        paths,
        id=f"{name}: {logical} passes something else",
    )
    yield pytest.param(
        name, (*target, "DeadLetterConfig"), None, id=f"{name}: {logical} loses failed starts"
    )


def sabotage(body: Template, path: Path_, changed: Any) -> str:
    made = copy.deepcopy(body)
    parent = at(made, path[:-1])
    if changed is None:
        del parent[path[-1]]
    else:
        parent[path[-1]] = changed
    return json.dumps(made, default=str)


@pytest.mark.parametrize(("name", "path", "changed"), list(mutants()))
def test_sabotage_is_noticed(
    name: str, path: Path_, changed: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cloudformation").mkdir()
    for other in TEMPLATES:
        text = (ROOT / "cloudformation" / f"{other}.yaml").read_text()
        if other == name:
            text = sabotage(parse(text), path, changed)
        (tmp_path / "cloudformation" / f"{other}.yaml").write_text(text)
    monkeypatch.setattr(deployment, "ROOT", tmp_path)
    with pytest.raises((ProofFailed, StackError, ClientError)) as caught, Sandbox() as sandbox:
        prove(World(sandbox))
    assert str(caught.value)


def test_nothing_is_noticed_where_nothing_was_done() -> None:
    with Sandbox() as sandbox:
        prove(World(sandbox))

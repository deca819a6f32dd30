"""The house stands as it was drawn: who may import whom, and what may stand nowhere."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from netmend import catalog
from tests.stacks import ROOT, TEMPLATES, Stack, statements, template

STDLIB = frozenset(sys.stdlib_module_names)
PRODUCT = ("rules", "responses", "netmend", "tools")

ARROWS = {
    "rules/netlib": ("rules.netlib",),
    "rules/handlers": ("rules.handlers", "rules.netlib", "boto3", "botocore", "rdklib"),
    "rules/RULE": ("rules.netlib", "rdklib"),
    "responses": ("rules.netlib",),
}
"""What each part of the zip may import besides the standard library."""

DOORS = {
    "netmend/cli.py",
    "netmend/sandbox/automation",
    "netmend/sandbox/cloudformation",
    "netmend/sandbox/functions",
    "netmend/sandbox/scripts",
}
"""Foreign code runs behind these, and an error of any kind may end there."""

NO_NARROWER = {"config:PutEvaluations"}
"""Writes for which IAM knows no resource."""

READS = re.compile(r"[a-z0-9]+:(Describe|Get|List|Search|Scan|Query|BatchGet)[A-Z]\w*")


def sources(*folders: str) -> Iterator[Path]:
    """Product code: no tests, nothing hidden."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.name.endswith("_test.py"):
                yield path


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(path: Path) -> set[str]:
    """Full names of what a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{relative(path)}: a relative import hides its arrow"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def part(path: Path) -> str:
    first, second, *_ = [*Path(relative(path)).parts, ""]
    if first == "rules" and second not in ("netlib", "handlers"):
        return "rules/RULE"
    return f"{first}/{second}" if first == "rules" else first


def is_under(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("path", list(sources("rules", "responses")), ids=relative)
def test_the_zip_imports_only_what_its_part_may(path: Path) -> None:
    allowed = ARROWS[part(path)]
    if path.name == "rule.py":
        allowed += ("rdklib",)
    foreign = {name for name in imported(path) if name.partition(".")[0] not in STDLIB}
    assert {name for name in foreign if not is_under(name, allowed)} == set()


def test_the_workshop_imports_no_test() -> None:
    for path in sources("netmend", "tools"):
        assert not any(is_under(name, ("tests",)) for name in imported(path)), relative(path)


def test_the_sandbox_knows_the_zip_by_name_alone() -> None:
    for path in sources("netmend/sandbox"):
        assert not any(is_under(n, ("rules", "responses")) for n in imported(path)), relative(path)


def test_the_catalog_is_read_without_boto3() -> None:
    for name in ("catalog.py", "render.py", "errors.py", "rendering"):
        for path in sources(f"netmend/{name}") if "." not in name else [ROOT / "netmend" / name]:
            foreign = {n for n in imported(path) if n.partition(".")[0] not in STDLIB}
            assert all(is_under(n, ("netmend", "typer")) for n in foreign), relative(path)


def test_a_rule_is_called_as_its_folder_and_its_class() -> None:
    for folder in sorted((ROOT / "rules").glob("[A-Z]*")):
        classes = {
            n.name for n in tree(folder / f"{folder.name}.py").body if isinstance(n, ast.ClassDef)
        }
        assert folder.name in classes
        assert (folder / f"{folder.name}_test.py").exists()


def test_nothing_is_printed_past_the_command_line() -> None:
    for path in sources(*PRODUCT):
        calls = [n.func for n in ast.walk(tree(path)) if isinstance(n, ast.Call)]
        printed = [c for c in calls if isinstance(c, ast.Name) and c.id == "print"]
        assert not printed or relative(path) == "tools/setup.py", relative(path)


def broad(handler: ast.ExceptHandler) -> bool:
    names = ast.walk(handler.type) if handler.type else []
    caught = {name.id for name in names if isinstance(name, ast.Name)}
    return handler.type is None or bool(caught & {"Exception", "BaseException"})


def test_every_error_is_caught_by_name_but_at_the_doors() -> None:
    found = [
        relative(path)
        for path in sources(*PRODUCT)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler) and broad(node)
    ]
    doors = [next((door for door in DOORS if path.startswith(door)), path) for path in found]
    assert set(doors) <= DOORS


def test_the_zip_reads_the_time_in_one_place() -> None:
    clocks = re.compile(r"datetime\.(now|utcnow|today)\(|\btime\.time\(|date\.today\(")
    for path in sources("rules", "responses"):
        if path.name != "clock.py":
            assert not clocks.search(path.read_text(encoding="utf-8")), relative(path)


def test_files_and_functions_are_short() -> None:
    for path in sources(*PRODUCT):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 300, relative(path)
        for node in ast.walk(tree(path)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or 0) - node.lineno + 1
                assert length <= 40, f"{relative(path)}: {node.name} has {length} lines"


def test_nothing_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
    for path in sources(*PRODUCT, "tests"):
        assert not later.search(path.read_text(encoding="utf-8")), relative(path)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_is_transformed(name: str) -> None:
    text = (ROOT / "cloudformation" / f"{name}.yaml").read_text(encoding="utf-8")
    assert "Transform:" not in text
    assert "Fn::ForEach" not in text
    assert "AWS::Include" not in text


def test_no_role_writes_to_everything() -> None:
    for role in Stack(template("roles")).of("AWS::IAM::Role").values():
        for policy in role["Policies"]:
            for statement in statements(policy["PolicyDocument"]):
                assert statement["Effect"] == "Allow"
                assert not any("*" in action for action in statement["Action"]), statement["Sid"]
                if "*" in statement["Resource"]:
                    writes = {a for a in statement["Action"] if not READS.fullmatch(a)}
                    assert writes <= NO_NARROWER, statement["Sid"]


def test_only_the_runbooks_own_roles_write_the_network_as_their_rules_declare() -> None:
    known = catalog.load()
    declared = {
        f"netmend-{runbook.name}": {
            action
            for control in known.mended_by(runbook)
            for statement in statements({"Statement": control.writes})
            for action in statement["Action"]
        }
        for runbook in known.runbooks
    }
    for role in Stack(template("roles")).of("AWS::IAM::Role").values():
        found = {
            action
            for policy in role["Policies"]
            for statement in statements(policy["PolicyDocument"])
            for action in statement["Action"]
        }
        if role["RoleName"] in declared:
            assert found == declared[role["RoleName"]] | {"lambda:InvokeFunction", "sns:Publish"}
        else:
            assert all(READS.fullmatch(a) for a in found if a.startswith("ec2:")), role["RoleName"]
    assert declared["netmend-RevokePublicIngress"]

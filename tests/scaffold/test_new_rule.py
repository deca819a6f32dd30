"""`netmend new-rule` writes a rule whole, says what is left to do, and refuses in one line."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from netmend import catalog, cli, render
from netmend.catalog import ROOT
from netmend.errors import UserError
from netmend.rendering.text import RenderError
from netmend.sandbox.config.kinds import KINDS
from netmend.scaffold import names, samples, steps, types
from netmend.scaffold.write import ADAPTED, RENDERED, write
from rules.handlers import live, rulebook
from tests.scaffold.checkout import copied

GROUP, TABLE, BUCKET = "AWS::EC2::SecurityGroup", "AWS::EC2::RouteTable", "AWS::S3::Bucket"
OTHERS_RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"

REFUSED: dict[str, tuple[list[str], str]] = {
    "a type misspelt": (
        ["A_B", "AWS::EC2::RouteTabel"],
        "AWS Config has no resource type AWS::EC2::RouteTabel - did you mean AWS::EC2::RouteTable?",
    ),
    "a type without its service": (["A_B", "SecurityGroup"], "did you mean AWS::EC2::SecurityGr"),
    "a type that is none": (["A_B", "cheese"], "write it as in AWS::EC2::RouteTable"),
    "a name in small letters": (["route_has", TABLE], "'route_has' is no name of a rule - SERVICE"),
    "a name of one word": (["ROUTES", TABLE], "'ROUTES' is no name of a rule"),
    "a name with a path in it": (["../A_B", TABLE], "'../A_B' is no name of a rule"),
    "a name of 41 characters": (["A_" + "B" * 39, TABLE], "has 41 characters - shorten it to 40"),
    "a rule that is there": ([OTHERS_RULE, GROUP], f"rules/{OTHERS_RULE} is there already"),
    "a runbook that is there": (
        ["A_B", TABLE, "--runbook", "RevokePublicIngress"],
        "ssm-documents/RevokePublicIngress.yaml is there already - give another --runbook",
    ),
    "a runbook of one word": (["A_B", TABLE, "--runbook", "Mend"], "Mend is no name of a runbook"),
    "a runbook that is too long": (
        ["A_B", TABLE, "--runbook", "Mend" + "Aa" * 30],
        "at most 56 letters and digits",
    ),
    "a pack in capitals": (["A_B", TABLE, "--pack", "Mine"], "--pack Mine is no name - small"),
    "a title that is too long": (["A_B", TABLE, "--title", "x" * 101], "--title has 101 char"),
}


@pytest.mark.parametrize(("given", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused_in_one_line(
    given: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, kind, *options = given
    before = tree(ROOT)
    assert cli.main(["new-rule", name, "--resource-type", kind, *options]) == 64
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err
    assert tree(ROOT) == before


def tree(root: Path) -> dict[Path, bytes | None]:
    """All that a new rule could touch; None for a folder."""
    folders = [root / name for name in ("rules", *RENDERED)]
    found = [p for f in folders for p in f.rglob("*") if "__pycache__" not in p.parts]
    return {path: path.read_bytes() if path.is_file() else None for path in found}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository."""
    return copied(tmp_path_factory.mktemp("house"))


def test_what_it_wrote_is_in_the_catalog_and_fresh(house: Path) -> None:
    before = tree(house)
    new = names.plan(house, "SUBNET_IS_OWNED", "AWS::EC2::Subnet", title='All have "owners".')
    written = write(new, house)
    assert {path for path in tree(house) if path not in before and path.is_file()} == {*written.new}
    changed = {
        path for path, content in tree(house).items() if before.get(path, content) != content
    }
    assert changed == {*written.changed}
    (control,) = [one for one in catalog.load(house).controls if one.rule == new.name]
    assert (control.title, control.pack, control.runbook) == (
        'All have "owners"',
        "own-rules",
        "MendSubnetIsOwned",
    )
    assert control.writes == ()
    assert control.frequency == ""
    assert render.render(check=True, root=house) == []


def disk_full(house: Path) -> Callable[..., list[Path]]:
    def fail(check: bool, root: Path) -> list[Path]:
        (root / "cloudformation" / "roles.yaml").write_text("half")
        (root / "docs" / "rules" / "half.md").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device", "roles.yaml")

    return fail


def interrupted(house: Path) -> Callable[..., list[Path]]:
    def fail(check: bool, root: Path) -> list[Path]:
        (root / "cloudformation" / "roles.yaml").unlink()
        raise KeyboardInterrupt

    return fail


FAILURES: dict[str, tuple[Callable[[Path], Callable[..., list[Path]]], type[BaseException]]] = {
    "the disk is full": (disk_full, UserError),
    "somebody presses Ctrl-C": (interrupted, KeyboardInterrupt),
}


@pytest.mark.parametrize(("failure", "raised"), FAILURES.values(), ids=FAILURES.keys())
def test_all_is_written_or_nothing(
    house: Path,
    monkeypatch: pytest.MonkeyPatch,
    failure: Callable[[Path], Callable[..., list[Path]]],
    raised: type[BaseException],
) -> None:
    before = tree(house)
    monkeypatch.setattr(render, "render", failure(house))
    with pytest.raises(raised):
        write(names.plan(house, "TABLE_IS_OWNED", TABLE), house)
    assert tree(house) == before


def test_what_did_not_change_is_not_written_back(
    house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = {path: path.stat().st_mtime_ns for path in (house / "docs").rglob("*.md")}
    monkeypatch.setattr(render, "render", disk_full(house))
    with pytest.raises(UserError):
        write(names.plan(house, "TABLE_IS_OWNED", TABLE), house)
    assert {path: path.stat().st_mtime_ns for path in (house / "docs").rglob("*.md")} == pages


def test_nothing_is_written_where_rendering_is_refused(house: Path) -> None:
    broken = house / "cloudformation" / "roles.yaml"
    text = broken.read_text()
    broken.write_text(text.replace("# <<< rendered", "# rendered"))
    before = tree(house)
    with pytest.raises(RenderError):
        write(names.plan(house, "TABLE_IS_OWNED", TABLE), house)
    assert tree(house) == before
    broken.write_text(text)


RUNBOOKS: dict[str, str] = {
    "ROUTE_TABLE_HAS_OWNER": "MendRouteTableHasOwner",
    "ROUTE_HAS_A_HOP": "MendRouteHasaHop",
    "A_RECORD_IS_3_LONG": "MendArecordIs3Long",
    "S3_BUCKET_CLOSED": "MendS3BucketClosed",
    "A_B": "MendAb",
}


@pytest.mark.parametrize(("name", "runbook"), RUNBOOKS.items())
def test_a_runbook_is_named_by_its_rule(name: str, runbook: str) -> None:
    assert names.default_runbook(name) == runbook
    assert catalog.RUNBOOK_NAME.fullmatch(runbook)


NOUNS: dict[str, str] = {
    TABLE: "route table",
    "AWS::EC2::NetworkAcl": "network ACL",
    "AWS::EC2::VPCPeeringConnection": "VPC peering connection",
    "AWS::EC2::DHCPOptions": "DHCP options",
    "AWS::EC2::EC2Fleet": "EC2 fleet",
}


@pytest.mark.parametrize(("kind", "noun"), NOUNS.items())
def test_a_type_is_told_in_words(kind: str, noun: str) -> None:
    assert types.noun(kind) == noun


def test_every_type_has_an_id_that_its_runbook_takes() -> None:
    known = types.supported()
    assert len(known) > 400
    assert {*types.PREFIXES, *types.OTHERS, *KINDS} <= {*known}
    for kind in known:
        assert re.fullmatch(types.id_pattern(kind), types.sample_id(kind)), kind
        assert not re.fullmatch(types.id_pattern(kind), "sg-0123456789abcdef0;"), kind
        assert catalog.RESOURCE_TYPE.fullmatch(kind), kind


def test_what_has_a_live_reader_has_templates_and_the_other_way_about() -> None:
    assert ADAPTED.keys() == live.ONE.keys() == live.ALL.keys()


def test_samples_are_known_for_what_rules_are_written_about_first() -> None:
    first = ("PrefixList", "RouteTable", "SecurityGroup", "Subnet", "VPC")
    assert {f"AWS::EC2::{name}" for name in first} <= {k for k in KINDS if samples.path(k).exists()}
    for path in samples.FOLDER.glob("*.json"):
        assert json.loads(path.read_text()).keys() <= {"resourceName", "configuration"}


VALUES = {"a": [], "b": {}, "c": [1, "two", None, True], "d": {'"': "\u00fc\n", "e": [{"f": 1.5}]}}


def test_a_literal_is_the_value() -> None:
    assert eval(samples.literal(VALUES)) == VALUES


@pytest.mark.parametrize(("kind", "last"), [(GROUP, 7), (TABLE, 5)])
def test_it_says_what_is_left_to_do(kind: str, last: int) -> None:
    text = steps.text(names.plan(ROOT, "A_B", kind))
    assert re.findall(r"^  (\d)\. ", text, re.MULTILINE) == [str(n) for n in range(2, last + 1)]
    assert "rules/A_B/A_B_test.py" in text
    assert "ssm-documents/MendAb.yaml" in text


def test_a_rule_is_known_by_the_name_that_its_runbook_takes() -> None:
    new = names.plan(ROOT, "A_B", TABLE)
    assert rulebook.control(f"{new.config_name}-conformance-pack-abc123") == new.name

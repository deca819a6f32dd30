"""`netmend explain` takes what users have, tells why in three forms, and ends with the verdict."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from netmend import catalog, cli
from netmend.evaluate import find_rule, rule_names
from netmend.explain import sheet
from netmend.sandbox.api import OPERATIONS, ApiCall, ApiError
from netmend.sandbox.core import Sandbox
from rules.handlers import clients
from tests.loop.world import REGION, World, permission
from tests.rules.ec2_group import GROUP, Rule, describe, item

RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
OPEN = describe([Rule("tcp", 22, 22, "0.0.0.0/0")])
FINE = describe([Rule("tcp", 443, 443, "0.0.0.0/0")], group_id="sg-22222222")
LISTED = describe([Rule("tcp", 22, 22, "pl-0a1b2c3d")])
FACTS = {"prefix_lists": {"pl-0a1b2c3d": ["0.0.0.0/0"]}}
EVENT = {
    "invokingEvent": json.dumps(
        {
            "messageType": "ConfigurationItemChangeNotification",
            "configurationItem": item([Rule("tcp", 22, 22, "0.0.0.0/0")]),
        }
    ),
    "ruleParameters": json.dumps({"AllowedPorts": "22"}),
}
GONE = {**item([]), "configuration": None, "configurationItemStatus": "ResourceDeleted"}

Captured = pytest.CaptureFixture[str]


def explained(capsys: Captured, *arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, explanations and stderr of one run with --format json, under RULE alone."""
    only = [] if "--rule" in arguments else ["--rule", RULE]
    code = cli.main(["explain", *arguments, *only, "--format", "json"])
    told = capsys.readouterr()
    answer = json.loads(told.out) if told.out else {"explanations": []}
    assert not told.out or answer["schema_version"] == 1
    return code, answer["explanations"], told.err


def written(tmp_path: Path, content: Any) -> str:
    file = tmp_path / "subject.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
    return str(file)


SUBJECTS: dict[str, tuple[Any, list[tuple[str, str]], int]] = {
    "an open group": (OPEN, [("NON_COMPLIANT", "the defaults")], 2),
    "a group that only looks open": (FINE, [("COMPLIANT", "the defaults")], 0),
    "what describe-security-groups answers": (
        {"SecurityGroups": [FINE, OPEN]},
        [("COMPLIANT", "the defaults"), ("NON_COMPLIANT", "the defaults")],
        2,
    ),
    "an invocation with its own parameters": (EVENT, [("COMPLIANT", "of the event")], 0),
    "a group with facts": (
        {"resource": LISTED, "facts": FACTS},
        [("NON_COMPLIANT", "the defaults")],
        2,
    ),
    "a deleted group": (GONE, [("NOT_APPLICABLE", "the defaults")], 0),
    "lines, one of them broken": (
        f"{json.dumps(FINE)}\n{{\n{json.dumps(OPEN)}\n",
        [("COMPLIANT", "the defaults"), ("NON_COMPLIANT", "the defaults")],
        1,
    ),
}


@pytest.mark.parametrize("piped", [False, True], ids=["a file", "standard input"])
@pytest.mark.parametrize(("content", "told", "code"), SUBJECTS.values(), ids=SUBJECTS.keys())
def test_each_resource_is_explained_and_the_worst_is_the_exit_code(
    content: Any,
    told: list[tuple[str, str]],
    code: int,
    piped: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Captured,
) -> None:
    file = written(tmp_path, content)
    stream = TextIOWrapper(BytesIO(Path(file).read_bytes()))
    monkeypatch.setattr(sys, "stdin", stream)
    ended, found, errors = explained(capsys, "-" if piped else file)
    assert [(one["compliance"], one["parameters"]["whose"]) for one in found] == told
    assert ended == code
    assert errors.count("\n") == (code == 1)


def test_given_parameters_decide_and_are_named(tmp_path: Path, capsys: Captured) -> None:
    given = ["--parameters", '{"GuardedPorts": "443"}']
    code, (found,), _ = explained(capsys, written(tmp_path, FINE), *given)
    assert (code, found["compliance"]) == (2, "NON_COMPLIANT")
    assert found["parameters"]["whose"] == "given by --parameters, else the defaults"
    assert found["parameters"]["values"]["GuardedPorts"] == "443"
    assert found["openings"][0]["traffic"][0]["ports"] == ["443"]


def test_a_plan_from_a_file_says_what_it_does_not_know(tmp_path: Path, capsys: Captured) -> None:
    _, (found,), _ = explained(capsys, written(tmp_path, OPEN))
    assert found["notes"]["not given"].startswith("vpc_cidrs, rules_quota:")
    whole = {"resource": OPEN, "facts": {"vpc_cidrs": [], "rules_quota": 60, "prefix_lists": {}}}
    _, (found,), _ = explained(capsys, written(tmp_path, whole))
    assert found["notes"] == {}


def test_every_rule_that_judges_a_resource_explains_it(tmp_path: Path, capsys: Captured) -> None:
    assert cli.main(["explain", written(tmp_path, OPEN), "--format", "json"]) == 2
    told = [one["rule"] for one in json.loads(capsys.readouterr().out)["explanations"]]
    kind = "AWS::EC2::SecurityGroup"
    assert told == [name for name in rule_names() if kind in find_rule(name).RESOURCE_TYPES]


@pytest.mark.parametrize("form", ["text", "md"])
def test_people_get_the_verdict_first(form: str, tmp_path: Path, capsys: Captured) -> None:
    assert cli.main(["explain", written(tmp_path, OPEN), "--rule", RULE, "--format", form]) == 2
    told = capsys.readouterr().out
    assert "is NON_COMPLIANT" in told.splitlines()[0]
    assert GROUP in told.splitlines()[0]
    assert "\x1b" not in told


REFUSED: dict[str, tuple[list[str], Any, int, str]] = {
    "a name of nothing": (
        ["SECURITY_GROUP_NO_PUBLIC"],
        None,
        64,
        "SECURITY_GROUP_NO_PUBLIC is no rule, file or id of a resource such as sg-0abc..."
        f" - did you mean {RULE}?",
    ),
    "a file that is not there": (
        ["nowhere.json"],
        None,
        1,
        "nowhere.json: cannot be read: No such file or directory"
        " - name a readable file, or - for standard input",
    ),
    "an id of another kind": (
        ["vpc-0123456789abcdef0"],
        None,
        1,
        "vpc-0123456789abcdef0: nothing reads its type live, only sg-..."
        " - give its configuration item in a file",
    ),
    "a rule with the parameters of a resource": (
        [RULE, "--parameters", "{}"],
        None,
        64,
        f"--parameters goes with a resource, {RULE} is a rule - leave it out",
    ),
    "parameters that are none": (
        ["FILE", "--rule", RULE, "--parameters", '{"GuardedPorts": "ssh"}'],
        OPEN,
        64,
        "--parameters: GuardedPorts='ssh' is wrong at 'ssh'",
    ),
    "a rule that is none": (["FILE", "--rule", "NOT_A_RULE"], OPEN, 64, "no rule NOT_A_RULE"),
    "a prefix list without facts": (
        ["FILE", "--rule", RULE],
        LISTED,
        1,
        'FILE: prefix_lists: pl-0a1b2c3d could not be read - give {"resource": ...',
    ),
    "a resource of another type": (
        ["FILE"],
        {**item([]), "resourceType": "AWS::EC2::Door"},
        1,
        "FILE: no rule judges AWS::EC2::Door - rules judge AWS::EC2::",
    ),
    "what has no type": (["FILE"], {"a": 1}, 1, "FILE: not of a type that rules judge"),
    "an event with wrong parameters": (
        ["FILE", "--rule", RULE],
        {**EVENT, "ruleParameters": '{"WideIpv4Prefix": "99"}'},
        1,
        "FILE: WideIpv4Prefix='99' is wrong",
    ),
}


@pytest.mark.parametrize(
    ("arguments", "content", "code", "line"), REFUSED.values(), ids=REFUSED.keys()
)
def test_what_cannot_be_explained_is_told_in_one_line(
    arguments: list[str], content: Any, code: int, line: str, tmp_path: Path, capsys: Captured
) -> None:
    file = written(tmp_path, content)
    given = [file if argument == "FILE" else argument for argument in arguments]
    assert cli.main(["explain", *given]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"netmend: {line.replace('FILE', file)}")
    assert told.err.count("\n") == 1


@pytest.mark.parametrize("control", catalog.load().controls, ids=lambda control: control.rule)
def test_a_rule_is_shown_as_its_committed_page(
    control: catalog.Control, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cli.main(["explain", control.name, "--format", "md"]) == 0
    page = catalog.ROOT / "docs" / "rules" / f"{control.rule}.md"
    assert capsys.readouterr().out == page.read_text(encoding="utf-8")
    assert cli.main(["explain", control.rule]) == 0
    assert capsys.readouterr().out.startswith(f"{control.rule}\n")


class Terminal(StringIO):
    """Standard output at which somebody looks."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("no_color", "coloured"), [("", True), ("1", False)], ids=["", "NO_COLOR"])
def test_colour_is_for_terminals_that_want_it(
    no_color: str, coloured: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", no_color)
    assert Console().is_terminal
    sheet.show([sheet.Line("- tcp 22", "red"), sheet.Line("plain")])
    assert ("\x1b[31m- tcp 22" in screen.getvalue()) == coloured
    assert "plain\n" in screen.getvalue()


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        yield World(sandbox, mode="observe")


@pytest.fixture
def live(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The world as the user's own settings reach it."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_REGION", raising=False)
    clients.client.cache_clear()
    clients._session.cache_clear()
    yield world
    clients.client.cache_clear()
    clients._session.cache_clear()


def test_a_live_group_is_explained_by_the_deployed_rule(live: World, capsys: Captured) -> None:
    group = live.group(
        permission("tcp", (22, 22), "0.0.0.0/1", "8.8.8.8/32"),
        permission("tcp", (20, 25), "128.0.0.0/1"),
    )
    live.settle()
    code, (found,), _ = explained(capsys, group)
    assert (code, found["compliance"]) == (2, "NON_COMPLIANT")
    assert found["read"].startswith(f"live from {REGION} at 2")
    assert found["parameters"]["whose"] == f"of the deployed rule {live.rule_name}"
    assert found["notes"]["AWS Config"].startswith("NON_COMPLIANT, recorded ")
    assert found["notes"]["mode"] == "observe: the plan is recorded, nothing is changed"
    ids = {
        rule["SecurityGroupRuleId"]
        for rule in live.client("ec2").describe_security_group_rules(
            Filters=[{"Name": "group-id", "Values": [group]}]
        )["SecurityGroupRules"]
        if not rule["IsEgress"]
    }
    told = {p["rule_id"] for o in found["openings"] for p in o["permissions"]}
    assert told | {p["rule_id"] for p in found["harmless"]} == ids
    assert found["mend"]["calls"][-1].keys() == {"op", "GroupId", "SecurityGroupRuleIds"}


def test_a_group_of_another_account_is_not_changed_from_here(
    live: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    group = live.group(permission("tcp", (22, 22), "0.0.0.0/0"))
    other = live.client("iam").get_user(UserName="demo-approver")["User"]["Arn"]
    identity = {"Account": "999999999999", "Arn": other, "UserId": "A"}
    monkeypatch.setitem(OPERATIONS, ("sts", "GetCallerIdentity"), lambda *_: identity)
    _, (found,), _ = explained(capsys, group)
    assert found["notes"]["mode"] == (
        f"nothing may be changed: {group} belongs to account 123456789012: it is shared, and not"
        " ours"
    )


def test_the_deployed_parameters_may_be_left_aside(live: World, capsys: Captured) -> None:
    group = live.group(permission("tcp", (22, 22), "0.0.0.0/0"))
    code, (found,), _ = explained(capsys, group, "--parameters", '{"AllowedPorts": "22"}')
    assert (code, found["compliance"], found["notes"]) == (0, "COMPLIANT", {})
    assert found["parameters"]["whose"] == "given by --parameters, else the defaults"


def test_the_region_that_is_set_is_read_and_the_setting_stays(
    live: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    code, found, errors = explained(capsys, "sg-0123456789abcdef0")
    assert (code, found) == (1, [])
    assert errors == (
        "netmend: no sg-0123456789abcdef0 in eu-west-1 - check the id, AWS_REGION and the account\n"
    )


def test_elsewhere_the_defaults_hold_and_it_says_so(
    live: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    ec2 = live.sandbox.client("ec2", "eu-west-1")
    group = ec2.create_security_group(GroupName="far", Description="far")["GroupId"]
    code, (found,), _ = explained(capsys, group)
    assert (code, found["compliance"], found["notes"]) == (0, "COMPLIANT", {})
    assert found["parameters"]["whose"] == "the defaults: no rule of Netmend is deployed here"


def test_of_no_region_the_user_is_told(
    live: World, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    code, _, errors = explained(capsys, "sg-0123456789abcdef0")
    assert (code, errors) == (1, "netmend: You must specify a region - set AWS_REGION\n")


def test_a_rule_of_a_pack_that_is_not_there_is_told(live: World, capsys: Captured) -> None:
    wanted = f"{live.rule_name[:-3]}xyz"
    code, _, errors = explained(capsys, "sg-0123456789abcdef0", "--rule", wanted)
    assert (code, errors) == (1, f"netmend: no rule {wanted} here - deployed: {live.rule_name}\n")


class Denied:
    """AWS says no to these operations."""

    def __init__(self, *operations: str) -> None:
        self.operations = operations

    def before(self, call: ApiCall) -> None:
        if call.operation in self.operations:
            raise ApiError("AccessDeniedException", f"not allowed to {call.operation}", 400)

    def after(self, call: ApiCall) -> None:
        """What is answered may be seen."""


@pytest.fixture
def denied(live: World) -> Iterator[list[Denied]]:
    yield live.sandbox.hooks  # type: ignore[misc]
    live.sandbox.hooks.clear()


def test_what_aws_denies_is_no_verdict(live: World, denied: list[Denied], capsys: Captured) -> None:
    group = live.group(permission("tcp", (22, 22), "0.0.0.0/0"))
    for operation in ("DescribeConfigRules", "DescribeSecurityGroups"):
        denied[:] = [Denied(operation)]
        code, found, errors = explained(capsys, group)
        assert (code, found) == (1, [])
        assert f"AWS refused {operation}: AccessDeniedException" in errors
        assert errors.count("\n") == 1


def test_what_is_told_besides_may_be_denied(
    live: World, denied: list[Denied], capsys: Captured
) -> None:
    group = live.group(permission("tcp", (22, 22), "0.0.0.0/0"))
    denied[:] = [Denied("GetComplianceDetailsByResource", "GetParameters")]
    code, (found,), _ = explained(capsys, group)
    assert code == 2
    assert found["notes"] == {
        "AWS Config": "not readable (AccessDeniedException)",
        "mode": "not readable (AccessDeniedException)",
    }

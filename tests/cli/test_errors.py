"""Whatever goes wrong, a user gets one line that says what and how to put it right."""

from __future__ import annotations

import errno
import os
import signal
from collections.abc import Callable

import pytest
import typer

from netmend import cli
from netmend.errors import UserError, did_you_mean

WRONG = {
    "no command": ([], "no command given - see netmend --help"),
    "a command misspelt": (["evalute"], "no such command 'evalute' - did you mean 'evaluate'?"),
    "a command unlike any": (["zzz"], "no such command 'zzz' - see netmend --help"),
    "half a command": (["evidence"], "no command given - see netmend evidence --help"),
    "an option misspelt": (
        ["bundle", "--uot", "x"],
        "no such option: --uot - did you mean --out?",
    ),
    "an argument left out": (
        ["evaluate"],
        "missing argument 'rule' - see netmend evaluate --help",
    ),
    "an option left out": (["sandbox"], "missing option '--port' - see netmend sandbox --help"),
    "a value out of range": (
        ["sandbox", "--port", "70000"],
        "invalid value for '--port': Input should be less than or equal to 65535"
        " - see netmend sandbox --help",
    ),
    "a value of no kind": (
        ["sandbox", "--port", "1", "--mode", "enforced"],
        "invalid value for '--mode': 'enforced' is not one of"
        " 'off', 'observe', 'approve', 'enforce' - see netmend sandbox --help",
    ),
    "parameters that are not JSON": (
        ["evaluate", "R", "--parameters", "{"],
        "--parameters is not JSON: Expecting property name enclosed in double quotes:"
        ' line 1 column 2 (char 1) - for example --parameters \'{"GuardedPorts": "22,3389"}\'',
    ),
    "parameters that are no object": (
        ["evaluate", "R", "--parameters", "[]"],
        "--parameters is not a JSON object"
        ' - for example --parameters \'{"GuardedPorts": "22,3389"}\'',
    ),
    "a parameter that is no string": (
        ["evaluate", "R", "--parameters", '{"WideIpv4Prefix": 8}'],
        '--parameters: WideIpv4Prefix is 8, not a string - write "WideIpv4Prefix": "8"',
    ),
    "a head that is none": (
        ["evidence", "verify", ".", "--head", "12"],
        "--head 12 is not NUMBER:HASH"
        " - for example --head 12:9f86d081..., with all 64 digits of the hash",
    ),
}


@pytest.mark.parametrize(("arguments", "line"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_command_line_gets_one_line_and_code_64(
    arguments: list[str], line: str, refused: Callable[..., str]
) -> None:
    assert refused(arguments, 64) == f"netmend: {line}"


RULE = "SECURITY_GROUP_NO_PUBLIC_INGRESS"
NEW = ["new-rule", "GOOD_NAME", "--resource-type"]
TABLE = "AWS::EC2::RouteTable"

MISUSED: dict[str, tuple[list[str], str]] = {
    "an option of no command": (["--vers"], "did you mean --version?"),
    "one argument too many": (["demo", "fast"], "unexpected extra argument(s) (fast)"),
    "an option without its value": (["evaluate", RULE, "--parameters"], "requires an argument"),
    "a rule misspelt": (["evaluate", "SECURITY_GROUP_NO_PUBLC_INGRESS"], f"did you mean {RULE}?"),
    "a rule that is a path": (["evaluate", "../.."], f"no rule ../.. - known: {RULE}"),
    "a parameter misspelt": (
        ["evaluate", RULE, "--parameters", '{"GuardedPort": "22"}'],
        "GuardedPort is no parameter here, did you mean GuardedPorts?",
    ),
    "a parameter given twice": (
        ["evaluate", RULE, "--parameters", '{"GuardedPorts": "22", "GuardedPorts": "23"}'],
        "--parameters is not JSON: 'GuardedPorts' stands twice in one object",
    ),
    "parameters nested without end": (
        ["evaluate", RULE, "--parameters", "[" * 100_000],
        "--parameters is not JSON: it is nested too deep",
    ),
    "parameters of endless digits": (
        ["explain", "sg-0123456789abcdef0", "--parameters", "1" * 5000],
        "--parameters is not JSON: Exceeds the limit",
    ),
    "nothing to explain": (["explain", ""], "'' is no rule, file or id of a resource"),
    "a name too long for a file": (["explain", "a" * 5000], "is no rule, file or id of a resource"),
    "half an id to explain": (["explain", "sg-1"], "sg-1 is no rule, file or id of a resource"),
    "a rule with a rule": (["explain", RULE, "--rule", RULE], "--rule goes with a resource"),
    "a format to explain in": (["explain", RULE, "--format", "yaml"], "'text', 'json', 'md'"),
    "a format to report in": (["report", "x", "--format", "htm"], "'html', 'json', 'md'"),
    "a source without a name to report": (["report", ""], "the source has no name - name the"),
    "a source without a name to verify": (["evidence", "verify", ""], "the source has no name"),
    "a report without a name": (["report", "x", "--out", ""], "--out names no file - give one"),
    "a bucket without a name": (["report", "s3://"], "s3:// names no bucket - write s3://BUCKET"),
    "a bucket that is none": (["evidence", "verify", "s3://A_b/x"], "names no bucket"),
    "half a hash": (["report", "x", "--head", "3:9f86d081"], "with all 64 digits of the hash"),
    "a hash of other letters": (["report", "x", "--head", f"3:{'z' * 64}"], "with all 64 digits"),
    "a number of other digits": (
        ["report", "x", "--head", f"\u0663:{'0' * 64}"],
        "not NUMBER:HASH",
    ),
    "an endless number": (["report", "x", "--head", f"{'9' * 5000}:{'0' * 64}"], "not NUMBER:HASH"),
    "a command of evidence misspelt": (["evidence", "verfy", "x"], "did you mean 'verify'?"),
    "a shell misspelt": (["completion", "bsh"], "'bash', 'zsh', 'fish', 'powershell'"),
    "an option of render misspelt": (["render", "--chek"], "did you mean --check"),
    "a rule's name in small letters": (["new-rule", "x", "--resource-type", TABLE], "is no name"),
    "a rule's name outside": (["new-rule", "../X_Y", "--resource-type", TABLE], "is no name"),
    "a rule that is there": (["new-rule", RULE, "--resource-type", TABLE], "is there already"),
    "a type misspelt": ([*NEW, "AWS::EC2::RouteTabel"], f"did you mean {TABLE}?"),
    "a type unlike any": ([*NEW, "table"], "no resource type table - write it as in"),
    "a runbook that is no name": ([*NEW, TABLE, "--runbook", "mend it"], "give --runbook VerbNoun"),
    "a runbook that is there": (
        [*NEW, TABLE, "--runbook", "RevokePublicIngress"],
        "is there already - give another --runbook VerbNoun",
    ),
    "a pack that is no name": ([*NEW, TABLE, "--pack", "My Pack"], "small letters, digits and -"),
    "a title too long": ([*NEW, TABLE, "--title", "x" * 200], "has 200 characters - at most 100"),
    "a port that is no number": (["sandbox", "--port", "http"], "should be a valid integer"),
    "a negative port": (["sandbox", "--port", "-1"], "greater than or equal to 0"),
    "a mode that nothing heeds": (["sandbox", "--port", "0", "--mode", "off"], "add --deploy"),
    "an approver that is no name, locally": (
        ["sandbox", "--port", "0", "--deploy", "--approvers", "no name!"],
        "--approvers=no name!: that can't be - must be names or ARNs of IAM users and roles",
    ),
    "more approvers than a runbook asks, locally": (
        ["sandbox", "--port", "0", "--deploy", "--approvers", ",".join("abcdefghijk")],
        "11 approvers, a runbook asks 10 - name a role",
    ),
    "an answer misspelt": (["approve", "x", "--rejct"], "did you mean --reject?"),
    "no execution": (["approve"], "missing argument 'execution' - see netmend approve --help"),
    "a mode to deploy misspelt": (["deploy", "--mode", "enforced"], "'observe', 'approve'"),
    "a setting without its value": (["deploy", "--set", "x"], "write --set Name=Value"),
    "a setting misspelt": (["deploy", "--set", "GuardedPort=1"], "did you mean GuardedPorts?"),
    "removal with a setting": (["deploy", "--remove", "--set", "a=b"], "--remove takes no --mode"),
    "checks of no account": (["verify"], "add --live, or --list"),
    "a check that is none": (["verify", "--live", "--only", "99"], "there is no check 99 - known"),
    "a wait that is no number": (
        ["verify", "--live", "--timeout", "x"],
        "should be a valid number",
    ),
    "a format of checks": (["verify", "--live", "--format", "csv"], "'table', 'json'"),
}


@pytest.mark.parametrize(("arguments", "says"), MISUSED.values(), ids=MISUSED.keys())
def test_wrong_use_of_each_command_says_what_and_how_to_fix_it(
    arguments: list[str], says: str, refused: Callable[..., str]
) -> None:
    assert says in refused(arguments, 64)


RAISED = {
    "a user's error": (UserError("it is so", "do this"), 1, "netmend: it is so - do this\n"),
    "an error over several lines": (UserError("it\n is", "do"), 1, "netmend: it is - do\n"),
    "an error that nothing mends": (UserError("it is so"), 1, "netmend: it is so\n"),
    "an error of our own": (
        KeyError("x"),
        1,
        "netmend: unexpected KeyError: 'x'"
        " - run it again with --debug and report what that shows\n",
    ),
    "an interrupt": (KeyboardInterrupt(), 130, ""),
    "a prompt left": (typer.Abort(), 130, ""),
}


@pytest.mark.parametrize(("raised", "code", "line"), RAISED.values(), ids=RAISED.keys())
def test_an_error_ends_with_its_code_and_one_line(
    raised: BaseException,
    code: int,
    line: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(out: object) -> None:
        raise raised

    monkeypatch.setattr("netmend.bundle.build", fail)
    assert cli.main(["bundle"]) == code
    assert capsys.readouterr() == ("", line)


@pytest.mark.parametrize("where", [["--debug", "bundle"], ["bundle", "--debug"]], ids=" ".join)
def test_debug_adds_the_traceback_wherever_it_stands(
    where: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(out: object) -> None:
        raise UserError("it is so", "do this")

    monkeypatch.setattr("netmend.bundle.build", fail)
    assert cli.main(where) == 1
    told = capsys.readouterr().err
    assert told.startswith("Traceback (most recent call last):")
    assert told.endswith("netmend: it is so - do this\n")


NEAREST = {
    "one letter off": ("SECURITY_GROUP_NO_PUBLC", "did you mean SECURITY_GROUP_NO_PUBLIC?"),
    "another case": ("security_group_no_public", "did you mean SECURITY_GROUP_NO_PUBLIC?"),
    "unlike any": ("x", "known: ROUTES, SECURITY_GROUP_NO_PUBLIC"),
}


@pytest.mark.parametrize(("name", "hint"), NEAREST.values(), ids=NEAREST.keys())
def test_the_nearest_name_is_offered(name: str, hint: str) -> None:
    assert did_you_mean(name, ["SECURITY_GROUP_NO_PUBLIC", "ROUTES"]) == hint


BEGUN: dict[str, tuple[list[str], str]] = {
    "demo": (["demo"], "netmend.demo.run"),
    "sandbox": (["sandbox", "--port", "0", "--deploy"], "netmend.sandbox.serve.prepare"),
    "deploy": (["deploy", "--dry-run"], "netmend.deploy.site.here"),
    "verify": (["verify", "--live", "--yes"], "netmend.verification.place.find"),
    "explain": (["explain", "sg-0123456789abcdef0"], "netmend.explain.live.deployed"),
    "report": (["report", "--format", "md"], "netmend.audit.live.read"),
    "bundle": (["bundle"], "netmend.bundle.build"),
}


@pytest.mark.parametrize(("arguments", "during"), BEGUN.values(), ids=BEGUN.keys())
def test_an_interrupt_ends_each_command_at_once_and_without_a_word(
    arguments: list[str],
    during: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(during, lambda *_, **__: signal.raise_signal(signal.SIGINT))
    assert cli.main(arguments) == 130
    assert capsys.readouterr() == ("", "")


PORTS = {
    "taken": (errno.EADDRINUSE, "port 4566 is taken"),
    "for others": (errno.EACCES, "port 4566: Permission denied"),
}


@pytest.mark.parametrize(("number", "says"), PORTS.values(), ids=PORTS.keys())
def test_a_port_that_cannot_be_served_is_told_with_the_reason(
    number: int, says: str, monkeypatch: pytest.MonkeyPatch, refused: Callable[..., str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("netmend.sandbox.serve.Door", fail)
    line = refused(["sandbox", "--port", "4566"], 1)
    assert line == f"netmend: {says} - name a free --port, or 0 for any"

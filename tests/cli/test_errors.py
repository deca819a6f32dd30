"""Whatever goes wrong, a user gets one line that says what and how to put it right."""

from __future__ import annotations

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
        "--head 12 is not NUMBER:HASH - for example --head 12:9f86d081...",
    ),
}


@pytest.mark.parametrize(("arguments", "line"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_command_line_gets_one_line_and_code_64(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 64
    assert capsys.readouterr() == ("", f"netmend: {line}\n")


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

"""The catalog is the folders, and a folder that can't be used is named in one line."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rdklib import InvalidParametersError

from netmend import catalog
from netmend.catalog import CatalogError
from rules.handlers import live

CONTROLS = [pytest.param(control, id=control.rule) for control in catalog.load().controls]

Entry = dict[str, Any]
WRITE = {"Sid": "Close", "Effect": "Allow", "Action": "ec2:CloseDoor"}


def entry() -> Entry:
    """A parameters.json that is in order."""
    return {
        "Version": "1.0",
        "Parameters": {
            "RuleName": "DOOR_CLOSED",
            "Description": "The door is closed.",
            "SourceEvents": "AWS::EC2::VPC, AWS::EC2::Subnet",
            "InputParameters": '{"Locks": "2"}',
            "OptionalParameters": '{"Keys": ""}',
        },
        "Tags": "[]",
        "Netmend": {
            "Title": "Doors",
            "Severity": "high",
            "Pack": "house-doors",
            "Runbook": "CloseDoor",
            "ParameterDescriptions": {"Locks": "How many.", "Keys": "Optional names of keys."},
            "ParameterValues": {"Keys": ["", "one"]},
            "ParameterPatterns": {"Locks": ["^[0-9]$", "a digit"]},
            "Writes": [{**WRITE, "Resource": ["door/*"]}],
        },
    }


def house(root: Path, content: Entry | str | None = None, rule: str = "DOOR_CLOSED") -> Path:
    """A repository with one rule and one runbook."""
    folder = root / "rules" / rule
    folder.mkdir(parents=True)
    (root / "rules" / "netlib").mkdir()
    (root / "ssm-documents").mkdir()
    (root / "ssm-documents" / "CloseDoor.yaml").write_text("schemaVersion: '0.3'\n")
    if content is None or isinstance(content, dict):
        content = json.dumps(content or entry())
    if content:
        (folder / "parameters.json").write_text(content)
    return root


def test_a_folder_is_a_control(tmp_path: Path) -> None:
    found = catalog.load(house(tmp_path))
    (control,) = found.controls
    (runbook,) = found.runbooks
    assert (control.name, control.logical_id) == ("netmend-door-closed", "DoorClosed")
    assert control.resource_types == ("AWS::EC2::VPC", "AWS::EC2::Subnet")
    assert control.parameters == (
        catalog.Parameter("Locks", "2", "How many.", pattern="^[0-9]$", takes="a digit"),
        catalog.Parameter("Keys", "", "Optional names of keys.", values=("", "one")),
    )
    assert (runbook.name, runbook.document) == ("CloseDoor", "Netmend-CloseDoor")
    assert found.mended_by(runbook) == (control,)
    assert found.packs() == {"house-doors": (control,)}


def put(part: str, key: str, value: Any) -> Callable[[Entry], object]:
    return lambda content: content[part].__setitem__(key, value)


def drop(key: str) -> Callable[[Entry], object]:
    return lambda content: content.pop(key)


BROKEN: dict[str, tuple[Callable[[Entry], object], str]] = {
    "no Parameters": (drop("Parameters"), "it has no object Parameters - add it"),
    "no Netmend": (drop("Netmend"), "it has no object Netmend - add it"),
    "another rule's name": (put("Parameters", "RuleName", "X_Y"), "RuleName is not DOOR_CLOSED"),
    "no description": (put("Parameters", "Description", ""), "Description is missing"),
    "nothing starts it": (put("Parameters", "SourceEvents", ""), "nothing would ever start"),
    "a misspelt type": (put("Parameters", "SourceEvents", "EC2::VPC"), "names 'EC2::VPC'"),
    "an unknown frequency": (put("Parameters", "SourcePeriodic", "Daily"), "one of One_Hour"),
    "parameters that are not JSON": (put("Parameters", "InputParameters", "{"), "not JSON"),
    "a parameter in lower case": (
        put("Parameters", "InputParameters", '{"locks": "2"}'),
        "the parameter locks is not PascalCase",
    ),
    "a parameter nobody explains": (
        put("Netmend", "ParameterDescriptions", {"Keys": "Optional."}),
        "the parameter Locks is not described",
    ),
    "bounds of a parameter that is not there": (
        put("Netmend", "ParameterValues", {"Doors": ["1"]}),
        "ParameterValues names Doors, which is no parameter",
    ),
    "a default that is none of the values": (
        put("Netmend", "ParameterValues", {"Keys": ["one"]}),
        "the default of Keys is none that it takes",
    ),
    "a default that the pattern refuses": (
        put("Netmend", "ParameterPatterns", {"Locks": ["^[3-9]$", "many"]}),
        "the default of Locks is none that it takes",
    ),
    "a pattern that is none": (
        put("Netmend", "ParameterPatterns", {"Locks": ["^(", "a digit"]}),
        "ParameterPatterns of Locks: missing )",
    ),
    "a pack in capitals": (put("Netmend", "Pack", "Doors"), "Pack 'Doors' has not the form"),
    "a runbook that is one word": (put("Netmend", "Runbook", "Close"), "Runbook 'Close' has not"),
    "a runbook that is not there": (
        put("Netmend", "Runbook", "OpenDoor"),
        "there is no runbook ssm-documents/OpenDoor.yaml - write it, or name one of CloseDoor",
    ),
    "a write without a resource": (
        put("Netmend", "Writes", [WRITE]),
        "a statement of Writes has no Resource",
    ),
    "a write that denies": (
        put("Netmend", "Writes", [{**WRITE, "Effect": "Deny", "Resource": "*"}]),
        "a statement of Writes does not say Allow",
    ),
}


@pytest.mark.parametrize(("mutate", "expected"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_entry_is_named_in_one_line(
    tmp_path: Path, mutate: Callable[[Entry], object], expected: str
) -> None:
    content = entry()
    mutate(content)
    with pytest.raises(CatalogError) as caught:
        catalog.load(house(tmp_path, content))
    message = str(caught.value)
    assert expected in message
    assert "\n" not in message
    assert "rules/DOOR_CLOSED/parameters.json" in message


def test_bad_json_is_named_with_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"parameters\.json:2:3: not JSON"):
        catalog.load(house(tmp_path, "{\n  ]}"))


def test_a_folder_without_an_entry_is_named(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="there is no such file"):
        catalog.load(house(tmp_path, ""))


@pytest.mark.parametrize("name", ["Door", "D" * 20 + "_" + "C" * 20, "DOOR-CLOSED"])
def test_a_folder_with_a_name_of_another_form_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(CatalogError, match="not SERVICE_CONDITION"):
        catalog.load(house(tmp_path, rule=name))


def test_a_runbook_that_no_rule_names_is_named(tmp_path: Path) -> None:
    root = house(tmp_path)
    (root / "ssm-documents" / "OpenDoor.yaml").write_text("x")
    with pytest.raises(CatalogError, match=r"OpenDoor\.yaml: no rule names this runbook"):
        catalog.load(root)


@pytest.mark.parametrize("control", CONTROLS)
def test_entry_and_code_say_the_same(control: catalog.Control) -> None:
    module = importlib.import_module(f"rules.{control.rule}.{control.rule}")
    rule = getattr(module, control.rule)
    assert control.runbook == rule.RUNBOOK
    assert set(rule.RESOURCE_TYPES) <= set(control.resource_types)
    assert {p.name: p.default for p in control.parameters} == {
        name: parameter.default for name, parameter in rule.PARAMETERS.items()
    }


GIVEN: tuple[str, ...] = (
    *("", " ", "22", "22,3389", "22, 3389", "0-65535", "65536", "99999", "tcp/22-23,udp/161"),
    *("tcp/", "ssh", "icmp/8", "22,", ",22", "22;23", "-1", "60000", "64999", "65535", "00022"),
    *("0", "1", "9", "10", "32", "33", "64", "99", "100", "119", "128", "129", "1.5", "+1", "٣"),
    *("keep", "drop", "approve", "carve", "Keep", "KEEP", "no", "true", "None", "22 ", "22\n"),
)
TRIMMED = frozenset({" ", "22 ", "22\n"})
"""The code trims them, a stack refuses them."""


@pytest.mark.parametrize("text", GIVEN)
@pytest.mark.parametrize("control", CONTROLS)
def test_a_stack_takes_what_the_code_takes(control: catalog.Control, text: str) -> None:
    module = importlib.import_module(f"rules.{control.rule}.{control.rule}")
    rule = getattr(module, control.rule)
    for parameter in control.parameters:
        fits = not parameter.values or text in parameter.values
        fits = fits and (not parameter.pattern or bool(re.fullmatch(parameter.pattern, text)))
        try:
            rule().parameters({parameter.name: text})
            accepted = text not in TRIMMED
        except InvalidParametersError:
            accepted = False
        assert fits == accepted, (parameter.name, text)


@pytest.mark.parametrize("control", CONTROLS)
def test_bounds_are_told_in_the_codes_words(control: catalog.Control) -> None:
    module = importlib.import_module(f"rules.{control.rule}.{control.rule}")
    for parameter in control.parameters:
        takes = parameter.takes or " or ".join(parameter.values)
        assert takes == getattr(module, control.rule).PARAMETERS[parameter.name].accepts


@pytest.mark.parametrize("control", CONTROLS)
def test_a_rule_that_reads_prefix_lists_hears_of_their_changes(control: catalog.Control) -> None:
    module = importlib.import_module(f"rules.{control.rule}.{control.rule}")
    reads = "prefix_lists" in getattr(module, control.rule).NEEDS
    assert reads == ("AWS::EC2::PrefixList" in control.resource_types)
    # Lists of AWS and of other accounts have no items here: only a daily run sees them change.
    assert not reads or control.frequency == "TwentyFour_Hours"


@pytest.mark.parametrize("control", CONTROLS)
def test_a_daily_rule_has_a_live_reader_for_all_that_it_judges(control: catalog.Control) -> None:
    module = importlib.import_module(f"rules.{control.rule}.{control.rule}")
    kinds = set(getattr(module, control.rule).RESOURCE_TYPES)
    assert not control.frequency or kinds <= live.ALL.keys()


def test_names_are_unique_and_leave_room() -> None:
    controls = catalog.load().controls
    assert len({control.logical_id for control in controls}) == len(controls)
    for control in controls:
        assert control.severity in ("critical", "high", "medium", "low")
        assert control.title


def test_reading_the_catalog_imports_nothing_of_aws() -> None:
    script = (
        "import sys; from netmend import catalog, render; catalog.load(); render.texts();"
        "sys.exit(str({'boto3', 'botocore', 'moto', 'rdklib'} & set(sys.modules) or ''))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=catalog.ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (1, "\n")

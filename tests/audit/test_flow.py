"""Every EventBridge rule, pattern, target, document and Config rule is in the drawing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from netmend import catalog
from netmend.audit.drawing import Drawing, draw
from netmend.audit.flow import Lane, lanes
from netmend.catalog import ROOT
from tests.stacks import Stack, template

LAYOUTS = (0, 1)


def words(drawing: Drawing) -> str:
    """All that is drawn, without the breaks of lines."""
    lines = [line.text for box in drawing.boxes for line in box.lines]
    return "".join("".join(lines).split())


def squeezed(said: str) -> str:
    return "".join(said.split())


@pytest.fixture(scope="module")
def found() -> tuple[Lane, ...]:
    return lanes()


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [str(value)]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_event_rule_is_drawn_with_its_pattern_targets_and_steps(
    layout: int, found: tuple[Lane, ...]
) -> None:
    stack = Stack(template("remediation"))
    documents = {
        d["Name"]: yaml.safe_load(d["Content"]) for d in stack.of("AWS::SSM::Document").values()
    }
    drawn = {lane.event: words(draw(lane)[layout]) for lane in found}
    rules = stack.of("AWS::Events::Rule")
    assert rules
    for rule in rules.values():
        text = drawn[rule["Name"]]
        pattern = {**rule["EventPattern"], "account": "<AccountId>"}
        for leaf in leaves(pattern):
            assert squeezed(leaf) in text
        for target in rule["Targets"]:
            name = target["Arn"].split("automation-definition/")[1].removesuffix(":$DEFAULT")
            assert name in text
            assert target["RoleArn"].split("/")[1] in text
            for step in documents.pop(name)["mainSteps"]:
                assert step["name"] in text
                if step["action"] == "aws:executeAwsApi":
                    assert f"{step['inputs']['Service']}:{step['inputs']['Api']}" in text
    assert not documents, "documents that nothing in the drawing starts"


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_control_of_the_catalog_is_drawn(layout: int, found: tuple[Lane, ...]) -> None:
    text = "".join(words(draw(lane)[layout]) for lane in found)
    for control in catalog.load().controls:
        assert control.name in text
        assert f"Netmend-{control.runbook}" in text
        assert all(kind in text for kind in control.resource_types)
        assert "netmend-detector" in text


NEW_RULE = """
  OtherRule:
    Type: AWS::Events::Rule
    Properties:
      Name: netmend-CloseOther
      EventPattern:
        source: [aws.guardduty]
        detail-type: [GuardDuty Finding]
        detail:
          severity: [{numeric: [">", 7]}]
      Targets:
        - Id: other
          Arn: !Sub arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:alerts

Outputs:
"""


def test_what_is_added_to_a_template_appears_by_itself(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "cloudformation", tmp_path / "cloudformation")
    path = tmp_path / "cloudformation" / "remediation.yaml"
    path.write_text(path.read_text().replace("\nOutputs:\n", NEW_RULE, 1))
    text = words(draw(next(lane for lane in lanes(tmp_path) if "Other" in lane.event))[0])
    for said in ("aws.guardduty", "GuardDutyFinding", "numeric", ":alerts"):
        assert said in text


def test_a_rule_that_nothing_takes_up_is_drawn_as_such(tmp_path: Path) -> None:
    (tmp_path / "cloudformation").mkdir()
    shutil.copy(ROOT / "cloudformation" / "detection.yaml", tmp_path / "cloudformation")
    (lane,) = lanes(tmp_path)
    text = words(draw(lane)[0])
    assert catalog.load().controls[0].name in text
    assert squeezed("no EventBridge rule takes it up") in text


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_line_fits_into_its_box(layout: int, found: tuple[Lane, ...]) -> None:
    for lane in found:
        drawing = draw(lane)[layout]
        for box in drawing.boxes:
            assert box.x + box.width <= drawing.width
            assert box.y + box.height <= drawing.height
            for line in box.lines:
                assert line.x + 6.8 * len(line.text) <= box.x + box.width, line.text
                assert box.y < line.y < box.y + box.height

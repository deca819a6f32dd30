"""Run in a copy with a fresh rule for route tables: it is found on change, held, and left alone.

No test of this checkout: the rule that it loads exists in the copy alone.
"""

# ruff: noqa: S101
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from netmend.audit.evidence import verify
from netmend.sandbox.core import Sandbox
from rules.handlers import rulebook
from tests.loop.own import OwnWorld

RULE: Any = rulebook.load("ROUTE_TABLE_OF_A_TEST")


@pytest.fixture(scope="module")
def world() -> Iterator[OwnWorld]:
    with Sandbox() as sandbox:
        yield OwnWorld(sandbox, RULE)


def test_a_type_without_a_live_reader_is_found_and_held(world: OwnWorld) -> None:
    made = world.client("ec2").create_route_table(VpcId=world.vpc)["RouteTable"]["RouteTableId"]
    world.settle()
    assert world.compliance(made) == "COMPLIANT"
    world.tag(made, Lifecycle="retired")
    world.settle()
    assert world.compliance(made) == "NON_COMPLIANT"
    reason = "AWS::EC2::RouteTable has no live reader, and mends are planned from live state alone"
    assert world.answers(made) == [("HELD", reason)]
    assert world.outcomes(made) == [("refusal", "HELD")]
    world.tag(made, Lifecycle="in use")
    world.settle()
    assert world.compliance(made) == "COMPLIANT"
    assert verify(world.objects()).ok

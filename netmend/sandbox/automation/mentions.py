"""Every plain name that a document refers to is declared, and Parameter Store read by defaults."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from netmend.sandbox.automation.checks import inner_steps
from netmend.sandbox.automation.errors import DocumentError
from netmend.sandbox.automation.references import names
from netmend.sandbox.automation.variables import PREFIX

PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_]+")


def check_references(
    tree: Mapping[str, Any], parameters: Collection[str], variables: Collection[str]
) -> None:
    """Raises DocumentError. tree: of steps that have passed `checks`."""
    for name in [*names(tree.get("assumeRole")), *_in_steps(tree["mainSteps"])]:
        if name.startswith("ssm:"):
            raise DocumentError(
                f"The reference {name} stands in a step: only a parameter's default reads it."
            )
        if PLAIN_NAME.fullmatch(name) and name not in parameters:
            raise DocumentError(f'Parameter "{name}" is not declared.')
        if name.startswith(PREFIX) and name.removeprefix(PREFIX) not in variables:
            raise DocumentError(f'Variable "{name.removeprefix(PREFIX)}" is not declared.')


def _in_steps(steps: list[Mapping[str, Any]]) -> Iterator[str]:
    """References in steps and the steps inside loops; a script's braces are its own."""
    for step in steps:
        yield from _in_steps(inner_steps(step))
        for key, value in step["inputs"].items():
            if key == "Steps" and step["action"] == "aws:loop":
                continue
            if key == "Name" and step["action"] == "aws:updateVariable":
                yield str(value)
            elif key != "Script":
                yield from names(value)

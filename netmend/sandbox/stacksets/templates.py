"""The template of a stack set, from its body or from S3, and what it may not hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.cloudformation import requests
from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.model import STACK_TYPE, Wanted
from netmend.sandbox.cloudformation.template import Template
from netmend.sandbox.stacksets.model import SERVICE

TRANSFORMS: Final = "runs no transforms"
UNSUPPORTED: Final = (
    "StackSets with SERVICE_MANAGED permission model do not support templates with {}"
)
MACRO: Final = re.compile(r"Fn::Transform|AWS::Include")


def read(
    params: Mapping[str, Any], access: Access, model: str, before: Template | None
) -> Template:
    """The template of a request; `before` is the set's own, for UsePreviousTemplate."""
    standing = Wanted(before, {}, {}) if before is not None else None
    try:
        found = requests.read_template(params, access, standing)
    except ValidationError as error:
        if model == SERVICE and TRANSFORMS in error.message:
            what = "macros or transforms, including nested ones"
            raise ValidationError(UNSUPPORTED.format(what)) from error
        raise
    if model == SERVICE:
        _check(found)
    return found


def _check(found: Template) -> None:
    if "Transform" in found.body or MACRO.search(found.text):
        raise ValidationError(UNSUPPORTED.format("macros or transforms, including nested ones"))
    if any(one["Type"] == STACK_TYPE for one in found.resources.values()):
        raise ValidationError(UNSUPPORTED.format("nested stacks"))

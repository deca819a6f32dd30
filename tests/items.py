"""A configuration item with parts of it altered: what differs is all that a case has to say."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from typing import Any

PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def altered(item: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A copy with these paths set: `configuration.routes[0].state`, or `tags.Owner`, which is new.

    The path's last name may be new; all before it has to be there, or KeyError and IndexError tell.
    """
    found: dict[str, Any] = copy.deepcopy(dict(item))
    for path, value in changes.items():
        parts = [int(number) if number else name for name, number in PART.findall(path)]
        target: Any = found
        for part in parts[:-1]:
            target = target[part]
        target[parts[-1]] = value
    return found

"""A configuration item of a type: as the sandbox records it, else the least that AWS Config sends.

samples/<service>-<type>.json holds the part that only that type has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from netmend.scaffold import types

FOLDER: Final = Path(__file__).resolve().parent / "samples"
ACCOUNT: Final = "123456789012"
REGION: Final = "us-east-1"


def path(resource_type: str) -> Path:
    """Where the type's own part lies, if it is known."""
    return FOLDER / f"{resource_type.removeprefix('AWS::').replace('::', '-')}.json"


def item(resource_type: str) -> dict[str, Any]:
    """The item, as a rule's function gets it."""
    found = path(resource_type)
    own = json.loads(found.read_text(encoding="utf-8")) if found.exists() else {}
    return {
        "configurationItemStatus": "OK",
        "awsAccountId": ACCOUNT,
        "awsRegion": REGION,
        "resourceType": resource_type,
        "resourceId": types.sample_id(resource_type),
        "resourceName": None,
        "tags": {},
        "configuration": {},
        "supplementaryConfiguration": {},
        **own,
    }


def literal(value: Any, indent: int = 0) -> str:
    """JSON as a Python literal, laid out as the project's formatter does."""
    pad = " " * (indent + 4)
    if isinstance(value, dict) and value:
        lines = (f"{pad}{literal(k)}: {literal(v, indent + 4)},\n" for k, v in value.items())
        return "{\n" + "".join(lines) + " " * indent + "}"
    if isinstance(value, list) and value:
        lines = (f"{pad}{literal(one, indent + 4)},\n" for one in value)
        return "[\n" + "".join(lines) + " " * indent + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)

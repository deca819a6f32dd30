"""Requests and answers are written the way CloudTrail writes them, by botocore's own models."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
OMITTED: Final = frozenset({"SecretAccessKey", "TemplateBody", "ZipFile"})
SECRET: Final = frozenset({("PutParameter", "Value"), ("CreateSecret", "SecretString")})
RENAMED: Final = {("s3", "Bucket"): "bucketName"}


def lowered(name: str) -> str:
    """CloudTrail lowers the first letter alone: TTL becomes tTL."""
    return name[:1].lower() + name[1:]


def written(service: str, operation: str, shape: Any, value: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a structure as CloudTrail shows them."""
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        if name not in value or value[name] is None or name in OMITTED:
            continue
        key = RENAMED.get((service, name)) or lowered(name)
        if (operation, name) in SECRET or member.metadata.get("sensitive"):
            found[key] = HIDDEN
        elif member.type_name != "blob":
            found[key] = _value(service, operation, member, value[name])
    return found


def _value(service: str, operation: str, shape: Any, value: Any) -> Any:
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return written(service, operation, shape, value)
    if shape.type_name == "list":
        return [_value(service, operation, shape.member, item) for item in value]
    if shape.type_name == "map":
        return {str(k): _value(service, operation, shape.value, v) for k, v in value.items()}
    return scalar(value)


def scalar(value: Any) -> Any:
    """A leaf: moments the way Java's formatter has them, bytes left out."""
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        hour = int(f"{moment:%I}")
        return f"{moment:%b} {moment.day}, {moment.year} {hour}:{moment:%M:%S %p}"
    if isinstance(value, bytes):
        return None
    return value if isinstance(value, str | int | float | bool) else str(value)

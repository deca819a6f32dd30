"""A request to any operation of AWS with the least that its model asks for."""

from __future__ import annotations

from typing import Any, Final

ARN: Final = "arn:aws:iam::123456789012:role/nobody"
DEEPEST: Final = 7

PLAIN: Final[dict[str, Any]] = {
    "float": 1.0,
    "double": 1.0,
    "boolean": False,
    "timestamp": 1_790_000_000,
    "blob": b"abc",
}


def least(operation: Any) -> dict[str, Any]:
    """boto3's parameters for an operation's model: each required member, as small as may be."""
    shape = operation.input_shape
    return {} if shape is None else _structure(shape, 0)


def _structure(shape: Any, depth: int) -> dict[str, Any]:
    names = list(shape.required_members)
    if getattr(shape, "is_tagged_union", False):
        names = list(shape.members)[:1]
    if depth > DEEPEST:
        return {}
    return {name: _value(shape.members[name], depth + 1, name) for name in names}


def _value(shape: Any, depth: int, name: str) -> Any:
    least_many = shape.metadata.get("min", 0)
    match shape.type_name:
        case "structure":
            return _structure(shape, depth)
        case "list":
            return [_value(shape.member, depth + 1, name)] * max(least_many, int(depth < 2))
        case "map":
            pair = (_value(shape.key, depth + 1, name), _value(shape.value, depth + 1, name))
            return dict([pair]) if least_many else {}
        case "string":
            return shape.enum[0] if shape.enum else _text(name, shape.metadata)
        case "integer" | "long":
            return min(max(least_many, 1), shape.metadata.get("max", 1))
        case kind:
            return PLAIN[kind]


def _text(name: str, limits: dict[str, int]) -> str:
    kinds = {"arn": ARN, "id": "1"}
    text = next((v for end, v in kinds.items() if name.lower().endswith(end)), "abc")
    return text.ljust(limits.get("min", 0), "a")[: max(limits.get("max", len(text)), 1)]

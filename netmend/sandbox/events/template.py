"""What a target receives is cut from the event by a path, or written by an input template."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

PATH: Final = re.compile(r"\$(?:\.[^.\[\]*\s]+|\[\d+\])*")
PLACEHOLDER: Final = re.compile(r"<([A-Za-z0-9_.-]+)>")
RESERVED: Final = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event",
    "aws.events.event.ingestion-time",
    "aws.events.event.json",
)

_STEP: Final = re.compile(r"\.([^.\[\]*\s]+)|\[(\d+)\]")
_TOKEN: Final = re.compile(r'\\.|"|' + PLACEHOLDER.pattern, re.DOTALL)


class TemplateError(ValueError):
    """A path or template that EventBridge would not take."""


def find(event: Any, path: str) -> tuple[bool, Any]:
    """(found, value) at a path in dot notation, such as `$.detail.resourceId`."""
    value = event
    for name, index in _STEP.findall(path):
        if name and isinstance(value, dict) and name in value:
            value = value[name]
        elif index and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return False, None
    return True, value


def variables(
    event: Mapping[str, Any], paths: Mapping[str, str], rule_arn: str, ingested: str
) -> dict[str, Any]:
    """Every variable of a template by name; one whose path finds nothing is not there."""
    found = {name: find(event, path) for name, path in paths.items()}
    values = {name: value for name, (there, value) in found.items() if there}
    return values | {
        "aws.events.rule-arn": rule_arn,
        "aws.events.rule-name": rule_arn.rsplit("/", 1)[-1],
        "aws.events.event": _summary(event, ingested),
        "aws.events.event.ingestion-time": ingested,
        "aws.events.event.json": event,
    }


def render(template: str, values: Mapping[str, Any]) -> str:
    """The template with its placeholders replaced, minified where it is JSON.

    A text outside quotes gets quotes; nothing is escaped; an absent variable is an empty text;
    an object within quotes loses its own quotes. All four are what EventBridge does.
    """
    quoted = False

    def put(token: re.Match[str]) -> str:
        nonlocal quoted
        if token[1] is not None:
            return _written(values.get(token[1], ""), quoted)
        if token[0] == '"':
            quoted = not quoted
        return token[0]

    return _minified(_TOKEN.sub(put, template))


def check_template(template: str, names: Mapping[str, str]) -> None:
    """Raise `TemplateError` with EventBridge's words for an unknown variable or broken JSON."""
    for name in PLACEHOLDER.findall(template):
        if name not in names and name not in RESERVED:
            raise TemplateError(f"contains invalid placeholder {name}.")
    rest = render(template, dict.fromkeys((*names, *RESERVED), 0)).strip()
    decoder = json.JSONDecoder(strict=False)
    try:
        while rest:  # a template may be several quoted lines
            _, end = decoder.raw_decode(rest)
            rest = rest[end:].strip()
    except ValueError as error:
        raise TemplateError(f"is not JSON, and text needs quotes: {error}.") from None


def check_path(path: str) -> None:
    """Raise `TemplateError` for a path that is not dot notation from the root."""
    if not PATH.fullmatch(path):
        raise TemplateError(f"has the path {path!r}; use dot notation such as $.detail.id.")


def compact(value: Any) -> str:
    """JSON without spaces, characters as they are."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _summary(event: Mapping[str, Any], ingested: str) -> dict[str, Any]:
    # Recorded from AWS: this copy has no detail, another key for the type, and the time of arrival.
    kept = {key: event[key] for key in event if key not in ("detail", "detail-type", "time")}
    return kept | {"detailType": event["detail-type"], "time": ingested}


def _written(value: Any, quoted: bool) -> str:
    if isinstance(value, str):
        return value if quoted else f'"{value}"'
    text = compact(value)
    return text.replace('"', "") if quoted else text


def _minified(text: str) -> str:
    try:
        return compact(json.loads(text))
    except ValueError:
        return text

"""A template is text that parsed, has known sections and attributes, and needs no transform."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from netmend.sandbox.cloudformation.errors import ValidationError

try:
    from yaml import CSafeLoader as _Base
except ImportError:  # PyYAML built without libyaml
    from yaml import SafeLoader as _Base  # type: ignore[assignment]

MAX_BODY_BYTES: Final = 51_200
MAX_URL_BYTES: Final = 1_000_000
LIMITS: Final = {"Resources": 500, "Parameters": 200, "Outputs": 200, "Mappings": 200}
"""CloudFormation's quotas a template, by section."""

SECTIONS: Final = frozenset(
    [
        "AWSTemplateFormatVersion",
        "Description",
        "Metadata",
        "Parameters",
        "Rules",
        "Mappings",
        "Conditions",
        "Resources",
        "Outputs",
    ]
)
RESOURCE_ATTRIBUTES: Final = frozenset(
    [
        "Type",
        "Properties",
        "DependsOn",
        "Condition",
        "DeletionPolicy",
        "UpdateReplacePolicy",
        "Metadata",
    ]
)
PARAMETER_ATTRIBUTES: Final = frozenset(
    [
        "Type",
        "Default",
        "Description",
        "AllowedValues",
        "AllowedPattern",
        "ConstraintDescription",
        "MinLength",
        "MaxLength",
        "MinValue",
        "MaxValue",
        "NoEcho",
    ]
)
OUTPUT_ATTRIBUTES: Final = frozenset(["Value", "Description", "Export", "Condition"])
DELETION_POLICIES: Final = frozenset({"Delete", "Retain", "RetainExceptOnCreate"})
TRANSFORMS: Final = ("Transform", "Fn::Transform", "Fn::ForEach")
DYNAMIC_REFERENCE: Final = re.compile(r"\{\{\s*resolve:([a-z-]*)[^}]*\}\}")
IN_PROPERTIES: Final = re.compile(r"/Resources/[^/]+/(Properties|Metadata)/")


class _Loader(_Base):
    """YAML as CloudFormation reads it: short forms of functions, dates left as text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in _Base.yaml_implicit_resolvers.items()
}


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    loader.flatten_mapping(node)
    result: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in result:
            raise ValidationError(
                f"Template format error: duplicate key {key!r} at line "
                f"{key_node.start_mark.line + 1}: remove one of the two"
            )
        result[key] = loader.construct_object(value_node, deep=True)
    return result


def _function(loader: Any, suffix: str, node: Any) -> dict[str, Any]:
    if isinstance(node, yaml.MappingNode):
        value: Any = _mapping(loader, node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_multi_constructor("!", _function)


@dataclass(frozen=True)
class Template:
    """One parsed template; each section is a dict, empty where the text has none."""

    text: str
    body: dict[str, Any]

    def section(self, name: str) -> dict[str, Any]:
        """A section by its name, such as `Resources`."""
        return dict(self.body.get(name) or {})

    @property
    def description(self) -> str | None:
        return self.body.get("Description")

    @property
    def resources(self) -> dict[str, dict[str, Any]]:
        return self.section("Resources")


def parse(text: str) -> Template:
    """Parse and check the form; raises ValidationError naming what is wrong and where."""
    body = _load(text)
    if not isinstance(body, dict):
        raise ValidationError("Template format error: unsupported structure.")
    _check_sections(body)
    _check_values(body)
    for name, limit in LIMITS.items():
        if (count := len(body.get(name, {}))) > limit:
            raise ValidationError(
                f"Template format error: Number of {name.lower()}, {count}, "
                f"is greater than maximum allowed, {limit}"
            )
    for name, parameter in body.get("Parameters", {}).items():
        _check_parameter(name, parameter)
    for name, resource in body["Resources"].items():
        _check_resource(name, resource)
    for name, output in body.get("Outputs", {}).items():
        _check_output(name, output)
    return Template(text, body)


def _load(text: str) -> Any:
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except ValueError as error:
            raise ValidationError(
                f"Template format error: JSON not well-formed. ({error})"
            ) from None
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "line 1, column 1"
        raise ValidationError(f"Template format error: YAML not well-formed. ({where})") from None


def _check_sections(body: dict[str, Any]) -> None:
    for name in TRANSFORMS:
        if name in body:
            raise _transform(name)
    if unknown := sorted(str(name) for name in body if name not in SECTIONS):
        raise ValidationError(f"Invalid template property or properties [{', '.join(unknown)}]")
    if body.get("AWSTemplateFormatVersion", "2010-09-09") != "2010-09-09":
        raise ValidationError(
            "Template format error: unsupported value for AWSTemplateFormatVersion."
        )
    for name in SECTIONS - {"AWSTemplateFormatVersion", "Description"}:
        if name in body and not isinstance(body[name], dict):
            raise ValidationError(f"Template format error: {name} must be an object.")
    if not body.get("Resources"):
        raise ValidationError(
            "Template format error: At least one Resources member must be defined."
        )


def _check_values(body: dict[str, Any]) -> None:
    for path, key, value in _walk(body, ""):
        if value is None:
            raise ValidationError(f"[{path}] 'null' values are not allowed in templates")
        if key.startswith(("Fn::ForEach", "Fn::Transform")):
            raise _transform(key)
        if isinstance(value, str) and (match := DYNAMIC_REFERENCE.search(value)):
            _check_dynamic(path, match)


def _check_dynamic(path: str, match: re.Match[str]) -> None:
    if match[1] == "ssm-secure":
        raise ValidationError(f"SSM Secure reference is not supported in: [{path}]")
    if not IN_PROPERTIES.match(path):
        raise ValidationError(
            f"[{path}] the dynamic reference {match[0]} stands outside a resource's properties: "
            "pass the value as a parameter"
        )


def _walk(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    items: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, dict):
        items = iter(value.items())
    elif isinstance(value, list):
        items = iter(enumerate(value))
    for key, item in items:
        here = f"{path}/{key}"
        yield here, str(key), item
        yield from _walk(item, here)


def _transform(name: str) -> ValidationError:
    return ValidationError(
        f"The sandbox runs no transforms, macros or loops: write out what {name} would give"
    )


def _check_parameter(name: str, parameter: Any) -> None:
    if not isinstance(parameter, dict) or "Type" not in parameter:
        raise ValidationError(
            "Template format error: Every Parameters object must contain a Type member."
        )
    _check_name("Parameter", name)
    _check_attributes(f"/Parameters/{name}", parameter, PARAMETER_ATTRIBUTES)


def _check_resource(name: str, resource: Any) -> None:
    if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
        raise ValidationError(
            f"Template format error: [/Resources/{name}] "
            "Every Resources object must contain a Type member."
        )
    _check_name("Resource", name)
    _check_attributes(f"/Resources/{name}", resource, RESOURCE_ATTRIBUTES)
    if not isinstance(resource.get("Properties", {}), dict):
        raise ValidationError(
            f"Template format error: [/Resources/{name}/Properties] must be an object."
        )
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        if resource.get(policy, "Delete") not in DELETION_POLICIES:
            raise ValidationError(
                f"Template format error: the sandbox knows no {policy} {resource[policy]!r} "
                f"of resource {name}: use one of {', '.join(sorted(DELETION_POLICIES))}"
            )


def _check_output(name: str, output: Any) -> None:
    if not isinstance(output, dict) or "Value" not in output:
        raise ValidationError(f"Template format error: Output {name} must contain a Value member.")
    _check_name("Output", name)
    _check_attributes(f"/Outputs/{name}", output, OUTPUT_ATTRIBUTES)


def _check_name(kind: str, name: str) -> None:
    if not (name.isascii() and name.isalnum()):
        raise ValidationError(f"Template format error: {kind} name {name} is non alphanumeric.")


def _check_attributes(path: str, value: dict[str, Any], known: frozenset[str]) -> None:
    if unknown := sorted(set(value) - known):
        raise ValidationError(
            f"Template format error: [{path}] Encountered unsupported property {unknown[0]}"
        )

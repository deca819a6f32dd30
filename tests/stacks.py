"""Our templates as CloudFormation would see them: parsed, and with their functions resolved."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = ("roles", "detection", "remediation")
ACCOUNT = "123456789012"
PARTITIONS = {"aws": "us-east-1", "aws-us-gov": "us-gov-west-1", "aws-cn": "cn-north-1"}
SUFFIXES = {"aws-cn": "amazonaws.com.cn"}
NO_VALUE = object()


class _Loader(yaml.SafeLoader):
    pass


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _function)


def parse(text: str) -> Any:
    """YAML with CloudFormation's short functions in their long form."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader


@cache
def template(name: str) -> dict[str, Any]:
    """One of our three stacks."""
    text = (ROOT / "cloudformation" / f"{name}.yaml").read_text(encoding="utf-8")
    body: dict[str, Any] = parse(text)
    return body


class Stack:
    """A template with parameters given, in a partition; resources by logical id, resolved."""

    def __init__(
        self, body: Mapping[str, Any], partition: str = "aws", /, **parameters: Any
    ) -> None:
        declared = body.get("Parameters", {})
        self.values: dict[str, Any] = {
            "AWS::Partition": partition,
            "AWS::Region": PARTITIONS[partition],
            "AWS::AccountId": ACCOUNT,
            "AWS::URLSuffix": SUFFIXES.get(partition, "amazonaws.com"),
            "AWS::NoValue": NO_VALUE,
        }
        for name, parameter in declared.items():
            value = parameters.get(name, parameter.get("Default", f"a-{name}"))
            is_list = parameter["Type"] == "CommaDelimitedList"
            self.values[name] = str(value).split(",") if is_list else value
        self.conditions = {
            name: self.resolve(value) for name, value in body.get("Conditions", {}).items()
        }
        self.resources: dict[str, Any] = {}
        for name, resource in body["Resources"].items():
            self.resources[name] = self.resolve(resource)

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        """Properties of the resources of one type, by logical id."""
        return {n: r["Properties"] for n, r in self.resources.items() if r["Type"] == kind}

    def resolve(self, value: Any) -> Any:
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (next(iter(value)) == "Ref" or next(iter(value)).startswith("Fn::")):
            ((name, argument),) = value.items()
            return self._call(name.removeprefix("Fn::"), argument)
        pairs = ((key, self.resolve(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not NO_VALUE}

    def _call(self, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return self.values.get(argument, f"<{argument}>")
            case "GetAtt":
                return f"<{argument if isinstance(argument, str) else '.'.join(argument)}>"
            case "Sub":
                text, own = argument if isinstance(argument, list) else (argument, {})
                values = {**self.values, **{k: self.resolve(v) for k, v in own.items()}}
                return re.sub(r"\$\{([^!}]+)\}", lambda m: values.get(m[1], f"<{m[1]}>"), text)
            case "Join":
                return argument[0].join(self.resolve(argument[1]))
            case "If":
                return self.resolve(argument[1 if self.conditions[argument[0]] else 2])
            case "Equals":
                return self.resolve(argument[0]) == self.resolve(argument[1])
            case "Not":
                return not self.resolve(argument[0])
        raise NotImplementedError(f"the function {name} of CloudFormation")


def statements(policy: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A policy's statements with Action and Resource as lists."""
    return [
        {k: [v] if k in ("Action", "Resource") and isinstance(v, str) else v for k, v in s.items()}
        for s in policy["Statement"]
    ]


def role(stack: Stack, name: str) -> dict[str, Any]:
    """Properties of the role of that name."""
    return next(r for r in stack.of("AWS::IAM::Role").values() if r["RoleName"] == name)


def actions(stack: Stack, name: str) -> set[str]:
    """All that a role may do."""
    policies = role(stack, name)["Policies"]
    found = [s for policy in policies for s in statements(policy["PolicyDocument"])]
    return {action for statement in found for action in statement["Action"]}

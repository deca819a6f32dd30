"""What names mean in one template: parameters, pseudo parameters, conditions and resources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from netmend.sandbox.cloudformation import intrinsics
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.rule_functions import RULE_LOGIC, RULE_VALUES
from netmend.sandbox.cloudformation.template import Template

NO_VALUE: Final = object()
"""What `Ref: AWS::NoValue` gives: the key or list entry that holds it disappears."""


RESOLVE: Final = "{{resolve:"
"""How a dynamic reference begins."""


@dataclass(frozen=True)
class Pending:
    """A value that is known only when a resource exists: the function, its arguments resolved."""

    expression: Any


class Resources(Protocol):
    """What a template may ask about the resources of its stack."""

    def ref(self, name: str) -> Any: ...

    def attribute(self, name: str, attribute: str) -> Any: ...


class NotYet:
    """The resources of a stack that is only planned."""

    def ref(self, name: str) -> Any:
        return Pending({"Ref": name})

    def attribute(self, name: str, attribute: str) -> Any:
        return Pending({"Fn::GetAtt": [name, attribute]})


def is_pending(value: Any) -> bool:
    """Whether a resolved value still waits for a resource somewhere inside."""
    if isinstance(value, dict):
        return any(map(is_pending, value.values()))
    if isinstance(value, list):
        return any(map(is_pending, value))
    return isinstance(value, Pending)


def function_of(value: dict[str, Any]) -> str | None:
    """The name of the function that a dict is a call of, if it is one."""
    names = [key for key in value if key == "Ref" or str(key).startswith("Fn::")]
    if names and len(value) > 1:
        raise ValidationError(
            f"Template error: {names[0]} stands beside other keys: {', '.join(map(str, value))}"
        )
    return names[0] if names else None


@dataclass
class Scope:
    """Resolves values of one template for one set of parameters.

    names: parameters and pseudo parameters, as Ref gives them. exports: what other stacks export,
    by name. zones: gives the zones of a Region. in_rules: the Rules section is judged, which has
    functions of its own. look: an attribute of what a parameter names, by type, value and name;
    dynamic: the value of a dynamic reference. Names imported so far are kept in `imported`.
    """

    template: Template
    names: Mapping[str, Any]
    resources: Resources
    exports: Mapping[str, str] = field(default_factory=dict)
    zones: Callable[[str], list[str]] = lambda _: []
    in_rules: bool = False
    look: Callable[[str, str, str], str] = lambda *_: ""
    dynamic: Callable[[str], Any] = str
    imported: set[str] = field(default_factory=set)
    _conditions: dict[str, bool] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)

    def resolve(self, value: Any) -> Any:
        """The value with every function carried out; raises ValidationError for one that can't."""
        if isinstance(value, list):
            resolved = [self.resolve(item) for item in value]
            return [item for item in resolved if item is not NO_VALUE]
        if isinstance(value, dict) and (name := function_of(value)):
            value = self._call(name, value[name])
        elif isinstance(value, dict):
            pairs = {key: self.resolve(item) for key, item in value.items()}
            return {key: item for key, item in pairs.items() if item is not NO_VALUE}
        return self.dynamic(value) if isinstance(value, str) and RESOLVE in value else value

    def active(self, logical_id: str) -> bool:
        """Whether the resource's condition, if it has one, is true."""
        name = self.template.resources[logical_id].get("Condition")
        return name is None or self.condition(name)

    def condition(self, name: str) -> bool:
        """The value of a named condition."""
        if name not in self._conditions:
            definitions = self.template.section("Conditions")
            if name not in definitions:
                raise ValidationError(
                    f"Template format error: Unresolved condition dependency {name}"
                )
            if name in self._open:
                raise ValidationError(f"Circular dependency between conditions: {self._open}")
            self._open.append(name)
            self._conditions[name] = self.judge(definitions[name])
            self._open.remove(name)
        return self._conditions[name]

    def judge(self, value: Any) -> bool:
        """The truth of a condition expression."""
        if not isinstance(value, dict) or len(value) != 1:
            raise ValidationError(f"Template error: {value!r} is not a condition")
        name, argument = next(iter(value.items()))
        if name == "Condition":
            return self.condition(argument)
        logic = LOGIC | RULE_LOGIC if self.in_rules else LOGIC
        if name not in logic:
            raise ValidationError(
                f"Template error: {name} cannot stand in a condition: use one of "
                f"{', '.join(sorted(logic))}"
            )
        return logic[name](self, argument)

    def _call(self, name: str, argument: Any) -> Any:
        special = SPECIAL | RULE_VALUES if self.in_rules else SPECIAL
        if name in special:
            return special[name](self, argument)
        if name not in intrinsics.PURE:
            raise ValidationError(f"Template error: the sandbox knows no function {name}")
        resolved = self.resolve(argument)
        if is_pending(resolved):
            return Pending({name: resolved})
        return intrinsics.PURE[name](resolved)

    def ref(self, name: Any) -> Any:
        """What `Ref` gives for a parameter, a pseudo parameter or a resource."""
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self.names:
            return self.names[name]
        if name not in self.template.resources or not self.active(name):
            raise ValidationError(
                f"Template format error: Unresolved resource dependencies [{name}] "
                "in the Resources block of the template"
            )
        return self.resources.ref(name)

    def attribute(self, argument: Any) -> Any:
        """What `Fn::GetAtt` gives; the argument is [name, attribute] or `name.attribute`."""
        name, attribute = attribute_of(argument)
        attribute = self.resolve(attribute)
        if name not in self.template.resources or not self.active(name):
            raise ValidationError(
                f"Template error: instance of Fn::GetAtt references undefined resource {name}"
            )
        return self.resources.attribute(name, attribute)


def attribute_of(argument: Any) -> tuple[str, Any]:
    """(resource, attribute) of an Fn::GetAtt in either of its two forms."""
    if isinstance(argument, str):
        argument = argument.split(".", 1)
    name, attribute = intrinsics.arguments("Fn::GetAtt", argument, 2)
    if not isinstance(name, str):
        raise ValidationError("Template error: every Fn::GetAtt object requires a resource name")
    return name, attribute


def _if(scope: Scope, argument: Any) -> Any:
    name, then, other = intrinsics.arguments("Fn::If", argument, 3)
    return scope.resolve(then if scope.condition(name) else other)


def _sub(scope: Scope, argument: Any) -> Any:
    given: dict[str, Any] = {}
    template = argument
    if isinstance(argument, list):
        template, given = intrinsics.arguments("Fn::Sub", argument, 2)
    own = {name: scope.resolve(value) for name, value in given.items()}

    def value_of(name: str) -> Any:
        if name in own:
            return own[name]
        return scope.attribute(name) if "." in name else scope.ref(name)

    values = (
        {name: value_of(name) for name in intrinsics.sub_names(template)}
        if isinstance(template, str)
        else {}
    )
    if is_pending(values):
        return Pending({"Fn::Sub": [template, values]})
    return intrinsics.substitute(template, values.__getitem__)


def _find_in_map(scope: Scope, argument: Any) -> Any:
    names = intrinsics.arguments("Fn::FindInMap", scope.resolve(argument), 3)
    found: Any = scope.template.section("Mappings")
    for name in names:
        if not isinstance(found, dict) or str(name) not in found:
            raise ValidationError(
                f"Template error: Unable to get mapping for {'::'.join(map(str, names))}"
            )
        found = found[str(name)]
    return found


def _import_value(scope: Scope, argument: Any) -> Any:
    name = intrinsics.text(scope.resolve(argument), "Fn::ImportValue")
    if name not in scope.exports:
        raise ValidationError(f"No export named {name} found.")
    scope.imported.add(name)
    return scope.exports[name]


def _zones(scope: Scope, argument: Any) -> Any:
    region = scope.resolve(argument) or scope.names["AWS::Region"]
    return scope.zones(region)


SPECIAL: Final[dict[str, Callable[[Scope, Any], Any]]] = {
    "Ref": Scope.ref,
    "Fn::GetAtt": Scope.attribute,
    "Fn::If": _if,
    "Fn::Sub": _sub,
    "Fn::FindInMap": _find_in_map,
    "Fn::ImportValue": _import_value,
    "Fn::GetAZs": _zones,
}


def _equals(scope: Scope, argument: Any) -> bool:
    left, right = intrinsics.arguments("Fn::Equals", scope.resolve(argument), 2)
    return bool(_comparable(left) == _comparable(right))


def _comparable(value: Any) -> Any:
    if isinstance(value, dict | list):
        return value
    return intrinsics.text(value, "Fn::Equals")


LOGIC: Final[dict[str, Callable[[Scope, Any], bool]]] = {
    "Fn::Equals": _equals,
    "Fn::Not": lambda scope, argument: (
        not scope.judge(intrinsics.arguments("Fn::Not", argument, 1)[0])
    ),
    "Fn::And": lambda scope, argument: all(
        scope.judge(item) for item in intrinsics.arguments("Fn::And", argument, *range(2, 11))
    ),
    "Fn::Or": lambda scope, argument: any(
        scope.judge(item) for item in intrinsics.arguments("Fn::Or", argument, *range(2, 11))
    ),
}

"""Every name that a template uses exists, and its resources have an order in which to be made."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.intrinsics import sub_names
from netmend.sandbox.cloudformation.scope import attribute_of, function_of
from netmend.sandbox.cloudformation.template import Template

PSEUDO: Final = frozenset(
    f"AWS::{name}"
    for name in [
        "AccountId",
        "NotificationARNs",
        "NoValue",
        "Partition",
        "Region",
        "StackId",
        "StackName",
        "URLSuffix",
    ]
)


@dataclass(frozen=True)
class Reference:
    """A use of a name: by Ref (attribute is empty) or by Fn::GetAtt."""

    name: str
    attribute: str = ""


def references(value: Any) -> Iterator[Reference]:
    """Every reference in a value, whether or not a condition would drop it."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    if not isinstance(value, dict):
        return
    name = function_of(value)
    if name == "Ref":
        yield Reference(str(value[name]))
    elif name == "Fn::GetAtt":
        target, attribute = attribute_of(value[name])
        yield Reference(target, attribute if isinstance(attribute, str) else "*")
        yield from references(attribute)
    elif name == "Fn::Sub":
        yield from _sub(value[name])
    else:
        for item in value.values():
            yield from references(item)


def _sub(argument: Any) -> Iterator[Reference]:
    template, given = argument if isinstance(argument, list) else (argument, {})
    yield from references(given)
    for name in sub_names(template) if isinstance(template, str) else ():
        if name not in given:
            target, _, attribute = name.partition(".")
            yield Reference(target, attribute)


def conditions(value: Any) -> Iterator[str]:
    """The names of the conditions that Fn::If uses in a value."""
    if isinstance(value, list):
        for item in value:
            yield from conditions(item)
    elif isinstance(value, dict):
        chosen = value.get("Fn::If")
        if isinstance(chosen, list) and chosen:
            yield str(chosen[0])
        for item in value.values():
            yield from conditions(item)


def depends_on(resource: Mapping[str, Any]) -> list[str]:
    """The DependsOn of a resource as a list."""
    value = resource.get("DependsOn", [])
    return [value] if isinstance(value, str) else list(value)


def check(template: Template) -> None:
    """Refuse names that nothing defines; raises ValidationError naming them."""
    for section in ("Resources", "Outputs"):
        _check_section(template, section)
    known = set(template.section("Parameters")) | PSEUDO
    for section in ("Conditions", "Rules"):
        used = sorted({r.name for r in references(template.section(section))} - known)
        if used:
            raise ValidationError(
                f"Template format error: Unresolved dependencies {used}. "
                f"Cannot reference resources in the {section} block of the template"
            )


def _check_section(template: Template, section: str) -> None:
    resources = template.resources
    known = set(template.section("Parameters")) | PSEUDO | set(resources)
    missing: list[str] = []
    for definition in template.section(section).values():
        used = list(references({k: v for k, v in definition.items() if k != "Metadata"}))
        missing += [r.name for r in used if not r.attribute and r.name not in known]
        missing += [name for name in depends_on(definition) if name not in resources]
        if stray := [r.name for r in used if r.attribute and r.name not in resources]:
            raise ValidationError(
                f"Template error: instance of Fn::GetAtt references undefined resource {stray[0]}"
            )
        _check_conditions(template, section, definition)
    if missing:
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
            f"in the {section} block of the template"
        )


def _check_conditions(template: Template, section: str, definition: dict[str, Any]) -> None:
    names = list(conditions(definition))
    names += [definition["Condition"]] if "Condition" in definition else []
    for name in names:
        if name not in template.section("Conditions"):
            raise ValidationError(
                f"Template format error: Unresolved condition dependency {name} "
                f"in the {section} block of the template"
            )


def needs(template: Template, after: Callable[[str], tuple[str, ...]]) -> dict[str, set[str]]:
    """For each resource the ones that must stand before it.

    after: the types whose resources in the same template come before those of a type.
    """
    resources = template.resources
    result: dict[str, set[str]] = {}
    for name, definition in resources.items():
        used = {r.name for r in references(definition.get("Properties", {}))}
        used |= set(depends_on(definition))
        first = after(definition["Type"])
        used |= {other for other, d in resources.items() if d["Type"] in first}
        result[name] = {other for other in used if other in resources}
    return result


def order(graph: Mapping[str, set[str]]) -> list[str]:
    """The order of making; raises ValidationError when resources wait for one another.

    CloudFormation makes what is independent at once, in no order that an author may count on. So
    of the resources that could come next, the one written last in the template does: a DependsOn
    that is missing shows here and not only now and then in an account.
    """
    place = {name: -index for index, name in enumerate(graph)}
    waiting = {name: set(used) for name, used in graph.items()}
    ready = [(place[name], name) for name, used in waiting.items() if not used]
    heapq.heapify(ready)
    ordered: list[str] = []
    while ready:
        _, done = heapq.heappop(ready)
        ordered.append(done)
        for name, used in waiting.items():
            if done in used:
                used.discard(done)
                if not used:
                    heapq.heappush(ready, (place[name], name))
    if left := [name for name in graph if name not in set(ordered)]:
        raise ValidationError(f"Circular dependency between resources: [{', '.join(left)}]")
    return ordered

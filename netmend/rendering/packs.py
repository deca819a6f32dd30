"""A conformance pack is its rules: what starts each, what it judges, and with which parameters."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from netmend.catalog import CatalogError, Control, Parameter
from netmend.rendering.text import fill, lines, quoted

ON_CHANGE: Final = (
    "ConfigurationItemChangeNotification",
    "OversizedConfigurationItemChangeNotification",
)


def parameters(controls: Iterable[Control]) -> list[Parameter]:
    """The parameters of all, each name once; raises `CatalogError` where two disagree about one."""
    found: dict[str, Parameter] = {}
    for control in controls:
        for parameter in control.parameters:
            if found.setdefault(parameter.name, parameter) != parameter:
                raise CatalogError(
                    control.path,
                    f"{parameter.name} is another rule's parameter with another meaning",
                    "give both the same default, description and bounds, or rename one",
                )
    return list(found.values())


def pack(name: str, controls: tuple[Control, ...]) -> str:
    """The pack's template."""
    known = parameters(controls)
    optional = [parameter for parameter in known if not parameter.default]
    return (
        fill(
            "pack.yaml",
            pack=name,
            parameters="\n".join(
                f"  {p.name}:\n    Type: String\n    Default: {quoted(p.default)}" for p in known
            ),
            conditions="\n".join(["Conditions:", *map(_condition, optional)]) if optional else "",
            rules="\n".join(_rule(control) for control in controls),
        )
        + "\n"
    )


def _condition(parameter: Parameter) -> str:
    return fill("condition.yaml", name=parameter.name)


def _rule(control: Control) -> str:
    return fill(
        "rule.yaml",
        logical_id=control.logical_id,
        name=control.name,
        description=quoted(control.description),
        inputs=_inputs(control),
        scope=_scope(control),
        messages=_messages(control),
    )


def _inputs(control: Control) -> str:
    given = [_input(parameter) for parameter in control.parameters]
    return "\n".join(["      InputParameters:", *given]) if given else ""


def _input(parameter: Parameter) -> str:
    # Config refuses a parameter whose value is empty: it is left out instead.
    fragment = "input.yaml" if parameter.default else "input-optional.yaml"
    return fill(fragment, name=parameter.name)


def _scope(control: Control) -> str:
    types = control.resource_types
    return fill("scope.yaml", types=lines(types, 10)) if types else ""


def _messages(control: Control) -> str:
    found = [fill("message.yaml", type=kind) for kind in ON_CHANGE if control.resource_types]
    if control.frequency:
        found.append(fill("message-scheduled.yaml", frequency=control.frequency))
    return "\n".join(found)

"""A stack that is planned has been checked as far as it can be before anything is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from netmend.sandbox.api import ApiError
from netmend.sandbox.cloudformation import (
    dynamic,
    existing,
    linting,
    parameters,
    providers,
    references,
    schemas,
)
from netmend.sandbox.cloudformation.access import Access
from netmend.sandbox.cloudformation.errors import ValidationError
from netmend.sandbox.cloudformation.model import Stack, Wanted
from netmend.sandbox.cloudformation.providers.base import Properties, Provider
from netmend.sandbox.cloudformation.scope import NO_VALUE, NotYet, Resources, Scope
from netmend.sandbox.cloudformation.template import Template

IAM_NAMES: Final = {
    "AWS::IAM::AccessKey": "",
    "AWS::IAM::Group": "GroupName",
    "AWS::IAM::InstanceProfile": "InstanceProfileName",
    "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
    "AWS::IAM::Policy": "",
    "AWS::IAM::Role": "RoleName",
    "AWS::IAM::User": "UserName",
    "AWS::IAM::UserToGroupAddition": "",
}
"""Types that need a capability, and the property that makes it CAPABILITY_NAMED_IAM."""


@dataclass(frozen=True)
class Plan:
    """What a stack will be.

    order: the resources whose condition is true, in order of making. properties: of each, checked,
    with `Pending` where only a standing resource can tell. content: all that an update may change,
    to compare two plans by.
    """

    wanted: Wanted
    access: Access
    names: Mapping[str, Any]
    exports: Mapping[str, str]
    providers: Mapping[str, Provider]
    order: tuple[str, ...]
    needs: Mapping[str, frozenset[str]]
    content: Mapping[str, Any]

    def resolved(self) -> dict[str, str]:
        """The values of the parameters that Systems Manager holds."""
        declared = self.wanted.template.section("Parameters")
        stored = [name for name, one in declared.items() if one["Type"] in parameters.STORED]
        values = {name: self.names[name] for name in stored}
        return {n: ",".join(v) if isinstance(v, list) else v for n, v in values.items()}

    def scope(self, resources: Resources) -> Scope:
        """The meaning of the template's names, given its resources."""
        return Scope(
            self.wanted.template,
            self.names,
            resources,
            self.exports,
            self.access.zones,
            dynamic=partial(dynamic.resolve, self.access),
        )


def make(stack: Stack, wanted: Wanted, access: Access, exports: Mapping[str, str]) -> Plan:
    """Check everything that can be checked and plan; raises ApiError, and changes nothing."""
    template = wanted.template
    found = check_types(template)
    references.check(template)
    _check_attributes(template, found)
    check_capabilities(template, wanted.capabilities)
    names = _names(stack, wanted, access)
    existing.check(template, names, access)
    scope = Scope(
        template,
        names,
        NotYet(),
        exports,
        access.zones,
        look=partial(existing.attribute, access),
        dynamic=partial(dynamic.probe, access),
    )
    for condition in template.section("Conditions"):
        scope.condition(condition)
    _check_rules(scope)
    graph = references.needs(template, lambda kind: _after(found, kind))
    order = references.order(graph)
    active = tuple(name for name in order if scope.active(name))
    content = _content(scope, active, found, wanted)
    linting.check(template.text, access.region)
    return Plan(
        wanted=wanted,
        access=access,
        names=names,
        exports=exports,
        providers={name: found[template.resources[name]["Type"]] for name in active},
        order=active,
        needs={name: frozenset(graph[name] & set(active)) for name in active},
        content=content,
    )


def check_types(template: Template) -> dict[str, Provider]:
    """The provider of each type of a template; raises ValidationError for types without one."""
    kinds = {resource["Type"] for resource in template.resources.values()}
    found = {kind: providers.find(kind) for kind in kinds}
    if unknown := sorted(kind for kind, provider in found.items() if provider is None):
        raise ValidationError(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]"
        )
    return {kind: provider for kind, provider in found.items() if provider is not None}


def _after(found: Mapping[str, Provider], kind: str) -> tuple[str, ...]:
    return found[kind].after


def _check_attributes(template: Template, found: Mapping[str, Provider]) -> None:
    everything = [template.resources, template.section("Outputs")]
    for reference in references.references(everything):
        if reference.attribute in ("", "*"):
            continue
        kind = template.resources[reference.name]["Type"]
        if not found[kind].has_attribute(reference.attribute):
            raise ValidationError(
                f"Template error: resource {reference.name} does not support attribute type "
                f"{reference.attribute} in Fn::GetAtt"
            )


def needed_capabilities(template: Template) -> list[str]:
    """The capability that the template's IAM resources need, if they need one."""
    resources = [r for r in template.resources.values() if r["Type"] in IAM_NAMES]
    named = [r for r in resources if IAM_NAMES[r["Type"]] in r.get("Properties", {})]
    if named:
        return ["CAPABILITY_NAMED_IAM"]
    return ["CAPABILITY_IAM"] if resources else []


def check_capabilities(template: Template, given: tuple[str, ...]) -> None:
    """Refuse IAM resources that the caller did not acknowledge."""
    for capability in needed_capabilities(template):
        enough = {capability, "CAPABILITY_NAMED_IAM"}
        if not enough & set(given):
            raise ApiError(
                "InsufficientCapabilitiesException", f"Requires capabilities : [{capability}]"
            )


def _names(stack: Stack, wanted: Wanted, access: Access) -> dict[str, Any]:
    return {
        "AWS::AccountId": access.account,
        "AWS::NotificationARNs": list(wanted.topics),
        "AWS::Partition": access.partition,
        "AWS::Region": access.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": access.suffix,
        **parameters.references(wanted.template, wanted.parameters, access.parameter),
    }


def _check_rules(given: Scope) -> None:
    scope = replace(given, in_rules=True)
    for name, rule in scope.template.section("Rules").items():
        if "RuleCondition" in rule and not scope.judge(rule["RuleCondition"]):
            continue
        for assertion in rule.get("Assertions", []):
            if not scope.judge(assertion["Assert"]):
                said = assertion.get("AssertDescription", "an assertion is false")
                raise ValidationError(f"Template validation error: rule {name} failed: {said}")


def _content(
    scope: Scope, active: tuple[str, ...], found: Mapping[str, Provider], wanted: Wanted
) -> dict[str, Any]:
    resources: dict[str, Any] = {}
    for name in active:
        definition = scope.template.resources[name]
        properties = scope.resolve(definition.get("Properties", {}))
        kind = definition["Type"]
        checked = shaped(found[kind], kind, scope.names["AWS::Region"], name, properties, wanted)
        resources[name] = {**definition, "Properties": checked}
    return {
        "Resources": resources,
        "Outputs": outputs(scope),
        "Tags": dict(wanted.tags),
        "Topics": wanted.topics,
    }


def shaped(
    provider: Provider, kind: str, region: str, name: str, resolved: Properties, wanted: Wanted
) -> Properties:
    """Resolved properties in their shape; raises ValidationError for what the type forbids."""
    checked = provider.check(name, resolved, wanted.tags)
    schemas.check(kind, region, name, checked)
    return checked


def outputs(scope: Scope) -> dict[str, dict[str, Any]]:
    """The outputs whose condition is true, resolved."""
    result: dict[str, dict[str, Any]] = {}
    for name, output in scope.template.section("Outputs").items():
        if "Condition" in output and not scope.condition(output["Condition"]):
            continue
        resolved = scope.resolve({k: v for k, v in output.items() if k != "Condition"})
        if resolved.get("Value", NO_VALUE) is NO_VALUE:
            raise ValidationError(
                "Template format error: The Value field of every Outputs member must evaluate "
                "to a String."
            )
        result[name] = resolved
    return result

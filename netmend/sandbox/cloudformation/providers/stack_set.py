"""AWS::CloudFormation::StackSet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.errors import Failure, ValidationError
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    same,
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import BOOLEAN, INTEGER, STRING, TAGS, Shape

PARAMETERS: Final[Shape] = [{"ParameterKey": STRING, "ParameterValue": STRING}]
TARGETS: Final[dict[str, Shape]] = {
    "AccountFilterType": STRING,
    "Accounts": [STRING],
    "AccountsUrl": STRING,
    "OrganizationalUnitIds": [STRING],
}
PREFERENCES: Final[dict[str, Shape]] = {
    "ConcurrencyMode": STRING,
    "FailureToleranceCount": INTEGER,
    "FailureTolerancePercentage": INTEGER,
    "MaxConcurrentCount": INTEGER,
    "MaxConcurrentPercentage": INTEGER,
    "RegionConcurrencyType": STRING,
    "RegionOrder": [STRING],
}
SAID: Final = (
    "AdministrationRoleARN",
    "AutoDeployment",
    "CallAs",
    "Capabilities",
    "Description",
    "ExecutionRoleName",
    "ManagedExecution",
    "Parameters",
    "TemplateBody",
    "TemplateURL",
)
"""What CreateStackSet and UpdateStackSet take as it stands."""

Group = dict[str, Any]


class StackSet(Provider):
    """Ref is the stack set's id; it is made when its instances are, and deleted with them."""

    type = "AWS::CloudFormation::StackSet"
    name_property = "StackSetName"
    shape: ClassVar[Shapes] = {
        "AdministrationRoleARN": STRING,
        "AutoDeployment": {
            "DependsOn": [STRING],
            "Enabled": BOOLEAN,
            "RetainStacksOnAccountRemoval": BOOLEAN,
        },
        "CallAs": STRING,
        "Capabilities": [STRING],
        "Description": STRING,
        "ExecutionRoleName": STRING,
        "ManagedExecution": {"Active": BOOLEAN},
        "OperationPreferences": PREFERENCES,
        "Parameters": PARAMETERS,
        "PermissionModel": STRING,
        "StackInstancesGroup": [
            {"DeploymentTargets": TARGETS, "ParameterOverrides": PARAMETERS, "Regions": [STRING]}
        ],
        "StackSetName": STRING,
        "Tags": TAGS,
        "TemplateBody": STRING,
        "TemplateURL": STRING,
    }
    required = ("PermissionModel", "StackSetName")
    create_only = ("CallAs", "PermissionModel", "StackSetName")
    attributes: ClassVar[Attributes] = {"StackSetId": lambda site, made: made}

    def check(self, resource: str, properties: Properties, tags: Mapping[str, str]) -> Properties:
        shaped = super().check(resource, properties, tags)
        groups = shaped.get("StackInstancesGroup")
        for group in groups if isinstance(groups, list) else ():
            for name in ("DeploymentTargets", "Regions"):
                if isinstance(group, dict) and name not in group:
                    raise ValidationError(
                        f"Properties validation failed for resource {resource} with message: "
                        f"#/StackInstancesGroup/0: required key [{name}] not found"
                    )
        return shaped

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("cloudformation").create_stack_set(
            **pick(wanted, "PermissionModel", "StackSetName"), **_said(wanted)
        )
        return str(made["StackSetId"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        work = _Work(site, physical_id, new)
        if old and not same(old, new, *SAID, "Tags"):
            work.run("update_stack_set", **_said(new), **work.preferences)
        before, after = _groups(old), _groups(new)
        for group in before:
            if group not in after:
                kept = [other for other in after if _target(other) == _target(group)]
                regions = {region for other in kept for region in other["Regions"]}
                work.remove({**group, "Regions": [r for r in group["Regions"] if r not in regions]})
        for group in after:
            if group not in before:
                work.run("create_stack_instances", **_request(group), **work.preferences)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        work = _Work(site, physical_id, properties)
        for group in _groups(properties):
            work.remove(group)
        site.client("cloudformation").delete_stack_set(StackSetName=physical_id, **work.call_as)


def _said(properties: Properties) -> dict[str, Any]:
    return {**pick(properties, *SAID), "Tags": tag_list(properties)}


def _groups(properties: Properties) -> list[Group]:
    groups: list[Group] = read(properties, "StackInstancesGroup", [])
    return groups


def _target(group: Group) -> Any:
    return group["DeploymentTargets"]


def _request(group: Group) -> dict[str, Any]:
    targets = group["DeploymentTargets"]
    named = targets if targets.get("OrganizationalUnitIds") else None
    return {
        **({"DeploymentTargets": named} if named else {"Accounts": targets.get("Accounts", [])}),
        **{k: v for k, v in group.items() if k != "DeploymentTargets"},
    }


class _Work:
    """The operations of one stack set, each brought to its end before the next."""

    def __init__(self, site: Site, physical_id: str, properties: Properties) -> None:
        self._site = site
        self._name = physical_id
        self.call_as = pick(properties, "CallAs")
        self.preferences = pick(properties, "OperationPreferences")

    def run(self, method: str, **request: Any) -> None:
        """Begin an operation and wait for it; raises Failure where it does not succeed."""
        from netmend.sandbox.stacksets import waiting

        client, access = self._site.client("cloudformation"), self._site.access
        with waiting.held(access, self._name, self.call_as) as stack_set:
            answer = getattr(client, method)(StackSetName=self._name, **self.call_as, **request)
            ended = waiting.finish(access, stack_set, answer["OperationId"])
        if ended.status != "SUCCEEDED":
            failed = [one.reason for one in ended.results.values() if one.status == "FAILED"]
            said = "; ".join(reason for reason in (ended.reason, *failed) if reason)
            raise Failure(f"Operation {ended.id} of stack set {self._name} {ended.status}: {said}")

    def remove(self, group: Group) -> None:
        """Delete a group's instances with their stacks."""
        if group["Regions"]:
            request = {k: v for k, v in _request(group).items() if k != "ParameterOverrides"}
            self.run("delete_stack_instances", **request, **self.preferences, RetainStacks=False)


PROVIDERS: Final = by_name([StackSet])

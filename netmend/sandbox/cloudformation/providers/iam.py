"""AWS::IAM::Role, ManagedPolicy and Policy."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    forgiving,
    pick,
    read,
    same,
    tag_changes,
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import INTEGER, JSON, STRING, TAGS, json_text

DEFAULT_SESSION_SECONDS: Final = 3600


class Role(Provider):
    """Ref is the name."""

    type = "AWS::IAM::Role"
    name_property = "RoleName"
    shape: ClassVar[Shapes] = {
        "AssumeRolePolicyDocument": JSON,
        "Description": STRING,
        "ManagedPolicyArns": [STRING],
        "MaxSessionDuration": INTEGER,
        "Path": STRING,
        "PermissionsBoundary": STRING,
        "Policies": [{"PolicyName": STRING, "PolicyDocument": JSON}],
        "RoleName": STRING,
        "Tags": TAGS,
    }
    required = ("AssumeRolePolicyDocument",)
    create_only = ("RoleName", "Path")
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, name: _role(site, name)["Arn"],
        "RoleId": lambda site, name: _role(site, name)["RoleId"],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "RoleName") or site.name(64))
        site.client("iam").create_role(
            RoleName=name,
            AssumeRolePolicyDocument=json_text(read(wanted, "AssumeRolePolicyDocument")),
            Tags=tag_list(wanted),
            **pick(wanted, "Description", "MaxSessionDuration", "Path", "PermissionsBoundary"),
        )
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("iam")
        if old:
            self._change(client, physical_id, old, new)
        self._attach(client, physical_id, old, new)
        self._inline(client, physical_id, old, new)

    def _change(self, client: Any, name: str, old: Properties, new: Properties) -> None:
        if not same(old, new, "AssumeRolePolicyDocument"):
            document = json_text(read(new, "AssumeRolePolicyDocument"))
            client.update_assume_role_policy(RoleName=name, PolicyDocument=document)
        if not same(old, new, "Description", "MaxSessionDuration"):
            client.update_role(
                RoleName=name,
                Description=read(new, "Description", ""),
                MaxSessionDuration=read(new, "MaxSessionDuration", DEFAULT_SESSION_SECONDS),
            )
        if not same(old, new, "PermissionsBoundary"):
            boundary = read(new, "PermissionsBoundary")
            if boundary:
                client.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
            else:
                client.delete_role_permissions_boundary(RoleName=name)
        gone, changed = tag_changes(old, new)
        if gone:
            client.untag_role(RoleName=name, TagKeys=gone)
        if changed:
            client.tag_role(
                RoleName=name, Tags=[{"Key": k, "Value": v} for k, v in changed.items()]
            )

    def _attach(self, client: Any, name: str, old: Properties, new: Properties) -> None:
        before, after = read(old, "ManagedPolicyArns", []), read(new, "ManagedPolicyArns", [])
        for arn in after:
            if arn not in before:
                client.attach_role_policy(RoleName=name, PolicyArn=arn)
        for arn in before:
            if arn not in after:
                forgiving(partial(client.detach_role_policy, RoleName=name, PolicyArn=arn))

    def _inline(self, client: Any, name: str, old: Properties, new: Properties) -> None:
        before, after = _inline_policies(old), _inline_policies(new)
        for policy, document in after.items():
            if before.get(policy) != document:
                client.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=document)
        for policy in before:
            if policy not in after:
                forgiving(partial(client.delete_role_policy, RoleName=name, PolicyName=policy))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client = site.client("iam")
        self._attach(client, physical_id, properties, {})
        self._inline(client, physical_id, properties, {})
        client.delete_role(RoleName=physical_id)


def _role(site: Site, name: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client("iam").get_role(RoleName=name)["Role"]
    return found


def _inline_policies(properties: Properties) -> dict[str, str]:
    policies = read(properties, "Policies", [])
    return {policy["PolicyName"]: json_text(policy["PolicyDocument"]) for policy in policies}


HOLDERS: Final = ("Roles", "Users", "Groups")
"""The properties that say to whom a policy is given; the API's operations end in the singular."""


class ManagedPolicy(Provider):
    """Ref is the ARN."""

    type = "AWS::IAM::ManagedPolicy"
    name_property = "ManagedPolicyName"
    shape: ClassVar[Shapes] = {
        "Description": STRING,
        "Groups": [STRING],
        "ManagedPolicyName": STRING,
        "Path": STRING,
        "PolicyDocument": JSON,
        "Roles": [STRING],
        "Users": [STRING],
    }
    required = ("PolicyDocument",)
    create_only = ("ManagedPolicyName", "Path", "Description")
    attributes: ClassVar[Attributes] = {"PolicyArn": lambda site, arn: arn}

    def create(self, site: Site, wanted: Properties) -> str:
        name = read(wanted, "ManagedPolicyName") or site.name(128)
        made = site.client("iam").create_policy(
            PolicyName=name,
            PolicyDocument=json_text(read(wanted, "PolicyDocument")),
            **pick(wanted, "Description", "Path"),
        )
        return str(made["Policy"]["Arn"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("iam")
        if old and not same(old, new, "PolicyDocument"):
            _drop_old_versions(client, physical_id)
            client.create_policy_version(
                PolicyArn=physical_id,
                PolicyDocument=json_text(read(new, "PolicyDocument")),
                SetAsDefault=True,
            )
        self._hold(client, physical_id, old, new)

    def _hold(self, client: Any, arn: str, old: Properties, new: Properties) -> None:
        for holders in HOLDERS:
            kind = holders[:-1].lower()
            key = f"{kind.title()}Name"
            before, after = read(old, holders, []), read(new, holders, [])
            for holder in sorted(set(after) - set(before)):
                getattr(client, f"attach_{kind}_policy")(PolicyArn=arn, **{key: holder})
            for holder in sorted(set(before) - set(after)):
                detach = getattr(client, f"detach_{kind}_policy")
                forgiving(partial(detach, PolicyArn=arn, **{key: holder}))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client = site.client("iam")
        self._hold(client, physical_id, properties, {})
        _drop_old_versions(client, physical_id)
        client.delete_policy(PolicyArn=physical_id)


def _drop_old_versions(client: Any, arn: str) -> None:
    # IAM keeps at most five, and deletes a policy only when the default one is alone.
    for version in client.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            client.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


class Policy(Provider):
    """An inline policy of roles, users and groups; Ref is its generated id."""

    type = "AWS::IAM::Policy"
    shape: ClassVar[Shapes] = {
        "Groups": [STRING],
        "PolicyDocument": JSON,
        "PolicyName": STRING,
        "Roles": [STRING],
        "Users": [STRING],
    }
    required = ("PolicyDocument", "PolicyName")
    create_only = ("PolicyName",)

    def create(self, site: Site, wanted: Properties) -> str:
        return site.name(128)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("iam")
        name = str(read(new, "PolicyName") or read(old, "PolicyName"))
        document = json_text(read(new, "PolicyDocument", {}))
        for holders in HOLDERS:
            kind = holders[:-1].lower()
            key = f"{kind.title()}Name"
            before, after = read(old, holders, []), read(new, holders, [])
            for holder in after:
                getattr(client, f"put_{kind}_policy")(
                    PolicyName=name, PolicyDocument=document, **{key: holder}
                )
            for holder in sorted(set(before) - set(after)):
                drop = getattr(client, f"delete_{kind}_policy")
                forgiving(partial(drop, PolicyName=name, **{key: holder}))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        self.configure(site, physical_id, properties, {})


PROVIDERS = by_name((Role, ManagedPolicy, Policy))

"""Live roles, policies and keys."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.live.base import (
    Properties,
    Reader,
    chosen,
    holding,
    tags,
    unless_gone,
)
from netmend.sandbox.cloudformation.providers.iam import HOLDERS


def role(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("iam")
    found = client.get_role(RoleName=name)["Role"]
    attached = client.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    inline = client.list_role_policies(RoleName=name)["PolicyNames"]
    boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    return {
        **chosen(found, "AssumeRolePolicyDocument", "Description", "MaxSessionDuration"),
        **chosen(found, "Path", "RoleName"),
        **({"PermissionsBoundary": boundary} if boundary else {}),
        "ManagedPolicyArns": [one["PolicyArn"] for one in attached],
        "Policies": [_inline(client, name, policy) for policy in inline],
        "Tags": tags(found.get("Tags", ())),
    }


def _inline(client: Any, name: str, policy: str) -> Properties:
    found = client.get_role_policy(RoleName=name, PolicyName=policy)
    return {"PolicyName": policy, "PolicyDocument": found["PolicyDocument"]}


def managed_policy(site: Site, arn: str, expected: Properties) -> Properties:
    client = site.client("iam")
    found = client.get_policy(PolicyArn=arn)["Policy"]
    version = client.get_policy_version(PolicyArn=arn, VersionId=found["DefaultVersionId"])
    entities = client.list_entities_for_policy(PolicyArn=arn)
    holders = {
        f"{kind}s": [one[f"{kind}Name"] for one in entities[f"Policy{kind}s"]]
        for kind in ("Group", "Role", "User")
    }
    return {
        **chosen(found, "Description", "Path"),
        "ManagedPolicyName": found["PolicyName"],
        "PolicyDocument": version["PolicyVersion"]["Document"],
        **holders,
    }


def policy(site: Site, _: str, expected: Properties) -> Properties:
    """An inline policy: who of its holders still has it, and what it says there."""
    client, name = site.client("iam"), expected["PolicyName"]
    live: Properties = {}
    for holders in HOLDERS:
        kind = holders[:-1]
        get = getattr(client, f"get_{kind.lower()}_policy")
        names = expected.get(holders, [])
        read = partial(_held, get, f"{kind}Name", name)
        live[holders] = holding(names, read)
        for holder in live[holders]:
            document = read(holder)["PolicyDocument"]
            if document != expected["PolicyDocument"] or "PolicyDocument" not in live:
                live["PolicyDocument"] = document
    return {"PolicyName": name, **live} if "PolicyDocument" in live else {}


def _held(get: Any, key: str, policy_name: str, holder: str) -> Any:
    return get(**{key: holder, "PolicyName": policy_name})


def key(site: Site, name: str, expected: Properties) -> Properties:
    client = site.client("kms")
    found = client.describe_key(KeyId=name)["KeyMetadata"]
    if found["KeyState"] == "PendingDeletion":
        return {}
    rotates = unless_gone(lambda: client.get_key_rotation_status(KeyId=name))
    listed = client.list_resource_tags(KeyId=name)["Tags"]
    return {
        **chosen(found, "Description", "Enabled", "KeySpec", "KeyUsage", "MultiRegion"),
        **({"EnableKeyRotation": rotates["KeyRotationEnabled"]} if rotates else {}),
        "KeyPolicy": client.get_key_policy(KeyId=name, PolicyName="default")["Policy"],
        "Tags": tags(listed, "TagKey", "TagValue"),
    }


def alias(site: Site, name: str, expected: Properties) -> Properties:
    pages = site.client("kms").get_paginator("list_aliases").paginate()
    for found in (one for page in pages for one in page["Aliases"]):
        if found["AliasName"] == name:
            wanted = expected["TargetKeyId"]
            same = wanted.rsplit("/", 1)[-1] == found["TargetKeyId"]  # a key may be named by ARN
            return {"AliasName": name, "TargetKeyId": wanted if same else found["TargetKeyId"]}
    return {}


READERS: Final[dict[str, Reader]] = {
    "AWS::IAM::ManagedPolicy": managed_policy,
    "AWS::IAM::Policy": policy,
    "AWS::IAM::Role": role,
    "AWS::KMS::Alias": alias,
    "AWS::KMS::Key": key,
}

"""Whatever EC2 makes bears the same id in every run with the same seed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netmend.sandbox import extensions
from netmend.sandbox.core import Sandbox

PERMISSION = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
RANGES = [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "192.0.2.0/24"}]


def made(sandbox: Sandbox) -> str:
    ec2 = sandbox.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    rules: Any = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{**PERMISSION, "IpRanges": RANGES}]
    )["SecurityGroupRules"]
    listed = ec2.create_managed_prefix_list(PrefixListName="p", MaxEntries=1, AddressFamily="IPv4")[
        "PrefixList"
    ]
    return json.dumps([vpc, group, rules, listed], sort_keys=True)


def test_ids_follow_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extensions, "MODULES", ("iam", "ec2", "quotas"))
    with Sandbox(seed=7) as sandbox:
        first = made(sandbox)
        sandbox.reset()
        assert made(sandbox) == first, "after a reset"
    with Sandbox(seed=8) as sandbox:
        assert made(sandbox) != first, "with another seed"
    with Sandbox(seed=7) as sandbox:
        assert made(sandbox) == first, "in another sandbox"

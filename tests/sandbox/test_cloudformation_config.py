"""What AWS Config has is made, changed and deleted by stacks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from netmend.sandbox.core import Sandbox
from tests.sandbox.cloudformation_cases import (
    ACCOUNT,
    FUNCTION,
    Case,
    follow,
    prepare,
)
from tests.sandbox.cloudformation_readers import recorder


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Sandbox:
    started.reset()
    prepare(started)
    return started


def config_rule(sandbox: Sandbox, name: str) -> dict[str, Any]:
    config = sandbox.client("config")
    found = config.describe_config_rules(ConfigRuleNames=[name])["ConfigRules"][0]
    return {
        "parameters": json.loads(found["InputParameters"]),
        "types": found["Scope"]["ComplianceResourceTypes"],
        "function": found["Source"]["SourceIdentifier"],
    }


def pack(sandbox: Sandbox, name: str) -> dict[str, Any]:
    config = sandbox.client("config")
    found = config.describe_conformance_packs(ConformancePackNames=[name])
    rules = config.describe_config_rules()["ConfigRules"]
    return {
        "input": found["ConformancePackDetails"][0].get("ConformancePackInputParameters"),
        "rules": {
            re.sub("-conformance-pack-[a-z0-9]{9}$", " of a pack", r["ConfigRuleName"]): json.loads(
                r["InputParameters"]
            )
            for r in rules
        },
    }


def channel(sandbox: Sandbox, name: str) -> dict[str, Any]:
    config = sandbox.client("config")
    found = config.describe_delivery_channels(DeliveryChannelNames=[name])["DeliveryChannels"][0]
    return {"bucket": found["s3BucketName"], "prefix": found.get("s3KeyPrefix")}


RULE = {
    "ConfigRuleName": "no-ssh",
    "InputParameters": {"Ports": "22", "Wide": 10},
    "Scope": {"ComplianceResourceTypes": ["AWS::EC2::SecurityGroup"]},
    "Source": {
        "Owner": "CUSTOM_LAMBDA",
        "SourceIdentifier": FUNCTION,
        "SourceDetails": [
            {"EventSource": "aws.config", "MessageType": "ConfigurationItemChangeNotification"}
        ],
    },
}


PACK = json.dumps(
    {
        "Parameters": {"Ports": {"Type": "String", "Default": "22"}},
        "Resources": {
            "NoSsh": {
                "Type": "AWS::Config::ConfigRule",
                "Properties": {**RULE, "InputParameters": {"Ports": {"Ref": "Ports"}}},
            }
        },
    }
)


LINKED = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
)


CASES = [
    Case(
        "AWS::Config::ConfigRule",
        RULE,
        {**RULE, "InputParameters": {"Ports": "22,3389"}},
        config_rule,
        {
            "parameters": {"Ports": "22", "Wide": "10"},
            "types": ["AWS::EC2::SecurityGroup"],
            "function": FUNCTION,
        },
        {
            "parameters": {"Ports": "22,3389"},
            "types": ["AWS::EC2::SecurityGroup"],
            "function": FUNCTION,
        },
    ),
    Case(
        "AWS::Config::ConformancePack",
        {"ConformancePackName": "made", "TemplateBody": PACK},
        {
            "ConformancePackName": "made",
            "TemplateBody": PACK,
            "ConformancePackInputParameters": [
                {"ParameterName": "Ports", "ParameterValue": "3389"}
            ],
        },
        pack,
        {"input": None, "rules": {"no-ssh of a pack": {"Ports": "22"}}},
        {
            "input": [{"ParameterName": "Ports", "ParameterValue": "3389"}],
            "rules": {"no-ssh of a pack": {"Ports": "3389"}},
        },
    ),
    Case(
        "AWS::Config::ConfigurationRecorder",
        {
            "Name": "made",
            "RoleARN": LINKED,
            "RecordingGroup": {"AllSupported": False, "ResourceTypes": ["AWS::EC2::RouteTable"]},
        },
        {"Name": "made", "RoleARN": LINKED, "RecordingGroup": {"AllSupported": True}},
        recorder,
        {"all": False, "types": ["AWS::EC2::RouteTable"], "recording": True},
        {"all": True, "recording": True},
    ),
    Case(
        "AWS::Config::DeliveryChannel",
        {"Name": "made", "S3BucketName": "code"},
        {"Name": "made", "S3BucketName": "code", "S3KeyPrefix": "config"},
        channel,
        {"bucket": "code", "prefix": None},
        {"bucket": "code", "prefix": "config"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_it_is_made_changed_and_deleted(sandbox: Sandbox, case: Case) -> None:
    for found, expected in follow(sandbox, case):
        assert found == expected

"""What is said of a call's literals is what boto3 itself would say of them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from botocore.validate import ParamValidator

from netmend.lint import linting, models
from netmend.lint.names import SYSTEM
from netmend.lint.tables import INPUTS, LOOP_OUTPUTS, PREDEFINED
from netmend.sandbox.automation.actions import ACTIONS
from netmend.sandbox.automation.checks import ACTIONS as NAMES
from netmend.sandbox.automation.checks import RESERVED_OUTPUTS

JUDGED = {"unknown-member", "missing-member", "member-type", "member-minimum"}

CALLS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "nothing given": ("ec2", "DescribeVpcs", {}),
    "a list of texts": ("ec2", "DescribeVpcs", {"VpcIds": ["vpc-1"]}),
    "a text for a list": ("ec2", "DescribeVpcs", {"VpcIds": "vpc-1"}),
    "a number in a list of texts": ("ec2", "DescribeVpcs", {"VpcIds": ["a", 1]}),
    "a text for a boolean": ("ec2", "DescribeVpcs", {"DryRun": "true"}),
    "a boolean for a number": ("ec2", "DescribeVpcs", {"MaxResults": "5"}),
    "an unknown member": ("ec2", "DescribeVpcs", {"Vpcs": []}),
    "an unknown member in a structure": ("ec2", "DescribeVpcs", {"Filters": [{"Value": []}]}),
    "a missing member": ("ec2", "CreateVolume", {}),
    "a missing member in a structure": (
        "s3",
        "PutBucketVersioning",
        {"Bucket": "b"},
    ),
    "a map of structures": (
        "dynamodb",
        "GetItem",
        {"TableName": "t", "Key": {"id": {"S": "x"}}},
    ),
    "a wrong type in a map of structures": (
        "dynamodb",
        "GetItem",
        {"TableName": "t", "Key": {"id": {"S": 5}}},
    ),
    "a list where a map belongs": ("dynamodb", "GetItem", {"TableName": "t", "Key": []}),
    "a blob as text": ("kms", "Encrypt", {"KeyId": "k", "Plaintext": "x"}),
    "a number for a double": (
        "cloudwatch",
        "PutMetricData",
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 1}]},
    ),
    "a text for a double": (
        "cloudwatch",
        "PutMetricData",
        {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": "1"}]},
    ),
    "an idempotency token that boto3 fills in": (
        "fsx",
        "CreateFileSystem",
        {"FileSystemType": "LUSTRE", "SubnetIds": ["subnet-0123456789"]},
    ),
    "a number that is too small": ("ec2", "DescribeVpcs", {"MaxResults": 1}),
    "a text that is too short": ("kms", "DescribeKey", {"KeyId": ""}),
    "a list that is too short": ("ssm", "AddTagsToResource", {"ResourceType": "Document"}),
    "an open document": (
        "bedrock-agent-runtime",
        "ListSessions",
        {"maxResults": 1},
    ),
}


def lint(service: str, api: str, given: dict[str, Any]) -> set[str]:
    step = {
        "name": "Call",
        "action": "aws:executeAwsApi",
        "inputs": {"Service": service, "Api": api} | given,
    }
    text = yaml.safe_dump({"schemaVersion": "0.3", "mainSteps": [step]})
    return {one.id for one in linting.findings(linting.parse("a.yaml", text), {})}


@pytest.mark.parametrize(("service", "api", "given"), CALLS.values(), ids=CALLS)
def test_a_call_is_judged_as_boto3_judges_it(service: str, api: str, given: dict[str, Any]) -> None:
    model = models.operation(service, api)
    assert model is not None
    params = {models.original(model, name): value for name, value in given.items()}
    params |= dict.fromkeys(models.filled(model) - set(params), "filled")
    unknown = [name for name in params if name not in models.members(model.input_shape)]
    report = ParamValidator().validate(params, model.input_shape) if model.input_shape else None
    wrong = bool(unknown) or bool(report and report.has_errors())
    assert bool(lint(service, api, given) & JUDGED) == wrong


ALIASES = {
    ("ec2", "DescribeFlowLogs", "Filters"): "Filter",
    ("ec2", "DescribeNatGateways", "Filters"): "Filter",
    ("ec2", "DescribeVpcs", "Filters"): "Filters",
    ("logs", "CreateExportTask", "fromTime"): "from",
    ("ec2", "DescribeVpcs", "Nothing"): "Nothing",
}


@pytest.mark.parametrize(("call", "member"), ALIASES.items())
def test_an_alias_is_the_member_that_boto3_sends(call: tuple[str, str, str], member: str) -> None:
    model = models.operation(call[0], call[1])
    assert model is not None
    assert models.original(model, call[2]) == member


def test_every_action_of_the_engine_has_its_inputs_here() -> None:
    assert set(INPUTS) == set(NAMES)
    for name, action in ACTIONS.items():
        assert action.required | (action.optional or frozenset()) <= set(INPUTS[name])


def test_every_reserved_output_of_the_engine_is_predefined() -> None:
    for action, names in RESERVED_OUTPUTS.items():
        assert set(names) == set(PREDEFINED[action])
    assert {"CurrentIteration", "CurrentIteratorValue"} == LOOP_OUTPUTS


def test_the_system_variables_are_those_of_a_run() -> None:
    assert {"global:REGION", "global:DATE_TIME", "automation:EXECUTION_ID"} <= SYSTEM

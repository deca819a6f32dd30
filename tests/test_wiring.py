"""What one template says of another part is true: names, parameters, permissions, patterns."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest

from netmend import catalog
from netmend.scaffold.types import sample_id
from tests.stacks import (
    ACCOUNT,
    PARTITIONS,
    ROOT,
    Stack,
    actions,
    parse,
    role,
    statements,
    template,
)

CATALOG = catalog.load()
RUNBOOKS = [pytest.param(runbook, id=runbook.name) for runbook in CATALOG.runbooks]
TRANSACTIONS = {"TransactWriteItems": {"PutItem", "UpdateItem", "DeleteItem"}}
SERVICES = {"service-quotas": "servicequotas"}


def remediation(partition: str = "aws", **parameters: str) -> Stack:
    return Stack(template("remediation"), partition, **parameters)


def event_rule(stack: Stack, runbook: catalog.Runbook) -> dict[str, Any]:
    rules = stack.of("AWS::Events::Rule").values()
    return next(rule for rule in rules if rule["Name"] == f"netmend-{runbook.name}")


def transformed(stack: Stack, runbook: catalog.Runbook) -> dict[str, Any]:
    """The input that EventBridge would give for an event of the runbook's first rule."""
    control = CATALOG.mended_by(runbook)[0]
    detail = {
        "resourceId": sample_id(control.resource_types[0]),
        "configRuleName": f"{control.name}-conformance-pack-qayjyopmd",
    }
    transformer = event_rule(stack, runbook)["Targets"][0]["InputTransformer"]
    filled = transformer["InputTemplate"]
    for variable, path in transformer["InputPathsMap"].items():
        filled = filled.replace(f"<{variable}>", json.dumps(detail[path.removeprefix("$.detail.")]))
    found: dict[str, Any] = json.loads(filled)
    return found


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_only_configs_own_event_of_our_rules_starts_a_runbook(runbook: catalog.Runbook) -> None:
    pattern = event_rule(remediation(), runbook)["EventPattern"]
    assert pattern == {
        "source": ["aws.config"],
        "account": [ACCOUNT],
        "detail-type": ["Config Rules Compliance Change"],
        "detail": {
            "messageType": ["ComplianceChangeNotification"],
            "configRuleName": [
                {"prefix": f"{control.name}-conformance-pack-"}
                for control in CATALOG.mended_by(runbook)
            ],
            "newEvaluationResult": {"complianceType": ["NON_COMPLIANT"]},
        },
    }


@pytest.mark.parametrize("approvers", ["", "demo-approver", "arn:aws:iam::123456789012:role/a,b@c"])
@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_an_event_becomes_parameters_that_the_document_takes(
    runbook: catalog.Runbook, partition: str, approvers: str
) -> None:
    declared = parse(runbook.text)["parameters"]
    given = transformed(remediation(partition, Approvers=approvers), runbook)
    required = {name for name, parameter in declared.items() if "default" not in parameter}
    assert required <= set(given) <= set(declared)
    assert given.get("Approvers", []) == [name for name in approvers.split(",") if name]
    for name, values in given.items():
        assert name == "Approvers" or len(values) == 1
        for value in values:
            assert re.fullmatch(declared[name]["allowedPattern"], value), value


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_a_start_that_fails_is_retried_for_an_hour_and_kept(runbook: catalog.Runbook) -> None:
    target = event_rule(remediation(), runbook)["Targets"][0]
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 3600, "MaximumRetryAttempts": 8}
    assert target["DeadLetterConfig"] == {"Arn": "<StartDeadLetters.Arn>"}
    assert target["Arn"].endswith(f":automation-definition/{runbook.document}:$DEFAULT")


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_the_deployed_document_is_the_file(runbook: catalog.Runbook) -> None:
    documents = remediation().of("AWS::SSM::Document").values()
    deployed = next(d for d in documents if d["Name"] == runbook.document)
    assert deployed["Content"] == runbook.text
    assert (deployed["DocumentType"], deployed["DocumentFormat"]) == ("Automation", "YAML")
    assert deployed["UpdateMethod"] == "NewVersion"


@pytest.mark.parametrize("name", CATALOG.packs())
def test_the_deployed_pack_is_the_file_with_all_its_parameters(name: str) -> None:
    text = (ROOT / "conformance-packs" / f"{name}.yaml").read_text(encoding="utf-8")
    stack = Stack(template("detection"))
    packs = stack.of("AWS::Config::ConformancePack").values()
    deployed = next(p for p in packs if p["ConformancePackName"] == f"netmend-{name}")
    given = {
        i["ParameterName"]: i["ParameterValue"] for i in deployed["ConformancePackInputParameters"]
    }
    body = parse(text)
    assert deployed["TemplateBody"] == text
    assert given.pop("DetectorFunctionArn") == "<DetectorFunction.Arn>"
    defaults = {k: p.get("Default") for k, p in body["Parameters"].items() if k in given}
    assert given == defaults
    assert set(body["Parameters"]) == {*given, "DetectorFunctionArn"}


def test_config_may_invoke_the_detector_before_any_pack_exists() -> None:
    resources = template("detection")["Resources"]
    packs = [r for r in resources.values() if r["Type"] == "AWS::Config::ConformancePack"]
    assert packs
    assert {pack["DependsOn"] for pack in packs} == {"DetectorPermission"}
    permission = Stack(template("detection")).resources["DetectorPermission"]["Properties"]
    assert (permission["Principal"], permission["SourceAccount"]) == (
        "config.amazonaws.com",
        ACCOUNT,
    )


@pytest.mark.parametrize("control", CATALOG.controls, ids=lambda control: control.rule)
def test_a_rule_leaves_out_its_empty_parameters(control: catalog.Control) -> None:
    body = parse((ROOT / "conformance-packs" / f"{control.pack}.yaml").read_text(encoding="utf-8"))
    rules = Stack(body).of("AWS::Config::ConfigRule")
    defaults = {p.name: p.default for p in control.parameters if p.default}
    assert rules[control.logical_id].get("InputParameters", {}) == defaults
    filled = Stack(body, "aws", **{p.name: "x" for p in control.parameters})
    rule = filled.of("AWS::Config::ConfigRule")[control.logical_id]
    assert rule.get("InputParameters", {}) == {p.name: "x" for p in control.parameters}


def handlers(entry: str) -> list[ast.Module]:
    """The modules of rules.handlers that an entry point imports, itself included."""
    found: dict[str, ast.Module] = {}
    todo = [entry]
    while todo:
        name = todo.pop()
        path = ROOT / "rules" / "handlers" / f"{name}.py"
        if name in found or not path.exists():
            continue
        found[name] = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(found[name]):
            if isinstance(node, ast.ImportFrom) and node.module == "rules.handlers":
                todo += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(
                "rules.handlers."
            ):
                todo.append(str(node.module).rpartition(".")[2])
    return [module for name, module in found.items() if name != "clients" or entry == "detector"]


def called(modules: list[ast.Module]) -> set[str]:
    """IAM actions of all API calls that the modules make, read from their source."""
    found: set[str] = set()
    for node in (node for module in modules for node in ast.walk(module)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        service = _service(node.func.value)
        if service:
            method = node.func.attr
            if method in ("get_paginator", "get_waiter"):
                assert isinstance(node.args[0], ast.Constant)
                method = str(node.args[0].value)
            found |= _actions(service, method)
    return found


def _service(value: ast.expr) -> str:
    match value:
        case ast.Call(func=ast.Name(id="client"), args=[ast.Constant(value=str(service))]):
            return service
        case ast.Attribute(attr="_config"):
            return "config"
    return ""


def _actions(service: str, method: str) -> set[str]:
    client = boto3.client(service, "us-east-1", aws_access_key_id="x", aws_secret_access_key="x")
    operation = client.meta.method_to_api_mapping[method]
    prefix = SERVICES.get(service, service)
    names = TRANSACTIONS.get(operation, {PERMISSIONS.get(operation, operation)})
    return {f"{prefix}:{name}" for name in names}


PERMISSIONS = {"ListObjectsV2": "ListBucket"}
"""Operations whose permission has another name."""


LOG = {"logs:CreateLogStream", "logs:PutLogEvents"}
STORE = {"kms:Decrypt", "kms:GenerateDataKey"}
"""What S3 needs besides: its key."""

PLANS_FACTS = {
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeVpcs",
    "servicequotas:GetServiceQuota",
}
"""What modules that the detector shares read for a plan alone."""


@pytest.mark.parametrize(
    ("name", "besides", "not_reached"),
    [("detector", LOG, PLANS_FACTS), ("planner", LOG | STORE, set())],
)
def test_a_function_may_do_what_its_code_does_and_nothing_else(
    name: str, besides: set[str], not_reached: set[str]
) -> None:
    calls = called(handlers(name))
    assert not_reached <= calls
    assert actions(Stack(template("roles")), f"netmend-{name}") == calls - not_reached | besides


@pytest.mark.parametrize("runbook", RUNBOOKS)
def test_a_runbooks_role_may_do_what_its_steps_do_and_nothing_else(
    runbook: catalog.Runbook,
) -> None:
    steps = parse(runbook.text)["mainSteps"]
    calls = [s["inputs"] for s in steps if s["action"] == "aws:executeAwsApi"]
    wanted = {f"{call['Service']}:{call['Api']}" for call in calls}
    # An Authorize with tags for its rules is judged as CreateTags as well.
    if any("TagSpecifications" in call for call in calls):
        wanted.add("ec2:CreateTags")
    wanted |= {"lambda:InvokeFunction", "sns:Publish"}
    assert actions(Stack(template("roles")), f"netmend-{runbook.name}") == wanted


def test_the_start_role_passes_the_runbooks_roles_to_systems_manager_alone() -> None:
    policy = role(Stack(template("roles")), "netmend-start")["Policies"][0]["PolicyDocument"]
    start, hand = statements(policy)
    assert start["Action"] == ["ssm:StartAutomationExecution"]
    assert hand["Action"] == ["iam:PassRole"]
    assert hand["Condition"] == {"StringEquals": {"iam:PassedToService": "ssm.amazonaws.com"}}
    names = [f"arn:aws:iam::{ACCOUNT}:role/netmend-{runbook.name}" for runbook in CATALOG.runbooks]
    assert hand["Resource"] == names


def test_no_other_right_in_iam_is_given() -> None:
    roles = Stack(template("roles"))
    names = [properties["RoleName"] for properties in roles.of("AWS::IAM::Role").values()]
    given = {name: actions(roles, name) for name in names}
    iam = {(name, a) for name, found in given.items() for a in found if a.startswith("iam:")}
    assert iam == {("netmend-start", "iam:PassRole")}
    assert not any("*" in action for found in given.values() for action in found)


TRUST: Mapping[str, tuple[str, str]] = {
    "netmend-detector": ("lambda.amazonaws.com", ""),
    "netmend-planner": ("lambda.amazonaws.com", ""),
    "netmend-start": ("events.amazonaws.com", f"arn:aws:events:*:{ACCOUNT}:rule/netmend-*"),
    **{
        f"netmend-{runbook.name}": (
            "ssm.amazonaws.com",
            f"arn:aws:ssm:*:{ACCOUNT}:automation-execution/*",
        )
        for runbook in CATALOG.runbooks
    },
}


def test_each_role_trusts_one_service_for_this_account_alone() -> None:
    for properties in Stack(template("roles")).of("AWS::IAM::Role").values():
        service, source = TRUST[properties["RoleName"]]
        (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
        assert statement["Principal"] == {"Service": service}
        condition = {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": source},
        }
        assert statement.get("Condition") == (condition if source else None)


def test_functions_start_where_the_code_has_its_doors() -> None:
    for name in ("detection", "remediation"):
        for function in Stack(template(name)).of("AWS::Lambda::Function").values():
            module, _, door = function["Handler"].rpartition(".")
            path = ROOT / Path(*module.split(".")).with_suffix(".py")
            defined = {getattr(n, "name", "") for n in ast.parse(path.read_text()).body}
            assert door in defined
            assert function["Role"] == f"arn:aws:iam::{ACCOUNT}:role/{function['FunctionName']}"
            assert function["Runtime"] == "python3.13"


def test_the_planner_gets_the_settings_that_its_code_reads() -> None:
    variables = remediation().resources["PlannerFunction"]["Properties"]["Environment"]["Variables"]
    source = "".join(p.read_text() for p in (ROOT / "rules" / "handlers").glob("*.py"))
    assert set(variables) == set(re.findall(r'environ\["(NETMEND_[A-Z_]+)"\]', source))

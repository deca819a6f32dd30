"""The templates keep the limits of each service, in every partition, and lint clean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs

from netmend import catalog
from netmend.sandbox.core import Sandbox
from netmend.stacks import StackError, deploy
from tests.stacks import ACCOUNT, PARTITIONS, ROOT, TEMPLATES, Stack, parse, template

CATALOG = catalog.load()
PACKS = sorted(path.stem for path in (ROOT / "conformance-packs").glob("*.yaml"))
FILES = [f"cloudformation/{name}.yaml" for name in TEMPLATES]
FILES += [f"conformance-packs/{name}.yaml" for name in PACKS]
LONGEST_REGION = 14  # ap-northeast-1

KEPT = {"AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::S3::Bucket"}
UNTAGGABLE = {
    "AWS::Config::ConformancePack",
    "AWS::KMS::Alias",
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SQS::QueuePolicy",
}


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def stack(name: str, partition: str = "aws", **parameters: Any) -> Stack:
    return Stack(template(name), partition, **parameters)


@pytest.mark.parametrize("path", FILES)
def test_cfn_lint_finds_nothing_in_any_partition(path: str) -> None:
    found = lint(text(path), config=ManualArgs(regions=list(PARTITIONS.values())))
    assert [str(match) for match in found] == []


@pytest.mark.parametrize("runbook", CATALOG.runbooks, ids=lambda runbook: runbook.name)
def test_cfn_lint_finds_nothing_in_a_runbook(runbook: catalog.Runbook) -> None:
    """E3051, which the template has to ignore, on the parsed text."""
    properties = {"DocumentType": "Automation", "Content": parse(runbook.text)}
    resource = {"Type": "AWS::SSM::Document", "Properties": properties}
    found = lint(json.dumps({"Resources": {"Document": resource}}))
    assert [str(match) for match in found] == []


def sizes() -> Iterator[tuple[str, int, int]]:
    """What has a limit at AWS: (what, how much of it we use, the limit)."""
    for name in TEMPLATES:
        # A request takes 51,200 bytes; what is larger lies in S3, where `netmend deploy` puts it.
        size = len(text(f"cloudformation/{name}.yaml").encode())
        yield f"bytes of {name} in S3", size, 1_048_576
    for name in PACKS:
        # A stack hands a pack on as a body: there is no other way without a bucket of its own.
        size = len(text(f"conformance-packs/{name}.yaml").encode())
        yield f"bytes of the pack {name} as a body", size, 51_200
    for runbook in CATALOG.runbooks:
        # The limit counts the parameters of a run as well.
        yield f"bytes of the document {runbook.name}", len(runbook.text.encode()) + 4_096, 65_536
        yield f"characters of the name {runbook.document}", len(runbook.document), 128
        yield f"characters of the role netmend-{runbook.name}", len(f"netmend-{runbook.name}"), 64
    for name in TEMPLATES:
        body = template(name)
        yield f"parameters of {name}", len(body["Parameters"]), 200
        yield f"resources of {name}", len(body["Resources"]), 500
        yield f"outputs of {name}", len(body["Outputs"]), 200
        yield f"bytes of the description of {name}", len(body["Description"].encode()), 1_024
        for key, parameter in body["Parameters"].items():
            yield f"characters of the description of {key}", len(parameter["Description"]), 4_000
    yield from _identity_sizes()
    yield from _pack_sizes()
    yield from _event_sizes()
    bucket = f"netmend-evidence-{'1' * 12}-{'x' * LONGEST_REGION}"
    yield "characters of the evidence bucket's name", len(bucket), 63


def _identity_sizes() -> Iterator[tuple[str, int, int]]:
    for role in stack("roles", "aws-us-gov").of("AWS::IAM::Role").values():
        name = role["RoleName"]
        policies = [
            json.dumps(p["PolicyDocument"], separators=(",", ":")) for p in role["Policies"]
        ]
        trust = json.dumps(role["AssumeRolePolicyDocument"], separators=(",", ":"))
        yield f"characters of the inline policies of {name}", sum(map(len, policies)), 10_240
        yield f"characters of the trust policy of {name}", len(trust), 2_048
        yield f"characters of the description of {name}", len(role["Description"]), 1_000


def _pack_sizes() -> Iterator[tuple[str, int, int]]:
    for name in PACKS:
        body = parse(text(f"conformance-packs/{name}.yaml"))
        yield f"input parameters of the pack {name}", len(body["Parameters"]), 60
        yield f"rules of the pack {name}", len(body["Resources"]), 130
        for rule in Stack(body).of("AWS::Config::ConfigRule").values():
            rule_name = rule["ConfigRuleName"]
            # The pack adds -conformance-pack-<9 characters>.
            yield f"characters of the name {rule_name}", len(rule_name) + 27, 128
            yield f"characters of the description of {rule_name}", len(rule["Description"]), 256
            inputs = len(json.dumps(rule.get("InputParameters", {})))
            yield f"characters of the parameters of {rule_name}", inputs, 1_024
            types = rule.get("Scope", {}).get("ComplianceResourceTypes", [])
            yield f"types of {rule_name}", len(types), 100
    yield "rules of all packs", len(CATALOG.controls), 1_000
    yield "packs of a Region", len(PACKS), 50


def _event_sizes() -> Iterator[tuple[str, int, int]]:
    approvers = ",".join(f"arn:aws-us-gov:iam::{'1' * 12}:role/{n:064}" for n in range(10))
    built = stack("remediation", "aws-us-gov", Approvers=approvers)
    rules = built.of("AWS::Events::Rule")
    yield "rules on the default event bus", len(rules), 100
    for rule in rules.values():
        transformer = rule["Targets"][0]["InputTransformer"]
        yield (
            f"characters of the pattern of {rule['Name']}",
            len(json.dumps(rule["EventPattern"])),
            2_048,
        )
        yield f"characters of the input of {rule['Name']}", len(transformer["InputTemplate"]), 8_192
        yield f"targets of {rule['Name']}", len(rule["Targets"]), 5


@pytest.mark.parametrize(("used", "limit"), [pytest.param(u, m, id=w) for w, u, m in sizes()])
def test_limit_is_kept(used: int, limit: int, request: pytest.FixtureRequest) -> None:
    assert used <= limit, f"{request.node.callspec.id}: {used} of {limit}"


def test_runbooks_take_few_parameters() -> None:
    for runbook in CATALOG.runbooks:
        assert len(parse(runbook.text)["parameters"]) <= 200


@pytest.mark.parametrize("path", FILES)
def test_no_text_names_a_partition_account_or_region(path: str) -> None:
    for place in ("arn:aws:", "us-east-1", "amazonaws.com.cn"):
        assert place not in text(path)
    assert not re.search(r"\b[0-9]{12}\b", text(path))


@pytest.mark.parametrize("partition", PARTITIONS)
@pytest.mark.parametrize("name", TEMPLATES)
def test_arns_are_of_the_partition(name: str, partition: str) -> None:
    resolved = json.dumps(stack(name, partition).resources)
    arns = re.findall(r'(?<=")arn:[^"]*', resolved)
    assert {arn.split(":")[1] for arn in arns} <= {partition, "aws(-[a-z]{1,5}){0,2}", "{{ global"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_sections_come_in_one_order(name: str) -> None:
    order = "AWSTemplateFormatVersion Description Metadata Parameters Conditions Resources Outputs"
    found = list(template(name))
    assert found == [section for section in order.split() if section in found]
    assert {"Description", "Metadata", "Parameters", "Resources", "Outputs"} <= set(found)


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_parameter_is_a_sentence_in_one_group(name: str) -> None:
    body = template(name)
    groups = body["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    shown = [parameter for group in groups for parameter in group["Parameters"]]
    assert sorted(shown) == sorted(body["Parameters"])
    for parameter in body["Parameters"].values():
        description = parameter["Description"]
        assert description.endswith(".")
        says_optional = description.startswith("Optional") or description.endswith("when empty.")
        assert says_optional == (parameter.get("Default") == "")


@pytest.mark.parametrize("name", TEMPLATES)
def test_conditions_begin_with_has(name: str) -> None:
    assert all(condition.startswith("Has") for condition in template(name).get("Conditions", {}))


@pytest.mark.parametrize("name", TEMPLATES)
def test_whatever_can_bear_a_tag_says_that_it_is_netmends(name: str) -> None:
    for key, resource in stack(name).resources.items():
        if resource["Type"] in UNTAGGABLE:
            continue
        tags = resource["Properties"]["Tags"]
        pairs = tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}
        assert pairs == {"Application": "netmend"}, key


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_holds_data_says_what_becomes_of_it(name: str) -> None:
    """What records the past outlives its stack, unless the stack was never complete."""
    for key, resource in template(name)["Resources"].items():
        if resource["Type"] in KEPT:
            fate = (resource["DeletionPolicy"], resource["UpdateReplacePolicy"])
            assert fate == ("RetainExceptOnCreate", "Retain"), key
        elif resource["Type"] in ("AWS::Logs::LogGroup", "AWS::SQS::Queue"):
            assert resource["DeletionPolicy"] == "Delete", key


@pytest.mark.parametrize("partition", PARTITIONS)
def test_every_function_that_fails_tells_the_notification_topic(partition: str) -> None:
    functions, alarms = set(), {}
    for name in ("detection", "remediation"):
        built = stack(name, partition)
        functions |= {f"<{key}>" for key in built.of("AWS::Lambda::Function")}
        for alarm in built.of("AWS::CloudWatch::Alarm").values():
            if (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors"):
                alarms[alarm["Dimensions"][0]["Value"]] = alarm
    assert set(alarms) == functions
    region = PARTITIONS[partition]
    topic = f"arn:{partition}:sns:{region}:{ACCOUNT}:netmend-notifications"
    for alarm in alarms.values():
        assert alarm["AlarmActions"] in ([topic], ["<NotificationTopic>"])
        limit = (alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"])
        assert limit == ("Sum", 1, "GreaterThanOrEqualToThreshold")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PrivateSources", "Keep", "must be keep or drop"),
        ("AllProtocols", "yes", "must be approve or carve"),
        ("GuardedPorts", "ssh", "must be ports and ranges such as 22,"),
        ("WideIpv4Prefix", "33", "must be a whole number of 1 to 32"),
    ],
)
def test_a_stack_with_a_bad_parameter_of_a_rule_is_refused(
    name: str, value: str, said: str
) -> None:
    given = {"CodeBucket": "code", "CodeKey": "code.zip", name: value}
    with Sandbox() as sandbox, pytest.raises(StackError) as refused:
        deploy(sandbox, "netmend-detection", text("cloudformation/detection.yaml"), given)
    assert f"Parameter {name} failed to satisfy constraint: {said}" in str(refused.value)


@pytest.mark.parametrize("partition", PARTITIONS)
def test_every_role_is_bounded_when_a_boundary_is_given(partition: str) -> None:
    boundary = f"arn:{partition}:iam::aws:policy/Boundary"
    given = stack("roles", partition, PermissionsBoundaryArn=boundary).of("AWS::IAM::Role")
    without = stack("roles", partition).of("AWS::IAM::Role")
    assert {role["PermissionsBoundary"] for role in given.values()} == {boundary}
    assert not any("PermissionsBoundary" in role for role in without.values())


def test_only_roles_are_in_the_stack_that_an_account_has_once() -> None:
    assert {r["Type"] for r in template("roles")["Resources"].values()} == {"AWS::IAM::Role"}
    for name in ("detection", "remediation"):
        kinds = {r["Type"] for r in template(name)["Resources"].values()}
        assert not any(kind.startswith("AWS::IAM::") for kind in kinds)


def test_nothing_is_changed_before_somebody_raises_the_mode() -> None:
    mode = template("remediation")["Parameters"]["Mode"]
    assert (mode["Default"], mode["AllowedValues"]) == (
        "observe",
        ["off", "observe", "approve", "enforce"],
    )


def test_no_stack_exports_or_needs_a_transform() -> None:
    for path in FILES:
        body = parse(text(path))
        assert "Transform" not in body
        assert "Export" not in json.dumps(body.get("Outputs", {}))
        assert "AWS::CloudFormation::Stack" not in text(path)

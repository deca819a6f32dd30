"""A rule reaches a function that was really deployed, as the function's role, and hears it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox import extensions
from netmend.sandbox.core import Sandbox

ACCOUNT, GROUP = "123456789012", "AWS::EC2::SecurityGroup"
CODE = """
import json
import boto3

def handle(event, context):
    item = json.loads(event["invokingEvent"])["configurationItem"]
    answer = boto3.client("config").put_evaluations(
        ResultToken=event["resultToken"],
        Evaluations=[{
            "ComplianceResourceType": item["resourceType"],
            "ComplianceResourceId": item["resourceId"],
            "ComplianceType": "COMPLIANT" if item["tags"] else "NON_COMPLIANT",
            "Annotation": "tags are wanted",
            "OrderingTimestamp": item["configurationItemCaptureTime"],
        }],
    )
    assert not answer["FailedEvaluations"]
"""


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setattr(extensions, "MODULES", ("iam", "functions", "events", "config"))
    with Sandbox() as started:
        yield started


def deploy(sandbox: Sandbox, *actions: str) -> str:
    """The function and its role with these actions; its ARN."""
    iam, functions = sandbox.client("iam"), sandbox.client("lambda")
    trust = document(Principal={"Service": "lambda.amazonaws.com"}, Action="sts:AssumeRole")
    role = iam.create_role(RoleName="detector", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    policy = document(Action=list(actions), Resource="*")
    iam.put_role_policy(RoleName="detector", PolicyName="own", PolicyDocument=policy)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("detector.py", CODE)
    made = functions.create_function(
        FunctionName="detector",
        Runtime="python3.13",
        Role=role,
        Handler="detector.handle",
        Code={"ZipFile": packed.getvalue()},
    )
    return str(made["FunctionArn"])


def allow(sandbox: Sandbox, principal: str = "config.amazonaws.com", source: str = ACCOUNT) -> None:
    sandbox.client("lambda").add_permission(
        FunctionName="detector",
        StatementId="config",
        Action="lambda:InvokeFunction",
        Principal=principal,
        SourceAccount=source,
    )


def put_rule(sandbox: Sandbox, function: str) -> None:
    sandbox.client("config").put_config_rule(
        ConfigRule={
            "ConfigRuleName": "tagged",
            "Scope": {"ComplianceResourceTypes": [GROUP]},
            "Source": {
                "Owner": "CUSTOM_LAMBDA",
                "SourceIdentifier": function,
                "SourceDetails": [
                    {
                        "EventSource": "aws.config",
                        "MessageType": "ConfigurationItemChangeNotification",
                    }
                ],
            },
        }
    )


def test_a_deployed_function_judges_what_is_recorded(sandbox: Sandbox) -> None:
    function = deploy(sandbox, "config:PutEvaluations")
    allow(sandbox)
    put_rule(sandbox, function)
    group = sandbox.client("ec2").create_security_group(GroupName="web", Description="d")
    sandbox.settle()
    config = sandbox.client("config")
    (result,) = config.get_compliance_details_by_resource(
        ResourceType=GROUP, ResourceId=group["GroupId"]
    )["EvaluationResults"]
    assert result["ComplianceType"] == "NON_COMPLIANT"
    assert result["Annotation"] == "tags are wanted"
    sandbox.client("ec2").create_tags(
        Resources=[group["GroupId"]], Tags=[{"Key": "team", "Value": "a"}]
    )
    sandbox.settle()
    (result,) = config.get_compliance_details_by_resource(
        ResourceType=GROUP, ResourceId=group["GroupId"]
    )["EvaluationResults"]
    assert result["ComplianceType"] == "COMPLIANT"


REFUSED = [
    pytest.param(None, id="it has no policy"),
    pytest.param({"principal": "events.amazonaws.com"}, id="it lets another service in"),
    pytest.param({"source": "999999999999"}, id="it lets another account in"),
]


@pytest.mark.parametrize("permission", REFUSED)
def test_a_rule_is_refused_whose_function_does_not_let_config_in(
    sandbox: Sandbox, permission: dict[str, str] | None
) -> None:
    function = deploy(sandbox, "config:PutEvaluations")
    if permission is not None:
        allow(sandbox, **permission)
    with pytest.raises(ClientError, match="InsufficientPermissionsException"):
        put_rule(sandbox, function)


def test_a_mere_function_name_is_no_source(sandbox: Sandbox) -> None:
    deploy(sandbox, "config:PutEvaluations")
    allow(sandbox)
    with pytest.raises(ClientError, match="InsufficientPermissionsException"):
        put_rule(sandbox, "detector")


def status(sandbox: Sandbox) -> dict[str, Any]:
    config = sandbox.client("config")
    (found,) = config.describe_config_rule_evaluation_status()["ConfigRulesEvaluationStatus"]
    result: dict[str, Any] = found
    return result


def test_a_role_that_may_not_put_evaluations_fails_for_all_to_see(sandbox: Sandbox) -> None:
    function = deploy(sandbox, "config:DescribeConfigRules")
    allow(sandbox)
    put_rule(sandbox, function)
    sandbox.settle()
    found = status(sandbox)
    assert found["LastErrorCode"] == "Unhandled"
    assert "PutEvaluations" in found["LastErrorMessage"]
    assert "LastSuccessfulEvaluationTime" not in found


def test_a_permission_that_was_taken_away_shows_in_the_status(sandbox: Sandbox) -> None:
    function = deploy(sandbox, "config:PutEvaluations")
    allow(sandbox)
    put_rule(sandbox, function)
    sandbox.settle()
    sandbox.client("lambda").remove_permission(FunctionName="detector", StatementId="config")
    sandbox.client("ec2").create_security_group(GroupName="web", Description="d")
    sandbox.settle()
    assert status(sandbox)["LastErrorCode"] == "AccessDeniedException"
    sandbox.clock.advance(3600)
    assert sandbox.settle() == 0  # it is not tried again

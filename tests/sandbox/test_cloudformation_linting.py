"""cfn-lint judges each template once, and says what CloudFormation would."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from netmend.sandbox.cloudformation import linting
from netmend.sandbox.cloudformation.errors import ValidationError

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "cloudformation").glob("*.yaml"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "us-gov-west-1", "cn-north-1"])
def test_our_templates_are_good_everywhere(path: Path, region: str) -> None:
    assert linting.findings(path.read_text("utf-8"), region) == ()


SHORT = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal: {Service: !Sub "ec2.${AWS::URLSuffix}"}
      Path: !Join ["", [/, !Select [0, !Split [",", "a,b"]], /]]
      Description: !Sub TOLD
"""
WORDED = [
    pytest.param(
        SHORT.replace("Path:", "Paths:"),
        "resource Role with message: #: extraneous key [Paths] is not permitted",
        id="a property too many beside short forms",
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SQS::Queue', Properties: {Colour: red}}}",
        "Properties validation failed for resource A with message: #: "
        "extraneous key [Colour] is not permitted",
        id="a property too many",
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SQS::QueuePolicy', Properties: {Queues: [q]}}}",
        "resource A with message: #: required key [PolicyDocument] not found (cfn-lint E3003)",
        id="a property too few",
    ),
    pytest.param(
        "Resources: {A: {Type: 'AWS::SQS::Queue'}}\nParameters: {P: {Type: Strong}}",
        "Template format error: [/Parameters/P/Type]",
        id="outside of resources",
    ),
]


@pytest.mark.parametrize(("text", "message"), WORDED)
def test_a_finding_is_told_as_cloudformation_does(text: str, message: str) -> None:
    with pytest.raises(ValidationError) as refused:
        linting.check(text, "us-east-1")
    assert message in refused.value.message


SPARED = [
    pytest.param(
        "Resources: {A: {Type: 'AWS::SNS::Topic', Properties: {DisplayName: '${Literal}'}}}",
        id="text that looks like a variable",
    ),
    pytest.param("Resources: {A: {Type: 'AWS::Netmend::Nothing'}}", id="types that it lacks"),
    pytest.param(SHORT, id="short forms everywhere"),
    pytest.param(
        "Parameters: {R: {Type: String, Default: none}}\nResources: {A: {Type: "
        "'AWS::Lambda::Permission', Properties: {Action: 'lambda:InvokeFunction', "
        "FunctionName: f, Principal: p, SourceAccount: !Ref R}}}",
        id="a default that nobody has to take",
    ),
    pytest.param(
        "Conditions: {Never: !Equals [a, b]}\nResources: {A: {Type: 'AWS::SNS::Topic', "
        "Properties: {DisplayName: !If [Never, a, b]}}}",
        id="a branch that nobody takes",
    ),
]


@pytest.mark.parametrize("text", SPARED)
def test_what_cloudformation_does_not_mind_passes(text: str) -> None:
    assert linting.findings(text, "us-east-1") == ()


def test_a_template_is_judged_once_for_each_region() -> None:
    text = "Resources: {Once: {Type: 'AWS::SQS::Queue'}}"
    linting.findings.cache_clear()
    for region in ("us-east-1", "eu-west-1", "us-east-1"):
        linting.findings(text, region)
    assert (linting.findings.cache_info().misses, linting.findings.cache_info().hits) == (2, 1)


def test_cfn_lint_is_loaded_with_the_first_template_only() -> None:
    code = (
        "import sys\n"
        "from netmend.sandbox.core import Sandbox\n"
        "with Sandbox() as sandbox:\n"
        "    sandbox.client('sqs').list_queues()\n"
        "    print('cfnlint' in sys.modules)\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert answer.stdout == "False\n"

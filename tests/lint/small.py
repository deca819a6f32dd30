"""Small runbooks, of which each is about one thing; the first line, HEAD, may be missing."""

from __future__ import annotations

HEAD = 'schemaVersion: "0.3"\n'
ROLE = """\
assumeRole: "{{ AutomationAssumeRole }}"
parameters:
  AutomationAssumeRole:
    type: AWS::IAM::Role::Arn
"""
SLEEP = "aws:sleep\n    inputs:\n      Duration: PT1S"


def script(code: str, runtime: str = "python3.11", more: str = "") -> str:
    """A step that runs some code."""
    lines = "".join(f"        {line}\n" for line in code.splitlines())
    return (
        "mainSteps:\n"
        "  - name: Run\n"
        "    action: aws:executeScript\n"
        "    inputs:\n"
        f"      Runtime: {runtime}\n"
        "      Handler: handler\n"
        f"      Script: |\n{lines}{more}"
    )


def call(inputs: str, more: str = "", action: str = "aws:executeAwsApi") -> str:
    """A step with some inputs, one a line."""
    lines = "".join(f"      {line}\n" for line in inputs.splitlines())
    return f"mainSteps:\n  - name: Call\n    action: {action}\n    inputs:\n{lines}{more}"


def output(selector: str, kind: str, api: str = "DescribeVpcs") -> str:
    """A call of which one output is declared; ¶ may stand in the selector or the type."""
    return call(
        f"Service: ec2\nApi: {api}",
        f"    outputs:\n      - Name: Out\n        Selector: {selector}\n        Type: {kind}\n",
    )


def parameter(entry: str) -> str:
    """A parameter with some attributes, and a step that uses it."""
    lines = "".join(f"    {line}\n" for line in entry.splitlines())
    used = call('ImageId: "{{ Given }}"', action="aws:deleteImage")
    return f"parameters:\n  Given:\n{lines}{used}"


TWO = """\
mainSteps:
  - name: First
    action: aws:sleep
    {first}
    inputs:
      Duration: PT1S
  - name: Second
    action: aws:sleep
    {second}
    inputs:
      Duration: PT1S
"""


def two(first: str, second: str = "isEnd: true") -> str:
    return TWO.format(first=first, second=second)


BRANCH = """\
parameters:
  Way:
    type: String
mainSteps:
  - name: Decide
    action: aws:sleep
    nextStep: Branch
    inputs:
      Duration: PT1S
  - name: Left
    action: aws:sleep
    isEnd: true
    inputs:
      Duration: PT1S
  ¶- name: Branch
    action: aws:branch
    {more}
    inputs:
      Choices:
        - Variable: "{{{{ Way }}}}"
          StringEquals: left
          NextStep: Left
"""

LOOP = """\
mainSteps:
  - name: Each
    action: aws:loop
    inputs:
      Iterators: [a, b]
      MaxIterations: {most}
      Steps:
        - name: Inner
          action: aws:deleteImage
          inputs:
            ImageId: "{{{{ Each.CurrentIteratorValue }}}}"
  - name: After
    action: aws:deleteImage
    inputs:
      ImageId: "{after}"
"""

VARIABLE = """\
variables:
  Count:
    type: Integer
    default: 0
parameters:
  Text:
    type: String
  Number:
    type: Integer
mainSteps:
  - name: Set
    action: aws:updateVariable
    inputs:
      Name: {name}
      Value: "{value}"
  - name: Use
    action: aws:executeScript
    inputs:
      Runtime: python3.11
      Handler: handler
      Script: "def handler(events, context): return events"
      InputPayload:
        count: "{read}"
        text: "{{{{ Text }}}}"
        number: "{{{{ Number }}}}"
"""


def variable(
    name: str = "variable:Count", value: str = "{{ Number }}", read: str = "{{ variable:Count }}"
) -> str:
    return VARIABLE.format(name=name, value=value, read=read)


CREATE = """\
mainSteps:
  - name: Create
    action: aws:executeAwsApi
    {more}
    inputs:
      Service: {service}
      Api: {api}
"""


def create(api: str, more: str, service: str = "ec2") -> str:
    return CREATE.format(api=api, more=more, service=service)


LATER = """\
mainSteps:
  - name: Before
    action: aws:deleteImage
    {more}
    inputs:
      ImageId: "¶{{{{ Copy.ImageId }}}}"
  - name: Copy
    action: aws:copyImage
    {copy}
    inputs:
      SourceImageId: ami-1
      SourceRegion: us-east-1
      ImageName: copy
"""


def reading(name: str) -> str:
    """A step that reads a reference, after one that copies an image."""
    return f"""\
mainSteps:
  - name: Copy
    action: aws:copyImage
    inputs:
      SourceImageId: ami-1
      SourceRegion: us-east-1
      ImageName: copy
  - name: Read
    action: aws:deleteImage
    inputs:
      ImageId: "{name}"
"""


PAYLOAD = """\
parameters:
  Given:
    type: String
{more}mainSteps:
  - name: Call
    action: aws:invokeLambdaFunction
    inputs:
      FunctionName: f
      {payload}
"""


def payload(text: str, more: str = "") -> str:
    return PAYLOAD.format(payload=text, more=more)


HANDLER = "def handler(events, context):\n    return {}"
SDK = "import json\n¶import boto3\ndef handler(events, context):\n    return {}"

CHILD = """\
schemaVersion: "0.3"
parameters:
  Id:
    type: String
  Size:
    type: String
    default: small
mainSteps:
  - name: Delete
    action: aws:deleteImage
    inputs:
      ImageId: "{{ Id }} {{ Size }}"
"""

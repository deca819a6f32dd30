"""Runbooks that fire, by the id of the finding, which ¶ stands before."""

from __future__ import annotations

from tests.lint.small import (
    BRANCH,
    HANDLER,
    HEAD,
    LATER,
    LOOP,
    SDK,
    SLEEP,
    call,
    create,
    output,
    parameter,
    payload,
    reading,
    script,
    two,
    variable,
)

FIRES: dict[str, list[str]] = {
    "not-a-runbook": [f'schemaVersion: ¶"2.2"\n{two("")}'],
    "unknown-key": [
        f"¶outputz: []\n{two('')}",
        two("¶timeoutSecond: 5"),
        parameter("type: String\n¶allowedPatern: ^a$"),
        output("$.Vpcs", "MapList\n        ¶Kind: x"),
    ],
    "missing-key": ["mainSteps:\n  - ¶name: Wait\n    action: aws:pause\n"],
    "step-name": ["mainSteps:\n  - name: ¶Take a break\n    action: " + SLEEP],
    "duplicate-step": [two("").replace("name: Second", "name: ¶First")],
    "document-size": [f"¶{HEAD}description: {'x' * 66_000}\n{two('')}"],
    "over-limit": [
        LOOP.format(most="¶101", after="ami-1"),
        f"¶files:\n{''.join(f'  {name}: {{}}{chr(10)}' for name in 'abcdef')}{two('')}",
        call(f"Approvers: ¶[{', '.join('abcdefghijk')}]", action="aws:approve"),
    ],
    "refused": [
        f"description: x\n{call('Choices: []', action='aws:branch').replace('- n', '- ¶n')}"
    ],
    "unknown-action": ["mainSteps:\n  - name: Wait\n    action: ¶aws:sleeep\n    inputs: {}\n"],
    "unknown-input": [call("Duration: PT1S\n¶Untill: x", action="aws:sleep")],
    "missing-input": [
        call("¶ImageName: x\nSourceImageId: ami-1", action="aws:copyImage"),
        "mainSteps:\n  - name: Wait\n    action: aws:sleep\n    inputs: ¶{}\n",
        call("¶Runtime: python3.11\nScript: 'x = 1'", action="aws:executeScript"),
    ],
    "input-conflict": [call("Duration: PT1S\n¶Timestamp: 2030-01-01", action="aws:sleep")],
    "input-type": [
        call("ImageId: ¶[a, b]", action="aws:deleteImage"),
        call("Approvers: [a]\nMinRequiredApprovals: ¶many", action="aws:approve"),
        call("ResourceIds: [i-1]\nTags: ¶Key", action="aws:createTags"),
    ],
    "input-value": [
        call("InstanceIds: [i-1]\nDesiredState: ¶asleep", action="aws:changeInstanceState")
    ],
    "sleep-duration": [
        call("Duration: ¶P8D", action="aws:sleep"),
        call("Duration: ¶ten minutes", action="aws:sleep"),
    ],
    "too-few-approvers": [
        call("Approvers: [a]\nMinRequiredApprovals: ¶2", action="aws:approve"),
    ],
    "variable-name": [variable(name="¶Count")],
    "variable-type": [variable(value="¶{{ Text }}").replace('"¶', '¶"')],
    "unknown-service": [call("Service: ¶ec3\nApi: DescribeVpcs")],
    "unknown-api": [call("Service: ec2\nApi: ¶DescribeVpc")],
    "streaming-api": [call("Service: s3\nApi: ¶GetObject\nBucket: b\nKey: k")],
    "unknown-member": [
        call("Service: ec2\nApi: DescribeVpcs\n¶VpcId: vpc-1"),
        call("Service: ec2\nApi: DescribeVpcs\nFilters:\n  - ¶Nme: a\n    Values: [b]"),
    ],
    "missing-member": [
        call("¶Service: ec2\nApi: CreateTags\nResources: [vpc-1]"),
        call(
            "Service: dynamodb\nApi: PutItem\nTableName: t\nItem: {}\nReturnValues: NONE".replace(
                "Item: {}\n", ""
            ).replace("Service", "¶Service")
        ),
    ],
    "member-type": [
        call("Service: ec2\nApi: DescribeVpcs\nVpcIds: ¶vpc-1"),
        call(
            "Service: autoscaling\nApi: SetDesiredCapacity\nAutoScalingGroupName: g\n"
            'DesiredCapacity: ¶"3"'
        ),
        call("Service: ec2\nApi: DescribeVpcs\nFilters:\n  - Name: ¶5\n    Values: [b]"),
    ],
    "member-minimum": [
        call("Service: ec2\nApi: DescribeVpcs\nMaxResults: ¶4"),
        call("Service: kms\nApi: DescribeKey\nKeyId: ¶''"),
    ],
    "reference-type": [
        "parameters:\n  Size:\n    type: String\n"
        + call(
            "Service: autoscaling\nApi: SetDesiredCapacity\nAutoScalingGroupName: g\n"
            'DesiredCapacity: ¶"{{ Size }}"'
        ),
    ],
    "selector-syntax": [
        call(
            "Service: ec2\nApi: DescribeVpcs\nDesiredValues: [x]\nPropertySelector: ¶$.Vpcs[",
            action="aws:assertAwsResourceProperty",
        ),
    ],
    "selector-root": [
        script(HANDLER, more="    outputs:\n      - Name: Out\n        Selector: ¶$.result\n"),
    ],
    "selector-member": [
        output("¶$.Payload.Vpcs", "MapList"),
        output("¶$.Vpcs[0].Cidr", "String"),
        output("¶$.Vpcs.VpcId", "String"),
        output("¶$.NextToken[0]", "String"),
        output("¶$.return", "String", api="DetachInternetGateway").replace(
            "Gateway\n", "Gateway\n      VpcId: v\n      InternetGatewayId: i\n"
        ),
    ],
    "output-type": [
        output("$.Vpcs[0]", "¶String"),
        output("$.Vpcs[0].IsDefault", "¶Integer"),
        output("$.Vpcs[0].VpcId", "¶StringMap"),
        output("$.Vpcs", "¶StringList"),
    ],
    "reserved-output": [
        script(HANDLER, more="    outputs:\n      - Name: ¶Payload\n        Selector: $.Payload\n"),
    ],
    "desired-boolean": [
        call(
            "Service: ec2\nApi: DescribeVpcs\nPropertySelector: $.Vpcs[0].IsDefault\n"
            'DesiredValues:\n  - ¶"true"',
            action="aws:waitForAwsResourceProperty",
        ),
    ],
    "undeclared-parameter": [reading("¶{{ Image }}"), 'assumeRole: "¶{{ Role }}"\n' + two("")],
    "undeclared-variable": [variable(read="¶{{ variable:Cuont }}"), variable(name="¶variable:X")],
    "unknown-system-variable": [reading("¶{{ global:ACCOUNT }}")],
    "ssm-in-step": [reading("¶{{ ssm:/images/newest }}")],
    "unknown-step-output": [reading("¶{{ Copi.ImageId }}"), f"outputs:\n  - ¶Where.Is\n{two('')}"],
    "undeclared-output": [reading("¶{{ Copy.Image }}"), f"outputs:\n  - ¶First.Time\n{two('')}"],
    "nested-reference": [reading("¶{{ Copy.ImageId.Name }}"), reading("¶{{ Copy.ImageId[0] }}")],
    "output-too-early": [LATER.format(more="", copy="isEnd: true")],
    "outside-loop": [LOOP.format(most=3, after="¶{{ Each.CurrentIteratorValue }}")],
    "parameter-in-default": [
        "parameters:\n  A:\n    type: String\n  B:\n    type: String\n"
        '    default: "¶{{ A }}"\n' + call('ImageId: "{{ B }}"', action="aws:deleteImage"),
    ],
    "unused-parameter": [f"parameters:\n  ¶Spare:\n    type: String\n{two('')}"],
    "parameter-name": [
        parameter("type: String")
        .replace("  Given:", "  ¶Given_One:", 1)
        .replace("{{ Given }}", "{{ Given_One }}")
    ],
    "parameter-type": [
        variable().replace("type: Integer", "type: ¶[Integer]", 1),
        parameter("type: ¶Text"),
        parameter("description: x").replace("  Given:", "  ¶Given:", 1),
    ],
    "default-type": [
        variable().replace("default: 0", "default: ¶many"),
        parameter("type: Integer\ndefault: ¶several"),
    ],
    "default-not-allowed": [parameter("type: String\ndefault: ¶c\nallowedValues: [a, b]")],
    "pattern-invalid": [parameter("type: String\nallowedPattern: ¶^[z-a]$")],
    "pattern-unanchored": [
        parameter("type: String\nallowedPattern: ¶sg-[a-z0-9]+$"),
        parameter("type: String\nallowedPattern: ¶^$|arn:aws:.*$"),
        parameter("type: String\nallowedPattern: ¶^(a|b)|c$"),
    ],
    "unknown-step": [
        two("nextStep: ¶Secund"),
        two("onFailure: ¶step:Secund\n    isCritical: true"),
    ],
    "end-with-next": [two("isEnd: true\n    nextStep: ¶Second", "onFailure: Abort")],
    "jump-word": [two("onFailure: ¶continue"), two("onCancel: ¶Continue")],
    "cancel-target": [
        two("onCancel: ¶step:Second"),
        variable().replace(
            "    inputs:\n      Name", "    onCancel: ¶step:Use\n    inputs:\n      Name"
        ),
    ],
    "unreachable-step": [two("isEnd: true").replace("- name: Second", "- ¶name: Second")],
    "endless": [
        two("", "nextStep: First").replace("- name: First", "- ¶name: First"),
        two(
            "nextStep: Second", "isCritical: true\n    onFailure: Abort\n    nextStep: Second"
        ).replace("- name: First", "- ¶name: First"),
    ],
    "silent-failure": [two("onFailure: ¶Continue")],
    "failure-stays": [two("onFailure: ¶step:Second")],
    "end-and-continue": [two("", "isEnd: true\n    onFailure: ¶Continue")],
    "branch-ends": [BRANCH.format(more="isCritical: true").replace("¶- ", "- ¶")],
    "retried-create": [
        create("CreateVolume", "maxAttempts: ¶3").replace(
            "CreateVolume", "CreateVpc\n      CidrBlock: 10.0.0.0/16"
        ),
        call("ImageId: ami-1", "    maxAttempts: ¶2\n", action="aws:runInstances"),
    ],
    "timeout-over-cap": [create("DescribeVpcs", "timeoutSeconds: ¶26")],
    "unknown-runtime": [script(HANDLER, runtime="¶python2.7")],
    "retired-runtime": [script(HANDLER, runtime="¶python3.8")],
    "script-placeholder": [script("%%SCRIPT=a.py%%").replace("Script: |", "Script: ¶|")],
    "script-syntax": [script("def handler(events, context):\n    return ¶= 1")],
    "missing-handler": [
        script(HANDLER.replace("handler", "handle")).replace("Handler: ", "Handler: ¶")
    ],
    "handler-arguments": [
        script("x = 1\n¶def handler(events):\n    return {}"),
        script("¶def handler(events, context, more):\n    return {}"),
    ],
    "script-without-role": [
        script(SDK),
        script(SDK.replace("import boto3", "from boto3 import client")),
    ],
    "script-injection": [
        "parameters:\n  Given:\n    type: String\n"
        + script('def handler(events, context):\n    return "¶{{ Given }}"'),
    ],
    "payload-injection": [payload('Payload: \'{"a": "¶{{ Given }}"}\'')],
    "unknown-child": [call("DocumentName: ¶MendAll", action="aws:executeAutomation")],
    "child-parameter": [
        call(
            "DocumentName: Child\nRuntimeParameters:\n  Id: x\n  ¶Colour: y",
            action="aws:executeAutomation",
        )
    ],
    "child-parameter-missing": [
        call("DocumentName: Own-Child\nRuntimeParameters: ¶{}", action="aws:executeAutomation")
    ],
    "unused-ignore": [
        two("").replace("PT1S", "PT1S  ¶# netmend: ignore=sleep-duration", 1),
        "¶# netmend: ignore=unused-parameters\n" + HEAD + two(""),
    ],
}

"""Runbooks in which nothing is wrong, by the id of the finding that they come near."""

from __future__ import annotations

from tests.lint.small import (
    BRANCH,
    HANDLER,
    HEAD,
    LATER,
    LOOP,
    ROLE,
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

SILENT: dict[str, list[str]] = {
    "not-a-runbook": [two("")],
    "unknown-key": [f"outputs: []\ndescription: x\n{two('timeoutSeconds: 5')}"],
    "missing-key": ["mainSteps:\n  - name: Wait\n    action: aws:pause\n    inputs: {}\n"],
    "step-name": ["mainSteps:\n  - name: Take_2\n    action: " + SLEEP],
    "duplicate-step": [two("")],
    "document-size": [f"description: {'x' * 64_000}\n{two('')}"],
    "over-limit": [
        LOOP.format(most=100, after="ami-1"),
        f"files:\n{''.join(f'  {name}: {{}}{chr(10)}' for name in 'abcde')}{two('')}",
        "parameters:\n  Most:\n    type: Integer\n"
        + LOOP.format(most='"{{ Most }}"', after="ami-1"),
    ],
    "refused": [BRANCH.format(more="isEnd: true").replace("¶", "")],
    "unknown-action": ["mainSteps:\n  - name: Wait\n    action: " + SLEEP],
    "unknown-input": [call("ImageId: ami-1\nMetadataOptions: {}", action="aws:runInstances")],
    "missing-input": [
        call("Runtime: PowerShell 7.4\nScript: Get-Date", action="aws:executeScript"),
        call("Runtime: python3.11\nHandler: a.b\nAttachment: a.zip", action="aws:executeScript"),
    ],
    "input-conflict": [
        call(
            "Runtime: python3.11\nHandler: a.b\nAttachment: a.zip\nScript: '%X%'",
            action="aws:executeScript",
        ),
    ],
    "input-type": [
        call("Approvers: someone\nMinRequiredApprovals: '1'", action="aws:approve"),
        call(
            "InstanceIds: i-1\nDesiredState: stopped\nForce: 'True'",
            action="aws:changeInstanceState",
        ),
        call('ResourceIds: [i-1]\nTags: \'[{"Key": "a"}]\'', action="aws:createTags"),
    ],
    "input-value": [
        "parameters:\n  State:\n    type: String\n"
        + call('InstanceIds: [i-1]\nDesiredState: "{{ State }}"', action="aws:changeInstanceState"),
    ],
    "sleep-duration": [
        call("Duration: P6DT23H59M59S", action="aws:sleep"),
        "parameters:\n  Long:\n    type: String\n"
        + call('Duration: "{{ Long }}"', action="aws:sleep"),
    ],
    "too-few-approvers": [
        "parameters:\n  People:\n    type: StringList\n"
        + call('Approvers: ["{{ People }}"]\nMinRequiredApprovals: 2', action="aws:approve"),
    ],
    "variable-name": [variable()],
    "variable-type": [variable(value="5")],
    "unknown-service": [
        call("Service: EC2\nApi: DescribeVpcs"),
        "parameters:\n  Which:\n    type: String\n"
        + call('Service: "{{ Which }}"\nApi: DescribeVpcs'),
    ],
    "unknown-api": [
        call("Service: ec2\nApi: describe_vpcs"),
        call("Service: ec2\nApi: describeVpcs"),
    ],
    "streaming-api": [call("Service: s3\nApi: GetBucketPolicy\nBucket: b")],
    "unknown-member": [
        call("Service: ec2\nApi: DescribeFlowLogs\nFilters:\n  - Name: a\n    Values: [b]"),
        call("Service: ec2\nApi: DescribeNatGateways\nFilters:\n  - Name: a\n    Values: [b]"),
        call("Service: ec2\nApi: DescribeFlowLogs\nFilter:\n  - Name: a\n    Values: [b]"),
    ],
    "missing-member": [
        call("Service: glacier\nApi: ListVaults"),
        call(
            "Service: logs\nApi: CreateExportTask\nlogGroupName: g\nfromTime: 1\nto: 2\n"
            "destination: b"
        ),
        call("Service: ec2\nApi: ModifySecurityGroupRules\nGroupId: sg-1\nSecurityGroupRules: []"),
    ],
    "member-type": [
        call("Service: ec2\nApi: DescribeVpcs\nMaxResults: 5\nDryRun: false"),
        call("Service: ec2\nApi: DeleteSnapshot\nSnapshotId: [snap-1]"),
        call(
            "Service: cloudwatch\nApi: GetMetricData\nMetricDataQueries: []\n"
            "StartTime: '2030-01-01'\nEndTime: '2030-01-02'"
        ),
    ],
    "member-minimum": [call("Service: ec2\nApi: DescribeVpcs\nMaxResults: 5\nVpcIds: []")],
    "reference-type": [
        "parameters:\n  Ids:\n    type: List<AWS::EC2::Instance::Id>\n  Size:\n    type: Integer\n"
        + call(
            'Service: ec2\nApi: DescribeInstances\nInstanceIds: ["{{ Ids }}"]\n'
            'MaxResults: "{{ Size }}"'
        ),
        "parameters:\n  Id:\n    type: AWS::EC2::Instance::Id\n"
        + call('Service: ec2\nApi: DescribeInstances\nInstanceIds: ["{{ Id }}"]'),
    ],
    "selector-syntax": [output("$..VpcId", "StringList"), output("Vpcs[0].VpcId", "String")],
    "selector-root": [
        script(
            HANDLER, more="    outputs:\n      - Name: Out\n        Selector: $.Payload.result\n"
        ),
        script(
            HANDLER,
            more="    outputs:\n      - Name: Out\n        Selector: $\n        Type: StringMap\n",
        ),
    ],
    "selector-member": [
        output("$.ResponseMetadata.HTTPStatusCode", "Integer"),
        output("$.Vpcs[0].Tags[?(@.Key=='Name')].Value", "StringList"),
        call(
            "Service: iam\nApi: GetPolicyVersion\nVersionId: v1\n"
            "PolicyArn: arn:aws:iam::aws:policy/ReadOnlyAccess",
            "    outputs:\n      - Name: Out\n"
            "        Selector: $.PolicyVersion.Document.Statement\n        Type: MapList\n",
        ),
    ],
    "output-type": [
        output("$.Vpcs", "MapList"),
        output("$.Vpcs[0]", "StringMap"),
        output("$.Vpcs[*].VpcId", "StringList"),
        output("$.Vpcs[0].IsDefault", "String"),
        output("$.Vpcs[*].VpcId", "String"),
    ],
    "reserved-output": [
        script(HANDLER, more="    outputs:\n      - Name: Out\n        Selector: $.Payload\n"),
    ],
    "desired-boolean": [
        call(
            "Service: ec2\nApi: DescribeVpcs\nPropertySelector: $.Vpcs[0].IsDefault\n"
            "DesiredValues: ['True', true]",
            action="aws:assertAwsResourceProperty",
        ),
        call(
            "Service: ec2\nApi: DescribeVpcs\nPropertySelector: $.Vpcs[0].State\n"
            "DesiredValues: ['true']",
            action="aws:assertAwsResourceProperty",
        ),
    ],
    "undeclared-parameter": [ROLE + two("")],
    "undeclared-variable": [variable()],
    "unknown-system-variable": [reading("{{ global:DATE_TIME }} {{automation:EXECUTION_ID}}")],
    "ssm-in-step": [parameter('type: String\ndefault: "{{ ssm:/images/newest }}"')],
    "unknown-step-output": [f"outputs:\n  - Copy.ImageId\n{reading('{{ Copy.ImageId }}')}"],
    "undeclared-output": [reading("{{ Copy.ImageState }}")],
    "nested-reference": [reading("{{ print $2 }} {{ Elsewhere.Than[0] }}")],
    "output-too-early": [
        LATER.format(more="isEnd: true", copy="nextStep: Before")
        .replace("¶", "")
        .replace(
            "mainSteps:\n",
            "mainSteps:\n  - name: Start\n    action: aws:sleep\n"
            "    nextStep: Copy\n    inputs:\n      Duration: PT1S\n",
        ),
        LOOP.format(most=3, after="ami-1").replace(
            "{{ Each.CurrentIteratorValue }}", "{{ Each.CurrentIteration }}"
        ),
    ],
    "outside-loop": [LOOP.format(most=3, after="ami-1")],
    "parameter-in-default": [
        "parameters:\n  A:\n    type: String\n  B:\n    type: String\n"
        '    default: "copy of {{ A }}"\n' + call('ImageId: "{{ B }}"', action="aws:deleteImage"),
    ],
    "unused-parameter": [parameter("type: String"), ROLE + two("")],
    "parameter-name": [parameter("type: String").replace("Given", "Given1")],
    "parameter-type": [parameter("type: AWS::S3::Bucket::Name")],
    "default-type": [
        parameter("type: Integer\ndefault: 3"),
        parameter("type: AWS::IAM::Role::Arn\ndefault: ''"),
    ],
    "default-not-allowed": [
        parameter("type: String\ndefault: a\nallowedValues: [a, b]"),
        parameter("type: Boolean\ndefault: true\nallowedValues: ['true', 'false']"),
    ],
    "pattern-invalid": [
        parameter(r"type: String" + "\n" + r"allowedPattern: ^[\w-\/]{1,20}$"),
        parameter(
            "type: String\n" + r"allowedPattern: ^[\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF]*$"
        ),
    ],
    "pattern-unanchored": [
        parameter("type: String\nallowedPattern: ^$|^arn:aws:.*$"),
        parameter("type: String\nallowedPattern: (^a$)|^[b|c]$"),
        parameter("type: String\nallowedPattern: ^(a|b)$"),
        parameter("type: String\n" + r"allowedPattern: (?=^.{3,63}$)(?!^(\d+\.)+\d+$)(^[a-z]+$)"),
        parameter("type: String\n" + r"allowedPattern: ^[a-z-]+$(?<!-)"),
    ],
    "unknown-step": [two("nextStep: Second")],
    "end-with-next": [two("isEnd: false\n    nextStep: Second")],
    "jump-word": [two("onFailure: Abort\n    onCancel: Abort")],
    "cancel-target": [
        variable().replace(
            "    action: aws:executeScript", "    action: aws:executeScript\n    onCancel: Abort"
        )
    ],
    "unreachable-step": [
        two("isEnd: true\n    isCritical: true\n    onFailure: step:Second"),
        two("isEnd: true\n    isCritical: true\n    onFailure: step:Second", "isEnd: 'True'"),
        BRANCH.format(more="isEnd: true").replace("¶", ""),
    ],
    "endless": [
        BRANCH.format(more="isCritical: true")
        .replace("¶", "")
        .replace("NextStep: Left", "NextStep: Decide\n      Default: Left"),
        two("nextStep: Second", "isCritical: true\n    onFailure: step:First\n    isEnd: true"),
        LOOP.format(most=100, after="ami-1"),
    ],
    "silent-failure": [two("onFailure: Continue\n    isCritical: false")],
    "failure-stays": [two("onFailure: step:Second\n    isCritical: true")],
    "end-and-continue": [two("onFailure: Continue\n    isCritical: false", "isEnd: true")],
    "branch-ends": [BRANCH.format(more="isEnd: true").replace("¶", "")],
    "retried-create": [
        create("CreateVolume", "maxAttempts: 3").replace(
            "CreateVolume", "CreateVolume\n      AvailabilityZone: a\n      ClientToken: t"
        ),
        create("DescribeVpcs", "maxAttempts: 3"),
        create("DescribeVpcs", "maxAttempts: 1"),
    ],
    "timeout-over-cap": [create("DescribeVpcs", "timeoutSeconds: 25")],
    "unknown-runtime": [script(HANDLER)],
    "retired-runtime": [script(HANDLER, runtime="python3.10")],
    "script-placeholder": [
        script(HANDLER, more="      Attachment: a.zip\n")
        .replace(HANDLER.splitlines()[0], "%SCRIPT%")
        .replace("        " + HANDLER.splitlines()[1] + "\n", "")
    ],
    "script-syntax": [script("match = 1\n" + HANDLER)],
    "missing-handler": [
        script("from tools import handler"),
        script("handler = print"),
        script(HANDLER).replace("Handler: handler", "Handler: code.handler"),
    ],
    "handler-arguments": [
        script("def handler(*both):\n    return {}"),
        script("def handler(events, context, more=1):\n    return {}"),
        script("class A:\n    def handler(self): ...\n" + HANDLER),
    ],
    "script-without-role": [ROLE + script(SDK.replace("¶", ""))],
    "script-injection": [
        script("def handler(events, context):\n    return '{{ print $2 }} {{ not_ours }}'"),
        "parameters:\n  Given:\n    type: Integer\n"
        + script("def handler(events, context):\n    return {{ Given }}"),
    ],
    "payload-injection": [
        payload('InputPayload:\n        a: "{{ Given }}"'),
        payload('Payload: \'{"a": "{{ Given }}"}\'', "    allowedPattern: ^[a-z]+$\n"),
        payload('Payload: "{{ Given }}"'),
    ],
    "unknown-child": [
        call("DocumentName: AWSSupport-ExecuteEC2Rescue", action="aws:executeAutomation"),
        call(
            "DocumentName: arn:aws:ssm:us-east-1:123456789012:document/Theirs",
            action="aws:executeAutomation",
        ),
    ],
    "child-parameter": [
        call(
            "DocumentName: Child\nRuntimeParameters:\n  Id: x\n  Size: y",
            action="aws:executeAutomation",
        )
    ],
    "child-parameter-missing": [
        call(
            "DocumentName: Child\nTargetParameterName: Id\nTargets: []",
            action="aws:executeAutomation",
        )
    ],
    "unused-ignore": [
        two("").replace("PT1S", "P9D # netmend: ignore=sleep-duration", 1),
        "# netmend: ignore=silent-failure,failure-stays\n"
        + HEAD
        + two("onFailure: Continue", "isEnd: true\n    onFailure: step:First"),
    ],
}

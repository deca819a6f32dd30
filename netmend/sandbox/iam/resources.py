"""On what each action acts, as tables: IAM's names, and the ARN of each operation's resource.

Source: the Service Authorization Reference, for the actions that Netmend's roles use and those
that stand next to them. An operation that is not here is refused, unless it is a read, which is
judged on `*`.
"""

from __future__ import annotations

from typing import Final

PREFIXES: Final = {
    "cloudwatch": "cloudwatch",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
    "stepfunctions": "states",
}
"""boto3 service -> prefix of its IAM actions, where the two differ."""

ACTIONS: Final = {"lambda:Invoke": "lambda:InvokeFunction"}
"""Operation -> IAM action, where an operation is not called as its action."""

S3_ACTIONS: Final = {
    "AbortMultipartUpload": "AbortMultipartUpload",
    "CompleteMultipartUpload": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteObject": "DeleteObject",
    "DeleteObjects": "DeleteObject",
    "DeleteObjectTagging": "DeleteObjectTagging",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketLocation": "GetBucketLocation",
    "GetBucketLogging": "GetBucketLogging",
    "GetBucketPolicy": "GetBucketPolicy",
    "GetBucketTagging": "GetBucketTagging",
    "GetBucketVersioning": "GetBucketVersioning",
    "GetObject": "GetObject",
    "GetObjectLegalHold": "GetObjectLegalHold",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetObjectRetention": "GetObjectRetention",
    "GetObjectTagging": "GetObjectTagging",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListParts": "ListMultipartUploadParts",
    "PutObject": "PutObject",
    "PutObjectLegalHold": "PutObjectLegalHold",
    "PutObjectRetention": "PutObjectRetention",
    "PutObjectTagging": "PutObjectTagging",
    "UploadPart": "PutObject",
}
"""S3 operation -> its action; all act on the bucket, or on the object where they name a key."""

S3_VERSION_ACTIONS: Final = {
    "DeleteObject": "DeleteObjectVersion",
    "GetObject": "GetObjectVersion",
    "GetObjectTagging": "GetObjectVersionTagging",
}
"""The action instead, where the call names a version."""

S3_ALONGSIDE: Final = {
    "ObjectLockLegalHoldStatus": "PutObjectLegalHold",
    "ObjectLockMode": "PutObjectRetention",
    "Tagging": "PutObjectTagging",
}
"""Parameter of PutObject -> the action that it needs besides."""

TRANSACTIONS: Final = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Delete": "dynamodb:DeleteItem",
    "Get": "dynamodb:GetItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}
"""Part of a DynamoDB transaction -> its action."""

NONE: Final = "*"

TEMPLATES: Final[dict[str, str]] = {
    "cloudformation:DescribeStackResources": "stack/{StackName}/*",
    "cloudformation:DescribeStacks": "stack/{StackName}/*",
    "config:PutEvaluations": NONE,
    "dynamodb:DeleteItem": "table/{TableName}",
    "dynamodb:DescribeTable": "table/{TableName}",
    "dynamodb:GetItem": "table/{TableName}",
    "dynamodb:PutItem": "table/{TableName}",
    "dynamodb:Query": "table/{TableName}",
    "dynamodb:Scan": "table/{TableName}",
    "dynamodb:UpdateItem": "table/{TableName}",
    "ec2:AssociateRouteTable": "route-table/{RouteTableId}",
    "ec2:CreateNetworkAclEntry": "network-acl/{NetworkAclId}",
    "ec2:CreateRoute": "route-table/{RouteTableId}",
    "ec2:DeleteNetworkAclEntry": "network-acl/{NetworkAclId}",
    "ec2:DeleteRoute": "route-table/{RouteTableId}",
    "ec2:DescribeVpcAttribute": "vpc/{VpcId}",
    "ec2:ModifySubnetAttribute": "subnet/{SubnetId}",
    "ec2:ModifyVpcAttribute": "vpc/{VpcId}",
    "ec2:ReplaceNetworkAclEntry": "network-acl/{NetworkAclId}",
    "ec2:ReplaceRoute": "route-table/{RouteTableId}",
    "lambda:GetFunction": "function:{FunctionName}",
    "lambda:Invoke": "function:{FunctionName}",
    "logs:CreateLogGroup": "log-group:{logGroupName}",
    "logs:CreateLogStream": "log-group:{logGroupName}:log-stream:{logStreamName}",
    "logs:PutLogEvents": "log-group:{logGroupName}:log-stream:{logStreamName}",
    "service-quotas:GetServiceQuota": "{ServiceCode}/{QuotaCode}",
    "ssm:CreateOpsItem": NONE,
    "ssm:DescribeAutomationStepExecutions": "automation-execution/{AutomationExecutionId}",
    "ssm:DescribeDocument": "document/{Name}",
    "ssm:GetAutomationExecution": "automation-execution/{AutomationExecutionId}",
    "ssm:GetCalendarState": "document/{CalendarNames}",
    "ssm:GetDocument": "document/{Name}",
    "ssm:SendAutomationSignal": "automation-execution/{AutomationExecutionId}",
    "ssm:StopAutomationExecution": "automation-execution/{AutomationExecutionId}",
    "sns:GetTopicAttributes": "{TopicArn}",
    "sns:ListSubscriptionsByTopic": "{TopicArn}",
    "sns:Publish": "{TopicArn}",
    "sns:Subscribe": "{TopicArn}",
    "sts:AssumeRole": "{RoleArn}",
    "xray:PutTraceSegments": NONE,
}
"""service:Operation -> the resource part of the ARN in the caller's account and Region.

`{Name}` is the call's parameter; a list makes an ARN of each item, and a value that is an ARN
already stands for itself.
"""

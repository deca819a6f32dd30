"""What AWS documents of each action: its inputs, the outputs that it has undeclared, its limits."""

from __future__ import annotations

from typing import Final

INPUTS: Final[dict[str, dict[str, str]]] = {
    "aws:approve": {
        "NotificationArn": "String",
        "Message": "String",
        "MinRequiredApprovals": "Integer",
        "Approvers": "StringList",
        "EnhancedApprovals": "Map",
    },
    "aws:assertAwsResourceProperty": {
        "Service": "String!",
        "Api": "String!",
        "PropertySelector": "String!",
        "DesiredValues": "StringList!",
    },
    "aws:branch": {"Choices": "MapList!", "Default": "String"},
    "aws:changeInstanceState": {
        "InstanceIds": "StringList!",
        "DesiredState": "String!",
        "CheckStateOnly": "Boolean",
        "Force": "Boolean",
        "AdditionalInfo": "String",
        "FailOnUnexpectedStopped": "Boolean",
    },
    "aws:copyImage": {
        "SourceImageId": "String!",
        "SourceRegion": "String!",
        "ImageName": "String!",
        "ImageDescription": "String",
        "Encrypted": "Boolean",
        "KmsKeyId": "String",
        "ClientToken": "String",
    },
    "aws:createImage": {
        "InstanceId": "String!",
        "ImageName": "String!",
        "ImageDescription": "String",
        "NoReboot": "Boolean",
        "BlockDeviceMappings": "Any",
    },
    "aws:createStack": {
        "StackName": "String!",
        "Capabilities": "StringList",
        "ClientRequestToken": "String",
        "DisableRollback": "Boolean",
        "NotificationARNs": "StringList",
        "OnFailure": "String",
        "Parameters": "Any",
        "ResourceTypes": "StringList",
        "RoleARN": "String",
        "StackPolicyBody": "String",
        "StackPolicyURL": "String",
        "Tags": "Any",
        "TemplateBody": "Any",
        "TemplateURL": "String",
        "TimeoutInMinutes": "Integer",
    },
    "aws:createTags": {"ResourceIds": "StringList!", "Tags": "MapList!", "ResourceType": "String"},
    "aws:deleteImage": {"ImageId": "String!"},
    "aws:deleteStack": {
        "StackName": "String!",
        "ClientRequestToken": "String",
        "RetainResources": "StringList",
        "RoleARN": "String",
    },
    "aws:executeAutomation": {
        "DocumentName": "String!",
        "DocumentVersion": "String",
        "MaxConcurrency": "String",
        "MaxErrors": "String",
        "RuntimeParameters": "Map",
        "Tags": "MapList",
        "TargetLocations": "MapList",
        "TargetMaps": "MapList",
        "TargetParameterName": "String",
        "Targets": "MapList",
    },
    "aws:executeAwsApi": {"Service": "String!", "Api": "String!"},
    "aws:executeScript": {
        "Runtime": "String!",
        "Handler": "String",
        "InputPayload": "Map",
        "Script": "String",
        "Attachment": "String",
    },
    "aws:executeStateMachine": {"stateMachineArn": "String!", "name": "String", "input": "String"},
    "aws:invokeLambdaFunction": {
        "FunctionName": "String!",
        "Qualifier": "String",
        "InvocationType": "String",
        "LogType": "String",
        "ClientContext": "Any",
        "InputPayload": "Map",
        "Payload": "String",
    },
    "aws:invokeWebhook": {"IntegrationName": "String!", "Body": "String"},
    "aws:loop": {
        "Iterators": "Any",
        "IteratorDataType": "String",
        "LoopCondition": "Map",
        "MaxIterations": "Integer",
        "Steps": "MapList!",
    },
    "aws:pause": {"Message": "String"},
    "aws:runCommand": {
        "DocumentName": "String!",
        "InstanceIds": "StringList",
        "Targets": "MapList",
        "Parameters": "Map",
        "CloudWatchOutputConfig": "Map",
        "Comment": "String",
        "DocumentHash": "String",
        "DocumentHashType": "String",
        "DocumentVersion": "String",
        "MaxConcurrency": "String",
        "MaxErrors": "String",
        "NotificationConfig": "Map",
        "OutputS3BucketName": "String",
        "OutputS3KeyPrefix": "String",
        "OutputS3Region": "String",
        "ServiceRoleArn": "String",
        "TimeoutSeconds": "Integer",
    },
    "aws:runInstances": {
        "ImageId": "String!",
        "AdditionalInfo": "String",
        "BlockDeviceMappings": "Any",
        "ClientToken": "String",
        "DisableApiTermination": "Boolean",
        "EbsOptimized": "Boolean",
        "IamInstanceProfileArn": "String",
        "IamInstanceProfileName": "String",
        "InstanceInitiatedShutdownBehavior": "String",
        "InstanceType": "String",
        "KernelId": "String",
        "KeyName": "String",
        "MaxInstanceCount": "Integer",
        "MetadataOptions": "Map",
        "MinInstanceCount": "Integer",
        "Monitoring": "Any",
        "NetworkInterfaces": "Any",
        "Placement": "Any",
        "PrivateIpAddress": "String",
        "RamdiskId": "String",
        "SecurityGroupIds": "StringList",
        "SecurityGroups": "StringList",
        "SubnetId": "String",
        "TagSpecifications": "Any",
        "UserData": "String",
    },
    "aws:sleep": {"Duration": "String", "Timestamp": "String"},
    "aws:updateVariable": {"Name": "String!", "Value": "Any!"},
    "aws:waitForAwsResourceProperty": {
        "Service": "String!",
        "Api": "String!",
        "PropertySelector": "String!",
        "DesiredValues": "StringList!",
    },
}
"""Type of each input; '!' where the action cannot do without it."""

VALUES: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("aws:changeInstanceState", "DesiredState"): ("running", "stopped", "terminated"),
    ("aws:createStack", "OnFailure"): ("DO_NOTHING", "ROLLBACK", "DELETE"),
    ("aws:createTags", "ResourceType"): (
        "EC2",
        "ManagedInstance",
        "MaintenanceWindow",
        "Parameter",
    ),
    ("aws:invokeLambdaFunction", "InvocationType"): ("Event", "RequestResponse", "DryRun"),
    ("aws:invokeLambdaFunction", "LogType"): ("None", "Tail"),
    ("aws:loop", "IteratorDataType"): ("Boolean", "Integer", "String", "StringMap"),
    ("aws:runCommand", "DocumentHashType"): ("Sha256", "Sha1"),
}

ONE_OF: Final[dict[str, tuple[str, ...]]] = {
    "aws:approve": ("Approvers", "EnhancedApprovals"),
    "aws:loop": ("Iterators", "LoopCondition"),
    "aws:sleep": ("Duration", "Timestamp"),
    "aws:runCommand": ("InstanceIds", "Targets"),
    "aws:createStack": ("TemplateBody", "TemplateURL"),
}
"""Inputs of which an action needs one, and cannot have two."""

ANY_OF: Final[dict[str, tuple[str, ...]]] = {"aws:executeScript": ("Script", "Attachment")}
"""Inputs of which an action needs one, and can have both."""

PREDEFINED: Final[dict[str, dict[str, str]]] = {
    "aws:approve": {"ApprovalStatus": "String", "ApproverDecisions": "MapList"},
    "aws:copyImage": {"ImageId": "String", "ImageState": "String"},
    "aws:createImage": {"ImageId": "String", "ImageState": "String"},
    "aws:createStack": {
        "StackId": "String",
        "StackStatus": "String",
        "StackStatusReason": "String",
    },
    "aws:executeAutomation": {"Output": "StringList", "ExecutionId": "String", "Status": "String"},
    "aws:executeScript": {"Payload": "", "OutputPayload": ""},
    "aws:executeStateMachine": dict.fromkeys(
        (
            "executionArn",
            "input",
            "name",
            "output",
            "startDate",
            "stateMachineArn",
            "status",
            "stopDate",
        ),
        "String",
    ),
    "aws:invokeLambdaFunction": {
        "StatusCode": "",
        "FunctionError": "String",
        "LogResult": "String",
        "Payload": "",
        "OutputPayload": "",
    },
    "aws:invokeWebhook": {"Response": "String", "ResponseCode": "String"},
    "aws:loop": {"CurrentIteration": "Integer", "CurrentIteratorValue": ""},
    "aws:runCommand": {
        "CommandId": "String",
        "Status": "String",
        "ResponseCode": "",
        "Output": "String",
        "OutputPayload": "",
    },
    "aws:runInstances": {"InstanceIds": "StringList", "InstanceStates": "StringList"},
}
"""Outputs that need no declaration, with their type where one is certain."""

LOOP_OUTPUTS: Final = frozenset(PREDEFINED["aws:loop"])

CAPS: Final = {
    "aws:approve": 2_592_000,
    "aws:executeAwsApi": 25,
    "aws:executeScript": 600,
    "aws:invokeLambdaFunction": 300,
    "aws:sleep": 604_799,
}
"""Seconds after which AWS ends an attempt of the action, whatever timeoutSeconds says."""

MOST: Final[dict[tuple[str, str], int]] = {
    ("aws:approve", "Approvers"): 10,
    ("aws:approve", "Message"): 4096,
    ("aws:createStack", "TemplateBody"): 51_200,
    ("aws:executeAutomation", "Tags"): 5,
    ("aws:loop", "Iterators"): 100,
    ("aws:runCommand", "InstanceIds"): 50,
}
"""Most items of a list, most characters of a text."""

MAX_FILES: Final = 5
MAX_PARAMETERS: Final = 200
MAX_ITERATIONS: Final = 100

PYTHON: Final = ("python3.10", "python3.11")
POWERSHELL: Final = ("PowerShell 7.4",)
OLD_RUNTIMES: Final = (
    "python3.6",
    "python3.7",
    "python3.8",
    "python3.9",
    "PowerShell Core 6.0",
    "PowerShell 6.0",
    "PowerShell 7.0",
    "PowerShell 7.2",
)
"""Runtimes that AWS took once, and that published documents still name."""

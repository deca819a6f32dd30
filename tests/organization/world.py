"""An organisation on the embedded AWS: deployed to by stack sets, seen through boto3 alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from netmend import bundle
from netmend.sandbox.core import Sandbox
from netmend.verification import record
from rules.netlib.evidence import stamp
from rules.netlib.verified import MUST_PASS, PARAMETER, SCHEMA

ROOT = Path(__file__).parents[2]
HOME = "us-east-1"
REGIONS = (HOME, "eu-west-1")
TRUSTED = "member.org.stacksets.cloudformation.amazonaws.com"
ADMINISTRATOR = "OrganizationAccountAccessRole"

RULE = "netmend-security-group-no-public-ingress"
MENDER = "netmend-RevokePublicIngress"
SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}

UNITS = {"workloads": "", "production": "workloads", "security": ""}
"""The OUs, each with the one that it stands in."""

ACCOUNTS = {
    "shop": "workloads",
    "lab": "workloads",
    "payments": "production",
    "ledger": "production",
    "audit": "security",
    "logs": "security",
}

RECORD = {
    "schema": SCHEMA,
    "account": "${AWS::AccountId}",
    "region": "${AWS::Region}",
    "checks": list(MUST_PASS),
    "passed": "${Passed}",
    "netmend": "a test",
    "by": "a test",
    "made_for": record.AWS,
}
VERIFIED = {
    "Description": "A test's own: what netmend verify --live leaves behind, in every account.",
    "Parameters": {"Passed": {"Type": "String"}},
    "Resources": {
        "Verified": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {
                "Name": PARAMETER,
                "Type": "String",
                "Value": {"Fn::Sub": json.dumps(RECORD)},
            },
        }
    },
}


def template(name: str) -> str:
    """A template of ours."""
    return (ROOT / "cloudformation" / f"{name}.yaml").read_text()


class Organisation:
    """The management account's view of an organisation of the sandbox."""

    def __init__(self, sandbox: Sandbox, units: Mapping[str, str], regions: Sequence[str]) -> None:
        self.sandbox = sandbox
        self.regions = regions
        self.api = self.client("organizations")
        self.api.create_organization(FeatureSet="ALL")
        self.id = self.api.describe_organization()["Organization"]["Id"]
        self.root: str = self.api.list_roots()["Roots"][0]["Id"]
        self.units: dict[str, str] = {}
        self.accounts: dict[str, str] = {}
        for name, parent in units.items():
            made = self.api.create_organizational_unit(
                ParentId=self.units.get(parent, self.root), Name=name
            )
            self.units[name] = made["OrganizationalUnit"]["Id"]
        self.api.enable_aws_service_access(ServicePrincipal=TRUSTED)

    def client(self, service: str, region: str = HOME) -> Any:
        """A client of the management account."""
        return self.sandbox.client(service, region)

    def member(self, account: str, service: str, region: str = HOME) -> Any:
        """A client of a member's administrator."""
        role = f"arn:aws:iam::{account}:role/{ADMINISTRATOR}"
        answer = self.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
        return self.sandbox.lend(service, region, answer["Credentials"])

    def settle(self) -> None:
        self.sandbox.settle()

    def create(self, name: str, unit: str = "") -> str:
        """A new account, moved to an OU; what follows is not waited for."""
        asked = self.api.create_account(Email=f"{name}@example.com", AccountName=name)
        self.settle()
        status = self.api.describe_create_account_status(
            CreateAccountRequestId=asked["CreateAccountStatus"]["Id"]
        )["CreateAccountStatus"]
        account: str = status["AccountId"]
        self.accounts[name] = account
        if unit:
            self.move(account, self.root, self.units[unit])
        return account

    def move(self, account: str, source: str, destination: str) -> None:
        self.api.move_account(
            AccountId=account, SourceParentId=source, DestinationParentId=destination
        )

    def publish(self) -> str:
        """A bucket in each Region with the code and our templates; the key of the code."""
        code = bundle.build_bytes()
        for region in self.regions:
            s3, bucket = self.client("s3", region), self.bucket(region)
            place = {} if region == HOME else {"LocationConstraint": region}
            extra = {"CreateBucketConfiguration": place} if place else {}
            s3.create_bucket(Bucket=bucket, **extra)
            s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(self._readable(bucket)))
            s3.put_object(Bucket=bucket, Key="netmend.zip", Body=code)
            for name in ("roles", "detection", "remediation"):
                s3.put_object(Bucket=bucket, Key=f"{name}.yaml", Body=template(name).encode())
        return "netmend.zip"

    def bucket(self, region: str) -> str:
        return f"a-test-artifacts-{self.id}-{region}"

    def _readable(self, bucket: str) -> dict[str, Any]:
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": f"arn:aws:s3:::{bucket}/*",
            "Condition": {"StringEquals": {"aws:PrincipalOrgID": self.id}},
        }
        return {"Version": "2012-10-17", "Statement": [statement]}

    def stack_set(
        self,
        name: str,
        source: Mapping[str, str],
        regions: Sequence[str],
        parameters: Mapping[str, str],
        needs: Iterable[str] = (),
    ) -> str:
        """A stack set for every OU, which waits for others where an account joins; its ARN."""
        cloudformation = self.client("cloudformation")
        automatic: dict[str, Any] = {"Enabled": True, "RetainStacksOnAccountRemoval": False}
        if needs := list(needs):
            automatic["DependsOn"] = needs
        cloudformation.create_stack_set(
            StackSetName=name,
            **source,
            Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in parameters.items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
            PermissionModel="SERVICE_MANAGED",
            AutoDeployment=automatic,
        )
        self.deploy(name, regions)
        return str(cloudformation.describe_stack_set(StackSetName=name)["StackSet"]["StackSetARN"])

    def deploy(self, name: str, regions: Sequence[str]) -> None:
        tops = [self.units[name] for name, parent in UNITS.items() if not parent]
        self.client("cloudformation").create_stack_instances(
            StackSetName=name,
            DeploymentTargets={"OrganizationalUnitIds": tops},
            Regions=list(regions),
            OperationPreferences={"MaxConcurrentCount": 10, "FailureToleranceCount": 9},
        )
        self.settle()

    def deploy_netmend(self, mode: str) -> None:
        """Our three templates, and the record without which no mend may run by itself."""
        key = self.publish()
        passed = {"Passed": stamp(self.sandbox.clock.now())}
        verified = self.stack_set(
            "verified", {"TemplateBody": json.dumps(VERIFIED)}, self.regions, passed
        )
        roles = self.stack_set("netmend-roles", self._source("roles", HOME), [HOME], {})
        # A set for each Region: Lambda takes code from a bucket of its own Region, and an account
        # that joins later gets the set's parameters, never an instance's own.
        for region in self.regions:
            code = {"CodeBucket": self.bucket(region), "CodeKey": key}
            detection = self.stack_set(
                f"netmend-detection-{region}",
                self._source("detection", region),
                [region],
                code,
                [roles],
            )
            self.stack_set(
                f"netmend-remediation-{region}",
                self._source("remediation", region),
                [region],
                {**code, "Mode": mode},
                [detection, verified],
            )

    def _source(self, name: str, region: str) -> dict[str, str]:
        return {
            "TemplateURL": f"https://{self.bucket(region)}.s3.{region}.amazonaws.com/{name}.yaml"
        }

    def instances(self, name: str) -> list[dict[str, Any]]:
        pages = self.client("cloudformation").get_paginator("list_stack_instances")
        return [one for page in pages.paginate(StackSetName=name) for one in page["Summaries"]]

    def sets(self) -> list[str]:
        found = self.client("cloudformation").list_stack_sets(Status="ACTIVE")["Summaries"]
        return [one["StackSetName"] for one in found]

    def operations(self, name: str) -> list[dict[str, Any]]:
        """Newest first."""
        client = self.client("cloudformation")
        found: list[dict[str, Any]] = client.list_stack_set_operations(StackSetName=name)[
            "Summaries"
        ]
        return found

    def group(self, account: str, region: str, name: str) -> str:
        """A new security group without ingress, in the default VPC."""
        vpcs = self.member(account, "ec2", region).describe_vpcs()["Vpcs"]
        made = self.member(account, "ec2", region).create_security_group(
            GroupName=name, Description="a test's own", VpcId=vpcs[0]["VpcId"]
        )
        return str(made["GroupId"])

    def open(self, account: str, region: str, group: str) -> None:
        self.member(account, "ec2", region).authorize_security_group_ingress(
            GroupId=group, IpPermissions=[SSH]
        )

    def is_open(self, account: str, region: str, group: str) -> bool:
        found = self.member(account, "ec2", region).describe_security_groups(GroupIds=[group])
        ranges = found["SecurityGroups"][0]["IpPermissions"]
        return any(
            one["CidrIp"] == "0.0.0.0/0" for entry in ranges for one in entry.get("IpRanges", ())
        )

    def evidence(self, account: str, region: str) -> list[dict[str, Any]]:
        """The records of an account's own evidence bucket, in order."""
        bucket = f"netmend-evidence-{account}-{region}"
        listed = self.member(account, "s3", region).list_objects_v2(Bucket=bucket)
        keys = sorted(one["Key"] for one in listed.get("Contents", ()))
        bodies = (
            self.member(account, "s3", region).get_object(Bucket=bucket, Key=key)["Body"].read()
            for key in keys
        )
        return [json.loads(body) for body in bodies]

    def runs(self, account: str, region: str) -> list[dict[str, Any]]:
        ssm = self.member(account, "ssm", region)
        found = ssm.describe_automation_executions()["AutomationExecutionMetadataList"]
        return [
            self.member(account, "ssm", region).get_automation_execution(
                AutomationExecutionId=one["AutomationExecutionId"]
            )["AutomationExecution"]
            for one in found
        ]

    def rule_name(self, account: str, region: str) -> str:
        rules = self.member(account, "config", region).describe_config_rules()["ConfigRules"]
        return next(r["ConfigRuleName"] for r in rules if r["ConfigRuleName"].startswith(RULE))

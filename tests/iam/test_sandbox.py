"""The sandbox judges by managed policies, sessions, tags and the organisation, as AWS does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.backends import get_backend
from moto.iam.models import iam_backends

from netmend.sandbox import extensions, iam
from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tester"
ADMINISTRATION = "arn:aws:iam::aws:policy/AdministratorAccess"
FUNCTIONS = "lambda.amazonaws.com"


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions, "MODULES", ("iam",))
        with Sandbox() as sandbox:
            yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    """One sandbox for all tests; each leaves it without roles and organisation."""
    yield started
    for backends in list(iam_backends.values()):
        for backend in list(backends.values()):
            backend.reset()
    organizations: Any = get_backend("organizations")
    for backend in organizations[ACCOUNT].values():
        backend.reset()
    organizations.master_accounts.clear()


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": "*", **more}


def trust(action: Any = "sts:AssumeRole", **more: Any) -> str:
    principal = {"Service": FUNCTIONS, "AWS": ACCOUNT}
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


def role(sandbox: Sandbox, *statements: Any, region: str = "us-east-1", **more: Any) -> Any:
    client = sandbox.client("iam", region)
    more = {"AssumeRolePolicyDocument": trust(), **more}
    arn = client.create_role(RoleName="tester", **more)["Role"]["Arn"]
    if statements:
        text = document(*statements)
        client.put_role_policy(RoleName="tester", PolicyName="p", PolicyDocument=text)
    return iam.assume(sandbox, arn, FUNCTIONS, "session", region)


def refusal(act: Callable[[], Any]) -> str:
    """What the refusal says; empty where the call passed."""
    try:
        act()
    except ClientError as error:
        return str(error)
    return ""


MANAGED = ["AdministratorAccess", "job-function/NetworkAdministrator", "AmazonEC2ReadOnlyAccess"]


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-west-1", "cn-north-1"])
@pytest.mark.parametrize("name", MANAGED)
def test_policies_of_aws_can_be_attached_and_are_judged(
    sandbox: Sandbox, region: str, name: str
) -> None:
    keys = role(sandbox, region=region)
    partition = (
        sandbox.client("iam", region).get_role(RoleName="tester")["Role"]["Arn"].split(":")[1]
    )
    arn = f"arn:{partition}:iam::aws:policy/{name}"
    describe = sandbox.client("ec2", region, keys).describe_vpcs
    assert "no identity-based policy" in refusal(describe)
    sandbox.client("iam", region).attach_role_policy(RoleName="tester", PolicyArn=arn)
    assert refusal(describe) == ""
    assert (
        sandbox.client("sts", region, keys)
        .get_caller_identity()["Arn"]
        .startswith(f"arn:{partition}:sts::")
    )


def test_policies_of_aws_are_read_but_not_changed(sandbox: Sandbox) -> None:
    client = sandbox.client("iam")
    assert client.get_policy(PolicyArn=ADMINISTRATION)["Policy"]["PolicyName"] == (
        "AdministratorAccess"
    )
    with pytest.raises(ClientError, match="outside your own account"):
        client.delete_policy(PolicyArn=ADMINISTRATION)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        client.get_policy(PolicyArn=f"{ADMINISTRATION}s")


def test_a_policy_of_aws_may_be_a_boundary(sandbox: Sandbox) -> None:
    boundary = "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"
    keys = role(sandbox, allow("*"), PermissionsBoundary=boundary)
    assert refusal(sandbox.client("ec2", credentials=keys).describe_vpcs) == ""
    said = refusal(
        lambda: sandbox.client("ec2", credentials=keys).create_vpc(CidrBlock="10.0.0.0/16")
    )
    assert "because no permissions boundary allows the ec2:CreateVpc action" in said


def assumed(sandbox: Sandbox, **more: Any) -> Any:
    answer = sandbox.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="one", **more)
    return answer["Credentials"]


READ = document(allow("ec2:Describe*"))
SESSIONS: dict[str, tuple[dict[str, Any], str]] = {
    "its inline policy": ({"Policy": READ}, "because no session policy allows"),
    "a managed policy": (
        {"PolicyArns": [{"arn": "arn:aws:iam::aws:policy/AmazonEC2ReadOnlyAccess"}]},
        "because no session policy allows",
    ),
    "its inline policy's deny": (
        {"Policy": document(allow("*"), deny("ec2:CreateVpc"))},
        "with an explicit deny in a session policy",
    ),
    "nothing more": ({}, ""),
}


@pytest.mark.parametrize(("given", "said"), SESSIONS.values(), ids=SESSIONS)
def test_a_session_is_bound_by(sandbox: Sandbox, given: dict[str, Any], said: str) -> None:
    role(sandbox, allow("*"))
    client = sandbox.client("ec2", credentials=assumed(sandbox, **given))
    assert refusal(client.describe_vpcs) == ""
    found = refusal(lambda: client.create_vpc(CidrBlock="10.0.0.0/16"))
    assert said in found
    assert bool(found) is bool(said)


TEAM = [{"Key": "team", "Value": "net"}]


def test_tags_of_a_session_are_tags_of_its_principal(sandbox: Sandbox) -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "net"}}
    role(
        sandbox,
        allow("ec2:DescribeVpcs", Condition=condition),
        AssumeRolePolicyDocument=trust(["sts:AssumeRole", "sts:TagSession"]),
    )
    for given, passing in (({}, False), ({"Tags": TEAM}, True)):
        client = sandbox.client("ec2", credentials=assumed(sandbox, **given))
        assert (refusal(client.describe_vpcs) == "") is passing


def test_tagging_a_session_must_be_trusted(sandbox: Sandbox) -> None:
    role(sandbox)
    assert "sts:TagSession" in refusal(lambda: assumed(sandbox, Tags=TEAM))


class Organisation:
    """A member account in a unit, and the credentials of an administrator there."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.client = sandbox.client("organizations")
        self.id = self.client.create_organization()["Organization"]["Id"]
        self.root = self.client.list_roots()["Roots"][0]["Id"]
        self.unit = self.client.create_organizational_unit(ParentId=self.root, Name="unit")[
            "OrganizationalUnit"
        ]["Id"]
        made = self.client.create_account(Email="a@example.com", AccountName="a")
        sandbox.settle()
        request = made["CreateAccountStatus"]["Id"]
        done = self.client.describe_create_account_status(CreateAccountRequestId=request)
        self.member = done["CreateAccountStatus"]["AccountId"]
        self.client.move_account(
            AccountId=self.member, SourceParentId=self.root, DestinationParentId=self.unit
        )

    def attach(self, target: str, *statements: dict[str, Any]) -> None:
        policy = self.client.create_policy(
            Name=f"p{self.sandbox.uuid()}",
            Description="d",
            Type="SERVICE_CONTROL_POLICY",
            Content=document(*statements),
        )["Policy"]["PolicySummary"]["Id"]
        self.client.attach_policy(PolicyId=policy, TargetId=target)

    def visitor(self) -> Any:
        arn = f"arn:aws:iam::{self.member}:role/nobody-made-it"
        return self.sandbox.client("sts").assume_role(RoleArn=arn, RoleSessionName="visit")[
            "Credentials"
        ]


@pytest.mark.parametrize("target", ["root", "unit", "member"])
def test_a_service_control_policy_binds_the_accounts_below(sandbox: Sandbox, target: str) -> None:
    there = Organisation(sandbox)
    describe = sandbox.client("ec2", credentials=there.visitor()).describe_vpcs
    assert refusal(describe) == ""
    there.attach(getattr(there, target), allow("*"), deny("ec2:Describe*"))
    said = (
        "is not authorized to perform: ec2:DescribeVpcs on resource: * with an explicit deny in a "
    )
    assert said + "service control policy" in refusal(describe)
    assert refusal(sandbox.client("ec2").describe_vpcs) == "", "not the management account"


def test_every_level_must_allow(sandbox: Sandbox) -> None:
    there = Organisation(sandbox)
    there.attach(there.unit, allow("s3:*"))
    there.attach(there.member, allow("ec2:*"))
    there.client.detach_policy(PolicyId="p-FullAWSAccess", TargetId=there.unit)
    client = sandbox.client("ec2", credentials=there.visitor())
    assert "because no service control policy allows" in refusal(client.describe_vpcs)


def test_a_condition_of_a_service_control_policy_sees_the_role(sandbox: Sandbox) -> None:
    there = Organisation(sandbox)
    spared = {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/nobody-*"}}
    there.attach(there.unit, allow("*"), deny("ec2:*", Condition=spared))
    assert refusal(sandbox.client("ec2", credentials=there.visitor()).describe_vpcs) == ""


def test_the_organisation_is_a_condition_key(sandbox: Sandbox) -> None:
    there = Organisation(sandbox)
    for found, passing in ((there.id, True), ("o-other", False)):
        condition = {"StringEquals": {"aws:PrincipalOrgID": found}}
        sandbox.client("s3").create_bucket(Bucket=f"b-{found}")
        sandbox.client("s3").put_bucket_policy(
            Bucket=f"b-{found}",
            Policy=document(
                allow("s3:*", f"arn:aws:s3:::b-{found}", Principal="*", Condition=condition)
            ),
        )
        client = sandbox.client("s3", credentials=there.visitor())
        said = refusal(lambda c=client, f=found: c.list_objects_v2(Bucket=f"b-{f}"))  # type: ignore[misc]
        assert (said == "") is passing


SIMULATED = {
    "an allow": ([allow("ec2:*")], "allowed"),
    "silence": ([allow("s3:*")], "implicitDeny"),
    "a deny": ([allow("*"), deny("ec2:*")], "explicitDeny"),
}


@pytest.mark.parametrize(("statements", "decision"), SIMULATED.values(), ids=SIMULATED)
def test_a_simulation_decides_as_the_call_would(
    sandbox: Sandbox, statements: list[Any], decision: str
) -> None:
    keys = role(sandbox, *statements)
    client = sandbox.client("iam")
    by_role = client.simulate_principal_policy(
        PolicySourceArn=ROLE, ActionNames=["ec2:DescribeVpcs"]
    )
    by_text = client.simulate_custom_policy(
        PolicyInputList=[document(*statements)], ActionNames=["ec2:DescribeVpcs"]
    )
    found = [answer["EvaluationResults"][0]["EvalDecision"] for answer in (by_role, by_text)]
    assert found == [decision, decision]
    describe = sandbox.client("ec2", credentials=keys).describe_vpcs
    assert (refusal(describe) == "") is (decision == "allowed")


def test_a_simulation_tells_which_keys_it_lacks(sandbox: Sandbox) -> None:
    condition = {"StringEquals": {"aws:ResourceTag/stage": "prod"}}
    asked: dict[str, Any] = {
        "PolicyInputList": [document(allow("ec2:*", Condition=condition))],
        "ActionNames": ["ec2:StopInstances"],
    }
    client = sandbox.client("iam")
    (result,) = client.simulate_custom_policy(**asked)["EvaluationResults"]
    assert result["MissingContextValues"] == ["aws:ResourceTag/stage"]
    key = {"ContextKeyName": "aws:ResourceTag/stage", "ContextKeyType": "string"}
    entry = {**key, "ContextKeyValues": ["prod"]}
    (result,) = client.simulate_custom_policy(**asked, ContextEntries=[entry])["EvaluationResults"]
    assert result["EvalDecision"] == "allowed"


def test_a_role_that_is_handed_over_must_be_passed(sandbox: Sandbox) -> None:
    keys = role(sandbox, allow("cloudformation:*"))
    client = sandbox.client("cloudformation", credentials=keys)
    act = lambda: client.create_stack(StackName="s", TemplateBody="{}", RoleARN=ROLE)  # noqa: E731
    assert f"iam:PassRole on resource: {ROLE}" in refusal(act)


RESOURCE_TAGS = {
    "an instance": ("ec2:DeleteSubnet", "aws:ResourceTag/stage"),
    "by EC2's own name": ("ec2:DeleteSubnet", "ec2:ResourceTag/stage"),
}


@pytest.mark.parametrize(("action", "key"), RESOURCE_TAGS.values(), ids=RESOURCE_TAGS)
def test_tags_of_every_ec2_resource_are_condition_keys(
    sandbox: Sandbox, action: str, key: str
) -> None:
    keys = role(sandbox, allow(action, Condition={"StringEquals": {key: "test"}}))
    ec2 = sandbox.client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    subnet = subnets[0]["SubnetId"]
    delete = lambda: sandbox.client("ec2", credentials=keys).delete_subnet(SubnetId=subnet)  # noqa: E731
    assert "not authorized" in refusal(delete)
    ec2.create_tags(Resources=[subnet], Tags=[{"Key": "stage", "Value": "test"}])
    assert refusal(delete) == ""


def test_a_chained_role_lasts_an_hour_at_most(sandbox: Sandbox) -> None:
    first = role(sandbox, allow("*"))
    trust = json.dumps(
        {
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"},
        }
    )
    made = sandbox.client("iam").create_role(
        RoleName="second", AssumeRolePolicyDocument=trust, MaxSessionDuration=43_200
    )["Role"]["Arn"]
    chained = sandbox.client("sts", credentials=first)
    chained.assume_role(RoleArn=made, RoleSessionName="one", DurationSeconds=3_600)
    with pytest.raises(ClientError, match="1 hour session limit"):
        chained.assume_role(RoleArn=made, RoleSessionName="one", DurationSeconds=3_601)


def test_session_policies_of_a_role_that_nobody_made_are_refused(sandbox: Sandbox) -> None:
    arn = "arn:aws:iam::210987654321:role/nobody-made-it"
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    sts = sandbox.client("sts")
    sts.assume_role(RoleArn=arn, RoleSessionName="one")
    with pytest.raises(ClientError, match="keeps no session policies"):
        sts.assume_role(RoleArn=arn, RoleSessionName="one", Policy=policy)

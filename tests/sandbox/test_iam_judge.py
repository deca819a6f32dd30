"""A call by a role is refused in the service's own words unless AWS would let it pass."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from moto.backends import get_backend
from moto.s3.models import s3_backends

from netmend.sandbox import callers, extensions, iam
from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "999999999999"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tester"
EC2 = f"arn:aws:ec2:us-east-1:{ACCOUNT}:"
SSM = f"arn:aws:ssm:us-east-1:{ACCOUNT}:"
ANYWHERE = [
    {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
]

EMPTIED: tuple[Any, ...] = ("dynamodb", "iam", "kms", "logs", "s3", "sns", "sqs", "ssm")
"""Everything but EC2, whose default networks take long to make anew."""

Statement = dict[str, Any]
Act = Callable[[Any], Any]


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions, "MODULES", ("iam",))
        with Sandbox() as sandbox:
            yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    """One sandbox for all tests; each leaves it without roles, buckets and the like."""
    yield started
    for service in EMPTIED:
        for backend in get_backend(service)[ACCOUNT].values():
            backend.reset()
    s3_backends.bucket_accounts.clear()


def document(*statements: Statement) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*", **more: Any) -> Statement:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def trust(principal: Any, **more: Any) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


LAMBDA = {"Service": "lambda.amazonaws.com"}


class World:
    """A security group with a tag, and a role with the statements that a case gives it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.root = sandbox.client("iam")
        ec2 = sandbox.client("ec2")
        self.vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self.group = ec2.create_security_group(
            GroupName=sandbox.uuid(), Description="d", VpcId=self.vpc
        )["GroupId"]
        ec2.create_tags(Resources=[self.group], Tags=[{"Key": "stage", "Value": "prod"}])
        ec2.authorize_security_group_ingress(GroupId=self.group, IpPermissions=ANYWHERE)

    def role(self, *statements: Statement, boundary: str = "", name: str = "tester") -> Any:
        more = {"PermissionsBoundary": boundary} if boundary else {}
        self.root.create_role(RoleName=name, AssumeRolePolicyDocument=trust(LAMBDA), **more)
        if statements:
            self.root.put_role_policy(
                RoleName=name, PolicyName="p", PolicyDocument=document(*statements)
            )
        return self.keys(name)

    def keys(self, name: str = "tester") -> Any:
        arn = f"arn:aws:iam::{ACCOUNT}:role/{name}"
        return iam.assume(self.sandbox, arn, "lambda.amazonaws.com", "session", "us-east-1")

    def client(self, service: str, keys: Any, region: str = "us-east-1") -> Any:
        return self.sandbox.client(service, region, keys)


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return World(sandbox)


def refused(act: Callable[[], Any]) -> tuple[str, str, int]:
    with pytest.raises(ClientError) as caught:
        act()
    response = caught.value.response
    error = response["Error"]
    return error["Code"], error["Message"], response["ResponseMetadata"]["HTTPStatusCode"]


def passes(act: Callable[[], Any]) -> bool:
    """Whether IAM lets it through; any other failure is the test's own."""
    try:
        act()
    except ClientError as error:
        if "not authorized" not in str(error):
            raise
        return False
    return True


# the fifteen kinds of case that emulators were measured by: one group, one action, one role


def revoke(world: World, keys: Any, region: str = "us-east-1") -> Callable[[], Any]:
    client = world.client("ec2", keys, region)
    return lambda: client.revoke_security_group_ingress(GroupId=world.group, IpPermissions=ANYWHERE)


REVOKE = "ec2:RevokeSecurityGroupIngress"
GROUPS = f"{EC2}security-group/"
TAG = "aws:ResourceTag/stage"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/boundary"

REVOKES: dict[str, tuple[bool, list[Statement], list[Statement]]] = {
    "no policy refuses": (False, [], []),
    "the action on everything passes": (True, [allow(REVOKE)], []),
    "another action refuses": (False, [allow("ec2:DescribeSecurityGroups")], []),
    "an explicit deny refuses": (False, [allow("*"), deny(REVOKE)], []),
    "NotAction passes what it does not name": (
        True,
        [{"Effect": "Allow", "NotAction": "ec2:Delete*", "Resource": "*"}],
        [],
    ),
    "NotAction refuses what it names": (
        False,
        [{"Effect": "Allow", "NotAction": "ec2:Revoke*", "Resource": "*"}],
        [],
    ),
    "the group's ARN passes": (True, [allow(REVOKE, f"{GROUPS}{{group}}")], []),
    "another group's ARN refuses": (False, [allow(REVOKE, f"{GROUPS}sg-0a1b2c3d")], []),
    "another Region's ARN refuses": (
        False,
        [allow(REVOKE, f"arn:aws:ec2:eu-west-1:{ACCOUNT}:security-group/*")],
        [],
    ),
    "aws:RequestedRegion of here passes": (
        True,
        [allow(REVOKE, Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}})],
        [],
    ),
    "aws:RequestedRegion of elsewhere refuses": (
        False,
        [allow(REVOKE, Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}})],
        [],
    ),
    "aws:ResourceTag that the group has passes": (
        True,
        [allow(REVOKE, Condition={"StringEquals": {TAG: "prod"}})],
        [],
    ),
    "ec2:ResourceTag that the group has not refuses": (
        False,
        [allow(REVOKE, Condition={"StringEquals": {"ec2:ResourceTag/stage": "test"}})],
        [],
    ),
    "NotResource refuses what it names": (
        False,
        [{"Effect": "Allow", "Action": REVOKE, "NotResource": f"{GROUPS}*"}],
        [],
    ),
    "a boundary that allows it passes": (True, [allow("*")], [allow("ec2:*")]),
    "a boundary that does not allow it refuses": (False, [allow("*")], [allow("s3:*")]),
    "a boundary alone allows nothing": (False, [allow("s3:*")], [allow("ec2:*")]),
    "a boundary's deny refuses": (False, [allow("*")], [allow("*"), deny(REVOKE)]),
    "a deny for other tags passes": (
        True,
        [allow("*"), deny(REVOKE, Condition={"StringNotEquals": {TAG: "prod"}})],
        [],
    ),
    "the caller's own ARN is a condition key": (
        True,
        [allow(REVOKE, Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}})],
        [],
    ),
    "the VPC of the group is a condition key": (
        False,
        [allow(REVOKE, Condition={"ArnEquals": {"ec2:Vpc": f"{EC2}vpc/vpc-0a1b2c3d"}})],
        [],
    ),
}


@pytest.mark.parametrize(("passing", "statements", "limits"), REVOKES.values(), ids=REVOKES)
def test_policies_decide_over_a_revoke(
    world: World, passing: bool, statements: list[Statement], limits: list[Statement]
) -> None:
    text = json.dumps(statements).replace("{group}", world.group)
    if limits:
        world.root.create_policy(PolicyName="boundary", PolicyDocument=document(*limits))
    keys = world.role(*json.loads(text), boundary=BOUNDARY if limits else "")
    assert passes(revoke(world, keys)) is passing


# on what each operation acts: the narrowest statement that lets it pass, and one that does not


def narrow(service: str, method: str, params: Any, action: str, resource: str, wrong: str) -> Any:
    return service, method, params, action, resource, wrong


TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/"
LOGS = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:"
ITEM = {"TableName": "ledger", "Item": {"id": {"S": "x"}}}
KEY = {"TableName": "ledger", "Key": {"id": {"S": "x"}}}
WRITE = {"UpdateExpression": "SET a = :a", "ExpressionAttributeValues": {":a": {"S": "1"}}}
LEASE = {"ConditionExpression": "attribute_not_exists(id)"}

ALIASES = "kms:ResourceAliases"

ACTS = {
    "describing groups acts on nothing": (
        ("ec2", "describe_security_groups", {}),
        [allow("ec2:DescribeSecurityGroups")],
        [allow("ec2:DescribeSecurityGroups", f"{GROUPS}*")],
    ),
    "authorising acts on the group": (
        (
            "ec2",
            "authorize_security_group_egress",
            {"GroupId": "{group}", "IpPermissions": ANYWHERE},
        ),
        [allow("ec2:AuthorizeSecurityGroupEgress", f"{GROUPS}{{group}}")],
        [allow("ec2:AuthorizeSecurityGroupEgress", f"{EC2}security-group-rule/*")],
    ),
    "entries of a prefix list act on the list": (
        ("ec2", "get_managed_prefix_list_entries", {"PrefixListId": "{list}"}),
        [allow("ec2:GetManagedPrefixListEntries", f"{EC2}prefix-list/{{list}}")],
        [allow("ec2:GetManagedPrefixListEntries", f"{EC2}prefix-list/pl-0")],
    ),
    "a parameter's ARN has one slash": (
        ("ssm", "get_parameter", {"Name": "/netmend/mode"}),
        [allow("ssm:GetParameter", f"{SSM}parameter/netmend/mode")],
        [allow("ssm:GetParameter", f"{SSM}parameter/other/*")],
    ),
    "each of several parameters must be allowed": (
        ("ssm", "get_parameters", {"Names": ["/netmend/mode", "/netmend/mode/x"]}),
        [allow("ssm:GetParameters", f"{SSM}parameter/netmend/*")],
        [allow("ssm:GetParameters", f"{SSM}parameter/netmend/mode")],
    ),
    "a parameter with a version is the parameter": (
        ("ssm", "get_parameter", {"Name": "/netmend/mode:1"}),
        [allow("ssm:GetParameter", f"{SSM}parameter/netmend/mode")],
        [allow("ssm:GetParameter", f"{SSM}parameter/netmend/mode:1")],
    ),
    "putting an item acts on the table": (
        ("dynamodb", "put_item", ITEM),
        [allow("dynamodb:PutItem", f"{TABLE}ledger")],
        [allow("dynamodb:PutItem", f"{TABLE}other")],
    ),
    "a transaction needs what its parts need": (
        (
            "dynamodb",
            "transact_write_items",
            {
                "TransactItems": [
                    {"Put": ITEM},
                    {"Update": {**KEY, "Key": {"id": {"S": "y"}}, **WRITE}},
                ]
            },
        ),
        [allow(["dynamodb:PutItem", "dynamodb:UpdateItem"], f"{TABLE}ledger")],
        [allow(["dynamodb:PutItem", "dynamodb:TransactWriteItems"], f"{TABLE}ledger")],
    ),
    "a condition check has an action of its own": (
        (
            "dynamodb",
            "transact_write_items",
            {"TransactItems": [{"ConditionCheck": {**KEY, **LEASE}}]},
        ),
        [allow("dynamodb:ConditionCheckItem", f"{TABLE}ledger")],
        [allow("dynamodb:GetItem", f"{TABLE}ledger")],
    ),
    "putting an object acts on the object": (
        ("s3", "put_object", {"Bucket": "evidence", "Key": "a/1", "Body": b"x"}),
        [allow("s3:PutObject", "arn:aws:s3:::evidence/a/*")],
        [allow("s3:PutObject", "arn:aws:s3:::evidence")],
    ),
    "heading an object is getting it": (
        ("s3", "head_object", {"Bucket": "evidence", "Key": "there"}),
        [allow("s3:GetObject", "arn:aws:s3:::evidence/there")],
        [allow("s3:HeadObject", "arn:aws:s3:::evidence/there")],
    ),
    "listing objects acts on the bucket": (
        ("s3", "list_objects_v2", {"Bucket": "evidence", "Prefix": "a/"}),
        [allow("s3:ListBucket", "arn:aws:s3:::evidence")],
        [allow("s3:ListObjectsV2", "arn:aws:s3:::evidence")],
    ),
    "the prefix of a listing is a condition key": (
        ("s3", "list_objects_v2", {"Bucket": "evidence", "Prefix": "a/"}),
        [allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "a/*"}})],
        [allow("s3:ListBucket", Condition={"StringLike": {"s3:prefix": "b/*"}})],
    ),
    "publishing acts on the topic": (
        ("sns", "publish", {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:news", "Message": "m"}),
        [allow("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:news")],
        [allow("sns:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:other")],
    ),
    "sending acts on the queue": (
        ("sqs", "send_message", {"QueueUrl": "{queue}", "MessageBody": "m"}),
        [allow("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:dlq")],
        [allow("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:other")],
    ),
    "a log stream is in its group": (
        ("logs", "create_log_stream", {"logGroupName": "/aws/lambda/x", "logStreamName": "s"}),
        [allow("logs:CreateLogStream", f"{LOGS}/aws/lambda/x:*")],
        [allow("logs:CreateLogStream", f"{LOGS}/aws/lambda/x")],
    ),
    "a quota has its own prefix and ARN": (
        ("service-quotas", "get_service_quota", {"ServiceCode": "vpc", "QuotaCode": "L-0EA8095F"}),
        [allow("servicequotas:GetServiceQuota", f"arn:aws:servicequotas:*:{ACCOUNT}:vpc/*")],
        [allow("service-quotas:GetServiceQuota")],
    ),
    "the aliases of a key are a condition key": (
        ("kms", "generate_data_key", {"KeyId": "{key}", "KeySpec": "AES_256"}),
        [allow("kms:*", Condition={"ForAnyValue:StringEquals": {ALIASES: "alias/evidence"}})],
        [allow("kms:*", Condition={"ForAnyValue:StringEquals": {ALIASES: "alias/other"}})],
    ),
    "a key is meant however it is named": (
        ("kms", "generate_data_key", {"KeyId": "alias/evidence", "KeySpec": "AES_256"}),
        [allow("kms:GenerateDataKey", "{key}")],
        [allow("kms:GenerateDataKey", f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/evidence")],
    ),
}


@pytest.fixture
def furnished(world: World) -> dict[str, str]:
    """One resource of each kind; their ids by the placeholder that cases use."""
    make = world.sandbox.client
    attributes = [{"AttributeName": "id", "AttributeType": "S"}]
    make("dynamodb").create_table(
        TableName="ledger",
        AttributeDefinitions=attributes,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    make("s3").create_bucket(Bucket="evidence")
    make("s3").put_object(Bucket="evidence", Key="there", Body=b"x")
    make("ssm").put_parameter(Name="/netmend/mode", Value="observe", Type="String")
    make("sns").create_topic(Name="news")
    make("logs").create_log_group(logGroupName="/aws/lambda/x")
    key = make("kms").create_key()["KeyMetadata"]["Arn"]
    make("kms").create_alias(AliasName="alias/evidence", TargetKeyId=key)
    listed = make("ec2").create_managed_prefix_list(
        PrefixListName="p", MaxEntries=5, AddressFamily="IPv4"
    )["PrefixList"]["PrefixListId"]
    queue = make("sqs").create_queue(QueueName="dlq")["QueueUrl"]
    return {"{group}": world.group, "{list}": listed, "{queue}": queue, "{key}": key}


def filled(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled(item, names) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, names) for item in value]
    for placeholder, name in names.items():
        value = value.replace(placeholder, name) if isinstance(value, str) else value
    return value


@pytest.mark.parametrize(("act", "right", "wrong"), ACTS.values(), ids=ACTS)
def test_an_operation_acts_on_its_resource(
    world: World, furnished: dict[str, str], act: Any, right: Any, wrong: Any
) -> None:
    service, method, params = filled(list(act), furnished)
    for name, statements, passing in (("right", right, True), ("wrong", wrong, False)):
        keys = world.role(*filled(statements, furnished), name=name)
        client = world.client(service, keys)
        assert passes(lambda client=client: getattr(client, method)(**params)) is passing


TAGS = [{"ResourceType": "security-group-rule", "Tags": [{"Key": "owner", "Value": "net"}]}]
AUTHORISE = allow(
    "ec2:AuthorizeSecurityGroupIngress", [f"{GROUPS}*", f"{EC2}security-group-rule/*"]
)
TAGGING = "ec2:CreateTags"
RULES = f"{EC2}security-group-rule/*"

TAGGED = {
    "without the right to tag it refuses": (False, [AUTHORISE]),
    "with the right to tag rules it passes": (True, [AUTHORISE, allow(TAGGING, RULES)]),
    "the right to tag groups refuses": (False, [AUTHORISE, allow(TAGGING, f"{GROUPS}*")]),
    "the right to tag at this creation passes": (
        True,
        [
            AUTHORISE,
            allow(
                TAGGING,
                RULES,
                Condition={"StringEquals": {"ec2:CreateAction": "AuthorizeSecurityGroupIngress"}},
            ),
        ],
    ),
    "the right to set other tags refuses": (
        False,
        [
            AUTHORISE,
            allow(TAGGING, RULES, Condition={"ForAllValues:StringEquals": {"aws:TagKeys": "x"}}),
        ],
    ),
    "a value of the tag is a condition key": (
        True,
        [
            AUTHORISE,
            allow(TAGGING, RULES, Condition={"StringEquals": {"aws:RequestTag/owner": "net"}}),
        ],
    ),
}


@pytest.mark.parametrize(("passing", "statements"), TAGGED.values(), ids=TAGGED)
def test_tags_at_creation_need_create_tags(
    world: World, passing: bool, statements: list[Statement]
) -> None:
    client = world.client("ec2", world.role(*statements))
    permissions = [{**ANYWHERE[0], "FromPort": 80, "ToPort": 80}]
    act = lambda: client.authorize_security_group_ingress(  # noqa: E731
        GroupId=world.group, IpPermissions=permissions, TagSpecifications=TAGS
    )
    assert passes(act) is passing


ERRORS = {
    "EC2": (
        ("ec2", "describe_security_groups", {}),
        "UnauthorizedOperation",
        403,
        "You are not authorized to perform this operation. User: "
        f"arn:aws:sts::{ACCOUNT}:assumed-role/tester/session is not authorized to perform: "
        "ec2:DescribeSecurityGroups on resource: * because no identity-based policy allows the "
        "ec2:DescribeSecurityGroups action",
    ),
    "SSM": (
        ("ssm", "get_parameter", {"Name": "/netmend/mode"}),
        "AccessDeniedException",
        400,
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/tester/session is not authorized to perform: "
        f"ssm:GetParameter on resource: {SSM}parameter/netmend/mode because no identity-based "
        "policy allows the ssm:GetParameter action",
    ),
    "S3": (
        ("s3", "get_object", {"Bucket": "b", "Key": "k"}),
        "AccessDenied",
        403,
        '"arn:aws:s3:::b/k"',
    ),
    "Lambda": (
        ("lambda", "list_functions", {}),
        "AccessDeniedException",
        403,
        "lambda:ListFunctions",
    ),
    "IAM": (("iam", "list_roles", {}), "AccessDenied", 403, "iam:ListRoles"),
    "STS": (
        ("sts", "assume_role", {"RoleArn": ROLE, "RoleSessionName": "xx"}),
        "AccessDenied",
        403,
        "sts:AssumeRole",
    ),
    "SNS": (
        ("sns", "publish", {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "Message": "m"}),
        "AuthorizationError",
        403,
        "sns:Publish",
    ),
}


@pytest.mark.parametrize(("act", "code", "status", "words"), ERRORS.values(), ids=ERRORS)
def test_a_refusal_has_the_shape_of_its_service(
    world: World, act: Any, code: str, status: int, words: str
) -> None:
    service, method, params = act
    client = world.client(service, world.role())
    found_code, message, found_status = refused(lambda: getattr(client, method)(**params))
    assert (found_code, found_status) == (code, status)
    assert words in message


def test_an_explicit_deny_says_so(world: World) -> None:
    client = world.client("ec2", world.role(allow("*"), deny("ec2:Describe*")))
    _, message, _ = refused(client.describe_security_groups)
    assert "with an explicit deny in an identity-based policy" in message


def test_an_attached_managed_policy_counts_in_its_default_version(world: World) -> None:
    keys = world.role()
    arn = world.root.create_policy(PolicyName="m", PolicyDocument=document(allow("s3:*")))[
        "Policy"
    ]["Arn"]
    world.root.attach_role_policy(RoleName="tester", PolicyArn=arn)
    describe = world.client("ec2", keys).describe_security_groups
    assert not passes(describe)
    world.root.create_policy_version(
        PolicyArn=arn, PolicyDocument=document(allow("ec2:*")), SetAsDefault=True
    )
    assert passes(describe)


def test_a_change_of_policy_takes_effect_at_the_next_call(world: World) -> None:
    describe = world.client("ec2", world.role(allow("ec2:*"))).describe_security_groups
    assert passes(describe)
    world.root.delete_role_policy(RoleName="tester", PolicyName="p")
    assert not passes(describe)


def test_a_session_outlives_its_role_without_rights(world: World) -> None:
    describe = world.client("ec2", world.role(allow("ec2:*"))).describe_security_groups
    world.root.delete_role_policy(RoleName="tester", PolicyName="p")
    world.root.delete_role(RoleName="tester")
    assert not passes(describe)


def test_an_action_that_aws_does_not_list_is_refused_by_name(world: World) -> None:
    client = world.client("dynamodb", world.role(allow("*")))
    code, message, status = refused(lambda: client.execute_statement(Statement="SELECT 1"))
    assert (code, status) == ("NotImplemented", 501)
    assert "dynamodb:ExecuteStatement" in message


@pytest.mark.parametrize(
    ("key", "understood"),
    [("ec2:InstanceType", True), ("ec2:Vpc", True), ("aws:Odd", False)],
    ids=[
        "a key that AWS never sends with the action is absent",
        "so is one of a resource, where the action has none",
        "a key of AWS's own that nobody knows is not guessed",
    ],
)
def test_a_condition_that_is_not_understood_refuses_and_is_named(
    world: World, key: str, understood: bool
) -> None:
    condition = {"StringEquals": {key: "x"}}
    client = world.client("ec2", world.role(allow("*"), deny("*", Condition=condition)))
    if understood:
        assert passes(client.describe_security_groups)
        return
    code, message, _ = refused(client.describe_security_groups)
    assert code == "NotImplemented"
    assert key in message


def test_a_key_that_aws_sends_and_nobody_fills_in_is_named(world: World) -> None:
    condition = {"StringEquals": {"ec2:Ipv4IpamPoolId": "x"}}
    client = world.client("ec2", world.role(allow("*"), deny("*", Condition=condition)))
    code, message, _ = refused(lambda: client.create_vpc(CidrBlock="10.0.0.0/16"))
    assert (code, "ec2:Ipv4IpamPoolId" in message) == ("NotImplemented", True)


def test_who_am_i_is_always_answered(world: World) -> None:
    found = world.client("sts", world.role()).get_caller_identity()
    assert found["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/tester/session"
    role_id = world.root.get_role(RoleName="tester")["Role"]["RoleId"]
    assert (found["Account"], found["UserId"]) == (ACCOUNT, f"{role_id}:session")


def test_keys_that_nobody_issued_are_an_administrators(world: World) -> None:
    sts = world.sandbox.client("sts").get_caller_identity()
    assert sts["Arn"] == callers.ADMINISTRATOR
    assert passes(lambda: world.sandbox.client("ec2").create_vpc(CidrBlock="10.0.0.0/16"))


def user_keys(world: World, *statements: Statement, group: bool = False) -> dict[str, str]:
    world.root.create_user(UserName="eve")
    if statements and group:
        world.root.create_group(GroupName="team")
        world.root.add_user_to_group(GroupName="team", UserName="eve")
        world.root.put_group_policy(
            GroupName="team", PolicyName="p", PolicyDocument=document(*statements)
        )
    elif statements:
        world.root.put_user_policy(
            UserName="eve", PolicyName="p", PolicyDocument=document(*statements)
        )
    key = world.root.create_access_key(UserName="eve")["AccessKey"]
    return {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}


@pytest.mark.parametrize(
    ("statements", "group", "passing"),
    [([], False, True), ([allow("s3:*")], False, False), ([allow("s3:*")], True, False)],
    ids=[
        "a user without policies is an administrator",
        "a user's policy bounds him",
        "a group's policy bounds its users",
    ],
)
def test_users_are_judged_once_they_have_policies(
    world: World, statements: list[Statement], group: bool, passing: bool
) -> None:
    client = world.client("ec2", user_keys(world, *statements, group=group))
    assert passes(client.describe_security_groups) is passing


# resource policies


def bucket_policy(sandbox: Sandbox, *statements: Statement) -> None:
    sandbox.client("s3").put_bucket_policy(Bucket="evidence", Policy=document(*statements))


OBJECTS = "arn:aws:s3:::evidence/*"
EVERYBODY = {"Principal": "*"}
NO_OVERWRITE = deny(
    "s3:PutObject", OBJECTS, **EVERYBODY, Condition={"Null": {"s3:if-none-match": "true"}}
)


def test_a_bucket_policy_alone_lets_a_role_of_the_account_in(
    world: World, furnished: dict[str, str]
) -> None:
    client = world.client("s3", world.role())
    put = lambda: client.put_object(Bucket="evidence", Key="k", Body=b"")  # noqa: E731
    bucket_policy(
        world.sandbox,
        allow("s3:PutObject", OBJECTS, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
    )
    assert not passes(put), "the account alone leaves it to the account's own policies"
    bucket_policy(world.sandbox, allow("s3:PutObject", OBJECTS, Principal={"AWS": ROLE}))
    assert passes(put)


@pytest.mark.parametrize("by", ["administrator", "role"])
def test_a_bucket_policys_deny_wins_over_everybody(
    world: World, furnished: dict[str, str], by: str
) -> None:
    bucket_policy(world.sandbox, NO_OVERWRITE)
    keys = world.role(allow("s3:*")) if by == "role" else None
    client = world.client("s3", keys)
    _, message, _ = refused(lambda: client.put_object(Bucket="evidence", Key="k", Body=b""))
    assert "with an explicit deny in a resource-based policy" in message
    assert passes(lambda: client.put_object(Bucket="evidence", Key="k", Body=b"", IfNoneMatch="*"))


def test_an_administrator_can_always_take_a_bucket_policy_away(
    world: World, furnished: dict[str, str]
) -> None:
    bucket_policy(world.sandbox, deny("s3:*", ["arn:aws:s3:::evidence", OBJECTS], **EVERYBODY))
    s3 = world.sandbox.client("s3")
    assert not passes(lambda: s3.list_objects_v2(Bucket="evidence"))
    s3.delete_bucket_policy(Bucket="evidence")
    assert passes(lambda: s3.list_objects_v2(Bucket="evidence"))


def test_another_accounts_bucket_needs_both_sides(world: World, furnished: dict[str, str]) -> None:
    assumed = world.sandbox.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{OTHER_ACCOUNT}:role/anything", RoleSessionName="visit"
    )["Credentials"]
    client = world.client("s3", assumed)
    get = lambda: client.get_object(Bucket="evidence", Key="there")  # noqa: E731
    _, message, _ = refused(get)
    assert "because no resource-based policy allows the s3:GetObject action" in message
    bucket_policy(world.sandbox, allow("s3:GetObject", OBJECTS, Principal={"AWS": OTHER_ACCOUNT}))
    assert passes(get)


KMS_ROOT = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
S3_PUT = allow("s3:PutObject", OBJECTS)
VIA = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}
ELSEWHERE = {"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}

ENCRYPTED = {
    "without the key it refuses": (False, [S3_PUT], [KMS_ROOT]),
    "with the key it passes": (True, [S3_PUT, allow("kms:GenerateDataKey", "{key}")], [KMS_ROOT]),
    "with the key through S3 it passes": (
        True,
        [S3_PUT, allow("kms:GenerateDataKey", "{key}", Condition=VIA)],
        [KMS_ROOT],
    ),
    "with the key through S3 elsewhere it refuses": (
        False,
        [S3_PUT, allow("kms:GenerateDataKey", "{key}", Condition=ELSEWHERE)],
        [KMS_ROOT],
    ),
    "a key policy without the account refuses": (
        False,
        [S3_PUT, allow("kms:GenerateDataKey", "{key}")],
        [allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/other"})],
    ),
    "a key policy that names the role passes": (
        True,
        [S3_PUT],
        [allow("kms:GenerateDataKey", Principal={"AWS": ROLE})],
    ),
}


@pytest.mark.parametrize(("passing", "statements", "key_policy"), ENCRYPTED.values(), ids=ENCRYPTED)
def test_an_object_under_kms_needs_its_key(
    world: World,
    furnished: dict[str, str],
    passing: bool,
    statements: list[Statement],
    key_policy: list[Statement],
) -> None:
    make, key = world.sandbox.client, furnished["{key}"]
    default = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    }
    make("s3").put_bucket_encryption(
        Bucket="evidence", ServerSideEncryptionConfiguration={"Rules": [default]}
    )
    keys = world.role(*filled(statements, furnished))
    client = world.client("s3", keys)
    make("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=document(*key_policy))
    assert passes(lambda: client.put_object(Bucket="evidence", Key="k", Body=b"")) is passing


def test_reading_an_object_under_kms_needs_decrypt(world: World, furnished: dict[str, str]) -> None:
    world.sandbox.client("s3").put_object(
        Bucket="evidence",
        Key="k",
        Body=b"",
        ServerSideEncryption="aws:kms",
        SSEKMSKeyId=furnished["{key}"],
    )
    client = world.client("s3", world.role(allow("s3:GetObject", OBJECTS)))
    assert not passes(lambda: client.get_object(Bucket="evidence", Key="k"))
    assert passes(lambda: client.get_object(Bucket="evidence", Key="there"))
    world.root.put_role_policy(
        RoleName="tester", PolicyName="k", PolicyDocument=document(allow("kms:Decrypt"))
    )
    assert passes(lambda: client.get_object(Bucket="evidence", Key="k"))


def signed(url: str, body: str, keys: dict[str, str]) -> urllib.request.Request:
    """An EC2 call as any client would send it; boto3 in this process would not use a socket."""
    request = AWSRequest("POST", url, {"Content-Type": "application/x-www-form-urlencoded"}, body)
    frozen = Credentials(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    SigV4Auth(frozen, "ec2", "us-east-1").add_auth(request)
    return urllib.request.Request(url, body.encode(), dict(request.headers), method="POST")


def test_the_judge_stands_behind_the_http_door_too(world: World) -> None:
    keys = world.role(allow(REVOKE, f"{GROUPS}sg-0a1b2c3d"))
    body = f"Action=RevokeSecurityGroupIngress&Version=2016-11-15&GroupId={world.group}"
    door = Door(world.sandbox).open()
    try:
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(signed(door.url, body, keys))
        with caught.value as answer:
            text = answer.read().decode()
    finally:
        door.close()
    assert "<Code>UnauthorizedOperation</Code>" in text
    assert f"on resource: {GROUPS}{world.group}" in text

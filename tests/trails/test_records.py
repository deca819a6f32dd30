"""What CloudTrail records of a call has the shape of the records that AWS writes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from netmend.sandbox.trails import Trail, records
from netmend.sandbox.trails.services import is_read

ACCOUNT = "123456789012"
REGION = "us-east-1"


def last(sandbox: Sandbox, name: str, region: str = REGION) -> dict[str, Any]:
    found = [r for r in records(sandbox, ACCOUNT, region) if r["eventName"] == name]
    return found[-1]


def group(sandbox: Sandbox) -> str:
    ec2 = sandbox.client("ec2")
    return str(ec2.create_security_group(GroupName="g", Description="d")["GroupId"])


def test_an_opened_group_is_recorded_as_aws_does(sandbox):
    sg = group(sandbox)
    permission = {
        "IpProtocol": "tcp",
        "FromPort": 22,
        "ToPort": 22,
        "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "x"}],
    }
    answer = sandbox.client("ec2").authorize_security_group_ingress(
        GroupId=sg, IpPermissions=[permission]
    )
    record = last(sandbox, "AuthorizeSecurityGroupIngress")
    assert record["requestParameters"] == {
        "groupId": sg,
        "ipPermissions": {
            "items": [
                {
                    "ipProtocol": "tcp",
                    "fromPort": 22,
                    "toPort": 22,
                    "groups": {},
                    "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0", "description": "x"}]},
                    "ipv6Ranges": {},
                    "prefixListIds": {},
                }
            ]
        },
    }
    elements = record["responseElements"]
    rule_id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    (rule,) = elements["securityGroupRuleSet"]["items"]
    assert (rule["groupId"], rule["securityGroupRuleId"]) == (sg, rule_id)
    assert (rule["isEgress"], rule["cidrIpv4"]) == (False, "0.0.0.0/0")
    assert elements["_return"] is True
    assert elements["requestId"] == record["requestID"]
    assert record["requestID"] == answer["ResponseMetadata"]["RequestId"]
    assert (record["eventSource"], record["awsRegion"]) == ("ec2.amazonaws.com", REGION)
    assert (record["readOnly"], record["managementEvent"]) == (False, True)
    assert (record["eventType"], record["recipientAccountId"]) == ("AwsApiCall", ACCOUNT)
    assert record["userIdentity"] == {
        "type": "IAMUser",
        "principalId": "AIDAADMINISTRATOR",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/administrator",
        "accountId": ACCOUNT,
        "accessKeyId": "testing",
        "userName": "administrator",
    }
    assert "errorCode" not in record


def routes(sandbox: Sandbox) -> tuple[str, str]:
    ec2 = sandbox.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(VpcId=vpc, InternetGatewayId=gateway)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    return table, gateway


def test_a_route_is_recorded_with_what_it_was_asked(sandbox):
    table, gateway = routes(sandbox)
    record = last(sandbox, "CreateRoute")
    assert record["requestParameters"] == {
        "routeTableId": table,
        "destinationCidrBlock": "0.0.0.0/0",
        "gatewayId": gateway,
    }
    assert record["responseElements"] == {"requestId": record["requestID"], "_return": True}


def test_an_acl_entry_has_the_names_of_its_own(sandbox):
    ec2 = sandbox.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    entry = {"Protocol": "-1", "RuleAction": "allow", "Egress": True, "CidrBlock": "0.0.0.0/0"}
    ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=500, **entry)
    assert last(sandbox, "CreateNetworkAclEntry")["requestParameters"] == {
        "networkAclId": acl,
        "ruleNumber": 500,
        "egress": True,
        "ruleAction": "allow",
        "icmpTypeCode": {},
        "portRange": {},
        "aclProtocol": "-1",
        "cidrBlock": "0.0.0.0/0",
    }


def test_tags_and_resources_are_sets(sandbox):
    sg = group(sandbox)
    sandbox.client("ec2").create_tags(Resources=[sg], Tags=[{"Key": "k", "Value": "v"}])
    assert last(sandbox, "CreateTags")["requestParameters"] == {
        "resourcesSet": {"items": [{"resourceId": sg}]},
        "tagSet": {"items": [{"key": "k", "value": "v"}]},
    }


def test_a_newer_operation_is_wrapped(sandbox):
    ec2 = sandbox.client("ec2")
    entry = {"Cidr": "10.0.0.0/8"}
    ec2.create_managed_prefix_list(
        PrefixListName="p", AddressFamily="IPv4", MaxEntries=2, Entries=[entry]
    )
    record = last(sandbox, "CreateManagedPrefixList")
    wrapped = record["requestParameters"]["CreateManagedPrefixListRequest"]
    assert wrapped["PrefixListName"] == "p"
    assert wrapped["Entry"] == {"Cidr": "10.0.0.0/8", "tag": 1}
    answered = record["responseElements"]["CreateManagedPrefixListResponse"]
    assert answered["prefixList"]["prefixListName"] == "p"
    assert answered["requestId"] == record["requestID"]


def test_a_refusal_is_recorded_with_its_reason(sandbox):
    with pytest.raises(ClientError) as raised:
        sandbox.client("ec2").delete_security_group(GroupId="sg-0123456789abcdef0")
    record = last(sandbox, "DeleteSecurityGroup")
    assert record["errorCode"] == f"Client.{raised.value.response['Error']['Code']}"
    assert record["errorMessage"] == raised.value.response["Error"]["Message"]
    assert record["requestParameters"] == {"groupId": "sg-0123456789abcdef0"}
    assert record["responseElements"] is None


def test_a_read_is_recorded_without_its_answer(sandbox):
    sandbox.client("ec2").describe_vpcs()
    record = last(sandbox, "DescribeVpcs")
    assert (record["readOnly"], record["responseElements"]) == (True, None)


def role_client(sandbox: Sandbox, service: str, trusted: dict[str, Any], region: str = REGION):
    iam = sandbox.client("iam")
    statement = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam.create_role(RoleName="worker", AssumeRolePolicyDocument=trust)["Role"]
    from netmend.sandbox.iam import assume

    principal = trusted.get("Service")
    if principal:
        keys = assume(sandbox, role["Arn"], principal, "s1", region)
    else:
        sts = sandbox.client("sts")
        keys = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="s1")["Credentials"]
    return role, sandbox.client(service, region, keys)


def test_a_denied_role_is_recorded_as_aws_does(sandbox):
    role, ssm = role_client(sandbox, "ssm", {"Service": "events.amazonaws.com"})
    with pytest.raises(ClientError, match="AccessDenied"):
        ssm.put_parameter(Name="p", Value="secret", Type="String")
    record = last(sandbox, "PutParameter")
    assert record["errorCode"] == "AccessDenied"
    assert (record["requestParameters"], record["responseElements"]) == (None, None)
    who = record["userIdentity"]
    assert who["type"] == "AssumedRole"
    assert who["principalId"] == f"{role['RoleId']}:s1"
    assert who["arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s1"
    assert who["sessionContext"]["sessionIssuer"] == {
        "type": "Role",
        "principalId": role["RoleId"],
        "arn": role["Arn"],
        "accountId": ACCOUNT,
        "userName": "worker",
    }
    assert who["invokedBy"] == "events.amazonaws.com"
    assert (record["sourceIPAddress"], record["userAgent"]) == (who["invokedBy"],) * 2


CODE = [
    pytest.param({"Service": "lambda.amazonaws.com"}, id="a function's code"),
    pytest.param({"AWS": ACCOUNT}, id="a person"),
]


@pytest.mark.parametrize("trusted", CODE)
def test_no_service_calls_for(sandbox, trusted):
    _, ssm = role_client(sandbox, "ssm", trusted)
    with pytest.raises(ClientError, match="AccessDenied"):
        ssm.put_parameter(Name="p", Value="v", Type="String")
    assert "invokedBy" not in last(sandbox, "PutParameter")["userIdentity"]


def test_a_secret_is_hidden(sandbox):
    sandbox.client("ssm").put_parameter(Name="p", Value="secret", Type="String")
    asked = last(sandbox, "PutParameter")["requestParameters"]
    assert asked == {"name": "p", "value": "HIDDEN_DUE_TO_SECURITY_REASONS", "type": "String"}


def test_a_lambda_call_has_its_dated_name(sandbox):
    with pytest.raises(ClientError):
        sandbox.client("lambda").delete_function(FunctionName="gone")
    assert last(sandbox, "DeleteFunction20150331")["requestParameters"] == {"functionName": "gone"}


def test_global_services_are_recorded_in_the_home_region(sandbox):
    sandbox.client("iam", "eu-west-1").create_user(UserName="u")
    sandbox.client("sts", "eu-west-1").get_caller_identity()
    assert last(sandbox, "CreateUser")["awsRegion"] == REGION
    names = [r["eventName"] for r in records(sandbox, ACCOUNT, "eu-west-1")]
    assert names == ["GetCallerIdentity"]


def test_data_events_are_not_recorded(sandbox):
    sqs = sandbox.client("sqs")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="x")
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="b-1")
    s3.put_object(Bucket="b-1", Key="k", Body=b"x")
    names = [r["eventName"] for r in records(sandbox, ACCOUNT, REGION)]
    assert names == ["CreateQueue", "CreateBucket"]
    assert last(sandbox, "CreateBucket")["requestParameters"] == {"bucketName": "b-1"}


def test_a_trail_can_be_switched_off(sandbox):
    sandbox.state(Trail, ACCOUNT, REGION).logging = False
    group(sandbox)
    assert records(sandbox, ACCOUNT, REGION) == []


def test_a_trail_forgets_the_oldest(sandbox):
    ring = sandbox.state(Trail, ACCOUNT, REGION).entries
    ring.extend([None] * ring.maxlen)
    group(sandbox)
    assert len(ring) == ring.maxlen
    assert ring[-1].call.operation == "CreateSecurityGroup"


def test_the_same_calls_leave_the_same_records_but_for_the_time(sandbox):
    def run() -> list[dict[str, Any]]:
        sandbox.reset()
        group(sandbox)
        found = records(sandbox, ACCOUNT, REGION)
        return [{k: v for k, v in record.items() if k != "eventTime"} for record in found]

    assert run() == run()


def test_rules_are_revoked_by_their_ids_as_items(sandbox):
    sg, ec2 = group(sandbox), sandbox.client("ec2")
    answer = ec2.authorize_security_group_ingress(
        GroupId=sg, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    rule = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    ec2.revoke_security_group_ingress(GroupId=sg, SecurityGroupRuleIds=[rule])
    record = last(sandbox, "RevokeSecurityGroupIngress")
    assert record["requestParameters"] == {
        "groupId": sg,
        "securityGroupRuleIds": {"items": [{"securityGroupRuleId": rule}]},
    }
    revoked = record["responseElements"]["revokedSecurityGroupRuleSet"]["items"]
    assert [item["securityGroupRuleId"] for item in revoked] == [rule]


def test_filters_are_sets_of_values(sandbox):
    sandbox.client("ec2").describe_vpcs(Filters=[{"Name": "vpc-id", "Values": ["vpc-1"]}])
    assert last(sandbox, "DescribeVpcs")["requestParameters"] == {
        "filterSet": {"items": [{"name": "vpc-id", "valueSet": {"items": [{"value": "vpc-1"}]}}]}
    }


KINDS = [
    pytest.param("kms", "Decrypt", True, id="decrypting"),
    pytest.param("ec2", "DescribeVpcs", True, id="describing"),
    pytest.param("route53", "ListHostedZones", True, id="listing"),
    pytest.param("ec2", "CreateRoute", False, id="creating"),
    pytest.param("ssm", "StartAutomationExecution", False, id="starting"),
    pytest.param("sts", "AssumeRole", False, id="assuming a role"),
]


@pytest.mark.parametrize(("service", "operation", "expected"), KINDS)
def test_a_read_is(service, operation, expected):
    assert is_read(service, operation) is expected


def test_an_assumed_role_is_recorded_with_its_keys_but_no_secret(sandbox):
    role_client(sandbox, "ssm", {"AWS": ACCOUNT})
    record = last(sandbox, "AssumeRole")
    assert record["readOnly"] is True
    assert record["requestParameters"]["roleSessionName"] == "s1"
    credentials = record["responseElements"]["credentials"]
    assert credentials["accessKeyId"].startswith("ASIA")
    assert "secretAccessKey" not in credentials
    assert record["userAgent"].startswith("Boto3/")


def test_a_role_that_a_stranger_assumes_is_recorded_in_both_accounts(sandbox):
    other = "210987654321"
    role = f"arn:aws:iam::{other}:role/admin"
    sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="s1")
    (theirs,) = records(sandbox, other, REGION)
    ours = last(sandbox, "AssumeRole")
    assert (ours["recipientAccountId"], theirs["recipientAccountId"]) == (ACCOUNT, other)
    assert theirs["userIdentity"] == {
        "type": "AWSAccount",
        "principalId": "AIDAADMINISTRATOR",
        "accountId": ACCOUNT,
    }
    assert ours["requestID"] == theirs["requestID"]
    assert ours["eventID"] != theirs["eventID"]

"""The policy evaluator decides as the IAM User Guide says, and refuses what it does not know."""

from __future__ import annotations

import json
from typing import Any

import pytest

from netmend.sandbox.iam.patterns import Context, PolicyError
from netmend.sandbox.iam.policy import Decision, Kind, Request, decide, parse

GROUP = "arn:aws:ec2:us-east-1:123456789012:security-group/sg-1"
OTHER = "arn:aws:ec2:us-east-1:123456789012:security-group/sg-2"
REVOKE = "ec2:RevokeSecurityGroupIngress"

ALLOW, DENY, NONE = Decision.ALLOW, Decision.DENY, Decision.NONE


def policy(*statements: dict[str, Any], kind: Kind = Kind.IDENTITY) -> Any:
    return parse(json.dumps({"Version": "2012-10-17", "Statement": list(statements)}), kind)


def allow(action: Any = REVOKE, resource: Any = GROUP, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any = REVOKE, resource: Any = GROUP, **more: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def decided(*statements: dict[str, Any], keys: Any = None, **request: Any) -> Decision:
    asked = {"action": REVOKE, "resource": GROUP, **request}
    return decide([policy(*statements)], Request(**asked, context=Context(keys or {})))


STATEMENTS = {
    "no statement is an implicit deny": (NONE, [allow("s3:GetObject", "*")]),
    "the action and the resource named are allowed": (ALLOW, [allow()]),
    "an action is matched without regard to case": (
        ALLOW,
        [allow("EC2:revokesecuritygroupINGRESS")],
    ),
    "a star matches every action": (ALLOW, [allow("*", "*")]),
    "a star matches the rest of an action": (ALLOW, [allow("ec2:Revoke*")]),
    "a question mark matches one character": (ALLOW, [allow("ec2:RevokeSecurityGroup?ngress")]),
    "a question mark does not match two": (NONE, [allow("ec2:RevokeSecurityGroup?gress")]),
    "one of several actions is enough": (ALLOW, [allow(["s3:GetObject", REVOKE])]),
    "another action is not allowed": (NONE, [allow("ec2:RevokeSecurityGroupEgress")]),
    "another group is not allowed": (NONE, [allow(resource=OTHER)]),
    "one of several resources is enough": (ALLOW, [allow(resource=[OTHER, GROUP])]),
    "a wildcard in the last part matches": (
        ALLOW,
        [allow(resource="arn:aws:ec2:us-east-1:123456789012:security-group/*")],
    ),
    "a wildcard may stand for a Region": (
        ALLOW,
        [allow(resource="arn:aws:ec2:*:123456789012:security-group/sg-1")],
    ),
    "another Region is not allowed": (
        NONE,
        [allow(resource="arn:aws:ec2:eu-west-1:123456789012:security-group/*")],
    ),
    "a wildcard does not reach over a colon": (
        NONE,
        [allow(resource="arn:aws:ec2:*:security-group/sg-1:x:y")],
    ),
    "an ARN that lacks parts is completed": (ALLOW, [allow(resource="arn:aws:ec2")]),
    "NotAction allows every other action": (
        ALLOW,
        [{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}],
    ),
    "NotAction does not allow what it names": (
        NONE,
        [{"Effect": "Allow", "NotAction": "ec2:*", "Resource": "*"}],
    ),
    "NotResource allows every other resource": (
        ALLOW,
        [{"Effect": "Allow", "Action": "*", "NotResource": OTHER}],
    ),
    "NotResource does not allow what it names": (
        NONE,
        [{"Effect": "Allow", "Action": "*", "NotResource": GROUP}],
    ),
    "an explicit deny wins over an allow before it": (DENY, [allow(), deny("*", "*")]),
    "an explicit deny wins over an allow after it": (DENY, [deny("*", "*"), allow()]),
    "a deny of another resource does nothing": (ALLOW, [allow(), deny(resource=OTHER)]),
    "a deny with NotResource spares what it names": (
        ALLOW,
        [allow(), {"Effect": "Deny", "Action": "*", "NotResource": GROUP}],
    ),
    "a deny with NotAction denies the rest": (
        DENY,
        [allow(), {"Effect": "Deny", "NotAction": "ec2:Describe*", "Resource": "*"}],
    ),
}


@pytest.mark.parametrize(("expected", "statements"), STATEMENTS.values(), ids=STATEMENTS)
def test_statements_decide(expected: Decision, statements: list[dict[str, Any]]) -> None:
    assert decided(*statements) is expected


ANY = "arn:aws:ec2:*:*:*"
RESOURCES = {
    "an action without a resource needs a star": ("*", "*", ALLOW),
    "an ARN does not allow an action without a resource": (ANY, "*", NONE),
    "the last part may hold colons": (
        "arn:aws:logs:*:*:log-group:/netmend/*",
        "arn:aws:logs:us-east-1:1:log-group:/netmend/x:log-stream:y",
        ALLOW,
    ),
    "an empty part matches an empty part": (
        "arn:aws:s3:::evidence/123456789012/*",
        "arn:aws:s3:::evidence/123456789012/us-east-1/000000000001.json",
        ALLOW,
    ),
    "a prefix of a bucket's name is another bucket": (
        "arn:aws:s3:::evidence/*",
        "arn:aws:s3:::evidence-of-others/x",
        NONE,
    ),
    "resources are matched with regard to case": ("arn:aws:s3:::B/k", "arn:aws:s3:::b/k", NONE),
    "brackets are no wildcards": ("arn:aws:s3:::b/[k]", "arn:aws:s3:::b/k", NONE),
}


@pytest.mark.parametrize(("pattern", "resource", "expected"), RESOURCES.values(), ids=RESOURCES)
def test_resources_are_matched_part_by_part(
    pattern: str, resource: str, expected: Decision
) -> None:
    assert decided(allow("*", pattern), resource=resource) is expected


KEYS = {
    "aws:PrincipalAccount": "123456789012",
    "aws:RequestedRegion": "us-east-1",
    "aws:CurrentTime": "2026-11-24T12:00:00+00:00",
    "aws:EpochTime": "1795521600",
    "aws:SecureTransport": "true",
    "aws:SourceIp": "10.1.2.3",
    "aws:PrincipalArn": "arn:aws:iam::123456789012:role/netmend-x",
    "aws:ResourceTag/Stage": "prod*",
    "s3:max-keys": "10",
    "aws:TagKeys": ("owner", "stage"),
    "iam:PassedToService": "ssm.amazonaws.com",
}
REGION, STAGE, TAGS = "aws:RequestedRegion", "aws:ResourceTag/Stage", "aws:TagKeys"
ARN, ABSENT = "aws:PrincipalArn", "aws:username"

CONDITIONS = {
    "StringEquals one of the values": ("StringEquals", REGION, ["eu-west-1", "us-east-1"], True),
    "StringEquals regards case": ("StringEquals", REGION, "US-EAST-1", False),
    "StringEquals takes a star for a star": ("StringEquals", STAGE, "prod*", True),
    "StringEquals does not match wildcards": ("StringEquals", REGION, "us-*", False),
    "StringEquals fails on an absent key": ("StringEquals", ABSENT, "x", False),
    "StringNotEquals none of the values": ("StringNotEquals", REGION, ["a", "b"], True),
    "StringNotEquals fails if one is equal": ("StringNotEquals", REGION, ["a", "us-east-1"], False),
    "StringNotEquals holds on an absent key": ("StringNotEquals", ABSENT, "x", True),
    "StringEqualsIgnoreCase": ("StringEqualsIgnoreCase", REGION, "US-EAST-1", True),
    "StringNotEqualsIgnoreCase": ("StringNotEqualsIgnoreCase", REGION, "US-EAST-1", False),
    "StringLike matches wildcards": ("StringLike", REGION, "us-????-*", True),
    "StringNotLike": ("StringNotLike", REGION, "us-*", False),
    "IfExists holds on an absent key": ("StringEqualsIfExists", ABSENT, "x", True),
    "IfExists is the operator on a present key": ("StringEqualsIfExists", REGION, "x", False),
    "keys are matched without regard to case": (
        "StringEquals",
        "AWS:requestedregion",
        "us-east-1",
        True,
    ),
    "ArnLike with wildcards": ("ArnLike", ARN, "arn:aws:iam::*:role/netmend-*", True),
    "ArnEquals takes wildcards too": ("ArnEquals", ARN, "arn:*:iam::123456789012:role/*", True),
    "ArnLike keeps to the parts": ("ArnLike", ARN, "arn:aws:*:role/netmend-x", False),
    "ArnNotLike": ("ArnNotLike", ARN, "arn:aws:iam::*:role/netmend-*", False),
    "ArnNotEquals": ("ArnNotEquals", ARN, "arn:aws:iam::*:role/other", True),
    "NumericEquals of unlike texts": ("NumericEquals", "s3:max-keys", "10.0", True),
    "NumericNotEquals": ("NumericNotEquals", "s3:max-keys", 10, False),
    "NumericLessThan": ("NumericLessThan", "s3:max-keys", 10, False),
    "NumericLessThanEquals": ("NumericLessThanEquals", "s3:max-keys", 10, True),
    "NumericGreaterThan": ("NumericGreaterThan", "s3:max-keys", 9, True),
    "NumericGreaterThanEquals": ("NumericGreaterThanEquals", "s3:max-keys", "11", False),
    "DateGreaterThan": ("DateGreaterThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", True),
    "DateLessThan": ("DateLessThan", "aws:CurrentTime", "2026-01-01T00:00:00Z", False),
    "DateLessThanEquals": ("DateLessThanEquals", "aws:CurrentTime", "2026-11-24T12:00:00Z", True),
    "DateGreaterThanEquals": ("DateGreaterThanEquals", "aws:CurrentTime", "2027-01-01", False),
    "DateEquals of a date and epoch seconds": (
        "DateEquals",
        "aws:EpochTime",
        "2026-11-24T12:00:00Z",
        True,
    ),
    "DateNotEquals": ("DateNotEquals", "aws:CurrentTime", "2026-11-24T12:00:00Z", False),
    "Bool as text": ("Bool", "aws:SecureTransport", "true", True),
    "Bool as a Boolean": ("Bool", "aws:SecureTransport", False, False),
    "IpAddress in a range": ("IpAddress", "aws:SourceIp", ["192.0.2.0/24", "10.0.0.0/8"], True),
    "IpAddress alone": ("IpAddress", "aws:SourceIp", "10.1.2.3", True),
    "IpAddress of another family": ("IpAddress", "aws:SourceIp", "::/0", False),
    "NotIpAddress": ("NotIpAddress", "aws:SourceIp", "10.0.0.0/8", False),
    "Null true on an absent key": ("Null", ABSENT, "true", True),
    "Null true on a present key": ("Null", REGION, True, False),
    "Null false on a present key": ("Null", REGION, "false", True),
    "Null in capitals": ("Null", REGION, "True", False),
    "Null with both values holds for any key": ("Null", REGION, ["true", "false"], True),
    "ForAnyValue: one is enough": ("ForAnyValue:StringEquals", TAGS, "owner", True),
    "ForAnyValue: none": ("ForAnyValue:StringEquals", TAGS, "other", False),
    "ForAnyValue: fails on an absent key": ("ForAnyValue:StringEquals", ABSENT, "x", False),
    "ForAnyValue: of a negated operator": ("ForAnyValue:StringNotEquals", TAGS, "owner", True),
    "ForAllValues: each must match": ("ForAllValues:StringEquals", TAGS, ["owner"], False),
    "ForAllValues: all match": ("ForAllValues:StringLike", TAGS, ["own*", "stage", "x"], True),
    "ForAllValues: holds on an absent key": ("ForAllValues:StringEquals", ABSENT, "x", True),
    "ForAllValues: of a negated operator": ("ForAllValues:StringNotEquals", TAGS, "owner", False),
    "a variable in a value": (
        "StringEquals",
        ARN,
        "arn:aws:iam::${aws:PrincipalAccount}:role/netmend-x",
        True,
    ),
    "an absent variable matches nothing": ("StringEquals", REGION, "${aws:username}", False),
    "a default stands in for an absent variable": (
        "StringEquals",
        REGION,
        "${aws:username, 'us-east-1'}",
        True,
    ),
    "a star in a variable's value is no wildcard": ("StringLike", REGION, f"${{{STAGE}}}", False),
    "a literal star": ("StringLike", STAGE, "prod${*}", True),
}


@pytest.mark.parametrize(
    ("operator", "key", "values", "holds"), CONDITIONS.values(), ids=CONDITIONS
)
def test_conditions_hold(operator: str, key: str, values: Any, holds: bool) -> None:
    conditional = allow(Condition={operator: {key: values}})
    assert decided(conditional, keys=KEYS) is (ALLOW if holds else NONE)


def test_all_lines_of_a_condition_must_hold() -> None:
    both = {"StringEquals": {REGION: "us-east-1", "aws:PrincipalAccount": "999999999999"}}
    assert decided(allow(Condition=both), keys=KEYS) is NONE


def test_a_variable_in_a_resource_stands_for_its_value() -> None:
    pattern = "arn:aws:ec2:*:${aws:PrincipalAccount}:security-group/*"
    assert decided(allow(resource=pattern), keys=KEYS) is ALLOW
    assert decided(allow(resource=pattern), keys={"aws:PrincipalAccount": "999999999999"}) is NONE


ROLE = ("AWS", "arn:aws:iam::123456789012:role/x")
SESSION = ("AWS", "arn:aws:sts::123456789012:assumed-role/x/s")
ACCOUNT = ("AWS", "123456789012")
LAMBDA = ("Service", "lambda.amazonaws.com")

PRINCIPALS = {
    "a star is everybody": ("*", [ROLE], True),
    "AWS star is everybody": ({"AWS": "*"}, [LAMBDA], True),
    "the role": ({"AWS": ROLE[1]}, [ROLE, SESSION, ACCOUNT], True),
    "another role": ({"AWS": ROLE[1] + "y"}, [ROLE, SESSION, ACCOUNT], False),
    "the session": ({"AWS": [SESSION[1]]}, [ROLE, SESSION, ACCOUNT], True),
    "an account by its root": ({"AWS": "arn:aws:iam::123456789012:root"}, [ACCOUNT], True),
    "an account by its number": ({"AWS": "123456789012"}, [ACCOUNT], True),
    "another account": ({"AWS": "999999999999"}, [ACCOUNT], False),
    "a service": ({"Service": ["ssm.amazonaws.com", LAMBDA[1]]}, [LAMBDA], True),
    "another service": ({"Service": "ssm.amazonaws.com"}, [LAMBDA], False),
    "a service is not an account's principal": ({"AWS": LAMBDA[1]}, [LAMBDA], False),
    "federated users are never there": ({"Federated": "x"}, [ROLE, LAMBDA], False),
}


@pytest.mark.parametrize(("element", "names", "matches"), PRINCIPALS.values(), ids=PRINCIPALS)
def test_principals_are_matched_by_name(element: Any, names: Any, matches: bool) -> None:
    trust = {"Effect": "Allow", "Principal": element, "Action": "sts:AssumeRole"}
    request = Request("sts:AssumeRole", "x", Context({}), frozenset(names))
    decision = decide([policy(trust, kind=Kind.TRUST)], request)
    assert decision is (ALLOW if matches else NONE)


def test_not_principal_spares_only_somebody_all_of_whose_names_are_listed() -> None:
    def spared(*listed: tuple[str, str]) -> bool:
        element = {"AWS": [name for _, name in listed]}
        statement = {"Effect": "Deny", "NotPrincipal": element, "Action": "*", "Resource": "*"}
        request = Request(REVOKE, GROUP, Context({}), frozenset({ROLE, SESSION, ACCOUNT}))
        return decide([policy(statement, kind=Kind.RESOURCE)], request) is NONE

    assert spared(ROLE, SESSION, ACCOUNT)
    assert not spared(ROLE)


UNREADABLE = {
    "an unknown operator": (allow(Condition={"StringSortOf": {REGION: "x"}}), "StringSortOf"),
    "an operator that AWS has and we have not": (
        allow(Condition={"BinaryEquals": {REGION: "eA=="}}),
        "BinaryEquals",
    ),
    "Null with a quantifier": (allow(Condition={"ForAnyValue:Null": {REGION: "true"}}), "Null"),
    "an unknown element": (allow(Resources="*"), "Resources"),
    "a principal in an identity policy": (allow(Principal="*"), "Principal"),
    "no action": ({"Effect": "Allow", "Resource": "*"}, "Action"),
    "both Action and NotAction": (allow(NotAction="s3:*"), "NotAction"),
    "no resource": ({"Effect": "Allow", "Action": "*"}, "Resource"),
    "an unknown effect": ({"Effect": "allow", "Action": "*", "Resource": "*"}, "Effect"),
    "an action without a service": (allow("Revoke*"), "Revoke"),
    "a resource that is no ARN": (allow(resource="sg-1"), "sg-1"),
    "a condition that is no object": (allow(Condition=["x"]), "Condition"),
    "an operator without keys": (allow(Condition={"StringEquals": "x"}), "StringEquals"),
    "a value that is an object": (allow(Condition={"StringEquals": {REGION: {}}}), "compares"),
}


@pytest.mark.parametrize(("statement", "named"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_not_understood_raises_and_is_named(statement: Any, named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        policy(statement)


BAD_PRINCIPALS = {
    "a wildcard in a name": {"AWS": "arn:aws:iam::123456789012:role/*"},
    "an unknown type": {"Robot": "x"},
    "nobody": {},
}


@pytest.mark.parametrize("element", BAD_PRINCIPALS.values(), ids=BAD_PRINCIPALS)
def test_principals_that_are_not_understood_raise(element: Any) -> None:
    with pytest.raises(PolicyError, match="rincipal"):
        policy(allow(Principal=element), kind=Kind.RESOURCE)


DOCUMENTS = {
    "no JSON": ("{", "not JSON"),
    "no object": ("[]", "object"),
    "an unknown version": ('{"Version": "2020-01-01", "Statement": []}', "2012-10-17"),
    "an unknown element at the top": ('{"Statements": []}', "Statements"),
    "variables in a version that has none": (
        json.dumps({"Statement": allow(resource="arn:aws:s3:::${aws:username}")}),
        "variables",
    ),
    "a statement that is no object": ('{"Version": "2012-10-17", "Statement": ["x"]}', "object"),
}


@pytest.mark.parametrize(("text", "named"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_that_are_not_policies_raise(text: str, named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        parse(text)


def test_a_value_of_the_wrong_kind_raises_when_it_is_compared() -> None:
    for condition in (
        {"NumericEquals": {"s3:max-keys": "ten"}},
        {"DateLessThan": {"aws:CurrentTime": "tomorrow"}},
        {"IpAddress": {"aws:SourceIp": "10.0.0.0/40"}},
        {"StringEquals": {TAGS: "owner"}},
    ):
        with pytest.raises(PolicyError):
            decided(allow(Condition=condition), keys=KEYS)


def test_a_condition_key_of_which_nothing_is_known_raises_even_in_a_deny() -> None:
    barred = deny(Condition={"StringEquals": {"ec2:InstanceType": "t3.micro"}})
    request = Request(REVOKE, GROUP, Context(KEYS, lambda key: key.startswith("aws:")))
    with pytest.raises(PolicyError, match="ec2:InstanceType"):
        decide([policy(allow(), barred)], request)

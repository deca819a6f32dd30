"""All kinds of policies together decide as the IAM User Guide says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netmend.sandbox.iam.judge import judge, request
from netmend.sandbox.iam.patterns import PolicyError

ACCOUNT = "111122223333"
OTHER = "444455556666"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"
USER = f"arn:aws:iam::{ACCOUNT}:user/eve"
GET, OBJECT = "s3:GetObject", "arn:aws:s3:::b/k"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return policy({"Effect": "Allow", "Action": action, "Resource": resource, **more})


def deny(action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return policy({"Effect": "Deny", "Action": action, "Resource": resource, **more})


def to(principal: Any, effect: str = "Allow") -> dict[str, Any]:
    statement = {"Action": "s3:*", "Resource": "*", "Principal": principal}
    return policy({"Effect": effect, **statement})


def named(action: str, principal: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": "*", "Principal": principal}


ALL, S3, EC2 = allow(), allow("s3:*"), allow("ec2:*")
NO = "because no {} allows the s3:GetObject action".format
DENIED = "with an explicit deny in {}".format
IDENTITY, RESOURCE = "identity-based policy", "resource-based policy"
CONTROL, BOUNDARY = "service control policy", "permissions boundary"

TOGETHER: dict[str, tuple[str, dict[str, Any]]] = {
    "an identity policy alone allows": ("", {"identity": [S3]}),
    "nothing is an implicit deny": (NO(IDENTITY), {}),
    "a boundary must allow too": (NO(BOUNDARY), {"identity": [ALL], "boundary": EC2}),
    "a boundary grants nothing": (NO(IDENTITY), {"boundary": ALL}),
    "a boundary's deny denies": (
        DENIED("a permissions boundary"),
        {"identity": [ALL], "boundary": deny()},
    ),
    "a session policy must allow too": (
        NO("session policy"),
        {"identity": [ALL], "session": [EC2]},
    ),
    "one of several session policies is enough": ("", {"identity": [ALL], "session": [EC2, S3]}),
    "no session policy at all limits nothing": ("", {"identity": [ALL], "session": None}),
    "an empty list of session policies allows nothing": (
        NO("session policy"),
        {"identity": [ALL], "session": []},
    ),
    "every level of the organisation must allow": (
        NO(CONTROL),
        {"identity": [ALL], "controls": [[ALL], [EC2], [ALL]]},
    ),
    "one policy of a level is enough": (
        "",
        {"identity": [ALL], "controls": [[ALL], [EC2, S3]]},
    ),
    "a service control policy's deny denies": (
        DENIED("a service control policy"),
        {"identity": [ALL], "controls": [[ALL, deny("s3:*")]]},
    ),
    "a service control policy grants nothing": (NO(IDENTITY), {"controls": [[ALL]]}),
    "a service control policy bounds an administrator": (
        NO(CONTROL),
        {"identity": None, "controls": [[EC2]]},
    ),
    "a deny of the resource wins over all": (
        DENIED("a resource-based policy"),
        {"identity": [ALL], "resource": to("*", "Deny")},
    ),
    "a deny of the identity wins over the resource": (
        DENIED("an identity-based policy"),
        {"identity": [deny()], "resource": to({"AWS": SESSION})},
    ),
    "the resource alone allows the role it names": ("", {"resource": to({"AWS": ROLE})}),
    "the resource alone allows everybody": ("", {"resource": to("*")}),
    "the resource that names the account leaves it to identity policies": (
        NO(IDENTITY),
        {"resource": to({"AWS": ACCOUNT})},
    ),
    "the resource that names another role does not allow": (
        NO(IDENTITY),
        {"resource": to({"AWS": ROLE + "s"})},
    ),
    "a session named for another action is bounded in this one": (
        NO(BOUNDARY),
        {
            "boundary": EC2,
            "resource": policy(
                named("s3:PutObject", {"AWS": SESSION}), named("s3:GetObject", {"AWS": ROLE})
            ),
        },
    ),
    "one of several statements that name the session is enough": (
        "",
        {
            "boundary": EC2,
            "resource": policy(
                named("s3:GetObject", {"AWS": USER}), named("s3:GetObject", {"AWS": SESSION})
            ),
        },
    ),
    "a boundary bounds what the resource gives the role": (
        NO(BOUNDARY),
        {"boundary": EC2, "resource": to({"AWS": ROLE})},
    ),
    "a session policy bounds what the resource gives the role": (
        NO("session policy"),
        {"session": [EC2], "resource": to({"AWS": ROLE})},
    ),
    "what the resource gives the session itself is not bounded": (
        "",
        {"boundary": EC2, "session": [EC2], "resource": to({"AWS": SESSION})},
    ),
    "a service control policy bounds even that": (
        NO(CONTROL),
        {"controls": [[EC2]], "resource": to({"AWS": SESSION})},
    ),
    "across accounts the identity alone does not allow": (
        NO(RESOURCE),
        {"identity": [ALL], "foreign": True},
    ),
    "across accounts the resource alone does not allow": (
        NO(IDENTITY),
        {"resource": to({"AWS": SESSION}), "foreign": True},
    ),
    "across accounts both allow": (
        "",
        {"identity": [S3], "resource": to({"AWS": ACCOUNT}), "foreign": True},
    ),
    "a key's policy must allow even at home": (
        NO(RESOURCE),
        {"identity": [ALL], "resource": to({"AWS": OTHER}), "delegates": True},
    ),
    "a key's policy may leave it to identity policies": (
        "",
        {"identity": [ALL], "resource": to({"AWS": ACCOUNT}), "delegates": True},
    ),
    "a deny spares whom NotPrincipal names by all his names": (
        "",
        {
            "identity": [ALL],
            "resource": policy(
                {
                    "Effect": "Deny",
                    "NotPrincipal": {"AWS": [SESSION, ROLE, ACCOUNT]},
                    "Action": "*",
                    "Resource": "*",
                }
            ),
        },
    ),
    "a deny with NotPrincipal hits everybody else": (
        DENIED("a resource-based policy"),
        {
            "identity": [ALL],
            "resource": policy(
                {
                    "Effect": "Deny",
                    "NotPrincipal": {"AWS": ROLE},
                    "Action": "*",
                    "Resource": "*",
                }
            ),
        },
    ),
}


@pytest.mark.parametrize(("reason", "policies"), TOGETHER.values(), ids=TOGETHER)
def test_policies_together_decide(reason: str, policies: dict[str, Any]) -> None:
    asked = request(GET, OBJECT, principals=[ACCOUNT, ROLE, SESSION])
    verdict = judge(**{"identity": [], **policies}).decide(asked)
    assert (verdict.reason, verdict.allowed) == (reason, not reason)


def test_what_a_resource_gives_a_user_is_not_bounded() -> None:
    court = judge([], boundary=EC2, resource=to({"AWS": USER}))
    assert court.decide(request(GET, OBJECT, principals=[ACCOUNT, USER])).allowed


def test_the_statement_that_decided_is_told() -> None:
    first = {"Sid": "One", "Effect": "Allow", "Action": GET, "Resource": "*"}
    last = {"Sid": "Two", "Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::c/*"}
    court = judge([policy(first, last)])
    by_object = {
        name: court.decide(request(GET, f"arn:aws:s3:::{name}")).statement
        for name in ("b/k", "c/k")
    }
    assert {name: found.sid for name, found in by_object.items() if found} == {
        "b/k": "One",
        "c/k": "Two",
    }


def test_keys_that_were_asked_for_and_absent_are_told() -> None:
    condition = {"StringEquals": {"aws:PrincipalTag/team": "${aws:username}"}}
    verdict = judge([allow(Condition=condition)]).decide(request(GET, OBJECT))
    assert (verdict.allowed, verdict.missing) == (False, ("aws:PrincipalTag/team",))


# against an oracle: policies of whole actions alone, where AWS's rule is a formula of sets

ACTIONS = ("a:One", "a:Two", "b:One")
SETS = st.sets(st.sampled_from(ACTIONS))


def of_sets(allowed: set[str], denied: set[str]) -> dict[str, Any]:
    statements = [("Allow", allowed), ("Deny", denied)]
    return policy(
        *(
            {"Effect": effect, "Action": sorted(names), "Resource": "*"}
            for effect, names in statements
            if names
        )
    )


PAIR = st.tuples(SETS, SETS)


@settings(max_examples=200, deadline=None, database=None)
@given(
    identity=st.lists(PAIR, max_size=2),
    boundary=st.none() | PAIR,
    session=st.none() | st.lists(PAIR, max_size=2),
    controls=st.lists(st.lists(PAIR, min_size=1, max_size=2), max_size=3),
    action=st.sampled_from(ACTIONS),
)
def test_an_intersection_of_layers_decides(
    identity: Any, boundary: Any, session: Any, controls: Any, action: str
) -> None:
    layers = [identity, *controls]
    layers += [] if boundary is None else [[boundary]]
    layers += [] if session is None else [session]
    allowed = all(any(action in yes for yes, _ in layer) for layer in layers)
    denied = any(action in no for layer in layers for _, no in layer)
    court = judge(
        [of_sets(*pair) for pair in identity],
        boundary=None if boundary is None else of_sets(*boundary),
        session=None if session is None else [of_sets(*pair) for pair in session],
        controls=[[of_sets(*pair) for pair in level] for level in controls],
    )
    verdict = court.decide(request(action))
    assert (verdict.allowed, verdict.explicit) == (allowed and not denied, denied)


def test_an_address_that_is_none_is_refused_in_words() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    court = judge([allow(Condition=condition)])
    with pytest.raises(PolicyError, match="'nowhere' of the request is not an IP address"):
        court.decide(request(GET, OBJECT, {"aws:SourceIp": "nowhere"}, [ROLE]))

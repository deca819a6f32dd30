"""Only whom its trust policy names gets a role's credentials, and they say whose they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.iam.models import iam_backends

from netmend.sandbox import callers, extensions, iam
from netmend.sandbox.api import ApiError, Caller
from netmend.sandbox.core import Sandbox

ACCOUNT = "123456789012"
OTHER = "999999999999"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/tester"
FUNCTIONS = "lambda.amazonaws.com"
AUTOMATION = "ssm.amazonaws.com"


@pytest.fixture(scope="module")
def started() -> Iterator[Sandbox]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extensions, "MODULES", ("iam",))
        with Sandbox() as sandbox:
            yield sandbox


@pytest.fixture
def sandbox(started: Sandbox) -> Iterator[Sandbox]:
    """One sandbox for all tests; each leaves it without roles and users."""
    yield started
    for account in (ACCOUNT, OTHER):
        iam_backends[account]["aws"].reset()


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(principal: Any, **more: Any) -> str:
    return document(Effect="Allow", Principal=principal, Action="sts:AssumeRole", **more)


def make_role(
    sandbox: Sandbox, text: str, *, name: str = "tester", policy: str = "", keys: Any = None
) -> str:
    client = sandbox.client("iam", credentials=keys)
    arn = client.create_role(RoleName=name, AssumeRolePolicyDocument=text)["Role"]["Arn"]
    if policy:
        client.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    return str(arn)


def service_assumes(sandbox: Sandbox, principal: str = FUNCTIONS, **context: str) -> dict[str, Any]:
    return iam.assume(sandbox, ROLE, principal, "session", "us-east-1", **context)


def api_assumes(sandbox: Sandbox, arn: str = ROLE, keys: Any = None, **more: Any) -> dict[str, Any]:
    client = sandbox.client("sts", credentials=keys)
    answer = client.assume_role(RoleArn=arn, RoleSessionName="visit", **more)
    return dict(answer["Credentials"])


def arn_of(sandbox: Sandbox, keys: Any) -> str:
    return str(sandbox.client("sts", credentials=keys).get_caller_identity()["Arn"])


SOURCE = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
EXECUTIONS = {"ArnLike": {"aws:SourceArn": f"arn:aws:ssm:*:{ACCOUNT}:automation-execution/*"}}
REGION = "us-east-1"
EXECUTION = f"arn:aws:ssm:us-east-1:{ACCOUNT}:automation-execution/1"

SERVICES = {
    "the service that it names": (trust({"Service": FUNCTIONS}), {}, True),
    "another service": (trust({"Service": AUTOMATION}), {}, False),
    "one of several services": (trust({"Service": [AUTOMATION, FUNCTIONS]}), {}, True),
    "an account is no service": (trust({"AWS": ACCOUNT}), {}, False),
    "another action": (
        document(Effect="Allow", Principal={"Service": FUNCTIONS}, Action="sts:TagSession"),
        {},
        False,
    ),
    "the account on whose behalf it acts": (
        trust({"Service": FUNCTIONS}, Condition=SOURCE),
        {"source_account": ACCOUNT},
        True,
    ),
    "another account on whose behalf it acts": (
        trust({"Service": FUNCTIONS}, Condition=SOURCE),
        {"source_account": OTHER},
        False,
    ),
    "nobody on whose behalf it acts": (trust({"Service": FUNCTIONS}, Condition=SOURCE), {}, False),
    "the resource for which it acts": (
        trust({"Service": FUNCTIONS}, Condition=EXECUTIONS),
        {"source_arn": EXECUTION},
        True,
    ),
    "another resource for which it acts": (
        trust({"Service": FUNCTIONS}, Condition=EXECUTIONS),
        {"source_arn": EXECUTION.replace(ACCOUNT, OTHER)},
        False,
    ),
}


@pytest.mark.parametrize(("text", "context", "trusted"), SERVICES.values(), ids=SERVICES)
def test_a_service_gets_in_as_the_trust_policy_says(
    sandbox: Sandbox, text: str, context: dict[str, str], trusted: bool
) -> None:
    make_role(sandbox, text)
    if trusted:
        keys = service_assumes(sandbox, **context)
        session = f"arn:aws:sts::{ACCOUNT}:assumed-role/tester/session"
        assert arn_of(sandbox, keys) == session
        return
    with pytest.raises(ApiError, match=rf"{FUNCTIONS} is not authorized .*{ROLE}") as caught:
        service_assumes(sandbox, **context)
    assert caught.value.code == "AccessDenied"


def test_a_role_that_does_not_exist_trusts_nobody(sandbox: Sandbox) -> None:
    with pytest.raises(ApiError, match="not authorized"):
        service_assumes(sandbox)


def test_a_trust_policy_that_is_not_understood_is_refused_by_name(sandbox: Sandbox) -> None:
    make_role(sandbox, trust({"Service": FUNCTIONS}, Condition={"Bool": {"aws:Odd": "true"}}))
    with pytest.raises(ApiError, match="aws:Odd") as caught:
        service_assumes(sandbox)
    assert caught.value.status_code == 501


EXTERNAL = {"StringEquals": {"sts:ExternalId": "secret"}}
MAY_ASSUME = document(Effect="Allow", Action="sts:AssumeRole", Resource=ROLE)

PEOPLE = {
    "an administrator is let in where the account is trusted": (trust({"AWS": ACCOUNT}), {}, True),
    "an administrator is refused where a service is trusted": (
        trust({"Service": FUNCTIONS}),
        {},
        False,
    ),
    "an administrator is refused where a user is trusted": (
        trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/eve"}),
        {},
        False,
    ),
    "the external id is let in": (
        trust({"AWS": ACCOUNT}, Condition=EXTERNAL),
        {"ExternalId": "secret"},
        True,
    ),
    "no external id is refused": (trust({"AWS": ACCOUNT}, Condition=EXTERNAL), {}, False),
}


@pytest.mark.parametrize(("text", "more", "trusted"), PEOPLE.values(), ids=PEOPLE)
def test_an_administrator_gets_in_as_the_trust_policy_says(
    sandbox: Sandbox, text: str, more: dict[str, str], trusted: bool
) -> None:
    make_role(sandbox, text)
    if trusted:
        assert arn_of(sandbox, api_assumes(sandbox, **more)).endswith("assumed-role/tester/visit")
        return
    with pytest.raises(ClientError, match="AssumeRole on resource") as caught:
        api_assumes(sandbox, **more)
    assert caught.value.response["Error"]["Code"] == "AccessDenied"


HOPPER = f"arn:aws:iam::{ACCOUNT}:role/hopper"

CHAINS = {
    "its own policy and the account's trust": (MAY_ASSUME, trust({"AWS": ACCOUNT}), True),
    "the account's trust alone": ("", trust({"AWS": ACCOUNT}), False),
    "its own policy alone": (MAY_ASSUME, trust({"Service": FUNCTIONS}), False),
    "a trust that names the role": ("", trust({"AWS": HOPPER}), True),
}


@pytest.mark.parametrize(("policy", "text", "trusted"), CHAINS.values(), ids=CHAINS)
def test_a_role_may_assume_another_with(
    sandbox: Sandbox, policy: str, text: str, trusted: bool
) -> None:
    make_role(sandbox, text)
    make_role(sandbox, trust({"Service": FUNCTIONS}), name="hopper", policy=policy)
    keys = iam.assume(sandbox, HOPPER, FUNCTIONS, "session", "us-east-1")
    if trusted:
        assert api_assumes(sandbox, keys=keys)["AccessKeyId"].startswith("ASIA")
        return
    with pytest.raises(ClientError, match="not authorized"):
        api_assumes(sandbox, keys=keys)


def test_a_role_nobody_made_opens_another_account_but_not_this_one(sandbox: Sandbox) -> None:
    with pytest.raises(ClientError, match="not authorized"):
        api_assumes(sandbox, f"arn:aws:iam::{ACCOUNT}:role/nobody-made-it")
    keys = api_assumes(sandbox, f"arn:aws:iam::{OTHER}:role/nobody-made-it")
    assert callers.caller(keys["AccessKeyId"]).kind == "root"
    vpcs = sandbox.client("ec2", credentials=keys).describe_vpcs()["Vpcs"]
    assert vpcs[0]["OwnerId"] == OTHER


def test_a_role_of_another_account_that_exists_is_asked(sandbox: Sandbox) -> None:
    visitor = api_assumes(sandbox, f"arn:aws:iam::{OTHER}:role/nobody-made-it")
    closed = make_role(sandbox, trust({"AWS": OTHER}), name="closed", keys=visitor)
    opened = make_role(sandbox, trust({"AWS": ACCOUNT}), name="opened", keys=visitor)
    with pytest.raises(ClientError, match="no role trust policy allows the sts:AssumeRole"):
        api_assumes(sandbox, closed)
    who = callers.caller(api_assumes(sandbox, opened)["AccessKeyId"])
    assert (who.kind, who.account, who.role_arn) == ("role", OTHER, opened)


def test_a_bounded_role_gets_no_account_by_naming_a_role_that_is_not_there(
    sandbox: Sandbox,
) -> None:
    everything = document(Effect="Allow", Action="*", Resource="*")
    make_role(sandbox, trust({"Service": FUNCTIONS}), policy=everything)
    keys = service_assumes(sandbox)
    with pytest.raises(ClientError, match="not authorized"):
        api_assumes(sandbox, f"arn:aws:iam::{OTHER}:role/nobody-made-it", keys)


def test_what_sessions_cannot_do_is_refused(sandbox: Sandbox) -> None:
    make_role(sandbox, trust({"AWS": ACCOUNT}))
    sts = sandbox.client("sts")
    with pytest.raises(ClientError, match="MalformedPolicyDocument"):
        api_assumes(sandbox, Policy="{}")
    with pytest.raises(ClientError, match="NoSuchEntity"):
        api_assumes(sandbox, PolicyArns=[{"arn": f"arn:aws:iam::{ACCOUNT}:policy/none"}])
    with pytest.raises(ClientError, match="MaxSessionDuration"):
        api_assumes(sandbox, DurationSeconds=7200)
    with pytest.raises(ClientError, match="no GetSessionToken"):
        sts.get_session_token()


def test_keys_that_nobody_issued_are_an_administrators(sandbox: Sandbox) -> None:
    assert callers.caller("AKIAUNKNOWN") == Caller("root", ACCOUNT, callers.ADMINISTRATOR)


def test_a_reset_forgets_every_session(sandbox: Sandbox) -> None:
    make_role(sandbox, trust({"Service": FUNCTIONS}))
    key = service_assumes(sandbox)["AccessKeyId"]
    assert callers.caller(key).kind == "role"
    sandbox.reset()
    assert callers.caller(key).kind == "root"


def test_a_user_is_known_by_his_key(sandbox: Sandbox) -> None:
    client = sandbox.client("iam")
    client.create_user(UserName="eve", Path="/people/")
    key = client.create_access_key(UserName="eve")["AccessKey"]
    keys = {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    found = sandbox.client("sts", credentials=keys).get_caller_identity()
    assert found["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/people/eve"
    assert found["UserId"] == client.get_user(UserName="eve")["User"]["UserId"]


PASS = {
    "a grant for the service": ({"iam:PassedToService": AUTOMATION}, AUTOMATION, True),
    "a grant for another service": ({"iam:PassedToService": FUNCTIONS}, AUTOMATION, False),
    "a grant in the Region": ({"aws:RequestedRegion": REGION}, AUTOMATION, True),
    "a grant in another Region": ({"aws:RequestedRegion": "eu-west-1"}, AUTOMATION, False),
    "a grant on roles of the account": ({"aws:ResourceAccount": ACCOUNT}, AUTOMATION, True),
    "a grant on roles of another account": ({"aws:ResourceAccount": OTHER}, AUTOMATION, False),
    "a grant on roles with the tag": ({"aws:ResourceTag/use": "runbook"}, AUTOMATION, True),
    "a grant on roles with another": ({"aws:ResourceTag/use": "function"}, AUTOMATION, False),
}


@pytest.mark.parametrize(("keys", "service", "passes"), PASS.values(), ids=PASS)
def test_a_role_may_be_passed_with(
    sandbox: Sandbox, keys: dict[str, str], service: str, passes: bool
) -> None:
    runbook = make_role(sandbox, trust({"Service": AUTOMATION}), name="runbook")
    tag = {"Key": "use", "Value": "runbook"}
    sandbox.client("iam").tag_role(RoleName="runbook", Tags=[tag])
    grant = document(
        Effect="Allow", Action="iam:PassRole", Resource=runbook, Condition={"StringEquals": keys}
    )
    make_role(sandbox, trust({"Service": FUNCTIONS}), policy=grant)
    who = callers.caller(service_assumes(sandbox)["AccessKeyId"])
    iam.require_pass_role(sandbox, callers.caller("root"), runbook, service, REGION)
    if passes:
        iam.require_pass_role(sandbox, who, runbook, service, REGION)
        return
    with pytest.raises(ApiError, match=f"iam:PassRole on resource: {runbook}") as caught:
        iam.require_pass_role(sandbox, who, runbook, service, REGION)
    assert caught.value.code == "AccessDeniedException"


def test_a_deny_on_roles_of_other_accounts_spares_those_of_this_one(sandbox: Sandbox) -> None:
    runbook = make_role(sandbox, trust({"Service": AUTOMATION}), name="runbook")
    elsewhere = {"StringNotEquals": {"aws:ResourceAccount": ACCOUNT}}
    common = {"Action": "iam:PassRole", "Resource": "*"}
    deny = {"Effect": "Deny", "Condition": elsewhere, **common}
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **common}, deny]}
    )
    make_role(sandbox, trust({"Service": FUNCTIONS}), policy=policy)
    who = callers.caller(service_assumes(sandbox)["AccessKeyId"])
    iam.require_pass_role(sandbox, who, runbook, AUTOMATION, REGION)


def test_nobody_passes_a_role_of_another_account(sandbox: Sandbox) -> None:
    foreign = f"arn:aws:iam::{OTHER}:role/runbook"
    with pytest.raises(ApiError, match="Cross-account"):
        iam.require_pass_role(sandbox, callers.caller("root"), foreign, AUTOMATION, REGION)


FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:detector"
CONFIG = "config.amazonaws.com"
INVOKE = "lambda:InvokeFunction"


def permission(**more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": CONFIG}, "Action": INVOKE}
    return document(**{**statement, "Resource": FUNCTION, **more})


PERMISSIONS = {
    "the service, action and resource": (permission(), {}, True),
    "another service": (permission(Principal={"Service": "events.amazonaws.com"}), {}, False),
    "everybody": (permission(Principal="*"), {}, True),
    "another function": (permission(Resource=FUNCTION + "s"), {}, False),
    "its account": (permission(Condition=SOURCE), {"aws:SourceAccount": ACCOUNT}, True),
    "another account": (permission(Condition=SOURCE), {"aws:SourceAccount": OTHER}, False),
    "an account that it does not say": (permission(Condition=SOURCE), {}, False),
    "a deny": (permission(Effect="Deny"), {}, False),
}


@pytest.mark.parametrize(("text", "keys", "allowed"), PERMISSIONS.values(), ids=PERMISSIONS)
def test_a_resource_policy_lets_a_service_in_by(
    text: str, keys: dict[str, str], allowed: bool
) -> None:
    assert iam.allows_service(text, CONFIG, INVOKE, FUNCTION, keys) is allowed


def test_a_resource_policy_that_is_not_understood_is_refused_by_name() -> None:
    with pytest.raises(ApiError, match="StringSortOf"):
        iam.allows_service(
            permission(Condition={"StringSortOf": {"aws:SourceAccount": ACCOUNT}}),
            CONFIG,
            INVOKE,
            FUNCTION,
            {},
        )

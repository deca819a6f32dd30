"""AWS Organizations as AWS answers it, where moto alone would not."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox
from tests.organization.world import TRUSTED, Organisation

UNITS = {"top": "", "below": "top"}
DENY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "sns:CreateTopic", "Resource": "*"}],
    }
)
SCP = "SERVICE_CONTROL_POLICY"


@pytest.fixture
def organisation() -> Iterator[Organisation]:
    with Sandbox() as sandbox:
        yield Organisation(sandbox, UNITS, ["us-east-1"])


@pytest.fixture
def account(organisation: Organisation) -> str:
    return organisation.create("first")


def refused(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as caught:
        call()
    return str(caught.value.response["Error"]["Code"])


def state(organisation: Organisation, request: dict[str, Any]) -> dict[str, Any]:
    number = request["CreateAccountStatus"]["Id"]
    answer = organisation.api.describe_create_account_status(CreateAccountRequestId=number)
    found: dict[str, Any] = answer["CreateAccountStatus"]
    return found


def test_account_is_made_behind_the_api(organisation: Organisation) -> None:
    asked = organisation.api.create_account(Email="a@example.com", AccountName="a")
    assert state(organisation, asked)["State"] == "IN_PROGRESS"
    assert len(organisation.api.list_accounts()["Accounts"]) == 1
    organisation.settle()
    made = state(organisation, asked)
    listed = [one["Id"] for one in organisation.api.list_accounts()["Accounts"]]
    assert (made["State"], listed[1:]) == ("SUCCEEDED", [made["AccountId"]])


def test_second_account_of_an_address_fails(organisation: Organisation) -> None:
    for _ in range(2):
        asked = organisation.api.create_account(Email="a@example.com", AccountName="a")
        organisation.settle()
    made = state(organisation, asked)
    assert (made["State"], made["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")


def test_management_account_administers_a_new_one(organisation: Organisation, account: str) -> None:
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    keys = organisation.client("sts").assume_role(RoleArn=role, RoleSessionName="test")
    as_role = partial(organisation.sandbox.client, credentials=keys["Credentials"])
    attached = as_role("iam").list_attached_role_policies(RoleName=role.split("/")[1])
    assert as_role("sts").get_caller_identity()["Account"] == account
    assert [one["PolicyName"] for one in attached["AttachedPolicies"]] == ["AdministratorAccess"]
    assert as_role("ec2").describe_vpcs()["Vpcs"][0]["IsDefault"]
    recorders = as_role("config").describe_configuration_recorders()
    assert len(recorders["ConfigurationRecorders"]) == 1


def test_no_member_administers_another(organisation: Organisation, account: str) -> None:
    other = organisation.create("second")
    sts = organisation.member(other, "sts")
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    assert refused(partial(sts.assume_role, RoleArn=role, RoleSessionName="x1")) == "AccessDenied"


def test_service_control_policies_are_on_from_the_beginning(organisation: Organisation) -> None:
    root = organisation.api.list_roots()["Roots"][0]
    assert root["PolicyTypes"] == [{"Type": SCP, "Status": "ENABLED"}]
    attached = organisation.api.list_policies_for_target(
        TargetId=organisation.units["below"], Filter=SCP
    )["Policies"]
    assert [one["Name"] for one in attached] == ["FullAWSAccess"]


def policy(organisation: Organisation, name: str = "deny") -> str:
    made = organisation.api.create_policy(Content=DENY, Description="", Name=name, Type=SCP)
    return str(made["Policy"]["PolicySummary"]["Id"])


def test_service_control_policy_bounds_the_accounts_below(
    organisation: Organisation, account: str
) -> None:
    organisation.move(account, organisation.root, organisation.units["below"])
    organisation.api.attach_policy(
        PolicyId=policy(organisation), TargetId=organisation.units["top"]
    )
    sns = organisation.member(account, "sns")
    assert refused(lambda: sns.create_topic(Name="t")).startswith("Auth")
    assert organisation.client("sns").create_topic(Name="t")["TopicArn"]


def test_at_most_five_policies_a_target(organisation: Organisation) -> None:
    attach, target = organisation.api.attach_policy, organisation.units["top"]
    for number in range(4):  # FullAWSAccess is the fifth
        attach(PolicyId=policy(organisation, f"p{number}"), TargetId=target)
    last = policy(organisation, "last")
    code = refused(lambda: attach(PolicyId=last, TargetId=target))
    assert code == "ConstraintViolationException"


def _invite(o: Organisation) -> Any:
    return o.api.invite_account_to_organization(Target={"Id": "1" * 12, "Type": "ACCOUNT"})


def _second_parent(o: Organisation) -> Any:
    o.move(o.accounts["first"], o.units["top"], o.units["below"])


def _same_place(o: Organisation) -> Any:
    o.move(o.accounts["first"], o.root, o.root)


def _deep(o: Organisation) -> None:
    parent = o.units["below"]
    for number in range(4):
        made = o.api.create_organizational_unit(ParentId=parent, Name=f"deeper-{number}")
        parent = made["OrganizationalUnit"]["Id"]


def _attach_twice(o: Organisation) -> Any:
    made = policy(o)
    for _ in range(2):
        o.api.attach_policy(PolicyId=made, TargetId=o.root)


def _disabled_type(o: Organisation) -> Any:
    o.api.disable_policy_type(RootId=o.root, PolicyType=SCP)
    o.api.attach_policy(PolicyId=policy(o), TargetId=o.root)


def _delegate_without_trust(o: Organisation) -> Any:
    o.api.disable_aws_service_access(ServicePrincipal=TRUSTED)
    _delegate(o)


def _delegate(o: Organisation) -> Any:
    o.api.register_delegated_administrator(AccountId=o.accounts["first"], ServicePrincipal=TRUSTED)


def _remove_delegate(o: Organisation) -> Any:
    _delegate(o)
    o.api.remove_account_from_organization(AccountId=o.accounts["first"])


def _close_twice(o: Organisation) -> Any:
    for _ in range(2):
        o.api.close_account(AccountId=o.accounts["first"])


REFUSALS: dict[str, tuple[Callable[[Organisation], Any], str]] = {
    "a second organisation": (
        lambda o: o.api.create_organization(FeatureSet="ALL"),
        "AlreadyInOrganizationException",
    ),
    "a member lists accounts": (
        lambda o: o.member(o.accounts["first"], "organizations").list_accounts(),
        "AccessDeniedException",
    ),
    "a member makes an account": (
        lambda o: o.member(o.accounts["first"], "organizations").create_account(
            Email="b@example.com", AccountName="b"
        ),
        "AccessDeniedException",
    ),
    "an account moves from where it is not": (_second_parent, "SourceParentNotFoundException"),
    "an account moves to where it is": (_same_place, "DuplicateAccountException"),
    "an account moves to nowhere": (
        lambda o: o.move(o.accounts["first"], o.root, "ou-none-12345678"),
        "DestinationParentNotFoundException",
    ),
    "an OU that is not empty goes": (
        lambda o: o.api.delete_organizational_unit(OrganizationalUnitId=o.units["top"]),
        "OrganizationalUnitNotEmptyException",
    ),
    "an OU of a neighbour's name": (
        lambda o: o.api.create_organizational_unit(ParentId=o.root, Name="top"),
        "DuplicateOrganizationalUnitException",
    ),
    "an OU below nothing": (
        lambda o: o.api.create_organizational_unit(ParentId="r-none", Name="x"),
        "ParentNotFoundException",
    ),
    "an OU six deep": (_deep, "ConstraintViolationException"),
    "a policy attached twice": (_attach_twice, "DuplicatePolicyAttachmentException"),
    "a policy of a type that is off": (_disabled_type, "PolicyTypeNotEnabledException"),
    "the last policy detached": (
        lambda o: o.api.detach_policy(PolicyId="p-FullAWSAccess", TargetId=o.root),
        "ConstraintViolationException",
    ),
    "a policy detached from where it is not": (
        lambda o: o.api.detach_policy(PolicyId=policy(o), TargetId=o.root),
        "PolicyNotAttachedException",
    ),
    "a policy that is too long": (
        lambda o: o.api.create_policy(
            Content=DENY + " " * 5_120, Description="", Name="long", Type=SCP
        ),
        "ConstraintViolationException",
    ),
    "a policy that is no JSON": (
        lambda o: o.api.create_policy(Content="{", Description="", Name="x", Type=SCP),
        "MalformedPolicyDocumentException",
    ),
    "AWS's policy deleted": (
        lambda o: o.api.delete_policy(PolicyId="p-FullAWSAccess"),
        "InvalidInputException",
    ),
    "a delegate without trusted access": (_delegate_without_trust, "ConstraintViolationException"),
    "the management account as a delegate": (
        lambda o: o.api.register_delegated_administrator(
            AccountId="123456789012", ServicePrincipal=TRUSTED
        ),
        "ConstraintViolationException",
    ),
    "a delegate that is removed": (_remove_delegate, "ConstraintViolationException"),
    "the management account removed": (
        lambda o: o.api.remove_account_from_organization(AccountId="123456789012"),
        "MasterCannotLeaveOrganizationException",
    ),
    "the management account closed": (
        lambda o: o.api.close_account(AccountId="123456789012"),
        "ConstraintViolationException",
    ),
    "an account closed twice": (_close_twice, "AccountAlreadyClosedException"),
    "a token of nobody's": (
        lambda o: o.api.list_accounts(NextToken="x"),
        "InvalidInputException",
    ),
    "what the sandbox does not have": (_invite, "NotImplemented"),
}


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize(("call", "code"), REFUSALS.values(), ids=REFUSALS)
def test_is_refused(
    organisation: Organisation, call: Callable[[Organisation], Any], code: str
) -> None:
    assert refused(lambda: call(organisation)) == code


def test_whoever_is_in_no_organisation_is_told_so() -> None:
    with Sandbox() as sandbox:
        api = sandbox.client("organizations")
        assert refused(api.describe_organization) == "AWSOrganizationsNotInUseException"
        assert refused(api.list_accounts) == "AWSOrganizationsNotInUseException"


def test_lists_come_in_pages(organisation: Organisation) -> None:
    for number in range(21):
        organisation.api.create_account(Email=f"{number}@example.com", AccountName=str(number))
    organisation.settle()
    first = organisation.api.list_accounts()
    rest = organisation.api.list_accounts(NextToken=first["NextToken"])
    assert (len(first["Accounts"]), len(rest["Accounts"])) == (20, 2)
    assert "NextToken" not in rest


def test_delegated_administrator_reads_as_the_management_does(
    organisation: Organisation, account: str
) -> None:
    _delegate(organisation)
    api = organisation.member(account, "organizations")
    assert len(api.list_accounts()["Accounts"]) == 2
    delegates = organisation.api.list_delegated_administrators(ServicePrincipal=TRUSTED)
    assert [one["Id"] for one in delegates["DelegatedAdministrators"]] == [account]
    organisation.api.deregister_delegated_administrator(AccountId=account, ServicePrincipal=TRUSTED)
    api = organisation.member(account, "organizations")
    assert refused(api.list_accounts) == "AccessDeniedException"


def test_closed_account_is_suspended_in_the_end(organisation: Organisation, account: str) -> None:
    def status() -> str:
        found = organisation.api.describe_account(AccountId=account)["Account"]
        return str(found["Status"])

    organisation.api.close_account(AccountId=account)
    assert status() == "PENDING_CLOSURE"
    organisation.settle()
    assert status() == "SUSPENDED"


def test_removed_account_stands_alone(organisation: Organisation, account: str) -> None:
    member = organisation.member(account, "organizations")
    organisation.api.remove_account_from_organization(AccountId=account)
    assert len(organisation.api.list_accounts()["Accounts"]) == 1
    assert refused(member.describe_organization) == "AWSOrganizationsNotInUseException"

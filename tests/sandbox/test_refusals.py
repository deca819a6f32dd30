"""What the sandbox cannot do it refuses by name, in the service's own wire form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import moto.backend_index
import pytest
from botocore.exceptions import ClientError

from netmend.sandbox import wire
from netmend.sandbox.core import Sandbox
from tests.sandbox.watching import Watcher

Ask = Callable[[Any], Any]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as started:
        yield started


def refusal(ask: Ask, client: Any) -> tuple[str, int, str]:
    with pytest.raises(ClientError) as caught:
        ask(client)
    answer = caught.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer["Error"]["Code"], status, answer["Error"]["Message"]


NO_SERVICES = ("instance_metadata", "moto_api._internal")
PACKAGES = {
    "awslambda": "lambda",
    "bedrockruntime": "bedrock-runtime",
    "cognitoidp": "cognito-idp",
    "ec2": "ec2",
    "rdsdata": "rds-data",
    "servicequotas": "service-quotas",
}


@pytest.mark.parametrize(("package", "service"), PACKAGES.items(), ids=PACKAGES)
def test_a_package_is_named_as_boto3_names_its_client(package: str, service: str) -> None:
    assert wire.service_name(package) == service


def test_every_package_with_a_service_is_known() -> None:
    names = {wire.service_name(name) for name, _ in moto.backend_index.backend_url_patterns}
    known = {*boto3.Session().get_available_services(), *NO_SERVICES}
    assert names <= known


REACHED = [
    ("cognito-idp", lambda c: c.list_user_pools(MaxResults=1), "ListUserPools"),
    ("network-firewall", lambda c: c.list_firewalls(), "ListFirewalls"),
    ("resource-groups", lambda c: c.list_groups(), "ListGroups"),
    ("elbv2", lambda c: c.describe_load_balancers(), "DescribeLoadBalancers"),
    ("elb", lambda c: c.describe_load_balancers(), "DescribeLoadBalancers"),
    ("sesv2", lambda c: c.list_contact_lists(), "ListContactLists"),
]


@pytest.mark.parametrize(("service", "ask", "name"), REACHED, ids=[r[0] for r in REACHED])
def test_a_service_is_reached(sandbox: Sandbox, service: str, ask: Ask, name: str) -> None:
    watcher = Watcher()
    sandbox.hooks[:] = [watcher]
    ask(sandbox.client(service))
    assert [(c.service, c.operation) for c in watcher.calls] == [(service, name)]


UNDONE = [
    ("ec2", lambda c: c.describe_export_tasks(), "describe_export_tasks"),
    ("iam", lambda c: c.get_organizations_access_report(JobId="1" * 36), "get_organizations"),
    ("ssm", lambda c: c.describe_ops_items(), "describe_ops_items"),
    ("cloudfront", lambda c: c.list_cache_policies(), "cloudfront:ListCachePolicies"),
]


@pytest.mark.parametrize(("service", "ask", "named"), UNDONE, ids=[u[0] for u in UNDONE])
def test_what_nobody_does_is_refused(sandbox: Sandbox, service: str, ask: Ask, named: str) -> None:
    code, status, message = refusal(ask, sandbox.client(service))
    assert (code, status) == ("NotImplemented", 501)
    assert named in message


WINDOW = {"Name": "nightly", "Schedule": "rate(1 day)", "Duration": 2, "Cutoff": 1}
UNRUN = {
    "SendCommand": lambda c: c.send_command(DocumentName="AWS-RunShellScript"),
    "CreateMaintenanceWindow": lambda c: c.create_maintenance_window(
        **WINDOW, AllowUnassociatedTargets=False
    ),
    "DescribeMaintenanceWindows": lambda c: c.describe_maintenance_windows(),
    "CreateAssociation": lambda c: c.create_association(Name="AWS-UpdateSSMAgent"),
    "StartSession": lambda c: c.start_session(Target="i-1"),
    "RegisterPatchBaselineForPatchGroup": lambda c: c.register_patch_baseline_for_patch_group(
        BaselineId="pb-" + "0" * 17, PatchGroup="web"
    ),
}


@pytest.mark.parametrize(("name", "ask"), UNRUN.items(), ids=UNRUN)
def test_what_would_have_to_run_is_refused(sandbox: Sandbox, name: str, ask: Ask) -> None:
    code, status, message = refusal(ask, sandbox.client("ssm"))
    assert (code, status) == ("NotImplemented", 501)
    assert f"ssm:{name}" in message


def test_a_managed_rule_is_stored_and_not_evaluated(sandbox: Sandbox) -> None:
    config = sandbox.client("config")
    source = {"Owner": "AWS", "SourceIdentifier": "INCOMING_SSH_DISABLED"}
    config.put_config_rule(ConfigRule={"ConfigRuleName": "managed", "Source": source})
    code, status, message = refusal(
        lambda c: c.start_config_rules_evaluation(ConfigRuleNames=["managed"]), config
    )
    assert (code, status) == ("NotImplemented", 501)
    assert "'managed'" in message
    stored = config.describe_config_rules(ConfigRuleNames=["managed"])["ConfigRules"]
    assert [rule["Source"] for rule in stored] == [source]

"""An aggregator sees what Config knows in every account and Region that it may collect from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox import config_world
from tests.sandbox.config_world import ACCOUNT, ANYWHERE, GROUP, REGION, World

FAR = "eu-west-1"
STRANGER = "999999999999"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "config.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
RULE = {
    "ConfigRuleName": "no-ssh",
    "Scope": {"ComplianceResourceTypes": [GROUP]},
    "Source": config_world.source(config_world.CHANGE),
}


def member(world: World, account: str) -> dict[str, str]:
    """Credentials of an account, as its own administrator's."""
    role = f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
    found: dict[str, str] = world.client("sts").assume_role(RoleArn=role, RoleSessionName="test")[
        "Credentials"
    ]
    return found


def populate(world: World, region: str, credentials: dict[str, str] | None, opened: bool) -> str:
    """A group in this place, open or not, and a rule that has judged it."""
    ec2 = world.sandbox.client("ec2", region, credentials)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group = ec2.create_security_group(GroupName="web", Description="of a test", VpcId=vpc)
    if opened:
        ec2.authorize_security_group_ingress(GroupId=group["GroupId"], IpPermissions=[ANYWHERE])
    world.settle()
    world.sandbox.client("config", region, credentials).put_config_rule(ConfigRule=RULE)
    return str(group["GroupId"])


@pytest.fixture(scope="module")
def places() -> Iterator[tuple[World, str, dict[tuple[str, str], str]]]:
    """The management account here (open) and far, and a member here (open); groups by place."""
    with config_world.started("organizations") as world, pytest.MonkeyPatch.context() as patch:
        answers: list[tuple[Any, dict[str, Any]]] = []
        patch.setattr(
            config_world.lambdas,
            "invoke",
            lambda place, function, event: answers.append((place, event)),
        )
        organizations = world.client("organizations")
        organizations.create_organization(FeatureSet="ALL")
        organizations.create_account(AccountName="one", Email="one@example.com")
        world.settle()
        (account,) = [
            one["Id"] for one in organizations.list_accounts()["Accounts"] if one["Name"] == "one"
        ]
        theirs = member(world, account)
        groups = {
            (ACCOUNT, REGION): populate(world, REGION, None, True),
            (ACCOUNT, FAR): populate(world, FAR, None, False),
            (account, REGION): populate(world, REGION, theirs, True),
        }
        world.settle()
        for place, payload in answers:
            _answer(world, place, payload, theirs if place.account == account else None)
        world.client("iam").create_role(
            RoleName="aggregator", AssumeRolePolicyDocument=json.dumps(TRUST)
        )
        yield world, account, groups


def _answer(
    world: World, place: Any, payload: dict[str, Any], credentials: dict[str, str] | None
) -> None:
    item = json.loads(payload["invokingEvent"])["configurationItem"]
    permissions = item["configuration"]["ipPermissions"]
    verdict = "NON_COMPLIANT" if permissions and item["resourceName"] == "web" else "COMPLIANT"
    world.sandbox.client("config", place.region, credentials).put_evaluations(
        ResultToken=payload["resultToken"],
        Evaluations=[config_world.evaluation(item, verdict)],
    )


@pytest.fixture(scope="module")
def world(places: tuple[World, str, Any]) -> World:
    """The world with the aggregator `all` over the organisation."""
    world = places[0]
    world.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName="all",
        OrganizationAggregationSource={
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/aggregator",
            "AllAwsRegions": True,
        },
    )
    return world


def asked(world: World, operation: str, **params: Any) -> dict[str, Any]:
    name = params.pop("name", "all")
    method = getattr(world.client("config"), operation)
    found: dict[str, Any] = method(ConfigurationAggregatorName=name, **params)
    return found


def test_rules_of_all_accounts_and_regions_are_seen(
    world: World, places: tuple[World, str, Any]
) -> None:
    found = asked(world, "describe_aggregate_compliance_by_config_rules")[
        "AggregateComplianceByConfigRules"
    ]
    told = {
        (one["AccountId"], one["AwsRegion"]): one["Compliance"]["ComplianceType"] for one in found
    }
    assert told == {
        (ACCOUNT, FAR): "COMPLIANT",
        (ACCOUNT, REGION): "NON_COMPLIANT",
        (places[1], REGION): "NON_COMPLIANT",
    }


FILTERS = [
    pytest.param({"AwsRegion": FAR}, 1, id="a Region"),
    pytest.param({"AccountId": ACCOUNT}, 2, id="an account"),
    pytest.param({"ComplianceType": "NON_COMPLIANT"}, 2, id="a verdict"),
    pytest.param({"ConfigRuleName": "no-ssh"}, 3, id="a rule"),
    pytest.param({"ConfigRuleName": "absent"}, 0, id="a rule that is nowhere"),
    pytest.param({"AccountId": STRANGER}, 0, id="an account that is no source"),
]


@pytest.mark.parametrize(("filters", "expected"), FILTERS)
def test_rules_are_filtered_by(world: World, filters: dict[str, str], expected: int) -> None:
    found = asked(world, "describe_aggregate_compliance_by_config_rules", Filters=filters)
    assert len(found["AggregateComplianceByConfigRules"]) == expected


def test_rules_come_in_pages(world: World) -> None:
    operation, seen, token = "describe_aggregate_compliance_by_config_rules", [], {}
    while True:
        page = asked(world, operation, Limit=2, **token)
        seen.append(len(page["AggregateComplianceByConfigRules"]))
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert seen == [2, 1]


def test_details_of_a_rule_are_those_of_one_place(
    world: World, places: tuple[World, str, dict[tuple[str, str], str]]
) -> None:
    _, account, groups = places
    found = asked(
        world,
        "get_aggregate_compliance_details_by_config_rule",
        ConfigRuleName="no-ssh",
        AccountId=account,
        AwsRegion=REGION,
        ComplianceType="NON_COMPLIANT",
    )["AggregateEvaluationResults"]
    (one,) = found
    assert (one["AccountId"], one["AwsRegion"]) == (account, REGION)
    assert config_world.resource_of(one) == groups[account, REGION]


SUMMARIES = [
    pytest.param({}, {None: (1, 2)}, id="all in one"),
    pytest.param({"GroupByKey": "AWS_REGION"}, {FAR: (1, 0), REGION: (0, 2)}, id="by Region"),
    pytest.param(
        {"GroupByKey": "ACCOUNT_ID", "Filters": {"AccountId": ACCOUNT}},
        {ACCOUNT: (1, 1)},
        id="by account, one of them",
    ),
]


@pytest.mark.parametrize(("params", "expected"), SUMMARIES)
def test_rules_are_summed_up(
    world: World, params: dict[str, Any], expected: dict[str | None, tuple[int, int]]
) -> None:
    found = asked(world, "get_aggregate_config_rule_compliance_summary", **params)
    told = {
        one.get("GroupName"): (
            one["ComplianceSummary"]["CompliantResourceCount"]["CappedCount"],
            one["ComplianceSummary"]["NonCompliantResourceCount"]["CappedCount"],
        )
        for one in found["AggregateComplianceCounts"]
    }
    assert told == expected


def test_resources_are_counted_listed_and_read(
    world: World, places: tuple[World, str, dict[tuple[str, str], str]]
) -> None:
    _, account, groups = places
    counted = asked(
        world,
        "get_aggregate_discovered_resource_counts",
        Filters={"ResourceType": GROUP},
        GroupByKey="ACCOUNT_ID",
    )
    counts = {one["GroupName"]: one["ResourceCount"] for one in counted["GroupedResourceCounts"]}
    assert counts == {ACCOUNT: 6, account: 3}  # the default VPC's, the VPC's and ours, each
    assert counted["TotalDiscoveredResources"] == 9
    listed = asked(
        world,
        "list_aggregate_discovered_resources",
        ResourceType=GROUP,
        Filters={"ResourceName": "web"},
    )["ResourceIdentifiers"]
    where = {(one["SourceAccountId"], one["SourceRegion"]): one["ResourceId"] for one in listed}
    assert where == groups
    one = asked(world, "get_aggregate_resource_config", ResourceIdentifier=listed[0])
    assert one["ConfigurationItem"]["resourceId"] == listed[0]["ResourceId"]
    absent = {**listed[0], "ResourceId": "sg-absent"}
    batch = asked(
        world, "batch_get_aggregate_resource_config", ResourceIdentifiers=[*listed, absent]
    )
    assert len(batch["BaseConfigurationItems"]) == 3
    assert batch["UnprocessedResourceIdentifiers"] == [absent]
    with pytest.raises(ClientError, match="ResourceNotDiscovered"):
        asked(world, "get_aggregate_resource_config", ResourceIdentifier=absent)


def test_a_query_runs_over_all_sources(world: World, places: tuple[World, str, Any]) -> None:
    query = (
        "SELECT accountId, COUNT(*) WHERE resourceType = 'AWS::Config::ResourceCompliance' "
        "AND configuration.complianceType = 'NON_COMPLIANT' GROUP BY accountId"
    )
    found = asked(world, "select_aggregate_resource_config", Expression=query)["Results"]
    counts = {one["accountId"]: one["COUNT(*)"] for one in map(json.loads, found)}
    assert counts == {ACCOUNT: 1, places[1]: 1}


def test_accounts_of_the_same_organisation_need_not_authorise(
    world: World, places: tuple[World, str, Any]
) -> None:
    world.client("config").put_configuration_aggregator(
        ConfigurationAggregatorName="some",
        AccountAggregationSources=[{"AccountIds": [ACCOUNT, places[1]], "AwsRegions": [REGION]}],
    )
    found = asked(world, "describe_aggregate_compliance_by_config_rules", name="some")
    assert len(found["AggregateComplianceByConfigRules"]) == 2


def test_a_stranger_is_seen_once_it_authorises(world: World) -> None:
    theirs = stranger(world)
    populate(world, REGION, theirs, False)
    world.settle()
    config = world.client("config")
    config.put_configuration_aggregator(
        ConfigurationAggregatorName="strange",
        AccountAggregationSources=[{"AccountIds": [STRANGER], "AllAwsRegions": True}],
    )
    operation = "get_aggregate_discovered_resource_counts"
    status = "describe_configuration_aggregator_sources_status"
    assert asked(world, operation, name="strange")["TotalDiscoveredResources"] == 0
    (told,) = asked(world, status, name="strange")["AggregatedSourceStatusList"]
    assert told["LastUpdateStatus"] == "FAILED"
    world.sandbox.client("config", REGION, theirs).put_aggregation_authorization(
        AuthorizedAccountId=ACCOUNT, AuthorizedAwsRegion=REGION
    )
    assert asked(world, operation, name="strange")["TotalDiscoveredResources"] > 0
    (told,) = asked(world, status, name="strange")["AggregatedSourceStatusList"]
    assert (told["SourceId"], told["LastUpdateStatus"]) == (STRANGER, "SUCCEEDED")
    found = asked(world, status)["AggregatedSourceStatusList"]
    assert STRANGER not in [one["SourceId"] for one in found]


def stranger(world: World) -> dict[str, str]:
    found: dict[str, str] = world.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{STRANGER}:role/any", RoleSessionName="test"
    )["Credentials"]
    return found


SOURCE = {"AccountIds": [ACCOUNT], "AllAwsRegions": True}
ORGANIZATION = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/aggregator", "AllAwsRegions": True}
REFUSED = [
    pytest.param({}, "missing either", id="there is no source"),
    pytest.param(
        {"AccountAggregationSources": [SOURCE], "OrganizationAggregationSource": ORGANIZATION},
        "both",
        id="there are two kinds of sources",
    ),
    pytest.param(
        {"AccountAggregationSources": [{"AccountIds": [ACCOUNT]}]}, "regions", id="no Region"
    ),
    pytest.param(
        {"AccountAggregationSources": [{**SOURCE, "AllAwsRegions": False, "AwsRegions": ["mars"]}]},
        "mars is no Region",
        id="a Region that there is not",
    ),
    pytest.param(
        {"OrganizationAggregationSource": {**ORGANIZATION, "RoleArn": "arn:aws:iam::1:role/no"}},
        "InvalidRoleException",
        id="a role that there is not",
    ),
    pytest.param(
        {
            "AccountAggregationSources": [SOURCE],
            "AggregatorFilters": {"ResourceType": {"Type": "INCLUDE", "Value": [GROUP]}},
        },
        "have no filters",
        id="filters, which the sandbox does not keep",
    ),
]


def test_there_are_fifty_aggregators_at_most_and_each_may_still_change(world: World) -> None:
    config = world.sandbox.client("config", "ap-south-1")
    for number in range(50):
        config.put_configuration_aggregator(
            ConfigurationAggregatorName=f"a{number}", AccountAggregationSources=[SOURCE]
        )
    with pytest.raises(ClientError, match="LimitExceededException"):
        config.put_configuration_aggregator(
            ConfigurationAggregatorName="one-too-many", AccountAggregationSources=[SOURCE]
        )
    elsewhere = {"AccountIds": [ACCOUNT], "AwsRegions": [REGION]}
    config.put_configuration_aggregator(
        ConfigurationAggregatorName="a7", AccountAggregationSources=[elsewhere]
    )
    changed = config.describe_configuration_aggregators(ConfigurationAggregatorNames=["a7"])
    (source,) = changed["ConfigurationAggregators"][0]["AccountAggregationSources"]
    assert source["AwsRegions"] == [REGION]


@pytest.mark.parametrize(("params", "message"), REFUSED)
def test_an_aggregator_is_refused_with(world: World, params: dict[str, Any], message: str) -> None:
    config = world.client("config")
    with pytest.raises(ClientError, match=message):
        config.put_configuration_aggregator(ConfigurationAggregatorName="refused", **params)
    names = [
        one["ConfigurationAggregatorName"]
        for one in config.describe_configuration_aggregators()["ConfigurationAggregators"]
    ]
    assert "refused" not in names


def test_a_member_that_is_no_delegate_may_not_aggregate_the_organisation(
    world: World, places: tuple[World, str, Any]
) -> None:
    config = world.sandbox.client("config", REGION, member(world, places[1]))
    with pytest.raises(config.exceptions.OrganizationAccessDeniedException):
        config.put_configuration_aggregator(
            ConfigurationAggregatorName="mine", OrganizationAggregationSource=ORGANIZATION
        )


def test_a_delegated_administrator_aggregates_the_organisation(
    world: World, places: tuple[World, str, Any]
) -> None:
    account = places[1]
    theirs = member(world, account)
    config = world.sandbox.client("config", REGION, theirs)
    world.client("organizations").register_delegated_administrator(
        AccountId=account, ServicePrincipal="config.amazonaws.com"
    )
    world.sandbox.client("iam", REGION, theirs).create_role(
        RoleName="aggregator", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    config.put_configuration_aggregator(
        ConfigurationAggregatorName="delegated",
        OrganizationAggregationSource={
            "RoleArn": f"arn:aws:iam::{account}:role/aggregator",
            "AwsRegions": [REGION],
        },
    )
    found = config.describe_aggregate_compliance_by_config_rules(
        ConfigurationAggregatorName="delegated"
    )["AggregateComplianceByConfigRules"]
    assert {one["AccountId"] for one in found} == {ACCOUNT, account}


def test_an_account_without_organisation_may_not_aggregate_one(world: World) -> None:
    config = world.sandbox.client("config", REGION, stranger(world))
    with pytest.raises(config.exceptions.NoAvailableOrganizationException):
        config.put_configuration_aggregator(
            ConfigurationAggregatorName="mine", OrganizationAggregationSource=ORGANIZATION
        )


ABSENT = [
    ("describe_aggregate_compliance_by_config_rules", {}),
    ("describe_aggregate_compliance_by_conformance_packs", {}),
    ("get_aggregate_config_rule_compliance_summary", {}),
    ("get_aggregate_conformance_pack_compliance_summary", {}),
    ("get_aggregate_discovered_resource_counts", {}),
    ("list_aggregate_discovered_resources", {"ResourceType": GROUP}),
    ("select_aggregate_resource_config", {"Expression": "SELECT resourceId"}),
    ("describe_configuration_aggregator_sources_status", {}),
]


@pytest.mark.parametrize(("operation", "params"), ABSENT, ids=[one[0] for one in ABSENT])
def test_an_aggregator_that_is_not_there_refuses(
    world: World, operation: str, params: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="NoSuchConfigurationAggregatorException"):
        asked(world, operation, name="absent", **params)

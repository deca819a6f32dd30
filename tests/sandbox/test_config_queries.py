"""Advanced queries answer the subset of SQL that AWS documents, and refuse the rest by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox import config_world
from tests.sandbox.config_world import ACCOUNT, GROUP, REGION, SSH, World

OFFICE = {**SSH, "IpRanges": [{"CidrIp": "10.0.0.0/24"}]}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """group-1 is open to everyone, group-2 to an office, group-3 to nobody."""
    with config_world.started() as started:
        started.open(started.group(team="red", stage="live"))
        started.open(started.group(team="blue"), OFFICE)
        started.group()
        started.settle()
        started.rule("no-ssh")
        started.rule("no-telnet")
        started.settle()
        yield started


def asked(world: World, expression: str) -> list[Any]:
    answer = world.client("config").select_resource_config(Expression=expression)
    return [json.loads(one) for one in answer["Results"]]


def groups(world: World, condition: str) -> list[str]:
    """Names of the test's own groups that meet a condition."""
    found = asked(
        world,
        f"SELECT configuration.groupName WHERE resourceType = '{GROUP}' "
        f"AND configuration.description = 'of a test' AND ({condition})",
    )
    return sorted(one["configuration"]["groupName"] for one in found)


PORTS = "configuration.ipPermissions"
CONDITIONS = [
    pytest.param("resourceName = 'group-1'", "1", id="equality"),
    pytest.param("resourceName != 'group-1'", "23", id="inequality"),
    pytest.param("resourceName <> 'group-1'", "23", id="inequality in its other form"),
    pytest.param("resourceName = 'Group-1'", "", id="values are case-sensitive"),
    pytest.param("resourceName > 'group-1'", "23", id="greater than"),
    pytest.param("resourceName <= 'group-2'", "12", id="less than or equal"),
    pytest.param("resourceName IN ('group-1', 'group-3', 'x')", "13", id="membership"),
    pytest.param("resourceName NOT IN ('group-1')", "23", id="membership denied"),
    pytest.param("resourceName BETWEEN 'group-2' AND 'group-9'", "23", id="a range"),
    pytest.param("resourceName LIKE 'grou%'", "123", id="a prefix"),
    pytest.param("resourceName NOT LIKE 'group-1%'", "23", id="a prefix denied"),
    pytest.param(f"{PORTS}.fromPort = 22", "12", id="a number inside an array"),
    pytest.param(f"{PORTS}.fromPort = '22'", "12", id="a number that is quoted"),
    pytest.param(f"{PORTS}.fromPort BETWEEN 20 AND 25", "12", id="a range of numbers"),
    pytest.param(f"{PORTS}.fromPort < 22", "", id="less than a number"),
    pytest.param(f"NOT {PORTS}.fromPort = 22", "3", id="an array with no such element"),
    pytest.param(f"{PORTS}.fromPort != 22", "3", id="what is absent is unequal"),
    pytest.param("tags.tag = 'team=red'", "1", id="a tag as key and value"),
    pytest.param("tags.key = 'team' AND tags.value = 'live'", "1", id="elements match apart"),
    pytest.param("relationships.resourceType = 'AWS::EC2::VPC'", "123", id="a relationship"),
    pytest.param(f"{PORTS}.ipRanges = '0.0.0.0/0'", "1", id="a block that holds everything"),
    pytest.param(f"{PORTS}.ipRanges = '10.0.0.7'", "12", id="each block that holds the address"),
    pytest.param(f"{PORTS}.ipRanges = '192.0.2.1'", "1", id="no block but the widest holds it"),
    pytest.param(
        f"{PORTS}.ipRanges BETWEEN '10.0.0.0' AND '10.0.0.255' "
        f"AND NOT {PORTS}.ipRanges < '10.0.0.0' AND NOT {PORTS}.ipRanges > '10.0.0.255'",
        "2",
        id="exactly this block, as AWS says to ask for it",
    ),
    pytest.param("resourceName = 'group-1' OR resourceName = 'group-2'", "12", id="either"),
    pytest.param(
        "resourceName = 'group-1' OR resourceName = 'group-2' AND tags.key = 'nothing'",
        "1",
        id="AND binds more than OR",
    ),
    pytest.param(
        "(resourceName = 'group-1' OR resourceName = 'group-2') AND tags.key = 'stage'",
        "1",
        id="brackets bind more than AND",
    ),
    pytest.param("resourceName = 'it''s'", "", id="a quote inside a value"),
    pytest.param("not resourceName in ('group-1')", "23", id="keywords are not case-sensitive"),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_a_condition_chooses(world: World, condition: str, expected: str) -> None:
    assert groups(world, condition) == [f"group-{number}" for number in expected]


def test_a_result_keeps_the_structure_of_what_was_selected(world: World) -> None:
    (found,) = asked(
        world,
        "SELECT accountId, awsRegion, tags.key, configuration.ipPermissions.fromPort, "
        "configuration.ipPermissions.toPort, resourceCreationTime WHERE resourceName = 'group-1'",
    )
    assert found == {
        "accountId": ACCOUNT,
        "awsRegion": REGION,
        "tags": [{"key": "stage"}, {"key": "team"}],
        "configuration": {"ipPermissions": [{"fromPort": 22, "toPort": 22}]},
    }


def test_a_star_selects_the_whole_item(world: World) -> None:
    (found,) = asked(world, "SELECT * WHERE resourceName = 'group-2'")
    assert found["arn"].endswith(found["resourceId"])
    assert found["configuration"]["ipPermissions"][0]["ipRanges"] == ["10.0.0.0/24"]
    assert found["relationships"][0]["resourceId"] == world.vpc


JUDGED = "WHERE resourceType = 'AWS::Config::ResourceCompliance'"
LISTED = "configuration.configRuleList.configRuleName"
GROUPED = [
    pytest.param(
        f"SELECT COUNT(*) {JUDGED} AND configuration.targetResourceType = '{GROUP}' "
        "AND configuration.complianceType = 'NON_COMPLIANT'",
        [{"COUNT(*)": 1}],
        id="a count of all is one row",
    ),
    pytest.param(
        f"SELECT configuration.complianceType, COUNT(*) {JUDGED} "
        "GROUP BY configuration.complianceType ORDER BY COUNT(*)",
        [
            {"configuration": {"complianceType": "NON_COMPLIANT"}, "COUNT(*)": 1},
            {"configuration": {"complianceType": "COMPLIANT"}, "COUNT(*)": 4},
        ],
        id="groups are counted and sorted by their count",
    ),
    pytest.param(
        f"SELECT {LISTED}, COUNT(*) {JUDGED} AND configuration.complianceType = 'NON_COMPLIANT' "
        f"GROUP BY {LISTED}",
        [
            {"configuration": {"configRuleList": {"configRuleName": name}}, "COUNT(*)": 1}
            for name in ("no-ssh", "no-telnet")
        ],
        id="an array counts for each of its values",
    ),
    pytest.param(
        f"SELECT SUM({PORTS}.fromPort), AVG({PORTS}.toPort), "
        f"MAX({PORTS}.toPort), MIN({PORTS}.toPort) WHERE resourceType = '{GROUP}' "
        "AND configuration.description = 'of a test'",
        [
            {
                f"SUM({PORTS}.fromPort)": 44,
                f"AVG({PORTS}.toPort)": 22.0,
                f"MAX({PORTS}.toPort)": 22,
                f"MIN({PORTS}.toPort)": 22,
            }
        ],
        id="numbers are added up over arrays",
    ),
    pytest.param(
        "SELECT COUNT(*) WHERE resourceId = 'nothing'",
        [{"COUNT(*)": 0}],
        id="nothing is counted as none",
    ),
]


@pytest.mark.parametrize(("expression", "expected"), GROUPED)
def test_an_aggregation_gives(world: World, expression: str, expected: list[Any]) -> None:
    assert asked(world, expression) == expected


def test_results_are_sorted_by_several_properties(world: World) -> None:
    found = asked(
        world,
        f"SELECT resourceType, resourceName WHERE resourceType IN ('{GROUP}', 'AWS::EC2::VPC') "
        "AND resourceName LIKE 'group%' ORDER BY resourceType ASC, resourceName DESC",
    )
    assert [one["resourceName"] for one in found] == ["group-3", "group-2", "group-1"]


def test_compliance_is_told_with_the_rules_and_the_time_it_began(world: World) -> None:
    query = (
        "SELECT resourceId, configuration, configurationItemCaptureTime "
        f"{JUDGED} AND configuration.complianceType = 'NON_COMPLIANT'"
    )
    (before,) = asked(world, query)
    target = before["configuration"]["targetResourceId"]
    assert before["resourceId"] == f"{GROUP}/{target}"
    rules = before["configuration"]["configRuleList"]
    assert [one["configRuleName"] for one in rules] == ["no-ssh", "no-telnet"]
    world.advance(3600)
    world.client("config").start_config_rules_evaluation(ConfigRuleNames=["no-ssh", "no-telnet"])
    world.settle()
    assert asked(world, query) == [before]


REFUSED = [
    ("SELECT DISTINCT resourceId", "DISTINCT is not supported"),
    ("SELECT resourceId AS id", "AS is not supported"),
    ("SELECT resourceId FROM resources", "FROM is not supported"),
    ("SELECT resourceId JOIN x", "JOIN is not supported"),
    ("SELECT resourceId UNION SELECT resourceId", "UNION is not supported"),
    ("SELECT resourceId WHERE resourceName IS NULL", "IS is not supported"),
    ("SELECT resourceId WHERE resourceName = NULL", "NULL is not supported"),
    ("SELECT resourceId LIMIT 3", "LIMIT is not supported"),
    ("SELECT resourceType, COUNT(*) GROUP BY resourceType HAVING COUNT(*) > 1", "HAVING"),
    ("SELECT resourceId WHERE resourceId IN (SELECT resourceId)", "sub-selects"),
    ("SELECT resourceId WHERE resourceName LIKE '%group'", "a wildcard % stands at the end"),
    ("SELECT resourceId WHERE resourceName LIKE 'gr%'", "at least 3 characters"),
    ("SELECT resourceId WHERE resourceName LIKE 'gro_p%'", "a wildcard % stands at the end"),
    ("SELECT resourceType, COUNT(*)", "add it to GROUP BY"),
    ("SELECT resourceType GROUP BY resourceType", "GROUP BY is for aggregations"),
    (
        "SELECT COUNT(*) GROUP BY accountId, awsRegion, resourceType, resourceId",
        "at most 3 properties",
    ),
    ("SELECT resourceId ORDER BY resourceName", "select resourceName too"),
    ("SELECT nothing", "nothing is no property"),
    ("SELECT resourceId WHERE resourcename = 'x'", "properties are case-sensitive"),
    ("SELECT resourceId WHERE", "the end of the query stands where a property is expected"),
    ("SELECT resourceId WHERE resourceId ~ 'x'", "Unexpected character at ~"),
    ("SELECT resourceId WHERE resourceId = 'x", "Unexpected character at 'x"),
    ("SELECT resourceId WHERE resourceId = resourceName", "a value is expected"),
    ("SELECT resourceId WHERE resourceId NOT = 'x'", "a comparison is expected"),
    ("DELETE resourceId", "SELECT is expected"),
]


@pytest.mark.parametrize(("expression", "message"), REFUSED, ids=[one[0] for one in REFUSED])
def test_what_is_not_documented_is_refused_by_name(
    world: World, expression: str, message: str
) -> None:
    config = world.client("config")
    with pytest.raises(config.exceptions.InvalidExpressionException, match=message):
        config.select_resource_config(Expression=expression)


def test_results_come_in_pages_with_the_fields_named(world: World) -> None:
    config = world.client("config")
    expression = (
        f"SELECT resourceName, COUNT(*) WHERE resourceType = '{GROUP}' GROUP BY resourceName"
    )
    first = config.select_resource_config(Expression=expression, Limit=3)
    assert [one["Name"] for one in first["QueryInfo"]["SelectFields"]] == [
        "resourceName",
        "COUNT(*)",
    ]
    rest = config.select_resource_config(
        Expression=expression, Limit=100, NextToken=first["NextToken"]
    )
    assert len(first["Results"]) == 3
    assert len(set(first["Results"] + rest["Results"])) == 4  # the default groups share a name


def test_what_is_deleted_is_not_found(world: World) -> None:
    group = world.group()
    world.settle()
    query = f"SELECT resourceId WHERE resourceId = '{group}' AND resourceType = '{GROUP}'"
    assert len(asked(world, query)) == 1
    world.client("ec2").delete_security_group(GroupId=group)
    world.settle()
    assert asked(world, query) == []


# stored queries -----------------------------------------------------------------------------------


def stored(name: str, **more: str) -> dict[str, str]:
    return {"QueryName": name, "Expression": "SELECT resourceId", **more}


def test_a_stored_query_is_kept_changed_listed_and_deleted(world: World) -> None:
    config = world.client("config")
    arn = config.put_stored_query(
        StoredQuery=stored("ids", Description="all"), Tags=[{"Key": "team", "Value": "net"}]
    )["QueryArn"]
    changed = stored("ids", Expression="SELECT arn")
    assert config.put_stored_query(StoredQuery=changed)["QueryArn"] == arn
    found = config.get_stored_query(QueryName="ids")["StoredQuery"]
    assert (found["QueryArn"], found["Expression"]) == (arn, "SELECT arn")
    (told,) = config.list_stored_queries()["StoredQueryMetadata"]
    assert told == {key: found[key] for key in ("QueryId", "QueryArn", "QueryName")}
    tags = config.list_tags_for_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "team", "Value": "net"}]
    config.delete_stored_query(QueryName="ids")
    with pytest.raises(config.exceptions.ResourceNotFoundException):
        config.get_stored_query(QueryName="ids")


def test_an_account_and_region_keeps_300_stored_queries_and_lists_them_in_pages(
    world: World,
) -> None:
    config = world.client("config")
    for number in range(300):
        config.put_stored_query(StoredQuery=stored(f"q{number:03}"))
    with pytest.raises(ClientError, match="limit of 300 stored queries"):
        config.put_stored_query(StoredQuery=stored("one-more"))
    names: list[str] = []
    token: dict[str, Any] = {}
    while True:
        page = config.list_stored_queries(MaxResults=100, **token)
        names += [one["QueryName"] for one in page["StoredQueryMetadata"]]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert names == [f"q{number:03}" for number in range(300)]

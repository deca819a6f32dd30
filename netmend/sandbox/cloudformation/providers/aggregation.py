"""AWS::Config::ConfigurationAggregator, AggregationAuthorization and StoredQuery."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    pick,
    read,
    tag_changes,
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import BOOLEAN, STRING, TAGS, Shape

REGIONS: Final[dict[str, Shape]] = {"AllAwsRegions": BOOLEAN, "AwsRegions": [STRING]}
SOURCES: Final = ("AccountAggregationSources", "OrganizationAggregationSource")


class Aggregator(Provider):
    """Ref is the name."""

    type = "AWS::Config::ConfigurationAggregator"
    name_property = "ConfigurationAggregatorName"
    shape: ClassVar[Shapes] = {
        "AccountAggregationSources": [{"AccountIds": [STRING], **REGIONS}],
        "ConfigurationAggregatorName": STRING,
        "OrganizationAggregationSource": {"RoleArn": STRING, **REGIONS},
        "Tags": TAGS,
    }
    create_only = ("ConfigurationAggregatorName",)
    attributes: ClassVar[Attributes] = {
        "ConfigurationAggregatorArn": lambda site, name: _aggregator(site, name)
    }

    def create(self, site: Site, wanted: Properties) -> str:
        name = str(read(wanted, "ConfigurationAggregatorName") or site.name(256))
        self._put(site, name, wanted, Tags=tag_list(wanted))
        return name

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old:
            self._put(site, physical_id, new)
            _retag(site, _aggregator(site, physical_id), old, new)

    def _put(self, site: Site, name: str, wanted: Properties, **more: Any) -> None:
        site.client("config").put_configuration_aggregator(
            ConfigurationAggregatorName=name, **pick(wanted, *SOURCES), **more
        )

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("config").delete_configuration_aggregator(
            ConfigurationAggregatorName=physical_id
        )


def _aggregator(site: Site, name: str) -> str:
    answer = site.client("config").describe_configuration_aggregators(
        ConfigurationAggregatorNames=[name]
    )
    return str(answer["ConfigurationAggregators"][0]["ConfigurationAggregatorArn"])


def _retag(site: Site, arn: str, old: Properties, new: Properties) -> None:
    client = site.client("config")
    gone, changed = tag_changes(old, new)
    if gone:
        client.untag_resource(ResourceArn=arn, TagKeys=gone)
    if changed:
        tags = [{"Key": key, "Value": value} for key, value in changed.items()]
        client.tag_resource(ResourceArn=arn, Tags=tags)


class Authorization(Provider):
    """Ref is the ARN."""

    type = "AWS::Config::AggregationAuthorization"
    shape: ClassVar[Shapes] = {
        "AuthorizedAccountId": STRING,
        "AuthorizedAwsRegion": STRING,
        "Tags": TAGS,
    }
    required = ("AuthorizedAccountId", "AuthorizedAwsRegion")
    create_only = tuple(shape)
    attributes: ClassVar[Attributes] = {"AggregationAuthorizationArn": lambda site, arn: arn}

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("config").put_aggregation_authorization(
            Tags=tag_list(wanted), **pick(wanted, *self.required)
        )
        return str(made["AggregationAuthorization"]["AggregationAuthorizationArn"])

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("config").delete_aggregation_authorization(**pick(properties, *self.required))


class StoredQuery(Provider):
    """Ref is the name."""

    type = "AWS::Config::StoredQuery"
    name_property = "QueryName"
    shape: ClassVar[Shapes] = {
        "QueryDescription": STRING,
        "QueryExpression": STRING,
        "QueryName": STRING,
        "Tags": TAGS,
    }
    required = ("QueryExpression", "QueryName")
    create_only = ("QueryName",)
    attributes: ClassVar[Attributes] = {
        "QueryArn": lambda site, name: _query(site, name)["QueryArn"],
        "QueryId": lambda site, name: _query(site, name)["QueryId"],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        self._put(site, wanted, Tags=tag_list(wanted))
        return str(read(wanted, "QueryName"))

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if old:
            self._put(site, new)
            _retag(site, _query(site, physical_id)["QueryArn"], old, new)

    def _put(self, site: Site, wanted: Properties, **more: Any) -> None:
        query = {
            "QueryName": read(wanted, "QueryName"),
            "Expression": read(wanted, "QueryExpression"),
            "Description": read(wanted, "QueryDescription", ""),
        }
        site.client("config").put_stored_query(StoredQuery=query, **more)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("config").delete_stored_query(QueryName=physical_id)


def _query(site: Site, name: str) -> dict[str, Any]:
    found: dict[str, Any] = site.client("config").get_stored_query(QueryName=name)["StoredQuery"]
    return found


PROVIDERS = by_name((Aggregator, Authorization, StoredQuery))

"""AWS::SNS::Topic, TopicPolicy and Subscription."""

from __future__ import annotations

import json
from functools import partial
from typing import Any, ClassVar, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import (
    Attributes,
    Properties,
    Provider,
    Shapes,
    by_name,
    forgiving,
    read,
    same,
    tag_changes,
    tag_list,
)
from netmend.sandbox.cloudformation.shapes import (
    BOOLEAN,
    JSON,
    STRING,
    TAGS,
    Shape,
    json_text,
)

TOPIC_ATTRIBUTES: Final[dict[str, Shape]] = {
    "ContentBasedDeduplication": BOOLEAN,
    "DisplayName": STRING,
    "KmsMasterKeyId": STRING,
}
SUBSCRIPTION_ATTRIBUTES: Final[dict[str, Shape]] = {
    "DeliveryPolicy": JSON,
    "FilterPolicy": JSON,
    "FilterPolicyScope": STRING,
    "RawMessageDelivery": BOOLEAN,
    "RedrivePolicy": JSON,
}


def _attributes(properties: Properties, names: dict[str, Shape]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in names:
        value = read(properties, name)
        if isinstance(value, bool):
            found[name] = str(value).lower()
        elif value is not None:
            found[name] = json_text(value)
    return found


class Topic(Provider):
    """Ref is the ARN."""

    type = "AWS::SNS::Topic"
    name_property = "TopicName"
    shape: ClassVar[Shapes] = {
        "FifoTopic": BOOLEAN,
        "Subscription": [{"Endpoint": STRING, "Protocol": STRING}],
        "Tags": TAGS,
        "TopicName": STRING,
        **TOPIC_ATTRIBUTES,
    }
    create_only = ("FifoTopic", "TopicName")
    attributes: ClassVar[Attributes] = {
        "TopicArn": lambda site, arn: arn,
        "TopicName": lambda site, arn: arn.rsplit(":", 1)[1],
    }

    def create(self, site: Site, wanted: Properties) -> str:
        fifo = read(wanted, "FifoTopic", False)
        name = read(wanted, "TopicName") or site.name(256, ".fifo" if fifo else "")
        attributes = _attributes(wanted, TOPIC_ATTRIBUTES)
        if fifo:
            attributes["FifoTopic"] = "true"
        made = site.client("sns").create_topic(
            Name=name, Attributes=attributes, Tags=tag_list(wanted)
        )
        return str(made["TopicArn"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("sns")
        if old:
            self._change(client, physical_id, old, new)
        before, after = read(old, "Subscription", []), read(new, "Subscription", [])
        for subscription in after:
            if subscription not in before:
                client.subscribe(TopicArn=physical_id, **subscription)
        gone = [subscription for subscription in before if subscription not in after]
        if gone:
            _unsubscribe(client, physical_id, gone)

    def _change(self, client: Any, arn: str, old: Properties, new: Properties) -> None:
        before, after = (_attributes(p, TOPIC_ATTRIBUTES) for p in (old, new))
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                client.set_topic_attributes(
                    TopicArn=arn, AttributeName=name, AttributeValue=after.get(name, "")
                )
        gone, changed = tag_changes(old, new)
        if gone:
            client.untag_resource(ResourceArn=arn, TagKeys=gone)
        if changed:
            tags = [{"Key": key, "Value": value} for key, value in changed.items()]
            client.tag_resource(ResourceArn=arn, Tags=tags)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        client = site.client("sns")
        if subscriptions := read(properties, "Subscription", []):
            _unsubscribe(client, physical_id, subscriptions)
        client.delete_topic(TopicArn=physical_id)


def _unsubscribe(client: Any, topic: str, wanted: list[dict[str, str]]) -> None:
    for page in client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic):
        for found in page["Subscriptions"]:
            if {"Endpoint": found["Endpoint"], "Protocol": found["Protocol"]} in wanted:
                client.unsubscribe(SubscriptionArn=found["SubscriptionArn"])


class TopicPolicy(Provider):
    """Ref is a generated id; without the policy a topic has its default one again."""

    type = "AWS::SNS::TopicPolicy"
    shape: ClassVar[Shapes] = {"PolicyDocument": JSON, "Topics": [STRING]}
    required = ("PolicyDocument", "Topics")
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}

    def create(self, site: Site, wanted: Properties) -> str:
        return site.name(100)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("sns")
        topics = read(new, "Topics", [])
        document = json_text(read(new, "PolicyDocument", ""))
        for arn in topics:
            client.set_topic_attributes(
                TopicArn=arn, AttributeName="Policy", AttributeValue=document
            )
        for arn in read(old, "Topics", []):
            if arn not in topics:
                put = partial(client.set_topic_attributes, TopicArn=arn, AttributeName="Policy")
                forgiving(partial(put, AttributeValue=_default_policy(site, arn)))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        self.configure(site, physical_id, properties, {})


OWNER_ACTIONS: Final = [
    "GetTopicAttributes",
    "SetTopicAttributes",
    "AddPermission",
    "RemovePermission",
    "DeleteTopic",
    "Subscribe",
    "ListSubscriptionsByTopic",
    "Publish",
]


def _default_policy(site: Site, arn: str) -> str:
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in OWNER_ACTIONS],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": site.access.account}},
    }
    return json.dumps(
        {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}
    )


class Subscription(Provider):
    """Ref is the ARN."""

    type = "AWS::SNS::Subscription"
    shape: ClassVar[Shapes] = {
        "Endpoint": STRING,
        "Protocol": STRING,
        "TopicArn": STRING,
        **SUBSCRIPTION_ATTRIBUTES,
    }
    required = ("Protocol", "TopicArn")
    create_only = ("Endpoint", "Protocol", "TopicArn")
    attributes: ClassVar[Attributes] = {"Arn": lambda site, arn: arn}

    def create(self, site: Site, wanted: Properties) -> str:
        made = site.client("sns").subscribe(
            TopicArn=read(wanted, "TopicArn"),
            Protocol=read(wanted, "Protocol"),
            Endpoint=read(wanted, "Endpoint", ""),
            Attributes=_attributes(wanted, SUBSCRIPTION_ATTRIBUTES),
            ReturnSubscriptionArn=True,
        )
        return str(made["SubscriptionArn"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old or same(old, new, *SUBSCRIPTION_ATTRIBUTES):
            return
        before, after = (_attributes(p, SUBSCRIPTION_ATTRIBUTES) for p in (old, new))
        for name in {**before, **after}:
            if before.get(name) != after.get(name):
                site.client("sns").set_subscription_attributes(
                    SubscriptionArn=physical_id,
                    AttributeName=name,
                    AttributeValue=after.get(name, ""),
                )

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("sns").unsubscribe(SubscriptionArn=physical_id)


PROVIDERS = by_name((Topic, TopicPolicy, Subscription))

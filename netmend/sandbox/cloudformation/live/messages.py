"""Live topics, queues, subscriptions and their policies."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.live.base import Properties, Reader, chosen, tags, unless_gone
from netmend.sandbox.cloudformation.providers.sns import SUBSCRIPTION_ATTRIBUTES, TOPIC_ATTRIBUTES
from netmend.sandbox.cloudformation.providers.sqs import ATTRIBUTES


def topic(site: Site, arn: str, expected: Properties) -> Properties:
    client = site.client("sns")
    found = client.get_topic_attributes(TopicArn=arn)["Attributes"]
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
    subscriptions = [
        chosen(one, "Endpoint", "Protocol") for page in pages for one in page["Subscriptions"]
    ]
    return {
        **chosen(found, "FifoTopic", *TOPIC_ATTRIBUTES),
        "Subscription": subscriptions,
        "Tags": tags(client.list_tags_for_resource(ResourceArn=arn)["Tags"]),
        "TopicName": arn.rsplit(":", 1)[1],
    }


def topic_policy(site: Site, _: str, expected: Properties) -> Properties:
    client = site.client("sns")

    def read(arn: str) -> Any:
        return client.get_topic_attributes(TopicArn=arn)["Attributes"].get("Policy")

    return _policy(expected, "Topics", read)


def queue_policy(site: Site, _: str, expected: Properties) -> Properties:
    client = site.client("sqs")

    def read(url: str) -> Any:
        answer = client.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
        return answer.get("Attributes", {}).get("Policy")

    return _policy(expected, "Queues", read)


def _policy(expected: Properties, name: str, read: Any) -> Properties:
    """The policy of the first that has another than the template says, else of the first."""
    from netmend.sandbox.cloudformation.differences import between
    from netmend.sandbox.cloudformation.shapes import JSON

    held = {one: unless_gone(partial(read, one)) for one in expected[name]}
    found = {one: document for one, document in held.items() if document}
    if not found:
        return {}
    wanted = expected["PolicyDocument"]
    other = [document for document in found.values() if between(JSON, wanted, document)]
    document = other[0] if other else next(iter(found.values()))
    return {"PolicyDocument": document, name: list(found)}


def subscription(site: Site, arn: str, expected: Properties) -> Properties:
    found = site.client("sns").get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    return chosen(found, "Endpoint", "Protocol", "TopicArn", *SUBSCRIPTION_ATTRIBUTES)


def queue(site: Site, url: str, expected: Properties) -> Properties:
    client = site.client("sqs")
    found = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return {
        **chosen(found, "FifoQueue", *ATTRIBUTES),
        "QueueName": url.rsplit("/", 1)[1],
        "Tags": tags(client.list_queue_tags(QueueUrl=url).get("Tags", {})),
    }


READERS: Final[dict[str, Reader]] = {
    "AWS::SNS::Subscription": subscription,
    "AWS::SNS::Topic": topic,
    "AWS::SNS::TopicPolicy": topic_policy,
    "AWS::SQS::Queue": queue,
    "AWS::SQS::QueuePolicy": queue_policy,
}

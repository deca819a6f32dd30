"""AWS::SQS::Queue and AWS::SQS::QueuePolicy."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Final

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
    tag_map,
)
from netmend.sandbox.cloudformation.shapes import (
    BOOLEAN,
    INTEGER,
    JSON,
    STRING,
    TAGS,
    Shape,
    json_text,
)

ATTRIBUTES: Final[dict[str, tuple[Shape, str]]] = {
    "ContentBasedDeduplication": (BOOLEAN, "false"),
    "DeduplicationScope": (STRING, "queue"),
    "DelaySeconds": (INTEGER, "0"),
    "FifoThroughputLimit": (STRING, "perQueue"),
    "KmsDataKeyReusePeriodSeconds": (INTEGER, "300"),
    "KmsMasterKeyId": (STRING, ""),
    "MaximumMessageSize": (INTEGER, "262144"),
    "MessageRetentionPeriod": (INTEGER, "345600"),
    "ReceiveMessageWaitTimeSeconds": (INTEGER, "0"),
    "RedriveAllowPolicy": (JSON, ""),
    "RedrivePolicy": (JSON, ""),
    "SqsManagedSseEnabled": (BOOLEAN, "true"),
    "VisibilityTimeout": (INTEGER, "30"),
}
"""The attributes that can be changed, with shape and default; the API takes all as text."""


class Queue(Provider):
    """Ref is the URL."""

    type = "AWS::SQS::Queue"
    name_property = "QueueName"
    shape: ClassVar[Shapes] = {
        "FifoQueue": BOOLEAN,
        "QueueName": STRING,
        "Tags": TAGS,
        **{name: shape for name, (shape, _) in ATTRIBUTES.items()},
    }
    create_only = ("FifoQueue", "QueueName")
    attributes: ClassVar[Attributes] = {
        "Arn": lambda site, url: site.access.arn("sqs", url.rsplit("/", 1)[1]),
        "QueueName": lambda site, url: url.rsplit("/", 1)[1],
        "QueueUrl": lambda site, url: url,
    }

    def create(self, site: Site, wanted: Properties) -> str:
        fifo = read(wanted, "FifoQueue", False)
        name = read(wanted, "QueueName") or site.name(80, ".fifo" if fifo else "")
        attributes = _attributes(wanted)
        if fifo:
            attributes["FifoQueue"] = "true"
        made = site.client("sqs").create_queue(
            QueueName=name, Attributes=attributes, tags=tag_map(wanted)
        )
        return str(made["QueueUrl"])

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if not old:
            return
        client = site.client("sqs")
        if not same(old, new, *ATTRIBUTES):
            unset = {k: default for k, (_, default) in ATTRIBUTES.items() if k in old}
            client.set_queue_attributes(
                QueueUrl=physical_id, Attributes={**unset, **_attributes(new)}
            )
        gone, changed = tag_changes(old, new)
        if gone:
            client.untag_queue(QueueUrl=physical_id, TagKeys=gone)
        if changed:
            client.tag_queue(QueueUrl=physical_id, Tags=changed)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        site.client("sqs").delete_queue(QueueUrl=physical_id)


def _attributes(properties: Properties) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ATTRIBUTES:
        value = read(properties, name)
        if isinstance(value, bool):
            found[name] = str(value).lower()
        elif isinstance(value, int):
            found[name] = str(value)
        elif value is not None:
            found[name] = json_text(value)
    return found


class QueuePolicy(Provider):
    """Ref is a generated id."""

    type = "AWS::SQS::QueuePolicy"
    shape: ClassVar[Shapes] = {"PolicyDocument": JSON, "Queues": [STRING]}
    required = ("PolicyDocument", "Queues")
    attributes: ClassVar[Attributes] = {"Id": lambda site, made: made}

    def create(self, site: Site, wanted: Properties) -> str:
        return site.name(100)

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        client = site.client("sqs")
        document = json_text(read(new, "PolicyDocument", ""))
        queues = read(new, "Queues", [])
        for url in queues:
            client.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
        for url in read(old, "Queues", []):
            if url not in queues:
                clear = partial(client.set_queue_attributes, QueueUrl=url)
                forgiving(partial(clear, Attributes={"Policy": ""}))

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        self.configure(site, physical_id, properties, {})


PROVIDERS = by_name((Queue, QueuePolicy))

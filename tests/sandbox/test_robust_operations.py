"""Every operation of the services that matter succeeds, errs as AWS does, or is refused by name."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox import patching
from netmend.sandbox.core import Sandbox
from netmend.sandbox.coverage import SERVICES, coverage, page
from tests.sandbox.requests import least

REFUSED = 501
STATUSES = (*range(200, 500), REFUSED)

WITHOUT_BODY = {"HeadBucket", "HeadObject"}
"""An answer to HEAD has no body, so its status is all the error that there is."""

UNDONE = "NotImplemented"
"""A form has no way to give a structure without members, so some refusals come after this check."""

SAMPLE = 4
"""Of EC2's operations, which are as many as those of all others, each so many-th that moto does."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    logging.getLogger("netmend.sandbox.patching").setLevel(logging.CRITICAL)
    with Sandbox() as started:
        yield started
    logging.getLogger("netmend.sandbox.patching").setLevel(logging.NOTSET)


def asked(client: Any, name: str) -> tuple[int, str, str]:
    """(status, error code, message) of an operation called with the least that it takes."""
    operation = client.meta.service_model.operation_model(name)
    try:
        # The method's own name would have to be made up of the operation's.
        found = client._make_api_call(name, least(operation))
    except ClientError as error:
        told = error.response["Error"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        return status, told.get("Code", ""), told.get("Message", "")
    return found["ResponseMetadata"]["HTTPStatusCode"], "", ""


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_answers_in_the_services_own_form(sandbox: Sandbox, service: str) -> None:
    client, known = sandbox.client(service), coverage(service)
    step = SAMPLE if service == "ec2" else 1
    wrong = {}
    for name in (*known.own, *known.moto[::step], *known.refused[::step]):
        status, code, message = asked(client, name)
        formed = name in WITHOUT_BODY or not code.isdigit()
        unsaid = message.startswith("Missing required parameter in ")
        refused = name not in known.refused or unsaid or (status, code) == (REFUSED, UNDONE)
        if status not in STATUSES or not formed or not refused:
            wrong[name] = (status, code, message)
    assert not wrong


ABSENT = ("has not been implemented", "does not do", "knows no operation")


@pytest.mark.parametrize("service", SERVICES)
def test_what_the_page_says_is_answered_is_not_absent(sandbox: Sandbox, service: str) -> None:
    client, known = sandbox.client(service), coverage(service)
    step = SAMPLE if service == "ec2" else 1
    absent = {}
    for name in (*known.own, *known.moto[1::step]):
        status, _, message = asked(client, name)
        if status == REFUSED and any(words in message for words in ABSENT):
            absent[name] = message
    assert not absent


def test_a_failure_of_motos_is_told_with_its_place_and_is_not_retried(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise KeyError("Key")

    monkeypatch.setattr(patching, "_process_request", fails)
    with pytest.raises(ClientError, match=r"moto fails \(KeyError: 'Key', \w+\.py:\d+\)") as caught:
        sandbox.client("sns").list_topics()
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == REFUSED


def test_a_host_without_a_service_is_refused_in_the_signers_form(sandbox: Sandbox) -> None:
    status, code, message = asked(sandbox.client("dynamodb"), "SearchVectors")
    assert (status, code) == (REFUSED, "NotImplemented")
    assert "no service at https://search-dynamodb." in message


def test_the_page_counts_every_operation_once() -> None:
    for service in SERVICES:
        known = coverage(service)
        names = [*known.own, *known.moto, *known.refused]
        assert len(names) == len(set(names))
        row = f"| `{service}` | {len(names)} | {len(known.own)} | {len(known.moto)} | "
        assert row in page()


def test_deleting_a_buckets_metrics_leaves_the_bucket(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="kept")
    with pytest.raises(ClientError, match="does not do s3:DeleteBucketMetricsConfiguration"):
        s3.delete_bucket_metrics_configuration(Bucket="kept", Id="1")
    assert "kept" in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_a_bucket_policy_that_is_no_policy_is_refused_when_it_is_put(sandbox: Sandbox) -> None:
    s3 = sandbox.client("s3")
    s3.create_bucket(Bucket="judged")
    with pytest.raises(ClientError, match="Policies must be valid JSON"):
        s3.put_bucket_policy(Bucket="judged", Policy="abc")
    assert s3.list_objects_v2(Bucket="judged")["KeyCount"] == 0

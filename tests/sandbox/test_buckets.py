"""A bucket is used by whoever expects the right owner of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.core import Sandbox

OURS, OTHERS = "123456789012", "210987654321"


@pytest.fixture(scope="module")
def s3() -> Iterator[Any]:
    with Sandbox() as sandbox:
        client = sandbox.client("s3")
        client.create_bucket(Bucket="ours")
        client.put_object(Bucket="ours", Key="key", Body=b"bytes")
        yield client


CALLS: dict[str, dict[str, Any]] = {
    "head_bucket": {},
    "head_object": {"Key": "key"},
    "get_object": {"Key": "key"},
    "put_object": {"Key": "key", "Body": b"bytes"},
    "list_object_versions": {},
    "get_bucket_versioning": {},
    "put_bucket_policy": {"Policy": '{"Version": "2012-10-17", "Statement": []}'},
}


@pytest.mark.parametrize("call", CALLS)
def test_another_owner_than_the_expected_is_refused(call: str, s3: Any) -> None:
    asked = {"Bucket": "ours", **CALLS[call]}
    getattr(s3, call)(**asked, ExpectedBucketOwner=OURS)
    with pytest.raises(ClientError) as refused:
        getattr(s3, call)(**asked, ExpectedBucketOwner=OTHERS)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_bucket_that_does_not_stand_is_not_there_whoever_is_expected(s3: Any) -> None:
    with pytest.raises(ClientError) as missing:
        s3.head_bucket(Bucket="nobodys", ExpectedBucketOwner=OTHERS)
    assert missing.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404

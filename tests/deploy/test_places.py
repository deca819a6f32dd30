"""A deployment works in every partition and Region, and uses nobody else's bucket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.deploy.site import Site
from netmend.errors import UserError
from netmend.sandbox.core import Sandbox
from tests.deploy.places import ACCOUNT, Place

REGIONS = ["us-east-1", "eu-central-1", "cn-north-1"]
URLS = {
    "us-east-1": ("aws", "https://b.s3.us-east-1.amazonaws.com/k"),
    "cn-north-1": ("aws-cn", "https://b.s3.cn-north-1.amazonaws.com.cn/k"),
    "us-gov-west-1": ("aws-us-gov", "https://b.s3.us-gov-west-1.amazonaws.com/k"),
    "us-iso-east-1": ("aws-iso", "https://b.s3.us-iso-east-1.c2s.ic.gov/k"),
    "eusc-de-east-1": ("aws-eusc", "https://b.s3.eusc-de-east-1.amazonaws.eu/k"),
}


@pytest.mark.parametrize("region", REGIONS)
def test_it_deploys_goes_and_comes_back(region: str) -> None:
    with Sandbox() as sandbox:
        place = Place(sandbox, region)
        assert place.deploy()[0] == "s3:CreateBucket"
        assert place.deploy() == []
        place.remove()
        assert place.remove() == []
        place.deploy()
        assert place.mode() == "observe"


@pytest.mark.parametrize("region", URLS)
def test_templates_are_addressed_in_the_domain_of_the_partition(region: str) -> None:
    partition, url = URLS[region]
    site = Site(lambda service: None, ACCOUNT, region, partition, "")
    assert site.url("b", "k") == url


def test_a_second_region_uses_the_roles_that_the_account_has() -> None:
    with Sandbox() as sandbox:
        Place(sandbox).deploy()
        second = Place(sandbox, "eu-west-1")
        planned = second.plan()
        assert planned.lines[0].startswith("netmend-roles: stands, made in ")
        assert second.deploy().count("cloudformation:ExecuteChangeSet") == 2
        assert second.deploy() == []
        second.remove()
        assert sandbox.client("iam").get_role(RoleName="netmend-planner")


def stranger(sandbox: Sandbox) -> Any:
    role = "arn:aws:iam::210987654321:role/stranger"
    keys = sandbox.client("sts").assume_role(RoleArn=role, RoleSessionName="stranger")
    return sandbox.client("s3", "us-east-1", keys["Credentials"])


@pytest.mark.parametrize("what", ["artifacts", "evidence"])
def test_a_bucket_of_ours_by_name_in_another_account_is_refused(what: str) -> None:
    with Sandbox() as sandbox:
        place, bucket = Place(sandbox), f"netmend-{what}-{ACCOUNT}-us-east-1"
        theirs = stranger(sandbox)
        theirs.create_bucket(Bucket=bucket)
        everybody = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
                }
            ],
        }
        theirs.put_bucket_policy(Bucket=bucket, Policy=json.dumps(everybody))
        with pytest.raises(UserError, match=f"{bucket} is another account's"):
            place.deploy()
        assert place.made == []
        assert "Contents" not in theirs.list_objects_v2(Bucket=bucket)


def test_a_name_that_s3_has_not_given_back_yet_says_when_to_try_again() -> None:
    message = "A conflicting conditional operation is currently in progress against this resource."

    def refuses(number: int, call: str) -> None:
        raise ClientError({"Error": {"Code": "OperationAborted", "Message": message}}, call)

    with Sandbox() as sandbox:
        place = Place(sandbox)
        place.before = refuses
        with pytest.raises(UserError, match=r"in progress .* - run it again in an hour"):
            place.deploy()

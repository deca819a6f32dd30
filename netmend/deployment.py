"""One account and Region gets the artifact and the three stacks, in the order that they need."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import ClientError

from netmend import bundle
from netmend.stacks import deploy as deploy_stack

ROOT: Final = Path(__file__).parent.parent
NAMED_IAM: Final = ("CAPABILITY_NAMED_IAM",)

Clients = Callable[[str], Any]


def deploy(
    clients: Clients,
    *,
    mode: str,
    approvers: Iterable[str],
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Create or update Netmend's stacks; clients: boto3 client by service name.

    mode: off, observe, approve or enforce. approvers: IAM ARNs or names that may answer questions.
    """
    account = clients("sts").get_caller_identity()["Account"]
    bucket, key = _upload(clients("s3"), account, clients("s3").meta.region_name)
    code = {"CodeBucket": bucket, "CodeKey": key}
    plan: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("netmend-roles", "roles.yaml", {}),
        ("netmend-detection", "detection.yaml", code),
        (
            "netmend-remediation",
            "remediation.yaml",
            {**code, "Mode": mode, "Approvers": ",".join(approvers)},
        ),
    )
    for name, template, parameters in plan:
        progress(name)
        text = (ROOT / "cloudformation" / template).read_text()
        deploy_stack(clients("cloudformation"), name, text, parameters, NAMED_IAM)


def _upload(s3: Any, account: str, region: str) -> tuple[str, str]:
    name = f"netmend-artifacts-{account}-{region}"
    place = {} if region == "us-east-1" else {"LocationConstraint": region}
    try:
        s3.create_bucket(Bucket=name, **({"CreateBucketConfiguration": place} if place else {}))
    except ClientError as error:
        if error.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    built = bundle.build_bytes()
    key = f"netmend-{hashlib.sha256(built).hexdigest()[:32]}.zip"
    s3.put_object(Bucket=name, Key=key, Body=built)
    return name, key

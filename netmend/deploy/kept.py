"""Evidence outlives the stack that made it: a new stack goes on with what an old one has left."""

from __future__ import annotations

from dataclasses import dataclass

from botocore.exceptions import ClientError

from netmend.deploy.site import Site, read
from netmend.errors import UserError

ALIAS = "alias/netmend-evidence"
LEDGER = "netmend-ledger"
NO_BUCKET = ("404", "NoSuchBucket")
FORBIDDEN = ("403", "AccessDenied", "Forbidden")


@dataclass(frozen=True)
class Kept:
    """Names of what stands; "" for what does not. key: the ARN behind the alias."""

    bucket: str = ""
    key: str = ""
    ledger: str = ""

    def __bool__(self) -> bool:
        return bool(self.bucket or self.key or self.ledger)

    def parameters(self) -> dict[str, str]:
        """The parameters of remediation.yaml that name it."""
        return {
            "KeptEvidenceBucket": self.bucket,
            "KeptEvidenceKey": self.key,
            "KeptLedger": self.ledger,
        }

    def named(self) -> str:
        """In words, for one line."""
        parts = (("bucket", self.bucket), ("key", self.key), ("ledger", self.ledger))
        return ", ".join(f"{kind} {name}" for kind, name in parts if name)


def found(site: Site) -> Kept:
    """What stands of the evidence here; raises UserError where it can't be gone on with."""
    bucket = site.evidence if owned(site, site.evidence) else ""
    key = _key(site)
    table = read(
        lambda: site.clients("dynamodb").describe_table(TableName=LEDGER),
        ("ResourceNotFoundException",),
    )
    return Kept(bucket, key, LEDGER if table else "")


def owned(site: Site, bucket: str) -> bool:
    """Whether a bucket of that name stands; raises UserError when it is not this account's."""
    s3 = site.clients("s3")
    try:
        head = read(
            lambda: s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=site.account), NO_BUCKET
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in FORBIDDEN:
            raise
        raise UserError(
            f"the bucket {bucket} is another account's, or you may not read it",
            f"sign in as somebody who may s3:ListBucket in {site.account}",
        ) from error
    return head is not None


def _key(site: Site) -> str:
    answer = read(
        lambda: site.clients("kms").describe_key(KeyId=ALIAS)["KeyMetadata"],
        ("NotFoundException",),
    )
    return str(answer["Arn"]) if answer else ""


def refuse_broken(site: Site, kept: Kept) -> None:
    """Raises UserError where a stack could not write to the evidence that it would go on with."""
    if not kept.bucket:
        return
    rules = site.clients("s3").get_bucket_encryption(
        Bucket=kept.bucket, ExpectedBucketOwner=site.account
    )["ServerSideEncryptionConfiguration"]["Rules"]
    own = str(rules[0]["ApplyServerSideEncryptionByDefault"].get("KMSMasterKeyID", ""))
    if kept.key != own:
        verb = "update" if kept.key else "create"
        raise UserError(
            f"{ALIAS} is not the key of {kept.bucket}, so that no record could be written",
            f"aws kms {verb}-alias --alias-name {ALIAS} --target-key-id {own}",
        )
    state = site.clients("kms").describe_key(KeyId=own)["KeyMetadata"]["KeyState"]
    if state != "Enabled":
        key = own.rpartition("/")[2]
        raise UserError(
            f"the key of {kept.bucket} is {state}, so that no record could be written or read",
            f"aws kms cancel-key-deletion --key-id {key}, then aws kms enable-key --key-id {key}",
        )

"""Documents are found by name or ARN: the account's own, those shared with it, and AWS's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from moto.ssm.models import Documents, ssm_backends

from netmend.sandbox.api import ApiError

AWS_OWNED: Final = ("AWS-", "AWSSupport-", "AWSConfigRemediation-", "AWSEC2-", "AWSFleetManager-")
"""How the names of AWS's documents begin. Made here by whoever needs them, they are everybody's."""

EVERY: Final = "$ALL"


@dataclass(frozen=True)
class Shelf:
    """A document in all its versions, as one account sees it. visible: '$ALL', or a version."""

    documents: Documents
    owner: str
    region: str
    visible: str

    def version(self, wanted: str, version_name: str = "") -> Any:
        """The version of that number, `$DEFAULT`, `$LATEST` or name; None where there is none."""
        versions = self.documents.versions
        aliases = {
            "$DEFAULT": self.documents.default_version,
            "$LATEST": self.documents.latest_version,
        }
        shown = set(versions) if self.visible == EVERY else {aliases[self.visible]}
        if self.visible != EVERY:
            aliases = dict.fromkeys(aliases, aliases[self.visible])
        if version_name:
            found = self.documents.find_by_version_name(version_name)
            number = found.document_version if found is not None else ""
            if wanted and aliases.get(wanted, wanted) != number:
                return None
        else:
            number = aliases.get(wanted or "$DEFAULT", wanted)
        return versions.get(number) if number in shown else None


def find(account: str, region: str, name: str) -> Shelf | None:
    """The document that an account calls by this name or ARN in a Region."""
    if name.startswith("arn:"):
        return _by_arn(account, region, name)
    own = _documents(account, region).get(name)
    if own is not None:
        return Shelf(own, account, region, EVERY)
    return next(_of_aws(region, name), None) if name.startswith(AWS_OWNED) else None


def shelf(account: str, region: str, name: str) -> Shelf:
    """The same for the operations on documents, which raise ApiError where there is none."""
    found = find(account, region, name)
    if found is None:
        raise ApiError("InvalidDocument", f"Document with name {name} does not exist.")
    return found


def _documents(account: str, region: str) -> dict[str, Documents]:
    return ssm_backends[account][region]._documents


def _by_arn(account: str, region: str, arn: str) -> Shelf | None:
    parts = arn.split(":", 5)
    kind, _, name = parts[-1].partition("/")
    if len(parts) < 6 or kind not in ("document", "automation-definition"):
        return None
    if parts[3] not in ("", region) or (parts[4] and parts[4] not in ssm_backends):
        return None
    owner = parts[4] or account
    found = _documents(owner, region).get(name)
    if found is None:
        return find(account, region, name) if owner == account else None
    visible = EVERY if owner == account else _shared(found, account)
    return Shelf(found, owner, region, visible) if visible else None


def _shared(documents: Documents, account: str) -> str:
    """Which version is shared with the account; '' for none."""
    given = documents.permissions.get(account) or documents.permissions.get("all")
    return str(given.version) if given is not None else ""


def _of_aws(region: str, name: str) -> Iterator[Shelf]:
    for owner in list(ssm_backends):
        if name in _documents(owner, region):
            yield Shelf(_documents(owner, region)[name], owner, region, EVERY)

"""What a resource is now, read from its own API and never from an event."""

from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

from botocore.exceptions import ClientError

from rules.handlers.clients import client
from rules.netlib.errors import ReadsDisagree
from rules.netlib.permissions import SecurityGroup, from_live

PAGE: Final = 1000
READS: Final = 3
GONE: Final = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.NotFound"})


class Reader(Protocol):
    """Reads one resource; None where it is gone. Planning needs ids, judging does without."""

    def __call__(self, resource: str, *, ids: bool = True) -> Any: ...


def _security_group(resource: str, *, ids: bool = True) -> SecurityGroup | None:
    for _ in range(READS):
        try:
            return _read(resource, ids)
        except ReadsDisagree as error:
            disagreement = error  # somebody is editing the group between our two reads
    raise disagreement


def _read(group_id: str, ids: bool) -> SecurityGroup | None:
    try:
        answer = client("ec2").describe_security_groups(GroupIds=[group_id])
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            return None
        raise
    if not ids:
        return from_live(answer["SecurityGroups"][0])
    pages = client("ec2").get_paginator("describe_security_group_rules")
    found = pages.paginate(
        Filters=[{"Name": "group-id", "Values": [group_id]}], PaginationConfig={"PageSize": PAGE}
    )
    rules = [rule for page in found for rule in page["SecurityGroupRules"]]
    return from_live(answer["SecurityGroups"][0], rules)


def _security_groups() -> Iterator[tuple[str, Any]]:
    # Unpaginated and unfiltered, EC2 allows half the rate.
    pages = client("ec2").get_paginator("describe_security_groups")
    for page in pages.paginate(PaginationConfig={"PageSize": PAGE}):
        for group in page["SecurityGroups"]:
            yield group["GroupId"], group


ONE: Final[dict[str, Reader]] = {"AWS::EC2::SecurityGroup": _security_group}
ALL: Final[dict[str, Callable[[], Iterator[tuple[str, Any]]]]] = {
    "AWS::EC2::SecurityGroup": _security_groups
}
"""Pairs of id and what the API told, which one resource may make unreadable."""

"""New rules carry the tags of the rule they come from, one Authorize call for each set of tags."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from rules.netlib.permissions import Permission, Tags
from rules.netlib.plan import MOST_CALLS

RESERVED: Final = "aws:"
"""Tags that begin so are AWS's own: a request that brings one is refused as a whole."""


def own(permission: Permission) -> Permission:
    """Without the tags that only AWS can give."""
    tags = tuple(tag for tag in permission.tags if not is_reserved(tag[0]))
    return permission._replace(tags=tags)


def is_reserved(key: str) -> bool:
    """Whether a tag is AWS's own."""
    return key.lower().startswith(RESERVED)


def too_many(permissions: Iterable[Permission]) -> list[Tags]:
    """The rarest sets of tags, if there are more than calls; rules without tags need a call too."""
    counts = Counter(p.tags for p in permissions)
    if len(counts) <= MOST_CALLS:
        return []
    tagged = sorted((tags for tags in counts if tags), key=lambda tags: (-counts[tags], tags))
    return tagged[MOST_CALLS - 1 :]


def folded(permissions: Iterable[Permission], rare: list[Tags]) -> list[Permission]:
    """The same, those with a rare set of tags without them."""
    return [p._replace(tags=()) if p.tags in rare else p for p in permissions]


def text(tags: Tags) -> str:
    """`owner=net, stage=prod`."""
    return ", ".join(f"{key}={value}" for key, value in tags)

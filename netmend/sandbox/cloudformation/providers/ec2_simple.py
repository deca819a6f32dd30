"""Resources of EC2 that one call makes and one deletes, and of which only the tags can change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from netmend.sandbox.cloudformation.access import Site
from netmend.sandbox.cloudformation.providers.base import Properties, Provider, pick
from netmend.sandbox.cloudformation.providers.ec2_tags import retag, specification


class Simple(Provider):
    """The base: a subclass names the calls and where the answer has the id.

    made: the operation, then the path of the id in its answer. gone: the operation, then the name
    of the argument that takes the id. kind: EC2's name for it in tags; empty where it has none.
    """

    made: ClassVar[tuple[str, str]]
    gone: ClassVar[tuple[str, str]]
    kind: ClassVar[str] = ""

    def create(self, site: Site, wanted: Properties) -> str:
        operation, path = self.made
        tags = specification(self.kind, wanted) if self.kind else {}
        answer = getattr(site.client("ec2"), operation)(**self.request(wanted), **tags)
        return str(at(answer, path))

    def request(self, wanted: Properties) -> dict[str, Any]:
        """The arguments of the call that makes it."""
        return pick(wanted, *settings(self.shape))

    def configure(self, site: Site, physical_id: str, old: Properties, new: Properties) -> None:
        if self.kind:
            retag(site, physical_id, old, new)

    def delete(self, site: Site, physical_id: str, properties: Properties) -> None:
        operation, argument = self.gone
        value = [physical_id] if argument.endswith("Ids") else physical_id
        getattr(site.client("ec2"), operation)(**{argument: value})


def settings(shape: Iterable[str]) -> tuple[str, ...]:
    """All properties but the tags."""
    return tuple(name for name in shape if name != "Tags")


def at(answer: Any, path: str) -> Any:
    """What stands in an answer at `A.B.0`."""
    for part in path.split("."):
        answer = answer[int(part)] if part.isdigit() else answer[part]
    return answer

"""What is to be run, as plain data, so that it can be handed to a sandbox in another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

ROLE_NAME: Final = "netmend-run"
EVERYTHING: Final = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


@dataclass(frozen=True)
class Text:
    """A document's name, its content, and whether that is JSON or YAML."""

    name: str
    content: str
    form: str


@dataclass(frozen=True)
class Job:
    """documents: children first, last the one that is run; parameters: in AWS's wire form.

    role_parameter: the parameter that gets the role's ARN, where no role was given. role: an ARN
    that was given or stands in the document. policy: what the role that is made may do. answer:
    Approve, Reject, or empty for nobody.
    """

    documents: tuple[Text, ...]
    parameters: Mapping[str, list[str]]
    role_parameter: str = ""
    role: str = ""
    policy: Mapping[str, Any] | None = None
    answer: str = ""

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Job:
        """From `data`."""
        documents = tuple(Text(**one) for one in data["documents"])
        return cls(**{**data, "documents": documents})

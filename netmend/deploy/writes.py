"""A call that changes AWS is a value: it is shown in a plan, and said again before it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

Tell = Callable[[str], None]


def silent(_: str) -> None:
    """Tells nobody."""


def nothing() -> None:
    """Nothing follows."""


@dataclass(frozen=True)
class Write:
    """One call of a boto3 client. subject: what it is about; why: empty where that is plain.

    after: what has to be read or waited for before the next one. skip: whether an earlier one has
    made this needless. translate: what an error of AWS's is told as.
    """

    client: Any
    method: str
    subject: str
    arguments: Mapping[str, Any]
    why: str = ""
    after: Callable[[], None] = nothing
    skip: Callable[[], bool] = lambda: False
    translate: Callable[[ClientError], Exception] = lambda error: error

    @property
    def call(self) -> str:
        """`service:Operation`, as IAM writes an action."""
        operation = self.client.meta.method_to_api_mapping[self.method]
        return f"{self.client.meta.service_model.service_name}:{operation}"

    @property
    def line(self) -> str:
        """The call, what it is about, and why."""
        return f"{self.call} {self.subject}" + (f" ({self.why})" if self.why else "")

    def make(self) -> None:
        """Make the call; raises what `translate` makes of AWS's error."""
        try:
            getattr(self.client, self.method)(**self.arguments)
        except ClientError as error:
            told = self.translate(error)
            raise told from (None if told is error else error)


def carry_out(writes: Iterable[Write], tell: Tell) -> None:
    """Make each call after it was told."""
    for write in writes:
        if not write.skip():
            tell(write.line)
            write.make()
            write.after()

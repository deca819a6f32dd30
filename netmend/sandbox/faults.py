"""How tests cut, fail or watch: a hook sees each API call before it acts and after it has."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from netmend.sandbox.api import ApiCall


class Cut(BaseException):
    """The caller dies on the spot; a BaseException, so that no handler can live through it."""


class Hook(Protocol):
    """Either method may raise `ApiError` (the call fails) or `Cut` (its caller dies)."""

    def before(self, call: "ApiCall") -> None: ...

    def after(self, call: "ApiCall") -> None: ...

"""IAM: what policies refuse is refused, by whichever door and whoever's hand it comes.

The judge itself (`judge`, `actions`) stands alone and loads nothing of the sandbox.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox
    from netmend.sandbox.iam.gate import authorise
    from netmend.sandbox.iam.sessions import allows_service, assume, require_pass_role
    from netmend.sandbox.iam.special import RULE_ARNS

__all__ = [
    "RULE_ARNS",
    "allows_service",
    "assume",
    "authorise",
    "install",
    "require_pass_role",
    "uninstall",
]

_PLACES: Final = {
    "RULE_ARNS": "special",
    "allows_service": "sessions",
    "assume": "sessions",
    "authorise": "gate",
    "require_pass_role": "sessions",
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    globals()[name] = found
    return found


def install(sandbox: "Sandbox") -> None:
    """Load what registers operations and guards, and have moto leave the judging to us."""
    from netmend.sandbox.iam import managed, patches, sessions, simulate  # noqa: F401

    patches.install()


def uninstall(sandbox: "Sandbox") -> None:
    """Undo `install`."""
    from netmend.sandbox.iam import patches

    patches.uninstall()

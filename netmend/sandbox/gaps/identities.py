"""Users and groups."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import moto.iam.models as iam
from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.gaps.patches import patch

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

PREFIXES: Final = {iam.User: "AIDA", iam.Group: "AGPA"}
ID_LENGTH: Final = 21


@patch(iam.User, "__init__")
@patch(iam.Group, "__init__")
def _prefixed(original: Callable[..., None]) -> Callable[..., None]:
    """The ids of users and groups say what they are."""

    @wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.id = f"{PREFIXES[type(self)]}{self.id.upper()}"[:ID_LENGTH]

    return init


@operation("iam", "ListServiceSpecificCredentials")
def service_specific_credentials(sandbox: Sandbox, call: ApiCall) -> dict[str, Any]:
    """A user has none, for moto makes none: runbooks that delete users look for them."""
    name = call.params.get("UserName")
    if name and name not in iam.iam_backends[call.account][get_partition(call.region)].users:
        message = f"The user with name {name} cannot be found."
        raise ApiError("NoSuchEntity", message, 404)
    return {"ServiceSpecificCredentials": []}

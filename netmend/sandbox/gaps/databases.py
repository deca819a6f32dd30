"""Database instances."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from string import ascii_uppercase, digits
from typing import TYPE_CHECKING, Any, Final, cast

from moto.moto_api._internal import mock_random
from moto.rds.models import DBInstance, rds_backends

from netmend.sandbox.api import ApiCall, observer
from netmend.sandbox.gaps.patches import patch

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

MODIFYING_SECONDS: Final = 10.0
"""How long a change of a database takes; on AWS it is minutes."""

RESOURCE_ID_LENGTH: Final = 26


@observer
def modify_database(sandbox: Sandbox, call: ApiCall) -> None:
    """An instance is `modifying` for a while, which runbooks wait for."""
    if call.name != "rds:ModifyDBInstance":
        return
    name = call.params.get("NewDBInstanceIdentifier") or call.params["DBInstanceIdentifier"]
    database = rds_backends[call.account][call.region].databases[name]
    pending = {key: call.params[key] for key in ("MultiAZ",) if key in call.params}
    changing = cast(Any, database)
    changing.status, changing.pending_modified_values = "modifying", pending

    def done() -> None:
        if changing.status == "modifying":
            changing.status, changing.pending_modified_values = "available", {}

    due = sandbox.clock.time() + MODIFYING_SECONDS
    sandbox.engine.submit(f"{name} is modified", done, at=due)


@patch(DBInstance, "__init__")
def _own_resource_id(original: Callable[..., None]) -> Callable[..., None]:
    """moto gives all instances one resource id, by which runbooks find them."""

    @wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        made = mock_random.choices(ascii_uppercase + digits, k=RESOURCE_ID_LENGTH)
        self.dbi_resource_id = f"db-{''.join(made)}"

    return init

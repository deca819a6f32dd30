"""Network interfaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from moto.ec2.models import ec2_backends

from netmend.sandbox.api import ApiCall, ApiError, guard

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox


@guard("ec2", "DeleteNetworkInterface")
def interface_in_use(sandbox: Sandbox, call: ApiCall) -> None:
    """moto deletes the interface of an instance that runs."""
    wanted = call.params["NetworkInterfaceId"]
    found = ec2_backends[call.account][call.region].enis.get(wanted)
    if found is not None and (found.attachment_id or found.instance):
        message = f"Network interface '{wanted}' is currently in use."
        raise ApiError("InvalidParameterValue", message)

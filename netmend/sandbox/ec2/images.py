"""moto's 1,300 machine images are loaded when something asks for one, not with every Region.

Loading them takes 0.2 s a Region, at each start and each reset.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from moto.ec2.models.amis import AmiBackend

from netmend.sandbox.api import ApiCall, guard
from netmend.sandbox.ec2.permissions import backend_of

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox

_load: Final[Any] = AmiBackend._load_amis


def _load_none(backend: AmiBackend) -> None:
    return None


# For good: moto makes its backends anew when it stops, which is after every patch is undone.
AmiBackend._load_amis = _load_none  # type: ignore[assignment, method-assign]


@guard(
    "ec2",
    "CopyImage",
    "CreateFleet",
    "CreateImage",
    "CreateLaunchTemplate",
    "DeregisterImage",
    "DescribeImageAttribute",
    "DescribeImages",
    "ModifyImageAttribute",
    "RegisterImage",
    "RequestSpotFleet",
    "RequestSpotInstances",
    "RunInstances",
)
def load_images(sandbox: Sandbox, call: ApiCall) -> None:
    """Load the images of this Region before the first call that may need one."""
    backend = backend_of(call)
    if not backend.amis:
        _load(backend)

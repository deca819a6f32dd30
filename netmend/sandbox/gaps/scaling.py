"""Launch configurations of EC2 Auto Scaling."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from moto.autoscaling.models import FakeLaunchConfiguration

from netmend.sandbox.gaps.patches import patch

EMPTY: Final = ("kernel_id", "ramdisk_id")


@patch(FakeLaunchConfiguration, "__init__")
def _empty_ids(original: Callable[..., None]) -> Callable[..., None]:
    """What a launch configuration does not say is shown as an empty text, not left out."""

    @wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        for name in EMPTY:
            if getattr(self, name, None) is None:
                setattr(self, name, "")

    return init

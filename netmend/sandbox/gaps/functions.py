"""Functions."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.awslambda.models import LambdaFunction

from netmend.sandbox.gaps.patches import patch


@patch(LambdaFunction, "update_configuration")
def _traced(original: Callable[..., Any]) -> Callable[..., Any]:
    """moto reads TracingConfig when a function is made, and not when it is changed."""

    @wraps(original)
    def update(self: Any, config_updates: dict[str, Any]) -> Any:
        if config_updates.get("TracingConfig"):
            self.tracing_config = config_updates["TracingConfig"]
        return original(self, config_updates)

    return update

"""Log groups."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from moto.logs.metric_filters import MetricFilters

from netmend.sandbox.gaps.patches import patch


@patch(MetricFilters, "add_filter")
def _one_of_a_name(original: Callable[..., None]) -> Callable[..., None]:
    """A metric filter put again replaces the one of its name; moto keeps both."""

    @wraps(original)
    def add(self: Any, filter_name: str, pattern: str, group: str, transformations: Any) -> None:
        self.metric_filters = [
            kept
            for kept in self.metric_filters
            if (kept["filterName"], kept["logGroupName"]) != (filter_name, group)
        ]
        original(self, filter_name, pattern, group, transformations)

    return add

"""SelectResourceConfig queries one account and Region, SelectAggregateResourceConfig many."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from netmend.sandbox.api import ApiCall, operation
from netmend.sandbox.config.aggregation.sources import collected
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.config.queries.grammar import parse
from netmend.sandbox.config.queries.rows import rows
from netmend.sandbox.config.queries.running import run
from netmend.sandbox.core import Sandbox

PAGE: Final = 100


@operation("config", "SelectResourceConfig")
def select(sandbox: Sandbox, call: ApiCall) -> Any:
    """Query what is recorded and judged here; what is recorded late is seen late."""
    return _answered([Place.of(sandbox, call)], call.params)


@operation("config", "SelectAggregateResourceConfig")
def select_aggregate(sandbox: Sandbox, call: ApiCall) -> Any:
    """The same over all that an aggregator collects."""
    name = call.params["ConfigurationAggregatorName"]
    return _answered(collected(Place.of(sandbox, call), name), call.params)


def _answered(places: Iterable[Place], params: dict[str, Any]) -> dict[str, Any]:
    query = parse(params["Expression"])
    results = run(query, (row for place in places for row in rows(place)))
    limit = params.get("Limit") or params.get("MaxResults") or PAGE
    shown, more = page(results, {**params, "Limit": limit}, default=PAGE)
    fields = [{"Name": column.name} for column in query.columns]
    return {"Results": shown, "QueryInfo": {"SelectFields": fields}, **more}

"""Queries are kept under a name; nothing runs them but who asks for their text."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from moto.utilities.utils import get_partition

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.config.paging import page
from netmend.sandbox.config.place import Place
from netmend.sandbox.core import Sandbox

MOST: Final = 300
PAGE: Final = 50
KEPT: Final = ("QueryName", "Description", "Expression")


@dataclass
class Query:
    """A stored query. told: StoredQuery as GetStoredQuery answers it."""

    told: dict[str, str]
    tags: dict[str, str] = field(default_factory=dict)


@dataclass
class Queries:
    """The stored queries of one account and Region, by name."""

    by_name: dict[str, Query] = field(default_factory=dict)


@operation("config", "PutStoredQuery")
def put(sandbox: Sandbox, call: ApiCall) -> Any:
    """Keep a query, or change one; its tags stay as they were."""
    place, wanted = Place.of(sandbox, call), call.params["StoredQuery"]
    queries, name = place.state(Queries).by_name, wanted["QueryName"]
    standing = queries.get(name)
    if standing is None and len(queries) >= MOST:
        raise _refused(f"You have reached the limit of {MOST} stored queries: delete one first")
    query = standing or _new(place, call)
    identity = {key: query.told[key] for key in ("QueryId", "QueryArn")}
    query.told = {**identity, **{key: wanted[key] for key in KEPT if wanted.get(key)}}
    queries[name] = query
    return {"QueryArn": query.told["QueryArn"]}


def _new(place: Place, call: ApiCall) -> Query:
    query_id = f"query-{place.sandbox.uuid()}"
    where = f"arn:{get_partition(place.region)}:config:{place.region}:{place.account}"
    name = call.params["StoredQuery"]["QueryName"]
    tags = {tag["Key"]: tag["Value"] for tag in call.params.get("Tags") or []}
    arn = f"{where}:stored-query/{name}/{query_id}"
    return Query({"QueryId": query_id, "QueryArn": arn}, tags)


def _refused(message: str) -> ApiError:
    return ApiError("ValidationException", message)


def _find(place: Place, name: str) -> Query:
    query = place.state(Queries).by_name.get(name)
    if query is None:
        raise ApiError(
            "ResourceNotFoundException", f"The stored query '{name}' does not exist: put it first"
        )
    return query


@operation("config", "GetStoredQuery")
def get(sandbox: Sandbox, call: ApiCall) -> Any:
    """One query with its text."""
    return {"StoredQuery": _find(Place.of(sandbox, call), call.params["QueryName"]).told}


@operation("config", "DeleteStoredQuery")
def delete(sandbox: Sandbox, call: ApiCall) -> Any:
    """Forget a query."""
    place, name = Place.of(sandbox, call), call.params["QueryName"]
    _find(place, name)
    del place.state(Queries).by_name[name]
    return {}


@operation("config", "ListStoredQueries")
def list_queries(sandbox: Sandbox, call: ApiCall) -> Any:
    """The queries without their texts, in order of names."""
    queries, params = Place.of(sandbox, call).state(Queries).by_name, call.params
    found = [
        {key: value for key, value in query.told.items() if key != "Expression"}
        for _, query in sorted(queries.items())
    ]
    limited = {**params, "Limit": params.get("MaxResults")}
    entries, more = page(found, limited, default=PAGE)
    return {"StoredQueryMetadata": entries, **more}

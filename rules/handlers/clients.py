"""Clients are made once, kept for the life of the worker, and never swallow a failure."""

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

PRECISION: Final = timedelta(seconds=1)
"""Times of one configuration item may differ by less, as they pass through JSON."""


class EvaluationsRefusedError(RuntimeError):
    """AWS Config answered 200 but did not store some of the evaluations."""


class ItemMissingError(RuntimeError):
    """The history does not hold the configuration item that Config told us about."""


class KnownServices(Loader):  # type: ignore[misc]  # botocore has no types
    """Loads service models, and takes it from us that a service exists.

    botocore looks twice into the folders of all its 400 services before it makes a first client:
    a tenth of a cold start.
    """

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def list_available_services(self, type_name: str) -> list[str]:
        """Those that clients were asked for."""
        return self.names


@cache
def _loader() -> KnownServices:
    return KnownServices()


@cache
def _session() -> Any:
    session = botocore.session.get_session()
    session.register_component("data_loader", _loader())
    return boto3.session.Session(botocore_session=session)  # one: each reads all models anew


@cache
def client(service: str, attempts: int = 4) -> Any:
    """The kept boto3 client of this function's own role and Region; attempts: tries of a call."""
    _loader().names.append(service)
    config = Config(
        connect_timeout=3,
        read_timeout=10,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    with _no_collection():
        return _session().client(service, region_name=os.environ["AWS_REGION"], config=config)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Of all that a service model brings nothing is garbage: looking costs as much as loading."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


class ConfigClient:
    """The part of the `config` client that rdklib uses, with its two blind spots mended.

    rdklib drops `FailedEvaluations`, and inflates an oversized notification with the latest item
    of the resource, which need not be the notified one.
    """

    def __init__(self, config: Any, captured: Any = None) -> None:
        self._config = config
        self._captured = captured

    def put_evaluations(self, **arguments: Any) -> Any:
        answer = self._config.put_evaluations(**arguments)
        failed = answer.get("FailedEvaluations", [])
        if failed:
            names = ", ".join(e["ComplianceResourceId"] for e in failed[:5])
            raise EvaluationsRefusedError(
                f"AWS Config did not store {len(failed)} evaluation(s): {names}"
            )
        return answer

    def get_resource_config_history(self, **arguments: Any) -> Any:
        answer = self._config.get_resource_config_history(**arguments, laterTime=self._captured)
        found = answer["configurationItems"]
        told = datetime.fromisoformat(self._captured)
        if not found or told - found[0]["configurationItemCaptureTime"] > PRECISION:
            raise ItemMissingError(
                f"no configuration item of {arguments['resourceId']} at {self._captured}"
            )
        return answer


class ClientFactory:
    """What rdklib's list processors ask for clients; it assumes no role."""

    def __init__(self, captured: Any = None) -> None:
        self._captured = captured

    def build_client(self, service: str, *_: Any, **__: Any) -> Any:
        if service == "config":
            return ConfigClient(client("config"), self._captured)
        return client(service)

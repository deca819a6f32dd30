"""A client is made once and quickly, and what making it changes is put back."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from botocore.exceptions import DataNotFoundError

from rules.handlers import clients


@pytest.fixture(autouse=True)
def new(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    kept = (clients.client, clients._session, clients._loader)
    for one in kept:
        one.cache_clear()
    yield
    for one in kept:
        one.cache_clear()


@pytest.mark.parametrize("service", ["config", "ec2", "ssm", "dynamodb", "service-quotas"])
def test_a_client_knows_its_operations_and_is_kept(service: str) -> None:
    made = clients.client(service)
    assert made is clients.client(service)
    assert made.meta.region_name == "us-east-1"
    assert made.meta.service_model.operation_names


def test_no_folder_of_another_service_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("os.listdir", raising=True)
    with pytest.raises(AttributeError):
        clients.Loader().list_available_services("service-2")
    assert clients._loader().list_available_services("service-2") == []


def test_a_service_that_is_none_is_an_error() -> None:
    with pytest.raises(DataNotFoundError):
        clients.client("no-such-service")


@pytest.mark.parametrize("collects", [True, False])
@pytest.mark.parametrize("service", ["sts", "no-such-service"])
def test_garbage_is_collected_afterwards_as_before(service: str, collects: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if collects else gc.disable)()
        try:
            clients.client(service)
        except DataNotFoundError:
            assert service == "no-such-service"
        assert gc.isenabled() is collects
    finally:
        (gc.enable if before else gc.disable)()

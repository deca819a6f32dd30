"""One sandbox with Netmend in mode observe, nothing verified yet, and the HTTP door before it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from moto.core.models import botocore_stubber

from netmend.sandbox.core import Sandbox
from netmend.sandbox.door import Door
from rules.netlib.verified import PARAMETER
from tests.loop.world import REGION, World


@pytest.fixture(scope="package")
def world() -> Iterator[World]:
    with Sandbox() as sandbox:
        made = World(sandbox, mode="observe")
        made.client("ssm").delete_parameter(Name=PARAMETER)
        door = Door(sandbox).open()
        yield made
        door.close()


@pytest.fixture(scope="package")
def clients(world: World) -> Callable[[str], Any]:
    """Clients of the approver, which reach the sandbox by HTTP while it works by itself."""

    @cache
    def client(service: str) -> Any:
        made = boto3.client(
            service,
            region_name=REGION,
            endpoint_url=world.sandbox.endpoint_url,
            aws_access_key_id=world.approver["AccessKeyId"],
            aws_secret_access_key=world.approver["SecretAccessKey"],
            config=Config(retries={"total_max_attempts": 1}),
        )
        made.meta.events.unregister("before-send", botocore_stubber)  # or it stays in process
        return made

    return client

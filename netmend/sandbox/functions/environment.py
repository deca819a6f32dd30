"""A function's environment is what Lambda gives it, and nothing of the machine that it runs on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Final

from netmend.sandbox.functions.handler import TASK_ROOT
from netmend.sandbox.functions.invocation import Identity

BARE: Final = {
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    # What Lambda does not set, but a machine with AWS settings of its own must not leak in.
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What every worker of the sandbox has, whatever it runs."""

FIXED: Final = BARE | {
    "LAMBDA_TASK_ROOT": TASK_ROOT,
    "LAMBDA_RUNTIME_DIR": "/var/runtime",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
}


def variables(
    function: Any, identity: Identity, credentials: Mapping[str, str], endpoint_url: str | None
) -> dict[str, str]:
    """Every variable of a container of this function. credentials: as STS gives them."""
    reserved = {
        "_HANDLER": function.handler,
        "AWS_REGION": function.region,
        "AWS_DEFAULT_REGION": function.region,
        "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
        "AWS_SESSION_TOKEN": credentials["SessionToken"],
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
        "AWS_LAMBDA_FUNCTION_NAME": identity.name,
        "AWS_LAMBDA_FUNCTION_VERSION": identity.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(identity.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": identity.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": identity.log_stream,
    }
    own = {key: str(value) for key, value in (function.environment_vars or {}).items()}
    endpoint = {"AWS_ENDPOINT_URL": endpoint_url} if endpoint_url else {}
    return FIXED | own | reserved | endpoint

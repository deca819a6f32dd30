"""Whatever AWS settings a user has, the sandbox's own clients reach the sandbox alone."""

import os
from functools import cache
from typing import Final

import boto3
import botocore.session

SETTINGS: Final = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_ENDPOINT_URL")
"""A user's settings that would lead, or mislead, clients away from the sandbox."""


def take_away() -> dict[str, str]:
    """Take the user's AWS settings out of the environment; returns what was taken."""
    taken = {n: v for n, v in os.environ.items() if n.startswith(SETTINGS)}
    for name in taken:
        del os.environ[name]
    return taken


@cache
def session() -> boto3.session.Session:
    """One session, for each parses AWS's models anew; it reads no file of the user's."""
    core = botocore.session.Session()
    core.set_config_variable("config_file", os.devnull)
    core.set_config_variable("credentials_file", os.devnull)
    return boto3.session.Session(botocore_session=core)

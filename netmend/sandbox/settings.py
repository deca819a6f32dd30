"""Whatever AWS settings a user has, the sandbox's own clients reach the sandbox alone."""

import os
from functools import cache
from typing import Any, Final

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
    return boto3.session.Session(botocore_session=core())


def core() -> botocore.session.Session:
    """A session of botocore's, with the models that all of them share."""
    made = botocore.session.Session()
    made.set_config_variable("config_file", os.devnull)
    made.set_config_variable("credentials_file", os.devnull)
    made.register_component("data_loader", _loader())
    return made


@cache
def _loader() -> Any:
    return botocore.session.Session().get_component("data_loader")

"""What a sandbox changes in moto and botocore of this process while it runs, and gives back."""

from __future__ import annotations

import copy
import logging
import os
import traceback
import uuid
from functools import cache
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast
from xml.parsers.expat import ExpatError

import botocore.handlers
import moto.core.botocore_stubber as stubber
import moto.core.responses as responses
from botocore.awsrequest import AWSPreparedRequest
from botocore.loaders import JSONFileLoader
from moto.core.utils import method_names_from_class

from netmend.sandbox.clock import lead_moto, release_moto

if TYPE_CHECKING:
    from netmend.sandbox.core import Sandbox
    from netmend.sandbox.wire import Response

logger = logging.getLogger(__name__)

S3_MODELS: Final = f"{os.sep}s3{os.sep}"

FAILS: Final = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ExpatError,
    LookupError,
    RuntimeError,
    StopIteration,
    TypeError,
    ValueError,
)
"""What moto raises, instead of an error of AWS's, at parameters or ids that it does not expect."""

_method_names = method_names_from_class
_load_model = JSONFileLoader.load_file
_process_request = stubber.BotocoreStubber.process_request


def patch(sandbox: Sandbox) -> None:
    """Bring what boto3 sends in this process to the sandbox, which decides time and chance."""
    lead_moto(sandbox.clock)
    cast(Any, stubber.BotocoreStubber).process_request = lambda _, sent: sandbox.handle(sent)
    # Each new container makes its clients anew, of the same service models.
    cast(Any, JSONFileLoader).load_file = lambda _, path: _model(path)
    # boto3 makes up idempotency tokens, which would differ from run to run.
    cast(Any, botocore.handlers).uuid = SimpleNamespace(uuid4=sandbox.uuid)
    # moto looks through a whole class for each call.
    cast(Any, responses).method_names_from_class = cache(_method_names)


def unpatch() -> None:
    """Undo `patch`."""
    cast(Any, stubber.BotocoreStubber).process_request = _process_request
    cast(Any, responses).method_names_from_class = _method_names
    cast(Any, JSONFileLoader).load_file = _load_model
    cast(Any, botocore.handlers).uuid = uuid
    release_moto()


def ask_moto(request: AWSPreparedRequest) -> Response | None:
    """moto's own answer; None where the address is not AWS's.

    Raises NotImplementedError where moto has no code for the request, or its code fails at it.
    """
    try:
        return cast("Response | None", _process_request(stubber.BotocoreStubber(), request))
    except NotImplementedError:
        raise
    except FAILS as error:
        logger.warning("moto failed at %s %s", request.method, request.url, exc_info=True)
        place = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        where = f"{os.path.basename(place.filename)}:{place.lineno}"
        message = f"the sandbox cannot do this with these parameters: moto fails ({what}, {where})"
        raise NotImplementedError(message) from error


@cache
def _read(path: str) -> Any:
    return _load_model(JSONFileLoader(), path)


def _model(path: str) -> Any:
    found = _read(path)
    # botocore takes the bucket out of S3's paths in place, and moto's router wants it there.
    return copy.deepcopy(found) if S3_MODELS in path else found

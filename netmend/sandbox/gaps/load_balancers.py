"""Load balancers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import wraps
from inspect import signature
from typing import Any, Final

import moto.elbv2.models as elbv2

from netmend.sandbox.gaps.patches import patch

KINDS: Final = {"application": "app", "network": "net", "gateway": "gwy"}

_made: Final = threading.local()


@patch(elbv2, "make_arn_for_load_balancer")
def _kind_in_arn(original: Callable[..., str]) -> Callable[..., str]:
    def make(*args: Any, **kwargs: Any) -> str:
        short = KINDS.get(getattr(_made, "kind", "") or "application", "app")
        return original(*args, **kwargs).replace(":loadbalancer/app/", f":loadbalancer/{short}/")

    return make


@patch(elbv2.ELBv2Backend, "create_load_balancer")
def _kind_known(original: Callable[..., Any]) -> Callable[..., Any]:
    """The ARN of a load balancer names its type, of which moto's function is not told."""

    @wraps(original)
    def create(*args: Any, **kwargs: Any) -> Any:
        given = signature(original).bind(*args, **kwargs).arguments
        _made.kind = given.get("loadbalancer_type")
        try:
            return original(*args, **kwargs)
        finally:
            _made.kind = None

    return create

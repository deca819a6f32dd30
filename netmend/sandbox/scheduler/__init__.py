"""EventBridge Scheduler: schedules really fire, as their own roles; moto keeps them."""

from netmend.sandbox.scheduler import api
from netmend.sandbox.scheduler.attempts import Failures

__all__ = ["Failures", "api"]

"""In process a function runs on its caller's thread, so that every run takes the same course."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from netmend.sandbox.functions.handler import Task
from netmend.sandbox.functions.invocation import UNHANDLED, Home, Outcome, Request, failed
from netmend.sandbox.functions.isolation import Modules, Printed, environment

if TYPE_CHECKING:
    from netmend.sandbox.clock import Clock


class InlineWorker:
    """A container in this process: its modules and clients live on from event to event."""

    def __init__(self, home: Home, clock: Clock) -> None:
        self._home = home
        self._clock = clock
        self._modules = Modules(home.root, frozenset(home.names))
        self._printed = Printed(home.root)
        self._task = Task(home)
        self.alive = True

    def run(self, request: Request) -> Outcome:
        """Call the handler; a `Cut` goes through, and the container is dead after it."""
        deadline = self._clock.time() + request.timeout
        try:
            with (
                self._modules.present(),
                environment(self._home.environment),
                self._printed.caught(request.id) as output,
            ):
                outcome = self._task.run(
                    request, self._clock.time, lambda: deadline - self._clock.time()
                )
                outcome = replace(outcome, output=output())
        except BaseException:
            self.alive = False
            raise
        if self._clock.time() <= deadline:
            return outcome
        return replace(timed_out(request), output=outcome.output)

    def usable(self) -> bool:
        """Whether no `Cut` went through the container."""
        return self.alive

    def close(self) -> None:
        """Forget the container."""
        self.alive = False


def timed_out(request: Request) -> Outcome:
    """What Lambda answers for a function that it had to end."""
    reason = f"Task timed out after {request.timeout:.2f} seconds"
    message = f"RequestId: {request.id} Error: {reason}"
    return Outcome(failed("Sandbox.Timedout", message, request.id), UNHANDLED, "")

"""In process a script runs on its caller's thread, so that every run takes the same course."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from netmend.sandbox.functions.isolation import Modules, environment
from netmend.sandbox.scripts import task
from netmend.sandbox.scripts.job import MODULE, Answer, Job
from netmend.sandbox.scripts.times import Times

if TYPE_CHECKING:
    from netmend.sandbox.clock import Clock


def run(job: Job, clock: Clock, timeout: float) -> tuple[Answer, str]:
    """(answer, what was printed); TimeoutError where the script slept or called for too long.

    A script that sleeps moves the sandbox's clock. A `Cut` in one of its calls goes through.
    """
    deadline = clock.time() + timeout
    modules = Modules(job.root, frozenset({*job.names, MODULE}))
    times = Times(clock.time, lambda seconds: clock.advance(max(0.0, float(seconds))))
    with modules.present(), environment(job.environment), _printed() as output:
        answer = task.run(job, times)
        text = output()
    if clock.time() > deadline:
        raise TimeoutError(timeout)
    return answer, text


@contextlib.contextmanager
def _printed() -> Iterator[Callable[[], str]]:
    """What the block has written so far; the root logger's settings are put back."""
    output = io.StringIO()
    logger = logging.getLogger()
    outer = (logger.handlers[:], logger.level)
    logger.handlers[:] = []
    logger.setLevel(logging.WARNING)
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            yield output.getvalue
    finally:
        logger.handlers[:], level = outer
        logger.setLevel(level)

"""Each error says who has to hear of it: an API caller, or the record of a step.

AutomationError           answered to the caller of an API, with AWS's error code
    DocumentError         CreateDocument
    ParametersError       StartAutomationExecution
    SignalError           SendAutomationSignal
    StatusError           StopAutomationExecution
StepFailed                written on the step that failed
ScriptFailed              raised by `Effects.script`
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore.exceptions import ClientError

GUIDE: Final = (
    "Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
)
EXECUTING: Final = "Execute/Cancelling action"
POLLING: Final = "Poll action status for completion"
RESOLVING: Final = "validating and resolving the step inputs"

# What FailureDetails calls the moment of failure; the API reference lists the four stages.
STAGES: Final = {
    EXECUTING: "Invocation",
    POLLING: "PostVerification",
    RESOLVING: "InputValidation",
}
DENIALS: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "UnauthorizedOperation"}
)
THROTTLES: Final = frozenset(
    {"RequestLimitExceeded", "Throttling", "ThrottlingException", "TooManyRequestsException"}
)


class AutomationError(Exception):
    """Refused with an AWS error: `code` and `message` are what the caller of the API gets."""

    default_code = ""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code or self.default_code
        self.message = message


class DocumentError(AutomationError):
    """CreateDocument would refuse this content. path: of the node, as mainSteps[2].inputs."""

    default_code = "InvalidDocumentContent"
    path = ""


@contextmanager
def placed(path: str) -> Iterator[None]:
    """Errors of the document that are raised within get the path, unless they have one."""
    try:
        yield
    except DocumentError as problem:
        problem.path = problem.path or path
        raise


class ParametersError(AutomationError):
    """StartAutomationExecution would refuse these parameters."""

    default_code = "InvalidAutomationExecutionParametersException"


class SignalError(AutomationError):
    """SendAutomationSignal would refuse this signal."""

    default_code = "InvalidAutomationSignalException"


class StatusError(AutomationError):
    """StopAutomationExecution would refuse: the run has ended or is stopping already."""

    default_code = "InvalidAutomationStatusUpdateException"


class ScriptFailed(Exception):
    """The step's script raised or left with `sys.exit`; the message is its traceback.

    log: what the script had printed until then.
    """

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class StepFailed(Exception):
    """One attempt failed. cause: the bare reason; doing: AWS's words for the stage."""

    def __init__(
        self,
        cause: str,
        *,
        doing: str = EXECUTING,
        kind: str = "Action",
        status: str = "Failed",
        retry: bool = True,
        outputs: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(cause)
        self.cause = cause
        self.doing = doing
        self.kind = kind
        self.status = status
        self.retry = retry
        self.outputs = outputs or {}

    def inside(self, step: str, iteration: int) -> StepFailed:
        """What the failure of a loop's step is on the loop's own record."""
        cause = f"Step {step} of iteration {iteration} failed: {self.cause}"
        return StepFailed(cause, kind=self.kind, status=self.status, retry=self.retry)

    @property
    def message(self) -> str:
        """The FailureMessage, worded as AWS words it around the cause."""
        if self.status == "TimedOut":
            return f"Step timed out while step is {self.doing}. {GUIDE}"
        return f"Step fails when it is {self.doing}. {self.cause}. {GUIDE}"

    @property
    def details(self) -> dict[str, Any]:
        """FailureDetails; ErrorMessage is the cause without AWS's words around it."""
        stage = STAGES.get(self.doing, "Invocation")
        return {
            "FailureStage": stage,
            "FailureType": self.kind,
            "Details": {"ErrorMessage": [self.cause]},
        }


def invalid(cause: str) -> StepFailed:
    """The step's inputs are wrong, so nothing was called and trying again changes nothing."""
    return StepFailed(cause, doing=RESOLVING, retry=False)


def not_emulated(what: str) -> StepFailed:
    """The engine meets something of AWS's that it does not have; it says so and stops."""
    return StepFailed(f"{what} is not emulated", kind="Internal", retry=False)


def timed_out(doing: str, seconds: float) -> StepFailed:
    """The attempt took longer than the step's timeoutSeconds."""
    return StepFailed(f"no result within {seconds:g} seconds", doing=doing, status="TimedOut")


def failure_of(problem: Exception) -> StepFailed:
    """What an exception of an action becomes on the step's record."""
    if isinstance(problem, StepFailed):
        return problem
    if isinstance(problem, ScriptFailed):
        return StepFailed(str(problem), doing=POLLING)
    if isinstance(problem, ClientError):
        return StepFailed(str(problem), kind=_kind(problem.response["Error"]["Code"]))
    return StepFailed(f"{type(problem).__name__}: {problem}")


def _kind(code: str) -> str:
    if code in DENIALS:
        return "Permission"
    return "Throttling" if code in THROTTLES else "Action"

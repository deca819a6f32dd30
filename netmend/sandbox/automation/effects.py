"""Everything that a run does to the world goes through one object, which its owner supplies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from netmend.sandbox.automation.execution import Execution


@dataclass(frozen=True)
class InvokeResult:
    """What a Lambda function answered.

    payload_text: the returned JSON, or the error object's; function_error: '' or 'Unhandled' or
    'Handled'; log: the log's text, of which the step shows the last 4 KB.
    """

    payload_text: str
    function_error: str = ""
    log: str = ""


@dataclass(frozen=True)
class ScriptResult:
    """What a script's handler returned, a JSON value, and what the script printed, as text."""

    value: Any
    log: str = ""


@dataclass(frozen=True)
class ScriptRunning:
    """A script that is still at work, waited for as a child is.

    id: what `nudge` and `stop_automation` are about; result: then gives or raises what `script`
    does.
    """

    id: str
    result: Callable[[], ScriptResult]


class Effects(Protocol):
    """The outside of one run.

    `credentials` is whatever `assume` returned, or the run's `caller_credentials` where the
    document assumes no role; the engine only hands it on. Any method may raise botocore's
    ClientError, or any other Exception: it becomes the step's failure. A BaseException that is no
    Exception ends the run on the spot and leaves `Execution.advance`.
    """

    def now(self) -> float:
        """Epoch seconds."""
        ...

    def api(
        self, service: str, operation: str, params: dict[str, Any], credentials: Any
    ) -> Mapping[str, Any]:
        """Call `operation` ('DescribeVpcs') of a boto3 client; the response with its metadata."""
        ...

    def assume(self, role_arn: str, session_name: str) -> Any:
        """Credentials of the role for Automation; ClientError where trust or role is missing."""
        ...

    def invoke(self, function_name: str, payload: Any, credentials: Any) -> InvokeResult:
        """Run a function to its end; `function_name` may be an ARN and carry a :qualifier."""
        ...

    def script(
        self,
        code: str,
        handler: str,
        payload: Any,
        context: Mapping[str, str],
        credentials: Any,
        timeout: float,
        attachments: Mapping[str, bytes],
    ) -> ScriptResult | ScriptRunning:
        """The handler's value; ScriptFailed with the traceback; TimeoutError after `timeout`.

        credentials is None where the document assumes no role: the script then has none.
        attachments: the content of the document's attachments by file name.
        """
        ...

    def start_automation(self, params: dict[str, Any], credentials: Any, parent: str) -> str:
        """StartAutomationExecution as a child of the execution `parent`; the new run's id."""
        ...

    def automation(self, execution_id: str) -> Mapping[str, Any]:
        """The AutomationExecution record of a child."""
        ...

    def stop_automation(self, execution_id: str) -> None:
        """Cancel a child, which may have ended already."""
        ...

    def get_parameter(self, name: str) -> str | list[str]:
        """A Parameter Store value for a default; a StringList may come as text with commas."""
        ...

    def publish(self, topic_arn: str, subject: str, message: str, credentials: Any) -> None:
        """Publish to SNS."""
        ...

    def wake(self, at: float, callback: Callable[[], None]) -> None:
        """At epoch second `at` call `callback`, then `advance` the run until it returns False."""
        ...

    def changed(self, execution: Execution) -> None:
        """A status changed; `execution.latest_change` says whose and to what."""
        ...

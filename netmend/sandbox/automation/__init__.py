"""SSM Automation, schema 0.3: documents are checked and run against effects that are handed in.

    document = Document.parse(text, "YAML")
    run = Execution(document, {"GroupId": ["sg-1"]}, execution_id=..., effects=effects, ...)
    while run.advance():
        pass
    run.record()["AutomationExecutionStatus"]

Nothing here knows where the effects happen. What AWS does and this engine does not fails the step
that needs it, with an error that names it.
"""

from netmend.sandbox.automation.actions import ACTIONS
from netmend.sandbox.automation.document import Document
from netmend.sandbox.automation.effects import Effects, InvokeResult, ScriptResult
from netmend.sandbox.automation.errors import (
    AutomationError,
    DocumentError,
    ParametersError,
    ScriptFailed,
    SignalError,
    StatusError,
)
from netmend.sandbox.automation.execution import Execution
from netmend.sandbox.automation.standalone import Standalone
from netmend.sandbox.automation.state import Change

__all__ = [
    "ACTIONS",
    "AutomationError",
    "Change",
    "Document",
    "DocumentError",
    "Effects",
    "Execution",
    "InvokeResult",
    "ParametersError",
    "ScriptFailed",
    "ScriptResult",
    "SignalError",
    "Standalone",
    "StatusError",
]

"""What would run on managed nodes, or by a schedule, is refused: nothing here would run it."""

from __future__ import annotations

from typing import Final, Never

from netmend.sandbox.api import ApiCall, ApiError, operation
from netmend.sandbox.core import Sandbox

COMMANDS: Final = (
    "SendCommand",
    "CancelCommand",
    "StartSession",
    "ResumeSession",
    "TerminateSession",
    "StartAccessRequest",
    "StartChangeRequestExecution",
    "StartExecutionPreview",
)
WINDOWS: Final = (
    "CreateMaintenanceWindow",
    "UpdateMaintenanceWindow",
    "DeleteMaintenanceWindow",
    "GetMaintenanceWindow",
    "DescribeMaintenanceWindows",
    "DescribeMaintenanceWindowSchedule",
    "DescribeMaintenanceWindowTargets",
    "DescribeMaintenanceWindowTasks",
    "DescribeMaintenanceWindowsForTarget",
    "DescribeMaintenanceWindowExecutions",
    "RegisterTargetWithMaintenanceWindow",
    "RegisterTaskWithMaintenanceWindow",
    "UpdateMaintenanceWindowTarget",
    "UpdateMaintenanceWindowTask",
    "DeregisterTargetFromMaintenanceWindow",
    "DeregisterTaskFromMaintenanceWindow",
    "CancelMaintenanceWindowExecution",
)
ASSOCIATIONS: Final = (
    "CreateAssociation",
    "CreateAssociationBatch",
    "UpdateAssociation",
    "UpdateAssociationStatus",
    "DeleteAssociation",
    "DescribeAssociation",
    "ListAssociations",
    "StartAssociationsOnce",
)
PATCHES: Final = (
    "RegisterPatchBaselineForPatchGroup",
    "RegisterDefaultPatchBaseline",
)


@operation("ssm", *COMMANDS, *WINDOWS, *ASSOCIATIONS, *PATCHES)
def refuse(sandbox: Sandbox, call: ApiCall) -> Never:
    """Refuse: moto would answer as if something ran."""
    raise ApiError(
        "NotImplemented",
        f"the sandbox does not do {call.name}: it runs Automation runbooks alone",
        501,
    )

"""What would run on managed nodes, by a schedule or a calendar is refused: nothing here does it."""

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
CHANGES: Final = (
    "GetCalendarState",
    "GetExecutionPreview",
    "ListDocumentMetadataHistory",
    "UpdateDocumentMetadata",
)


@operation("ssm", *COMMANDS, *WINDOWS, *ASSOCIATIONS, *PATCHES, *CHANGES)
def refuse(sandbox: Sandbox, call: ApiCall) -> Never:
    """Refuse: moto would answer as if something ran."""
    raise ApiError(
        "NotImplemented",
        f"the sandbox does not do {call.name}: it runs Automation runbooks alone",
        501,
    )

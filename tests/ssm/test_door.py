"""Through the HTTP door boto3 as it comes starts, awaits and reads runs."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from netmend.sandbox.ssm.starting import BURST
from tests.door.test_door import PATIENCE, Door
from tests.ssm.world import nap, quick, refused, waiting


@pytest.fixture(scope="module")
def ssm() -> Iterator[Any]:
    door = Door()
    client = door.client("ssm")
    for name, content in (("Quick", quick()), ("Hold", waiting()), ("Nap", nap(1))):
        client.create_document(Name=name, Content=json.dumps(content), DocumentType="Automation")
    yield client
    door.end()


def ended(ssm: Any, execution_id: str, *statuses: str) -> dict[str, Any]:
    """The record, once the run has one of these statuses."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        answer = ssm.get_automation_execution(AutomationExecutionId=execution_id)
        record: dict[str, Any] = answer["AutomationExecution"]
        if record["AutomationExecutionStatus"] in statuses:
            return record
        time.sleep(0.05)
    raise TimeoutError(f"{execution_id} is {record['AutomationExecutionStatus']}")


def test_runs_end_as_they_should(ssm: Any) -> None:
    for target, status in (("good", "Success"), ("bad", "Failed")):
        started = ssm.start_automation_execution(DocumentName="Quick", Parameters={"Id": [target]})[
            "AutomationExecutionId"
        ]
        assert ended(ssm, started, "Success", "Failed")["AutomationExecutionStatus"] == status


def test_targets_run_one_after_the_other(ssm: Any) -> None:
    parent = ssm.start_automation_execution(
        DocumentName="Quick",
        TargetParameterName="Id",
        Targets=[{"Key": "ParameterValues", "Values": ["a", "b", "c"]}],
    )["AutomationExecutionId"]
    record = ended(ssm, parent, "Success", "Failed")
    assert record["ProgressCounters"]["SuccessSteps"] == 3


def test_a_signal_lets_a_run_go_on(ssm: Any) -> None:
    started = ssm.start_automation_execution(DocumentName="Hold")["AutomationExecutionId"]
    ended(ssm, started, "Waiting")
    ssm.send_automation_signal(
        AutomationExecutionId=started, SignalType="Resume", Payload={"StepName": ["Hold"]}
    )
    assert ended(ssm, started, "Success")["Outputs"] == {}


UNDONE = {
    "GetExecutionPreview": lambda c: c.get_execution_preview(ExecutionPreviewId="0" * 36),
    "StartExecutionPreview": lambda c: c.start_execution_preview(DocumentName="Nap"),
    "StartChangeRequestExecution": lambda c: c.start_change_request_execution(
        DocumentName="Nap", Runbooks=[{"DocumentName": "Nap"}]
    ),
    "GetCalendarState": lambda c: c.get_calendar_state(CalendarNames=["Freeze"]),
    "UpdateDocumentMetadata": lambda c: c.update_document_metadata(
        Name="Nap", DocumentReviews={"Action": "Approve"}
    ),
    "ListDocumentMetadataHistory": lambda c: c.list_document_metadata_history(
        Name="Nap", Metadata="DocumentReviews"
    ),
    "SendCommand": lambda c: c.send_command(DocumentName="Nap"),
}


@pytest.mark.parametrize(("name", "ask"), UNDONE.items(), ids=UNDONE)
def test_what_is_not_done_is_refused_by_name(ssm: Any, name: str, ask: Any) -> None:
    code, message = refused(lambda: ask(ssm))
    assert code == "NotImplemented"
    assert f"ssm:{name}" in message


def test_an_unknown_run_is_no_run(ssm: Any) -> None:
    with pytest.raises(ClientError) as caught:
        ssm.get_automation_execution(AutomationExecutionId="0" * 36)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert isinstance(caught.value, ssm.exceptions.AutomationExecutionNotFoundException)


def test_a_storm_of_starts_is_throttled(ssm: Any) -> None:
    for _ in range(BURST * 2):
        try:
            answer = ssm.start_automation_execution(DocumentName="Nap")["ResponseMetadata"]
        except ssm.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "ThrottlingException"  # noqa: PT017
            return
        if answer["RetryAttempts"]:  # boto3 was throttled, waited and got through
            return
    pytest.fail("nothing was throttled")

"""Threads at the door, the engine's own and a reset do not wait for one another for ever."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from netmend.sandbox.config import recorders
from netmend.sandbox.core import Sandbox

PATIENCE = 20.0
ACCOUNT, REGION = "123456789012", "us-east-1"


def in_background(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


class Fresh:
    """State that nothing has asked for yet."""


def test_a_call_that_marks_a_change_does_not_wait_for_the_recording_that_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Sandbox() as sandbox:
        calls: list[threading.Thread] = []
        recorded = recorders.recorded

        def meanwhile(place: Any) -> Any:
            ec2 = sandbox.client("ec2")
            calls.append(in_background(lambda: ec2.create_vpc(CidrBlock="10.0.0.0/16")))
            calls[-1].join(0.3)  # by now it has the core's lock, if it can have it
            sandbox.state(Fresh, ACCOUNT, REGION)
            return recorded(place)

        sandbox.client("ec2").describe_vpcs()
        sandbox.client("ec2").create_vpc(CidrBlock="10.1.0.0/16")
        monkeypatch.setattr(recorders, "recorded", meanwhile)
        settled = in_background(sandbox.engine.step)
        settled.join(PATIENCE)
        assert not settled.is_alive()
        monkeypatch.undo()
        assert calls
        for call in calls:
            call.join(PATIENCE)
            assert not call.is_alive()


def test_a_piece_of_work_that_a_reset_outlives_neither_acts_nor_queues_in_the_new_world() -> None:
    with Sandbox() as sandbox:
        ec2 = sandbox.client("ec2")
        before = len(ec2.describe_vpcs()["Vpcs"])
        queued: list[str] = []

        def old() -> None:
            in_background(sandbox.reset).join(PATIENCE)
            sandbox.engine.submit("of the old world", lambda: queued.append("ran"))
            ec2.create_vpc(CidrBlock="10.0.0.0/16")

        sandbox.engine.submit("old", old)
        sandbox.settle()
        assert queued == []
        assert sandbox.engine.cuts == ["old: the sandbox was reset while this was in hand"]
        assert len(sandbox.client("ec2").describe_vpcs()["Vpcs"]) == before
        sandbox.engine.submit("new", lambda: queued.append("new"))
        sandbox.settle()
        assert queued == ["new"]


def test_updates_by_many_threads_are_all_kept_while_the_engine_works() -> None:
    threads, each = 8, 25
    with Sandbox() as sandbox:
        table = {"TableName": "t", "Key": {"k": {"S": "n"}}}
        dynamodb, ec2 = sandbox.client("dynamodb"), sandbox.client("ec2")
        dynamodb.create_table(
            TableName="t",
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        failed: list[str] = []

        def add(number: int) -> None:
            for one in range(each):
                dynamodb.update_item(
                    **table,
                    UpdateExpression="ADD v :one",
                    ExpressionAttributeValues={":one": {"N": "1"}},
                )
                made = ec2.create_security_group(GroupName=f"{number}-{one}", Description="x")
                ec2.delete_security_group(GroupId=made["GroupId"])

        sandbox.engine.start()
        hooked, threading.excepthook = threading.excepthook, lambda a: failed.append(str(a))
        try:
            working = [in_background(lambda n=n: add(n)) for n in range(threads)]  # type: ignore[misc]
            for thread in working:
                thread.join(PATIENCE)
            assert not any(thread.is_alive() for thread in working)
        finally:
            threading.excepthook = hooked
            sandbox.engine.stop()
        assert failed == []
        assert dynamodb.get_item(**table)["Item"]["v"] == {"N": str(threads * each)}


def test_the_engines_thread_lives_through_a_piece_of_work_that_fails(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with Sandbox() as sandbox:
        done = threading.Event()

        def fails() -> None:
            raise KeyError("missing")

        sandbox.engine.start()
        sandbox.engine.submit("fails", fails)
        sandbox.engine.submit("goes on", done.set)
        assert done.wait(PATIENCE)
        assert "sandbox work failed: fails" in caplog.text
        assert "KeyError: 'missing'" in caplog.text

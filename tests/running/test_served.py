"""A running sandbox runs documents too, and a plan leaves no trace in it."""

from __future__ import annotations

import http.server
import json
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.running.runs import BOOKS, Command

PROGRAM = "import sys; from netmend.cli import main; sys.exit(main())"


@contextmanager
def serving() -> Iterator[str]:
    """The address of a sandbox in a process of its own."""
    command = [sys.executable, "-c", PROGRAM, "sandbox", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().decode().split()[1]
        finally:
            process.terminate()
            process.wait(30)


@pytest.fixture
def address() -> Iterator[str]:
    with serving() as found:
        yield found


def client(service: str, address: str) -> Any:
    return boto3.client(service, endpoint_url=address, region_name="us-east-1")


def group(address: str, name: str = "web") -> str:
    """A group that is open to SSH."""
    ec2 = client("ec2", address)
    found: str = ec2.create_security_group(GroupName=name, Description=name)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=found, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    return found


def state(address: str) -> dict[str, Any]:
    """What stands there."""
    ec2, ssm, iam = (client(name, address) for name in ("ec2", "ssm", "iam"))
    owned = [{"Key": "Owner", "Values": ["Self"]}]
    return {
        "groups": ec2.describe_security_groups()["SecurityGroups"],
        "rules": ec2.describe_security_group_rules()["SecurityGroupRules"],
        "subnets": ec2.describe_subnets()["Subnets"],
        "documents": ssm.list_documents(Filters=owned)["DocumentIdentifiers"],
        "runs": ssm.describe_automation_executions()["AutomationExecutionMetadataList"],
        "roles": [one["RoleName"] for one in iam.list_roles()["Roles"]],
        "users": iam.list_users()["Users"],
    }


def test_it_runs_there(run: Command, address: str) -> None:
    web = group(address)
    ran = run("close-port.yaml", "--endpoint", address, "-p", f"GroupId={web}", "--format", "json")
    assert (ran.code, ran.data["status"]) == (0, "Success")
    (change,) = ran.data["changes"]
    assert change["details"] == [
        {"path": "ingress", "removed": ["tcp 22 from 0.0.0.0/0"], "added": []}
    ]
    assert "Revoke  " in ran.progress
    found = client("ec2", address).describe_security_groups(GroupIds=[web])["SecurityGroups"]
    assert found[0]["IpPermissions"] == []


def test_a_document_that_is_there_gets_a_new_version(
    run: Command, address: str, tmp_path: Path
) -> None:
    web, book = group(address), tmp_path / "close-port.yaml"
    text = (BOOKS / "close-port.yaml").read_text(encoding="utf-8")
    book.write_text(text, encoding="utf-8")
    at = ("--endpoint", address, "-p", f"GroupId={web}")
    assert run(book, *at).code == 0
    assert "version" not in run(book, *at).progress
    book.write_text(text.replace("PT1S", "PT0S"), encoding="utf-8")
    assert "document close-port: version 2" in run(book, *at).progress


def test_calls_of_the_run_come_back(run: Command, address: str) -> None:
    web = group(address)
    ran = run("each.yaml", "--endpoint", address, "-p", f"GroupId={web}", "--permissions")
    assert {action for one in ran.data["Statement"] for action in one["Action"]} == {
        "iam:PassRole",
        "ssm:PutParameter",
        "ssm:StartAutomationExecution",
    }


def test_a_plan_shows_what_would_change_and_changes_nothing(run: Command, address: str) -> None:
    web, before = group(address), state(address)
    before = state(address)
    ran = run("close-port.yaml", "--endpoint", address, "-p", f"GroupId={web}", "--plan")
    assert ran.code == 2
    assert "What would change:" in ran.told
    assert "- ingress tcp 22 from 0.0.0.0/0" in ran.told
    assert state(address) == before


def test_a_plan_takes_no_id_and_no_time(run: Command) -> None:
    ids = []
    for planned in (True, False):
        with serving() as address:
            web = group(address)
            if planned:
                subnet = client("ec2", address).describe_subnets()["Subnets"][0]["SubnetId"]
                options = ("-p", f"SubnetId={subnet}", "--plan", "--approve")
                ran = run("ask.yaml", "--endpoint", address, *options)
                assert "5 min 0 s" in ran.progress
            else:
                client("ec2", address).describe_subnets()
            ssm = client("ssm", address)
            ssm.put_parameter(Name="now", Value="x", Type="String")
            stamp = ssm.get_parameter(Name="now")["Parameter"]["LastModifiedDate"]
            assert (datetime.now(UTC) - stamp).total_seconds() > -60
            ids.append((web, group(address, "next")))
    assert ids[0] == ids[1]


def test_plans_do_not_see_each_other(run: Command, address: str) -> None:
    web = group(address)
    at = ("--endpoint", address, "-p", f"GroupId={web}", "--plan", "--format", "json")
    told = [run("close-port.yaml", *at).data for _ in range(2)]
    assert told[0]["changes"] == told[1]["changes"]
    assert told[0]["execution"] == told[1]["execution"]


def test_a_plan_that_cannot_start_says_why(run: Command, address: str) -> None:
    ran = run("bad-default.yaml", "--endpoint", address, "--plan")
    assert (ran.code, ran.told) == (1, "")
    (line,) = ran.progress.splitlines()
    assert "bad-default: " in line


def test_a_watch_that_nobody_began_cannot_be_finished(address: str) -> None:
    body = json.dumps({"action": "finish", "token": "none"}).encode()
    request = urllib.request.Request(f"{address}/_netmend/record", body)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    assert refused.value.code == 400
    refused.value.close()


class Other(http.server.BaseHTTPRequestHandler):
    """A server that is none of ours: it answers everything in JSON."""

    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"token": "x"}')

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def test_another_server_is_refused(run: Command) -> None:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        ran = run("fail.yaml", "--endpoint", address)
        server.shutdown()
    assert (ran.code, ran.told) == (1, "")
    assert "is no netmend sandbox" in ran.progress


def test_a_port_without_a_server_is_one_line(run: Command) -> None:
    ran = run("fail.yaml", "--endpoint", "http://127.0.0.1:1")
    assert (ran.code, ran.told) == (1, "")
    assert len(ran.progress.splitlines()) == 1

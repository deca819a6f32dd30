"""At the HTTP door a script is a process: killed, kept in, and in nobody's way."""

import os
import time
from pathlib import Path

import pytest

SPIN = "def main(events, context):\n    while True:\n        pass\n"
PID = """
import os
def main(events, context):
    return os.getpid()
"""


def gone(pid):
    """Whether the process ends within ten seconds."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_each_script_has_a_process_that_ends_with_it(apart):
    pids = [apart.payload(PID), apart.payload(PID)]
    assert len({*pids, os.getpid()}) == 3
    assert all(gone(pid) for pid in pids)


def test_an_endless_loop_is_killed_when_its_time_is_up(apart):
    found = apart.run(SPIN, step={"timeoutSeconds": 1})
    assert found["AutomationExecutionStatus"] == "TimedOut"


def test_other_runs_go_on_while_a_script_works(apart):
    slow = apart.start(SPIN, step={"timeoutSeconds": 60})
    assert apart.payload("def main(events, context):\n    return 'done'\n") == "done"
    assert apart.record(slow)["AutomationExecutionStatus"] == "InProgress"
    apart.sandbox.client("ssm").stop_automation_execution(AutomationExecutionId=slow)
    assert apart.ended(slow)["AutomationExecutionStatus"] == "Cancelled"


def test_a_script_may_start_a_runbook_and_wait_for_it(apart):
    apart.run("def main(events, context):\n    return 1\n")  # makes Script-1
    code = (
        "import boto3, time\n"
        "def main(events, context):\n"
        "    ssm = boto3.client('ssm')\n"
        "    key = 'AutomationExecutionId'\n"
        "    started = ssm.start_automation_execution(DocumentName='Script-1')[key]\n"
        "    while True:\n"
        "        found = ssm.get_automation_execution(AutomationExecutionId=started)\n"
        "        status = found['AutomationExecution']['AutomationExecutionStatus']\n"
        "        if status not in ('Pending', 'InProgress'):\n"
        "            return {'status': status}\n"
        "        time.sleep(0.05)\n"
    )
    iam = apart.sandbox.client("iam")
    iam.attach_role_policy(RoleName="runs", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    assert apart.payload(code) == {"status": "Success"}


LOST = "The script's process ended without an answer. Please"
HOSTILE = {
    "a script that ends its process": ("import os\nos._exit(0)\n", LOST),
    "a script that kills its process": (
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n",
        LOST,
    ),
    "a script that writes into its connection": (
        "import os\n"
        "def main(events, context):\n"
        "    for number in range(3, 64):\n"
        "        try:\n            os.write(number, b'no message\\n')\n"
        "        except OSError:\n            pass\n",
        LOST,
    ),
    "a script that takes all memory": (
        "def main(events, context):\n    x = []\n    while True:\n        x.append('y' * 10**8)\n",
        "MemoryError. Please",
    ),
    "a socket to elsewhere": (
        "import socket\n"
        "def main(events, context):\n    socket.create_connection(('192.0.2.1', 80), 1)\n",
        "PermissionError: code in the sandbox can't reach 192.0.2.1. Please",
    ),
    "a datagram to elsewhere": (
        "import socket\n"
        "def main(events, context):\n"
        "    socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 53))\n",
        "PermissionError: code in the sandbox can't reach 192.0.2.1. Please",
    ),
    "a program": (
        "import subprocess\ndef main(events, context):\n    subprocess.run(['true'])\n",
        "PermissionError: a script in the sandbox can't start programs. Please",
    ),
    "a library that AWS does not have": ("import pytest\n", "No module named 'pytest'. Please"),
    "a module of the sandbox": ("import netmend\n", "No module named 'netmend'. Please"),
}


@pytest.mark.parametrize(("script", "message"), HOSTILE.values(), ids=HOSTILE)
def test_the_step_fails_for(apart, script, message):
    assert message in apart.run(script)["FailureMessage"]
    assert apart.payload("def main(events, context):\n    return 'alive'\n") == "alive"


def test_an_endless_log_is_cut(apart):
    code = "def main(events, context):\n    for _ in range(100):\n        print('x' * 10_000)\n"
    outputs = apart.run(code)["StepExecutions"][0]["Outputs"]
    assert 262_144 <= len(outputs["OutputPayload"][0]) < 300_000


def test_a_reset_ends_a_script_that_runs(apart):
    apart.start(SPIN, step={"timeoutSeconds": 60})
    code = "import os, time\nprint(os.getpid())\ndef main(e, c):\n    time.sleep(60)\n"
    apart.start(code)
    from netmend.sandbox.scripts.running import Scripts

    running = apart.sandbox.state(Scripts, "", "")
    for _ in range(100):
        if len(running._processes) == 2:
            break
        time.sleep(0.05)
    pids = [process._pid for process in running._processes.values()]
    apart.sandbox.reset()
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)

"""In process a script takes the same course each time, by the sandbox's clock."""

import logging
import os
import sys

import pytest

from netmend.sandbox.core import Sandbox
from tests.scripts.conftest import Runbooks

START = 1_790_000_000.0  # 2026-09-21T14:13:20Z
CLOCKS = """
import time
from datetime import date, datetime, timezone
def main(events, context):
    began = time.monotonic()
    time.sleep(30)
    return {
        "slept": round(time.monotonic() - began),
        "now": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M"),
        "utcnow": datetime.utcnow().strftime("%H:%M"),
        "today": date.today().isoformat(),
        "year": time.strftime("%Y", time.gmtime()),
        "same": isinstance(events["at"], datetime) or datetime.fromtimestamp(0).year,
    }
"""


def test_a_script_is_told_the_sandbox_s_time_and_sleeps_by_it():
    with Sandbox(start=START) as sandbox:
        found = Runbooks(sandbox).payload(CLOCKS, inputs={"InputPayload": {"at": "x"}})
        assert sandbox.clock.time() >= START + 30
    assert found == {
        "slept": 30,
        "now": "2026-09-21 14:13",
        "utcnow": "14:13",
        "today": "2026-09-21",
        "year": "2026",
        "same": 1970,
    }


def test_what_boto3_gives_is_a_datetime_to_the_script(inline):
    code = (
        "import boto3\nfrom datetime import datetime\n"
        "def main(events, context):\n"
        "    sts = boto3.client('sts')\n"
        "    import dateutil.tz\n"
        "    from botocore.utils import parse_timestamp\n"
        "    return isinstance(parse_timestamp('2026-01-01T00:00:00Z'), datetime)\n"
    )
    assert inline.payload(code) is True


def test_a_script_that_sleeps_too_long_is_timed_out(inline):
    code = "import time\ndef main(events, context):\n    time.sleep(601)\n"
    assert inline.run(code)["AutomationExecutionStatus"] == "TimedOut"


LEAVINGS = """
import logging, os, sys, types
os.environ['LEFT'] = 'x'
logging.getLogger().setLevel(logging.DEBUG)
logging.getLogger().addHandler(logging.NullHandler())
def main(events, context):
    return sorted(name for name in os.environ if name.startswith('AWS_'))
"""


def test_a_script_leaves_nothing_behind_in_this_process(inline):
    before = (dict(os.environ), logging.getLogger().level, logging.getLogger().handlers[:])
    found = inline.run(LEAVINGS)
    assert found["StepExecutions"][0]["Outputs"]["Payload"] == [
        "AWS_ACCESS_KEY_ID",
        "AWS_CONFIG_FILE",
        "AWS_DEFAULT_REGION",
        "AWS_EC2_METADATA_DISABLED",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_SHARED_CREDENTIALS_FILE",
    ]
    now = (dict(os.environ), logging.getLogger().level, logging.getLogger().handlers[:])
    assert now == before
    assert "customer_script" not in sys.modules


@pytest.mark.parametrize("seed", [1, 7])
def test_two_runs_of_the_same_seed_are_the_same(seed):
    code = "def main(events, context):\n    raise ValueError(context)\n"
    found = []
    for _ in range(2):
        with Sandbox(seed=seed, start=START) as sandbox:
            found.append(Runbooks(sandbox).run(code)["FailureMessage"])
    assert found[0] == found[1]

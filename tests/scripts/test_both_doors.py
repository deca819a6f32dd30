"""A script of aws:executeScript does the same in process as at the HTTP door."""

import hashlib
import io
import json
import zipfile

import pytest

ECHO = "def main(events, context):\n    return {'events': events, 'context': context}\n"
WHO = """
import boto3
sts = boto3.client('sts')
def main(events, context):
    vpcs = boto3.resource('ec2').vpcs.all()
    return [sts.get_caller_identity()['Arn'], len(list(vpcs)), boto3.session.Session().region_name]
"""


def test_events_keep_their_types_and_the_context_is_aws_s(anywhere):
    events = {"n": 3, "t": True, "l": ["a", {"b": None}], "d": 1.5}
    found = anywhere.payload(ECHO, inputs={"InputPayload": events})
    assert found["events"] == events
    assert found["context"].pop("automation:EXECUTION_ID")
    assert found["context"] == {
        "global:REGION": "us-east-1",
        "global:ACCOUNT_ID": "123456789012",
        "global:AWS_PARTITION": "aws",
    }


def test_boto3_acts_as_the_run_s_role_in_its_region(anywhere):
    found = anywhere.run(WHO)
    assert found["AutomationExecutionStatus"] == "Success", found.get("FailureMessage")
    arn, vpcs, region = found["StepExecutions"][0]["Outputs"]["Payload"]
    assert arn.startswith("arn:aws:sts::123456789012:assumed-role/runs/")
    assert (int(vpcs), region) == (1, "us-east-1")


def test_the_role_may_do_no_more_than_its_policies_say(anywhere):
    code = "import boto3\ndef main(events, context):\n    boto3.client('ec2').describe_subnets()\n"
    assert "(UnauthorizedOperation)" in anywhere.run(code)["FailureMessage"]


FAILURES = {
    "an exception": (
        "def main(events, context):\n    raise KeyError('x')\n",
        ['customer_script.py", line 2, in main\n    raise KeyError', "KeyError: 'x'. Please"],
    ),
    "an exception with a cause": (
        "def main(events, context):\n"
        "    try:\n        {}['x']\n"
        "    except KeyError as e:\n        raise ValueError('y') from e\n",
        ["KeyError: 'x'\n\nThe above exception was the direct cause", "ValueError: y. Please"],
    ),
    "sys.exit": (
        "import sys\ndef main(events, context):\n    sys.exit('bye')\n",
        ["SystemExit: bye. Please"],
    ),
    "a module that fails": ("import nowhere\n", ["No module named 'nowhere'. Please"]),
    "code that is no Python": (
        "def main(events, context)\n    pass\n",
        ['  File "/tmp/', 'customer_script.py", line 1\n', "SyntaxError: expected ':'. Please"],
    ),
    "no such handler": (
        "def other(events, context):\n    pass\n",
        ["AttributeError: module 'customer_script' has no attribute 'main'. Please"],
    ),
    "a handler that is no function": ("main = 3\n", ["Handler main is no function. Please"]),
    "an answer that is no JSON": (
        "def main(events, context):\n    return {1, 2}\n",
        ["TypeError: Object of type set is not JSON serializable. Please"],
    ),
    "too long an answer": (
        "def main(events, context):\n    return 'x' * 200_000\n",
        ["The script returned more than 102400 bytes. Please"],
    ),
}


@pytest.mark.parametrize(("script", "parts"), FAILURES.values(), ids=FAILURES)
def test_the_step_fails_with_a_traceback_for(anywhere, script, parts):
    found = anywhere.run(script)
    message = found["FailureMessage"]
    assert message.startswith("Step fails when it is Poll action status for completion. T")
    assert [part for part in parts if part not in message] == []
    assert found["AutomationExecutionStatus"] == "Failed"


def test_a_traceback_shows_no_folder_of_this_machine(anywhere):
    code = "import boto3\ndef main(events, context):\n    boto3.client('ec2').describe_vpcs(X=1)\n"
    message = anywhere.run(code)["FailureMessage"]
    assert 'File "/var/lang/lib/' in message
    assert "netmend" not in message


def test_without_a_role_boto3_finds_no_credentials(anywhere):
    message = anywhere.run(WHO, role=False)["FailureMessage"]
    assert "NoCredentialsError: Unable to locate credentials" in message


def test_what_is_printed_stands_beside_the_answer(anywhere):
    code = (
        "import sys, logging\n"
        "print('one')\n"
        "def main(events, context):\n"
        "    print('two', file=sys.stderr)\n"
        "    return 'x'\n"
    )
    outputs = anywhere.run(code)["StepExecutions"][0]["Outputs"]
    shown = json.loads(outputs["OutputPayload"][0])
    assert shown == {"Payload": "x", "ExecutionLog": "one\ntwo\n"}


def test_none_is_an_answer(anywhere):
    assert anywhere.payload("def main(events, context):\n    pass\n") is None


def test_classes_of_a_script_find_their_module(anywhere):
    code = (
        "from __future__ import annotations\n"
        "import pickle\n"
        "from dataclasses import asdict, dataclass\n"
        "@dataclass\nclass A:\n    x: int\n"
        "def main(events, context):\n"
        "    return asdict(pickle.loads(pickle.dumps(A(3))))\n"
    )
    assert anywhere.payload(code) == {"x": 3}


LIBRARY = {
    "tool/__init__.py": "",
    "tool/sums.py": "def add(a, b):\n    return a + b\n",
    "entry.py": "from tool.sums import add\ndef main(events, context):\n    return add(1, 2)\n",
}
USER = "from tool.sums import add\ndef main(events, context):\n    return add(2, 3)\n"


def zipped(files):
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return body.getvalue()


def attached(runbooks, name, content):
    """The arguments of a document that has this one attachment."""
    s3 = runbooks.sandbox.client("s3")
    s3.create_bucket(Bucket="attachments")
    s3.put_object(Bucket="attachments", Key=f"scripts/{name}", Body=content)
    digest = hashlib.sha256(content).hexdigest()
    return {
        "top": {"files": {name: {"checksums": {"sha256": digest}}}},
        "Attachments": [
            {"Key": "S3FileUrl", "Values": [f"s3://attachments/scripts/{name}"], "Name": name}
        ],
    }


ATTACHED = {
    "a zip that has the handler": ("a.zip", zipped(LIBRARY), "entry.main", None, 3),
    "a module that has the handler": ("one.py", b"def f(e, c):\n  return 1\n", "one.f", None, 1),
    "a zip that the script imports from": ("a.zip", zipped(LIBRARY), "main", USER, 5),
    "a zip beside a script that is not used": ("a.zip", zipped(LIBRARY), "entry.main", USER, 3),
}


@pytest.mark.parametrize(
    ("name", "content", "handler", "script", "answer"), ATTACHED.values(), ids=ATTACHED
)
def test_an_attachment_is(anywhere, name, content, handler, script, answer):
    inputs = {"Attachment": name, "Handler": handler, "Script": script}
    more = attached(anywhere, name, content)
    assert anywhere.payload("", inputs=inputs, **more) == answer


def test_a_zip_that_is_none_fails_the_step(anywhere):
    inputs = {"Attachment": "a.zip", "Handler": "a.main", "Script": None}
    found = anywhere.run("", inputs=inputs, **attached(anywhere, "a.zip", b"nothing"))
    assert "The attachment a.zip cannot be unzipped" in found["FailureMessage"]


NESTED = {
    "a child that ends well": ("def main(e, c):\n    return 'x'\n", "Success"),
    "a child that fails": ("def main(e, c):\n    raise ValueError('y')\n", "Failed"),
}


@pytest.mark.parametrize(("script", "status"), NESTED.values(), ids=NESTED)
def test_a_runbook_waits_for(anywhere, script, status):
    anywhere.run(script)  # makes Script-1
    ssm = anywhere.sandbox.client("ssm")
    step = {
        "name": "Other",
        "action": "aws:executeAutomation",
        "inputs": {"DocumentName": "Script-1"},
    }
    body = {"schemaVersion": "0.3", "mainSteps": [step], "outputs": ["Other.ExecutionId"]}
    ssm.create_document(Content=json.dumps(body), Name="Parent", DocumentType="Automation")
    started = ssm.start_automation_execution(DocumentName="Parent")["AutomationExecutionId"]
    found = anywhere.ended(started)
    assert found["AutomationExecutionStatus"] == status
    child = anywhere.record(found["Outputs"]["Other.ExecutionId"][0])
    assert child["ParentAutomationExecutionId"] == started
    assert child["AutomationExecutionStatus"] == status

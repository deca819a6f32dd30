"""What UpdateFunctionConfiguration changes is shown."""

from __future__ import annotations

import io
import json
import zipfile

from netmend.sandbox.core import Sandbox

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}


def test_a_function_s_tracing_is_switched_on_later(sandbox: Sandbox) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("m.py", "def handler(event, context):\n    return None\n")
    iam, functions = sandbox.client("iam"), sandbox.client("lambda")
    role = iam.create_role(RoleName="f", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    functions.create_function(
        FunctionName="f",
        Runtime="python3.11",
        Role=role,
        Handler="m.handler",
        Code={"ZipFile": packed.getvalue()},
    )
    changed = functions.update_function_configuration(
        FunctionName="f", TracingConfig={"Mode": "Active"}
    )
    shown = functions.get_function_configuration(FunctionName="f")
    functions.update_function_configuration(FunctionName="f", Timeout=5)
    kept = functions.get_function_configuration(FunctionName="f")
    modes = [one["TracingConfig"]["Mode"] for one in (changed, shown, kept)]
    assert modes == ["Active", "Active", "Active"]

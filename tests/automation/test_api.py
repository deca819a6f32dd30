"""The three actions that call an API: execute, assert and wait."""

from datetime import UTC, datetime

import pytest
from botocore.response import StreamingBody

ROLE = "arn:aws:iam::123456789012:role/netmend-Test"


def call(name="Call", action="aws:executeAwsApi", outputs=(), **inputs):
    return {
        "name": name,
        "action": action,
        "inputs": {"Service": "ec2", "Api": "DescribeVpcs", **inputs},
        "outputs": list(outputs),
    }


def check(**inputs):
    return call(action="aws:assertAwsResourceProperty", **inputs)


def wait(**inputs):
    return call(action="aws:waitForAwsResourceProperty", **inputs)


NAMES = {
    "as the API has it": ("ec2", "DescribeVpcs", "ec2:DescribeVpcs"),
    "in snake case": ("rds", "describe_db_instances", "rds:DescribeDBInstances"),
    "in camel case": ("rds", "describeDbInstances", "rds:DescribeDBInstances"),
    "of a service in capitals": ("SQS", "ListQueues", "sqs:ListQueues"),
}


@pytest.mark.parametrize(("service", "api", "called"), NAMES.values(), ids=NAMES)
def test_an_operation_is_found(world, service, api, called):
    world.apis[called] = lambda **_: {}
    run = world.run(call(Service=service, Api=api))
    assert (run.status, world.named()) == ("Success", [called])


BAD_NAMES = {
    "an operation": ({"Api": "DescribeVpc"}, "the service ec2 has no API DescribeVpc"),
    "a service": ({"Service": "ec3"}, "there is no service ec3"),
    "a service that is no text": ({"Service": 1}, "Service must be a String"),
}


@pytest.mark.parametrize(("inputs", "message"), BAD_NAMES.values(), ids=BAD_NAMES)
def test_what_does_not_exist_fails_the_step_before_any_call(world, inputs, message):
    run = world.run(call(**inputs))
    assert run.status == "Failed"
    assert run.failure_message == (
        f"Step fails when it is validating and resolving the step inputs. {message}."
        " Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
    )
    assert world.calls == []


def test_all_other_inputs_are_arguments_with_their_types(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {}
    parameters = {"Ids": {"type": "StringList"}, "Most": {"type": "Integer"}}
    given = {"Ids": ["vpc-1", "vpc-2"], "Most": ["5"]}
    run = world.run(
        call(VpcIds=["{{ Ids }}"], MaxResults="{{ Most }}", DryRun=False),
        given=given,
        parameters=parameters,
    )
    assert run.status == "Success"
    arguments = {"VpcIds": ["vpc-1", "vpc-2"], "MaxResults": 5, "DryRun": False}
    assert world.calls == [("ec2:DescribeVpcs", arguments)]


def test_numbers_inside_a_maplist_reach_the_call_as_numbers(world):
    permissions = [{"IpProtocol": "tcp", "FromPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    world.functions["plan"] = lambda _: {"IpPermissions": permissions, "Ids": ["sgr-1", "sgr-2"]}
    world.apis["ec2:AuthorizeSecurityGroupIngress"] = lambda **_: {"Return": True}
    plan = {
        "name": "Plan",
        "action": "aws:invokeLambdaFunction",
        "inputs": {"FunctionName": "plan"},
        "outputs": [
            {"Name": "IpPermissions", "Selector": "$.IpPermissions", "Type": "MapList"},
            {"Name": "Ids", "Selector": "$.Ids", "Type": "StringList"},
        ],
    }
    authorize = call(
        Api="AuthorizeSecurityGroupIngress",
        IpPermissions="{{ Plan.IpPermissions }}",
        SecurityGroupRuleIds="{{ Plan.Ids }}",
    )
    run = world.run(plan, authorize)
    assert run.status == "Success"
    _, arguments = world.calls[-1]
    assert arguments == {"IpPermissions": permissions, "SecurityGroupRuleIds": ["sgr-1", "sgr-2"]}
    assert type(arguments["IpPermissions"][0]["FromPort"]) is int


def test_outputs_are_selected_from_the_whole_response(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"Vpcs": [{"VpcId": "vpc-1", "IsDefault": True}]}
    outputs = [
        {"Name": "Id", "Selector": "$.Vpcs[0].VpcId", "Type": "String"},
        {"Name": "Default", "Selector": "$.Vpcs[0].IsDefault", "Type": "Boolean"},
        {"Name": "Ids", "Selector": "$.Vpcs..VpcId", "Type": "StringList"},
        {"Name": "Request", "Selector": "$.ResponseMetadata.RequestId"},
        {"Name": "All", "Selector": "$", "Type": "StringMap"},
        {"Name": "Gone", "Selector": "$.Vpcs[1].VpcId", "Type": "String"},
        {"Name": "Filtered", "Selector": "$.Vpcs[?(@.VpcId=='x')].VpcId", "Type": "String"},
    ]
    run = world.run(call(outputs=outputs))
    found = run.steps[0].outputs
    assert run.status == "Success"
    assert found.pop("All")["Vpcs"][0]["IsDefault"] is True
    assert found == {"Id": "vpc-1", "Default": True, "Ids": ["vpc-1"], "Request": "req-1"}


def test_times_in_a_response_become_text(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"At": datetime(2026, 1, 2, tzinfo=UTC)}
    run = world.run(call(outputs=[{"Name": "At", "Selector": "$.At"}]))
    assert run.steps[0].outputs == {"At": "2026-01-02T00:00:00+00:00"}


FAILURES = {
    "an output that cannot have its type": (
        {"Vpcs": [1, 2]},
        "the output X is of the wrong type: the value [1,2] is not convertible to String",
    ),
    "a response with a stream": (
        {"Vpcs": StreamingBody(None, 0)},
        "TypeError: a StreamingBody cannot be an output of a step",
    ),
}


@pytest.mark.parametrize(("response", "message"), FAILURES.values(), ids=FAILURES)
def test_the_step_fails_for(world, response, message):
    world.apis["ec2:DescribeVpcs"] = lambda **_: response
    run = world.run(call(outputs=[{"Name": "X", "Selector": "$.Vpcs"}]))
    assert run.status == "Failed"
    assert message in run.failure_message


KINDS = {
    "a refusal": ("InvalidVpcID.NotFound", "Action"),
    "a denial": ("UnauthorizedOperation", "Permission"),
    "another denial": ("AccessDeniedException", "Permission"),
    "a throttle": ("RequestLimitExceeded", "Throttling"),
}


@pytest.mark.parametrize(("code", "kind"), KINDS.values(), ids=KINDS)
def test_an_api_error_is_told_as_aws_tells_it(world, code, kind):
    def fail(**_):
        raise world.error(code, "msg", "DescribeVpcs")

    world.apis["ec2:DescribeVpcs"] = fail
    run = world.run(call())
    world.sleep(run, 20)  # a throttled call is tried again for a while
    (step,) = run.record()["StepExecutions"]
    cause = f"An error occurred ({code}) when calling the DescribeVpcs operation: msg"
    assert step["FailureMessage"] == (
        f"Step fails when it is Execute/Cancelling action. {cause}."
        " Please refer to Automation Service Troubleshooting Guide for more diagnosis details."
    )
    assert step["FailureDetails"] == {
        "FailureStage": "Invocation",
        "FailureType": kind,
        "Details": {"ErrorMessage": [cause]},
    }


def test_an_exception_of_the_owner_of_the_effects_is_the_step_s_failure(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {}["x"]
    run = world.run(call())
    assert run.status == "Failed"
    assert "KeyError: 'x'" in run.failure_message


def test_a_call_of_more_than_25_seconds_times_out_even_where_the_step_allows_more(world):
    def slow(**_):
        world.time += 26

    world.apis["ec2:DescribeVpcs"] = slow
    run = world.run({**call(), "timeoutSeconds": 600})
    assert run.status == "TimedOut"
    assert run.steps[0].timeout == 25
    assert run.failure_message.startswith("Step timed out while step is ")


def test_calls_are_made_as_the_role_that_the_document_assumes(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {}
    world.run(call(), assumeRole=ROLE)
    execution_id = "11111111-2222-4333-8444-555555555555"
    assert world.credentials == [{"role": ROLE, "session": execution_id}]


def test_without_a_role_calls_are_made_as_the_caller(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {}
    world.run(call(), facts={"caller_credentials": "the caller's"})
    assert world.credentials == ["the caller's"]


PROPERTY = {"PropertySelector": "$.Vpcs[0].X", "DesiredValues": ["True", "3", "available"]}

DESIRED = {
    "a truth as Python prints it": True,
    "a number as text": 3,
    "a text": "available",
}
UNDESIRED = {
    "the opposite truth": (False, "False"),
    "another number": (4, "4"),
    "a text in another case": ("Available", "Available"),
    "null": (None, "None"),
}


@pytest.mark.parametrize("value", DESIRED.values(), ids=DESIRED)
def test_assert_holds_for(world, value):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"Vpcs": [{"X": value}]}
    run = world.run(check(VpcIds=["vpc-1"], **PROPERTY))
    assert run.status == "Success"
    assert world.calls == [("ec2:DescribeVpcs", {"VpcIds": ["vpc-1"]})]


@pytest.mark.parametrize(("value", "printed"), UNDESIRED.values(), ids=UNDESIRED)
def test_assert_fails_in_aws_s_words_for(world, value, printed):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"Vpcs": [{"X": value}]}
    run = world.run(check(**PROPERTY))
    assert run.failure_message == (
        f"Step fails when it is Execute/Cancelling action. Property value '{printed}' from the API"
        " output is not in the desired values. Desired values: ['True', '3', 'available'].. Please"
        " refer to Automation Service Troubleshooting Guide for more diagnosis details."
    )


def test_desired_values_may_be_references(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"X": "b"}
    run = world.run(
        check(PropertySelector="X", DesiredValues=["{{ Wanted }}"]),
        given={"Wanted": ["a", "b"]},
        parameters={"Wanted": {"type": "StringList"}},
    )
    assert run.status == "Success"


MISSING_INPUTS = {
    "no selector": ({"DesiredValues": ["x"]}, "the input PropertySelector is missing"),
    "no values": ({"PropertySelector": "$.x"}, "the input DesiredValues is missing"),
    "no JSONPath": ({"PropertySelector": "$.[", "DesiredValues": []}, "not a JSONPath selector"),
}


@pytest.mark.parametrize(("inputs", "message"), MISSING_INPUTS.values(), ids=MISSING_INPUTS)
def test_assert_and_wait_need_their_inputs(world, inputs, message):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {}
    for step in (check(**inputs), wait(**inputs)):
        assert message in world.run(step).failure_message


def test_wait_looks_again_until_the_value_is_there(world):
    states = iter(["pending", "pending", "available"])
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"Vpcs": [{"X": next(states)}]}
    run = world.run(wait(**PROPERTY))
    assert (run.status, run.ready, len(world.calls)) == ("InProgress", False, 1)
    world.sleep(run, 10)
    assert (run.status, len(world.calls)) == ("Success", 3)
    assert run.ended_at - run.started == 4


def test_wait_gives_up_after_its_timeout(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"Vpcs": [{"X": "pending"}]}
    run = world.run({**wait(**PROPERTY), "timeoutSeconds": 5})
    world.sleep(run, 60)
    assert run.status == "TimedOut"
    assert run.ended_at - run.started == 5
    assert len(world.calls) == 3


def test_wait_has_an_hour_unless_the_step_says_otherwise(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {"Vpcs": [{"X": "pending"}]}
    run = world.run(wait(**PROPERTY))
    world.time += 3600
    world.drive(run)
    assert run.status == "TimedOut"


def test_an_api_error_ends_the_wait(world):
    world.apis["ec2:DescribeVpcs"] = lambda **_: {}[0]
    run = world.run(wait(**PROPERTY))
    assert (run.status, len(world.calls)) == ("Failed", 1)

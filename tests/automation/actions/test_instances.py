"""aws:changeInstanceState and aws:runInstances: asked for, then waited for."""

import base64

import pytest

IDS = ["i-0123456789abcdef0", "i-0123456789abcdef1"]


def instances(*states):
    found = [
        {"InstanceId": one, "State": {"Name": state}}
        for one, state in zip(IDS, states, strict=False)
    ]
    return {"Reservations": [{"Instances": found[:1]}, {"Instances": found[1:]}]}


def checks(*words):
    return {
        "InstanceStatuses": [
            {"InstanceStatus": {"Status": word}, "SystemStatus": {"Status": word}} for word in words
        ]
    }


def change(**inputs):
    given = {"InstanceIds": IDS, "DesiredState": "stopped", **inputs}
    return {"name": "Change", "action": "aws:changeInstanceState", "inputs": given}


def launch(**inputs):
    given = {"ImageId": "ami-12345678", **inputs}
    return {"name": "Launch", "action": "aws:runInstances", "inputs": given}


@pytest.fixture
def ec2(world):
    """States that DescribeInstances gives, one answer after another; the last stays."""
    world.states = [("stopping", "stopped"), ("stopped", "stopped")]
    world.words = [("ok", "ok")]

    def next_of(answers):
        return answers.pop(0) if len(answers) > 1 else answers[0]

    for name in ("StartInstances", "StopInstances", "TerminateInstances"):
        world.apis[f"ec2:{name}"] = lambda **_: {}
    world.apis["ec2:DescribeInstances"] = lambda **_: instances(*next_of(world.states))
    world.apis["ec2:DescribeInstanceStatus"] = lambda **_: checks(*next_of(world.words))
    world.apis["ec2:RunInstances"] = lambda **_: {"Instances": [{"InstanceId": i} for i in IDS]}
    return world


def test_every_instance_must_have_the_state(ec2):
    run = ec2.run(change())
    assert run.status == "InProgress"
    ec2.sleep(run, 10)
    assert run.status == "Success"
    assert ec2.calls[0] == ("ec2:StopInstances", {"InstanceIds": IDS})
    assert run.steps[0].outputs["InstanceStates"] == ["stopped", "stopped"]


def test_running_means_that_both_status_checks_are_ok(ec2):
    ec2.states, ec2.words = [("running", "running")], [("initializing", "ok"), ("ok", "ok")]
    run = ec2.run(change(DesiredState="running"))
    assert run.status == "InProgress"
    ec2.sleep(run, 10)
    assert run.status == "Success"


CHANGES = {
    "a start": ({"DesiredState": "running"}, "StartInstances", {}),
    "a stop by force, said as text": ({"Force": "true"}, "StopInstances", {"Force": True}),
    "an end": ({"DesiredState": "terminated"}, "TerminateInstances", {}),
}


@pytest.mark.parametrize(("inputs", "operation", "more"), CHANGES.values(), ids=CHANGES)
def test_the_state_is_asked_for_by(ec2, inputs, operation, more):
    ec2.run(change(InstanceIds=IDS[0], **inputs))
    assert ec2.calls[0] == (f"ec2:{operation}", {"InstanceIds": IDS[:1], **more})


@pytest.mark.parametrize("only", [True, "true", "True"])
def test_check_state_only_changes_nothing(ec2, only):
    run = ec2.run(change(CheckStateOnly=only))
    ec2.sleep(run, 10)
    assert run.status == "Success"
    assert set(ec2.named()) == {"ec2:DescribeInstances"}


def test_an_instance_that_has_ended_cannot_stop_any_more(ec2):
    ec2.states = [("terminated", "stopped")]
    run = ec2.run({**change(CheckStateOnly=True), "maxAttempts": 3})
    assert (run.status, len(ec2.calls)) == ("Failed", 1)
    assert "cannot become stopped" in run.failure_message


def test_an_hour_is_enough(ec2):
    ec2.states = [("stopping", "stopping")]
    run = ec2.run(change())
    ec2.sleep(run, 3700)
    assert run.status == "TimedOut"
    assert run.ended_at - run.started == 3600


BAD = {
    "an unknown state": ({"DesiredState": "hibernated"}, "DesiredState must be one of running"),
    "no instance": ({"InstanceIds": []}, "InstanceIds must be a StringList"),
    "a flag that is none": ({"CheckStateOnly": "maybe"}, "CheckStateOnly must be a Boolean"),
}


@pytest.mark.parametrize(("inputs", "message"), BAD.values(), ids=BAD)
def test_nothing_is_called_for(ec2, inputs, message):
    run = ec2.run(change(**inputs))
    assert (run.status, ec2.calls) == ("Failed", [])
    assert message in run.failure_message


def test_instances_are_launched_and_awaited(ec2):
    ec2.states = [("pending", "pending"), ("running", "running")]
    run = ec2.run(launch())
    ec2.sleep(run, 10)
    assert run.status == "Success"
    assert run.steps[0].outputs == {
        "InstanceIds": IDS,
        "InstanceStates": ["running", "running"],
    }
    wanted = {"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": 1, "MaxCount": 1}
    assert ec2.calls[0] == ("ec2:RunInstances", wanted)


INPUTS = {
    "counts as text": (
        {"MinInstanceCount": "2", "MaxInstanceCount": "3"},
        {"MinCount": 2, "MaxCount": 3},
    ),
    "a profile's name": (
        {"IamInstanceProfileName": "p", "IamInstanceProfileArn": ""},
        {"IamInstanceProfile": {"Name": "p"}},
    ),
    "detailed monitoring": ({"Monitoring": "True"}, {"Monitoring": {"Enabled": True}}),
    "nothing where texts are empty": (
        {"SubnetId": "", "SecurityGroupIds": [""], "KeyName": "", "MetadataOptions": {}},
        {},
    ),
    "a group alone as a list": ({"SecurityGroupIds": "sg-1"}, {"SecurityGroupIds": ["sg-1"]}),
    "numbers inside maps": (
        {"MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": "2"}},
        {"MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2}},
    ),
    "user data, which boto3 encodes again": (
        {"UserData": base64.b64encode(b"#!/bin/sh").decode()},
        {"UserData": "#!/bin/sh"},
    ),
}


@pytest.mark.parametrize(("inputs", "called"), INPUTS.values(), ids=INPUTS)
def test_run_instances_is_called_with(ec2, inputs, called):
    ec2.run(launch(**inputs))
    usual = {"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": 1, "MaxCount": 1}
    assert ec2.calls[0] == ("ec2:RunInstances", {**usual, **called})


def test_user_data_must_be_base64(ec2):
    run = ec2.run(launch(UserData="#!/bin/sh"))
    assert (run.status, ec2.calls) == ("Failed", [])
    assert "UserData must be Base64-encoded" in run.failure_message


def test_an_instance_that_does_not_come_up_fails_the_launch(ec2):
    ec2.states = [("pending", "pending"), ("terminated", "running")]
    run = ec2.run(launch())
    ec2.sleep(run, 10)
    assert run.status == "Failed"
    assert run.steps[0].outputs["InstanceIds"] == IDS

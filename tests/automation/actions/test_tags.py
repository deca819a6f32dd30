"""aws:createTags: EC2 resources and parameters; nothing else is here to be tagged."""

import pytest

TAGS = [{"Key": "a", "Value": ""}]


def tag(**inputs):
    return {
        "name": "Tag",
        "action": "aws:createTags",
        "inputs": {"ResourceIds": ["vpc-1"], "Tags": TAGS, **inputs},
    }


TAGGED = {
    "resources of EC2 unless another type is said": (
        {"ResourceIds": ["vpc-1", "i-1"]},
        ("ec2:CreateTags", {"Resources": ["vpc-1", "i-1"], "Tags": TAGS}),
    ),
    "a parameter": (
        {"ResourceType": "Parameter", "ResourceIds": "/a/b"},
        (
            "ssm:AddTagsToResource",
            {"ResourceType": "Parameter", "ResourceId": "/a/b", "Tags": TAGS},
        ),
    ),
}


@pytest.mark.parametrize(("inputs", "called"), TAGGED.values(), ids=TAGGED)
def test_tags_are_given_to(world, inputs, called):
    world.apis[called[0]] = lambda **_: {}
    run = world.run(tag(**inputs))
    assert (run.status, world.calls) == ("Success", [called])


REFUSED = {
    "a managed instance": ({"ResourceType": "ManagedInstance"}, "is not emulated"),
    "a maintenance window": ({"ResourceType": "MaintenanceWindow"}, "is not emulated"),
    "an unknown type": ({"ResourceType": "Bucket"}, "ResourceType must be one of EC2"),
    "two parameters": (
        {"ResourceType": "Parameter", "ResourceIds": ["a", "b"]},
        "ResourceIds must be one item",
    ),
    "nothing": ({"ResourceIds": []}, "ResourceIds must be a StringList"),
}


@pytest.mark.parametrize(("inputs", "message"), REFUSED.values(), ids=REFUSED)
def test_the_step_fails_for(world, inputs, message):
    run = world.run(tag(**inputs))
    assert (run.status, world.calls) == ("Failed", [])
    assert message in run.failure_message

"""aws:createImage, aws:copyImage and aws:deleteImage."""

import pytest

IMAGE = "ami-0123456789abcdef0"


def step(action, **inputs):
    return {"name": "Do", "action": f"aws:{action}", "inputs": inputs}


CREATE = step("createImage", InstanceId=["i-1"], ImageName="x", NoReboot="true")
COPY = step("copyImage", SourceImageId="ami-1", SourceRegion="eu-west-1", ImageName="x")


@pytest.fixture
def ec2(world):
    """The states that an image is found in, one after another; the last stays."""
    world.states = ["pending", "available"]

    def images(**_):
        state = world.states.pop(0) if len(world.states) > 1 else world.states[0]
        mappings = [{"Ebs": {"SnapshotId": "snap-1"}}, {"VirtualName": "ephemeral0"}]
        return {"Images": [{"ImageId": IMAGE, "State": state, "BlockDeviceMappings": mappings}]}

    world.apis["ec2:DescribeImages"] = images
    for name in ("CreateImage", "CopyImage", "DeregisterImage", "DeleteSnapshot"):
        world.apis[f"ec2:{name}"] = lambda **_: {"ImageId": IMAGE}
    return world


MADE = {
    "of an instance": (CREATE, "CreateImage", {"InstanceId": "i-1", "Name": "x", "NoReboot": True}),
    "of an image": (
        COPY,
        "CopyImage",
        {"SourceImageId": "ami-1", "SourceRegion": "eu-west-1", "Name": "x"},
    ),
}


@pytest.mark.parametrize(("made", "operation", "called"), MADE.values(), ids=MADE)
def test_an_image_is_made_and_awaited(ec2, made, operation, called):
    run = ec2.run(made)
    assert run.steps[0].outputs == {"ImageId": IMAGE, "ImageState": "pending"}
    ec2.sleep(run, 20)
    assert run.status == "Success"
    assert run.steps[0].outputs == {"ImageId": IMAGE, "ImageState": "available"}
    assert ec2.calls[0] == (f"ec2:{operation}", called)


def test_an_image_that_fails_fails_the_step(ec2):
    ec2.states = ["failed"]
    run = ec2.run(CREATE)
    assert f"The image {IMAGE} is failed: no reason given" in run.failure_message


def test_an_image_is_deleted_with_its_snapshots(ec2):
    run = ec2.run(step("deleteImage", ImageId=[IMAGE]))
    assert run.status == "Success"
    assert ec2.calls[1:] == [
        ("ec2:DeregisterImage", {"ImageId": IMAGE}),
        ("ec2:DeleteSnapshot", {"SnapshotId": "snap-1"}),
    ]


def test_an_image_that_is_not_there_cannot_be_deleted(ec2):
    ec2.apis["ec2:DescribeImages"] = lambda **_: {"Images": []}
    run = ec2.run(step("deleteImage", ImageId=IMAGE))
    assert f"The image {IMAGE} does not exist" in run.failure_message
    assert ec2.named() == ["ec2:DescribeImages"]

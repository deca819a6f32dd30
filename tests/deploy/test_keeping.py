"""An update changes what was asked for, and never what somebody has set before."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netmend.deploy import plan
from netmend.deploy.change import DeclinedError
from netmend.deploy.plan import Wish
from netmend.deploy.survey import survey
from netmend.deploy.templates import Template
from netmend.deploy.writes import carry_out
from netmend.errors import UserError
from netmend.sandbox.core import Sandbox
from netmend.verification.record import mark_sandbox
from tests.deploy.places import ACCOUNT, GOODS, Place

CREATE, EXECUTE = "cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"
PUT = "ssm:PutParameter"
RULE = "netmend-remediation"


@pytest.fixture
def place() -> Iterator[Place]:
    with Sandbox() as sandbox:
        found = Place(sandbox)
        found.deploy("approve", approvers=("ann", "bob"), settings={"GuardedPorts": "22"})
        yield found


def parameters(place: Place, stack: str) -> dict[str, str]:
    found = place.stack(stack)["Parameters"]
    return {p["ParameterKey"]: p["ParameterValue"] for p in found}


def set_by_hand(place: Place, mode: str) -> None:
    place.raw("ssm").put_parameter(Name="/netmend/mode", Value=mode, Overwrite=True)


def test_what_is_not_given_stays(place: Place) -> None:
    assert place.deploy(settings={"AllowedPorts": "443"}) == [CREATE, EXECUTE]
    detection, remediation = parameters(place, "netmend-detection"), parameters(place, RULE)
    assert (detection["GuardedPorts"], detection["AllowedPorts"]) == ("22", "443")
    assert (remediation["Approvers"], remediation["Mode"]) == ("ann,bob", "approve")
    assert place.mode() == "approve"


def test_a_parameter_of_two_stacks_is_set_in_both(place: Place) -> None:
    assert place.deploy(settings={"LogRetentionInDays": "30"}) == [CREATE, EXECUTE] * 2
    assert parameters(place, "netmend-detection")["LogRetentionInDays"] == "30"
    assert parameters(place, RULE)["LogRetentionInDays"] == "30"


def test_nobody_may_approve_when_it_is_said_so(place: Place) -> None:
    place.deploy(approvers=())
    assert parameters(place, RULE)["Approvers"] == ""


@pytest.mark.parametrize("mode", ["off", "observe"])
def test_an_update_does_not_raise_a_mode_that_was_lowered_by_hand(place: Place, mode: str) -> None:
    set_by_hand(place, mode)
    assert place.deploy() == []
    place.deploy(approvers=("cid",))
    assert place.mode() == mode
    assert parameters(place, RULE)["Mode"] == mode


MODES = {
    "lowered by the stack": ("approve", "observe", [CREATE, EXECUTE]),
    "as it is": ("approve", "approve", []),
    "put back up, where the stack has it so": ("off", "approve", [PUT]),
    "raised by hand, and kept": ("enforce", None, []),
    "put back down, where the stack has it so": ("enforce", "approve", [PUT]),
}


@pytest.mark.parametrize(("live", "asked", "calls"), MODES.values(), ids=MODES.keys())
def test_the_mode_asked_for_is_the_one_that_holds(
    place: Place, live: str, asked: str | None, calls: list[str]
) -> None:
    set_by_hand(place, live)
    assert place.deploy(asked) == calls
    assert place.mode() == (asked or live)


def test_a_mode_is_lowered_before_anything_else(place: Place) -> None:
    set_by_hand(place, "enforce")
    made = place.deploy("approve", settings={"GuardedPorts": "22,23"})
    assert made == [PUT, CREATE, EXECUTE]


def test_a_mode_is_raised_after_everything_else(place: Place) -> None:
    set_by_hand(place, "off")
    made = place.deploy("approve", settings={"GuardedPorts": "22,23"})
    assert made == [CREATE, EXECUTE, PUT]


def test_a_mode_that_somebody_has_deleted_is_put_back_as_observe(place: Place) -> None:
    place.raw("ssm").delete_parameter(Name="/netmend/mode")
    assert place.deploy() == [PUT]
    assert place.mode() == "observe"


def test_enforce_is_refused_until_the_checks_have_passed(place: Place) -> None:
    with pytest.raises(UserError, match="netmend verify --live"):
        place.deploy("enforce")
    assert (place.made, place.mode()) == ([], "approve")
    mark_sandbox(place.raw("ssm"), "210987654321", "us-east-1")
    with pytest.raises(UserError, match="is of another place"):
        place.deploy("enforce")
    mark_sandbox(place.raw("ssm"), ACCOUNT, "us-east-1")
    assert place.deploy("enforce") == [CREATE, EXECUTE]
    assert place.mode() == "enforce"


def test_a_change_set_that_takes_something_away_is_asked_about(place: Place) -> None:
    text = GOODS.templates[1].text.replace("DetectorErrorsAlarm:", "DetectorAlarm:")
    text = text.replace("netmend-detector-errors", "netmend-detector-failed")
    changed = Template("netmend-detection", text, GOODS.templates[1].parameters)
    goods = plan.Goods((GOODS.templates[0], changed, GOODS.templates[2]), GOODS.code, GOODS.types)
    site, asked = place.site(), []

    def declines(question: str) -> bool:
        asked.append(question)
        return False

    found = survey(site, goods.types)
    planned = plan.make(site, goods, Wish(), found, place.told.append, declines)
    with pytest.raises(DeclinedError, match="netmend-detection was left as it is") as declined:
        carry_out(planned.writes, place.told.append)
    assert declined.value.exit_code == 2
    assert asked == ["go on with netmend-detection"]
    assert "  netmend-detection: 1 to create, 1 to remove" in place.told
    assert place.deploy() == []


def test_bytes_that_somebody_has_put_in_the_place_of_the_code_are_replaced(place: Place) -> None:
    s3, bucket = place.raw("s3"), f"netmend-artifacts-{ACCOUNT}-us-east-1"
    key = next(
        o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"] if o["Key"].endswith("zip")
    )
    s3.put_object(Bucket=bucket, Key=key, Body=b"not ours")
    assert place.deploy() == ["s3:PutObject"]
    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == GOODS.code


def test_settings_of_the_bucket_that_somebody_has_taken_away_are_put_back(place: Place) -> None:
    bucket = f"netmend-artifacts-{ACCOUNT}-us-east-1"
    place.raw("s3").delete_bucket_policy(Bucket=bucket)
    place.raw("s3").delete_public_access_block(Bucket=bucket)
    assert place.deploy() == ["s3:PutPublicAccessBlock", "s3:PutBucketPolicy"]


def test_a_mode_that_stands_without_a_stack_is_refused() -> None:
    with Sandbox() as sandbox:
        place = Place(sandbox)
        place.raw("ssm").put_parameter(Name="/netmend/mode", Value="off", Type="String")
        with pytest.raises(UserError, match="aws ssm delete-parameter --name /netmend/mode"):
            place.deploy()
        assert place.made == []

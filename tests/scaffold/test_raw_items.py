"""A raw item is read from either shape that Config gives it, and refused when it is none."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest

from rules.netlib.conditions import Condition, equals, given
from rules.netlib.errors import Malformed
from rules.netlib.plan import Plan
from rules.netlib.raw import Item, RawRule, from_item

DELIVERED: dict[str, Any] = {
    "awsAccountId": "123456789012",
    "awsRegion": "eu-west-1",
    "configurationItemStatus": "OK",
    "resourceType": "AWS::S3::Bucket",
    "resourceId": "logs",
    "resourceName": "logs",
    "tags": {"Owner": "network"},
    "configuration": {"name": "logs", "owner": {"id": "abc"}},
    "supplementaryConfiguration": {"IsRequesterPaysEnabled": "false", "Policy": {"text": None}},
}
HISTORY: dict[str, Any] = {
    **{key: value for key, value in DELIVERED.items() if key != "awsAccountId"},
    "accountId": "123456789012",
    "configuration": json.dumps(DELIVERED["configuration"]),
    "supplementaryConfiguration": {
        "IsRequesterPaysEnabled": "false",
        "Policy": json.dumps({"text": None}),
    },
}


class OWNED_BUCKETS(RawRule):
    """Buckets belong to somebody."""

    RESOURCE_TYPES = ("AWS::S3::Bucket",)
    RUNBOOK = "MendOwnedBuckets"
    CONDITIONS: ClassVar[tuple[Condition, ...]] = (
        Condition("tags.Owner", given(), "nobody owns it"),
        Condition("configuration.owner.id", equals("abc"), "a stranger owns it"),
    )


RULE = OWNED_BUCKETS()


def test_both_shapes_give_the_same_item() -> None:
    assert from_item(DELIVERED) == from_item(HISTORY)
    found = from_item(DELIVERED)
    assert (found.owner_id, found.region, found.tags) == (
        "123456789012",
        "eu-west-1",
        {"Owner": "network"},
    )
    assert found.supplementary == {"IsRequesterPaysEnabled": "false", "Policy": {"text": None}}


def test_what_an_item_may_leave_out_is_empty() -> None:
    assert from_item({"resourceId": "logs"}) == Item("", "logs", None, "", "", {}, {}, {})


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "no id": ({"configuration": {}}, "a configuration item without resourceId"),
    "an id that is no text": ({"resourceId": 7}, "without resourceId"),
    "a list for an object": (
        {"resourceId": "logs", "configuration": [1]},
        "logs: configuration must be an object",
    ),
    "a text that is no JSON": (
        {"resourceId": "logs", "configuration": "{"},
        "logs: configuration must be an object, not '{'",
    ),
    "tags that are no object": ({"resourceId": "logs", "tags": "x"}, "logs: tags must be"),
}


@pytest.mark.parametrize(("item", "says"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_item_is_no_verdict(item: dict[str, Any], says: str) -> None:
    with pytest.raises(Malformed, match=says):
        RULE.resource({"configuration": {}, **item})


def test_an_answer_of_a_describe_call_is_no_item() -> None:
    with pytest.raises(Malformed, match="AWS::S3::Bucket is judged by its configuration item"):
        RULE.resource({"Name": "logs"})


def judged(**changes: Any) -> tuple[str, Plan]:
    """The annotation, and what would be done."""
    resource = RULE.resource({**DELIVERED, **changes})
    found = RULE.violations(resource, {}, RULE.parameters({}))
    return RULE.annotation(found), RULE.plan(resource, found, {}, {})


def test_each_condition_says_what_is_wrong() -> None:
    assert judged(tags={}, configuration={})[0] == "nobody owns it; a stranger owns it"
    assert judged(tags={})[0] == "nobody owns it"


def test_a_long_annotation_is_cut() -> None:
    condition = Condition("tags.Owner", given(), "x" * 200)
    found = RULE.violations(RULE.resource({**DELIVERED, "tags": {}, "configuration": {}}), {}, {})
    text = RULE.annotation([one._replace(condition=condition) for one in found])
    assert (len(text), text[-4:]) == (256, "x...")


def test_a_mend_is_held_for_want_of_a_live_reader() -> None:
    plan = judged(tags={})[1]
    assert (plan.decision, plan.calls, plan.before, plan.after) == ("HELD", (), (), ())
    assert plan.reason.startswith("AWS::S3::Bucket has no live reader")
    assert judged()[1].decision == "NONE"


def test_a_runbook_without_a_change_step_has_no_entry() -> None:
    assert RULE.runbook_outputs(judged(tags={})[1]) == {"Entry": ""}

"""A plan that only revokes names each rule once, by its id, and leaves the others."""

from __future__ import annotations

import pytest

from rules.netlib.errors import PlanWithoutIds
from rules.netlib.groups import revoked, revoking
from rules.netlib.permissions import Permission, SecurityGroup

WEB = Permission("sgr-1", "tcp", 443, 443, "ipv4", "0.0.0.0/0", "the web service")
SSH = Permission("sgr-2", "tcp", 22, 22, "ipv4", "203.0.113.0/24", "a trial", (("Owner", "me"),))
PEER = Permission("sgr-3", "-1", None, None, "group", "sg-0a1b2c3d", "a trial")
GROUP = SecurityGroup("sg-1", "web", "123456789012", "vpc-1", (), (WEB, SSH, PEER))


def test_the_rest_stays() -> None:
    plan = revoking(GROUP, [SSH, PEER, SSH], "they go")
    assert (plan.decision, plan.reason) == ("MEND", "they go")
    (call,) = plan.calls
    assert call.to_json() == {
        "op": "RevokeSecurityGroupIngress",
        "GroupId": "sg-1",
        "SecurityGroupRuleIds": ["sgr-2", "sgr-3"],
    }
    assert [rule["SecurityGroupRuleId"] for rule in plan.before] == ["sgr-2", "sgr-3"]
    assert [one["IpProtocol"] for one in plan.after] == ["tcp"]
    assert revoked(plan) == {
        "Entry": "MEND_REMOVE",
        "SecurityGroupRuleIds": ["sgr-2", "sgr-3"],
    }


def test_a_rule_from_another_group_is_kept_whole_in_the_evidence() -> None:
    (before,) = revoking(GROUP, [PEER], "it goes").before
    assert before["ReferencedGroupId"] == "sg-0a1b2c3d"


def test_a_plan_from_a_file_cannot_be_handed_to_a_runbook() -> None:
    bare = SSH._replace(rule_id=None)
    with pytest.raises(PlanWithoutIds):
        revoked(revoking(GROUP._replace(ingress=(bare,)), [bare], "it goes"))

"""A rule that is not about openness is explained in words that fit it."""

from __future__ import annotations

from netmend.evaluate import judge
from netmend.explain import as_markdown, as_text, model
from netmend.explain.explaining import explain
from rules.netlib.conditions import Condition, ConditionRule, Unmet, differs
from rules.netlib.groups import SecurityGroupRule
from rules.netlib.permissions import SecurityGroup
from rules.netlib.plan import HELD, Plan
from tests.rules.ec2_group import Rule, describe


class GROUP_NOT_RETIRED(ConditionRule, SecurityGroupRule):  # type: ignore[misc]
    """Holds, as a rule that is new."""

    RUNBOOK = "RetireGroup"
    CONDITIONS = (Condition("tags.Lifecycle", differs("retired"), "it is tagged as retired"),)

    def mend(self, resource: SecurityGroup, violations: list[Unmet]) -> Plan:
        return Plan(HELD, "a person has to decide")


def held() -> model.Explanation:
    rule = GROUP_NOT_RETIRED()
    group = describe([Rule("tcp", 443, 443, "0.0.0.0/0")])
    group["Tags"] = [{"Key": "Lifecycle", "Value": "retired"}]
    judged = judge(rule, rule.from_live(group), {}, rule.parameters({}))
    return explain(rule, judged, {}, {}, model.Context("a file", "the defaults"))


def test_a_held_plan_that_says_nothing_of_what_stays_claims_nothing() -> None:
    told = held()
    assert told.mend is not None
    assert told.mend.decision == HELD
    assert told.mend.after is None
    text = "\n".join(line.text for line in as_text.lines(told, 80))
    assert "Why it is not compliant" in text
    assert "a person has to decide" in text
    for page in (text, as_markdown.markdown(told)):
        assert "nothing" not in page.replace("changes nothing", "")

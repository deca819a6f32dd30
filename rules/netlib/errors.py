"""What the library refuses, each in one line that says what is wrong.

Unreadable              no verdict: neither COMPLIANT nor NON_COMPLIANT can be said
├── Malformed           the resource has not the shape that AWS gives it
│   └── ReadsDisagree   two reads of one group differ: it is being changed
└── FactUnreadable      what the verdict rests on beside the resource is missing or malformed
PlanWithoutIds          a plan made offline cannot be handed to a runbook
"""


class Unreadable(ValueError):
    """Without a readable input there is no verdict."""


class Malformed(Unreadable):
    """The resource has not the shape that AWS gives it."""


class ReadsDisagree(Malformed):
    """DescribeSecurityGroups and DescribeSecurityGroupRules told of different rules."""

    def __init__(self, group_id: str) -> None:
        super().__init__(
            f"{group_id}: DescribeSecurityGroups and DescribeSecurityGroupRules disagree,"
            " it is being changed - read it again"
        )


class FactUnreadable(Unreadable):
    """A fact by its name (`prefix_lists`, `vpc_cidrs`, ...) and the id of what it is about."""

    def __init__(self, name: str, id: str, why: str = "could not be read") -> None:
        self.name = name
        self.id = id
        super().__init__(f"{name}: {id} {why}" if id else f"{name} {why}")


class PlanWithoutIds(ValueError):
    """The runbook revokes by rule id, and the plan was made from a group without them."""

    def __init__(self) -> None:
        super().__init__("the plan has no rule ids - plan from DescribeSecurityGroupRules")

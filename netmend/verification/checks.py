"""The checks by their numbers in docs/unverified.md, and what came of each of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from netmend.verification import looking, mending
from netmend.verification.errors import CouldNotError, DriftError
from netmend.verification.stage import Stage, refused
from rules.netlib.verified import MUST_PASS

PASSED, FAILED, UNCHECKED, SKIPPED = "passed", "failed", "not checked", "skipped"


@dataclass(frozen=True)
class Check:
    """One belief; run: raises DriftError or CouldNotError, else returns what was seen."""

    number: int
    belief: str
    run: Callable[[Stage], str]

    @property
    def must(self) -> bool:
        """Whether enforce is refused until it has passed."""
        return self.number in MUST_PASS


@dataclass(frozen=True)
class Result:
    """What came of a check: seen, or why nothing was; expected only where it failed."""

    check: Check
    state: str
    seen: str = ""
    expected: str = ""


# In the order in which they run: first what takes a moment, last what waits for AWS Config.
CHECKS: Final = (
    Check(1, "a step selects from what its function returns", looking.selector_root),
    Check(2, "a step fails when its function raises", looking.raising_function),
    Check(10, "evaluations of a pack's rule can be started", looking.evaluation_of_pack_rule),
    Check(12, "a history begins with the item of laterTime", looking.history),
    Check(3, "a MapList keeps its integers and inner lists", mending.tagged),
    Check(16, "a step sees which rules were added and revoked", mending.told_what_went),
    Check(14, "evidence can be written under its key", mending.evidence),
    Check(4, "an empty TagSpecifications is none", mending.untagged),
    Check(15, "groups with AWS's own prefix lists are judged", looking.managed_prefix_list),
    Check(5, "a rejected question goes to Abort", mending.rejection),
    Check(13, "EventBridge starts the runbook", looking.delivery),
)


def run(stage: Stage, numbers: Collection[int]) -> Iterator[Result]:
    """Run the checks of these numbers, and name the others as skipped."""
    for check in CHECKS:
        if check.number not in numbers:
            yield Result(check, SKIPPED)
            continue
        stage.say(f"  check {check.number}: {check.belief}")
        yield _result(check, stage)


def _result(check: Check, stage: Stage) -> Result:
    try:
        return Result(check, PASSED, check.run(stage))
    except DriftError as drift:
        return Result(check, FAILED, drift.seen, drift.expected)
    except CouldNotError as reason:
        return Result(check, UNCHECKED, str(reason))
    except (BotoCoreError, ClientError) as error:
        return Result(check, UNCHECKED, str(refused(error)))

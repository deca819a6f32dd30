"""A condition says what must stand at a path of a resource; where it does not, that is a violation.

A path is names with dots between, `[]` for every element: `configuration.routes[].state`. What is
not there is None; a list without elements has nothing that could be wrong.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar, Final, NamedTuple

from rules.netlib.plan import HELD, NONE, Plan
from rules.netlib.rule import NetmendRule

LONGEST: Final = 256
"""Characters of a Config annotation."""


class Check(NamedTuple):
    """holds: judges one value. must: the same in words, after the path."""

    holds: Callable[[Any], bool]
    must: str


class Condition(NamedTuple):
    """says: what is wrong where it does not hold, in an annotation's words."""

    path: str
    check: Check
    says: str


class Unmet(NamedTuple):
    """A violation: the values that should not be there, and the innermost elements they are in."""

    condition: Condition
    found: tuple[Any, ...]
    elements: tuple[Any, ...]

    def to_json(self) -> dict[str, Any]:
        path, check, says = self.condition
        return {"path": path, "must": check.must, "says": says, "found": list(self.found)}


def equals(wanted: Any) -> Check:
    """Exactly this value, a text with its case."""
    return Check(lambda value: bool(value == wanted), f"be {wanted!r}")


def differs(unwanted: Any) -> Check:
    """Any value but this one, or none."""
    return Check(lambda value: bool(value != unwanted), f"not be {unwanted!r}")


def one_of(*wanted: Any) -> Check:
    """One of these values."""
    return Check(lambda value: value in wanted, f"be one of {', '.join(map(repr, wanted))}")


def given() -> Check:
    """Something: neither absent nor empty."""
    return Check(lambda value: value not in (None, "", [], {}), "be given")


def lacks(text: str) -> Check:
    """A text without this in it, in whatever case, or none."""
    return Check(lambda value: text.casefold() not in str(value or "").casefold(), f"lack {text!r}")


def at(resource: Any, path: str) -> Iterator[tuple[Any, Any]]:
    """(value, innermost list element that it is in, else the resource) of all that a path meets."""
    yield from _walk(resource, path, resource)


def _walk(value: Any, path: str, element: Any) -> Iterator[tuple[Any, Any]]:
    if not path:
        yield value, element
    elif isinstance(value, Mapping) and path in value:  # a tag's name may have dots
        yield value[path], element
    else:
        name, _, rest = path.partition(".")
        found = _member(value, name.removesuffix("[]"))
        if not name.endswith("[]"):
            yield from _walk(found, rest, element)
        elif isinstance(found, list | tuple):
            for one in found:
                yield from _walk(one, rest, one)


def _member(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, tuple) and not hasattr(value, "_fields"):  # tags: pairs of texts
        return dict(value).get(name)
    return getattr(value, name, None)


def unmet(conditions: Iterable[Condition], resource: Any) -> list[Unmet]:
    """The conditions that do not hold."""
    found = []
    for condition in conditions:
        wrong = [one for one in at(resource, condition.path) if not condition.check.holds(one[0])]
        if wrong:
            found.append(Unmet(condition, *zip(*wrong, strict=True)))
    return found


class ConditionRule(NetmendRule):
    """Judges by a table, and mends nothing before a rule says how."""

    CONDITIONS: ClassVar[tuple[Condition, ...]] = ()

    def violations(self, resource: Any, facts: Mapping[str, Any], params: Any) -> list[Unmet]:
        return unmet(self.CONDITIONS, resource)

    def annotation(self, violations: list[Unmet]) -> str:
        text = "; ".join(one.condition.says for one in violations)
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."

    def plan(
        self, resource: Any, violations: list[Unmet], facts: Mapping[str, Any], params: Any
    ) -> Plan:
        if not violations:
            return Plan(NONE, "it is compliant")
        return self.mend(resource, violations)

    def mend(self, resource: Any, violations: list[Unmet]) -> Plan:
        """How to mend what is not compliant; HELD: a person has to."""
        return Plan(HELD, "this rule plans no mend: a person has to decide what becomes of it")

    def runbook_outputs(self, plan: Plan) -> dict[str, Any]:
        # A runbook without a change step has no entry: a decision to mend would abort.
        return {"Entry": ""}

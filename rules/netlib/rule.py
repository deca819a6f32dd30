"""A rule is pure: parameters, verdict and plan are functions of a resource and facts.

The one module of the library that knows rdklib.
"""

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import Any, ClassVar, NamedTuple

from rdklib import ConfigRule, InvalidParametersError

from rules.netlib import plan as plans
from rules.netlib.errors import Unreadable


class Parameter(NamedTuple):
    """How a parameter is read: `read` raises ValueError, naming the part that is wrong."""

    default: str
    read: Callable[[str], Any]
    accepts: str


class NetmendRule(ConfigRule):  # type: ignore[misc]  # rdklib has no types
    """The base of every rule; rules never see a client.

    NEEDS are the names of the facts for the verdict, PLAN_NEEDS those that the plan needs as well.
    """

    NEEDS: ClassVar[tuple[str, ...]] = ()
    PLAN_NEEDS: ClassVar[tuple[str, ...]] = ()
    RESOURCE_TYPES: ClassVar[tuple[str, ...]] = ()
    RUNBOOK: ClassVar[str]
    PARAMETERS: ClassVar[Mapping[str, Parameter]] = {}
    UNREADABLE: ClassVar[type[Unreadable]] = Unreadable
    """What says that there is no verdict."""

    def parameters(self, raw: Mapping[str, str]) -> Any:
        """Typed parameters; raises InvalidParametersError saying what each one takes."""
        return read_parameters(raw, self.PARAMETERS)

    def from_item(self, item: Mapping[str, Any]) -> Any:
        """The resource from a configuration item; raises UNREADABLE."""
        raise NotImplementedError

    def from_live(self, *answers: Any) -> Any:
        """The resource from what Describe calls answer; raises UNREADABLE."""
        raise NotImplementedError

    def resource(self, raw: Mapping[str, Any]) -> Any:
        """The resource from either; raises UNREADABLE."""
        return self.from_item(raw) if "configuration" in raw else self.from_live(raw)

    def changes(self, resource: Any) -> str:
        """The id of what a mend would write."""
        raise NotImplementedError

    def violations(self, resource: Any, facts: Mapping[str, Any], params: Any) -> list[Any]:
        """Why the resource is not compliant; empty when it is. Raises UNREADABLE."""
        raise NotImplementedError

    def annotation(self, violations: list[Any]) -> str:
        """What is wrong, in 1 to 256 characters."""
        raise NotImplementedError

    def plan(
        self, resource: Any, violations: list[Any], facts: Mapping[str, Any], params: Any
    ) -> plans.Plan:
        """How to mend it; raises UNREADABLE."""
        raise NotImplementedError

    def change_lines(self, plan: plans.Plan) -> list[str]:
        """What a plan adds and takes away, a line each, without users' own text."""
        raise NotImplementedError

    def image(self, resource: Any) -> list[Any]:
        """The part of a resource that mends change, in the form of a plan's `after`."""
        raise NotImplementedError

    def canonical_image(self, image: Any) -> list[Any]:
        """An image as JSON that is equal for equal images, however AWS groups and orders them."""
        raise NotImplementedError

    def strays(self, before: Iterable[Any], gone: Iterable[Any]) -> list[str]:
        """What went beside a plan's `before`, a line each; both as AWS tells them."""
        return plans.strays(before, gone)

    def runbook_outputs(self, plan: plans.Plan) -> dict[str, Any]:
        """What the runbook's change steps read of a plan."""
        return plans.runbook_outputs(plan)

    def evaluate_parameters(self, rule_parameters: Mapping[str, str]) -> Any:
        """rdklib's name for it."""
        return self.parameters(rule_parameters)

    def get_assume_role_mode(self, event: Mapping[str, Any]) -> bool:
        """Never: the detector works with its own role."""
        return False


def read_parameters(raw: Mapping[str, Any], known: Mapping[str, Parameter]) -> dict[str, Any]:
    """Each known parameter's value by name, its default where absent or blank is its default."""
    for name in raw:
        if name not in known:
            near = ", ".join(get_close_matches(name, known, 1, 0))
            raise InvalidParametersError(f"{name} is no parameter here, did you mean {near}?")
    return {name: _value(name, raw.get(name, one.default), one) for name, one in known.items()}


def _value(name: str, raw: Any, parameter: Parameter) -> Any:
    if isinstance(raw, str):
        try:
            return parameter.read(raw.strip())
        except ValueError as error:
            wrong = f" at {error}" if str(error) else ""
            raise InvalidParametersError(
                f"{name}={raw!r:.80} is wrong{wrong}: it takes {parameter.accepts}"
            ) from None
    raise InvalidParametersError(f"{name}={raw!r:.80} is no text: it takes {parameter.accepts}")


def choice(*accepted: str) -> Callable[[str], str]:
    """Reads one of a few words."""

    def read(raw: str) -> str:
        if raw not in accepted:
            raise ValueError
        return raw

    return read


def whole_number(lowest: int, highest: int) -> Callable[[str], int]:
    """Reads a number of that range."""

    def read(raw: str) -> int:
        # isdecimal alone also takes the digits of every other script.
        if raw.isascii() and raw.isdecimal() and len(raw) < 4 and lowest <= int(raw) <= highest:
            return int(raw)
        raise ValueError

    return read

"""What stands and what is wished for give every call that a deployment will make, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from netmend.deploy import artifacts, kept, standing
from netmend.deploy.artifacts import Artifact
from netmend.deploy.change import Change, Confirm, agreed, leftovers
from netmend.deploy.site import Site
from netmend.deploy.standing import DONE, Standing
from netmend.deploy.survey import DETECTION, MODE, REMEDIATION, ROLES, Survey, text
from netmend.deploy.templates import Template, same
from netmend.deploy.writes import Tell, Write, nothing, silent
from netmend.errors import UserError
from rules.netlib import verified

MODES: Final = ("off", "observe", "approve", "enforce")
"""Weakest first."""

FIRST_MODE: Final = "observe"
CAPABILITIES: Final = {ROLES: ("CAPABILITY_NAMED_IAM",)}
RETENTION: Final = "EvidenceRetentionInDays"
CODE: Final = {"CodeKey": "code", "CodeBucket": "bucket of the code"}
LONGEST: Final = 60
"""Characters of a change that is told in full."""


@dataclass(frozen=True)
class Wish:
    """What the user asks for; None keeps what is deployed. settings: parameters by name."""

    mode: str | None = None
    approvers: tuple[str, ...] | None = None
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Goods:
    """What is deployed. types: the resource types that its rules watch."""

    templates: tuple[Template, ...]
    code: bytes
    types: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """lines: what becomes of each stack; refusals: why nothing may be made; writes: the calls."""

    site: Site
    mode: str
    lines: tuple[str, ...]
    refusals: tuple[UserError, ...]
    writes: tuple[Write, ...]

    def refuse(self) -> None:
        """Raises the first refusal."""
        for refusal in self.refusals:
            raise refusal


def make(
    site: Site,
    goods: Goods,
    wish: Wish,
    found: Survey,
    tell: Tell = silent,
    confirm: Confirm = agreed,
) -> Plan:
    """The plan for what `found` has found; confirm: asked before anything is taken away."""
    return _Planner(site, goods, wish, found, tell, confirm).plan()


@dataclass(frozen=True)
class _Planner:
    site: Site
    goods: Goods
    wish: Wish
    found: Survey
    tell: Tell
    confirm: Confirm

    def plan(self) -> Plan:
        stacks = [t for t in self.goods.templates if t.stack != ROLES or not self.found.roles]
        changing = [template for template in stacks if self._changes(template)]
        code = Artifact("netmend", "zip", self.goods.code, "the code")
        things = [code, *(_artifact(t) for t in stacks)]
        calls = [*artifacts.uploads(self.site, things)]
        for template in stacks:
            calls += self._stack(template, template in changing)
        return Plan(
            self.site,
            self._mode_after(),
            tuple(self._lines(stacks, changing)),
            tuple(self._refusals()),
            tuple(self._with_mode(calls, changing)),
        )

    def _values(self, template: Template) -> dict[str, str]:
        code = Artifact("netmend", "zip", self.goods.code, "the code")
        values = {"CodeBucket": self.site.artifacts, "CodeKey": code.key, **self.wish.settings}
        if self.wish.mode is not None:
            values["Mode"] = self.wish.mode
        if self.wish.approvers is not None:
            values["Approvers"] = ",".join(self.wish.approvers)
        if not self.found.alive(REMEDIATION):
            values |= {name: text for name, text in self.found.kept.parameters().items() if text}
        return {name: values[name] for name in template.parameters if name in values}

    def _differences(self, template: Template) -> list[str]:
        """What of a stack that stands is not as wished."""
        stack = self.found.stacks[template.stack]
        differ = [n for n, v in self._values(template).items() if stack.parameters.get(n) != v]
        if not same(stack.template, template.text):
            differ.insert(0, "template")
        return differ if differ or stack.status in DONE else ["what failed before"]

    def _changes(self, template: Template) -> bool:
        if self.found.stacks[template.stack].moving:
            return False
        return not self.found.alive(template.stack) or bool(self._differences(template))

    def _stack(self, template: Template, changing: bool) -> Iterator[Write]:
        client, stack = self.site.clients("cloudformation"), self.found.stacks[template.stack]
        if not changing:
            yield from leftovers(client, stack)
            return
        values = self._values(template)
        if "Mode" in template.parameters and stack.alive and self.wish.mode is None:
            # Who lowered the mode by hand must not have it raised by an update of the stack.
            values["Mode"] = self._mode_after()
        body = _artifact(template)
        source = {"TemplateURL": self.site.url(self.site.artifacts, body.key)}
        change = Change(
            client,
            stack,
            source,
            template.parameters,
            values,
            CAPABILITIES.get(template.stack, ()),
            self.tell,
            self.confirm,
            self._same_kept if stack.name == REMEDIATION else nothing,
        )
        yield from change.writes()

    def _same_kept(self) -> None:
        # Whether CloudFormation leaves what a creation that failed has made is its own affair.
        if kept.found(self.site) != self.found.kept:
            raise UserError(f"with {REMEDIATION} went evidence that it had made", "run it again")

    def _mode_after(self) -> str:
        if self.wish.mode is not None:
            return self.wish.mode
        return (self.found.mode or FIRST_MODE) if self.found.alive(REMEDIATION) else FIRST_MODE

    def _with_mode(self, calls: list[Write], changing: Iterable[Template]) -> list[Write]:
        """With the mode put by hand where no stack does, first where it is lowered."""
        stack = self.found.stacks[REMEDIATION]
        wanted, live = self._mode_after(), self.found.mode
        put_by_stack = stack.parameters.get("Mode") != wanted and any(
            template.stack == REMEDIATION for template in changing
        )
        if not stack.alive or live == wanted or put_by_stack:
            return calls
        put = put_mode(self.site, wanted, f"it is {live or 'missing'}")
        lowers = live in MODES and MODES.index(wanted) < MODES.index(live)
        return [put, *calls] if lowers else [*calls, put]

    def _lines(self, stacks: list[Template], changing: list[Template]) -> Iterator[str]:
        if self.found.roles:
            yield (f"{ROLES}: stands, made in {self.found.roles}; a change of it is deployed there")
        if not self.found.recorder:
            yield f"AWS Config records {', '.join(self.goods.types)} here"
        for template in stacks:
            yield f"{template.stack}: {self._becomes(template, template in changing)}"
        if self.found.kept:
            yield f"goes on with the evidence that is left: {self.found.kept.named()}"
        if self.found.recorder and self.found.alive(DETECTION):
            yield f"nothing new is found at present: {self.found.recorder}"

    def _becomes(self, template: Template, changing: bool) -> str:
        stack = self.found.stacks[template.stack]
        if stack.moving:
            return f"{stack.status}, what is to be done shows when that has ended"
        if not changing:
            return "as it is"
        if not stack.alive:
            return f"create, mode {self._mode_after()}" if stack.name == REMEDIATION else "create"
        said = [self._said(stack, template, name) for name in self._differences(template)]
        return f"update ({', '.join(said)})"

    def _said(self, stack: Standing, template: Template, name: str) -> str:
        values = self._values(template)
        if name not in values or name in CODE:
            return CODE.get(name, name)
        change = f"{name} from {stack.parameters.get(name) or 'none'} to {values[name] or 'none'}"
        return change if len(change) <= LONGEST else name

    def _refusals(self) -> Iterator[UserError]:
        if self.found.recorder and not self.found.alive(DETECTION):
            types = ", ".join(sorted(self.goods.types))
            yield UserError(self.found.recorder, f"let it record {types} continuously")
        if self.wish.mode == "enforce":
            value = text(self.site, verified.PARAMETER)
            if said := verified.refusal(value, self.site.account, self.site.region):
                yield UserError(said, "deploy with --mode observe, then run netmend verify --live")
        for stack in self.found.stacks.values():
            yield from _caught(partial(standing.refuse_stuck, stack))
        yield from self._refusals_of_evidence()

    def _refusals_of_evidence(self) -> Iterator[UserError]:
        stack = self.found.stacks[REMEDIATION]
        bucket = (
            stack.parameters.get("KeptEvidenceBucket") if stack.alive else self.found.kept.bucket
        )
        if bucket and RETENTION in self.wish.settings:
            yield UserError(
                f"{RETENTION} has no effect on {bucket}, which an earlier stack has left",
                "aws s3api put-object-lock-configuration changes it",
            )
        if not stack.alive:
            yield from _caught(partial(kept.refuse_broken, self.site, self.found.kept))
            if self.found.mode is not None and stack.status in standing.EMPTY:
                yield UserError(
                    f"the parameter {MODE} stands already, which the stack has to make",
                    f"aws ssm delete-parameter --name {MODE}",
                )


def _artifact(template: Template) -> Artifact:
    return Artifact(template.stack, "yaml", template.text.encode(), "its template")


def _caught(check: Callable[[], None]) -> Iterator[UserError]:
    try:
        check()
    except UserError as error:
        yield error


def put_mode(site: Site, mode: str, why: str) -> Write:
    """The call that puts the live mode, as README's own command does."""
    arguments = {"Name": MODE, "Value": mode, "Type": "String", "Overwrite": True}
    return Write(site.clients("ssm"), "put_parameter", f"{MODE} {mode}", arguments, why)

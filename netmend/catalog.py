"""What Netmend ships is what lies in rules/ and ssm-documents/: there is nothing to register."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from netmend.errors import UserError

ROOT: Final = Path(__file__).resolve().parent.parent

RULE_NAME: Final = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
RULE_NAME_LENGTH: Final = 40
RUNBOOK_NAME: Final = re.compile(r"([A-Z][a-z0-9]+){2,}")
PACK_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
PARAMETER_NAME: Final = re.compile(r"([A-Z][A-Za-z0-9]*)+")
RESOURCE_TYPE: Final = re.compile(r"AWS::[A-Za-z0-9]+::[A-Za-z0-9]+")
VALUES: Final = "ParameterValues"
PATTERNS: Final = "ParameterPatterns"
FREQUENCIES: Final = ("One_Hour", "Three_Hours", "Six_Hours", "Twelve_Hours", "TwentyFour_Hours")


class CatalogError(UserError):
    """A file of the catalog can't be used; `place` is `:line:col` or the key in it."""

    def __init__(self, path: Path, what: str, fix: str, place: str = "") -> None:
        super().__init__(f"{short(path)}{place}: {what}", fix)


@dataclass(frozen=True)
class Parameter:
    """A rule's parameter; its name is the same in code, JSON, pack and template.

    values: all that it may be; or pattern: what matches all that it may be, and takes: in words.
    """

    name: str
    default: str
    description: str
    values: tuple[str, ...] = ()
    pattern: str = ""
    takes: str = ""


@dataclass(frozen=True)
class Control:
    """A rule with its runbook. writes: IAM statements of the runbook's role for this rule.

    risk: what may happen where the rule is broken, empty where its folder does not say.
    """

    rule: str
    path: Path
    title: str
    description: str
    severity: str
    pack: str
    runbook: str
    resource_types: tuple[str, ...]
    frequency: str
    parameters: tuple[Parameter, ...]
    writes: tuple[Mapping[str, Any], ...]
    frameworks: Mapping[str, Any]
    risk: str = ""

    @property
    def name(self) -> str:
        """The Config rule's name before its pack adds `-conformance-pack-<suffix>`."""
        return f"netmend-{self.rule.lower().replace('_', '-')}"

    @property
    def logical_id(self) -> str:
        """The rule's logical id in its conformance pack."""
        return "".join(part.capitalize() for part in self.rule.split("_"))


@dataclass(frozen=True)
class Runbook:
    """One Automation document. text: the file as it is."""

    name: str
    path: Path
    text: str

    @property
    def document(self) -> str:
        """Its name in Systems Manager."""
        return f"Netmend-{self.name}"


@dataclass(frozen=True)
class Catalog:
    """Everything that Netmend ships, each kind by name."""

    controls: tuple[Control, ...]
    runbooks: tuple[Runbook, ...]

    def packs(self) -> dict[str, tuple[Control, ...]]:
        """The controls of each conformance pack."""
        names = sorted({control.pack for control in self.controls})
        return {name: tuple(c for c in self.controls if c.pack == name) for name in names}

    def mended_by(self, runbook: Runbook) -> tuple[Control, ...]:
        """The controls whose violations a runbook mends."""
        return tuple(control for control in self.controls if control.runbook == runbook.name)


def load(root: Path = ROOT) -> Catalog:
    """Read the catalog; raises `CatalogError` for the first file that can't be used."""
    runbooks = tuple(_runbook(path) for path in sorted((root / "ssm-documents").glob("*.yaml")))
    controls = tuple(_control(path) for path in _rule_folders(root / "rules"))
    names = {runbook.name for runbook in runbooks}
    for control in controls:
        if control.runbook not in names:
            raise CatalogError(
                control.path,
                f"there is no runbook ssm-documents/{control.runbook}.yaml",
                f"write it, or name one of {', '.join(sorted(names)) or 'none'}",
            )
    used = {control.runbook for control in controls}
    for runbook in runbooks:
        if runbook.name not in used:
            raise CatalogError(
                runbook.path, "no rule names this runbook", "name it in a rule's parameters.json"
            )
    return Catalog(controls, runbooks)


def short(path: Path) -> str:
    """The path as a user of the repository says it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _rule_folders(rules: Path) -> Iterator[Path]:
    for folder in sorted(path for path in rules.iterdir() if path.is_dir()):
        if folder.name[:1].isupper():
            yield folder


def _runbook(path: Path) -> Runbook:
    if not RUNBOOK_NAME.fullmatch(path.stem):
        raise CatalogError(path, "its name is not VerbNoun", "rename it as RevokePublicIngress is")
    return Runbook(path.stem, path, path.read_text(encoding="utf-8"))


def _control(folder: Path) -> Control:
    path = folder / "parameters.json"
    if not RULE_NAME.fullmatch(folder.name) or len(folder.name) > RULE_NAME_LENGTH:
        raise CatalogError(
            folder,
            "its name is not SERVICE_CONDITION",
            f"use capitals, digits and _, at most {RULE_NAME_LENGTH}",
        )
    return _Reader(path, folder.name, _json(path, path)).control()


def _json(path: Path, text: Path | str, key: str = "") -> Any:
    place = f" {key}" if key else ""
    try:
        content = text.read_text(encoding="utf-8") if isinstance(text, Path) else text
        return json.loads(content)
    except FileNotFoundError:
        raise CatalogError(path, "there is no such file", "every rule's folder has one") from None
    except json.JSONDecodeError as error:
        place = place or f":{error.lineno}:{error.colno}"
        raise CatalogError(path, f"not JSON ({error.msg})", "mend it", place) from None


class _Reader:
    """Reads one parameters.json: RDK's vocabulary in `Parameters`, ours in `Netmend`."""

    def __init__(self, path: Path, rule: str, document: Mapping[str, Any]) -> None:
        self.path = path
        self.rule = rule
        self.rdk = self._part(document, "Parameters")
        self.own = self._part(document, "Netmend")

    def control(self) -> Control:
        if self._text(self.rdk, "RuleName") != self.rule:
            raise self._error(f"RuleName is not {self.rule}", "a rule is called as its folder")
        return Control(
            rule=self.rule,
            path=self.path,
            title=self._text(self.own, "Title"),
            description=self._text(self.rdk, "Description"),
            severity=self._text(self.own, "Severity"),
            pack=self._text(self.own, "Pack", PACK_NAME),
            runbook=self._text(self.own, "Runbook", RUNBOOK_NAME),
            resource_types=self._resource_types(),
            frequency=self._frequency(),
            parameters=tuple(self._parameters()),
            writes=tuple(self._statements()),
            frameworks=self.own.get("Frameworks", {}),
            risk=str(self.own.get("Risk", "")),
        )

    def _error(self, what: str, fix: str) -> CatalogError:
        return CatalogError(self.path, what, fix)

    def _part(self, document: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        part = document.get(key)
        if not isinstance(part, dict):
            raise self._error(f"it has no object {key}", "add it")
        return part

    def _text(self, part: Mapping[str, Any], key: str, form: re.Pattern[str] | None = None) -> str:
        value = part.get(key)
        if not isinstance(value, str) or not value:
            raise self._error(f"{key} is missing", "give it a text")
        if form and not form.fullmatch(value):
            raise self._error(
                f"{key} {value!r} has not the form of its kind", f"match {form.pattern}"
            )
        return value

    def _resource_types(self) -> tuple[str, ...]:
        types = tuple(t.strip() for t in self.rdk.get("SourceEvents", "").split(",") if t.strip())
        wrong = [name for name in types if not RESOURCE_TYPE.fullmatch(name)]
        if wrong:
            raise self._error(f"SourceEvents names {wrong[0]!r}", "write AWS::Service::Type")
        if not types and not self.rdk.get("SourcePeriodic"):
            raise self._error("nothing would ever start the rule", "add SourceEvents")
        return types

    def _frequency(self) -> str:
        frequency: str = self.rdk.get("SourcePeriodic", "")
        if frequency and frequency not in FREQUENCIES:
            raise self._error(
                f"SourcePeriodic is {frequency!r}", f"one of {', '.join(FREQUENCIES)}"
            )
        return frequency

    def _parameters(self) -> Iterator[Parameter]:
        described = self.own.get("ParameterDescriptions", {})
        names = set()
        for key in ("InputParameters", "OptionalParameters"):
            for name, default in _json(self.path, self.rdk.get(key, "{}"), key).items():
                if not PARAMETER_NAME.fullmatch(name):
                    raise self._error(f"the parameter {name} is not PascalCase", "rename it")
                if name not in described:
                    raise self._error(
                        f"the parameter {name} is not described", "add it to ParameterDescriptions"
                    )
                names.add(name)
                yield self._bounded(Parameter(name, str(default), described[name]))
        for key in (VALUES, PATTERNS):
            for name in self.own.get(key, {}):
                if name not in names:
                    raise self._error(f"{key} names {name}, which is no parameter", "take it out")

    def _bounded(self, parameter: Parameter) -> Parameter:
        values = self.own.get(VALUES, {}).get(parameter.name, [])
        pattern, takes = self.own.get(PATTERNS, {}).get(parameter.name, ("", ""))
        try:
            matches = re.fullmatch(pattern, parameter.default) if pattern else True
        except re.error as error:
            raise self._error(f"{PATTERNS} of {parameter.name}: {error}", "mend it") from None
        if not matches or (values and parameter.default not in values):
            raise self._error(
                f"the default of {parameter.name} is none that it takes", "mend either"
            )
        return replace(parameter, values=tuple(values), pattern=pattern, takes=takes)

    def _statements(self) -> Iterator[Mapping[str, Any]]:
        for statement in self.own.get("Writes", []):
            missing = [key for key in ("Sid", "Action", "Resource") if not statement.get(key)]
            if missing:
                raise self._error(f"a statement of Writes has no {missing[0]}", "add it")
            if statement.get("Effect") != "Allow":
                raise self._error("a statement of Writes does not say Allow", "add its Effect")
            yield statement

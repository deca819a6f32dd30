"""What a rule's page says, in order, for every form that it is shown in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from netmend.catalog import Parameter
from netmend.explain.page import Page

GROUP: Final = "AWS::EC2::SecurityGroup"
OFTEN: Final = {
    "One_Hour": "every hour",
    "Three_Hours": "every 3 hours",
    "Six_Hours": "every 6 hours",
    "Twelve_Hours": "every 12 hours",
    "TwentyFour_Hours": "every day",
}
MAPPINGS: Final = {
    "upstream": "as public catalogues map the equivalent checks",
    "author": "Netmend's own judgement, no catalogue has it",
}
DOES: Final = "What does this document do?"
NEVER: Final = "What does it never do?"
UNDONE: Final = "How is it undone?"

EVIDENCE: Final = (
    "- an **intent** before the first change: the drift and when it was recorded, the parameters,"
    " the hashes of the facts, the whole plan with its digest, and each rule that goes as it was;\n"
    "- an **outcome** after the second read: each API call with its request id, what came and went,"
    " what is there now, and who approved;\n"
    "- a **question** where a person has to decide, and a **refusal** where nothing was done, with"
    " its reason.\n\n"
    "`netmend evidence verify` checks the chain, offline."
)


@dataclass(frozen=True)
class Prose:
    """Paragraphs and lists in Markdown."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of Markdown under a head; without a head of words they are a list of terms."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Code:
    """Command lines."""

    lines: tuple[str, ...]


Block = Prose | Table | Code
Section = tuple[str, list[Block]]


def sections(page: Page) -> Iterator[Section]:
    """Heading and blocks; a section about which nothing is known is left out."""
    for heading, blocks in _all(page):
        if blocks:
            yield heading, blocks


def _all(page: Page) -> Iterator[Section]:
    yield "Why it matters", _why(page)
    yield "When it is judged", [Prose(_triggers(page))]
    yield "Parameters", _parameters(page)
    yield "What it finds", _cases(page.fires)
    yield "What it leaves alone", _cases(page.silent)
    yield "What the runbook does", _runbook(page)
    yield "What it never does", _document(page, NEVER)
    yield "Limits and blast radius", [Prose(_limits(page))]
    yield "What its role may do", _role(page)
    yield "What it leaves as evidence", [Prose(EVIDENCE)]
    yield "How it is undone", _document(page, UNDONE)
    yield "Frameworks", _frameworks(page)
    yield "Try it", _tries(page)


def facts(page: Page) -> list[tuple[str, str]]:
    """What identifies the rule, as terms and their values."""
    own = f"/netmend/mode/{page.config_name.removeprefix('netmend-')}"
    return [
        ("severity", page.severity),
        ("conformance pack", f"`{page.pack}`"),
        ("name in AWS Config", f"`{page.config_name}`, then the pack's suffix"),
        ("runbook", f"`Netmend-{page.runbook}`"),
        ("mode", f"the lower of `/netmend/mode` and `{own}`"),
    ]


def _why(page: Page) -> list[Block]:
    blocks: list[Block] = [Prose(page.risk)] if page.risk else []
    for listing in page.listings:
        rows = tuple((f"`{name}`", why) for name, why in listing.rows)
        blocks += [Prose(" ".join(listing.caption.split())), Table(("", ""), rows)]
    return blocks


def _triggers(page: Page) -> str:
    found = []
    if page.resource_types:
        types = ", ".join(f"`{one}`" for one in page.resource_types)
        found.append(f"- when AWS Config records a change of {types}")
    if page.frequency:
        found.append(f"- {OFTEN.get(page.frequency, page.frequency)}, whatever changed")
    found.append(
        "\nWhat is deleted, has left the rule's scope, or is of a type that is only watched is"
        " NOT_APPLICABLE. When a verdict becomes NON_COMPLIANT, EventBridge starts"
        f" `Netmend-{page.runbook}` with the resource's id and the rule's name, and nothing else."
    )
    return "\n".join(found)


def _parameters(page: Page) -> list[Block]:
    if not page.parameters:
        return [Prose("None.")]
    rows = tuple(
        (f"`{one.name}`", one.description, _code(one.default), _takes(one))
        for one in page.parameters
    )
    return [Table(("parameter", "means", "default", "takes"), rows)]


def _code(text: str) -> str:
    return f"`{text.replace(',', ', ')}`" if text else "none"


def _takes(parameter: Parameter) -> str:
    return parameter.takes or " or ".join(f"`{one}`" for one in parameter.values) or "any text"


def _cases(sentences: tuple[str, ...]) -> list[Block]:
    return [Prose("\n".join(f"- {one}" for one in sentences))] if sentences else []


def _document(page: Page, heading: str) -> list[Block]:
    return [Prose(page.document[heading])] if heading in page.document else []


def _runbook(page: Page) -> list[Block]:
    rows = tuple((f"`{one.name}`", f"`{one.action}`", one.does) for one in page.steps)
    return [*_document(page, DOES), Table(("step", "action", "does"), rows)]


def _limits(page: Page) -> str:
    many = len(page.changing)
    names = ", ".join(f"`{name}`" for name in page.changing)
    change = f"at most {many} API calls, one each in {names}" if many else "no API call at all"
    return (
        f"- One run changes one resource of this account and Region, by {change}.\n"
        "- A mode, a resource or a fact of the verdict that cannot be read means no change.\n"
        "- A second run for the same resource is held while the first is alive, and else closes"
        " what it has left.\n"
        "- In mode observe, the default, it plans and records, and changes nothing."
    )


def _role(page: Page) -> list[Block]:
    rows = tuple(
        (
            ", ".join(f"`{action}`" for action in one.actions),
            ", ".join(f"`{resource}`" for resource in one.resources),
            one.condition and f"`{one.condition}`",
        )
        for one in page.allowed
    )
    intro = f"`netmend-{page.runbook}`, on resources of this account alone:"
    return [Prose(intro), Table(("may", "on", "if"), rows)] if rows else []


def _frameworks(page: Page) -> list[Block]:
    rows = tuple(
        (name, ", ".join(one["Ids"]), one["Mapping"]) for name, one in page.frameworks.items()
    )
    used = list(dict.fromkeys(row[2] for row in rows))
    legend = Prose(f"Mapping: {'; '.join(f'{word}, {MAPPINGS[word]}' for word in used)}.")
    if len(used) == 1:
        return [legend, Table(("framework", "ids"), tuple(row[:2] for row in rows))]
    return [legend, Table(("framework", "ids", "mapping"), rows)] if rows else []


def _tries(page: Page) -> list[Block]:
    describe = "aws ec2 describe-security-groups --group-ids sg-..."
    group = (
        "netmend explain sg-...                # as it is now",
        f"{describe} | netmend explain -",
    )
    always = (
        f"netmend explain item.json --rule {page.rule}",
        f"netmend evaluate {page.rule} items.jsonl",
        "netmend sandbox --port 4566 --deploy  # an AWS of your own to break",
    )
    return [Code((*group, *always) if GROUP in page.resource_types else always)]

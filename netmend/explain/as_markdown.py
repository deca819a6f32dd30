"""An explanation for a pull request or a ticket, in the order of the one for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from netmend.explain.as_text import NOTHING_LOST, STATES
from netmend.explain.model import Explanation, Mend, Opening, Permission, arguments


def markdown(told: Explanation) -> str:
    """The whole text of one explanation."""
    return "\n".join(_parts(told)) + "\n"


def code(text: str) -> str:
    """A code span: what stands in it is no markup, and breaks no table."""
    clean = "".join(c if c.isprintable() else "\ufffd" for c in text.replace("`", "'"))
    return f"`{clean}`".replace("|", "\\|")


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table and the empty line after it."""
    lines = [head, ["---"] * len(head), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def _parts(told: Explanation) -> Iterator[str]:
    name = f" ({code(told.name)})" if told.name else ""
    yield f"## {code(told.resource)}{name} is {told.compliance}\n"
    yield f"**{told.rule}**: {told.statement}\n"
    pairs = [("read", told.context.read), ("parameters", told.context.whose), *told.context.notes]
    yield from (f"- {word}: {_plain(text)}" for word, text in pairs)
    yield ""
    if told.because:
        yield f"### Why it is {STATES[told.compliance]}\n\n{_plain(told.because)}\n"
    if told.openings:
        yield "### Why it is public\n"
    for opening in told.openings:
        yield from _opening(opening)
    yield from _fine(told)
    if told.mend:
        yield from _mend(told.mend)


def _plain(text: str) -> str:
    """User's words as words: nothing in them begins markup."""
    return "".join(f"\\{c}" if c in "\\`*_<>[]|#" else c for c in text)


def _opening(opening: Opening) -> Iterator[str]:
    ports = ", ".join(code(str(ports)) for ports in opening.traffic)
    many = f"**{opening.share}** ({opening.addresses:,})"
    yield f"{ports}: open to {many}; public is {opening.threshold} or more. Opened by:\n"
    told = [(one, f"{one.addresses:,}: {one.share}") for one in opening.permissions]
    yield from _permissions(told, "public addresses")


def _permissions(told: Sequence[tuple[Permission, str]], what: str) -> list[str]:
    """Permissions with what is said of each; a column for their ids where any is known."""
    head, rows = ["lets in", what], [[code(one.lets_in), text] for one, text in told]
    if any(one.rule_id for one, _ in told):
        head = ["rule", *head]
        rows = [[code(one.rule_id or "-"), *row] for (one, _), row in zip(told, rows, strict=True)]
    return table(head, rows)


def _fine(told: Explanation) -> Iterator[str]:
    if told.harmless:
        heading = "What does not count" if told.openings else "Why each of its permissions is fine"
        yield f"### {heading}\n"
        yield from _permissions([(one, one.why) for one in told.harmless], "why")


def _mend(mend: Mend) -> Iterator[str]:
    yield f"### What Netmend would do\n\n{_plain(mend.meaning)}\n"
    if mend.calls:
        yield "\n".join(["```diff", *mend.changes, "```\n"])
        yield "<details><summary>As API calls of EC2, in this order</summary>\n"
        yield from (_call(number, call) for number, call in enumerate(mend.calls, 1))
        yield "</details>\n"
    if mend.after is not None:
        yield f"### What is let in {'afterwards' if mend.calls else 'still'}\n"
        yield from (f"- {code(one)}" for one in mend.after or ("nothing",))
        yield ""
    if mend.calls:
        yield "### What is lost\n"
        yield from (f"- {_plain(sentence)}" for sentence in mend.lost or (NOTHING_LOST,))
        yield ""


def _call(number: int, call: dict[str, Any]) -> str:
    """One call, each of its permissions on a line of its own."""
    body = arguments(call).replace('{"IpProtocol"', '\n     {"IpProtocol"')
    return f"{number}. `{call['op']}`\n\n   ```json\n   {body}\n   ```\n"

"""The pages of docs/rules are what the rules' folders, runbooks and roles say of themselves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from netmend.explain.page import Page
from netmend.explain.sections import Block, Code, Prose, facts, sections

FOLDER: Final = Path("docs/rules")
MARK: Final = "<!-- rendered by `netmend render` from the rule's folder, runbook and role -->"


def texts(pages: Iterable[Page]) -> dict[Path, str]:
    """The Markdown of each page and of their index, by path below the repository's root."""
    every = list(pages)
    found = {FOLDER / f"{page.rule}.md": markdown(page) for page in every}
    return found | {FOLDER / "README.md": index(every)} if every else found


def index(pages: Iterable[Page]) -> str:
    """A table of all rules."""
    rows = [
        f"| [`{page.rule}`]({page.rule}.md) | {page.description} | `Netmend-{page.runbook}` |"
        f" {page.severity} |"
        for page in pages
    ]
    head = ["| rule | holds when | mended by | severity |", "|---|---|---|---|"]
    return "\n".join([MARK, "", "# The rules", "", *head, *rows, ""])


def markdown(page: Page) -> str:
    """One page."""
    lines = [MARK, "", f"# {page.rule}", "", f"**{page.title}.** {page.description}", ""]
    lines += [f"- {term}: {value}" for term, value in facts(page)]
    lines += [f"- files: {_files(page)}", ""]
    for heading, blocks in sections(page):
        lines += [f"## {heading}", ""]
        for block in blocks:
            lines += [*_block(block), ""]
    return "\n".join(lines).rstrip() + "\n"


def _files(page: Page) -> str:
    folder = f"../../rules/{page.rule}"
    document = f"../../ssm-documents/{page.runbook}.yaml"
    return (
        f"[rule]({folder}/{page.rule}.py), [cases]({folder}/{page.rule}_test.py),"
        f" [parameters]({folder}/parameters.json), [runbook]({document})"
    )


def _block(block: Block) -> list[str]:
    if isinstance(block, Prose):
        return block.text.splitlines()
    if isinstance(block, Code):
        return ["```", *block.lines, "```"]
    rows = [tuple(cell.replace("|", "\\|") for cell in row) for row in block.rows]
    ruler = ("---",) * len(block.head)
    return [f"| {' | '.join(row)} |" for row in (block.head, ruler, *rows)]

"""Python source without comments and docstrings runs as before, and each line keeps its number."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """A piece of source that goes: lines from 1, columns in bytes, and what stands there instead.

    Ordered from the end of the source to its beginning, no span moves another.
    """

    line: int
    column: int
    end_line: int
    end_column: int
    instead: bytes = b""


def lean(source: str) -> str:
    """The same code, its comments and its statements that are only a text blanked."""
    lines = source.encode().splitlines(keepends=True)
    for span in sorted((*comments(source, lines), *texts(source, lines)), reverse=True):
        first, last = lines[span.line - 1], lines[span.end_line - 1]
        head = first[: span.column] + span.instead
        # What follows on the line is its end, and what comes before may be only an indentation.
        lines[span.line - 1] = head.rstrip() + b"\n"
        lines[span.line : span.end_line] = [b"\n"] * (span.end_line - span.line)
        if not last.endswith(b"\n"):
            lines[span.end_line - 1] = lines[span.end_line - 1].rstrip(b"\n")
    return b"".join(lines).decode()


def comments(source: str, lines: list[bytes]) -> Iterator[Span]:
    """All comments; each reaches to the end of its line."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row = token.start[0]
            before = lines[row - 1].decode()[: token.start[1]]
            yield Span(row, len(before.encode()), row, len(lines[row - 1]))


def texts(source: str, lines: list[bytes]) -> Iterator[Span]:
    """Docstrings, and texts that document what stands above them, if alone on their lines."""
    for node in ast.walk(ast.parse(source)):
        body = getattr(node, "body", None)
        if not isinstance(body, list):
            continue
        found = [one for one in body if is_text(one) and is_alone(one, lines)]
        is_all = len(found) == len(body) and not isinstance(node, ast.Module)
        for one in found:
            instead = b"pass" if is_all and one is found[0] else b""
            end_line, end_column = one.end_lineno or 0, one.end_col_offset or 0
            yield Span(one.lineno, one.col_offset, end_line, end_column, instead)


def is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def is_alone(statement: ast.stmt, lines: list[bytes]) -> bool:
    before = lines[statement.lineno - 1][: statement.col_offset]
    after = lines[(statement.end_lineno or 0) - 1][statement.end_col_offset or 0 :].strip()
    return not before.strip() and (not after or after.startswith(b"#"))

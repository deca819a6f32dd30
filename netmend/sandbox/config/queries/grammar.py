"""The grammar of advanced queries: SELECT properties WHERE condition GROUP BY ... ORDER BY ..."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

from netmend.sandbox.api import ApiError
from netmend.sandbox.config.queries import values
from netmend.sandbox.config.queries.values import Row, Value

Part = TypeVar("Part")
Path = tuple[str, ...]
Condition = Callable[[Row], bool]
Test = Callable[[object], bool]

AGGREGATES: Final = ("AVG", "COUNT", "MAX", "MIN", "SUM")
UNSUPPORTED: Final = re.compile(
    "ALL|AS|ANY|CASE|CROSS|DISTINCT|EXCEPT|EXISTS|FROM|FULL|HAVING|INNER|INTERSECT|IS|JOIN|LEFT|"
    "LIMIT|NATURAL|NULL|OFFSET|ON|OUTER|OVER|RIGHT|UNION|USING|WITH"
)
"""What SQL has and advanced queries have not."""

KEYWORDS: Final = re.compile("SELECT|WHERE|GROUP|ORDER|BY|AND|OR|NOT|IN|LIKE|BETWEEN|ASC|DESC")
PROPERTIES: Final = re.compile(
    "accountId|arn|availabilityZone|awsRegion|configuration|configurationItemCaptureTime|"
    "configurationItemStatus|configurationStateId|relationships|resourceCreationTime|resourceId|"
    "resourceName|resourceType|supplementaryConfiguration|tags|version"
)
MOST_GROUPS: Final = 3
SHORTEST_PREFIX: Final = 3

TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<name>[A-Za-z_][\w-]*(?:\.[\w:-]+)*)|(?P<sign><=|>=|!=|<>|[=<>(),*;]))"
)


class Token(NamedTuple):
    """kind: text, number, name, sign, or end."""

    kind: str
    text: str


class Column(NamedTuple):
    """What a query selects. function: one of AGGREGATES, or nothing; no path means *."""

    path: Path
    function: str = ""

    @property
    def name(self) -> str:
        """As QueryInfo names it."""
        path = ".".join(self.path) or "*"
        return f"{self.function}({path})" if self.function else path


class Sorting(NamedTuple):
    """One key of ORDER BY."""

    column: Column
    descending: bool


@dataclass(frozen=True)
class Query:
    """A query that was understood."""

    columns: list[Column]
    condition: Condition
    groups: list[Path]
    order: list[Sorting]


def refused(message: str) -> ApiError:
    """The answer to a query that is not understood."""
    return ApiError("InvalidExpressionException", message)


def parse(expression: str) -> Query:
    """Raises ApiError InvalidExpressionException, which names what is not supported."""
    return _Parser(_tokens(expression)).query()


def _tokens(expression: str) -> list[Token]:
    found, place = [], 0
    text = expression.rstrip()
    while place < len(text):
        match = TOKEN.match(text, place)
        if match is None:
            raise refused(f"Unexpected character at {text[place:].lstrip()[:20]}")
        found.append(Token(str(match.lastgroup), match[str(match.lastgroup)]))
        place = match.end()
    return [*found, Token("end", "")]


class _Parser:
    """Reads tokens from left to right, one look ahead."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def query(self) -> Query:
        self._expect("SELECT")
        columns = self._list(self._column)
        condition = self._disjunction() if self._skip("WHERE") else _everything
        groups = self._list(self._path) if self._skip("GROUP", "BY") else []
        order = self._list(self._sorting) if self._skip("ORDER", "BY") else []
        self._skip(";")
        if self._next.kind != "end":
            raise self._unexpected("the end of the query")
        found = Query(columns, condition, groups, order)
        _check(found)
        return found

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _word(self, offset: int = 0) -> str:
        token = self._tokens[min(self._place + offset, len(self._tokens) - 1)]
        return token.text.upper() if token.kind in ("name", "sign") else ""

    def _skip(self, *words: str) -> bool:
        if any(self._word(number) != word for number, word in enumerate(words)):
            return False
        self._place += len(words)
        return True

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise self._unexpected(word)

    def _unexpected(self, wanted: str) -> ApiError:
        word = self._word()
        if UNSUPPORTED.fullmatch(word):
            return refused(f"{word} is not supported by advanced queries")
        found = self._next.text or "the end of the query"
        return refused(f"{found} stands where {wanted} is expected")

    def _list(self, read: Callable[[], Part]) -> list[Part]:
        found = [read()]
        while self._skip(","):
            found.append(read())
        return found

    def _path(self) -> Path:
        token, word = self._next, self._word()
        if token.kind != "name" or UNSUPPORTED.fullmatch(word) or KEYWORDS.fullmatch(word):
            raise self._unexpected("a property")
        path = tuple(token.text.split("."))
        if not PROPERTIES.fullmatch(path[0]):
            raise refused(f"{token.text} is no property: properties are case-sensitive")
        self._place += 1
        return path

    def _column(self) -> Column:
        if self._skip("*"):
            return Column(())
        function = self._word()
        if function not in AGGREGATES:
            return Column(self._path())
        self._place += 1
        self._expect("(")
        path = () if function == "COUNT" and self._skip("*") else self._path()
        self._expect(")")
        return Column(path, function)

    def _sorting(self) -> Sorting:
        column = self._column()
        descending = self._skip("DESC")
        if not descending:
            self._skip("ASC")
        return Sorting(column, descending)

    def _disjunction(self) -> Condition:
        parts = [self._conjunction()]
        while self._skip("OR"):
            parts.append(self._conjunction())
        return lambda row: any(part(row) for part in parts)

    def _conjunction(self) -> Condition:
        parts = [self._negation()]
        while self._skip("AND"):
            parts.append(self._negation())
        return lambda row: all(part(row) for part in parts)

    def _negation(self) -> Condition:
        if self._skip("NOT"):
            denied = self._negation()
            return lambda row: not denied(row)
        if self._skip("("):
            inner = self._disjunction()
            self._expect(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Condition:
        path, negated = self._path(), self._skip("NOT")
        word = self._word()
        read = {"IN": self._in, "LIKE": self._like, "BETWEEN": self._between}.get(word)
        if read is None and (negated or word not in COMPARISONS):
            raise self._unexpected("a comparison")
        self._place += 1
        test = read() if read else COMPARISONS[word](self._value())
        if negated or word in ("!=", "<>"):
            return lambda row: not any(test(value) for value in values.at(row, path))
        return lambda row: any(test(value) for value in values.at(row, path))

    def _value(self) -> Value:
        token = self._next
        if token.kind not in ("text", "number") and self._word() not in ("TRUE", "FALSE"):
            raise self._unexpected("a value")
        self._place += 1
        if token.kind == "text":
            return token.text[1:-1].replace("''", "'")
        return float(token.text) if token.kind == "number" else token.text.upper() == "TRUE"

    def _in(self) -> Test:
        self._expect("(")
        if self._word() == "SELECT":
            raise refused("sub-selects are not supported by advanced queries")
        wanted = self._list(self._value)
        self._expect(")")
        return lambda value: any(values.equal(value, one) for one in wanted)

    def _between(self) -> Test:
        low = self._value()
        self._expect("AND")
        high = self._value()
        return lambda value: values.between(value, low, high)

    def _like(self) -> Test:
        pattern = self._value()
        prefix = str(pattern)[:-1]
        plain = isinstance(pattern, str) and not set(prefix) & set("%_")
        if not plain or not str(pattern).endswith("%") or len(prefix) < SHORTEST_PREFIX:
            raise refused(
                f"LIKE '{pattern}' is not supported by advanced queries: a wildcard % stands at "
                f"the end, after at least {SHORTEST_PREFIX} characters"
            )
        return lambda value: isinstance(value, str) and value.startswith(prefix)


COMPARISONS: Final[dict[str, Callable[[Value], Test]]] = {
    "=": lambda wanted: lambda value: values.equal(value, wanted),
    "!=": lambda wanted: lambda value: values.equal(value, wanted),
    "<>": lambda wanted: lambda value: values.equal(value, wanted),
    "<": lambda wanted: lambda value: values.below(value, wanted),
    ">": lambda wanted: lambda value: values.above(value, wanted),
    "<=": lambda wanted: lambda value: values.below(value, wanted) or values.equal(value, wanted),
    ">=": lambda wanted: lambda value: values.above(value, wanted) or values.equal(value, wanted),
}
"""Inequality is the negation of equality over all elements, so that what is absent is unequal."""


def _everything(row: Row) -> bool:
    return True


def _check(query: Query) -> None:
    if len(query.groups) > MOST_GROUPS:
        raise refused(f"GROUP BY takes at most {MOST_GROUPS} properties")
    aggregated = any(column.function for column in query.columns)
    if query.groups and not aggregated:
        raise refused("GROUP BY is for aggregations: select COUNT(*) or another one")
    loose = [c.name for c in query.columns if not c.function and c.path not in query.groups]
    if aggregated and loose:
        raise refused(f"{', '.join(loose)} is selected beside an aggregation: add it to GROUP BY")
    unsorted = [one.column.name for one in query.order if not _selected(one.column, query)]
    if unsorted:
        raise refused(f"ORDER BY takes selected properties: select {', '.join(unsorted)} too")


def _selected(column: Column, query: Query) -> bool:
    starred = Column(()) in query.columns and bool(column.path) and not column.function
    return starred or column in query.columns

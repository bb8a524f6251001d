"""SOQL text to a tree of values, or MALFORMED_QUERY with the place of the mistake.

Only the form is checked here; names, types and rights are the compiler's business.
"""

from __future__ import annotations

import functools
import re
from importlib import resources
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput, VisitError

from sfdd_declare.sandbox.salesforce.errors import Refusal, at_position
from sfdd_declare.sandbox.salesforce.soql_malformed import NOT_SUPPORTED, malformed
from sfdd_declare.sandbox.salesforce.soql_tree import (
    Branch,
    Call,
    Child,
    Comparison,
    Condition,
    Item,
    Junction,
    Literal,
    Membership,
    Operand,
    Ordering,
    Path,
    Place,
    Query,
    Selected,
    SemiJoin,
    TypeOf,
)

MAX_STATEMENT = 100_000
MAX_STRING = 4_000
_RIGHTS = ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)


def parse(text: str) -> Query:
    """The tree of a statement. Raises MALFORMED_QUERY."""
    if len(text) > MAX_STATEMENT:
        raise Refusal("MALFORMED_QUERY", "SOQL statements cannot be longer than 100000 characters.")
    try:
        tree = _grammar().parse(text)
    except UnexpectedInput as error:
        raise malformed(text, error) from None
    except RecursionError:
        raise _too_deep() from None
    try:
        query = _Builder(text).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, Refusal):
            raise error.orig_exc from None
        if isinstance(error.orig_exc, RecursionError):
            raise _too_deep() from None
        raise
    except RecursionError:
        raise _too_deep() from None
    assert isinstance(query, Query)
    return query


def _too_deep() -> Refusal:
    return Refusal("QUERY_TOO_COMPLICATED", "The query is nested too deeply")


@functools.cache
def _grammar() -> Lark:
    text = resources.files(__package__).joinpath("soql.lark").read_text("utf-8")
    return Lark(text, parser="lalr", lexer="contextual", propagate_positions=True, maybe_placeholders=True)


class _Builder(Transformer):  # type: ignore[misc] # lark's own types are not followed
    """Turns the parser's tree into our values, bottom-up; each method is named after its rule."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def start(self, items: list[Any]) -> Query:
        items_, entity, alias, scope, where, _, group, having, order, limit, offset, _, all_rows = items
        return Query(
            items=items_,
            entity=str(entity),
            place=_place(entity),
            alias=alias,
            scope=scope,
            where=where,
            group=group or (),
            having=having,
            order=order or (),
            limit=limit,
            offset=offset or 0,
            all_rows=all_rows is not None,
        )

    def nothing(self, items: list[Any]) -> None:
        """A clause that is missing."""

    def selection(self, items: list[Item]) -> tuple[Item, ...]:
        return tuple(items)

    def selected(self, items: list[Any]) -> Selected:
        return Selected(*items)

    def typeof(self, items: list[Any]) -> TypeOf:
        path, *branches, otherwise = items
        return TypeOf(path, tuple(branches), otherwise)

    def branch(self, items: list[Any]) -> Branch:
        return Branch(str(items[0]), tuple(items[1:]), _place(items[0]))

    def otherwise(self, items: list[Path]) -> tuple[Path, ...]:
        return tuple(items)

    def child(self, items: list[Any]) -> Child:
        selection, name, alias, where, order, limit, offset = items
        query = Query(selection, str(name), _place(name), alias, None, where, (), None, order or (), limit, offset or 0)
        return Child(query)

    def alias(self, items: list[Token]) -> str:
        return str(items[0])

    def call(self, items: list[Any]) -> Call:
        name, argument = items
        return Call(str(name).upper(), argument, _place(name))

    def scope(self, items: list[Token]) -> str:
        return str(items[0]).lower()

    def group(self, items: list[Operand]) -> tuple[Operand, ...]:
        return tuple(items)

    def having(self, items: list[Any]) -> Condition:
        condition: Condition = items[0]
        return condition

    def path(self, items: list[Token]) -> Path:
        return Path(tuple(str(item) for item in items), _place(items[0]))

    def with_(self, items: list[Token]) -> None:
        """Rights are those of the user whose session it is, whatever is asked for."""
        if str(items[0]).upper() not in _RIGHTS:
            raise self._at(items[0], f"WITH {items[0]} is {NOT_SUPPORTED}")

    def where(self, items: list[Any]) -> Condition:
        condition: Condition = items[0]
        return condition

    def and_(self, items: list[Condition]) -> Junction:
        return Junction("AND", tuple(items))

    def or_(self, items: list[Condition]) -> Junction:
        return Junction("OR", tuple(items))

    def not_(self, items: list[Condition]) -> Junction:
        return Junction("NOT", tuple(items))

    def operator(self, items: list[Token]) -> str:
        return {"<>": "!="}.get(str(items[0]), str(items[0]).upper())

    def set_operator(self, items: list[Token]) -> str:
        return " ".join(str(items[0]).upper().split())

    def comparison(self, items: list[Any]) -> Comparison:
        return Comparison(*items)

    def membership(self, items: list[Any]) -> Membership:
        return Membership(items[0], items[1], tuple(items[2:]))

    def semi_join(self, items: list[Any]) -> SemiJoin:
        operand, operator, selection, entity, where = items
        inner = Query(items=selection, entity=str(entity), place=_place(entity), where=where)
        return SemiJoin(operand, operator, inner)

    def string(self, items: list[Token]) -> Literal:
        return Literal("string", self._unescaped(items[0]), _place(items[0]))

    def datetime(self, items: list[Token]) -> Literal:
        return _literal("datetime", items)

    def date(self, items: list[Token]) -> Literal:
        return _literal("date", items)

    def number(self, items: list[Token]) -> Literal:
        return _literal("number", items)

    def true(self, items: list[Token]) -> Literal:
        return _literal("true", items)

    def false(self, items: list[Token]) -> Literal:
        return _literal("false", items)

    def null(self, items: list[Token]) -> Literal:
        return _literal("null", items)

    def date_literal(self, items: list[Token]) -> Literal:
        return _literal("date_literal", items)

    def order(self, items: list[Ordering]) -> tuple[Ordering, ...]:
        return tuple(items)

    def ordering(self, items: list[Any]) -> Ordering:
        operand, direction, nulls = items
        return Ordering(operand, direction == "DESC", nulls == "LAST")

    def direction(self, items: list[Token]) -> str:
        return str(items[0]).upper()

    def nulls(self, items: list[Token]) -> str:
        return str(items[0]).upper()

    def limit(self, items: list[Token]) -> int:
        return _bounded(items[0])

    def offset(self, items: list[Token]) -> int:
        return _bounded(items[0])

    def all_rows(self, items: list[Token]) -> bool:
        del items
        return True

    def _unescaped(self, token: Token) -> str:
        body = str(token)[1:-1]
        if len(body) > MAX_STRING:
            raise self._at(token, "string literals in WHERE cannot be longer than 4000 characters")

        def resolve(match: re.Match[str]) -> str:
            code = match.group(1)
            if code in "%_" or code == "\\":
                return match.group(0)  # kept for LIKE, which must tell `\%` from `%`
            if code[0] == "u" and len(code) == 5:
                if 0xD800 <= int(code[1:], 16) <= 0xDFFF:
                    raise self._at(token, f"Invalid string literal '{body}'")
                return chr(int(code[1:], 16)).replace("\\", "\\\\")
            if code not in _ESCAPES:
                raise self._at(token, f"Invalid string literal '{body}'. Illegal character sequence '\\{code}'")
            return _ESCAPES[code]

        return _ESCAPE.sub(resolve, body)

    def _at(self, token: Token, message: str) -> Refusal:
        place = _place(token)
        return Refusal("MALFORMED_QUERY", at_position(self._text, place.line, place.column, message))


def _place(token: Token) -> Place:
    return Place(token.line or 1, token.column or 1)


def _bounded(token: Token) -> int:
    return int(token) if len(token) < 10 else 10**9


def _literal(kind: str, items: list[Token]) -> Literal:
    return Literal(kind, str(items[0]), _place(items[0]))

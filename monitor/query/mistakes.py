"""Why an expression does not parse, said with the column and the likely meaning.

It reads what the parser stumbled over; it never repairs.
"""

from __future__ import annotations

import re
from typing import Any

from monitor.query.lookalikes import PART, operators_meant
from monitor.query.nodes import QueryError

_OPERATORS = ("AND", "OR", "NOT")
_STARTS = frozenset({"WORD", "QUOTED", "EXACT", "GROUP", "FIELD", "LPAR"})


def explain_token(expression: str, error: Any) -> QueryError:
    """The error for a token that may not stand where it stands."""
    token = error.token
    at = token.start_pos if token.start_pos is not None else len(expression)
    if token.type == "$END":
        return _at_the_end(expression)
    before = expression[:at].rstrip()
    if token.type in _STARTS and before and not before.endswith("("):
        return _two_without_operator(expression, at)
    if token.type == "NOT":
        return QueryError(
            f"NOT after a term needs an operator: write {_last(before)} AND NOT {_next(expression, at + 3)}", at + 1
        )
    if token.type == "RPAR":
        return QueryError(_closing(before), at + 1)
    return QueryError(f"{token} needs a term before it; write: a {token} b", at + 1)


def _closing(before: str) -> str:
    if before.count("(") == before.count(")"):
        return "')' closes nothing; remove it or write '(' before"
    if before.endswith("("):
        return "'()' holds nothing; write a term between"
    return f"a term is missing between {_last(before)} and ')'"


def _at_the_end(expression: str) -> QueryError:
    column = len(expression.rstrip()) + 1
    if expression.count("(") > expression.count(")"):
        opened = _unclosed(expression)
        return QueryError(f"'(' is never closed; write ')' where its part ends, likely at column {column}", opened + 1)
    return QueryError(f"a term is missing after {_last(expression.rstrip())}", column)


def _unclosed(expression: str) -> int:
    opened: list[int] = []
    for at, character in enumerate(expression):
        if character == "(":
            opened.append(at)
        elif character == ")" and opened:
            opened.pop()
    return opened[0] if opened else 0


def _two_without_operator(expression: str, at: int) -> QueryError:
    run = _run_of_words(expression, at)
    words = [word for word in run if word != PART]
    if _next(expression, at).startswith("NEAR"):
        before, behind = _last(expression[:at].rstrip()), _behind_near(expression, at)
        message = f"NEAR needs a number of words: write {before} NEAR/10 {behind}"
    elif (meant := operators_meant(run)) is not None:
        message = meant
    elif len(words) > 1:
        phrase = " ".join(word.strip('"') for word in words)
        message = (
            f'two words without an operator: write "{phrase}" for the phrase, or {" AND ".join(words)} for all of them'
        )
    else:
        last, coming = _last(expression[:at].rstrip()), _next(expression, at)
        message = f"an operator is missing: write {last} AND {coming}, or {last} OR {coming}"
    return QueryError(message, at + 1)


def _behind_near(expression: str, at: int) -> str:
    """The term that follows a NEAR at `at`, whatever was written for its number."""
    found = re.match(r"NEAR(?:\s*/\s*\w*)?\s+([^\s()]+)", expression[at:])
    return found[1] if found else "…"


def _run_of_words(expression: str, at: int) -> list[str]:
    """The plain words around `at` that stand together without an operator, with PART for parentheses beside them."""
    pattern = r'[^\s()"$]+|="[^"]*"|"[^"]*"|\$\S+|[()]'
    run: list[str] = []
    for match in re.finditer(pattern, expression):
        text = match.group()
        if text in _OPERATORS or text in "()" or text.startswith(("NEAR/", "$", '="')):
            if match.start() > at:
                return [*run, PART] if text == "(" else run
            run = [PART] if text == ")" else []
        else:
            run.append(text)
    return run


def _last(before: str) -> str:
    return before.split()[-1].lstrip("(") if before.split() else "it"


def _next(expression: str, at: int) -> str:
    following = expression[at:].split()
    return following[0].rstrip(")") if following else "…"


def explain_lexing(expression: str, at: int) -> QueryError:
    """The error for a character that no token starts with."""
    character = expression[at]
    if character == '"':
        return QueryError('a quote is never closed; write " at the end of the phrase', at + 1)
    if character == "$":
        return QueryError("$ needs the name of a group directly after it: $uav", at + 1)
    if character == "=":
        return QueryError('= needs quotes directly after it: ="As Written"', at + 1)
    return QueryError(f"{character!r} cannot stand here", at + 1)

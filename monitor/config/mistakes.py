"""What people write that YAML takes for something else, and the corrected line to write instead.

It works on lines of text and the parser's complaint alone; whether a correction is offered is decided by trying it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

Found = tuple[int, int, str]  # line, column (from 1), message
Until = Callable[[str], tuple[int, int] | None]

#: Longer lines are not repaired: nobody wrote them by hand.
LONGEST_LINE = 5_000
#: indentation and dashes | a key with its colon | the value | a comment
_LINE = re.compile(
    r"""^(\s*(?:-\s+)*)((?:"[^"]*"|'[^']*'|[^\s:#"'\[\]{},][^:#\[\]{},]*?):\s+)?(\S.*?)(\s+\#(?:\s.*)?)?$"""
)
_INDENT = re.compile(r"^\s*(?:-\s+)*")


def quoted(value: str) -> str:
    """The value as a YAML scalar that is read back unchanged."""
    if '"' not in value and "\\" not in value:
        return f'"{value}"'
    return "'" + value.replace("'", "''") + "'"


def split(line: str, keys: frozenset[str]) -> tuple[str, str, str, str] | None:
    """A line as lead, key, value, comment; a word before a colon that is no key of ours belongs to the value."""
    matched = _LINE.match(line)
    if matched is None:
        return None
    lead, key, value, comment = (part or "" for part in matched.groups())
    # Group names are free, so a key is believed unless it stands behind a dash, where only known keys can.
    if key and "-" in lead and key.split(":")[0].strip("\"' ") not in keys:
        key, value = "", key + value
    return lead, key, value, comment


def corrected(line: str, keys: frozenset[str]) -> str | None:
    """The line with its value in quotes, without indentation and comment."""
    parts = split(line, keys)
    if parts is None:
        return None
    lead, key, value, _ = parts
    return (lead.lstrip() + key).strip() + " " + quoted(value)


def token_at(line: str, column: int) -> str:
    """The item of a flow list that begins at `column` (from 0)."""
    rest = line[column:]
    if rest[:1] in ("[", "{") and (end := rest.find("]" if rest[0] == "[" else "}")) > 0:
        return rest[: end + 1]
    return re.split(r"[,\]}]", rest, maxsplit=1)[0].strip()


def needs_quotes(line: str, column: int, keys: frozenset[str]) -> tuple[str, str]:
    """The text that was meant at `column` (from 0), and the sentence that says how to write it."""
    parts = split(line, keys)
    if parts is None or len(parts[0] + parts[1]) != column:
        meant = token_at(line, column)
        return meant, f"{_shown(meant)} needs quotes in YAML: write {quoted(meant)}"
    meant = parts[2]
    return meant, f"{_shown(meant)} needs quotes in YAML: write {corrected(line, keys)}"


def refused(kind: str, at: tuple[int, int], lines: Sequence[str], keys: frozenset[str]) -> tuple[str, str]:
    """The text meant by an alias, anchor or tag, and what to write."""
    line = lines[at[0] - 1] if at[0] <= len(lines) else ""
    start = at[1] - 1
    # libyaml places a tagged or anchored node at its tag; the pure parser may place it at the value.
    while start > 0 and line[start : start + 1] not in "*&!" and line[start - 1 : start] not in " [,{":
        start -= 1
    meant, message = needs_quotes(line, start, keys)
    if not meant:
        return meant, f"YAML {kind}s are not used here; write the value itself"
    return (
        meant,
        f"{message} (YAML takes it for {'a' if kind == 'tag' else 'an'} {kind})" if kind != "alias" else message,
    )


def comment_cut(line: str, keys: frozenset[str]) -> str | None:
    """For a line whose value is missing because `#word` began a comment: the corrected line."""
    matched = re.match(r"^(\s*(?:-\s+)*)((?:[^\s:#]+):\s+)?(#\S.*)$", line)
    if matched is None:
        return None
    lead, key, value = (part or "" for part in matched.groups())
    return (lead.lstrip() + key).strip() + " " + quoted(value.rstrip())


def is_item(line: str) -> bool:
    """Whether the line begins as an item of a list."""
    return re.match(r"\s*-\s+\S", line) is not None


def folded_item(line: str, above: str, column: int, keys: frozenset[str]) -> str:
    """Why an item that YAML joined to the text at `column` (from 0) of the line `above` is none, and what to write."""
    item, text = line.strip(), above[column:].strip()
    said = f"this item is indented deeper than '{text}' above it, so YAML reads both as one text"
    parts = split(above, keys)
    if parts is None or len(parts[0] + parts[1]) != column or parts[1]:
        key = parts[1].strip() if parts is not None and parts[1] else ""
        both = f"{key} [{text}, {item[1:].strip()}]".strip()
        return f"{said}; write a list: {both} (if it is one text, put the whole in quotes)"
    lead = re.sub(r"-\s+$", "", parts[0]).replace("-", " ")
    return f"{said}; write it in the same column: '{lead}{item}' (if it is one text, put the whole in quotes)"


def place_of(error: Any, source: str) -> tuple[int, int]:
    """Line and column, from 0, of a complaint of the parser."""
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return mark.line, mark.column
    before = source[: getattr(error, "position", 0)]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


def explain(
    error: Any, lines: list[str], original: Sequence[str], keys: frozenset[str], until: Until
) -> tuple[Found, list[str] | None]:
    """The problem in words, and the lines with it repaired (None when no repair lets the parser go on)."""
    stop = place_of(error, "\n".join(lines))
    for number, repaired, message, column in _candidates(error, stop, lines, original, keys):
        attempt = [*lines]
        attempt[number] = repaired
        later = until("\n".join(attempt))
        # What is never closed is noticed at the file's end, far behind the line that is wrong.
        is_late = (
            stop[0] >= len(lines) - 1 and later is not None and later[0] > number and lines[number] == original[number]
        )
        if later is None or later > stop or is_late:
            return (number + 1, column + 1, message), attempt
    return (stop[0] + 1, stop[1] + 1, _plainly(error)), None


def _candidates(
    error: Any, stop: tuple[int, int], lines: list[str], original: Sequence[str], keys: frozenset[str]
) -> Iterator[tuple[int, str, str, int]]:
    """Repairs worth a try: line number, repaired line, message, column (all from 0), the likeliest first."""
    if getattr(error, "problem_mark", None) is None:
        line = lines[stop[0]]
        bad = line[stop[1] : stop[1] + 1]
        message = f"a control character (U+{ord(bad or ' '):04X}) that YAML does not allow; delete it"
        yield stop[0], line[: stop[1]] + " " + line[stop[1] + 1 :], message, stop[1]
        return
    for number in _suspects(error, stop, len(lines)):
        # A line is repaired as a whole once: quoting what was quoted would grow without end.
        candidates = _of_line(number, lines[number], error, stop, keys) if len(lines[number]) < LONGEST_LINE else ()
        for candidate in candidates:
            if lines[number] == original[number] or lines[number][: stop[1]] == candidate[1][: stop[1]] != "":
                yield candidate


def _suspects(error: Any, stop: tuple[int, int], count: int) -> list[int]:
    context = getattr(error, "context_mark", None)
    numbers = [stop[0], context.line if context else stop[0], stop[0] - 1]
    return [number for number in dict.fromkeys(numbers) if 0 <= number < count]


def _of_line(
    number: int, line: str, error: Any, stop: tuple[int, int], keys: frozenset[str]
) -> Iterator[tuple[int, str, str, int]]:
    problem = str(getattr(error, "problem", "") or "")
    if "\t" in _leading(line):
        message = "a tab where YAML wants spaces; indent with spaces"
        yield number, line.replace("\t", "  "), message, line.index("\t")
    if dash := re.match(r"^(\s*)-(?=[^\s-])", line):
        fixed = f"- {line[dash.end() :].strip()}"
        yield number, f"{dash.group(1)}{fixed}", f"a dash needs a space after it: write {fixed}", len(dash.group(1))
    parts = split(line, keys)
    if parts is None:
        return
    lead, key, value, comment = parts
    start = len(lead) + len(key)
    if value[0] in "[{" and number == stop[0]:
        yield from _of_flow(number, line, start, stop[1], problem)
    if closed := _closed(value, has_key=bool(key)):
        fixed = (lead.lstrip() + key + closed).strip()
        yield number, lead + key + closed, f"the {value[0]} that opens here is never closed: write {fixed}", start
    if len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]:
        inner = lead + key + quoted(value[1:-1])
        message = f"{_shown(value)} is not closed where it seems to be: write {inner.strip()}"
        yield number, inner + comment, message, start
    is_whole_list = value[0] in "[{" and value[-1] in "]}"
    if ("-" in lead or key) and not is_whole_list:
        meant, message = needs_quotes(line, start, keys)
        yield number, lead + key + quoted(meant) + comment, message, start


def _of_flow(number: int, line: str, start: int, stop: int, problem: str) -> Iterator[tuple[int, str, str, int]]:
    """An item of a list in brackets, from where the parser stopped or from the comma before it."""
    begin = stop
    if "start any" not in problem:
        begin = max(line.rfind(character, start, stop) for character in "[,{") + 1
        begin += len(line[begin:]) - len(line[begin:].lstrip())
    meant = token_at(line, begin)
    if start < begin and not re.fullmatch(r"[\w .-]*", meant):
        repaired = line[:begin] + quoted(meant) + line[begin + len(meant) :]
        yield number, repaired, f"{_shown(meant)} needs quotes in YAML: write {quoted(meant)}", begin


def _closed(value: str, *, has_key: bool) -> str:
    """The value with the quote or bracket at its end that it lacks; "" when it lacks none."""
    opens, closes = value[0], {"[": "]", "{": "}", '"': '"', "'": "'"}.get(value[0], "")
    if opens in "\"'":
        return value + closes if value.count(closes) == 1 else ""
    is_list = closes and value.count(closes) < value.count(opens) and (has_key or "," in value)
    return value + closes if is_list else ""


def _leading(line: str) -> str:
    matched = _INDENT.match(line)
    return matched.group(0) if matched else ""


_PLAINLY = {
    "mapping values are not allowed": "a colon with a space after it begins a value here, but the line before "
    "already has one; check the indentation, or put the whole text in quotes",
    "found character '\\t'": "a tab where YAML wants spaces; indent with spaces",
    "tab character": "a tab where YAML wants spaces; indent with spaces",
    "expected '-' indicator": "this does not fit the list above; begin the line with '- ', in the same column as its "
    "neighbours",
    "did not find expected key": "this does not fit the keys above; put it in the same column as they are",
    "could not find expected ':'": "a key without its colon; write 'key: value'",
    "expected ',' or": "a comma or closing bracket is missing in what opens before this",
    "end of stream": "something opened earlier in the file (a quote or a bracket) is never closed",
}


def _plainly(error: Any) -> str:
    problem = str(getattr(error, "problem", "") or error)
    for sign, message in _PLAINLY.items():
        if sign in problem:
            context = getattr(error, "context_mark", None)
            since = f" (it belongs to what begins at line {context.line + 1})" if context else ""
            return message + since
    return f"this is no valid YAML: {problem}"


def _shown(value: str) -> str:
    return f"'{value if len(value) <= 80 else value[:77] + '…'}'"

"""What pydantic found, as problems with file, line, column and the likely meaning.

It repeats no value that may be a secret: only messages that this package wrote are shown, never pydantic's input.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from monitor.config import mistakes
from monitor.config.channels import TYPES
from monitor.config.nodes import Items, Map, Place, Text, Tree
from monitor.config.values import meant
from monitor.errors import Problem

Model = TypeVar("Model", bound=BaseModel)
Loc = Sequence[str | int]


def validate(model: type[Model], tree: Tree, context: object) -> tuple[Model, Any, list[Problem]]:
    """The model from what is right in the tree, the nodes it was made of, and a problem for everything that is wrong.

    What is wrong is left out (a section, a channel, a list item) and the rest validated again, so that checks across
    files still see everything that is right.
    """
    value, problems = tree.root, list[Problem]()
    while True:
        try:
            return model.model_validate(value, context=context), value, problems
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False)
            problems += [_problem(model, tree, value, one) for one in found]
            value = _without(value, [tuple(one["loc"]) for one in found])


#: Keys of a watch whose mistakes leave what it finds as it is.
_BESIDE = frozenset({"to", "when", "priority", "confirm", "since", "flood", "name", "feeds"})
_EXAMPLES = ("must_match", "must_not_match")


def without_mistakes(model: type[Model], node: object, context: object) -> tuple[Model | None, Any]:
    """The model of a node without the keys that are wrong, and what was left of the node; None where too much is.

    Its examples are left out where it may not find what was meant.
    """
    value = node
    while isinstance(value, Map):
        try:
            return model.model_validate(value, context=context), value
        except ValidationError as error:
            bad = {str(one["loc"][0]) for one in error.errors(include_url=False, include_input=False) if one["loc"]}
        bad |= set() if bad <= _BESIDE else set(_EXAMPLES)
        if not bad & value.keys():
            break
        value = _map(value.at, {key: item for key, item in value.items() if key not in bad}, value.keys_at)
    return None, None


#: Containers whose items are left out one by one.
_ITEMWISE = ("feeds", "watches", "channels", "terms")


def _without(value: Any, locs: Iterable[tuple[str | int, ...]]) -> Map:
    locs = list(locs)
    if not isinstance(value, Map) or () in locs:
        return _map((1, 1), {}, {})
    bad: dict[str, set[str | int] | None] = {}  # key -> which of its items, None for all
    for loc in locs:
        key = str(loc[0])
        if key in _ITEMWISE and len(loc) > 1 and bad.get(key, set()) is not None and value.get(key) is not None:
            items = bad.setdefault(key, set())
            assert items is not None
            items.add(loc[1])
        else:
            bad[key] = None
    kept = {key: _pruned(item, bad.get(key, set())) for key, item in value.items() if bad.get(key, set()) is not None}
    return _map(value.at, kept, value.keys_at)


def _pruned(container: Any, bad: set[str | int] | None) -> Any:
    if not bad:
        return container
    if isinstance(container, Map):
        return _map(container.at, {key: item for key, item in container.items() if key not in bad}, container.keys_at)
    items = Items(item for number, item in enumerate(container) if number not in bad)
    items.at = container.at
    return items


def _map(at: Place, items: dict[str, Any], keys_at: dict[str, Place]) -> Map:
    made = Map(items)
    made.at = at
    made.keys_at = keys_at
    return made


def _problem(model: type[BaseModel], tree: Tree, root: Any, error: Any) -> Problem:
    kind, loc, details = error["type"], tuple(error["loc"]), error.get("ctx", {})
    if kind == "not_text" and "item" in details:
        loc = (*loc, details["item"])
    node, at = look(root, loc)
    if kind == "setting":
        keys_at = node.keys_at if isinstance(node, Map) else {}
        return tree.problem(keys_at.get(str(details.get("key")), at), str(details["message"]))
    if kind == "not_text":
        return tree.problem(*_not_text(tree, node, at, str(details["what"]), keys_of_model(model)))
    if kind == "extra_forbidden":
        return _unknown_key(model, tree, root, loc)
    if kind == "missing":
        return tree.problem(at, _missing(str(loc[-1]), node))
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        return tree.problem(*_channel_type(node, at, str(loc[-1])))
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return tree.problem(at, _no_mapping(model, loc, node))
    if kind in ("list_type", "tuple_type"):
        return tree.problem(at, f"'{loc[-1]}' is a list; begin each item on a line of its own with '- '")
    return tree.problem(at, str(error["msg"]).lower())


def look(root: Any, loc: Loc) -> tuple[Any, Place]:
    """The node at a path and its place; parts that are no keys (a union's tag, a missing key) are passed over."""
    node = root
    for part in loc:
        inner = _step(node, part)
        node = node if inner is None else inner
    return node, getattr(node, "at", (1, 1))


def _step(node: Any, part: str | int) -> Any:
    if isinstance(node, Map) and isinstance(part, str):
        return node.get(part)
    if isinstance(node, Items) and isinstance(part, int) and part < len(node):
        return node[part]
    return None


def _not_text(tree: Tree, node: Any, at: Place, what: str, keys: frozenset[str]) -> tuple[Place, str]:
    line = tree.lines[at[0] - 1] if at[0] <= len(tree.lines) else ""
    if isinstance(node, Text):
        return _nothing(tree, at, what, keys)
    is_flow = line[at[1] - 1 : at[1]] in ("[", "{")
    if isinstance(node, Map) and not is_flow and len(node) > 1:
        return at, f"{what} was expected here, not a mapping"
    if isinstance(node, Map | Items) and (is_flow or isinstance(node, Map)):
        _, message = mistakes.needs_quotes(line, at[1] - 1, keys - frozenset(node if isinstance(node, Map) else ()))
        kind = "a mapping" if isinstance(node, Map) else "a list"
        return at, f"{message} (YAML takes it for {kind})"
    return at, f"{what} was expected here, not a list"


def _nothing(tree: Tree, at: Place, what: str, keys: frozenset[str]) -> tuple[Place, str]:
    # The parser places an empty value behind its dash or colon, or at whatever comes next: look back for the comment.
    for number in range(min(at[0], len(tree.lines)) - 1, max(at[0] - 4, -1), -1):
        line = tree.lines[number]
        if re.match(r"^\s*(?:-\s+)*([^\s:#]+:\s+)?#\S", line) and not line.lstrip().startswith("#"):
            fixed = mistakes.comment_cut(line, keys)
            start = line.index("#")
            return (
                number + 1,
                start + 1,
            ), f"'{line[start:].rstrip()}' is a comment in YAML, so nothing stands here: write {fixed}"
    return at, f"nothing stands here; write {what}"


def _missing(key: str, node: Any) -> str:
    near = ""
    if isinstance(node, Map):
        near = meant(key, [name for name in node if name != "type"], "")
        near = near.replace("did you mean", "is it")
    return f"'{key}' is missing{near}"


def _channel_type(node: Any, at: Place, name: str) -> tuple[Place, str]:
    types = ", ".join(TYPES)
    if isinstance(node, Text):
        near = node if node in TYPES else "console"
        return at, f"a channel is a mapping: write {name}: {{type: {near}}}"
    if not isinstance(node, Map) or "type" not in node:
        near = meant("type", node if isinstance(node, Map) else ()).replace("did you mean", "is it")
        return at, f"'type' is missing{near or f'; it is one of {types}'}"
    written = node["type"]
    if not isinstance(written, Text):
        return getattr(written, "at", at), f"'type' is one of {types}"
    return written.at, f"there is no channel type '{written}'; it is one of {types}{meant(written, TYPES)}"


def _no_mapping(model: type[BaseModel], loc: Loc, node: Any) -> str:
    kind = "a list" if isinstance(node, Items) else "a text"
    if not loc:
        known = keys_of(model)
        first = next((key for key in ("watches", "channels", "feeds") if key in known), known[0])
        below = f", with the {'list' if isinstance(node, Items) else 'text'} below it" if first != "channels" else ""
        return f"the file holds {kind}; it must begin with keys, like '{first}:' on a line of its own{below}"
    return f"'{loc[-1]}' holds settings, not {kind}; write each on a line of its own below it, as 'key: value'"


# ---------------------------------------------------------------------------------------------- unknown keys


def _unknown_key(model: type[BaseModel], tree: Tree, root: Any, loc: Loc) -> Problem:
    parent, at = look(root, loc[:-1])
    key = str(loc[-1])
    at = parent.keys_at.get(key, at) if isinstance(parent, Map) else at
    known = [name for one in models_at(model, loc[:-1]) for name in keys_of(one)]
    in_list = len(loc) > 1 and isinstance(loc[-2], int)
    near = meant(key, known)
    if isinstance(parent, Map) and len(parent) == 1 and in_list and not near:
        return tree.problem(*_not_text(tree, parent, parent.at, "a text", keys_of_model(model) - {key}))
    return tree.problem(at, f"unknown key '{key}'{near or _elsewhere(model, key, known)}")


def _elsewhere(model: type[BaseModel], key: str, known: list[str]) -> str:
    for section, field in model.model_fields.items():
        if any(key in keys_of(inner) for inner in _models_in(field.annotation)) and section not in _ITEMWISE:
            return f"; it belongs under {section}:"
    if key in keys_of(model):
        return "; it belongs at the left edge of the file, outside of this"
    return f"; possible here: {', '.join(known)}"


def keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def keys_of_model(model: type[BaseModel]) -> frozenset[str]:
    """Every key of a model and of those within it."""
    found = set(keys_of(model))
    for field in model.model_fields.values():
        for inner in _models_in(field.annotation):
            found |= keys_of_model(inner)
    return frozenset(found)


def models_at(model: type[BaseModel], loc: Loc) -> list[type[BaseModel]]:
    """The models that may stand at a path; a union's tag in the path chooses one."""
    models = [model]
    for part in loc:
        tagged = [one for one in models if part == _tag(one)]
        if tagged:
            models = tagged
            continue
        fields = [one.model_fields[name] for one in models for name in [_field_name(one, part)] if name]
        models = [inner for field in fields for inner in _models_in(field.annotation)] if fields else models
    return models


def _field_name(model: type[BaseModel], key: str | int) -> str | None:
    return next((name for name, field in model.model_fields.items() if (field.alias or name) == key), None)


def _tag(model: type[BaseModel]) -> str | None:
    field = model.model_fields.get("type")
    return str(get_args(field.annotation)[0]) if field else None


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is None and annotation is not Union:
        return []
    return [found for inner in get_args(annotation) for found in _models_in(inner)]

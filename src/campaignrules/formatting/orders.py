"""Which keys of which mapping have a customary order, and what it is.

In: a model class or a type of the model, and the node that stands there. Out: keys in their order, and the types of what
lies below. An element with a clause has its id and title first, then its own keys, and at its end clause, document,
inventory ids and note; any other has the order in which the model declares its keys. Where long contents belong to an
element, the clause stands before or behind them as the author likes. What is listed by name (phases, metrics, words)
and what is expected in a test has no order but the author's. Must not know: text, comments, layout.
"""

from __future__ import annotations

import types
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from campaignrules.errors import Text
from campaignrules.model import Campaign, Element, Overlay, Sourced, yaml_fields
from campaignrules.nodes import Mapping, Node, Sequence
from campaignrules.suites import Suite

FIRST = ("id", "title")
LAST = ("source", "document", "covers", "note")
# Where the campaigns that we ship have another custom. What is left out follows, in the order of the model.
CUSTOMS: dict[str, tuple[str, ...]] = {
    "Derived": ("title", "unit", "formula", *LAST),
    "Duty": ("id", "title", "for", "every", "by", "except", "force", "awaits", "partial", "due", "lead", "support",
             "in", "shift", "record", "on", "where", *LAST),
    "Field": ("type", "planned", "unit", "decimals", "of", "required", "title", "within", "aliases", "note"),
    "Metric": ("title", "count", "sum", "distinct", "mean", "min", "max", "last", "rate", "reported", "of", "formula",
               "growth", "limited", "each", "at_most", "on", "until", "accumulate", "since", "where", "credited_to",
               "unit", "against", *LAST),
    "Reading": ("title", *LAST, "chosen", "options"),
    "Record": ("title", "key", "unit", *LAST, "fields", "rules", "derived"),
    "Scorecard": ("title", "for", "in", "within", "reference", "out_of", *LAST, "items", "weights", "total"),
    "Target": ("id", "title", "metric", "in", "for", "at_least", "at_most", "exactly", "between", "every", "except",
               "force", "lead", "support", "partial", "awaits", *LAST),
}  # fmt: skip
# In these the clause, the inventory ids and the note stay in the places that the author gave them among the own keys.
FLOATING = frozenset(("Derived", "Item", "Parameter", "Responsibility", "Scorecard", "Units", "Vocabulary"))
FREE = frozenset(("Expectation",))


def root_of(node: Node) -> Any:
    """The class of the file: tests, an overlay or a campaign, whichever key it has."""
    if isinstance(node, Mapping) and node.get("overlay_for"):
        return Overlay
    if isinstance(node, Mapping) and node.get("tests_for"):
        return Suite
    return Campaign


def below(hint: Any, node: Node) -> Any:
    """The one among the types of `hint` that has the form of `node`; None when it says nothing about its keys."""
    for option in _options(hint):
        origin = get_origin(option)
        if isinstance(node, Sequence) and origin is tuple:
            return option
        if isinstance(node, Mapping) and (option is Text or attrs.has(option) or _is_named(origin)):
            return option
    return None


def _options(hint: Any) -> list[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        return [one for option in get_args(hint) for one in _options(option)]
    return [hint]


def _is_named(origin: Any) -> bool:
    return origin is not None and origin is not tuple and origin is not Literal


def type_under(form: Any, key: str) -> Any:
    """The type of what stands under `key` of a mapping whose own type is `form`; the type of items of a list."""
    if form is None or form is Text:
        return None
    if get_origin(form) is tuple:
        return get_args(form)[0]
    if get_origin(form) is not None:
        return get_args(form)[1]
    field = yaml_fields(form).get(key)
    return field[1] if field else None


def ordered(form: Any, keys: list[str]) -> list[str]:
    """`keys` in their customary order; as they are when the form has none, or does not know one of them."""
    places = {"zh": 0, "en": 1} if form is Text else _places(form) if _has_order(form) else {}
    if not places or not places.keys() >= set(keys):
        return keys
    if form is not Text and form.__name__ in FLOATING:
        return [*(key for key in FIRST if key in keys), *_floating(places, [key for key in keys if key not in FIRST])]
    return sorted(keys, key=places.__getitem__)


def _floating(places: dict[str, int], keys: list[str]) -> list[str]:
    """The keys of the clause in order among themselves, and the own keys too, each where one of its kind was."""
    inorder = sorted(keys, key=places.__getitem__)
    clause, own = (iter([key for key in inorder if (key in LAST) is wanted]) for wanted in (True, False))
    return [next(clause if key in LAST else own) for key in keys]


def _has_order(form: Any) -> bool:
    return isinstance(form, type) and issubclass(form, Element) and form.__name__ not in FREE


@cache
def _places(cls: type) -> dict[str, int]:
    return {key: place for place, key in enumerate(customary(cls))}


def customary(cls: type) -> list[str]:
    """The keys of a model class in the order in which they are to be written."""
    keys = list(yaml_fields(cls))
    wanted = CUSTOMS.get(cls.__name__) or (_of_a_clause(keys) if issubclass(cls, Sourced) else keys)
    return [*(key for key in wanted if key in keys), *(key for key in keys if key not in wanted)]


def _of_a_clause(keys: list[str]) -> list[str]:
    own = [key for key in keys if key not in FIRST + LAST]
    return [*FIRST, *own, *LAST]

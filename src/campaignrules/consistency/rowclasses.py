"""Conditions of rows → classes of rows that none of them tells apart.

In: the conditions in use, as checked trees, and what they are about (the record's fields). Out: for each class, which
conditions hold of its rows. What is not understood (functions, deferred parameters) counts as a condition of its own
that may be true, false or missing of any row: then more is thought possible than is, never less. Must not know: time,
targets, the solver.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any, Final

from attrs import frozen

from campaignrules.checked import CheckedCampaign, CheckedRecord
from campaignrules.trees import Apply, Literally, Name, Tree

MOST_POINTS: Final = 4_096
"""Conditions that hang together over more combinations of values than this are not examined."""
MOST_LITERALS: Final = 64
_ORDERS: Final[Mapping[str, Callable[[int, int], bool]]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
_FLIPPED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_ORDERED: Final = ("number", "date")
_OTHER: Final = object()
"""The value of a field that no condition names."""

Truth = bool | None
Point = Mapping[Hashable, Any]
"""Atom (field, or a tree that is not understood) → its value; of an ordered field the place among the literals."""


class TooManyError(Exception):
    """More classes than are worth looking at."""


@frozen(eq=False, repr=False)
class Classes:
    """`rows`: for each class the truth of each condition, in the order of `conditions`."""

    conditions: tuple[Tree, ...]
    rows: tuple[tuple[bool, ...], ...]


class Atoms:
    """What conditions on the rows of one record are about, and the values that they tell apart."""

    def __init__(self, checked: CheckedCampaign, record: CheckedRecord | None) -> None:
        self.checked, self.record = checked, record
        self.literals: dict[Hashable, set[Any]] = defaultdict(set)
        self.places: dict[Hashable, Mapping[Any, int]] = {}

    # --- finding -----------------------------------------------------------------

    def of(self, tree: Tree) -> frozenset[Hashable]:
        """The atoms of a condition; the literals they are compared with are kept."""
        if isinstance(tree, Literally):
            return frozenset()
        if isinstance(tree, Apply) and tree.op in ("and", "or", "not", "if") and tree.type.kind == "bool":
            return frozenset().union(*map(self.of, tree.args))
        if isinstance(tree, Apply) and (found := _comparison(tree)):
            _, name, literals = found
            self.literals[name.name].update(literals)
            return frozenset({name.name})
        if isinstance(tree, Name) and tree.type.kind == "bool":
            return frozenset({tree.name})
        return frozenset({tree})

    def settle(self) -> None:
        """To be called when every condition is known: the places of the literals of ordered fields."""
        for atom, literals in self.literals.items():
            if self._kind(atom) in _ORDERED:
                self.places[atom] = {literal: 2 * i + 1 for i, literal in enumerate(sorted(literals))}

    def values(self, atom: Hashable) -> tuple[Any, ...]:
        """The values of an atom to tell apart. Raises TooManyError."""
        known = self.literals[atom]
        if len(known) > MOST_LITERALS:
            raise TooManyError
        missing = (None,) if self._may_be_missing(atom) else ()
        if not isinstance(atom, str) or self._kind(atom) == "bool":
            return (True, False, *missing)
        if atom in self.places:
            return (*range(2 * len(self.places[atom]) + 1), *missing)
        words = sorted(map(str, known))
        rest = () if self._all_named(atom, known) else (_OTHER,)
        return (*words, *rest, *missing)

    def _kind(self, atom: Hashable) -> str:
        type_ = self.record.types.get(atom) if self.record is not None and isinstance(atom, str) else None
        return type_.kind if type_ is not None else "text"

    def _may_be_missing(self, atom: Hashable) -> bool:
        declared = self.record.record.fields.get(atom) if self.record is not None and isinstance(atom, str) else None
        return declared is None or not declared.required

    def _all_named(self, atom: Hashable, known: set[Any]) -> bool:
        """Whether every word that the field may hold is a literal of some condition."""
        if self.record is None or not isinstance(atom, str) or atom not in self.record.types:
            return False
        type_ = self.record.types[atom]
        vocabulary = self.checked.campaign.vocabularies.get(type_.vocabulary) if type_.kind == "word" else None
        return vocabulary is not None and not vocabulary.open and known >= set(vocabulary.words)

    # --- deciding ----------------------------------------------------------------

    def truth(self, tree: Tree, point: Point) -> Truth:
        """Whether a condition holds of the rows with these values."""
        if isinstance(tree, Literally):
            return bool(tree.value) if isinstance(tree.value, bool) else None
        if isinstance(tree, Apply) and tree.type.kind == "bool" and tree.op in _LOGIC:
            return _LOGIC[tree.op](*(self.truth(arg, point) for arg in tree.args))
        if isinstance(tree, Apply) and (found := _comparison(tree)):
            op, name, literals = found
            return self._compared(op, name.name, literals, point[name.name])
        truth: Truth = point[tree.name if isinstance(tree, Name) else tree]
        return truth

    def _compared(self, op: str, atom: str, literals: Sequence[Any], value: Any) -> Truth:
        if op == "is_none":
            return value is None
        if value is None:
            return None
        places = self.places.get(atom)
        if op == "in":
            return value in ([places[literal] for literal in literals] if places else map(str, literals))
        if places:
            return bool(_ORDERS[op](value, places[literals[0]]))
        return bool(value == str(literals[0])) == (op == "==")


def _if(condition: Truth, then: Truth, otherwise: Truth) -> Truth:
    return then if condition else None if condition is None else otherwise


def _and(*truths: Truth) -> Truth:
    return False if False in truths else None if None in truths else True


def _or(*truths: Truth) -> Truth:
    return True if True in truths else None if None in truths else False


_LOGIC: Final[Mapping[str, Callable[..., Truth]]] = {
    "and": _and,
    "or": _or,
    "not": lambda truth: None if truth is None else not truth,
    "if": _if,
}


def _comparison(tree: Apply) -> tuple[str, Name, tuple[Any, ...]] | None:
    """(operation, field, literals) of a comparison of one field with literals; None when it is another thing."""
    first, rest = tree.args[0], tree.args[1:]
    if tree.op == "is_none" and isinstance(first, Name):
        return "is_none", first, ()
    if tree.op == "in" and isinstance(first, Name) and all(isinstance(arg, Literally) for arg in rest):
        return _plain("in", first, rest)
    if tree.op not in _ORDERS or len(rest) != 1:
        return None
    if isinstance(first, Name) and isinstance(rest[0], Literally):
        return _plain(tree.op, first, rest)
    if isinstance(first, Literally) and isinstance(rest[0], Name):
        return _plain(_FLIPPED.get(tree.op, tree.op), rest[0], (first,))
    return None


def _plain(op: str, name: Name, literals: Sequence[Tree]) -> tuple[str, Name, tuple[Any, ...]] | None:
    values = tuple(arg.value for arg in literals if isinstance(arg, Literally))
    simple = all(value is not None and not isinstance(value, bool | frozenset) for value in values)
    return (op, name, values) if simple and name.type.kind not in ("tags", "bool") else None


# --- classes --------------------------------------------------------------------


class Sorter:
    """Sorts rows into classes: blocks of conditions that share atoms, each worked out once."""

    def __init__(
        self, checked: CheckedCampaign, record: CheckedRecord | None, conditions: Iterable[Tree],
        most: int = MOST_POINTS,
    ) -> None:  # fmt: skip
        self.most = most
        self.atoms = Atoms(checked, record)
        wanted = {tree: self.atoms.of(tree) for tree in conditions}
        self.atoms.settle()
        self.blocks = tuple(self._block(trees, atoms) for trees, atoms in _blocks(wanted))

    def _block(self, trees: Sequence[Tree], atoms: Sequence[Hashable]) -> Classes:
        values = [self.atoms.values(atom) for atom in atoms]
        count = 1
        for some in values:
            count *= len(some)
        if count * len(trees) > self.most:
            raise TooManyError
        points = (dict(zip(atoms, chosen, strict=True)) for chosen in product(*values))
        rows = (tuple(self.atoms.truth(tree, point) is True for tree in trees) for point in points)
        return Classes(tuple(trees), tuple(dict.fromkeys(rows)))

    def classes(self, conditions: frozenset[Tree], most: int) -> Iterator[frozenset[Tree]]:
        """For each class of rows that these conditions tell apart: those that hold. Raises TooManyError."""
        seen = [tuple(_held(block, conditions)) for block in self.blocks]
        count = 1
        for some in seen:
            count *= len(some)
        if count > most:
            raise TooManyError
        for chosen in product(*seen):
            yield frozenset[Tree]().union(*chosen)


def _held(block: Classes, conditions: frozenset[Tree]) -> Iterable[frozenset[Tree]]:
    kept = [i for i, tree in enumerate(block.conditions) if tree in conditions]
    return dict.fromkeys(frozenset(block.conditions[i] for i in kept if row[i]) for row in block.rows)


def _blocks(wanted: Mapping[Tree, frozenset[Hashable]]) -> Iterator[tuple[list[Tree], list[Hashable]]]:
    """Conditions that share atoms, one after the other, with all their atoms."""
    blocks: list[tuple[list[Tree], list[Hashable]]] = []
    for tree, atoms in wanted.items():
        met = [block for block in blocks if not atoms.isdisjoint(block[1])]
        rest = [block for block in blocks if atoms.isdisjoint(block[1])]
        trees = [one for block in met for one in block[0]] + [tree]
        merged = dict.fromkeys([one for block in met for one in block[1]] + sorted(atoms, key=str))
        blocks = [*rest, (trees, list(merged))]
    yield from blocks


def bounds_of(field: str, held: Iterable[Tree], failed: Iterable[Tree]) -> tuple[Fraction | None, Fraction | None]:
    """The least and the most that a number field can be where some comparisons hold and others do not.

    A row for which a comparison fails may also have no number at all: it adds nothing, so the most still stands.
    """
    lows = [number for tree in held for number in _bound(tree, field, (">=", ">", "=="))]
    highs = [number for tree in held for number in _bound(tree, field, ("<=", "<", "=="))]
    highs += [number for tree in failed for number in _bound(tree, field, (">=", ">"))]
    return max(lows, default=None), min(highs, default=None)


def _bound(tree: Tree, field: str, ops: Sequence[str]) -> Iterator[Fraction]:
    if isinstance(tree, Apply) and tree.op == "and" and "==" in ops:
        for arg in tree.args:
            yield from _bound(arg, field, ops)
    if isinstance(tree, Apply) and (found := _comparison(tree)):
        op, name, literals = found
        if name.name == field and op in ops and isinstance(literals[0], Decimal):
            yield Fraction(literals[0])


# --- can a row fulfil them all ----------------------------------------------------

MOST_TOGETHER: Final = 128
"""Combinations of values looked at for two filters; there may be thousands of pairs."""


def together(checked: CheckedCampaign, record: CheckedRecord | None, conditions: Iterable[Tree]) -> bool:
    """Whether some row can fulfil all conditions; taken to be so where there is too much to look at."""
    parts = dict.fromkeys(part for tree in conditions for part in _conjuncts(tree))
    try:
        blocks = Sorter(checked, record, parts, most=MOST_TOGETHER).blocks
    except TooManyError:
        return True
    return all(any(map(all, block.rows)) for block in blocks)


def _conjuncts(tree: Tree) -> Iterator[Tree]:
    if isinstance(tree, Apply) and tree.op == "and":
        for part in tree.args:
            yield from _conjuncts(part)
    else:
        yield tree

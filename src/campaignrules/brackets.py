"""Two ordinary trees that a formula lies between while some of its numbers are still open.

In: a checked tree, and for each open name the two trees its value lies between, or None when nothing is known of it.
Out: `Ends`, or None where no ends can be given; the evaluators then evaluate each end as they do any formula. What is
promised holds for every completion (each open name replaced by one value within its ends):

- where both ends are known, so is the completed value, and low <= value <= high (false < true);
- both ends are known or both are missing: missing data never turn into an interval. They are missing where the
  completed value is, and where for some completion it may be (a branch, or a part of `and`, that is looked at or not).

An end is built of the operations of the language, of `if_low` and `if_high` (surely, possibly, then, else), which
take the least and the greatest of both branches where the condition is open, and of `overlap` beside the functions
over a group. Its scale is its own: read its values by its own type. Like any formula, it may be refused for too many
digits. Must not know: texts of formulas, columns, rows, or where ends come from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import product
from typing import Final

from attrs import evolve, frozen

from campaignrules.forge import (
    ANY,
    BRANCHES,
    BRANCHES_FROM,
    COUNTING,
    FALSE,
    GROUP,
    MOST_NODES,
    ORDERS,
    RANGES,
    ROUNDING,
    TRUE,
    ZERO,
    Forge,
    Range,
    TooLargeError,
    either,
    in_region,
    kind_again,
    shorter,
    sign_of,
    value_of,
)
from campaignrules.functions import FUNCTIONS
from campaignrules.trees import NUMBER, Apply, Literally, Name, Tree, walk

_MOST_OPEN: Final = 4
"""Corners are tried for so many variables at most."""


@frozen(eq=False, repr=False)
class Ends:
    """What a value lies between; of a condition, `low` is "surely true" and `high` is "possibly true".

    `firm`: whether the value is known does not depend on the completion. Whoever names the ends of a formula for use in
    another one hands this on. The two trees mention no open name.
    """

    low: Tree
    high: Tree
    firm: bool = True

    @property
    def exact(self) -> bool:
        return self.low is self.high


def bracket(
    tree: Tree,
    spread: Mapping[str, Ends | None],
    nonnegative: frozenset[str] = frozenset(),
    unsure: frozenset[str] = frozenset(),
    *,
    lenient: bool = False,
) -> Ends | None:
    """The ends of a tree; the tree itself for both where nothing in it is open.

    `spread`: the open names; one without ends is taken to have a value, whichever it is. `nonnegative`: names, those of
    ends among them, that are never below zero. `unsure`: names without ends that a completion may leave missing; `lenient`:
    outside of `is None`, `coalesce` and functions over a group they are taken to have a value all the same.
    """
    forge = _Bracket(spread, nonnegative, unsure, lenient)
    try:
        span = forge.of(tree)
    except TooLargeError:
        return None
    if span.low is None or span.high is None or forge.size(span.low) + forge.size(span.high) > MOST_NODES:
        return None
    return Ends(span.low, span.high, span.firm)


class _NotAffineError(Exception):
    """A product has the variable on both sides."""


@frozen(eq=False, repr=False)
class _Span:
    """Ends of which one or both may be absent.

    `known`: then a condition, itself never missing, that is true only where the value is known; None is always.
    """

    low: Tree | None
    high: Tree | None
    known: Tree | None = None
    firm: bool = True

    @property
    def whole(self) -> bool:
        return self.low is not None and self.high is not None


# --- the ends of each operation -----------------------------------------------


class _Bracket(Forge):
    """The spans of a tree's parts, inside out."""

    def __init__(
        self, spread: Mapping[str, Ends | None], nonnegative: frozenset[str], unsure: frozenset[str], lenient: bool
    ) -> None:
        super().__init__()
        self.spread, self.nonnegative, self.unsure, self.lenient = spread, nonnegative, unsure, lenient
        self.spans: dict[int, tuple[Tree, _Span]] = {}
        self.ranges: dict[int, tuple[Tree, Range]] = {}
        self.opened: dict[int, tuple[Tree, bool]] = {}

    def of(self, tree: Tree) -> _Span:
        if id(tree) not in self.spans:
            self.spans[id(tree)] = tree, self._new(tree)
        return self.spans[id(tree)][1]

    def _new(self, tree: Tree) -> _Span:
        self.step()
        if not self.is_open(tree):
            return _Span(tree, tree)
        if isinstance(tree, Name):
            return self._open_name(tree)
        assert isinstance(tree, Apply)  # noqa: S101  a literal is not open
        if in_region(tree) and (span := self._region(tree)):
            return span
        return _RULES.get(tree.op, _Bracket.unknown)(self, tree, [self.of(arg) for arg in tree.args])

    def _open_name(self, tree: Name) -> _Span:
        ends = self.spread[tree.name]
        if ends is not None:
            return _Span(ends.low, ends.high, firm=ends.firm)
        firm = tree.name not in self.unsure
        known = None if firm or self.lenient else FALSE
        return self.undecided(known, firm) if tree.type.kind == "bool" else _Span(None, None, known, firm)

    def is_open(self, tree: Tree) -> bool:
        if id(tree) not in self.opened:
            inside = isinstance(tree, Apply) and any(self.is_open(arg) for arg in tree.args)
            self.opened[id(tree)] = tree, inside or (isinstance(tree, Name) and tree.name in self.spread)
        return self.opened[id(tree)][1]

    # whether a value is known

    def sure(self, tree: Tree) -> bool:
        """Is the tree, which is not open, never missing?"""
        if not isinstance(tree, Apply):
            return isinstance(tree, Literally) and tree.value is not None
        if tree.op in ("/", "//", "%"):
            return self.sure(tree.args[0]) and _nonzero(tree.args[1])
        if tree.op in ("is_none", "coalesce"):
            return tree.op == "is_none" or any(map(self.sure, tree.args))
        return (tree.op == "if" or tree.op in _STRICT) and all(map(self.sure, tree.args))

    def known(self, span: _Span) -> Tree | None:
        """A condition, itself never missing, that is true only where the value is known; None is always."""
        if span.low is None or span.high is None:
            return span.known
        return None if self.sure(span.low) else self.apply("not", self.apply("is_none", span.low))

    def all_known(self, spans: Sequence[_Span]) -> Tree | None:
        return self.all_of([self.known(span) for span in spans])

    def span(self, low: Tree | None, high: Tree | None, args: Sequence[_Span]) -> _Span:
        """The ends of an operation that is missing where any of its arguments is."""
        known = self.all_known(args) if low is None or high is None else None
        return _Span(low, high, known, all(arg.firm for arg in args))

    def undecided(self, known: Tree | None, firm: bool) -> _Span:
        return _Span(self.guarded(known, FALSE), self.guarded(known, TRUE), firm=firm)

    def unknown(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """An operation of which nothing is known but whether it is strict: then only that it has a value."""
        strict = tree.op in _STRICT
        known, firm = (self.all_known(args) if strict else FALSE), strict and all(arg.firm for arg in args)
        return self.undecided(known, firm) if tree.type.kind == "bool" else _Span(None, None, known, firm)

    # the sign of a value

    def range(self, tree: Tree) -> Range:
        """Bounds that no completion and no row passes."""
        if id(tree) not in self.ranges:
            low, high = self._range(tree)
            self.ranges[id(tree)] = tree, (shorter(low), shorter(high))
        return self.ranges[id(tree)][1]

    def _range(self, tree: Tree) -> Range:
        if isinstance(tree, Literally):
            return (tree.value, tree.value) if isinstance(tree.value, Decimal) else ANY
        if self.is_open(tree) and not in_region(tree):
            return self.range_of(self.of(tree))
        if isinstance(tree, Name):
            return (ZERO if tree.name in self.nonnegative else None), None
        if tree.op in COUNTING:
            return ZERO, None
        if tree.op in BRANCHES:
            taken = [
                arg for arg in tree.args[BRANCHES_FROM.get(tree.op, 0) :] if arg.type.kind != "none" and not _empty(arg)
            ]
            return either([self.range(arg) for arg in taken]) if taken else ANY
        rule = RANGES.get(tree.op)
        return rule(tree, *map(self.range, tree.args)) if rule else ANY

    def range_of(self, span: _Span) -> Range:
        return (self.range(span.low)[0] if span.low else None), (self.range(span.high)[1] if span.high else None)

    def sign(self, span: _Span) -> int:
        return sign_of(self.range_of(span))

    # numbers

    def rebuilt(self, tree: Apply, args: Sequence[Tree | None]) -> Tree | None:
        """The operation on other arguments; None when one of them is absent."""
        present = [arg for arg in args if arg is not None]
        return self.apply(tree.op, *present, kind=kind_again(tree, present)) if len(present) == len(args) else None

    def rising(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """An operation that grows with each of its arguments."""
        low, high = (self.rebuilt(tree, [getattr(arg, end) for arg in args]) for end in ("low", "high"))
        return self.span(low, high, args)

    def negative(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        return self.span(self.rebuilt(tree, [args[0].high]), self.rebuilt(tree, [args[0].low]), args)

    def difference(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        x, y = args
        return self.span(self.rebuilt(tree, [x.low, y.high]), self.rebuilt(tree, [x.high, y.low]), args)

    def product(self, _: Apply, args: Sequence[_Span]) -> _Span:
        x, y = args
        low = self._corner("min", _toward(x, -self.sign(y)), _toward(y, -self.sign(x)), self.times)
        high = self._corner("max", _toward(x, self.sign(y)), _toward(y, self.sign(x)), self.times)
        return self.span(low, high, args)

    def _corner(
        self, op: str, xs: Sequence[Tree | None], ys: Sequence[Tree | None], rule: Callable[[Tree, Tree], Tree]
    ) -> Tree | None:
        found = [rule(x, y) for x, y in product(xs, ys) if x is not None and y is not None]
        return self.apply(op, *found) if len(found) == len(xs) * len(ys) else None

    def quotient(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """No ends where the divisor may be open and zero: the value may then be missing."""
        x, y = args
        below = self.range_of(y)
        never_zero = (below[0] or 0) > 0 or (below[1] or 0) < 0
        if not never_zero and (y.low is None or y.low is not y.high):
            return _Span(None, None, FALSE, firm=False)
        low, high = _toward(x, -sign_of(below)), _toward(x, sign_of(below))
        sign = self.sign(x)
        return self.span(
            self._corner("min", low, _toward(y, sign), lambda a, b: self.apply(tree.op, a, b, kind=tree.type)),
            self._corner("max", high, _toward(y, -sign), lambda a, b: self.apply(tree.op, a, b, kind=tree.type)),
            args,
        )

    def remainder(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """Known, with an exact divisor, where anything divided by it is."""
        x, y = args
        if y.low is None or y.low is not y.high:
            return _Span(None, None, FALSE, firm=False)
        some = self.apply(tree.op, self.witness(x), y.low, kind=tree.type)
        return _Span(None, None, self.known(_Span(some, some)), x.firm and y.firm)

    def power(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        base = args[0] if int(value_of(tree.args[1])) % 2 else self._size_of(args[0])
        return self.rising(tree, [base, args[1]])

    def absolute(self, _: Apply, args: Sequence[_Span]) -> _Span:
        return self._size_of(args[0])

    def _size_of(self, span: _Span) -> _Span:
        if span.low is None or span.high is None:
            zero = self.guarded(self.known(span), self.literal(ZERO, NUMBER))
            return self.span(zero, None, [span])
        sign, minus = self.sign(span), self.apply("neg", span.high)
        if sign > 0:
            return span
        if sign < 0:
            return _Span(minus, self.apply("neg", span.low), firm=span.firm)
        low = self.apply("max", span.low, minus, self.literal(ZERO, span.low.type))
        return _Span(low, self.apply("max", self.apply("neg", span.low), span.high), firm=span.firm)

    def extreme(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """`min`, `max`: one argument alone bounds the value on one side, where the others are known."""
        lows, highs = [arg.low for arg in args], [arg.high for arg in args]
        if all(arg.whole for arg in args):
            return self.rising(tree, args)
        low = self.rebuilt(tree, lows) if tree.op == "min" else self._of_present("max", lows, args)
        high = self.rebuilt(tree, highs) if tree.op == "max" else self._of_present("min", highs, args)
        return self.span(low, high, args)

    def _of_present(self, op: str, ends: Sequence[Tree | None], args: Sequence[_Span]) -> Tree | None:
        present = [end for end in ends if end is not None]
        return self.guarded(self.all_known(args), self.apply(op, *present)) if present else None

    def clamp(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        if all(arg.whole for arg in args):
            return self.rising(tree, args)
        value, low, high = args
        within = self.extreme(evolve(tree, op="min", args=(tree.args[0], tree.args[2])), [value, high])
        return self.extreme(evolve(tree, op="max", args=tree.args[:2]), [low, within])

    def first(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """`coalesce`: which argument is the first must not depend on the completion."""
        parts = [self.known(arg) for arg in args]
        known = None if None in parts else self.apply("or", *[part for part in parts if part is not None])
        if not all(arg.firm for arg in args):
            return self.undecided(known, firm=False) if tree.type.kind == "bool" else _Span(None, None, known, False)
        low, high = (self.rebuilt(tree, [getattr(arg, end) for arg in args]) for end in ("low", "high"))
        return _Span(low, high, known)

    # conditions

    def negation(self, _: Apply, args: Sequence[_Span]) -> _Span:
        low, high = _both(args[0])
        return _Span(self.apply("not", high), self.apply("not", low), firm=args[0].firm)

    def junction(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """Missing in one end, where nothing decides, is made missing in the other one."""
        low, high = (self.apply(tree.op, *[_both(arg)[end] for arg in args]) for end in (0, 1))
        if all(self.sure(end) for arg in args for end in _both(arg)):
            return _Span(low, high)
        if tree.op == "or":
            high = self.guarded(self.known(_Span(low, low)), high)
        else:
            low = self.guarded(self.known(_Span(high, high)), low)
        return _Span(low, high, firm=False)

    def ordered(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        x, y = args if tree.op in ("<", "<=") else reversed(args)
        op = tree.op.replace(">", "<")
        return self._compared(args, self._holds(op, x.high, y.low), self._holds(op, x.low, y.high))

    def _holds(self, op: str, left: Tree | None, right: Tree | None) -> Tree | None:
        return None if left is None or right is None else self.apply(op, left, right)

    def _compared(self, args: Sequence[_Span], surely: Tree | None, possibly: Tree | None) -> _Span:
        known = None if surely and possibly else self.all_known(args)
        low = surely or self.guarded(known, FALSE)
        return _Span(low, possibly or self.guarded(known, TRUE), firm=all(arg.firm for arg in args))

    def equal(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        x, y = args
        if tree.args[0].type.kind not in ("number", "date"):
            return self.unknown(tree, args)
        meet = [self._holds("<=", x.low, y.high), self._holds("<=", y.low, x.high)]
        one = [self._holds("<=", x.high, y.low), self._holds("<=", y.high, x.low)]
        surely = None if None in one else self.all_of(one)
        found = self._compared(args, surely, self.all_of(meet) if None not in meet else None)
        return found if tree.op == "==" else self.negation(tree, [found])

    def among(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """`in`: possibly where a member lies between the ends, surely where they meet in one."""
        item = args[0]
        if item.low is None or item.high is None or tree.args[0].type.kind != "number":
            return self.unknown(tree, args[:1])
        listed = tree.args[1:]
        low, high = item.low, item.high
        meets = [self.apply("and", self.apply("<=", low, one), self.apply("<=", one, high)) for one in listed]
        surely = self.apply("and", self.apply("in", low, *listed), self.apply(">=", low, high))
        possibly = self.apply("or", *meets) if meets else self.apply("in", low)
        return _Span(surely, possibly, firm=item.firm)

    def is_none(self, _: Apply, args: Sequence[_Span]) -> _Span:
        if not args[0].firm:
            return _Span(FALSE, TRUE)
        known = self.known(args[0])
        none = FALSE if known is None else self.apply("not", known)
        return _Span(none, none)

    def choice(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        condition, then, other = args
        low, high = _both(condition)
        if low is high:
            return self._chosen(condition, then, other)
        if tree.type.kind not in ("number", "date", "bool"):
            return _Span(None, None, self.all_known(args), firm=False)
        ends = [(op, getattr(then, end), getattr(other, end)) for op, end in (("if_low", "low"), ("if_high", "high"))]
        found = [self.apply(op, low, high, a, b) if a and b else None for op, a, b in ends]
        firm = condition.firm and all(end and self.sure(end) for _, *both in ends for end in both)
        known = self.all_known(args) if None in found else None
        return _Span(found[0], found[1], known, firm)

    def limit(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """`if_low(False, condition, limit, value)`: at most the limit where the condition holds; `if_high`: at least."""
        _, condition, *both = args
        when = dict(zip(("if_low", "if_high"), (_both(condition)[::-1], _both(condition)), strict=True))[tree.op]
        ends = [[getattr(one, end) for one in both] for end in ("low", "high")]
        low, high = (self.apply(tree.op, FALSE, w, *e) if all(e) else None for w, e in zip(when, ends, strict=True))
        firm = condition.firm and all(end and self.sure(end) for pair in ends for end in pair)
        return _Span(low, high, self.all_known(args[1:]) if None in (low, high) else None, firm)

    def _chosen(self, condition: _Span, then: _Span, other: _Span) -> _Span:
        """One branch or the other, whatever the completion."""
        test = _both(condition)[0]
        low = self.apply("if", test, then.low, other.low) if then.low and other.low else None
        high = self.apply("if", test, then.high, other.high) if then.high and other.high else None
        known = self.apply("if", test, self.known(then) or TRUE, self.known(other) or TRUE)
        firm = condition.firm and then.firm and other.firm
        return _Span(low, high, self.all_of([self.known(condition), known]), firm)

    # functions over a group

    def of_group(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        """One argument, over the units where it is known: which ones must not depend on the completion."""
        arg = args[0]
        low, high = (self.rebuilt(tree, [end]) if arg.firm else None for end in (arg.low, arg.high))
        some = self.apply(tree.op, self.witness(arg), kind=tree.type)
        return _Span(low, high, self.known(_Span(some, some)), arg.firm)

    def witness(self, span: _Span) -> Tree:
        """A number, known where the value is."""
        return self.guarded(self.known(span), self.literal(ZERO, NUMBER))

    def members(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        if not args[0].firm:
            return _Span(None, None)
        count = self.apply(tree.op, args[0].low or self.witness(args[0]), kind=tree.type)
        return _Span(count, count)

    def above(self, tree: Apply, args: Sequence[_Span]) -> _Span:
        x, y = args
        if not y.firm:
            return self.span(self.guarded(self.known(x), self.literal(ZERO, tree.type)), None, [x])
        low, high = self._others(tree, x, y)
        return _Span(low, high, firm=x.firm)

    def _others(self, tree: Apply, x: _Span, y: _Span) -> tuple[Tree, Tree]:
        """The least and the greatest number of other members that are above (or level)."""
        none = self.guarded(self.known(x), self.literal(ZERO, tree.type))
        if not (x.low and x.high and y.low and y.high):
            return none, self.guarded(self.known(x), self.apply("members", self.witness(y), kind=tree.type))
        if tree.op == "level":
            return none, self.apply("overlap", x.low, x.high, y.low, y.high, kind=tree.type)
        surely, possibly = (self.apply("above", *pair, kind=tree.type) for pair in ((x.high, y.low), (x.low, y.high)))
        one = self.literal(Decimal(1), tree.type)
        return (surely if tree.op == "above" else self.apply("min", one, surely)), possibly

    # sums and products in which a variable occurs more than once

    def _region(self, tree: Apply) -> _Span | None:
        """The true range of + - * neg, where it is affine in each variable; None leaves it to each operation's rule."""
        counts = Counter(self._variables(tree))
        if max(counts.values()) < 2 or not all(self.of(one).whole for one in counts):
            return None
        try:
            slopes = {one: self.split(tree, one)[0] for one in counts}
        except _NotAffineError:
            return None
        signs = {one: sign_of(self.range(slope)) if slope else 1 for one, slope in slopes.items()}
        free = [one for one, sign in signs.items() if not sign]
        if len(free) > _MOST_OPEN and any(_mentions(slopes[one], free) for one in free):
            return None
        spans = {one: self.of(one) for one in counts}
        low = self._extent(tree, "min", {one: _toward(spans[one], -sign) for one, sign in signs.items()})
        high = self._extent(tree, "max", {one: _toward(spans[one], sign) for one, sign in signs.items()})
        return self.span(low, high, list(spans.values()))

    def _variables(self, tree: Tree) -> Iterator[Tree]:
        if isinstance(tree, Apply) and in_region(tree):
            for arg in tree.args:
                yield from self._variables(arg)
        elif self.is_open(tree):
            self.step()
            yield tree

    def _extent(self, tree: Tree, op: str, at: Mapping[Tree, Sequence[Tree | None]]) -> Tree:
        """The least or greatest value over the ends that each variable may take."""
        free = [one for one, ends in at.items() if len(set(map(id, ends))) > 1]
        if len(free) > 2 and not any(_mentions(self.split(tree, one)[0], free) for one in free):
            return self._separate(tree, op, at, free)
        corners = [self.put(tree, dict(zip(at, chosen, strict=True))) for chosen in product(*at.values())]
        return self.apply(op, *corners)

    def _separate(self, tree: Tree, op: str, at: Mapping[Tree, Sequence[Tree | None]], free: Sequence[Tree]) -> Tree:
        """Each free variable by itself: its slope has no other one in it."""
        fixed = {one: ends[0] for one, ends in at.items() if one not in free}
        total: Tree | None = None
        rest: Tree | None = tree
        for one in free:
            slope, rest = self.split(rest, one) if rest else (None, None)
            if slope is not None:
                put = self.put(slope, fixed)
                total = self.sum("+", total, self.apply(op, *[self.times(put, end) for end in at[one] if end]))
        found = self.sum("+", total, self.put(rest, fixed) if rest else None)
        assert found is not None  # noqa: S101  a free variable has a slope
        return found

    def split(self, tree: Tree, variable: Tree) -> tuple[Tree | None, Tree | None]:
        """(a, b) with the tree = a × variable + b; None is zero."""
        self.step()
        if tree == variable:
            return self.literal(Decimal(1), NUMBER), None
        if not (isinstance(tree, Apply) and in_region(tree) and self.is_open(tree)):
            return None, tree
        parts = [self.split(arg, variable) for arg in tree.args]
        if all(slope is None for slope, _ in parts):
            return None, tree
        if tree.op != "*":
            return self.sum(tree.op, *(a for a, _ in parts)), self.sum(tree.op, *(b for _, b in parts))
        (a, b), (c, _) = parts
        if a is not None and c is not None:
            raise _NotAffineError
        slope, rest, other = (a, b, tree.args[1]) if a is not None else (c, parts[1][1], tree.args[0])
        return self.times(slope, other) if slope else None, self.times(rest, other) if rest else None

    def sum(self, op: str, *args: Tree | None) -> Tree | None:
        """The operation + - neg where None is zero."""
        if None not in args:
            return self.apply(op, *[arg for arg in args if arg is not None])
        if len(args) == 1 or args[1] is None:
            return args[0]
        return args[1] if op == "+" else self.apply("neg", args[1])

    def put(self, tree: Tree, ends: Mapping[Tree, Tree | None]) -> Tree:
        """The region's tree with ends in the place of variables."""
        self.step()
        if not self.is_open(tree):
            return tree
        if tree in ends and (end := ends[tree]) is not None:
            return end
        assert isinstance(tree, Apply)  # noqa: S101  every open name is a variable
        args = [self.put(arg, ends) for arg in tree.args]
        return self.times(*args) if tree.op == "*" else self.apply(tree.op, *args)


def _toward(span: _Span, sign: int) -> list[Tree | None]:
    """The ends that matter: the high one (1), the low one (-1), or both."""
    if sign:
        return [span.high if sign > 0 else span.low]
    return [span.low] if span.low is span.high else [span.low, span.high]


def _both(condition: _Span) -> tuple[Tree, Tree]:
    assert condition.low is not None  # noqa: S101  a condition is at least open between false and true
    assert condition.high is not None  # noqa: S101
    return condition.low, condition.high


def _nonzero(tree: Tree) -> bool:
    return isinstance(tree, Literally) and bool(tree.value)


def _empty(tree: Tree) -> bool:
    return isinstance(tree, Literally) and tree.value is None


def _mentions(slope: Tree | None, variables: Sequence[Tree]) -> bool:
    return slope is not None and any(part in variables for part in walk(slope))


_STRICT: Final = frozenset(
    {name for name, row in FUNCTIONS.items() if not row.lazy}
    | {"+", "-", "*", "/", "//", "%", "**", "neg", "not", "in", "==", "!=", *ORDERS, "and", "or", "if_low", "if_high"}
)
_RULES: Final[dict[str, Callable[[_Bracket, Apply, list[_Span]], _Span]]] = {
    "+": _Bracket.rising,
    "-": _Bracket.difference,
    "*": _Bracket.product,
    "neg": _Bracket.negative,
    "/": _Bracket.quotient,
    "//": _Bracket.quotient,
    "%": _Bracket.remainder,
    "**": _Bracket.power,
    "abs": _Bracket.absolute,
    "min": _Bracket.extreme,
    "max": _Bracket.extreme,
    "clamp": _Bracket.clamp,
    "coalesce": _Bracket.first,
    "not": _Bracket.negation,
    "and": _Bracket.junction,
    "or": _Bracket.junction,
    **dict.fromkeys(ORDERS, _Bracket.ordered),
    "==": _Bracket.equal,
    "!=": _Bracket.equal,
    "in": _Bracket.among,
    "is_none": _Bracket.is_none,
    "if": _Bracket.choice,
    **dict.fromkeys(("if_low", "if_high"), _Bracket.limit),
    **dict.fromkeys(ROUNDING, _Bracket.rising),
    **dict.fromkeys(GROUP, _Bracket.of_group),
    "members": _Bracket.members,
    **dict.fromkeys(("above", "level", "distinct_above"), _Bracket.above),
}

"""What any campaign must keep, whatever the data: one function for each property.

In: a trial (a drawn submission with its results). Out: what breaks the property: what it is about, and the rows of
results that show it; nothing where it holds, or where the trial says nothing about it. `PROPERTIES` lists them, each
with what it is tried on, so that nobody takes a property for kept that nothing was held against. Must not know: how
data are drawn, who is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import zip_longest
from typing import Any, Final

import attrs
from attrs import asdict, frozen

from campaignrules.checked import CheckedCampaign, CheckedMetric, CheckedScorecard, Measure, ScoreFormula
from campaignrules.errors import Text
from campaignrules.functions import GROUP_FUNCTIONS
from campaignrules.quantities import QuantityError, parse_quantity, plain_text
from campaignrules.results import HonourResult, Placing, Progress, Results, Score
from campaignrules.testing.trials import FURTHER_UNIT, PROPERTY, Answer, Ground, Trial, additive, of_which
from campaignrules.trees import Apply, walk

Rows = tuple[Any, ...]
_SETTLED: Final = ("final", "provisional")


@frozen
class Breach:
    """One place where a property does not hold: what it is about, the rows that show it, and how to read them."""

    subject: str
    rows: Rows
    told: Text


@frozen(eq=False, repr=False)
class Property:
    """One property: what it says, what of a campaign it can be tried on, and what breaks it.

    `costly`: it needs an evaluation of its own and tells more of the library than of the file; such ones take turns.
    """

    name: str
    says: Text
    applies: Callable[[Ground], tuple[str, ...]]
    broken: Callable[[Trial], Iterable[Breach]]
    costly: bool = False


# -- engine and reference, order ----------------------------------------------------------------------------------


def _everything(ground: Ground) -> tuple[str, ...]:
    """Every target, duty, scorecard, ranking and honour."""
    checked = ground.campaign.checked
    return (
        *(one.target.id for one in checked.targets),
        *(one.duty.id for one in checked.duties),
        *(one.id for one in checked.returns),
        *checked.scorecards,
        *checked.rankings,
        *(one.honour.id for one in checked.honours),
        *(f"metric {name}" for name in checked.metrics if not checked.targets and not checked.scorecards),
    )


def engine_equals_reference(trial: Trial) -> Iterator[Breach]:
    """The engine and the oracle give the same rows."""
    told = Text("引擎算出前者，参照实现算出后者", "the engine gives the former, the reference the latter")
    yield from _differences(trial.answer.results, trial.reference, told)


def order_does_not_matter(trial: Trial) -> Iterator[Breach]:
    """Shuffled rows give the same results."""
    told = Text("各行换个次序，前者变为后者", "with its rows in another order the former becomes the latter")
    yield from _differences(trial.answer.results, trial.shuffled, told)


def _differences(one: Results, other: Results, told: Text) -> Iterator[Breach]:
    for part in attrs.fields(Results):
        if part.name == "more":
            continue
        for row, found in zip_longest(getattr(one, part.name), getattr(other, part.name)):
            if row != found:
                yield Breach(subject_of(row or found), (row, found), told)


def subject_of(row: Any) -> str:
    """The id that a row of results is about."""
    if isinstance(row, Score):
        return row.scorecard if row.item is None else f"{row.scorecard}.{row.item}"
    names = ("target", "duty", "outcome", "ranking", "honour", "return_")
    return str(next(getattr(row, name) for name in names if hasattr(row, name))).removeprefix(PROPERTY)


# -- more is not less ---------------------------------------------------------------------------------------------


def _monotone(ground: Ground) -> tuple[str, ...]:
    some = ground.directions
    return (*(one.target.id for one in some.targets), *(f"{card}.{item}" for card, item in some.items))


def more_is_not_less(trial: Trial) -> Iterator[Breach]:
    """Further rows lower no ratio of what only grows, and no points of items that reward more.

    Points that are open show nothing, so every other time they are settled first.
    """
    if trial.after_rows is not None:
        yield from _fallen(trial, trial.answer.results, trial.after_rows, _FURTHER)
    settled = trial.settled_after_rows
    if settled is not None:
        filled, before, after = settled
        yield from _fallen(trial, before, after, _settled_as(filled))


def _fallen(trial: Trial, before: Results, after: Results, told: Text) -> Iterator[Breach]:
    some = trial.ground.directions
    growing = {one.target.id for one in some.targets}
    for was, now in _pairs(before.progress, after.progress):
        if was.target in growing and _falls(was, now):
            yield Breach(was.target, (was, now), told)
    for old, new in _pairs(before.scores, after.scores):
        way = some.items.get((old.scorecard, old.item or ""))
        pair = (old.points, new.points) if way == "more" else (new.points, old.points)
        if way is not None and _lower(*pair):
            yield Breach(subject_of(old), (old, new), told)


def _settled_as(filled: Mapping[str, str]) -> Text:
    said = ", ".join(f"{name} = {value}" for name, value in list(filled.items())[:12])
    return Text(
        f"明确为 {said}，再加几行，前者变为后者", f"settled as {said}, with further rows the former becomes the latter"
    )


def _falls(was: Progress, now: Progress) -> bool:
    """Whether there is less of what is demanded; the ratio to something below zero goes the other way."""
    comparable = was.required is not None and was.required > 0 and was.required == now.required
    return _lower(was.value, now.value) or (comparable and _lower(was.ratio, now.ratio))


def _pairs(before: Iterable[Any], after: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    """Each row with the one of the same name, unit and window afterwards."""
    later = {(subject_of(row), row.unit, row.window): row for row in after}
    for row in before:
        found = later.get((subject_of(row), row.unit, row.window))
        if found is not None:
            yield row, found


_FURTHER: Final = Text("再加几行，前者变为后者", "with further rows the former becomes the latter")


def _lower(was: Decimal | None, now: Decimal | None) -> bool:
    return was is not None and now is not None and now < was


# -- points -------------------------------------------------------------------------------------------------------


def _scored(ground: Ground) -> tuple[str, ...]:
    cards = ground.campaign.checked.scorecards
    return (*cards, *(f"{card.id}.{item.id}" for card in cards.values() for item in card.items))


def points_within_bounds(trial: Trial) -> Iterator[Breach]:
    """Points lie within floor and cap; the lowest, the points and the highest stand in order."""
    limits = {key: _limits(trial.ground.checked, *key) for key in _keys(trial.ground.checked)}
    for row in trial.answer.results.scores:
        low, high, told = limits[row.scorecard, row.item]
        if high is _WORTH:
            high = row.worth
        ends = [end for end in (row.lowest, row.points, row.highest) if end is not None]
        if ends != sorted(ends):
            yield Breach(
                subject_of(row), (row,), Text("最低、得分、最高的次序不对", "lowest, points, highest are out of order")
            )
        elif any((low is not None and end < low) or (high is not None and end > high) for end in ends):
            yield Breach(subject_of(row), (row,), told)


_WORTH: Final = Decimal("Infinity")
"""The cap is the worth of the row."""
_OUTSIDE: Final = Text("超出最低或最高", "below the floor or above the cap")
_ABOVE_FULL: Final = Text("没有加分项而总分高于满分", "a total above the full mark, without any bonus")
_WRONG_WAY: Final = Text("扣分项加了分，或加分项扣了分", "a deduction that gives points, or a bonus that takes some")


def _keys(checked: CheckedCampaign) -> Iterator[tuple[str, str | None]]:
    for card in checked.scorecards.values():
        yield card.id, None
        yield from ((card.id, item.id) for item in card.items)


def _limits(checked: CheckedCampaign, card: str, item: str | None) -> tuple[Decimal | None, Decimal | None, Text]:
    """Floor and cap as the file says, or as docs/scoring.md has them where it says nothing."""
    of = checked.scorecards[card]
    if item is None:
        plain = of.card.cap is None and of.card.total is None and all(one.kind != "bonus" for one in of.items)
        high, told = (of.out_of, _ABOVE_FULL) if plain else (_stated(checked, of.card.cap), _OUTSIDE)
        return _rounded(of.card, _stated(checked, of.card.floor), high, told)
    one = next(each for each in of.items if each.id == item)
    if one.item is None:
        return None, None, _OUTSIDE
    earns = one.item.earn is not None
    low = Decimal(0) if one.item.floor is None and earns else _stated(checked, one.item.floor)
    high = _WORTH if one.item.cap is None and earns and one.item.worth is not None else _stated(checked, one.item.cap)
    told = _OUTSIDE
    if one.kind == "deduction" and one.item.cap is None and (high is None or high > 0):
        high, told = Decimal(0), _WRONG_WAY
    if one.kind == "bonus" and one.item.floor is None and low is None:
        low, told = Decimal(0), _WRONG_WAY
    return _rounded(one.item, low, high, told)


def _rounded(element: Any, low: Decimal | None, high: Decimal | None, told: Text) -> tuple[Any, Any, Text]:
    """What is rounded afterwards may be one last place beyond a limit."""
    if element.round is None:
        return low, high, told
    step = Decimal(1).scaleb(-element.round.places)
    return None if low is None else low - step, high if high in (None, _WORTH) else high + step, told


def _stated(checked: CheckedCampaign, text: str | None) -> Decimal | None:
    """A limit that is a number, or a parameter that has one; None for anything else."""
    parameter = checked.parameters.get(text or "")
    try:
        return parse_quantity((parameter.value if parameter is not None else text) or "").base
    except QuantityError:
        return None


# -- sums ---------------------------------------------------------------------------------------------------------


def _additive(ground: Ground) -> tuple[str, ...]:
    return tuple(metric.id for metric in additive(ground.checked))


def parts_sum_to_whole(trial: Trial) -> Iterator[Breach]:
    """Units sum to the whole where every row has one; parts of the period sum to it."""
    ground, answer = trial.ground, trial.answer
    period, tops = ground.checked.calendar.period.id, _tops(answer)
    for metric in additive(ground.checked):
        whole = answer.probes.get((metric.id, None, period))
        if whole is None or whole.value is None:
            continue
        sums = [[answer.probes[metric.id, None, window.id] for window in ground.parts]]
        if _all_have_units(ground.checked, answer, metric.kernel):
            sums.append([answer.probes[metric.id, unit, period] for unit in tops])
        for parts in sums:
            if parts and sum(part.value or 0 for part in parts) != whole.value:
                yield Breach(
                    metric.id, (whole, *parts), Text("各部分之和不等于总体", "the parts do not add up to the whole")
                )


def _tops(answer: Answer) -> list[str]:
    """Units that are below no other."""
    return [unit.id for unit in answer.submission.roster.units if unit.parent is None]


def _all_have_units(checked: CheckedCampaign, answer: Answer, kernel: Any) -> bool:
    """Whether each row that may count is of some unit."""
    field = kernel.unit or checked.records[kernel.record].unit
    return field is not None and all(row.get(field) is not None for row in answer.submission.rows(kernel.record))


def _with_whole(ground: Ground) -> tuple[str, ...]:
    return tuple(part.id for part, _ in of_which(ground.checked))


def of_which_within_whole(trial: Trial) -> Iterator[Breach]:
    """An of-which never exceeds its whole, for the campaign and each unit, in the period and its parts."""
    probes = trial.answer.probes
    for part, whole in of_which(trial.ground.checked):
        if isinstance(part.kernel, Measure) and part.kernel.verb == "sum" and _has_negative(trial, part.kernel):
            continue
        for key, row in probes.items():
            if key[0] == part.id and (key[1] is None or _of_same_units(part, whole)):
                other = probes[whole.id, key[1], key[2]]
                if _lower(row.value, other.value):
                    yield Breach(part.id, (row, other), Text("其中大于总体", "the of-which exceeds its whole"))


def _of_same_units(part: CheckedMetric, whole: CheckedMetric) -> bool:
    """Whether rows count for the same units in both: not where a part is credited to others."""
    kernels = (part.kernel, whole.kernel)
    return len({kernel.unit for kernel in kernels if isinstance(kernel, Measure)}) == 1


def _has_negative(trial: Trial, kernel: Measure) -> bool:
    """Whether a number below zero was submitted, or may have been derived."""
    record = trial.ground.checked.records[kernel.record]
    if kernel.field not in record.record.fields:
        return True
    values = (row.get(kernel.field or "") for row in trial.answer.submission.rows(kernel.record))
    return any(isinstance(value, Decimal) and value < 0 for value in values)


# -- units --------------------------------------------------------------------------------------------------------


def _alone(ground: Ground) -> tuple[str, ...]:
    checked = ground.campaign.checked
    demands = [(one.target.id, one.judged) for one in checked.targets]
    demands += [(one.duty.id, one.judged) for one in checked.duties]
    by_unit = [name for name, judged in demands if any(one.kind in ("each", "unit") for one in judged)]
    return (*by_unit, *(f"{card}.{item}" if item else card for card, item in stand_alone(checked)))


def units_stand_alone(trial: Trial) -> Iterator[Breach]:
    """A further unit changes no other's progress and duties, and only points that compare units."""
    after = trial.after_unit
    if after is None:
        return
    before, told = (
        trial.answer.results,
        Text("多了一个单位，前者变为后者", "with one more unit the former becomes the latter"),
    )
    alone = stand_alone(trial.ground.checked)
    pairs = [
        (_of_units(before.progress), _of_units(after.progress)),
        (_of_units(before.duties), _of_units(after.duties)),
    ]
    scores = [_by_key(row for row in one.scores if (row.scorecard, row.item) in alone) for one in (before, after)]
    for was, now in (*pairs, (scores[0], scores[1])):
        for key, row in was.items():
            if now.get(key) != row:
                yield Breach(subject_of(row), (row, now.get(key)), told)


def _of_units(rows: Iterable[Any]) -> Mapping[Any, Any]:
    return _by_key(row for row in rows if row.unit is not None and not row.unit.startswith("all "))


def _by_key(rows: Iterable[Any]) -> Mapping[Any, Any]:
    """The rows of units that were there before, by what names them."""
    return {
        (subject_of(row), row.unit, row.window, getattr(row, "due_on", None)): row
        for row in rows
        if row.unit != FURTHER_UNIT
    }


def stand_alone(checked: CheckedCampaign) -> frozenset[tuple[str, str | None]]:
    """(card, item), the total as None: points that rest on the unit's own data."""
    found: set[tuple[str, str | None]] = set()
    for kind, name in checked.scoring_order:
        if kind == "scorecard":
            card = checked.scorecards[name]
            for item in card.items:
                if not any(_compares(one, found) for one in (item.points, item.worth, item.applies)):
                    found.add((name, item.id))
            whole = (card.total, card.open, card.grade, card.unrounded, card.disqualified)
            if all((name, item.id) in found for item in card.items) and not any(_compares(one, found) for one in whole):
                found.add((name, None))
    return frozenset(found)


_PLACES: Final = ("place", "from_bottom", "ranked", "change", "unranked")


def _compares(formula: ScoreFormula | None, alone: set[tuple[str, str | None]]) -> bool:
    """Whether a formula looks at other units, itself or by what it rests on."""
    if formula is None:
        return False
    if any(isinstance(node, Apply) and node.op in (*GROUP_FUNCTIONS, "overlap") for node in walk(formula.tree)):
        return True
    return any(one.kind in _PLACES or _rests_on_others(one.kind, one.id, alone) for one in formula.operands.values())


def _rests_on_others(kind: str, id_: str, alone: set[tuple[str, str | None]]) -> bool:
    if kind not in ("points", "grade"):
        return False
    card, _, item = id_.partition(".")
    return (card, item or None) not in alone


# -- weights ------------------------------------------------------------------------------------------------------


def _weighed(ground: Ground) -> tuple[str, ...]:
    """Cards whose weights are numbers, and cards that reweigh and do nothing else to the sum."""
    cards = ground.checked.scorecards.values()
    return tuple(card.id for card in cards if _weights(ground.checked, card) is not None or _plainly_reweighed(card))


def weights_sum_to_100(trial: Trial) -> Iterator[Breach]:
    """Weights sum to 100 %; what is left after re-weighing is worth the full mark."""
    checked = trial.ground.checked
    for card in checked.scorecards.values():
        weights, total = _weights(checked, card), _total(card, trial.answer.results)
        if weights is not None and total is not None and abs(sum(weights, Decimal(-1))) > _THIRDS:
            shown = plain_text(sum(weights, Decimal(0)) * 100)
            yield Breach(card.id, (total,), Text(f"权重之和是 {shown}%", f"the weights sum to {shown}%"))
        if _plainly_reweighed(card):
            yield from _reweighing(card, trial.answer.results)


def _total(card: CheckedScorecard, results: Results) -> Score | None:
    """A total of the card that is not missing, where there is one."""
    rows = (row for row in results.scores if row.scorecard == card.id and row.item is None)
    return next((row for row in rows if row.points is not None), None)


def _weights(checked: CheckedCampaign, card: CheckedScorecard) -> list[Decimal] | None:
    """All weights as shares; None where there are none, or one is no number."""
    texts = [
        text for said in card.card.weights.values() for text in ([said] if isinstance(said, str) else said.values())
    ]
    found = [_stated(checked, text) for text in texts]
    return [one for one in found if one is not None] if found and None not in found else None


def _plainly_reweighed(card: CheckedScorecard) -> bool:
    """Whether some item is reweighed, and the total is the sum and nothing else."""
    some = any("reweighed" in (item.missing, item.not_applicable) for item in card.items)
    plain = not card.card.gates and card.card.total is None and card.card.floor is None and card.card.cap is None
    return some and plain and card.card.round is None and not card.awaits


def _reweighing(card: CheckedScorecard, results: Results) -> Iterator[Breach]:
    """The total again, from its items, in fractions: the worth of all that are due, shared by those that count."""
    groups: dict[tuple[str, str], list[Score]] = {}
    for row in results.scores:
        if row.scorecard == card.id:
            groups.setdefault((row.unit, row.window), []).append(row)
    for rows in groups.values():
        total = next(row for row in rows if row.item is None)
        wanted = _reweighed(card, {row.item: row for row in rows})
        if wanted is not None and total.points is not None and abs(Fraction(total.points) - wanted) > _NEAR:
            yield Breach(card.id, (total, *(row for row in rows if row.item)), _UNEVEN)


_THIRDS: Final = Decimal("1E-9")
"""Three weights of 1/3, each with 12 decimals, are a little less than 1."""
_NEAR: Final = Fraction(1, 10**11)
"""One division is rounded at the 12th decimal."""
_UNEVEN: Final = Text("折算后各项合起来不是满分的应得部分", "the items after re-weighing do not share the full mark")


def _reweighed(card: CheckedScorecard, rows: Mapping[str | None, Score]) -> Fraction | None:
    """The sum as docs/evaluation.md has it; None where a policy says something else."""
    earned = besides = whole = gone = Fraction(0)
    for item in card.items:
        row = rows[item.id]
        policy = {"missing": item.missing, "not_applicable": item.not_applicable}.get(row.status, "")
        if row.status == "not_due":
            continue
        if row.status == "deferred" or policy in ("missing", "full"):
            return None
        points, worth = Fraction(row.points or 0), Fraction(row.worth or 0)
        if item.kind != "item":
            besides += points
            continue
        whole += worth
        gone += worth if policy == "reweighed" else 0
        earned += points
    return None if whole == gone else earned * whole / (whole - gone) + besides


# -- completions --------------------------------------------------------------------------------------------------


def _open(ground: Ground) -> tuple[str, ...]:
    """Items, cards, rankings and honours that some number that can be settled decides."""
    names = ground.completions.parameters.keys()
    cards = ground.checked.scorecards.values()
    items = [f"{card.id}.{item.id}" for card in cards for item in card.items if item.points.awaits & names]
    whole = [card.id for card in cards if card.awaits & names]
    ranked = [one.id for one in ground.checked.rankings.values() if one.awaits & names]
    honours = [one.honour.id for one in ground.campaign.checked.honours if one.awaits & names]
    return (*items, *whole, *ranked, *honours)


def completions_within_interval(trial: Trial) -> Iterator[Breach]:
    """What was settled stays; points come to lie between their ends, places between best and worst."""
    done = trial.completion
    if done is None:
        return
    filled, after = done
    said = ", ".join(f"{name} = {value}" for name, value in list(filled.items())[:12])
    told = Text(f"明确为 {said} 之后，前者变为后者", f"settled as {said}, the former becomes the latter")
    for was, now in _not_held(trial.answer.results, after):
        yield Breach(subject_of(was), (was, now), told)


def _not_held(before: Results, after: Results) -> Iterator[tuple[Any, Any]]:
    lost = _lost(before, after)
    yield from (
        pair for pair in _both(before.scores, after.scores) if pair[0].scorecard not in lost and not _points_hold(*pair)
    )
    yield from (pair for pair in _both(before.progress, after.progress) if not _progress_holds(*pair))
    if not lost:
        yield from (pair for pair in _both(before.rankings, after.rankings) if not _place_holds(*pair))
        yield from (pair for pair in _both(before.honours, after.honours) if not _listing_holds(*pair))


def _both(before: Iterable[Any], after: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    return zip(before, after, strict=True)


def _lost(before: Results, after: Results) -> set[str]:
    """Cards in which what was taken to have a value came to have none, as it may, and all cards after them."""
    pairs = zip(before.scores, after.scores, strict=True)
    first = next((one.scorecard for one, now in pairs if one.lowest is not None and now.status == "missing"), None)
    names = list(dict.fromkeys(row.scorecard for row in before.scores))
    return set() if first is None else set(names[names.index(first) :])


def _points_hold(was: Score, now: Score) -> bool:
    if was.status in _SETTLED:
        return now.points == was.points and now.status == was.status
    if was.status != "deferred" or was.lowest is None or was.highest is None:
        return True
    return all(was.lowest <= end <= was.highest for end in (now.lowest, now.points, now.highest) if end is not None)


def _place_holds(was: Placing, now: Placing) -> bool:
    """Where a unit comes to have no value there are fewer to be placed among."""
    if now.ranked < was.ranked or was.best is None or was.worst is None:
        return True
    return all(was.best <= place <= was.worst for place in (now.best, now.place, now.worst) if place is not None)


def _listing_holds(was: HonourResult, now: HonourResult) -> bool:
    return was.status not in ("listed", "not_listed", "not_due") or now.status in (was.status, "possible")


def _progress_holds(was: Progress, now: Progress) -> bool:
    """What waits for nothing stays as it is."""
    return bool(was.awaits) or _same_but_awaits(was, now)


def _same_but_awaits(was: Any, now: Any) -> bool:
    one, other = asdict(was), asdict(now)
    return all(one[name] == other[name] for name in one if name != "awaits")


# -- the author's -------------------------------------------------------------------------------------------------


def authors(ground: Ground) -> Iterator[Property]:
    """The properties that the campaign file states."""
    for stated in ground.campaign.checked.properties:
        text = " ".join(stated.stated.that.split())
        title = stated.stated.title or Text(text, text)
        yield Property(stated.id, title, _only(stated.id), _stated_property(stated.id))


def _only(name: str) -> Callable[[Ground], tuple[str, ...]]:
    return lambda _: (name,)


def _stated_property(name: str) -> Callable[[Trial], Iterator[Breach]]:
    def broken(trial: Trial) -> Iterator[Breach]:
        for row in trial.answer.results.honours:
            if row.honour == PROPERTY + name and row.status == "not_listed":
                yield Breach(name, (row,), Text("条件不成立", "the condition does not hold"))

    return broken


PROPERTIES: Final[tuple[Property, ...]] = (
    Property(
        "engine-equals-reference",
        Text("引擎与参照实现结果相同", "the engine and the reference agree"),
        _everything,
        engine_equals_reference,
        costly=True,
    ),
    Property(
        "order-does-not-matter",
        Text("行的次序不影响结果", "the order of rows does not matter"),
        _everything,
        order_does_not_matter,
        costly=True,
    ),
    Property(
        "more-is-not-less", Text("多做不会少得", "more achievement is never worth less"), _monotone, more_is_not_less
    ),
    Property(
        "points-within-bounds",
        Text("得分在最低与最高之间", "points lie within floor and cap"),
        _scored,
        points_within_bounds,
    ),
    Property("parts-sum-to-whole", Text("部分之和等于总体", "parts sum to the whole"), _additive, parts_sum_to_whole),
    Property(
        "of-which-within-whole",
        Text("其中不大于总体", "an of-which does not exceed its whole"),
        _with_whole,
        of_which_within_whole,
    ),
    Property(
        "units-stand-alone",
        Text("多一个单位不改变其他单位", "a further unit changes no other"),
        _alone,
        units_stand_alone,
        costly=True,
    ),
    Property(
        "weights-sum-to-100",
        Text("权重合计 100%，折算后仍是满分", "weights sum to 100%, also after re-weighing"),
        _weighed,
        weights_sum_to_100,
    ),
    Property(
        "completions-within-interval",
        Text("待定的数无论怎样定，结果都在区间内", "whatever is settled, results lie in the interval shown before"),
        _open,
        completions_within_interval,
        costly=True,
    ),
)

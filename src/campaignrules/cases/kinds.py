"""What an expectation may be about: each kind of result, the cells it has, and its rows in an evaluation.

In: an evaluation and the id that an expectation names. Out: the rows. Must not know: files of tests, how cells are
compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, frozen

from campaignrules.calendar import Window
from campaignrules.checked import CheckedCampaign
from campaignrules.errors import CampaignError, Text
from campaignrules.evaluation import Evaluation
from campaignrules.explain import Explanation, render_explanation
from campaignrules.intake.headers import once_for_each
from campaignrules.model import Names as Words
from campaignrules.results import Finding, GateResult, Score

Names = Callable[[CheckedCampaign], Iterable[str]]
Rows = Callable[[Evaluation, str], Iterable[Any]]
Windows = tuple[Words | None, Sequence[Window]]
Why = Callable[[Evaluation, Any], Text | None]


@frozen(eq=False, repr=False)
class Kind:
    """A kind of result.

    `cells`: column → how it is compared (`matching.WAYS`); `places`: what names fewer of its rows; `names`: the ids
    there are; `rows`: the rows of an id; `why`: the reason of a row, looked up when it is asked for; `spot`: where the
    element stands in the campaign's file; `brief`: the reason in a few words, where `why` takes many.
    """

    key: str
    title: Text
    cells: Mapping[str, str]
    places: tuple[str, ...]
    names: Names
    rows: Rows
    why: Why
    spot: Callable[[CheckedCampaign, str], Any]
    statuses: tuple[str, ...] = ()
    brief: Why | None = None

    def reason(self, evaluation: Evaluation, row: Any) -> Text | None:
        """The reason of a row in a few words."""
        return (self.brief or self.why)(evaluation, row)


def attribute(column: str) -> str:
    """The attribute of a row that a column shows."""
    return {"submitted": "rows", "return": "return_"}.get(column, column)


# -- the rows of each kind ----------------------------------------------------------------------------------------


def _of(table: str, key: str) -> Rows:
    def rows(evaluation: Evaluation, name: str) -> Iterator[Any]:
        return (row for row in getattr(evaluation.results, table) if getattr(row, key) == name)

    return rows


def _scores(evaluation: Evaluation, name: str) -> Iterator[Score]:
    """The totals of a scorecard, or the rows of `card.item`."""
    card, item = _split(evaluation.checked, name) if name not in evaluation.checked.scorecards else (name, None)
    return (row for row in evaluation.results.scores if (row.scorecard, row.item) == (card, item))


def _gates(evaluation: Evaluation, name: str) -> Iterator[GateResult]:
    card, gate = _split(evaluation.checked, name)
    for score in _scores(evaluation, card):
        yield from (one for one in evaluation.gates(card, score.unit, score.window) if one.gate == gate)


def _split(checked: CheckedCampaign, name: str) -> tuple[str, str | None]:
    """The scorecard and what follows it; ids of either may have dots."""
    card = next((id_ for id_ in checked.scorecards if name.startswith(f"{id_}.")), name)
    return card, name[len(card) + 1 :] or None


def _findings(evaluation: Evaluation, name: str) -> Iterator[Finding]:
    return (one for one in evaluation.findings if one.code == name)


def _pending(evaluation: Evaluation, name: str) -> Iterator[Any]:
    return (one for one in evaluation.pending if one.parameter == name)


# -- why ----------------------------------------------------------------------------------------------------------


def _explained(key: str, *, brief: bool = False) -> Why:
    """The reason of a target, duty, place or honour: its explanation, which asks the oracle."""

    def why(evaluation: Evaluation, row: Any) -> Text | None:
        unit = "campaign" if row.unit is None else row.unit
        try:
            tree = evaluation.explain(getattr(row, key), unit, row.window)
        except CampaignError:
            return None
        shown = _numbers_alone(tree) if brief else tree
        return Text(*(render_explanation(shown, lang) for lang in ("zh", "en")))

    return why


def _numbers_alone(tree: Explanation, depth: int = 2) -> Explanation:
    """The first steps, without the clauses, documents and notes that the campaign's file holds anyway."""
    below = tuple(_numbers_alone(child, depth - 1) for child in tree.children) if depth else ()
    nothing: dict[str, Any] = dict.fromkeys(("source", "document", "note"))
    empty: dict[str, Any] = dict.fromkeys(("readings", "settled", "lead", "support"), ())
    return evolve(tree, children=below, **nothing, **empty)


def _scored(evaluation: Evaluation, row: Score) -> Text | None:
    return evaluation.scores_explained([row])[0].because


def _said(_: Evaluation, row: GateResult) -> Text | None:
    return row.because


def _told(_: Evaluation, row: Finding) -> Text | None:
    return row.message


def _nothing(_: Evaluation, __: Any) -> None:
    return None


# -- names and places ---------------------------------------------------------------------------------------------


def _items(checked: CheckedCampaign) -> Iterator[str]:
    return (f"{card.id}.{item.id}" for card in checked.scorecards.values() for item in card.items)


def _gate_names(checked: CheckedCampaign) -> Iterator[str]:
    return (f"{card.id}.{gate.id}" for card in checked.scorecards.values() for gate in card.card.gates)


def _codes(_: CheckedCampaign) -> Iterable[str]:
    from campaignrules.intake import FINDINGS  # noqa: PLC0415  readers of data are imported when there are some

    return FINDINGS


def _listed(part: str) -> Callable[[CheckedCampaign, str], Any]:
    """Where an element of a list stands: at its id."""

    def spot(checked: CheckedCampaign, name: str) -> Any:
        found = next((one for one in getattr(checked.campaign, part) if one.id == name), None)
        return found.spot("id") if found else None

    return spot


def _mapped(part: str) -> Callable[[CheckedCampaign, str], Any]:
    """Where an element of a mapping stands: at its key."""

    def spot(checked: CheckedCampaign, name: str) -> Any:
        return checked.campaign.key_spot(part, name)

    return spot


def _item_spot(checked: CheckedCampaign, name: str) -> Any:
    card, item = _split(checked, name)
    found = checked.scorecards[card].card
    if item is not None and item in found.items:
        return found.key_spot("items", item)
    return checked.campaign.key_spot("scorecards", card)


def _gate_spot(checked: CheckedCampaign, name: str) -> Any:
    card, id_ = _split(checked, name)
    return next((gate.spot("id") for gate in checked.scorecards[card].card.gates if gate.id == id_), None)


def _nowhere(_: CheckedCampaign, __: str) -> None:
    return None


@once_for_each
def windows_of(checked: CheckedCampaign) -> Mapping[tuple[str, str], Windows]:
    """(kind, id) → when its rows are due: the words of `in`, and the windows they mean."""
    found: dict[tuple[str, str], Windows] = {}
    found |= {("target", one.target.id): (one.target.in_, one.windows) for one in checked.targets}
    found |= {("duty", one.duty.id): (one.duty.in_, [at.window for at in one.occurrences]) for one in checked.duties}
    found |= {("return", one.id): (one.asked.in_, one.windows) for one in checked.returns}
    found |= {("honour", one.honour.id): (one.honour.in_, one.windows) for one in checked.honours}
    found |= {("ranking", id_): (one.ranking.in_, one.windows) for id_, one in checked.rankings.items()}
    for id_, card in checked.scorecards.items():
        names = [("scorecard", id_), *(("item", f"{id_}.{one.id}") for one in card.items)]
        names += [("gate", f"{id_}.{one.id}") for one in card.card.gates]
        found |= dict.fromkeys(names, (card.card.in_, card.windows))
    return found


# -- the table ----------------------------------------------------------------------------------------------------

_DEMANDED: Final = {"lead": "words", "support": "words", "awaits": "words", "force": "word", "source": "word"}
_NUMBERS: Final = ("value", "required", "required_high", "shortfall", "needed_per_day")
_SCORE: Final = {
    **dict.fromkeys(("points", "lowest", "highest", "worth"), "points"), "status": "status", "source": "word",
    "awaits": "words", "because": "because",
}  # fmt: skip
_UNIT: Final = ("unit", "window")
_SCORED: Final = ("final", "provisional", "not_due", "missing", "deferred", "not_applicable", "disqualified")


def _ids(part: str, inner: str | None = None) -> Names:
    def names(checked: CheckedCampaign) -> Iterator[str]:
        return (getattr(one, inner).id if inner else one.id for one in getattr(checked, part))

    return names


KINDS: Final[dict[str, Kind]] = {
    kind.key: kind
    for kind in (
        Kind(
            "target", Text("目标", "targets"),
            {**dict.fromkeys(_NUMBERS, "measured"), "ratio": "share", "pace": "share", "gap": "gap", "status": "status",
             "comparator": "word", "measure": "word", "metric": "word", "because": "because", **_DEMANDED},
            (*_UNIT, "due_on"), _ids("targets", "target"), _of("progress", "target"), _explained("target"),
            _listed("targets"), ("met", "on_track", "behind", "missed", "not_due", "missing", "deferred", "not_applicable"),
            _explained("target", brief=True),
        ),
        Kind(
            "duty", Text("事项", "duties"),
            {"status": "status", "done_on": "day", "because": "because", **_DEMANDED},
            (*_UNIT, "due_on"), _ids("duties", "duty"), _of("duties", "duty"), _explained("duty"), _listed("duties"),
            ("met", "late", "missed", "not_due", "open", "missing", "deferred", "not_applicable"), _explained("duty", brief=True),
        ),
        Kind(
            "outcome", Text("总体要求", "outcomes"),
            {"status": "status", "counts": "counts", "force": "word", "source": "word"},
            (), _ids("outcomes"), _of("outcomes", "outcome"), _nothing, _listed("outcomes"),
            ("met", "on_track", "behind", "missed", "missing", "deferred"),
        ),
        Kind("item", Text("得分项", "items"), _SCORE, _UNIT, _items, _scores, _scored, _item_spot, _SCORED),
        Kind(
            "scorecard", Text("评分表", "scorecards"), {**_SCORE, "grade": "grade"}, _UNIT,
            lambda checked: checked.scorecards, _scores, _scored, _mapped("scorecards"), _SCORED,
        ),
        Kind(
            "gate", Text("否决与封顶", "gates"), {"status": "status", "source": "word", "because": "because"}, _UNIT,
            _gate_names, _gates, _said, _gate_spot, ("holds", "possible", "does_not_hold", "missing"),
        ),
        Kind(
            "ranking", Text("排名", "rankings"),
            {**dict.fromkeys(("place", "best", "worst", "ranked", "change"), "whole"), "group": "word", "measure": "word",
             **dict.fromkeys(("value", "lowest", "highest"), "measured"), "status": "status", "source": "word",
             "awaits": "words", "because": "because"},
            _UNIT, lambda checked: checked.rankings, _of("rankings", "ranking"), _explained("ranking"),
            _mapped("rankings"), ("final", "provisional", "not_due", "missing", "deferred", "reference", "disqualified"),
            _explained("ranking", brief=True),
        ),
        Kind(
            "honour", Text("表扬、批评、榜单", "honours"),
            {"kind": "word", "status": "status", "source": "word", "awaits": "words", "because": "because"},
            _UNIT, _ids("honours", "honour"), _of("honours", "honour"), _explained("honour"), _listed("honours"),
            ("listed", "possible", "not_listed", "missing", "not_due"), _explained("honour", brief=True),
        ),
        Kind(
            "return", Text("报送要求", "returns"),
            {"status": "status", "on": "day", "submitted": "whole", "source": "word"},
            (*_UNIT, "due_on"), _ids("returns"), _of("returns", "return_"), _nothing, _listed("returns"),
            ("submitted", "late", "not_submitted", "not_due"),
        ),
        Kind(
            "finding", Text("数据问题", "findings"),
            {"severity": "word", "set_aside": "truth", "value": "word", "file": "word", "cell": "word", "because": "because"},
            ("table", "row", "column"), _codes, _findings, _told, _nowhere,
        ),
        Kind(
            "pending", Text("待定参数", "deferred parameters"),
            {"title": "text", "by": "text", "between": "words", "source": "word", "holds": "words"},
            (), lambda checked: checked.parameters, _pending, _nothing, _mapped("parameters"),
        ),
    )
}  # fmt: skip
"""By the key of an expectation that names rows of this kind."""

"""What holds where an author wrote nothing: a default that is written out is no change.

In: a checked campaign, an element, a key it leaves out. Out: the value that means the same, if one does. Only asked when
one side says something and the other does not. Must not know: how values are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from campaignrules.checked import ATTESTATIONS, CheckedCampaign, Measure
from campaignrules.model import (
    Duty,
    Element,
    Field,
    Honour,
    Item,
    Metric,
    Ranking,
    Record,
    Scorecard,
    Way,
)
from campaignrules.trees import field_decimals

NO_LIMIT: Final = "none"


@frozen(eq=False, repr=False)
class Silence:
    """What one campaign means where it says nothing. `id`: of the element, `card.item` for items."""

    checked: CheckedCampaign

    def means(self, element: Element, id_: str, key: str) -> Any:
        """The value that holds; None where there is none, or nobody can say it in one word."""
        for cls, asked in _ASKED.items():
            if isinstance(element, cls) and key in asked:
                return asked[key](self, element, id_)
        return None

    def inherits(self, id_: str, key: str) -> Any:
        """How an of-which is added up where it does not differ from its whole; None for any other key."""
        return self.dated(id_, key) if key == "accumulate" else None

    def record_unit(self, _record: Record, id_: str) -> Any:
        found = self.checked.records.get(id_)
        return found.unit if found else None

    def measure(self, id_: str) -> Measure | None:
        found = self.checked.metrics.get(id_)
        return found.kernel if found and isinstance(found.kernel, Measure) else None

    def credited(self, _metric: Metric, id_: str) -> Any:
        measure = self.measure(id_)
        return measure and (measure.unit or self.checked.records[measure.record].unit)

    def dated(self, id_: str, key: str) -> Any:
        measure = self.measure(id_)
        return getattr(measure, key, None)

    def shown_in(self, _metric: Metric, id_: str) -> Any:
        found = self.checked.metrics.get(id_)
        return found.unit.name if found else None

    def duty_date(self, _duty: Duty, id_: str) -> Any:
        return next((duty.on for duty in self.checked.duties if duty.duty.id == id_), None)

    def of_item(self, id_: str, key: str) -> Any:
        card, _, name = id_.partition(".")
        items = self.checked.scorecards[card].items if card in self.checked.scorecards else ()
        return next((getattr(item, key) for item in items if item.id == name), None)

    def cap(self, item: Item, _id: str) -> Any:
        return item.worth if _earns(item) and item.worth is not None else NO_LIMIT

    def of_ranked(self, ranking: Ranking, key: str, otherwise: str) -> Any:
        card = self.checked.campaign.scorecards.get(ranking.by)
        return getattr(card, key) if card else otherwise

    def of_honoured(self, honour: Honour, key: str, otherwise: str) -> Any:
        ranking = self.checked.campaign.rankings.get(honour.ranking or "")
        if ranking is None:
            return otherwise
        stated = getattr(ranking, key)
        return self.of_ranked(ranking, key, otherwise) if stated is None else stated


def _earns(item: Item) -> bool:
    return bool(item.earn) or not item.lose


def _always(value: Any) -> Callable[[Silence, Any, str], Any]:
    return lambda *_: value


_ASKED: Final[Mapping[type, Mapping[str, Callable[[Silence, Any, str], Any]]]] = {
    Field: {"decimals": lambda _, field, __: field_decimals(field) if field.type in ("quantity", "count") else None},
    Record: {"unit": Silence.record_unit},
    Metric: {
        "unit": Silence.shown_in,
        "credited_to": Silence.credited,
        **{
            key: lambda here, _, id_, key=key: here.dated(id_, key)  # type: ignore[misc]
            for key in ("on", "until", "since")
        },
    },
    Duty: {
        "record": _always(ATTESTATIONS),
        "due": _always(("last day",)),
        "on": Silence.duty_date,
    },
    Way: {
        "per": _always("1"), "otherwise": _always("0"), "times": _always("1"), "when_zero": _always("missing"),
        "when_equal": _always("missing"), "ties": _always("shared"),
    },
    Item: {
        "missing": lambda here, _, id_: here.of_item(id_, "missing"),
        "not_applicable": lambda here, _, id_: here.of_item(id_, "not_applicable"),
        "floor": lambda _, item, __: "0" if _earns(item) else NO_LIMIT,
        "cap": Silence.cap,
    },
    Scorecard: {
        "missing": _always("missing"), "not_applicable": _always("left_out"), "floor": _always(NO_LIMIT),
        "cap": _always(NO_LIMIT),
    },
    Ranking: {
        "ties": _always("shared"),
        "for": lambda here, ranking, _: here.of_ranked(ranking, "for_", "each unit"),
        "in": lambda here, ranking, _: here.of_ranked(ranking, "in_", "campaign"),
        "within": lambda here, ranking, _: here.of_ranked(ranking, "within", "all"),
    },
    Honour: {
        "for": lambda here, honour, _: here.of_honoured(honour, "for_", "each unit"),
        "in": lambda here, honour, _: here.of_honoured(honour, "in_", "campaign"),
    },
}  # fmt: skip

"""A receipt → a second evaluation and the verdict: are the results the same, and if not, what differs.

In: what a receipt states (`stated`), and where campaign, overlays and data are now, as far as the caller says. Out:
`Verdict`. What a receipt names is opened only by the rule of `places`. Must not know: terminals, how anything is evaluated.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from attrs import frozen

from campaignrules import driver
from campaignrules.comparison import KEYS
from campaignrules.errors import CampaignError, Diagnostic, fault
from campaignrules.replaying.places import Places
from campaignrules.replaying.stated import Stated, StatedPaper, read
from campaignrules.results import column_of

__all__ = ["Change", "Difference", "Stated", "Verdict", "read", "replay"]

What = Literal["campaign", "overlay", "data"]
How = Literal["changed", "missing", "added", "unknown"]
_COLUMNS: Final = tuple(dict.fromkeys(column_of(name) for name in KEYS))
_NOT_COMPARED: Final = frozenset({"because", "files"})
MOST_DIFFERENCES: Final = 1_000


@frozen
class Change:
    """A file or table that is not what it was: changed, no longer there, new; or nobody can tell."""

    what: What
    name: str
    how: How
    before: str | None
    after: str | None


@frozen
class Difference:
    """A cell of a result that is not what it was. `column` None: the row is no longer there."""

    kind: str
    key: Mapping[str, Any]
    column: str | None
    before: Any
    after: Any


@frozen(eq=False, repr=False)
class Verdict:
    """What a replay found. `kinds`: the kinds of results whose digest is another one.

    `versions`: name → (then, now) of those that are others. `differences`: cells, where the results of then stood around
    the receipt; without them only the digests tell. `receipt`: of the evaluation made now.
    """

    identical: bool
    changes: tuple[Change, ...]
    versions: Mapping[str, tuple[str | None, str | None]]
    kinds: tuple[str, ...]
    differences: tuple[Difference, ...]
    receipt: Mapping[str, Any]


def replay(
    given: Stated | str | Path | bytes | Mapping[str, Any], *, campaign: str | Path | bytes | None = None,
    overlays: Sequence[str | Path | bytes] | None = None, data: Any = None, folder: str | Path | None = ".",
    engine: str | None = None,
) -> Verdict:  # fmt: skip
    """Evaluate once more what a receipt states, and compare. Raises CampaignError.

    `campaign`, `overlays`, `data`: where they are now, when not where the receipt says; `overlays` stands for all of them.
    `engine`: who works on the rows, when not who did then.
    `folder`: below it a receipt's relative paths are looked for; None: nothing that a receipt names is opened.
    """
    stated = given if isinstance(given, Stated) else read(given)
    places = Places(stated, None if folder is None else Path(folder))
    what = places.campaign() if campaign is None else campaign
    papers = places.overlays() if overlays is None else list(overlays)
    where = places.data() if data is None else data
    early = _early(stated, what)
    try:
        loaded = driver.load(what, readings=stated.chosen, overlays=papers)
        evaluation = loaded.evaluate(
            where, as_of=stated.as_of, encoding=stated.encoding, engine=engine or stated.engine
        )
    except CampaignError as error:
        raise CampaignError([*error.diagnostics, *early]) from None
    told = evaluation.receipt
    now = read(told)
    return Verdict(
        identical=stated.results == now.results,
        changes=tuple(_changes(stated, now)),
        versions=dict(_versions(stated, now)),
        kinds=tuple(kind for kind, of in now.kinds.items() if stated.kinds.get(kind) != of),
        differences=tuple(_differences(stated.at_hand, evaluation.to_json)) if stated.results != now.results else (),
        receipt=told,
    )


def _early(stated: Stated, what: str | Path | bytes) -> list[Diagnostic]:
    """That the campaign is another file, to be said when it can no longer be evaluated."""
    data = driver.read(what).source.given
    same = hashlib.sha256(data).hexdigest() == stated.campaign.sha256
    return [] if same else [fault("receipt-file-changed", None, name=stated.campaign.given or stated.campaign.id)]


# -- inputs -------------------------------------------------------------------------------------------------------


def _changes(stated: Stated, now: Stated) -> Iterator[Change]:
    yield from _compared("campaign", _papers([stated.campaign]), _papers([now.campaign]))
    yield from _compared("overlay", _papers(stated.overlays), _papers(now.overlays))
    yield from _compared("data", _inputs(stated), _inputs(now))


def _papers(papers: Iterable[StatedPaper]) -> dict[str, str | None]:
    return {one.id: one.sha256 for one in papers}


def _inputs(stated: Stated) -> dict[str, str | None]:
    """Digests by name; of a name that comes twice the second is numbered."""
    seen: Counter[str] = Counter()
    found: dict[str, str | None] = {}
    for one in stated.inputs:
        seen[one.name] += 1
        found[one.name if seen[one.name] == 1 else f"{one.name} ({seen[one.name]})"] = one.sha256
    return found


def _compared(what: What, before: Mapping[str, str | None], after: Mapping[str, str | None]) -> Iterator[Change]:
    for name in dict.fromkeys((*before, *after)):
        was, is_ = before.get(name), after.get(name)
        if name not in after:
            yield Change(what, name, "missing", was, None)
        elif name not in before:
            yield Change(what, name, "added", None, is_)
        elif was is None or is_ is None:
            yield Change(what, name, "unknown", was, is_)
        elif was != is_:
            yield Change(what, name, "changed", was, is_)


def _versions(stated: Stated, now: Stated) -> Iterator[tuple[str, tuple[str | None, str | None]]]:
    for name in dict.fromkeys((*stated.versions, *now.versions)):
        pair = stated.versions.get(name), now.versions.get(name)
        if pair[0] != pair[1]:
            yield name, pair


# -- results ------------------------------------------------------------------------------------------------------


def _differences(at_hand: Mapping[str, Any], now: Any) -> Iterator[Difference]:
    """The cells that differ from the results of then; only rows that stand there are looked at, for it may be a choice."""
    if not at_hand:
        return
    many = 0
    for kind, rows in now().items():
        if kind in ("findings", "pending") or not isinstance(rows, list) or not isinstance(at_hand.get(kind), list):
            continue
        known = _by_key(rows)
        for key, row in _by_key(at_hand[kind]).items():
            for found in _cells(kind, dict(key), row, known.get(key)):
                many += 1
                if many > MOST_DIFFERENCES:
                    return
                yield found


def _by_key(rows: Iterable[Any]) -> dict[tuple[tuple[str, Any], ...], Mapping[str, Any]]:
    """Rows by what they are about; what is no row of ours is left out."""
    found: dict[tuple[tuple[str, Any], ...], Mapping[str, Any]] = {}
    for row in rows:
        if isinstance(row, Mapping):
            key = tuple((name, row[name]) for name in _COLUMNS if isinstance(row.get(name), str))
            found.setdefault(key, row)
    return found


def _cells(
    kind: str, key: Mapping[str, Any], was: Mapping[str, Any], now: Mapping[str, Any] | None
) -> Iterator[Difference]:
    if now is None:
        yield Difference(kind, key, None, True, False)
        return
    for column, value in was.items():
        if column not in _NOT_COMPARED and column in now and now[column] != value:
            yield Difference(kind, key, column, value, now[column])

"""What is wrong with a file of tests, before anything is evaluated: every fault with its place, at once.

In: a book. Out: diagnostics: names that nobody declared, expectations that name two kinds of results or state nothing,
cells of another kind, tables and columns that no record has. Must not know: results.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from campaignrules.cases.grounds import chosen
from campaignrules.cases.kinds import KINDS, Kind, attribute, windows_of
from campaignrules.cases.matching import wrong
from campaignrules.cases.reading import UNITS, Book, below, no_day
from campaignrules.checked import CheckedCampaign
from campaignrules.driver import Campaign
from campaignrules.errors import CampaignError, Diagnostic, Text, did_you_mean, fault, place_of
from campaignrules.intake.headers import both, column_names, table_names
from campaignrules.model import Element
from campaignrules.nodes import Mapping as MappingNode
from campaignrules.nodes import Node, start_of
from campaignrules.results import STATUS_TITLES
from campaignrules.suites import NAMES, PLACES, Case, Expectation, Row, Suite

MOST_FAULTS: Final = 1_000
"""Faults of a file that are looked for; far more than anybody is shown."""
MOST_SHOWN: Final = 15
"""Known names that a message lists."""

_NAMING: Final = (*NAMES, *PLACES, "rows")
_ONE: Final = Text("一个值", "a single value")
_SOME: Final = Text("至少一个用例", "at least one case")
_EXISTENCE: Final = ("finding", "pending")
"""Kinds whose rows are only there when there is something to say: to name one is to state something."""


def check(book: Book) -> list[Diagnostic]:
    """Every fault of a file of tests, by place."""
    return sorted(dict.fromkeys(islice(_faults(book), MOST_FAULTS)), key=place_of)


def _faults(book: Book) -> Iterator[Diagnostic]:
    yield from book.faults
    if not book.suite.cases and not book.faults:
        yield fault("wrong-form", book.suite.spot("cases"), expected=_SOME, got="[]")
    yield from _duplicates(book.suite.cases)
    base = book.base().checked
    yield from _rows_known(base, UNITS, book.suite.units, book.suite.spot("units"))
    yield from _defaults_known(base, book.suite)
    for case in book.suite.cases:
        yield from _of_case(book, case)


def _duplicates(cases: Iterable[Case]) -> Iterator[Diagnostic]:
    seen: dict[str, Case] = {}
    for case in cases:
        if seen.setdefault(case.case, case) is not case:
            related = [(seen[case.case].spot("case"), Text("第一次出现在这里", "first used here"))]
            yield fault("duplicate-case", case.spot("case"), name=case.case, related=related)


def _of_case(book: Book, case: Case) -> Iterator[Diagnostic]:
    day = case.as_of or book.suite.as_of
    if day is None and not book.faults:  # else it may be what could not be read
        yield no_day(case)
    try:
        campaign = book.campaign_of(case)
        campaign = campaign if day is None else campaign.at(day)
    except CampaignError as error:
        yield from error.diagnostics
        return
    yield from _data(book, case, campaign)
    if not case.expect and not _at_fault(case):
        yield fault("case-expects-nothing", case.spot("expect"))
    for expectation in case.expect:
        yield from _of_expectation(expectation, campaign.checked, case)


def _defaults_known(checked: CheckedCampaign, element: Suite | Case) -> Iterator[Diagnostic]:
    for name, row in element.defaults.items():
        yield from _table_known(checked, name, (row,), element, ("defaults", name))


def _at_fault(case: Case) -> bool:
    """Whether expectations stand there that could not be read."""
    node = case.spot("expect")
    return bool(getattr(node, "items", ()))


# -- data ---------------------------------------------------------------------------------------------------------


def _data(book: Book, case: Case, campaign: Campaign) -> Iterator[Diagnostic]:
    for key in ("given", "units"):
        if case.data is not None and getattr(case, key):
            yield fault("given-twice", case.key_spot(key), one="data", other=key)
    yield from _rows_known(campaign.checked, UNITS, case.units, case.spot("units"))
    yield from _defaults_known(campaign.checked, case)
    seen: set[str] = {UNITS} if case.units else set()
    known = table_names(campaign.checked)
    for name, rows in case.given.items():
        record = known.meant(name)
        if record in seen:
            yield fault("table-given-twice", case.key_spot("given", name), name=name)
        seen |= {record} if record else set()
        yield from _table_known(campaign.checked, name, () if isinstance(rows, str) else rows, case, ("given", name))
    paths = [(rows, case.spot("given", name)) for name, rows in case.given.items() if isinstance(rows, str)]
    paths += [(case.data, case.spot("data"))] if case.data is not None else []
    for path, at in paths:
        yield from _opened(book, path, at)


def _opened(book: Book, path: str, at: Any) -> Iterator[Diagnostic]:
    try:
        below(book.folder, path, at)
    except CampaignError as error:
        yield from error.diagnostics


def _table_known(
    checked: CheckedCampaign, name: str, rows: Iterable[Row], element: Element, path: tuple[str, ...]
) -> Iterator[Diagnostic]:
    record = table_names(checked).meant(name)
    if record is None:
        yield _unknown(name, table_names(checked).shown, element.key_spot(*path))
    else:
        yield from _rows_known(checked, record, rows, element.spot(*path))


def _rows_known(checked: CheckedCampaign, record: str, rows: Iterable[Row], at: Any) -> Iterator[Diagnostic]:
    """Columns of no field, each named once, where it stands first."""
    names = column_names(checked)[record]
    items = getattr(at, "items", None) or (at,)
    seen: set[str] = set()
    for i, row in enumerate(rows):
        for header in row:
            if header not in seen and names.meant(header) is None:
                node = items[i] if i < len(items) else at
                yield _unknown(header, _titles(names.fields), _key_of(node, header))
            seen.add(header)


def _titles(fields: Mapping[str, Any]) -> list[str]:
    return [*fields, *(title for one in fields.values() for title in both(one.title)[:1])]


# -- expectations -------------------------------------------------------------------------------------------------


def _of_expectation(expectation: Expectation, checked: CheckedCampaign, case: Case) -> Iterator[Diagnostic]:
    stated = stated_keys(expectation)
    named = [key for key in NAMES if key in stated]
    if len(named) != 1:
        at = expectation.key_spot(named[1]) if named else expectation.node
        got = ", ".join(named) or None
        yield fault("expectation-names-one", at and _start(at), expected=", ".join(NAMES), got=got)
        return
    kind = KINDS[named[0]]
    yield from _cells(expectation, kind, stated)
    yield from _names(expectation, kind, checked, case)


def stated_keys(expectation: Expectation) -> tuple[str, ...]:
    """The keys that the author wrote."""
    node = expectation.node
    return tuple(key.text for key, _ in node.pairs) if node is not None else ()


def cells_of(expectation: Expectation) -> tuple[str, ...]:
    """The columns that it states."""
    return tuple(key for key in stated_keys(expectation) if key not in _NAMING)


def _cells(expectation: Expectation, kind: Kind, stated: Iterable[str]) -> Iterator[Diagnostic]:
    cells = cells_of(expectation)
    for key in stated:
        if key in (kind.key, "rows"):
            continue
        if isinstance(getattr(expectation, attribute(key), None), tuple) and key in kind.places:
            yield fault("wrong-form", _start(expectation.spot(key)), expected=_ONE, got="[…]")
        if key not in kind.cells and key not in kind.places:
            wanted = ", ".join((*kind.places, *kind.cells))
            at = expectation.key_spot(key)
            yield fault("cell-of-another-kind", at, kind=kind.title, key=key, expected=wanted)
        elif key in kind.cells:
            yield from _value(expectation, kind, key)
    if cells and expectation.rows == 0:
        yield fault("cells-of-no-row", expectation.key_spot(cells[0]))
    if not cells and expectation.rows is None and kind.key not in _EXISTENCE:
        yield fault("expectation-states-nothing", expectation.key_spot(kind.key))


def _value(expectation: Expectation, kind: Kind, key: str) -> Iterator[Diagnostic]:
    """A cell in which no such value can stand."""
    stated, at = getattr(expectation, key), expectation.spot(key)
    for wanted in wrong(kind.cells[key], stated):
        yield fault("wrong-form", start_of(at), expected=wanted, got=str(stated))
    if key == "status" and isinstance(stated, str) and stated not in kind.statuses:
        yield _no_status(stated, kind.statuses, at)
    if key == "counts":
        yield from (_no_status(word, _COUNTED, _key_of(at, word)) for word in stated if word not in _COUNTED)


_COUNTED: Final = tuple(dict.fromkeys((*KINDS["target"].statuses, *KINDS["duty"].statuses)))
"""What the rows that an outcome rests on may have."""


def _no_status(word: str, known: Sequence[str], at: Any) -> Diagnostic:
    expected = Text("、".join(known), ", ".join(known))
    titled = next((one for one in known if word in (STATUS_TITLES[one].zh, STATUS_TITLES[one].en)), None)
    hint = Text(f"“{word}”写作 {titled}", f"write {titled}") if titled else did_you_mean(word, known)
    return fault("wrong-form", _start(at), expected=expected, got=word, hint=hint)


def _names(expectation: Expectation, kind: Kind, checked: CheckedCampaign, case: Case) -> Iterator[Diagnostic]:
    """Names that nobody declared: ids, windows, tables; units where the campaign lists them."""
    name = getattr(expectation, f"{kind.key}_" if kind.key == "return" else kind.key)
    known = list(kind.names(checked))
    if name not in known:
        yield _unknown(name, known, expectation.spot(kind.key))
        return
    windows = list(dict.fromkeys(window.id for window in windows_of(checked).get((kind.key, name), (None, ()))[1]))
    if isinstance(expectation.window, str) and windows and expectation.window not in windows:
        rule = (kind.spot(checked, name), Text("规则在这里", "the rule stands here"))
        yield _unknown(expectation.window, windows, expectation.spot("window"), [rule, *chosen(checked, case.readings)])
    if expectation.table is not None and table_names(checked).meant(expectation.table) is None:
        yield _unknown(expectation.table, table_names(checked).shown, expectation.spot("table"))
    grades = _grades(kind, name, checked)
    if isinstance(expectation.grade, str) and kind.key == "scorecard" and expectation.grade not in grades:
        yield _unknown(expectation.grade, grades, expectation.spot("grade"))
    units = _units(checked)
    if isinstance(expectation.unit, str) and units and expectation.unit not in units:
        yield _unknown(expectation.unit, units, expectation.spot("unit"))


def _grades(kind: Kind, name: str, checked: CheckedCampaign) -> list[str]:
    """Ids and titles of a scorecard's grades."""
    grades = checked.scorecards[name].card.grades if kind.key == "scorecard" else ()
    return [word for one in grades for word in (one.id, *both(one.title))]


def _units(checked: CheckedCampaign) -> list[str]:
    """What units may be called, where the campaign lists them."""
    roster = checked.campaign.units.roster
    if isinstance(roster, str):
        return []
    named = [word for unit in roster for word in (unit.id, *both(unit.title), *unit.aliases)]
    return [*named, *(f"all {name}" for name in checked.campaign.units.classes)]


# -- places -------------------------------------------------------------------------------------------------------


def _unknown(name: str, known: Iterable[str], at: Any, related: Iterable[tuple[Any, Text]] = ()) -> Diagnostic:
    some = list(dict.fromkeys(known))
    shown = ", ".join(some[:MOST_SHOWN])
    more = len(some) - MOST_SHOWN
    expected = Text(f"{shown} 等 {len(some)} 个", f"{shown} and {more} more") if more > 0 else shown or None
    hint = did_you_mean(name, some)
    return fault("unknown-name", _start(at), name=name, expected=expected, hint=hint, related=related)


def _start(at: Any) -> Any:
    return start_of(at) if isinstance(at, Node) else at


def _key_of(node: Any, name: str) -> Any:
    return (node.key(name) if isinstance(node, MappingNode) else None) or node

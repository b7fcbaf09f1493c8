"""One evaluation against what a case expects: which rows each expectation names, and where their cells differ.

In: expectations and an evaluation. Out: `Verdict`s with diagnostics that stand at the cell in the file of tests, tell
the row's reason and point at the rule; findings about the data that nobody expected. Must not know: files, campaigns'
readings, what is covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import frozen

from campaignrules.because import LONGEST
from campaignrules.cases.checking import cells_of, stated_keys
from campaignrules.cases.grounds import Ground, chosen, grounds
from campaignrules.cases.kinds import KINDS, Kind, attribute
from campaignrules.cases.matching import agrees, as_stated, shown
from campaignrules.checked import CheckedCampaign
from campaignrules.errors import Diagnostic, Text, fault, suggest
from campaignrules.evaluation import Evaluation
from campaignrules.intake.headers import TableNames, names_of, table_names
from campaignrules.intake.submission import unit_names
from campaignrules.nodes import start_of
from campaignrules.results import Finding
from campaignrules.suites import NAMES, Case, Expectation

MOST_ROWS: Final = 5
"""Rows of one expectation whose differences are shown."""
MOST_REASONS: Final = 20
"""Reasons told in one case: to explain a row takes longer than to evaluate all of them."""
WHOLE: Final = Text("全体", "the whole")
UNREAD: Final = frozenset(
    ("column-not-read", "column-without-header", "file-of-other-kind", "hidden-sheet", "lone-text", "more-findings",
     "not-a-plain-file", "unknown-column", "unknown-table", "wrong-unit")
)  # fmt: skip
"""Findings that say that something submitted was not read: what nobody looked at proves nothing."""


@frozen(eq=False, repr=False)
class Verdict:
    """What came of an expectation. `rows`: those it names; `faults`: none when it holds."""

    expectation: Expectation
    kind: Kind
    name: str
    rows: tuple[Any, ...]
    cells: tuple[str, ...]
    faults: tuple[Diagnostic, ...]


def judge(case: Case, evaluation: Evaluation) -> tuple[list[Verdict], list[Diagnostic]]:
    """What came of each expectation; and what is wrong with the data that none of them names."""
    bench = _Bench(evaluation, tuple(chosen(evaluation.checked, case.readings)))
    verdicts = [bench.verdict(expectation) for expectation in case.expect]
    named = {id(row) for verdict in verdicts if verdict.kind.key == "finding" for row in verdict.rows}
    unnamed = (one for one in evaluation.findings if id(one) not in named and _grave(one))
    names = table_names(evaluation.checked)
    return verdicts, [_not_expected(case, one, names, evaluation.checked) for one in unnamed]


def _grave(finding: Finding) -> bool:
    return finding.set_aside or finding.severity == "error" or finding.code in UNREAD


def _not_expected(case: Case, finding: Finding, names: TableNames, checked: CheckedCampaign) -> Diagnostic:
    place = [finding.record, finding.file, finding.sheet, finding.row and f"#{finding.row}", finding.column]
    where = " · ".join(str(part) for part in place if part)
    says = Text(*(f"{where} {finding.code} {said}".strip() for said in (finding.message.zh, finding.message.en)))
    known = finding.record in checked.records and checked.campaign.key_spot("records", finding.record)
    related = [(known, Text(f"报送表 {finding.record}", f"the table {finding.record}"))] if known else []
    return fault("data-not-read", _given(case, finding, names), says=says, related=related)


def _given(case: Case, finding: Finding, names: TableNames) -> Any:
    """The row of the file of tests that a finding is about, as far as it is one."""
    called = next((name for name in case.given if names.meant(name) == finding.record), finding.record)
    rows = getattr(case.spot("given", called), "items", ())
    if finding.file is None and finding.row is not None and 2 <= finding.row < len(rows) + 2:
        return start_of(rows[finding.row - 2])
    return case.spot("case")


class _Bench:
    """An evaluation, looked at by one expectation after the other."""

    def __init__(self, evaluation: Evaluation, readings: tuple[Ground, ...]) -> None:
        self.evaluation = evaluation
        self.readings = readings
        self.units = unit_names(evaluation.roster)
        self.titles = {unit.id: unit.title for unit in evaluation.roster.units}
        self.reasons = 0

    def verdict(self, expectation: Expectation) -> Verdict:
        kind = KINDS[next(key for key in NAMES if key in stated_keys(expectation))]
        name = str(getattr(expectation, attribute(kind.key)))
        every = list(kind.rows(self.evaluation, name))
        rows = self._named(expectation, kind, every)
        cells = cells_of(expectation)
        faults = tuple(self._faults(expectation, kind, name, every, rows))
        return Verdict(expectation, kind, name, tuple(rows), cells, faults)

    # -- which rows -----------------------------------------------------------------------------------------------

    def _named(self, expectation: Expectation, kind: Kind, rows: Iterable[Any]) -> list[Any]:
        """The rows that fit every place stated; of targets and duties without a unit those of the whole, if any."""
        stated = stated_keys(expectation)
        named = [
            row
            for row in rows
            if all(self._fits(place, getattr(expectation, place), row) for place in kind.places if place in stated)
        ]
        if "unit" in kind.places and "unit" not in stated:
            return [row for row in named if row.unit is None] or named
        return named

    def _fits(self, place: str, stated: Any, row: Any) -> bool:
        if place == "unit":
            return bool((None if stated is None else self.units.get(stated, stated)) == row.unit)
        if place == "table":
            return bool(table_names(self.evaluation.checked).meant(stated) == (row.record or None))
        if place == "column":
            return self._column(row.record, stated) == self._column(row.record, row.column)
        actual = getattr(row, place)
        return bool((None if actual is None else str(actual)) == stated)

    def _column(self, record: str, header: str | None) -> str | None:
        """The field that a column is meant for, else the column as written."""
        if header is None or record not in self.evaluation.checked.records:
            return header
        meant = names_of(self.evaluation.checked, record).meant(header)
        return meant.field if meant else header

    # -- what differs ---------------------------------------------------------------------------------------------

    def _faults(
        self, expectation: Expectation, kind: Kind, name: str, every: Sequence[Any], rows: Sequence[Any]
    ) -> Iterator[Diagnostic]:
        where = self._asked(expectation, kind, name)
        if expectation.rows is not None and len(rows) != expectation.rows:
            wanted, got = str(expectation.rows), str(len(rows))
            at, hint = expectation.spot("rows"), None if rows else self._there(kind, every)
            related = self._rule(expectation, kind, name, rows)
            yield fault("other-number-of-rows", at, row=where, expected=wanted, got=got, hint=hint, related=related)
        elif not rows and expectation.rows is None:
            place, hint = self._nearest(expectation, kind, every)
            related = self._rule(expectation, kind, name, rows)
            yield fault("no-row-named", expectation.spot(place), row=where, hint=hint, related=related)
        else:
            differing = [(row, self._differing(expectation, kind, row)) for row in rows]
            rests_on = self._grounds(kind, name) if any(pair[1] for pair in differing) else ()
            for row, columns in [pair for pair in differing if pair[1]][:MOST_ROWS]:
                yield from self._differences(expectation, kind, name, row, columns, rests_on)
                rests_on = ()  # told with the first of the rows

    def _differing(self, expectation: Expectation, kind: Kind, row: Any) -> list[str]:
        return [column for column in cells_of(expectation) if not self._agrees(expectation, kind, row, column)]

    def _agrees(self, expectation: Expectation, kind: Kind, row: Any, column: str) -> bool:
        stated, how = getattr(expectation, column), kind.cells[column]
        if how == "grade" and isinstance(stated, str) and row.grade is not None:
            return stated in self._grade_names(row)
        actual = kind.why(self.evaluation, row) if how == "because" else getattr(row, attribute(column))
        return agrees(how, stated, actual, row)

    def _grade_names(self, row: Any) -> tuple[str, ...]:
        grades = self.evaluation.checked.scorecards[row.scorecard].card.grades
        title = next((grade.title for grade in grades if grade.id == row.grade), None)
        return (row.grade, *((title.zh, title.en) if title else ()))

    def _differences(
        self, expectation: Expectation, kind: Kind, name: str, row: Any, columns: Sequence[str],
        rests_on: Sequence[Ground],
    ) -> Iterator[Diagnostic]:  # fmt: skip
        """One for each cell; the rule, the row's reason and what it rests on stand below the last."""
        self.reasons += 1
        brief = kind.reason(self.evaluation, row) if self.reasons <= MOST_REASONS else None
        rule = kind.spot(self.evaluation.checked, name)
        for column in columns:
            how = kind.cells[column]
            actual = brief if how == "because" else getattr(row, attribute(column))
            related = [(rule, _reason(brief)), *rests_on] if column == columns[-1] else []
            node = expectation.spot(column)
            yield fault(
                "cell-differs", node and start_of(node), row=self._of_row(kind, name, row), column=column,
                expected=as_stated(getattr(expectation, column)), got=shown(how, actual, row), related=related,
                hint=_reason(brief) if related and rule is None and brief else None,
            )  # fmt: skip

    def _rule(self, expectation: Expectation, kind: Kind, name: str, rows: Sequence[Any]) -> list[Ground]:
        """Where the rule stands whose rows are not those expected; of findings the table that they are about."""
        checked = self.evaluation.checked
        if kind.key == "finding":
            named = table_names(checked).meant(expectation.table) if expectation.table else None
            record = named or next((row.record for row in rows if row.record in checked.records), None)
            return [] if record is None else [(checked.campaign.key_spot("records", record), _reason(None))]
        return [(kind.spot(checked, name), _reason(None)), *self._grounds(kind, name)]

    def _grounds(self, kind: Kind, name: str) -> tuple[Ground, ...]:
        return (*self.readings, *grounds(self.evaluation.checked, kind.key, name))

    # -- in words -------------------------------------------------------------------------------------------------

    def _of_row(self, kind: Kind, name: str, row: Any) -> Text:
        """`YJ-Y-03 · 投促局 · 2023Q1`."""
        parts = [Text(name, name), *(self._part(kind, place, row) for place in kind.places)]
        return Text(*(" · ".join(part.to(lang) for part in parts if part is not None) for lang in ("zh", "en")))

    def _part(self, kind: Kind, place: str, row: Any) -> Text | None:
        cell = getattr(row, "record" if place == "table" else place)
        if place == "unit":
            return WHOLE if cell is None else self.titles.get(cell) or Text(cell, cell)
        if cell is None or (place == "due_on" and kind.key != "duty"):
            return None
        return Text(f"第 {cell} 行", f"row {cell}") if place == "row" else Text(str(cell), str(cell))

    def _asked(self, expectation: Expectation, kind: Kind, name: str) -> str:
        stated = [getattr(expectation, place) for place in kind.places if place in stated_keys(expectation)]
        return " · ".join([name, *(as_stated(one) for one in stated)])

    def _nearest(self, expectation: Expectation, kind: Kind, rows: Sequence[Any]) -> tuple[str, Text | None]:
        """The place that fits no row, with the nearest that fits one; else what rows there are."""
        for place in (place for place in kind.places if place in stated_keys(expectation)):
            stated = getattr(expectation, place)
            if rows and not any(self._fits(place, stated, row) for row in rows):
                near = suggest(stated, self._written(place, rows)) if isinstance(stated, str) else None
                hint = Text(f"是不是想写 {near}？", f"did you mean {near}?") if near else self._there(kind, rows)
                return place, hint
        return kind.key, self._there(kind, rows)

    def _written(self, place: str, rows: Sequence[Any]) -> list[str]:
        cells = [getattr(row, "record" if place == "table" else place) for row in rows]
        known = {str(cell): None for cell in cells if cell is not None}
        if place == "unit":
            known |= {name: None for name, unit in self.units.items() if unit in known}
        return list(known)

    def _there(self, kind: Kind, rows: Sequence[Any]) -> Text | None:
        if not rows:
            return None
        parts = [self._of_row(kind, "", row) for row in rows[:MOST_ROWS]]
        zh, en = ([part.to(lang).removeprefix(" · ") for part in parts] for lang in ("zh", "en"))
        more = "…" if len(rows) > MOST_ROWS else ""
        return Text(f"有：{'；'.join(zh)}{more}", f"there are: {'; '.join(en)}{more}")


def _reason(why: Text | None) -> Text:
    """The rule, and what its result rests on, on a line."""
    if why is None:
        return Text("规则在这里", "the rule stands here")
    zh, en = _brief(why.zh, "；"), _brief(why.en, "; ")
    return Text(f"规则在这里；结果的理由：{zh}", f"the rule stands here; why: {en}")


def _brief(said: str, joint: str) -> str:
    line = joint.join(" ".join(part.split()) for part in said.splitlines() if part.strip())
    return line if len(line) <= 2 * LONGEST else line[: 2 * LONGEST - 1] + "…"

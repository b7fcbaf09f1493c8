"""The workbook to fill in: a sheet of notes, a sheet for each table, a hidden sheet with the lists to choose from.

In: a checked campaign, a roster, a unit, a language. Out: the bytes of an .xlsx. What is filled in there comes back
through intake without a finding. Must not know: rows that were submitted, how a workbook is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from attrs import evolve, frozen
from openpyxl.utils import absolute_coordinate, get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from campaignrules.checked import CheckedCampaign
from campaignrules.errors import CampaignError, Text, did_you_mean, fault, width_of
from campaignrules.intake import take
from campaignrules.intake.findings import refuse
from campaignrules.intake.submission import unit_names
from campaignrules.reports.saving import save_bytes
from campaignrules.roster import Roster
from campaignrules.workbooks import notes, styles
from campaignrules.workbooks.asked import LISTS, NOTES, Asked, Column, Kind, Table, Words, asked
from campaignrules.workbooks.styles import DATE_FORMAT, TEXT_FORMAT, Look

ROWS: Final = 500
FEWEST: Final = 20
CELLS: Final = 150_000
"""So many cells are prepared at most, all sheets together; a campaign of very many tables gets shorter ones."""
HEADER: Final = 3
_LAST_DAY: Final = 109_574  # 2199-12-31, counted as spreadsheets do
_MOST: Final = 10**15 - 1
"""Spreadsheets keep 15 digits."""
_WIDE: Final = 14
_SHORT: Final = 16
_LABELS: Final = (
    ("填报单位", "填表单位", "上报单位", "Reporter"),
    ("报告期", "统计期", "填报期", "Period"),
    ("填报日期", "填表日期", "上报日期", "Date"),
)
"""What stands above a table, in words that intake knows; the English one last."""
_PROMPT: Final = 255
_PROMPT_TITLE: Final = 32
_ERROR: Final = 220


def template(
    checked: CheckedCampaign, *, roster: Roster | None = None, unit: str | None = None, lang: str = "zh"
) -> bytes:
    """The workbook. `unit`: what stands as the reporting unit; then no list of units is asked for."""
    wanted = asked(checked, roster_of(checked, roster), lang, roster_wanted=unit is None)
    book = styles.new_book()
    notes.write(book.create_sheet(NOTES.to(lang)), checked, wanted, lang)
    sheets = {table.record: book.create_sheet(table.name) for table in wanted.tables}
    ranges = _write_lists(book.create_sheet(LISTS.to(lang)), wanted)
    cells = sum(len(table.columns) for table in wanted.tables)
    rows = max(FEWEST, min(ROWS, CELLS // max(cells, 1)))
    for table in wanted.tables:
        _Form(sheets[table.record], table, checked, wanted, ranges, lang, rows).write(unit)
    book.active = 0
    return styles.content(book)


def write(
    path: str | Path, checked: CheckedCampaign, *, unit: str | None = None, lang: str = "zh", roster: object = None
) -> None:
    """Write the template to `path`. `unit`: id, title or alias; `roster`: a Roster, or data to take it from.

    Raises CampaignError.
    """
    if Path(path).suffix.casefold() != ".xlsx":
        hint = Text("模板只能写成 .xlsx", "a template is an .xlsx file")
        raise refuse("unknown-format", path=path, expected=".xlsx", hint=hint)
    units = roster_of(checked, roster)
    name = None if unit is None else _title_of(unit, units, lang)
    save_bytes(path, template(checked, roster=units, unit=name, lang=lang))


def roster_of(checked: CheckedCampaign, roster: object) -> Roster | None:
    """The campaign's own units, else those of a roster or of submitted data; None when nobody lists any."""
    declared = checked.campaign.units.roster
    if not isinstance(declared, str):
        return Roster(tuple(declared))
    if roster is None or isinstance(roster, Roster):
        return roster
    return take(checked, roster).roster


def _title_of(unit: str, roster: Roster | None, lang: str) -> str:
    """How the sheets name a unit that may be given by any of its names."""
    if roster is None:
        return unit
    known = unit_names(roster)
    if unit not in known:
        raise CampaignError(fault("unknown-unit-id", None, name=unit, hint=did_you_mean(unit, list(known))))
    title = roster.by_id[known[unit]].title
    return title.to(lang) if title and known.get(title.to(lang)) == known[unit] else known[unit]


def _write_lists(sheet: Worksheet, wanted: Asked) -> dict[str, str]:
    """The lists, one a column, on a sheet that is not shown; key → range of its words."""
    ranges = {}
    sheet.sheet_state = "hidden"
    for column, words in enumerate(wanted.lists, start=1):
        styles.put(sheet, 1, column, words.title, styles.HEADER)
        for row, word in enumerate(words.words, start=2):
            styles.put(sheet, row, column, word).number_format = TEXT_FORMAT
        letter = get_column_letter(column)
        if words.words:
            ranges[words.key] = (
                f"{quote_sheetname(sheet.title)}!{absolute_coordinate(f'{letter}2:{letter}{len(words.words) + 1}')}"
            )
    return ranges


# -- one table ----------------------------------------------------------------------------------------------------


@frozen(eq=False, repr=False)
class _Form:
    """The sheet of one table. `ranges`: where the words of each list stand; `rows`: how many may be filled in."""

    sheet: Worksheet
    table: Table
    checked: CheckedCampaign
    wanted: Asked
    ranges: Mapping[str, str]
    lang: str
    rows: int

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    @property
    def last(self) -> int:
        return HEADER + self.rows

    def write(self, unit: str | None) -> None:
        campaign = styles.clean(self.checked.campaign.title.to(self.lang), 100)
        styles.put(self.sheet, 1, 1, self._title(), styles.HEADING)
        styles.set_height(self.sheet, 1, 1, 16)
        self._head(unit)
        widths = dict.fromkeys(range(1, 7), 13.0)
        for index, column in enumerate(self.table.columns, start=1):
            self._column(index, column)
            widths[index] = max(_width(column), widths.get(index, 0) if index < 7 else 0)
        styles.set_widths(self.sheet, widths)
        tallest = max(styles.lines_in(one.heading, widths[i]) for i, one in enumerate(self.table.columns, start=1))
        styles.set_height(self.sheet, HEADER, min(tallest, 6))
        self._colour_rows()
        self.sheet.freeze_panes = f"{'B' if len(self.table.columns) > 7 else 'A'}{HEADER + 1}"
        styles.set_page(self.sheet, f"{campaign}  {self._title()}", HEADER, wide=len(self.table.columns) > _WIDE)

    def _title(self) -> str:
        """The table's title, put so that it is not taken for the heading of a column."""
        title = self.table.title
        return title if self.table.names.meant(title) is None else self.say(f"报送表：{title}", f"Table: {title}")

    # -- who fills it in, for when, on which day

    def _head(self, unit: str | None) -> None:
        units = self.wanted.units
        entries = (
            (unit, TEXT_FORMAT, self._unit_entry(units)),
            (None, TEXT_FORMAT, self._period_entry()),
            (None, DATE_FORMAT, self._date_entry()),
        )
        column = 1
        for (value, form, check), labels in zip(entries, _LABELS, strict=True):
            label = self._label(labels)
            if label is not None:
                styles.put(self.sheet, 2, column, label, styles.LABEL)
                styles.put(self.sheet, 2, column + 1, value, evolve(styles.ENTRY, format=form))
                check.add(f"{get_column_letter(column + 1)}2")
                self.sheet.add_data_validation(check)
                column += 2
        styles.set_height(self.sheet, 2, 1, 11)

    def _label(self, labels: tuple[str, ...]) -> str | None:
        """The first label that is no column's name: a table with such a column would take this row for its header."""
        chinese, english = labels[:-1], labels[-1:]
        for word in (*chinese, *english) if self.lang == "zh" else (*english, *chinese):
            label = f"{word}{self.say('：', ':')}"
            if self.table.names.meant(label) is None:
                return label
        return None

    def _unit_entry(self, units: Words | None) -> DataValidation:
        told = self.say("哪个单位填报这张表", "which unit fills in this table")
        if units is None or units.key not in self.ranges:
            return _prompted(DataValidation(), self.say("填报单位", "Reporter"), told)
        check = DataValidation(type="list", formula1=self.ranges[units.key], allow_blank=True)
        return _prompted(
            check, self.say("填报单位", "Reporter"), told, self.say("请从下拉列表中选", "choose from the list")
        )

    def _period_entry(self) -> DataValidation:
        told = self.say(
            "这张表报的是哪个时期，如 2023年6月、2023年第2季度", "the period reported on, as 2023-06 or 2023Q2"
        )
        return _prompted(DataValidation(), self.say("报告期", "Period"), told)

    def _date_entry(self) -> DataValidation:
        told = self.say("报出这张表的日期，如 2023-07-03", "the day of submission, as 2023-07-03")
        check = DataValidation(type="date", operator="between", formula1="1", formula2=str(_LAST_DAY), allow_blank=True)
        return _prompted(check, self.say("填报日期", "Date"), told, self.say("请填日期", "write a date"))

    # -- columns

    def _column(self, index: int, column: Column) -> None:
        header = styles.REQUIRED_HEADER if column.required else styles.HEADER
        styles.put(self.sheet, HEADER, index, column.heading, header)
        model = styles.put(self.sheet, HEADER + 1, index, None, _look(column))
        for row in range(HEADER + 2, self.last + 1):
            styles.like(self.sheet.cell(row, index), model)
        letter = get_column_letter(index)
        styles.like(self.sheet.column_dimensions[letter], model)  # for rows that people add below
        check = self._check(column)
        check.add(f"{letter}{HEADER + 1}:{letter}{self.last}")
        self.sheet.add_data_validation(check)

    def _check(self, column: Column) -> DataValidation:
        """What a spreadsheet lets people enter, and what it tells them when they come to a cell."""
        rules: dict[str, Any] = {"allow_blank": True}
        if column.words is not None and column.kind == "word" and column.words.key in self.ranges:
            rules |= {"type": "list", "formula1": self.ranges[column.words.key]}
        elif column.kind in _BETWEEN:
            kind, low, high = _BETWEEN[column.kind]
            rules |= {"type": kind, "operator": "between", "formula1": str(low), "formula2": str(high)}
        told = "\n".join(self._told(column))
        return _prompted(DataValidation(**rules), column.title, told, self._refusal(column))

    def _told(self, column: Column) -> Iterable[str]:
        must = self.say("必填", "required") if column.required else self.say("可不填", "may be empty")
        yield must + self.say("，", ", ") + notes.kind_in_words(column, self.lang)
        if column.kind == "date":
            period = self.checked.campaign.period
            yield self.say(
                f"如 2023-05-15；活动期间 {period.from_} 至 {period.to}",
                f"as 2023-05-15; the campaign runs from {period.from_} to {period.to}",
            )
        if column.unique:
            yield self.say("不得重复", "no two rows alike")
        if column.note:
            yield column.note
        if column.kind == "tags" and column.words:
            yield self.say("可填：", "words: ") + "、".join(column.words.words)

    def _refusal(self, column: Column) -> str:
        words = {
            "word": self.say("请从下拉列表中选", "choose from the list"),
            "date": self.say("请填日期，如 2023-05-15", "write a date, as 2023-05-15"),
            "number": self.say("请只填数字", "write a number only") + self._in_measure(column),
            "whole": self.say("请填整数", "write a whole number") + self._in_measure(column),
        }
        return words.get(column.kind, "")

    def _in_measure(self, column: Column) -> str:
        return self.say(f"，单位：{column.measure}", f", in {column.measure}") if column.measure else ""

    # -- colours that come with what is filled in

    def _colour_rows(self) -> None:
        """Rows that hold anything get lines around their cells; required cells of such rows show until filled."""
        end = get_column_letter(len(self.table.columns))
        first = HEADER + 1
        begun = f"COUNTA($A{first}:${end}{first})>0"
        for index, column in enumerate(self.table.columns, start=1):
            if column.required:
                letter = get_column_letter(index)
                styles.when(
                    self.sheet,
                    f"{letter}{first}:{letter}{self.last}",
                    f"AND({begun},LEN(${letter}{first})=0)",
                    styles.NEEDED,
                )
        styles.when(self.sheet, f"A{first}:{end}{self.last}", begun)


_BETWEEN: Final[dict[Kind, tuple[str, int, int]]] = {
    "date": ("date", 1, _LAST_DAY),
    "number": ("decimal", -_MOST, _MOST),
    "whole": ("whole", -_MOST, _MOST),
}


def _look(column: Column) -> Look:
    """How the cells of a column look; numbers to the right, short words and dates in the middle."""
    if column.kind in ("number", "whole"):
        return Look(across="right", format=_number_format(column.decimals or 0))
    if column.kind == "date":
        return Look(across="center", format=DATE_FORMAT)
    words = column.words.words[:200] if column.words and column.kind == "word" else ()
    short = bool(words) and max(map(width_of, words)) <= _SHORT
    return Look(
        format=TEXT_FORMAT,
        across="center" if short else "left",
        wrap=column.kind != "word",
        shrink=column.kind == "word",
    )


def _number_format(decimals: int) -> str:
    """Two decimals are shown, further ones where there are any; points stand one below the other."""
    if decimals > 8:
        return "General"
    return "0" + ("." if decimals else "") + "0" * min(decimals, 2) + "?" * (decimals - 2)


def _width(column: Column) -> float:
    """As wide as its longest word, or half its heading, which may take two lines."""
    heading = styles.width_for([column.heading]) / 2 + 4
    words = styles.width_for(column.words.words[:200]) if column.words and column.kind == "word" else 0
    least = {"date": 13.0, "number": 12.0, "whole": 10.0, "tags": 22.0}.get(column.kind, 10.0)
    if column.kind == "text":
        least = 16.0 if column.unique else 24.0
    return min(max(heading, min(words, 30), least), 40)


def _prompted(check: DataValidation, title: str, told: str, refusal: str = "") -> DataValidation:
    """The check with what it says, within what spreadsheets hold."""
    check.promptTitle, check.prompt = styles.clean(title, _PROMPT_TITLE), styles.clean(told, _PROMPT)
    check.showInputMessage = True
    if refusal:
        check.errorTitle, check.error = styles.clean(title, _PROMPT_TITLE), styles.clean(refusal, _ERROR)
        check.errorStyle, check.showErrorMessage = "stop", True
    return check

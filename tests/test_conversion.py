"""Cells as people and spreadsheets write them: each form with its exact value or the code of what is wrong with it."""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from campaignrules.intake import Limits, conversion, submission, take
from campaignrules.intake.conversion import CellError, Converter, Day, Number, Plain, Word, YesNo, read_columns
from campaignrules.intake.conversion.cells import ERRORS
from campaignrules.intake.conversion.numbers import shortest, without_noise
from campaignrules.intake.findings import FindingList
from campaignrules.intake.raw import ROW, Raw
from campaignrules.intake.sheets import Formats
from campaignrules.intake.tables import take_table
from campaignrules.quantities import UNITS, unscaled
from tests.test_intake import CHECKED, project

MONEY = Number(UNITS["亿元"], 4)
SHARE = Number(UNITS["%"], 2)
HEADCOUNT = Number(UNITS["人"], 0)
LONG = 2_500
"""More rows than are read by Python."""


def read(converter: Converter, cell):
    """A cell alone and in a long column of others: the same value, or the code of what is wrong with it."""
    found = []
    for cells in ([cell], [cell] * 3 + [None] * LONG):
        column = pl.Series("x", cells, strict=False) if cell is not None else pl.Series("x", cells, dtype=pl.String)
        value = conversion.convert(converter, column)[0]
        found.append(converter.fault(column.head(1)).code if value is None and cell is not None else value)
    assert found[0] == found[1]
    return found[0]


# -- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.5", "1234.5"), ("1,234.5", "1234.5"), ("１２３４．５", "1234.5"), ("１，２３４．５", "1234.5"), ("3.5亿", "3.5"),
        ("3.5 亿元", "3.5"), ("35000万", "3.5"), ("350000000元", "3.5"), ("+1", "1"), ("-1", "-1"), ("−1", "-1"), ("－1", "-1"),
        ("(1,234.5)", "-1234.5"), ("（1,234.5）", "-1234.5"), ("(5万元)", "-0.0005"), ("(5)万元", "-0.0005"), ("( 5 )", "-5"),
        ("1.2e3", "1200"), ("1.2E+3", "1200"), ("1e-4", "0.0001"), ("0.5000000000000", "0.5"), ("\u3000 7 \t", "7"), ("007", "7"),
        ("(-5)", "not-a-number"), ("(5", "not-a-number"), ("5)", "not-a-number"), ("()", "not-a-number"), ("(5万元)元", "not-a-number"),
        ("1,23", "not-a-number"), ("12,34.5", "not-a-number"), ("1 2", "not-a-number"), ("约5", "not-a-number"), ("5-6", "not-a-number"),
        ("(1,23)", "not-a-number"), ("nan", "not-a-number"), ("inf", "not-a-number"), ("1_000", "not-a-number"), ("0x1F", "not-a-number"),
        ("٣", "not-a-number"), ("5%", "wrong-unit"), ("5亿美元", "wrong-unit"), ("5 亩", "wrong-unit"), ("3.12345", "too-many-decimals"),
        ("1元", "too-many-decimals"), ("12e-6", "too-many-decimals"), ("100000000000000", "number-too-large"), ("1e400", "number-too-large"),
        ("(100000000000000)", "number-too-large"),
    ],
)  # fmt: skip
def test_every_form_of_a_number(cell, value):
    """Converted to the field's unit exactly, or named."""
    expected = int(Decimal(value).scaleb(4)) if value[-1].isdigit() else value
    assert read(MONEY, cell) == expected


@pytest.mark.parametrize(
    ("converter", "cell", "value"),
    [
        (SHARE, "12%", 1200), (SHARE, "12.34％", 1234), (SHARE, "12", 1200), (SHARE, "0.12倍", 1200), (SHARE, "5‰", 50),
        (HEADCOUNT, "12人", 12), (HEADCOUNT, "1.2万", 12_000), (HEADCOUNT, "12.0", 12), (HEADCOUNT, "12.5", "too-many-decimals"),
        (HEADCOUNT, 12.0, 12), (HEADCOUNT, 12.5, "too-many-decimals"), (HEADCOUNT, 1e300, "number-too-large"),
    ],
)  # fmt: skip
def test_a_number_has_the_unit_of_its_field(converter, cell, value):
    """Percentages, people; the unit may stand inside the cell."""
    assert read(converter, cell) == value


@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("converter", [MONEY, Day(), YesNo(), Word({"a": "a"}), Plain(), conversion.Tags({"a": "a"})])
def test_what_a_failed_formula_shows_is_no_value_of_any_field(converter, error):
    """It is named as such, in text, too."""
    assert read(converter, error) == "cell-error"
    assert read(converter, f" {error} ") == "cell-error"


floats = st.floats(allow_nan=False, allow_infinity=False)
amounts = st.builds(lambda n, p: float(Decimal(n).scaleb(-p)), st.integers(-(10**17), 10**17), st.integers(0, 8))
sums = st.builds(lambda a, b: a + b, *[st.decimals(-9999, 9999, places=4).map(float)] * 2)


@given(st.lists(floats | amounts | sums, min_size=1, max_size=20), st.integers(-8, 22))
@example([0.1 + 0.2, 1 / 3, -0.0, 2.0**53, 36.4817, 1e22, 5e-324], 4)
def test_a_float_counts_as_the_shortest_decimal_that_shows_it(cells, places):
    """Below 15 digits the fast way is the exact one: it gives the decimal of `repr` whenever that fits, and no other."""
    for x, n in zip(cells, shortest(pl.Series(cells), places).to_list(), strict=True):
        shown = Decimal(repr(x)).scaleb(places)
        fits = shown == shown.to_integral_value() and abs(shown) < 10**15 and abs(x) < 10**15
        assert n == (int(shown) if fits else None), x


@given(st.lists(floats | amounts | sums, min_size=1, max_size=20), st.integers(-8, 15))
@example([0.1 + 0.2, 0.7999999999999999, 9.999999999999998, 1.0000000000000002], 4)
def test_a_float_without_noise_is_its_first_fifteen_digits(cells, places):
    """Whatever the fast way gives is what a spreadsheet shows."""
    for x, n in zip(cells, without_noise(pl.Series(cells), places).to_list(), strict=True):
        if n is not None:
            assert unscaled(n, places) == Decimal(f"{x:.15g}"), x


@given(
    st.lists(sums | amounts | st.none(), min_size=1, max_size=20),
    st.sampled_from(["元", "万元", "亿元"]),
    st.integers(0, 4),
)
@example([757921907406203.4, 0.1 + 0.2, None, 1e16], "亿元", 0)
@example([757921907406203.4, 1e16, 0.5], "元", 4)
def test_a_column_of_floats_is_read_as_each_of_them_alone(cells, header, decimals):
    """By the rule written down: the shortest decimal if it fits, else the 15 digits if they fit, else nothing."""
    number = Number(UNITS["亿元"], decimals, UNITS[header])
    column = pl.Series("x", cells, dtype=pl.Float64)
    (found,) = read_columns([(number, column)])
    values, noisy = [], 0
    for x in cells:
        tried = [] if x is None else [Decimal(repr(x)), Decimal(f"{x:.15g}")]
        whole = [d.scaleb(number.places) for d in tried]
        fitting = [int(d) for d in whole if d == d.to_integral_value() and abs(d) < 10**18]
        values.append(fitting[0] if fitting else None)
        noisy += bool(fitting) and whole[0] != fitting[0]
    assert found.typed.to_list() == values
    assert sum(note.count for note in found.notes if note.code == "float-noise") == noisy
    as_text = pl.Series("x", [None if x is None else repr(x) for x in cells], dtype=pl.String)
    assert conversion.convert(number, as_text).to_list() == values


@given(
    st.lists(
        st.none() | st.decimals(-99999, 99999, places=4).map(str) | st.integers(-(10**19), 10**19).map(str), max_size=9
    )
)
def test_plain_numbers_of_a_long_column_are_exactly_what_is_written(cells):
    """Though the engine reads them as floats on the way."""
    (found,) = read_columns([(MONEY, pl.Series("x", cells + ["1.5"] * LONG, dtype=pl.String))])
    wanted = [None if cell is None else int(Decimal(cell).scaleb(4)) for cell in cells]
    assert found.typed.to_list()[: len(cells)] == [n if n is None or abs(n) < 10**18 else None for n in wanted]
    assert not found.notes


@pytest.mark.parametrize("odd", ["1.5e2", "0.1234000000000000000", "x", "1,000"])
def test_one_odd_cell_changes_nothing_for_the_others(odd):
    """Thousands of different numbers are read alike, whether or not one among them cannot be read the fast way."""
    plain = [f"{i}.{i % 7}" for i in range(8_000)] + [f" {i}.5 " for i in range(8_000)]
    (found,) = read_columns([(MONEY, pl.Series("x", [*plain, odd], dtype=pl.String))])
    assert found.typed.to_list()[:-1] == [int(Decimal(text.strip()).scaleb(4)) for text in plain]
    assert found.typed[-1] == conversion.convert(MONEY, pl.Series("x", [odd]))[0]
    assert [(note.code, note.count, note.first) for note in found.notes] == (
        [("written-otherwise", 1, len(plain))] if odd in ("1.5e2", "1,000") else []
    )


# -- dates --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "date"),
    [
        *[(form, "2023-05-15") for form in (
            "2023-05-15", "2023-5-15", "2023/5/15", "2023.5.15", "2023年5月15日", "2023 年 5 月 15 日".replace("3 年", "3年"), "20230515",
            "2023-05-15 00:00:00", "2023/5/15 00:00:00", "２０２３年５月１５日", "45061", "45061.0", 45061, 45061.0, 20230515, 20230515.0)],
        ("20000", "1954-10-03"), (109574, "2199-12-31"), ("19999", "not-a-date"), (109575, "not-a-date"), (45061.5, "not-a-date"),
        ("45061.5", "not-a-date"), ("2023-02-29", "not-a-date"), ("2023-05-15 09:30", "not-a-date"), ("2023- 5-15", "not-a-date"),
        ("+2023-5-15", "not-a-date"), ("5月15日", "not-a-date"), ("2023年5月", "not-a-date"), (float("nan"), "not-a-date"),
        (dt.date(2023, 5, 15), "2023-05-15"), (-1, "not-a-date"), (1e300, "not-a-date"),
    ],
)  # fmt: skip
def test_every_form_of_a_date(cell, date):
    """Day numbers count from 30 December 1899."""
    assert read(Day(), cell) == (dt.date.fromisoformat(date) if date[0].isdigit() else date)


def test_dates_of_other_years_than_the_first_ones_are_read_alike():
    """What stands at the top of a long column is only a hint."""
    top = ["2023-05-15"] * 300 + [None] * LONG
    odd = ["1999-02-28", "2023-02-29", "2023-2-1", " 2023-02-01 ", "45061", "9999-12-31", "0000-01-01", "", "2023-05-1"]
    (found,) = read_columns([(Day(), pl.Series("x", top + odd))])
    assert found.typed.to_list()[len(top) :] == [
        read(Day(), c) if isinstance(read(Day(), c), dt.date) else None for c in odd
    ]
    assert sorted((n.code, n.count, n.first - len(top)) for n in found.notes) == [
        ("serial-dates", 1, 4), ("written-otherwise", 2, 2),
    ]  # fmt: skip
    far = pl.Series("x", ["0001-01-01", "9999-12-31", "0000-01-01"] + ["2023-05-15"] * LONG)
    assert conversion.convert(Day(), far).head(4).to_list() == [dt.date.min, dt.date.max, None, dt.date(2023, 5, 15)]


def test_day_numbers_may_count_from_another_day():
    """Workbooks of some programs count from 1904."""
    later = Day(dt.date(1904, 1, 1))
    assert read(later, 43599) == read(later, "43599") == dt.date(2023, 5, 15)


# -- text ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (" 甲 乙\u3000", "甲 乙"), ("3#厂房", "3#厂房"), ("#N/A见附件", "#N/A见附件"), (12.0, "12"), (3.5, "3.5"), (True, "true"),
        (123456789012345.0, "123456789012345"), (1e15, "digits-lost"), (-5.1e17, "digits-lost"), ("5.10104E+17", "digits-lost"), ("-3.306e+17", "digits-lost"),
        ("1e+300", "digits-lost"),
        ("510104202301010012", "510104202301010012"), ("2E15", "2E15"), ("1.5E+2", "1.5E+2"), ("a\x1fb", "not-text"),
    ],
)  # fmt: skip
def test_text_is_as_it_stands_unless_a_spreadsheet_has_lost_part_of_it(cell, value):
    """A long number in a numeric cell has lost its last digits; one that is text has not."""
    assert read(Plain(), cell) == value


@pytest.mark.parametrize("blank", conversion.BLANKS)
def test_every_blank_around_a_text_is_left_out(blank):
    """Also in a long column, whose bytes are looked at together first; nothing but blanks is no text."""
    assert read(Plain(), f"{blank}甲{blank}乙{blank}") == f"甲{blank}乙"
    assert read(Plain(), f"a{blank}") == "a"
    assert not conversion.filled(pl.Series([blank]))[0]
    assert not conversion.filled(pl.Series([blank] * LONG)).any()


@pytest.mark.parametrize("text", ["\x1c甲", "\x1f", "\x7f", "\u200b甲", "é甲", "一、甲"])
def test_what_is_no_blank_is_text_or_named_in_short_and_long_columns_alike(text):
    """Python takes some signs for blanks that the engine does not."""
    assert read(Plain(), text) == (text if "\x1f" not in text else "not-text")
    for size in (1, LONG):
        assert conversion.filled(pl.Series([text] * size)).all()


# -- what is noted ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, LONG])
@pytest.mark.parametrize(
    ("converter", "cells", "notes"),
    [
        (MONEY, ["1", "2.50", " 3 ", "-4"], []),
        (MONEY, ["1", "1,000", "5万", "1,000", "x"], [("written-otherwise", 3, 1)]),
        (MONEY, ["1", "0.30000000000000004", "1e2"], [("float-noise", 1, 1), ("written-otherwise", 1, 2)]),
        (Day(), ["2023-05-15", " 2023-05-16 ", None, ""], []),
        (Day(), ["2023-05-15", "45061", "2023/5/15", "45061", "2023.5.1"], [("serial-dates", 2, 1), ("written-otherwise", 2, 2)]),
        (YesNo(), ["是", "√", "no"], []),
        (Plain(), ["a", " b "], []),
    ],
)  # fmt: skip
def test_what_was_understood_though_not_written_plainly_is_counted(converter, cells, notes, size):
    """Exactly, with the place of the first one; the same in short and in long columns."""
    column = pl.Series("x", cells + ["1" if converter is MONEY else "2023-05-15"] * size, dtype=pl.String)
    (found,) = read_columns([(converter, column)])
    assert sorted((note.code, note.count, note.first) for note in found.notes) == notes


def test_floats_that_are_day_numbers_or_noisy_are_counted():
    """In columns that are floats throughout."""
    days = pl.Series([None, 45061.0, 45062.0, 20230515.0])
    money = pl.Series([1.5, 0.1 + 0.2, 0.12345, 0.1 + 0.7])
    found = read_columns([(Day(), days), (MONEY, money)])
    assert [(note.code, note.count, note.first) for one in found for note in one.notes] == [
        ("serial-dates", 2, 1), ("written-otherwise", 1, 3), ("float-noise", 2, 1),
    ]  # fmt: skip
    assert found[1].typed.to_list() == [15_000, 3_000, None, 8_000]


# -- columns together ---------------------------------------------------------------------------------------------

CELL = st.none() | st.text(" 0123456789.,-+eE%万亿元年月日/()#是一\t\u3000\x1f", max_size=8) | st.sampled_from(
    ["2023-05-15", "45061", "0.30000000000000004", "1e2", "(5)", "#N/A", "甲县", "1.0E+17", "5%", "一"]
)  # fmt: skip
CONVERTERS = [
    MONEY,
    SHARE,
    HEADCOUNT,
    Day(),
    YesNo(),
    Plain(),
    Word({"甲县": "a", "一": "b"}),
    conversion.Tags({"一": "b"}),
]


@given(st.lists(CELL, min_size=1, max_size=6))
def test_a_cell_is_read_alone_as_in_a_long_column_among_others(cells):
    """Values and notes, for every kind of field, however many columns are read together."""
    column = pl.Series("x", cells, dtype=pl.String)
    long = pl.concat([column, pl.Series("x", [None] * LONG, dtype=pl.String)])
    together = read_columns([(converter, long) for converter in CONVERTERS])
    for converter, found in zip(CONVERTERS, together, strict=True):
        alone = [conversion.convert(converter, column.slice(i, 1)).to_list()[0] for i in range(len(cells))]
        assert found.typed.to_list() == alone + [None] * LONG
        assert found.typed.dtype == converter.dtype
        (short,) = read_columns([(converter, column)])
        assert sorted(n.code for n in short.notes) == sorted(n.code for n in found.notes)
        assert {(n.code, n.count, n.first) for n in short.notes} == {(n.code, n.count, n.first) for n in found.notes}


def test_errors_of_cells_carry_codes_only():
    """A converter raises nothing else."""
    for converter in CONVERTERS:
        with pytest.raises(CellError):
            converter.value("?" * 5000 + "\x1f")


# -- tables -------------------------------------------------------------------------------------------------------


def taken(columns, formats, letters=True):
    """The findings and the table of a sheet 表1 with its header in row 3."""
    good = {"id": ["P1", "P2", "P3"], "unit": ["甲县"] * 3, "investment": [1.5] * 3, "origin": ["省内"] * 3}
    good = {**good, "signed_on": [dt.date(2023, 5, 15)] * 3, **columns}
    frame = pl.DataFrame({f"r{i}": cells for i, cells in enumerate(good.values())}, strict=False)
    raw = Raw(
        tuple(good), frame.with_columns(pl.Series([4, 5, 7], dtype=pl.Int64).alias(ROW)), "a.xlsx", (), "表1",
        tuple(range(1, len(good) + 1)) if letters else (), formats,
    )  # fmt: skip
    findings = FindingList(100)
    kind = submission.kind_of(CHECKED, "project", submission.unit_names(take(CHECKED, None).roster))
    table = take_table(kind, [raw], findings).table
    return findings.listed(), table.frame.select(table.columns["share"]).collect().to_series().to_list()


def test_the_faults_of_a_scanned_table_are_faults_only():
    """Notes on how cells are written are not made of the few rows that are looked at again."""
    table = pl.DataFrame([project(id="P1", investment="x", signed_on="2023/5/15"), project(id="P2")]).lazy()
    faults = take(CHECKED, {"project": table}).tables["project"].faults()
    assert [(fault.code, fault.row) for fault in faults] == [("not-a-number", 2)]


def test_findings_say_sheet_and_cell():
    """The address is that of the spreadsheet, not of the table."""
    found, _ = taken({"investment": ["x", "1", "1"]}, Formats())
    assert [(f.code, f.file, f.sheet, f.row, f.column, f.cell) for f in found] == [
        ("not-a-number", "a.xlsx", "表1", 4, "investment", "D4")
    ]
    found, _ = taken({"investment": ["x", "1", "1"]}, Formats(), letters=False)
    assert found[0].cell is None


def test_a_number_shown_as_a_percentage_is_what_is_shown():
    """0.5 shown as 50 % is 50 %; a cell beside it that is shown as a number is not."""
    percent = Formats(percent={6: frozenset((4, 5))})
    found, shares = taken({"share": [0.5, 0.07, 0.5]}, percent)
    assert (found, shares) == ((), [5000, 700, 50])
    found, shares = taken({"share": ["0.5", "7%", "0.5"]}, percent)
    assert ([f.code for f in found], shares) == (["written-otherwise"], [5000, 700, 50])
    found, shares = taken({"share": [0.123456, 0.5, 1.0]}, percent)
    assert ([(f.code, f.cell) for f in found], shares) == ([("too-many-decimals", "G4")], [5000, 100])
    assert taken({"investment": [1.5, 1.5, 1.5]}, Formats(percent={3: frozenset((4, 5))}))[0] == ()


def test_percentages_are_doubted_where_the_file_does_not_tell():
    """Only if no number is above 1, and only in columns of %."""
    silent = Formats(percent=None)
    found, shares = taken({"share": [0.5, 1.0, None]}, silent)
    assert ([(f.code, f.severity, f.column, f.sheet) for f in found], shares) == (
        [("percent-doubt", "warning", "share", "表1")], [50, 100, None],
    )  # fmt: skip
    for cells in ([0.5, 1.5, None], [0.0, 0.0, None], ["50%", "1%", None]):
        assert "percent-doubt" not in [f.code for f in taken({"share": cells}, silent)[0]]
    assert taken({"share": [0.5, 1.0, None]}, Formats())[0] == ()


def test_a_formula_whose_result_was_never_saved_is_not_an_empty_cell():
    """Its row is set aside, also where nothing has to stand; a formula with a result is a value."""
    unsaved = Formats(unsaved={6: frozenset((4, 7)), 3: frozenset((5,))})
    found, shares = taken({"share": [None, 1.0, 2.0], "investment": [1.5, None, 1.5]}, unsaved)
    assert [(f.code, f.row, f.column, f.cell, f.set_aside) for f in found] == [
        ("formula-without-value", 4, "share", "G4", True), ("formula-without-value", 5, "investment", "D5", True),
    ]  # fmt: skip
    assert shares == [200]


def test_notes_of_a_column_say_how_many_and_where_the_first_is():
    """Once for a column, and no row is set aside."""
    found, _ = taken({"investment": ["1", "3万", "2万"], "signed_on": ["2023-05-15", "45061", "2023-05-16"]}, Formats())
    assert [(f.code, f.severity, f.row, f.cell, f.value, f.set_aside) for f in found] == [
        ("written-otherwise", "note", 5, "D5", "3万", False), ("serial-dates", "note", 5, "F5", "45061", False),
    ]  # fmt: skip
    assert found[0].message.en == "cells not written plainly, but understood: 2; the first is 3万"
    assert found[1].message.en == "dates written as day numbers: 1; the first, 45061, is 2023-05-15"


def test_a_repeated_row_says_where_the_first_one_stands():
    """In the same table the row, in another one the file, too."""
    one = [project(), project(id="P2"), project(), project(id="P2", investment="9")]
    found = take(CHECKED, {"project": one}).findings
    assert [f.message.en for f in found] == [
        "the whole row is alike to row 2",
        "P2 occurs in row 3 with other contents",
    ]
    many = take(CHECKED, {"project": one * 600}, Limits(findings=3)).findings
    assert [f.row for f in many] == [4, 5, 6, None]


def test_a_repeated_row_in_another_file_says_which(tmp_path):
    """The file by the name that findings have for it."""
    text = ",".join(project()) + "\n" + ",".join(project().values()) + "\n"
    for name in ("project_1.csv", "project_2.csv"):
        (tmp_path / name).write_text(text, "utf-8")
    (found,) = take(CHECKED, tmp_path).findings
    assert (found.file, found.message.zh) == ("project_2.csv", "整行与“project_1.csv”第 2 行重复")

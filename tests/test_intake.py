"""Intake: what is submitted in any form becomes the same typed table, and whatever cannot be read is named."""

import datetime as dt
import gc
import io
import time
import weakref
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignrules import checker, source
from campaignrules.errors import CampaignError
from campaignrules.intake import FINDINGS, Limits, Submission, conversion, delimited, take
from campaignrules.quantities import UNITS
from campaignrules.structure import structure

HERE = Path(__file__).parent / "intake"
CASES = sorted(path for path in HERE.iterdir() if path.is_dir())
NOON = dt.datetime(2023, 5, 15, 12)  # noqa: DTZ001  what spreadsheets hold has no time zone
YAML = (HERE / "campaign.yaml").read_text("utf-8")


def checked(text: str):
    """The checked form of a campaign's text."""
    return checker.check(structure(source.read(text.encode(), name="campaign.yaml")))


CHECKED = checked(YAML)
OPEN = checked(YAML[: YAML.index("  roster:")] + "  roster: submitted\n" + YAML[YAML.index("vocabularies:") :])
RULELESS = checked(YAML[: YAML.index("    rules:")] + YAML[YAML.index("metrics:") :])


def shown(submission: Submission) -> str:
    """A submission as text: findings, counts, and the rows that count."""
    lines = []
    for one in submission.findings:
        place = " ".join(str(part) for part in (one.file, one.row, one.column, one.value) if part is not None)
        aside = "!" if one.set_aside else " "
        lines.append(f"{aside} {one.code} [{one.record}] {place}: {one.message.zh} / {one.message.en}")
    for count in submission.counts.values():
        lines.append(f"= {count.record}: read {count.read}, set aside {count.set_aside}")
        lines += [
            "  " + "; ".join(f"{k} {cell(v)}" for k, v in row.items() if v is not None)
            for row in rows(submission, count)
        ]
    return "\n".join(lines) + "\n"


def rows(submission, count):
    """The rows of a counted table."""
    return submission.rows(count.record)


def cell(value):
    """A value as text that does not depend on its form."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return (
        "、".join(sorted(value))
        if isinstance(value, frozenset)
        else repr(value)
        if isinstance(value, str)
        else str(value)
    )


def project(**changes):
    """A good row with changes."""
    good = {"id": "P1", "unit": "甲县", "investment": "3.5", "origin": "省内", "signed_on": "2023-05-15"}
    return {**good, **changes}


def codes(data, campaign=CHECKED, **limits):
    """The codes found in `data`."""
    return [found.code for found in take(campaign, data, Limits(**limits)).findings]


def reason(data, **limits) -> str:
    """The code of the error that `data` as a whole is refused with."""
    with pytest.raises(CampaignError) as caught:
        take(CHECKED, data, Limits(**limits))
    return caught.value.diagnostics[0].code


# -- files as they come -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_a_folder_gives_exactly_these_findings_and_rows(folder):
    """Each folder holds files as people write them and, in expected.out, everything that comes of them."""
    assert shown(take(CHECKED, folder)) == (folder / "expected.out").read_text("utf-8")


@pytest.mark.parametrize("folder", CASES, ids=lambda path: path.name)
def test_short_tables_are_read_by_python_as_the_engine_reads_long_ones(folder, monkeypatch):
    """With everything counted as long, the same findings and rows come of each folder."""
    monkeypatch.setattr(conversion, "_FEW", -1)
    monkeypatch.setattr(delimited, "_SHORT", -1)
    assert shown(take(CHECKED, folder)) == (folder / "expected.out").read_text("utf-8")


WRITTEN = st.text(" 0123456789.,-+eE%万亿元年月日/是否YESyes甲县ａ一\t\u3000\x1c\x1f", max_size=9) | st.sampled_from(
    [
        "2023-05-15",
        "2023-02-30",
        " 2023-05-15 ",
        "2023/5/5",
        "0.500000000000",
        "1" * 19,
        "一县",
        "乙",
        "Ｂ",
        " B ",
        "true",
    ]
)


@given(st.lists(st.none() | WRITTEN, max_size=5))
def test_a_cell_is_read_alike_by_python_and_by_the_engine(cells):
    """The converters that read short columns by themselves give what they give for long ones."""
    words = conversion.word_table({"a": ("一县", "乙"), "B": (), "甲": ("甲县",)})
    number = conversion.Number(UNITS["万元"], 2)
    for converter in (number, conversion.Day(), conversion.YesNo(), conversion.Word(words)):
        column = pl.Series("x", cells, dtype=pl.String)
        with pytest.MonkeyPatch.context() as patch:
            short = conversion.convert(converter, column)
            patch.setattr(conversion, "_FEW", -1)
            assert short.to_list() == conversion.convert(converter, column).to_list()
            assert short.dtype == converter.dtype


def test_every_finding_is_said_in_both_languages_with_the_same_facts():
    """The table of findings is alphabetical and its sentences have the same placeholders."""
    assert list(FINDINGS) == sorted(FINDINGS)
    for code, entry in FINDINGS.items():
        assert entry.zh.count("{") == entry.en.count("{"), code


def test_what_is_known_of_a_campaign_does_not_keep_it_alive():
    """What intake has worked out for a campaign goes when nobody has the campaign any more."""
    passing = checked(YAML)
    take(passing, {"project": [project()]})
    gone = weakref.ref(passing)
    del passing
    gc.collect()
    assert gone() is None


def test_nothing_submitted_is_no_table():
    """None and an empty mapping submit nothing; an empty list submits a table without rows."""
    assert not take(CHECKED, None).tables
    assert not take(CHECKED, {"project": None}).tables
    empty = take(CHECKED, {"project": []})
    assert empty.tables["project"].height == 0
    assert not empty.findings
    assert empty.rows("project") == []
    assert empty.rows("figures") == []


@pytest.mark.parametrize(
    "name", ["project", "签约项目", "Signed Projects", "PROJECT", "签约项目（2）", "project-12", " 签约 项目 "]
)
def test_a_table_is_known_by_its_id_or_title(name):
    """Width, case, blanks, punctuation and a running number make no difference."""
    assert list(take(CHECKED, {name: [project()]}).tables) == ["project"]


@pytest.mark.parametrize(
    ("code", "data"),
    [
        ("not-a-submission", 5),
        ("not-a-submission", [project()]),
        ("not-a-table", {"project": 5}),
        ("not-a-table", {"project": b"x"}),
        ("not-a-row", {"project": ["x"]}),
        ("file-not-found", "no/such/folder"),
        ("file-not-found", {"project": Path("none.csv")}),
        ("unknown-format", {"project": "book.doc"}),
    ],
)
def test_what_is_no_submission_at_all_is_refused(code, data):
    """Only such data is raised; the error says what it is."""
    assert reason(data) == code


@pytest.mark.parametrize(
    ("code", "content"),
    [
        ("nul-in-file", b"id\0"),
        ("nul-in-file", "id".encode("utf-16-le")),
        ("unknown-encoding", b"\xff\xff\xff"),
        ("too-many-columns", b"," * 300),
        ("too-many-rows", b"id,unit\n" + b"1,2\n" * 20),
        ("too-many-rows", b'id,unit\n"1\n",2\n' + b"1,2\n" * 20),
        ("byte-limit", b"a" * 2000),
        ("csv-unreadable", b'id,unit\n"' + b"a" * 200_000),
    ],
)
def test_a_csv_file_beyond_the_limits_is_refused(tmp_path, code, content):
    """Size, rows, columns and encoding are looked at before anything is read."""
    file = tmp_path / "project.csv"
    file.write_bytes(content)
    assert reason({"project": file}, bytes=250_000 if code == "csv-unreadable" else 1000, rows=15) == code


def test_damaged_parquet_is_refused(tmp_path):
    """A file that only claims to be Parquet, and a scan of a file that is gone."""
    (tmp_path / "project.parquet").write_bytes(b"PAR1 no PAR1")
    assert reason(tmp_path / "project.parquet") == "file-unreadable"
    assert codes(tmp_path) == ["file-not-read"]
    assert reason({"project": pl.scan_parquet(tmp_path / "gone.parquet")}) == "file-unreadable"


# -- cells --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("3.5", 35_000), (" 3.50000 ", 35_000), ("３．５", 35_000), ("3.5亿元", 35_000), ("3.5亿", 35_000), ("35000万", 35_000),
        ("35,000 万元", 35_000), ("+1", 10_000), ("-1", -10_000), ("−1", -10_000), ("1e-4", 1), (".5", 5_000), ("5.", 50_000),
        (0.1, 1_000), (3, 30_000), (Decimal("1.5"), 15_000), (Decimal("1E+2"), 1_000_000), ("99999999999999", 999999999999990000),
        ("1.23456", "too-many-decimals"), ("1元", "too-many-decimals"), (1e-300, "too-many-decimals"), ("1e-999", "too-many-decimals"),
        ("100000000000000", "number-too-large"), ("1" * 39, "number-too-large"), (10**4000, "number-too-large"),
        (Decimal("1E+999999"), "number-too-large"), ("1e999", "number-too-large"),
        (float("nan"), "not-a-number"), (float("-inf"), "not-a-number"), ("1,23", "not-a-number"), ("1.2.3", "not-a-number"),
        ("一", "not-a-number"), ("1e9999", "not-a-number"), ("1e5000000", "not-a-number"), (True, "not-a-number"), ("1 2", "not-a-number"),
        ("9" * 5000, "not-a-number"), ({}, "not-a-number"), ("3.5万美元", "wrong-unit"), ("5%", "wrong-unit"), ("5亩", "wrong-unit"),
        ("", "missing-value"), ("　", "missing-value"), (None, "missing-value"),
    ],
)  # fmt: skip
def test_a_number_is_read_exactly_or_named(value, expected):
    """Numbers are whole multiples of the last declared decimal; nothing is rounded and nothing guessed."""
    taken = take(CHECKED, {"project": [project(investment=value)]})
    if isinstance(expected, str):
        assert [found.code for found in taken.findings] == [expected]
        assert taken.tables["project"].height == 0
    else:
        column = taken.tables["project"].columns["investment"]
        assert taken.tables["project"].frame.collect()[column].to_list() == [expected]
        assert {found.code for found in taken.findings} <= {"written-otherwise"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2023-05-15", 15), ("2023/5/15", 15), ("2023.5.15", 15), ("2023年5月15日", 15), ("2023年05月15号", 15), ("20230515", 15),
        ("２０２３年５月１５日", 15), ("2023-05-15 00:00:00", 15), (dt.date(2023, 5, 15), 15), (NOON.replace(hour=0), 15),
        ("2023-02-29", None), ("2023-13-01", None), ("0000-01-01", None), ("2023-05", None), ("15/05/2023", None), ("2023-5/15", None),
        ("2023-05-15 09:30", None), (NOON, None), (45061, 15), (45061.0, 15), ("45061", 15), (45061.5, None), (19999, None), ("5月15日", None),
        ("2023515", None),
    ],
)  # fmt: skip
def test_a_date_is_read_or_named(value, expected):
    """Dates as people write them; a day that is not in the calendar is no date, and neither is a time of day."""
    taken = take(CHECKED, {"project": [project(signed_on=value)]})
    if expected is None:
        assert [found.code for found in taken.findings] == ["not-a-date"]
    else:
        assert [row["signed_on"] for row in taken.rows("project")] == [dt.date(2023, 5, expected)]


def test_a_title_may_hold_what_separates_tags():
    """The longest title wins; each word is there once."""
    given_tags = [
        "食品饮料（预制菜、酒水）、医药、food",
        "health;food，医药",
        ["food", "医药"],
        "食品饮料(预制菜、酒水)",
        "",
        [],
    ]
    data = [project(id=f"P{i}", tracks=tags) for i, tags in enumerate(given_tags)]
    both = frozenset({"food", "health"})
    assert [row["tracks"] for row in take(CHECKED, {"project": data}).rows("project")] == [
        both, both, both, frozenset({"food"}), None, None,
    ]  # fmt: skip
    assert codes({"project": [project(tracks="、、")]}) == ["unknown-word"]


def test_a_word_that_is_nearly_right_is_suggested():
    """The finding says which word may be meant, in both languages."""
    (found,) = take(CHECKED, {"project": [project(unit="甲县城")]}).findings
    assert "甲县？" in found.message.zh
    assert "did you mean 甲县?" in found.message.en


def test_control_characters_and_long_cells_are_shown_harmlessly():
    """What a finding quotes is printable and short."""
    taken = take(CHECKED, {"project": [project(unit="\x1b[31m" + "长" * 500), project(unit="\ud800")]})
    quoted = [found.value or "" for found in taken.findings]
    assert all(text.isprintable() and len(text) <= 80 for text in quoted)
    assert quoted[0].startswith("␛[31m")


@pytest.mark.parametrize(
    ("field", "cell"),
    [
        ("signed_on", "2023年1月1" + " " * 4000 + "x"),
        ("investment", "1" * 4000 + " x y"),
        ("unit", "ab" * 2000),
        ("unit", "ab" * 35),
    ],
)
def test_long_cells_of_every_row_are_named_quickly(field, cell):
    """Hundreds of long cells, each different, cost no more than reading them once."""
    table = [project(**{"id": str(i), field: f"{cell}{i}"}) for i in range(500)]
    start = time.thread_time()
    assert len(take(CHECKED, {"project": table}).findings) == 500
    assert time.thread_time() - start < 5


def test_an_object_that_is_no_cell_is_named_by_its_type():
    """A dictionary is not quietly the text of a dictionary."""
    (found,) = take(CHECKED, {"project": [project(id={"a": 1})]}).findings
    assert (found.code, found.value) == ("not-text", "<dict>")


# -- rows ---------------------------------------------------------------------------------------------------------


def test_a_row_with_several_faults_is_set_aside_once():
    """Each fault is named; the row counts once."""
    taken = take(CHECKED, {"project": [project(unit="?", investment="?", signed_on="?"), project()]})
    assert [found.code for found in taken.findings] == ["unknown-unit", "not-a-number", "not-a-date"]
    assert (taken.counts["project"].read, taken.counts["project"].set_aside) == (2, 1)


def test_only_so_many_findings_are_listed():
    """The rest is counted, and the counts of rows stay exact."""
    taken = take(CHECKED, {"project": [project(investment="x", unit="y")] * 5000}, Limits(findings=10))
    assert len(taken.findings) == 11
    assert taken.findings[-1].message.en == "9990 more findings are not listed"
    assert taken.counts["project"].set_aside == 5000


def test_a_key_is_free_again_when_its_first_row_is_set_aside():
    """A corrected second row counts."""
    taken = take(CHECKED, {"project": [project(investment="x"), project()]})
    assert [found.code for found in taken.findings] == ["not-a-number"]
    assert len(taken.rows("project")) == 1


def test_a_fields_column_is_there_though_it_was_not_submitted():
    """It is null, of the field's type; the rows have every field."""
    taken = take(CHECKED, {"project": [project()]})
    table = taken.tables["project"]
    assert {name: str(kind) for name, kind in table.frame.collect_schema().items()} == {
        "c0": "String", "c1": "String", "c2": "Int64", "c3": "Int64", "c4": "Int64", "c5": "String",
        "c6": "List(String)", "c7": "Boolean", "c8": "Date", "c9": "Date", "row": "Int64",
    }  # fmt: skip
    assert taken.rows("project") == [
        {"id": "P1", "unit": "jia", "investment": Decimal(350_000_000), "share": None, "jobs": None, "origin": "in_province",
         "tracks": None, "listed": None, "signed_on": dt.date(2023, 5, 15), "started_on": None}
    ]  # fmt: skip


# -- roster -------------------------------------------------------------------------------------------------------


def test_units_come_from_the_submitted_table():
    """Ids, titles, aliases, classes and parents; without an id the title is the id."""
    units = [
        {"编号": "shi", "名称": "某市"},
        {"编号": "jia", "名称": "甲县", "类别": "县区", "上级": "某市", "别名": "甲、甲区"},
        {"名称": "乙县"},
    ]
    taken = take(OPEN, {"units": units, "project": [project(unit="甲区"), project(id="P2", unit="乙县")]})
    assert [(u.id, u.class_, u.parent, u.aliases) for u in taken.roster.units] == [
        ("shi", None, None, ()), ("jia", "county", "shi", ("甲", "甲区")), ("乙县", None, None, ()),
    ]  # fmt: skip
    assert [row["unit"] for row in taken.rows("project")] == ["jia", "乙县"]
    assert not taken.findings


def test_faults_of_the_roster_are_named():
    """A circle of parents, a parent nobody listed, a unit twice, a class nobody declared, a line without a unit."""
    units = [
        {"id": "a", "parent": "b"}, {"id": "b", "parent": "a"}, {"id": "c", "parent": "zz"}, {"id": "a"},
        {"id": "d", "class": "planet"}, {"id": None, "class": "county"},
    ]  # fmt: skip
    taken = take(OPEN, {"units": units})
    assert sorted(found.code for found in taken.findings) == [
        "duplicate-unit", "missing-value", "parent-cycle", "unknown-class", "unknown-unit",
    ]  # fmt: skip
    assert [(unit.id, unit.parent) for unit in taken.roster.units] == [("a", None), ("b", None), ("c", None)]


def test_without_a_roster_the_units_are_those_seen():
    """The roster says that nobody declared it, and a finding does."""
    taken = take(OPEN, {"project": [project(unit=" 乙 "), project(id="P2", unit="甲"), project(id="P3", unit="乙")]})
    assert [unit.id for unit in taken.roster.units] == ["乙", "甲"]
    assert not taken.roster.declared
    assert [found.code for found in taken.findings] == ["roster-missing"]


# -- the same in every form ---------------------------------------------------------------------------------------

texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=8)
amounts = st.decimals(Decimal(-99999), Decimal(99999), places=4)
dates = st.dates(dt.date(1900, 1, 1), dt.date(2999, 12, 31))
projects = st.lists(
    st.fixed_dictionaries(
        {
            "id": texts,
            "unit": st.sampled_from(["甲县", "jia", "甲", "乙县", "丙县"]),
            "investment": amounts,
            "jobs": st.none() | st.integers(0, 10**6),
            "origin": st.sampled_from(["省内", "out_of_province", "国外"]),
            "listed": st.none() | st.booleans(),
            "signed_on": st.none() | dates,
            "started_on": st.none() | dates,
        }
    ),
    min_size=1,
    max_size=8,
)
SCHEMA: dict[str, Any] = {
    "id": pl.String, "unit": pl.String, "investment": pl.Decimal(18, 4), "jobs": pl.Int64, "origin": pl.String,
    "listed": pl.Boolean, "signed_on": pl.Date, "started_on": pl.Date,
}  # fmt: skip


def essence(data) -> tuple:
    """What must not depend on the form of the data."""
    taken = take(CHECKED, {"project": data})
    found = [(f.code, f.row, f.column, f.set_aside) for f in taken.findings]
    return found, taken.counts["project"], taken.rows("project"), taken.tables["project"].frame.collect().rows()


def as_text(row):
    """The row as a CSV file has it."""
    return {name: "" if value is None else str(value) for name, value in row.items()}


@given(projects)
def test_the_same_rows_give_the_same_table_in_every_form(tmp_path_factory, rows):
    """Rows, texts, CSV, Polars, pandas, Arrow and Parquet."""
    folder = tmp_path_factory.mktemp("forms")
    frame = pl.DataFrame(rows, schema=SCHEMA)
    frame.write_parquet(folder / "project.parquet")
    texts_frame = pl.DataFrame([as_text(row) for row in rows], schema=dict.fromkeys(SCHEMA, pl.String))
    quoted = texts_frame.write_csv(quote_style="always")
    (folder / "quoted.csv").write_text(quoted, encoding="utf-8", newline="")
    (folder / "plain.csv").write_text(texts_frame.write_csv(), encoding="utf-8-sig", newline="")
    pd.read_csv(io.StringIO(quoted), dtype=str, keep_default_na=False).to_csv(folder / "pandas.csv", index=False)
    expected = essence(rows)
    for form in (
        frame, [as_text(row) for row in rows], texts_frame, frame.to_pandas(), pd.DataFrame(rows), frame.to_arrow(),
        folder / "project.parquet", folder / "quoted.csv", folder / "plain.csv", folder / "pandas.csv",
    ):  # fmt: skip
        assert essence(form) == expected, type(form)


@given(projects)
def test_a_scanned_table_gives_the_same_rows_and_faults(rows):
    """All but repeated keys, which a stream is not searched for."""
    rows = [{**row, "id": f"{row['id']}{i}"} for i, row in enumerate(rows)]
    scanned = take(CHECKED, {"project": pl.DataFrame(rows, schema=SCHEMA).lazy()})
    whole = take(CHECKED, {"project": rows})
    table = scanned.tables["project"]
    assert scanned.rows("project") == whole.rows("project")
    named = [(f.code, f.row, f.column) for f in whole.findings if f.code != "outside-period"]
    assert [(f.code, f.row, f.column) for f in table.faults()] == named
    assert [found.code for found in scanned.findings] == ["keys-not-checked"]


@pytest.mark.parametrize("cell", [" P1", "P1\u3000", " ", "\u3000", "P1\x1fP2"])
def test_scanned_text_is_freed_of_blanks_like_any_other(cell):
    """Blanks around text do not make another text of it, and nothing but blanks is missing, in a stream too."""
    table = [project(id=cell), project(id="P2")]
    scanned = take(CHECKED, {"project": pl.DataFrame(table).lazy()})
    assert scanned.rows("project") == take(CHECKED, {"project": table}).rows("project")


# -- programs -----------------------------------------------------------------------------------------------------


def exact(**changes):
    """A frame that needs no conversion at all."""
    columns = {
        "id": ["P1", "P2"], "unit": ["jia", "yi"], "investment": pl.Series([Decimal("1.5"), Decimal(2)], dtype=pl.Decimal(18, 4)),
        "jobs": [1, 2], "origin": ["in_province"] * 2, "signed_on": [dt.date(2023, 5, 15)] * 2,
    }  # fmt: skip
    return pl.DataFrame({**columns, **changes})


def test_columns_that_fit_are_not_copied():
    """Whole numbers and dates of a frame are the very same buffers afterwards."""
    frame = exact()
    table = take(CHECKED, {"project": frame}).tables["project"]
    typed = table.frame.collect()
    for name in ("jobs", "signed_on"):
        before, after = frame[name].to_arrow(), typed[table.columns[name]].to_arrow()
        assert before.buffers()[1].address == after.buffers()[1].address, name


def test_a_clean_scan_needs_no_condition(tmp_path):
    """One pass has shown that every row counts; the later ones do not look again."""
    exact().write_parquet(tmp_path / "project.parquet")
    taken = take(RULELESS, {"project": tmp_path / "project.parquet"}, Limits(scanned=0))
    table = taken.tables["project"]
    assert (table.height, table.valid, taken.counts["project"].read) == (None, None, 2)
    assert [row["investment"] for row in taken.rows("project")] == [Decimal(150_000_000), Decimal(200_000_000)]
    assert table.faults() == ()


def test_a_scan_without_a_required_column_counts_nothing():
    """One finding says so."""
    taken = take(CHECKED, {"project": exact().lazy().drop("investment")})
    assert "missing-column" in [found.code for found in taken.findings]
    assert taken.rows("project") == []


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ({"investment": pl.Series([2**63 - 1, 1])}, "number-too-large"),
        ({"investment": pl.Series([2**64 - 1, 1], dtype=pl.UInt64)}, "number-too-large"),
        ({"investment": pl.Series([Decimal("1.00001"), Decimal(1)], dtype=pl.Decimal(38, 5))}, "too-many-decimals"),
        ({"investment": [float("nan"), 1.0]}, "not-a-number"),
        ({"investment": [0.00001, 1.0]}, "too-many-decimals"),
        ({"jobs": [1.5, 2.0]}, "too-many-decimals"),
        ({"signed_on": [NOON, NOON.replace(hour=0)]}, "not-a-date"),
        ({"signed_on": pl.Series([10**8, 0], dtype=pl.Int32).cast(pl.Date)}, "not-a-date"),
        ({"unit": pl.Series(["bing", "yi"], dtype=pl.Categorical)}, "unknown-unit"),
        ({"origin": pl.Series(["elsewhere", "省内"], dtype=pl.Enum(["elsewhere", "省内"]))}, "unknown-word"),
        ({"signed_on": pl.Series([2**62, 0]).cast(pl.Datetime("ms", "UTC"))}, "not-a-date"),
        ({"id": [{"a": 1}, {"a": 2}]}, "not-text"),
        ({"unit": [b"jia", b"yi"]}, "unknown-unit"),
    ],
)
def test_a_frame_of_any_type_is_checked_like_text(column, code):
    """In memory and scanned; the row with the fault is set aside, the other one stays unless it has the same."""
    frame = exact(**column)
    assert next(found for found in codes({"project": frame}) if found != "outside-period") == code
    scanned = take(CHECKED, {"project": frame.lazy()})
    assert scanned.tables["project"].faults()[0].code == code
    assert len(scanned.rows("project")) == len(take(CHECKED, {"project": frame}).rows("project")) < 2


@pytest.mark.parametrize("table", ["figures", "units", "project"])
def test_a_scan_that_fails_when_it_is_read_is_refused(table):
    """A lazy frame that cannot be computed is refused as unreadable, whichever table it stands for."""
    fails = pl.LazyFrame({"id": ["甲县"]}).with_columns(pl.col("id").str.to_integer())
    with pytest.raises(CampaignError) as caught:
        take(OPEN, {table: fails})
    assert caught.value.diagnostics[0].code == "table-unreadable"


def test_a_scanned_roster_is_checked_like_any_other():
    """Units of a lazy frame are set aside for the same faults, and counted, as those of a table in memory."""
    units = pl.DataFrame({"id": ["jia", "yi"], "class": ["county", "village"]})
    scanned, held = take(OPEN, {"units": units.lazy()}), take(OPEN, {"units": units})
    assert [unit.id for unit in scanned.roster.units] == [unit.id for unit in held.roster.units] == ["jia"]
    assert [found.code for found in scanned.findings] == [found.code for found in held.findings] == ["unknown-class"]


def test_objects_that_raise_are_refused():
    """Whatever a foreign object does, the caller sees our error."""

    class Broken:
        def __arrow_c_stream__(self, requested_schema=None):
            raise MemoryError(requested_schema)

    assert reason({"project": Broken()}) == "table-unreadable"


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_taken_in_quickly():
    """Column by column, not row by row; generous, for slow machines."""
    rows = pl.DataFrame([project(id=f"P{i}", investment=f"{i % 977}.{i % 10}") for i in range(100_000)])
    taken = take(CHECKED, {"project": rows.with_columns(pl.col("investment") + "亿元")})
    assert taken.counts["project"].set_aside == 0
    assert taken.tables["project"].height == 100_000


@given(
    st.lists(st.lists(st.text(max_size=12), max_size=5), max_size=6), st.sampled_from(["project", "figures", "units"])
)
def test_whatever_a_csv_file_holds_ends_in_findings_or_our_error(tmp_path_factory, cells, table):
    """Random cells, quotes, separators and line breaks never raise anything else, and the counts add up."""
    file = tmp_path_factory.mktemp("fuzz") / f"{table}.csv"
    head = "项目编号,责任单位,协议投资额,投资来源,签约日期\n"
    file.write_bytes((head + "\n".join(",".join(row) for row in cells)).encode("utf-8", "replace"))
    try:
        taken = take(OPEN, file.parent)
    except CampaignError:
        return
    for count in taken.counts.values():
        assert 0 <= count.set_aside <= count.read
        assert len(taken.rows(count.record)) == count.read - count.set_aside

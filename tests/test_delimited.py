"""Text files as sheets: the same cells in every encoding, with every separator, line end and way of quoting."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaignrules.errors import CampaignError
from campaignrules.intake import Limits, delimited
from campaignrules.intake.delimited import RAGGED, sheet_of

TABLE = [["编号", "名称", "数额"], ["1", "甲县", "3.5"], ["2", "乙县", ""], ["", "", "7"]]


def written(rows, separator=",", end="\n"):
    """Rows without quotes."""
    return "".join(separator.join(row) + end for row in rows)


def cells(data, label="x.csv", limits=Limits(), **stated):  # noqa: B008  frozen
    """All lines of a file: the number and the cells of each."""
    lines = sheet_of(data, label, limits, **stated).cells
    frame, rows = lines.below(0)
    return [(n, row) for n, row in zip(rows.to_list(), frame.rows(), strict=True)]


def refused(data, **stated):
    """The error a file is refused with."""
    with pytest.raises(CampaignError) as caught:
        sheet_of(data, "x.csv", stated.pop("limits", Limits()), **stated)
    return caught.value.diagnostics[0]


@pytest.fixture(params=["short", "long"])
def any_size(request, monkeypatch):
    """Once as Python reads short files, once as the engine reads long ones."""
    if request.param == "long":
        monkeypatch.setattr(delimited, "_SHORT", -1)


EXPECTED = [(i, tuple(cell or None for cell in row)) for i, row in enumerate(TABLE, 1)]


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be-mark", "gb18030"])
def test_encodings_separators_and_line_ends_give_the_same_cells(encoding, separator, end):
    """Whatever is not UTF-8 is noted; nothing else is."""
    text = written(TABLE, separator, end)
    data = b"\xfe\xff" + text.encode("utf-16-be") if encoding == "utf-16-be-mark" else text.encode(encoding)
    assert cells(data) == EXPECTED
    notes = [found.message.en for found in sheet_of(data, "x.csv", Limits()).findings]
    found = "GB18030" if encoding == "gb18030" else "UTF-16"
    assert notes == ([] if encoding.startswith("utf-8") else [f"the file is not UTF-8; read as {found}"])


@pytest.mark.parametrize(
    ("stated", "encoding"),
    [("UTF-8", "utf-8"), ("gbk", "gbk"), ("GB2312", "gb2312"), ("utf-16", "utf-16-le"), ("Big5", "big5"), ("gbk", "utf-8-sig")],
)  # fmt: skip
def test_a_stated_encoding_is_read_without_a_note(stated, encoding):
    """GBK and GB2312 are read as GB18030, of which they are parts; a mark decides before anything stated."""
    text = "名,水\n1,2\n"
    assert cells(text.encode(encoding), encoding=stated) == [(1, ("名", "水")), (2, ("1", "2"))]
    assert not sheet_of(text.encode(encoding), "x.csv", Limits(), stated).findings


def test_bytes_that_a_stated_encoding_does_not_have_are_refused_with_their_line():
    """So are encodings that nobody has heard of, and files of no known encoding."""
    for data in (b"a,b\r\n1,2\r\n\xff,3\r\n", b"a,b\r1,2\r\xff,3\r", b"a,b\n1,2\n\xff,3\n"):
        found = refused(data, encoding="utf-8")
        assert (found.code, found.message.en) == ("not-in-encoding", "line 3 of x.csv is not in UTF-8")
    assert refused(b"\xff\xfea", encoding=None).message.en == "line 1 of x.csv is not in UTF-16"
    assert refused(b"a", encoding="latin-1").code == "encoding-not-supported"
    assert refused(b"\xff\xff\xff").code == "unknown-encoding"
    assert refused("a,b".encode("utf-32")).code == "nul-in-file"
    assert refused(b"a\0", encoding="gbk").code == "nul-in-file"


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("a;b\n1,5;2\n", 2), ("a,b\nx;y;z,1\nx;y;z,2\n", 2), ("a\tb,c\n1\t2\n", 2), ("标题\na;b\n1;2\n", 2),
        ('"a;b;c",d\n"a;b",e\n', 2), ("a\n1\n", 1), ("a,b;c\n", 2), ("a b c\n1 2 3\n", 1),
    ],
)  # fmt: skip
def test_the_separator_is_the_one_of_which_most_lines_have_as_many(text, width):
    """A comma of equals; what stands in quotes does not count."""
    assert sheet_of(text.encode(), "x.csv", Limits()).cells.width == width


def test_a_separator_may_be_stated():
    """By the caller, by the kind of file, or by the line that spreadsheet programs read."""
    assert cells(b"a,b;c\n", separator=";") == [(1, ("a,b", "c"))]
    assert cells(b"a,b\tc,d\n", "x.TSV") == [(1, ("a,b", "c,d"))]
    for start in (b"sep=;\n", b"SEP=;\r\n", b'"sep=;"\r'):
        assert cells(start + b"a,b;c\n\n1;2\n") == [(2, ("a,b", "c")), (4, ("1", "2"))]


@pytest.mark.usefixtures("any_size")
def test_lines_are_as_wide_as_the_widest_and_empty_ones_are_left_out():
    """Numbers are those a person sees."""
    data = "\n报表\n\na,b,c\n , \u3000,\n1,2\n,,\n,,3\n".encode()
    assert cells(data) == [
        (2, ("报表", None, None)),
        (4, ("a", "b", "c")),
        (6, ("1", "2", None)),
        (8, (None, None, "3")),
    ]
    sheet = sheet_of(data, "x.csv", Limits())
    assert [(row.number, row.cells) for row in sheet.cells.head()][:2] == [(2, ("报表", "", "")), (4, ("a", "b", "c"))]
    assert (sheet.name, sheet.numbered, sheet.formats.percent) == (None, False, {})


@pytest.mark.usefixtures("any_size")
def test_lines_with_other_cells_than_the_header_are_marked():
    """Those above the header are not; a file whose lines are even has no marks at all."""
    frame, rows = sheet_of(b"t\na,b\n1,2\n3\n4,5,6\n", "x.csv", Limits()).cells.below(2)
    assert rows.to_list() == [3, 4, 5]
    assert frame[RAGGED].to_list() == [None, {"got": 1, "wanted": 2}, {"got": 3, "wanted": 2}]
    frame, _ = sheet_of(b"t\na,b\n1,2\n", "x.csv", Limits()).cells.below(2)
    assert frame.columns == ["r0", "r1"]


def test_lines_with_quotes_keep_their_numbers():
    """Line breaks inside quotes count as lines; two quotes stand for one; quotes out of place are forgiven."""
    data = b'a,b\r\n"x\r\n\r\ny","1,2"\r\n\r\n"q""r",""\r\nz,3\r\n'
    assert cells(data) == [(1, ("a", "b")), (2, ("x\n\ny", "1,2")), (6, ('q"r', None)), (7, ("z", "3"))]
    assert cells(b'a,b\n5" pipe,2\n\n"x"y,1\n') == [(1, ("a", "b")), (2, ('5" pipe', "2")), (4, ("xy", "1"))]
    assert refused(b'a,b\n"' + b"x" * 200_000).code == "csv-unreadable"


def test_cells_of_more_characters_than_allowed_are_named_with_their_row():
    """The row is set aside, the others stay; characters count, not bytes."""
    sheet = sheet_of(("a,b\n" + "字" * 10 + ",1\n" + "x" * 11 + ",2\n").encode(), "x.csv", Limits(cell=10))
    assert [(found.code, found.row, found.set_aside) for found in sheet.findings] == [("cell-too-long", 3, True)]
    assert sheet.cells.below(0)[1].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("code", "data", "limits"),
    [
        ("too-many-columns", b"," * 200, {}),
        ("too-many-columns", b"a\n" + b"," * 200, {}),
        ("too-many-columns", b'a\n""' + b"," * 200, {}),
        ("too-many-columns", b'a\n"x' + b"," * 99 + b'y"z' + b"," * 200, {}),
        ("too-many-columns", b"," * 199 + b"\n1" * 600, {"bytes": 1200}),
        ("too-many-rows", b"a,b\n" * 1100, {"rows": 1000}),
        ("too-many-rows", b'"a",b\n' * 1100, {"rows": 1000}),
        ("too-many-rows", b"a\n\n" * 1100, {"rows": 1000}),
    ],
)
def test_what_is_too_large_is_refused_before_it_is_cut(code, data, limits):
    """Rows, columns, and short lines that filled up would take far more room than the file."""
    assert refused(data, limits=Limits(**limits)).code == code


def test_rows_below_the_header_are_counted_exactly():
    """As many as allowed are taken, one more is refused; title and header do not count."""
    lines = sheet_of(b"t\na,b\n" + b"1,2\n" * 10, "x.csv", Limits(rows=10)).cells
    assert lines.below(2)[0].height == 10
    with pytest.raises(CampaignError) as caught:
        lines.below(1)
    assert caught.value.diagnostics[0].code == "too-many-rows"


def test_an_empty_file_is_an_empty_sheet():
    """Blanks and empty lines are nothing, too."""
    for data in (b"", b"\n\r\n", b" \n", b"\xef\xbb\xbf", b",,\n,,\n"):
        lines = sheet_of(data, "x.csv", Limits()).cells
        assert lines.head() == []
        assert lines.below(0)[0].height == 0


@pytest.mark.usefixtures("any_size")
@pytest.mark.parametrize("quoted", ["x", '"x"'])
def test_a_line_of_signs_that_are_no_blanks_is_kept(quoted):
    """Only Python's own `strip` takes a separator of units for a blank: such a line is read, and set aside later."""
    assert cells(f"{quoted},y\n\x1f,\x1c\n,\u3000\nz,1\n".encode()) == [
        (1, ("x", "y")),
        (2, ("\x1f", "\x1c")),
        (4, ("z", "1")),
    ]


@pytest.mark.parametrize("at", [-2, -1, 0, 1])
def test_a_lone_return_ends_a_line_wherever_blocks_of_bytes_meet(monkeypatch, at):
    """The engine takes only a return before a line feed for the end of a line."""
    monkeypatch.setattr(delimited, "_SHORT", -1)
    monkeypatch.setattr(delimited, "_BLOCK", 16)
    data = b"a,b\r\n" + b"1,2\r\n" * 8
    for place in range(16 + at, len(data) - 2, 16):
        cut = data[:place] + b"\r" + data[place:]
        assert [n for n, _ in cells(cut)] == [
            i for i, line in enumerate(cut.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"), 1) if line
        ]


CELL = st.text(' ab甲,;\n"\u3000', max_size=4) | st.sampled_from(["", '""', "x", "1.5"])


@given(st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_what_a_csv_writer_writes_is_read_as_python_reads_it(rows, end, all_quoted):
    """Cells, quotes, line breaks, ragged lines: the engine gives what Python's own reader gives."""
    text = io.StringIO()
    csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL).writerows(rows)
    data = text.getvalue()
    read = [row for row in csv.reader(io.StringIO(data, newline="")) if any(cell.strip() for cell in row)]
    width = max((len(row) for row in read), default=0)
    wanted = [tuple(cell or None for cell in row + [""] * (width - len(row))) for row in read]
    for short in (delimited._SHORT, -1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited, "_SHORT", short)
            frame, _ = sheet_of(data.encode(), "x.csv", Limits(), separator=",").cells.below(0)
        held = [c for c in frame.columns if c != RAGGED]
        cut = [tuple(None if cell is None else cell for cell in row) for row in frame.select(held).rows()]
        assert [row[:width] for row in cut] == wanted
        assert not any(cell for row in cut for cell in row[width:])


@given(st.text(' ab,"\r\n;\t甲', max_size=40))
def test_any_text_is_cut_into_the_cells_python_cuts(text):
    """However quotes stand, no cell and no line number differs between the ways of reading, and nothing is raised."""
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    reader, begins, wanted = csv.reader(io.StringIO(unix, newline="")), 1, []
    for row in reader:
        if any(cell.strip() for cell in row):
            wanted.append((begins, [cell or None for cell in row]))
        begins = reader.line_num + 1
    for short in (delimited._SHORT, -1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(delimited, "_SHORT", short)
            found = cells(text.encode(), separator=",")
        assert [(n, list(row[: len(cut)])) for (n, row), (_, cut) in zip(found, wanted, strict=True)] == wanted


def test_the_frame_holds_text_only():
    """Nothing is guessed from what cells look like."""
    frame, _ = sheet_of(b"1,2023-05-15,true\n2,2023-05-16,false\n", "x.csv", Limits()).cells.below(0)
    assert set(frame.dtypes) == {pl.String}

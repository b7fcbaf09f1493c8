"""Sound rows survive every form; Parquet and Arrow files that are damaged, or packed beyond measure, are refused."""

import io
import random
import struct
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings

from campaignrules.errors import CampaignError
from campaignrules.intake import Limits, take
from campaignrules.intake.frames import arrow, parquet
from campaignrules.intake.packed import arrow_size, parquet_size
from campaignrules.intake.raw import Raw

from .submitted import FORMS, valid_rows, write_as
from .test_intake import CHECKED

Write = Callable[[pl.DataFrame, io.BytesIO], object]
WRITERS: dict[str, Write] = {
    "parquet": lambda table, file: table.write_parquet(file),
    "uncompressed.parquet": lambda table, file: table.write_parquet(file, compression="uncompressed", row_group_size=7),
    "pyarrow.parquet": lambda table, file: pyarrow.parquet.write_table(table.to_arrow(), file, data_page_version="2.0"),
    "arrow": lambda table, file: table.write_ipc(file),
    "zstd.arrow": lambda table, file: table.write_ipc(file, compression="zstd"),
    "lz4.feather": lambda table, file: table.write_ipc(file, compression="lz4"),
    "ipc": lambda table, file: table.write_ipc_stream(file),
    "zstd.ipc": lambda table, file: table.write_ipc_stream(file, compression="zstd"),
    "pyarrow.arrow": lambda table, file: _by_pyarrow(table, file),  # noqa: PLW0108  it stands below
}


def _by_pyarrow(table: pl.DataFrame, file: io.BytesIO) -> None:
    plain = table.to_arrow(compat_level=pl.CompatLevel.oldest())
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, plain.schema) as writer:
        writer.write_table(plain)
    file.write(sink.getvalue())


def written(kind: str, table: pl.DataFrame) -> bytes:
    """The bytes of a file."""
    file = io.BytesIO()
    WRITERS[kind](table, file)
    return file.getvalue()


def read(path: Path, **limits: int) -> Raw:
    """A file by the reader of its kind."""
    return (parquet if path.suffix == ".parquet" else arrow)(path, Limits(**limits))


def reason(path: Path, **limits: int) -> str:
    """The code that a file is refused with."""
    with pytest.raises(CampaignError) as caught:
        read(path, **limits)
    return caught.value.diagnostics[0].code


TABLE = pl.DataFrame({"id": [f"a longer text {i}" for i in range(50)], "n": range(50), "tags": [["a", "b"]] * 50})


@settings(max_examples=15)
@given(valid_rows())
def test_sound_rows_survive_every_form(tmp_path_factory, rows):
    """Files and objects of every kind give the same rows, and none is set aside."""
    expected = take(CHECKED, {"project": rows}).rows("project")
    assert len(expected) == len(rows)
    folder = tmp_path_factory.mktemp("forms")
    for form in FORMS:
        taken = take(CHECKED, write_as(form, rows, folder))
        assert taken.rows("project") == expected, form
        assert not [found for found in taken.findings if found.set_aside], form


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_is_read_as_a_whole_with_its_types(tmp_path, kind):
    """Whatever wrote it; rows are numbered as under a header."""
    path = tmp_path / f"project.{kind}"
    path.write_bytes(written(kind, TABLE))
    raw = read(path)
    assert raw.headers == ("id", "n", "tags")
    assert raw.file == path.name
    found = raw.frame
    assert isinstance(found, pl.DataFrame)
    assert found["row"].to_list() == list(range(2, 52))
    assert found["r1"].to_list() == list(range(50))
    assert [list(cell) for cell in found["r2"]] == [["a", "b"]] * 50


@pytest.mark.parametrize("kind", ["parquet", "zstd.arrow"])
def test_a_file_of_many_rows_is_scanned(tmp_path, kind):
    """It is never in memory as a whole."""
    path = tmp_path / f"project.{kind}"
    path.write_bytes(written(kind, TABLE))
    assert isinstance(read(path, scanned=10).frame, pl.LazyFrame)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_damaged_file_is_refused_or_read_but_never_ends_the_process(tmp_path, kind):
    """Bytes changed and cut anywhere: no buffer is believed that is longer than the file can fill."""
    whole = written(kind, TABLE)
    luck = random.Random(kind)  # noqa: S311  to damage files
    path = tmp_path / f"project.{kind}"
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(luck.choice([1, 2, 5])):
            data[luck.randrange(len(data))] = luck.choice([0, 255, luck.randrange(256)])
        path.write_bytes(data[: luck.choice([len(data)] * 5 + [luck.randrange(len(data))])])
        try:
            read(path)
        except (CampaignError, OSError):
            continue


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", b"PAR1 no PAR1", b"ARROW1\0\0", b"ARROW1" * 9, b"\xff" * 40, b"FEA1" * 9]
)
@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_what_only_claims_to_be_such_a_file_is_refused(tmp_path, kind, data):
    """The first and last bytes do not make one."""
    path = tmp_path / f"project.{kind}"
    path.write_bytes(data)
    assert reason(path) == "file-unreadable"


def test_an_absurd_length_is_refused_before_memory_is_asked_for(tmp_path):
    """A stream whose only buffer claims to be of 2 ** 48 bytes."""
    data = bytearray(written("ipc", pl.DataFrame({"n": range(1000)})))
    place = data.rindex(struct.pack("<q", 8000))
    data[place : place + 8] = struct.pack("<q", 2**48)
    path = tmp_path / "project.ipc"
    path.write_bytes(data)
    assert reason(path) == "file-unreadable"


@pytest.mark.parametrize("kind", ["parquet", "zstd.arrow", "zstd.ipc"])
def test_a_file_packed_beyond_all_measure_is_refused(tmp_path, kind):
    """Sixteen million zeros in a few kilobytes."""
    path = tmp_path / f"project.{kind}"
    path.write_bytes(written(kind, pl.DataFrame({"n": pl.zeros(2**21, dtype=pl.Int64, eager=True)})))
    assert path.stat().st_size < 100_000
    assert reason(path, unpacked=2**20) == "table-too-large"


@pytest.mark.parametrize("scanned", [10, 200_000])
def test_a_word_that_fills_every_row_is_counted_in_every_row(tmp_path, scanned):
    """A long word that the file holds once, in its dictionary, would be written out once for each row."""
    path = tmp_path / "project.parquet"
    words = pl.DataFrame({"id": pl.Series(["x" * 50_000]).new_from_index(0, 2000)})
    pyarrow.parquet.write_table(words.to_arrow(), path)
    assert path.stat().st_size < 100_000
    assert reason(path, unpacked=10**6, scanned=scanned) == "table-too-large"


def test_a_word_of_a_dictionary_is_counted_in_every_row_too(tmp_path):
    """Categories in Arrow files are no way around it."""
    path = tmp_path / "project.arrow"
    words = pl.DataFrame({"id": pl.Series(["x" * 50_000]).new_from_index(0, 2000).cast(pl.Categorical)})
    path.write_bytes(written("zstd.arrow", words))
    assert reason(path, unpacked=10**6) == "table-too-large"


def test_too_many_columns_are_refused(tmp_path):
    """As in every other kind of file."""
    path = tmp_path / "project.parquet"
    path.write_bytes(written("parquet", pl.DataFrame({f"c{i}": [1] for i in range(201)})))
    assert reason(path) == "too-many-columns"


def test_a_large_stream_is_refused(tmp_path):
    """A stream can only be read as a whole."""
    path = tmp_path / "project.ipc"
    path.write_bytes(written("ipc", pl.DataFrame({"n": range(10_000)})))
    assert reason(path, unpacked=10_000) == "table-too-large"


@pytest.mark.parametrize("kind", WRITERS)
def test_the_size_is_that_of_the_unpacked_pages(kind):
    """Never less than the table takes in memory, and not many times more."""
    table = pl.DataFrame({"id": [f"a longer text {i}" for i in range(5000)], "n": range(5000)})
    data = written(kind, table)
    size = (parquet_size if kind.endswith("parquet") else arrow_size)(io.BytesIO(data), len(data))
    assert table.estimated_size() / 2 < size < 4 * table.estimated_size()


def test_a_library_that_panics_is_refused():
    """An Arrow stream of a type that Polars does not know."""
    table = pa.table({"id": pa.array([(1, 2, 3)], pa.month_day_nano_interval())})
    with pytest.raises(CampaignError) as caught:
        take(CHECKED, {"project": table})
    assert caught.value.diagnostics[0].code == "table-unreadable"

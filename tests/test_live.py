"""Live sessions by example: what a batch changes, what it must not be, what findings say afterwards, files of sessions."""

import io
import json
import random
import zipfile
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

import campaignrules
from campaignrules.errors import CampaignError
from campaignrules.intake.conversion import Day, Number, read_columns
from campaignrules.live import saving
from campaignrules.quantities import UNITS

CAMPAIGN = """
campaign: live
title: {zh: 会话, en: session}
period: {from: 2023-01-01, to: 2023-12-31}
units: {classes: {county: 县}, roster: [{id: a, title: 甲县, class: county}, {id: b, title: 乙县, class: county}]}
vocabularies: {hue: {words: {red: 红, blue: 蓝}}}
records:
  deal:
    fields:
      id: {type: text}
      place: {type: unit}
      money: {type: quantity, unit: 万元, decimals: 2}
      hue: {type: hue, required: false}
      on: {type: date}
    key: id
  visit:
    fields: {place: {type: unit}, who: {type: text}, on: {type: date}}
metrics:
  money: {sum: deal.money, on: on}
  most: {max: deal.money, on: on}
  latest: {last: deal.money, on: on, accumulate: level}
  hues: {distinct: deal.hue, on: on}
  visits: {count: visit, on: on}
targets:
  - {id: T-money, metric: money, for: [campaign, each unit], at_least: 10 万元}
  - {id: T-most, metric: most, for: campaign, at_least: 1 万元}
  - {id: T-latest, metric: latest, for: campaign, at_least: 1 万元}
  - {id: T-hues, metric: hues, for: campaign, at_least: 2 个}
  - {id: T-visits, metric: visits, for: each unit, at_least: 1 个}
rankings:
  R: {by: money, for: each unit}
"""
DEALS = [
    {"id": "d1", "place": "a", "money": "6", "hue": "red", "on": "2023-02-01"},
    {"id": "d2", "place": "b", "money": "8.5", "hue": "red", "on": "2023-03-01"},
    {"id": "d3", "place": "a", "money": "1", "hue": "blue", "on": "2023-04-01"},
]
VISITS = [
    {"place": "a", "who": "x", "on": "2023-02-01"},
    {"place": "b", "who": "y", "on": "2023-02-02"},
    {"place": "a", "who": "x", "on": "2023-02-01"},
]
AS_OF = "2023-06-30"


@pytest.fixture(scope="module")
def campaign():
    """The campaign of these tests."""
    return campaignrules.load(CAMPAIGN)


@pytest.fixture
def session(campaign):
    """A session on three deals and three visits."""
    return campaign.session({"deal": DEALS, "visit": VISITS}, as_of=AS_OF)


def codes(error):
    """The codes of an error."""
    return [one.code for one in error.value.diagnostics]


def told(changes, *names):
    """Some cells of changed rows, before and after."""
    return [
        tuple(row and tuple(getattr(row, name) for name in names) for row in (one.before, one.after)) for one in changes
    ]


# -- what a batch changes -----------------------------------------------------------------------------------------


def test_correction(session):
    """A corrected amount moves the sum of its unit and of the whole, and what rests on them; nothing else."""
    change = session.apply(corrected={"deal": [{**DEALS[0], "money": "9.75"}]})
    assert told(change.progress, "target", "unit", "value", "status") == [
        (("T-money", None, Decimal("15.5"), "met"), ("T-money", None, Decimal("19.25"), "met")),
        (("T-money", "a", Decimal(7), "on_track"), ("T-money", "a", Decimal("10.75"), "met")),
        (("T-most", None, Decimal("8.5"), "on_track"), ("T-most", None, Decimal("9.75"), "on_track")),
    ]
    assert told(change.rankings, "unit", "place") == [(("a", 2), ("a", 1)), (("b", 1), ("b", 2))]
    assert (change.duties, change.findings, change.counts) == ((), (), ())
    assert session.evaluated_anew == 0


def test_withdrawal_of_the_greatest(session):
    """Without the greatest, the latest and the only blue one, the next count."""
    change = session.apply(withdrawn={"deal": ["d2", "d3"]})
    after = {row.after.target: row.after.value for row in change.progress if row.after.unit is None}
    assert after == {"T-money": 6, "T-most": 6, "T-latest": 6, "T-hues": 1}
    assert told(change.counts, "read") == [((3,), (1,))]


def test_added_rows_come_after_all_others(session):
    """An added row that comes with a bad cell is named by the number it would have at the end."""
    change = session.apply(added={"deal": [{**DEALS[0], "id": "d4"}, {**DEALS[0], "id": "d5", "money": "many"}]})
    assert told(change.findings, "code", "row", "column") == [(None, ("not-a-number", 6, "money"))]
    assert told(change.counts, "read", "set_aside") == [((3, 0), (5, 1))]


def test_a_corrected_row_keeps_its_place(session):
    """A correction that cannot be read sets the row aside where it stands; another correction brings it back."""
    bad = session.apply(corrected={"deal": [{**DEALS[1], "on": "2023-02-30"}]})
    assert told(bad.findings, "code", "row", "set_aside") == [(None, ("not-a-date", 3, True))]
    back = session.apply(corrected={"deal": [DEALS[1]]})
    assert told(back.findings, "code", "row", "set_aside") == [(("not-a-date", 3, True), None)]
    assert [one.after for one in back.progress] == [one.before for one in bad.progress]


def test_rows_behind_a_withdrawn_one_move_up(session):
    """After a withdrawal findings name the rows as they stand then."""
    session.apply(corrected={"deal": [{**DEALS[2], "hue": "grey"}]})
    change = session.apply(withdrawn={"deal": ["d1"]})
    assert told(change.findings, "code", "row") == [(("unknown-word", 4), None), (None, ("unknown-word", 3))]


def test_an_added_row_that_goes_again(campaign, session):
    """A row that was added and withdrawn leaves the rows as they stood, also for who reads them all again."""
    session.apply(added={"deal": [{**DEALS[0], "id": "d4"}]})
    session.apply(withdrawn={"deal": ["d4"]})
    assert session.evaluation.counts == session.counts
    same_as(campaign, session, deal=DEALS, visit=VISITS)


def test_a_frame_with_types(campaign):
    """Rows that come as texts join columns of numbers and dates; what does not fit makes the column one of texts."""
    frame = pl.DataFrame(DEALS).with_columns(pl.col("money").cast(pl.Float64), pl.col("on").str.to_date())
    session = campaign.session({"deal": frame.lazy()}, as_of=AS_OF)
    session.apply(corrected={"deal": [{**DEALS[0], "money": 0.3, "on": "2023-02-02"}]})
    assert (session.findings, session.evaluated_anew) == (campaign.evaluate({"deal": frame}, as_of=AS_OF).findings, 0)
    session.apply(corrected={"deal": [{**DEALS[1], "money": "8,500元"}]})
    assert [row.value for row in session.results.progress[:3]] == [Decimal("2.15"), Decimal("1.3"), Decimal("0.85")]


def test_a_record_without_key(session):
    """Rows without a key are withdrawn by all that they say; of equal ones the last goes."""
    change = session.apply(withdrawn={"visit": [VISITS[2]]}, added={"visit": [{**VISITS[1], "who": "z"}]})
    assert told(change.progress, "unit", "value") == [(("a", 2), ("a", 1)), (("b", 1), ("b", 2))]


def test_nothing_different(session):
    """A batch may change rows and no result."""
    change = session.apply(corrected={"deal": [DEALS[0]]}, withdrawn={"visit": VISITS[:1]}, added={"visit": VISITS[:1]})
    assert not change


def test_an_earlier_evaluation_stays_as_it_was(session):
    """What was handed out before a batch is not changed by it."""
    before = session.evaluation
    rows = before.results
    session.apply(withdrawn={"deal": ["d1"]})
    assert before.results == rows != session.results
    assert str(session.evaluation.explain("T-money", "a")) != str(before.explain("T-money", "a"))


def test_other_forms_of_rows(session):
    """Batches come as frames, with other headers and units of measure, and with keys in any form."""
    frame = pl.DataFrame(
        {"编号": ["x"], "id": ["d1"], "place": ["乙县"], "money（元）": [15000.0], "hue": ["蓝"], "on": ["2023-02-01"]}
    )
    session.apply(
        corrected={"deal": frame.drop("编号")}, withdrawn={"deal": [("d3",)], "visit": pl.DataFrame(VISITS[:2])}
    )
    values = {row.unit: row.value for row in session.results.progress if row.target == "T-money"}
    assert values == {None: 10, "a": 0, "b": 10}
    assert [row.read for row in session.counts] == [2, 1]


def test_rows_of_a_file_keep_their_numbers(campaign, tmp_path):
    """Findings on rows of a file name the lines of the file, whatever was withdrawn; added rows are a table of their own."""
    file = tmp_path / "deal.csv"
    file.write_text(
        "id,place,money,on\n" + "".join(f"f{i},a,{'x' if i == 3 else i},2023-02-0{i}\n" for i in range(1, 5))
    )
    session = campaign.session(tmp_path, as_of=AS_OF)
    session.apply(withdrawn={"deal": ["f1"]}, added={"deal": [{**DEALS[0], "money": "?"}]})
    assert [(one.file, one.row) for one in session.findings if one.set_aside] == [("deal.csv", 4), (None, 2)]
    assert session.evaluated_anew == 1


# -- evaluated anew -----------------------------------------------------------------------------------------------


def same_as(campaign, session, **data):
    """The session says what a full run of these rows says."""
    full = campaign.evaluate(data, as_of=AS_OF)
    assert session.results == full.results
    assert session.findings == full.findings


def test_sums_beyond_64_bits(campaign):
    """When a sum may not fit into 64 bits any more all is evaluated anew, and exactly."""
    session = campaign.session({"deal": DEALS}, as_of=AS_OF)
    huge = [{**DEALS[0], "id": f"h{i}", "money": "9999999999999999"} for i in range(12)]
    session.apply(added={"deal": huge})
    assert session.evaluated_anew == 1
    same_as(campaign, session, deal=[*DEALS, *huge])
    session.apply(withdrawn={"deal": ["h3"]}, corrected={"deal": [{**DEALS[0], "money": "-9999999999999999"}]})
    same_as(campaign, session, deal=[{**DEALS[0], "money": "-9999999999999999"}, *DEALS[1:], *huge[:3], *huge[4:]])


def test_a_table_nobody_submitted_before(campaign):
    """The first rows of a record type make its targets known."""
    session = campaign.session({"deal": DEALS}, as_of=AS_OF)
    change = session.apply(added={"visit": VISITS})
    assert told(change.progress, "unit", "status") == [
        (("a", "missing"), ("a", "met")),
        (("b", "missing"), ("b", "met")),
    ]
    same_as(campaign, session, deal=DEALS, visit=VISITS)


def test_rows_of_one_key(campaign):
    """Of rows with one key the first counts; when it goes the next one does."""
    twice = [*DEALS, {**DEALS[0], "money": "3"}]
    session = campaign.session({"deal": twice}, as_of=AS_OF)
    session.apply(withdrawn={"deal": ["d1"]})
    same_as(campaign, session, deal=twice[1:])


# -- batches that cannot be applied -------------------------------------------------------------------------------

REFUSED = [
    ({"corrected": {"deal": [{**DEALS[0], "id": "d9"}]}}, ["no-such-row"]),
    ({"withdrawn": {"deal": ["d9", "d8"], "visit": [{**VISITS[0], "who": "?"}]}}, ["no-such-row"] * 3),
    ({"added": {"deal": [DEALS[0], {**DEALS[0], "id": "n"}, {**DEALS[0], "id": "n"}]}}, ["row-is-there"] * 2),
    ({"withdrawn": {"deal": ["d1"]}, "corrected": {"deal": [DEALS[0]]}}, ["row-named-twice"]),
    ({"corrected": {"deal": [{**DEALS[0], "id": ""}]}}, ["row-without-key"]),
    ({"corrected": {"visit": VISITS[:1]}}, ["record-without-key"]),
    ({"added": {"meeting": [{"a": "b"}]}, "withdrawn": {"deal": ["d9"]}}, ["batch-not-read", "no-such-row"]),
]


@pytest.mark.parametrize(("batch", "wanted"), REFUSED)
def test_refused(session, batch, wanted):
    """A batch is refused with all that stands against it, and then nothing has changed."""
    before = session.results
    with pytest.raises(CampaignError) as error:
        session.apply(**batch)
    assert sorted(codes(error)) == sorted(wanted)
    assert session.results is before or session.results == before
    assert session.apply(withdrawn={"deal": ["d1"]}, added={"deal": [DEALS[0]]}).progress == ()


@pytest.mark.parametrize("batch", [7, "no folder of this name", [1], {"deal": 7}, {"deal": [7]}, {"deal": object()}])
def test_no_rows_at_all(session, batch):
    """What is no submission is refused with one of our errors."""
    for how in ("added", "corrected", "withdrawn"):
        with pytest.raises(CampaignError):
            session.apply(**{how: batch})


# -- few rows -----------------------------------------------------------------------------------------------------

FEW_CELLS = [
    pl.Series([3, None, -(10**18) + 1, 10**18 - 1, 10**18], dtype=pl.Int64),
    pl.Series([255, None], dtype=pl.UInt8),
    pl.Series([None, None], dtype=pl.Int32),
    pl.Series([Decimal("1901.25"), Decimal("-0.5"), None], dtype=pl.Decimal(38, 2)),
    pl.Series([Decimal(9999999999999999), Decimal(10**16), Decimal(10**30)], dtype=pl.Decimal(38, 0)),
    pl.Series([Decimal("0.125")], dtype=pl.Decimal(18, 3)),
    pl.Series([-800_000, 19_000, None, 4_000_000], dtype=pl.Int32).cast(pl.Date),
]


@pytest.mark.parametrize("cells", FEW_CELLS)
@pytest.mark.parametrize("converter", [Number(UNITS["万元"], 2), Number(UNITS["万元"], 0), Day()])
def test_few_cells_are_read_as_many_are(cells, converter):
    """A few cells, which Python reads, become what the engine makes of them among many."""
    many = read_columns([(converter, pl.concat([cells] * 40))])[0]
    assert (
        read_columns([(converter, cells)])[0].typed.to_physical().to_list()
        == many.typed.to_physical().to_list()[: len(cells)]
    )


# -- files of sessions --------------------------------------------------------------------------------------------


def test_resumed(campaign, session, tmp_path):
    """A resumed session has the same results, findings and counts, and goes on."""
    session.apply(corrected={"deal": [{**DEALS[0], "money": "?"}]})
    session.save(tmp_path / "x.session")
    again = campaign.resume(tmp_path / "x.session")
    assert (again.results, again.findings, again.counts) == (session.results, session.findings, session.counts)
    assert again.apply(corrected={"deal": [DEALS[0]]}).findings
    same_as(campaign, again, deal=DEALS, visit=VISITS)


def test_of_another_campaign(session, tmp_path):
    """A session is only resumed with the campaign, overlays and readings it was begun with."""
    session.save(tmp_path / "x.session")
    with pytest.raises(CampaignError) as error:
        campaignrules.load(CAMPAIGN.replace("at_least: 10", "at_least: 11")).resume(tmp_path / "x.session")
    assert codes(error) == ["session-of-another"]


def unreadable(campaign, path):
    """Whether the file is refused as no session."""
    with pytest.raises(CampaignError) as error:
        campaign.resume(path)
    return codes(error) == ["session-unreadable"]


def resumed_or_refused(campaign, path):
    """The results of the session, or the code of the error."""
    try:
        return campaign.resume(path).results
    except CampaignError as error:
        return error.diagnostics[0].code


def test_damaged_files(campaign, session, tmp_path):
    """A file that was cut short or in which anything was changed raises our error, or gives the session as it was."""
    file, chance = tmp_path / "x.session", random.Random(1)  # noqa: S311  for tests
    session.save(file)
    whole = file.read_bytes()
    for _ in range(150):
        place, data = chance.randrange(len(whole)), bytearray(whole)
        data[place] ^= 1 << chance.randrange(8)
        file.write_bytes(bytes(data) if chance.random() < 0.7 else whole[:place])
        assert resumed_or_refused(campaign, file) in (session.results, "session-unreadable", "session-of-another")
    assert unreadable(campaign, tmp_path / "nowhere.session")
    assert unreadable(campaign, tmp_path)


def archive(path, entries, how=zipfile.ZIP_STORED):
    """An archive of these entries."""
    with zipfile.ZipFile(path, "w", how) as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return path


def saved(session, file):
    """The entries of the file of a session, and what its manifest tells."""
    session.save(file)
    with zipfile.ZipFile(file) as made:
        entries = {name: made.read(name) for name in made.namelist()}
    return entries, json.loads(entries[saving.MANIFEST])


def test_hostile_files(campaign, session, tmp_path):
    """Packed archives, strange entries and manifests of other shapes are refused before anything is unpacked."""
    file = tmp_path / "x.session"
    entries, told = saved(session, file)
    others: list[Any] = [
        {},
        [],
        {**told, "session": 2},
        {**told, "tables": 3},
        {**told, "tables": told["tables"][:1]},
        {**told, "given": []},
    ]
    table = told["tables"][0]
    for key, value in (
        ("headers", ["a"]),
        ("record", None),
        ("stated", {}),
        ("dates_from", "x"),
        ("dates_from", "9999-12-31"),
        ("header_row", "1"),
        ("findings", [{}]),
    ):
        others.append({**told, "tables": [{**table, key: value}, *told["tables"][1:]]})
    for number, other in enumerate(others):
        bad = {**entries, saving.MANIFEST: json.dumps(other).encode()}
        assert unreadable(campaign, archive(tmp_path / f"{number}", bad)), other
    assert unreadable(campaign, archive(tmp_path / "packed", entries, zipfile.ZIP_DEFLATED))
    assert unreadable(campaign, archive(tmp_path / "more", {**entries, "../x": b"x"}))
    deep = {**entries, saving.MANIFEST: b'{"a":' * 100_000}
    assert unreadable(campaign, archive(tmp_path / "deep", deep))
    table_bytes = io.BytesIO()
    pl.DataFrame({"r0": ["a"]}).write_parquet(table_bytes)
    assert unreadable(campaign, archive(tmp_path / "columns", {**entries, "0.parquet": table_bytes.getvalue()}))


def test_a_session_that_would_unpack_to_too_much(campaign, session, tmp_path):
    """What its tables take together is bounded, with each of their words written out."""
    file = tmp_path / "x.session"
    _, told = saved(session, file)
    table = {**told["tables"][0], "headers": ["a"], "meant": None}
    for many, rows in ((1, 3_000), (3, 1_500)):
        heavy = io.BytesIO()
        pl.DataFrame({"r0": ["x" * 100_000] * rows, "row": range(rows)}).write_parquet(heavy)
        told["tables"] = [table] * many
        tables = {f"{i}.parquet": heavy.getvalue() for i in range(many)}
        assert unreadable(campaign, archive(file, {saving.MANIFEST: json.dumps(told).encode(), **tables}))


def test_a_column_that_is_meant_for_no_field(campaign, session, tmp_path):
    """A session file that was written by somebody else names a field that the campaign does not have."""
    file = tmp_path / "x.session"
    entries, told = saved(session, file)
    told["tables"][0]["meant"] = [["nothing", "%"] for _ in told["tables"][0]["headers"]]
    changed = {**entries, saving.MANIFEST: json.dumps(told).encode()}
    found = campaign.resume(archive(file, changed))
    assert "unknown-column" in {one.code for one in found.findings}


def test_the_same_file_twice(session, tmp_path):
    """The same session is the same file, byte by byte."""
    for name in "ab":
        session.save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_not_saved(session, tmp_path):
    """A place that cannot be written to is refused with our error."""
    with pytest.raises(CampaignError) as error:
        session.save(tmp_path / "no" / "folder")
    assert codes(error) == ["cannot-write"]

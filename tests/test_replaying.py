"""Replaying: the verdict on same and other inputs, what a receipt may make us open, and receipts nobody should believe."""

import copy
import json
import random
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

import campaignrules as cr
from campaignrules import cli, replaying
from campaignrules.errors import CampaignError
from campaignrules.receipts import written
from campaignrules.replaying import stated, words

ROOT = Path(__file__).parents[1]
AS_OF = "2023-06-30"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with a campaign, an overlay and data of the example, and a receipt of their evaluation."""
    folder = tmp_path_factory.mktemp("made")
    example = ROOT / "examples" / "yanjiang_2023"
    shutil.copytree(example, folder / "data")
    shutil.move(folder / "data" / "overlays" / "scoring_scale.yaml", folder / "notice.yaml")
    shutil.copy(ROOT / "campaigns" / "yanjiang_2023.yaml", folder / "campaign.yaml")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        campaign = ["campaign.yaml", "--data", "data", "--as-of", AS_OF, "--overlay", "notice.yaml"]
        report = ["--receipt", "receipt.json", "--format", "json", "-o", "results.json"]
        assert cli.main(["evaluate", *campaign, *report]) == 0
    return folder


@pytest.fixture
def place(made, tmp_path, monkeypatch):
    """A working folder of one's own with all that."""
    folder = tmp_path / "here"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    return folder


def edit(path, before, after):
    """Put one text in the place of another in a file."""
    text = Path(path).read_text("utf-8")
    assert before in text
    Path(path).write_text(text.replace(before, after, 1), "utf-8")


def lines(verdict):
    """What is said of it in Chinese."""
    return [line.zh for line in words.told(verdict)]


def test_the_same_files_give_the_same_results(place, capsys):
    """Exit code 0, one line, and the receipt made now is the one of then."""
    assert cli.main(["replay", "receipt.json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("结果相同（")
    assert line.endswith("文件也相同")
    verdict = replaying.replay("receipt.json")
    assert verdict.identical
    assert verdict.receipt == json.loads((place / "receipt.json").read_text("utf-8"))
    assert replaying.replay(verdict.receipt).identical


@pytest.mark.usefixtures("place")
def test_a_changed_file_of_the_data_is_named(capsys):
    """Exit code 1, the file by name, and which kinds of results are others."""
    edit("data/payment.csv", "0.62", "0.63")
    assert cli.main(["replay", "receipt.json", "--lang", "en"]) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "the results differ"
    assert out[1].startswith("data payment.csv has changed (")
    assert "progress" in out[2]
    assert "only has the digest" in out[3]


@pytest.mark.usefixtures("place")
def test_results_at_hand_show_which_rows_differ(capsys):
    """The JSON of the evaluation is a receipt, too, and holds the numbers of then."""
    assert cli.main(["replay", "results.json"]) == 0
    edit("data/payment.csv", "0.62", "0.63")
    capsys.readouterr()
    assert cli.main(["replay", "results.json"]) == 1
    out = capsys.readouterr().out
    assert "目标进度 YJ-Y-05 2023：实绩 11.52 → 11.53" in out
    verdict = replaying.replay("results.json")
    assert {one.kind for one in verdict.differences} <= {"progress", "scores", "rankings", "outcomes", "honours"}


@pytest.mark.usefixtures("place")
def test_a_changed_number_of_the_campaign_is_named():
    """The campaign is said to be another file, and the data are not."""
    edit("campaign.yaml", "at_least: 80%", "at_least: 81%")
    verdict = replaying.replay("receipt.json")
    assert not verdict.identical
    assert [(one.what, one.name, one.how) for one in verdict.changes] == [("campaign", "yanjiang_2023", "changed")]


@pytest.mark.usefixtures("place")
def test_a_change_without_consequence_leaves_the_results_identical():
    """A comment is another file and the same result: exit code 0, and the file is named."""
    edit("campaign.yaml", "\nperiod:", "\n# no more\nperiod:")
    verdict = replaying.replay("receipt.json")
    assert verdict.identical
    assert lines(verdict)[1].startswith("活动文件 yanjiang_2023 已改")
    assert cli.main(["replay", "receipt.json"]) == 0


@pytest.mark.usefixtures("place")
def test_files_that_are_gone_or_new_are_named():
    """Of a folder, each file that has gone or come."""
    Path("data/offer.csv").rename("data/提供.csv")
    verdict = replaying.replay("receipt.json")
    assert {(one.name, one.how) for one in verdict.changes} == {("offer.csv", "missing"), ("提供.csv", "added")}


@pytest.mark.usefixtures("place")
def test_other_versions_are_named():
    """What made the results then and what makes them now."""
    told = json.loads(Path("receipt.json").read_text("utf-8"))
    told["versions"]["polars"] = "0.0.1"
    told["results"]["sha256"] = "0" * 64
    verdict = replaying.replay(told)
    assert verdict.versions["polars"][0] == "0.0.1"
    assert any(line.startswith("版本：polars 0.0.1 → ") for line in lines(verdict))


@pytest.mark.usefixtures("place")
def test_digits_that_differ_without_a_cause_are_our_fault():
    """Same files, same versions, other results: nobody but the program can have done it."""
    told = json.loads(Path("receipt.json").read_text("utf-8"))
    told["results"]["sha256"] = told["results"]["kinds"]["scores"]["sha256"] = "0" * 64
    verdict = replaying.replay(told)
    assert verdict.kinds == ("scores",)
    assert "程序的错误" in lines(verdict)[-1]


@pytest.mark.usefixtures("place")
def test_options_say_where_things_are_now():
    """Moved files are the same files."""
    Path("elsewhere").mkdir()
    for name in ("data", "campaign.yaml", "notice.yaml"):
        shutil.move(name, f"elsewhere/{name}")
    with pytest.raises(CampaignError) as caught:
        replaying.replay("receipt.json")
    assert caught.value.diagnostics[0].code == "file-not-found"
    found = [f"elsewhere/{name}" for name in ("campaign.yaml", "notice.yaml", "data")]
    options = ["--campaign", found[0], "--overlay", found[1], "--data", found[2]]
    assert cli.main(["replay", "receipt.json", *options, "--format", "json", "-o", "verdict.json"]) == 0
    assert json.loads(Path("verdict.json").read_text("utf-8"))["changes"] == []


@pytest.mark.usefixtures("place")
def test_a_campaign_that_no_longer_loads_is_said_to_be_another():
    """Its faults are shown, and that it is not the file of the receipt."""
    edit("campaign.yaml", "\nperiod:", "\nperoid:")
    with pytest.raises(CampaignError) as caught:
        replaying.replay("receipt.json")
    assert {"unknown-key", "receipt-file-changed"} <= {one.code for one in caught.value.diagnostics}


@pytest.mark.usefixtures("place")
def test_a_shipped_campaign_is_found_by_its_name():
    """Its file need not be anywhere."""
    campaign = cr.load("yanjiang_2023")
    told = campaign.evaluate("data", as_of=AS_OF).receipt
    assert replaying.replay(told).identical
    assert replaying.replay(told, data=Path("data"), folder=None).identical


@pytest.mark.usefixtures("place")
def test_tables_of_a_program_must_be_given_again():
    """A receipt cannot say where they came from; with the same rows the verdict is the same."""
    rows = [{"id": "1", "name": "x", "unit": "a", "released_on": "2023-02-01"}]
    told = cr.load("yanjiang_2023").evaluate({"offer": rows}, as_of=AS_OF).receipt
    assert code_of(told) == "receipt-without-place"
    assert replaying.replay(told, data={"offer": rows}).identical
    assert not replaying.replay(told, data={"offer": [{**rows[0], "released_on": "2024-02-01"}]}).identical
    nothing = cr.load("yanjiang_2023").evaluate(None, as_of=AS_OF).receipt
    assert replaying.replay(nothing).identical


# -- what a receipt may make us open ------------------------------------------------------------------------------


def code_of(told, **more):
    """The code of the one error of a replay."""
    with pytest.raises(CampaignError) as caught:
        replaying.replay(told, **more)
    return caught.value.diagnostics[0].code


OUTSIDE = [
    "/etc/passwd", "../data", "data/../../data", "~/data", "~root/data", "C:\\data", "C:data", "\\\\host\\share\\data",
    "\\data", "postgresql://host/data", "file:///etc", "sqlite:///x.db", "link/data", "", "a\0b", "x" * 5000,
]  # fmt: skip


@pytest.mark.parametrize("given", OUTSIDE, ids=lambda given: repr(given[:20]))
def test_no_place_outside_the_working_folder_is_opened(place, given):
    """Neither absolute, nor upwards, nor through a link, nor on another machine; `--data` can name any place."""
    (place / "link").symlink_to("/")
    told = json.loads(Path("receipt.json").read_text("utf-8"))
    told["data"]["given"] = given
    assert code_of(told) in ("receipt-place", "receipt-form")
    told["data"]["given"] = {"project": given}
    assert code_of(told) in ("receipt-place", "receipt-form")
    for name in ("campaign", "overlays"):
        bad = json.loads(Path("receipt.json").read_text("utf-8"))
        paper = bad[name][0] if name == "overlays" else bad[name]
        paper["given"] = f"{given}.yaml"
        if given:
            assert code_of(bad) in ("receipt-place", "receipt-form")
        paper["given"] = given
        assert code_of(bad) in ("receipt-place", "receipt-form")


def test_a_receipt_does_not_make_a_secret_be_read_as_a_campaign(place):
    """What is not named .yaml is no campaign that a receipt may open, and with no folder nothing is."""
    (place / "secret").write_text("geheim: 1\n")
    told = json.loads(Path("receipt.json").read_text("utf-8"))
    told["campaign"]["given"] = "secret"
    assert code_of(told) == "receipt-place"
    assert code_of(json.loads(Path("receipt.json").read_text("utf-8")), folder=None) == "receipt-place"


# -- receipts nobody should believe -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"1", b"null", b"\xff\xfe", b'{"receipt": NaN}', b'{"receipt": 1e400}', b'{"a": 1, "a": 2}',
        b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b'{"receipt": ' + b"9" * 5000 + b"}", b" " * (stated.MOST_BYTES + 1),
        b"[" + b"1," * stated.MOST_PARTS + b"1]", '"\ud800"'.encode("utf-8", "surrogatepass"),
    ],
    ids=range(16),
)  # fmt: skip
def test_what_is_no_receipt_is_refused_at_once(data):
    """Too large, too deep, no JSON, a number beyond measure: one error of ours, quickly."""
    start = time.perf_counter()
    with pytest.raises(CampaignError) as caught:
        replaying.read(data)
    assert [one.code for one in caught.value.diagnostics] in (["receipt-unreadable"], ["receipt-version"])
    assert time.perf_counter() - start < 0.25


def test_another_version_of_the_form_is_not_read():
    """A receipt of a later program says so itself."""
    for version in (0, 2, "1", None, True, [1]):
        with pytest.raises(CampaignError) as caught:
            replaying.read({"receipt": version})
        assert caught.value.diagnostics[0].code == "receipt-version"


def parts_of(value, path=()):
    """The path of every part of plain data."""
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in pairs:
        yield from parts_of(part, (*path, name))


def put(value, path, new):
    """A copy with another part at a path."""
    made = copy.deepcopy(value)
    here = made
    for step in path[:-1]:
        here = here[step]
    here[path[-1]] = new
    return made


def refusal(told):
    """The code with which a receipt is refused, None when it is read."""
    try:
        replaying.read(told)
    except CampaignError as error:
        return error.diagnostics[0].code
    return None


STRANGE: list[Any] = [
    None,
    True,
    1,
    -1,
    "",
    "x",
    "x" * 5000,
    "\0",
    [],
    [1],
    {},
    {"": None},
    {"x": {"y": 1}},
    [[[]]],
    "2023-02-30",
    "0" * 64,
]


@pytest.mark.usefixtures("place")
def test_a_receipt_in_which_anything_is_anything_gives_our_error_or_is_read():
    """Each part in turn is put in the place of each strange value, and taken away; nothing else than our error comes."""
    told = json.loads(Path("receipt.json").read_text("utf-8"))
    refused = 0
    for path in list(parts_of(told))[1:]:
        for strange in STRANGE:
            code = refusal(put(told, path, strange))
            refused += code is not None
            assert (code or "receipt-").startswith("receipt-")
    assert refused > 1000


def test_a_part_too_many_or_too_few_is_refused():
    """A stray key is never dropped silently."""
    told = cr.load("yanjiang_2023").evaluate({}, as_of=AS_OF).receipt
    for path in parts_of(told):
        part: Any = told
        for step in path:
            part = part[step]
        if not isinstance(part, dict) or path in (
            ("versions",),
            ("results", "kinds"),
            ("readings", "taken"),
            ("readings", "chosen"),
            ("data", "given"),
        ):
            continue
        where = list(path)
        bad = copy.deepcopy(told)
        here = bad
        for step in where:
            here = here[step]
        here["stray"] = 1
        with pytest.raises(CampaignError) as caught:
            replaying.read(bad)
        assert caught.value.diagnostics[0].code == "receipt-form"
        assert "stray" in caught.value.diagnostics[0].message.en


@pytest.mark.usefixtures("place")
def test_results_at_hand_that_are_none_hurt_nobody():
    """Around a receipt anything may stand: it is only compared."""
    told = json.loads(Path("results.json").read_text("utf-8"))
    told["receipt"]["results"]["sha256"] = "0" * 64
    odd: list[Any] = [1, None, [1], [None], [{}], [{"target": []}], [{"target": "x", "unit": {}}], {"a": 1}]
    for strange in odd:
        told["progress"] = strange
        verdict = replaying.replay(told)
        assert not verdict.identical
        assert lines(verdict)


@pytest.mark.usefixtures("place")
def test_a_truncated_receipt_is_refused_anywhere():
    """Cut off at any byte it is no receipt."""
    data = Path("receipt.json").read_bytes()
    for end in random.Random(3).sample(range(len(data) - 2), 60):  # noqa: S311  a test is to be repeatable
        with pytest.raises(CampaignError):
            replaying.read(data[:end])
    assert replaying.read(written(json.loads(data)).encode()).results


@pytest.mark.usefixtures("place")
def test_a_table_that_was_asked_in_place_is_asked_there_again():
    """The receipt says who worked on the rows; of more bad rows than are named it does not matter which came first."""
    duckdb = pytest.importorskip("duckdb")
    rows = "SELECT 'P' || i AS 项目编号, '示例农业局' AS 责任单位, '？' AS 协议投资额 FROM range(150) AS t(i)"
    for name, order in (("then", ""), ("now", " ORDER BY i DESC")):
        with duckdb.connect(f"{name}.duckdb") as connection:
            connection.execute(f"CREATE TABLE project AS {rows}{order}")
            connection.execute("UPDATE project SET 责任单位 = '？' WHERE rowid < 10")
            connection.execute("CREATE TABLE units AS SELECT '示例农业局' AS 编号, 'department' AS 类别")
    evaluation = cr.load("yanjiang_2023").evaluate("then.duckdb", as_of=AS_OF, engine="duckdb")
    assert evaluation.receipt["engine"] == "duckdb"
    assert replaying.replay(evaluation.receipt, data="now.duckdb").identical
    assert not replaying.replay(evaluation.receipt, data="now.duckdb", engine="polars").identical

"""The command line: what each command prints, with which code it ends, and that nobody ever sees a traceback."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import campaignrules
from campaignrules import cli, driver
from campaignrules.cli import arguments, commands, screen
from campaignrules.errors import width_of

ROOT = Path(__file__).parents[1]
SAMPLE = str(Path(__file__).parent / "golden" / "sample.yaml")
PROJECTS = """\
责任单位,协议投资额,签约日期,开工日期
城关镇,12.5,2023-02-01,2023-03-01
城关镇,9,2023-04-03,
河东乡,3.5,2023-05-06,
河东乡,1O,2023-05-07,
"""
ATTESTATIONS = "duty,unit,on\nD-2,,2023-04-06\nD-1,城关镇,2023-01-10\n"


@pytest.fixture
def data(tmp_path):
    """A folder with two tables; one row of one of them has a letter where a digit should be."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "project.csv").write_text(PROJECTS, "utf-8")
    (folder / "attestations.csv").write_text(ATTESTATIONS, "utf-8")
    return folder


@pytest.fixture
def evaluate(data):
    """Run `evaluate` on the sample with more arguments."""
    return lambda *more: cli.main(["evaluate", SAMPLE, "--data", str(data), "--as-of", "2023-05-31", *more])


@pytest.fixture(autouse=True)
def _chinese(monkeypatch):
    """The tests speak Chinese unless they say otherwise."""
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.delenv("CAMPAIGNRULES_DEBUG", raising=False)


def run(*words, **more):
    """The command in a process of its own, as a user starts it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), **more.pop("env", {})}
    command = [sys.executable, "-m", "campaignrules", *words]
    return subprocess.run(command, capture_output=True, env=environment, check=False, **more)


def test_evaluate_prints_the_report(evaluate, capsys):
    """The table shows the campaign, a target with its shortfall, and the row set aside with its place."""
    assert evaluate() == 0
    out = capsys.readouterr().out
    assert out.startswith("试验县招商攻坚  sample\n")
    line = next(line for line in out.splitlines() if " Y-1 " in line)
    assert all(part in line for part in ("≥ 80 亿元", " 25 ", "31%", " 55 ", "落后"))
    assert "project.csv:5" in out
    assert "1O" in out
    assert max(map(width_of, out.splitlines())) <= 100


def test_evaluate_speaks_english_when_asked_or_when_the_locale_does(evaluate, capsys, monkeypatch):
    """--lang wins over the locale, on either side of the command."""
    evaluate("--lang", "en")
    assert capsys.readouterr().out.startswith("Sample county drive")
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    evaluate()
    assert capsys.readouterr().out.startswith("Sample county drive")
    evaluate("--lang=zh")
    assert capsys.readouterr().out.startswith("试验县")


def test_json_is_one_object_and_numbers_are_text(evaluate, capsys):
    """What a program reads is strict JSON in UTF-8."""
    assert evaluate("--format", "json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["campaign"], found["as_of"]) == ("sample", "2023-05-31")
    row = next(row for row in found["progress"] if row["target"] == "Y-1")
    assert (row["value"], row["required"], row["shortfall"]) == ("25", "80", "55")


def test_csv_tells_on_the_side_of_rows_that_were_set_aside(evaluate, capsys):
    """CSV holds one table only, so standard error says what that table does not."""
    assert evaluate("--format", "csv", "--table", "duties", "--target", "D-2") == 0
    out, err = capsys.readouterr()
    (row,) = csv.DictReader(io.StringIO(out.removeprefix("\ufeff")))
    assert (row["duty"], row["status"], row["done_on"]) == ("D-2", "late", "2023-04-06")
    assert "1 行不予采用" in err


def test_a_unit_may_be_named_by_its_title(evaluate, capsys):
    """`--unit 河东乡` is `--unit b`."""
    evaluate("--format", "json", "--unit", "河东乡")
    by_title = capsys.readouterr().out
    evaluate("--format", "json", "--unit", "b")
    assert by_title == capsys.readouterr().out
    assert {row["unit"] for row in json.loads(by_title)["progress"]} == {"b"}


@pytest.mark.parametrize(
    ("option", "given", "said"),
    [
        ("--unit", "河东", "是不是想写 河东乡？"),
        ("--target", "Y_1", "是不是想写 Y-1？"),
        ("--window", "2023-6", "是不是想写 2023-06？"),
    ],
)
def test_a_misspelt_choice_names_the_nearest(evaluate, capsys, option, given, said):
    """Asking for what is not there is wrong usage, and the answer helps."""
    assert evaluate(option, given) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ((), 0),
        (("--fail-on", "missed"), 1),
        (("--fail-on", "behind", "--target", "Y-1"), 1),
        (("--fail-on", "missed", "--target", "Y-1"), 0),
        (("--fail-on", "late", "--fail-on", "missed", "--target", "D-2"), 1),
        (("--fail-on", "missing"), 1),
        (("--fail-on", "missing", "--target", "Y-1"), 0),
        (("--strict",), 1),
    ],
)
def test_the_exit_code_says_what_was_asked_of_it(evaluate, capsys, more, code):
    """--fail-on looks at the rows chosen, --strict at rows set aside; the report is printed all the same."""
    assert evaluate(*more) == code
    assert capsys.readouterr().out


def test_output_goes_to_the_file_named(evaluate, capsys, tmp_path):
    """-o writes the file whole, says so on the side, and leaves standard output empty."""
    path = tmp_path / "进度.csv"
    assert evaluate("--format", "csv", "-o", str(path)) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert str(path) in err
    assert path.read_bytes().startswith(b"\xef\xbb\xbftarget,")


def test_output_that_cannot_be_written_is_a_problem_with_a_reason(evaluate, capsys, tmp_path):
    """A missing folder is not made."""
    assert evaluate("-o", str(tmp_path / "no" / "out.txt")) == 1
    assert "cannot-write" in capsys.readouterr().err


def test_another_reading_is_taken_by_name(data, capsys):
    """--reading goes to the campaign; one that is not there is an error with a place to look."""
    words = ["evaluate", SAMPLE, "--data", str(data), "--as-of", "2023-05-31", "--reading", "x=y"]
    assert cli.main(words) == 1
    assert "x" in capsys.readouterr().err


def test_unusable_data_is_a_problem(capsys, tmp_path):
    """A folder that does not exist ends with code 1 and our words."""
    assert cli.main(["evaluate", SAMPLE, "--data", str(tmp_path / "none"), "--as-of", "2023-05-31"]) == 1
    assert "none" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        (["evalute"], "是不是想写 evaluate？", "did you mean evaluate?"),
        (["evaluate"], "缺少 活动", "required: CAMPAIGN"),
        (["evaluate", "x", "--data", "."], "--as-of 2023-06-30", "--as-of 2023-06-30"),
        (["evaluate", "x", "--as-of", "2023-06-30"], "--data", "--data"),
        (["evaluate", "x", "--as-of", "2023年"], "不是日期", "not a date"),
        (["evaluate", "x", "--as-of", "2023-02-30"], "不是日期", "not a date"),
        (["evaluate", "x", "--as-of"], "--as-of 后面要写一个值", "--as-of: expected one argument"),
        (["evaluate", "x", "--format", "xml"], "可写 table、json、csv", "there are table, json, csv"),
        (["evaluate", "x", "--fromat", "json"], "是不是想写 --format？", "did you mean --format?"),
        (["evaluate", "x", "--reading", "a"], "读法=选项", "reading=option"),
        (["evaluate", "x", "--fail-on", "bad"], "missed、behind", "missed, behind"),
        (["check"], "缺少 文件", "required: FILE"),
        (["list", "--lang", "de"], "没有 de", "no de"),
        (["explain", "x", "--data", ".", "--as-of", "2023-06-30"], "--target", "--target"),
    ],
)
def test_wrong_usage_is_refused_in_both_languages(capsys, monkeypatch, words, zh, en):
    """Code 2, one line on standard error in the reader's language, nothing on standard output."""
    for locale, said in (("zh_CN.UTF-8", zh), ("en_GB.UTF-8", en)):
        monkeypatch.setenv("LC_ALL", locale)
        assert cli.main(words) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert said in err
        assert len(err.splitlines()) == 1


def test_no_command_shows_the_help_and_is_wrong_usage(capsys):
    """Who types only the name sees what can be typed after it."""
    assert cli.main([]) == 2
    out = capsys.readouterr().out
    assert all(name in out for name in arguments.COMMANDS)


@pytest.mark.parametrize("name", [None, *arguments.COMMANDS])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_command_has_help_in_both_languages(capsys, name, lang):
    """--help ends with 0; English help holds no Chinese."""
    assert cli.main([*([name] if name else []), "--help", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert ("用法" in out) == (lang == "zh")
    assert lang == "zh" or not any("\u4e00" <= c <= "\u9fff" for c in out)


def test_every_command_that_can_be_typed_is_there():
    """The table of options and the table of what they do name the same commands."""
    assert list(arguments.COMMANDS) == list(commands.COMMANDS)


def test_version_is_the_one_of_the_library(capsys):
    """--version prints one line."""
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"campaignrules {campaignrules.__version__}\n"


def test_notes_give_way_to_errors(capsys, tmp_path):
    """Beside an error the notes of a file are only counted; --all lists them."""
    text = (
        Path(SAMPLE).read_text("utf-8").replace("metrics:\n", "metrics:\n  idle: {count: project, on: signed_on}\n", 1)
    )
    (tmp_path / "noted.yaml").write_text(text, "utf-8")
    (tmp_path / "bad.yaml").write_text("campaign: [", "utf-8")
    files = [str(tmp_path / "noted.yaml"), str(tmp_path / "bad.yaml")]
    assert cli.main(["check", *files, "--lang", "en"]) == 1
    out = capsys.readouterr().out
    assert "note[" not in out
    assert re.search(r"; besides .*\d+ notes? \(--all lists them\)", out)
    assert cli.main(["check", *files, "--lang", "en", "--all"]) == 1
    assert "note[metric-not-judged]" in capsys.readouterr().out


def test_check_refuses_errors(capsys, tmp_path):
    """A fault in one of two files ends with 1 and stands at its line, with the name probably meant."""
    text = Path(SAMPLE).read_text("utf-8").replace("metric: start_rate,", "metric: start_rat,")
    (tmp_path / "bad.yaml").write_text(text, "utf-8")
    assert cli.main(["check", SAMPLE]) == 0
    capsys.readouterr()
    assert cli.main(["check", SAMPLE, str(tmp_path / "bad.yaml")]) == 1
    out = capsys.readouterr().out
    assert "bad.yaml:33:" in out
    assert "是不是想写 start_rate？" in out


def test_check_says_so_when_all_is_well(capsys, tmp_path):
    """No problems is said, not left to silence; as JSON it is an empty list."""
    text = "campaign: c\ntitle: T\nperiod: {from: 2023-01-01, to: 2023-12-31}\n"
    (tmp_path / "c.yaml").write_text(text, "utf-8")
    assert cli.main(["check", str(tmp_path / "c.yaml")]) == 0
    assert capsys.readouterr().out == "检查了 1 个文件，没有问题\n"
    assert cli.main(["check", "--format", "json", str(tmp_path / "c.yaml")]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_check_gives_json_with_places(capsys, tmp_path):
    """An editor or a pipeline reads code, file, line and column of every fault."""
    (tmp_path / "bad.yaml").write_text("campaign: c\nperoid: 1\n", "utf-8")
    assert cli.main(["check", "--format", "json", str(tmp_path / "bad.yaml"), "no-such-campaign"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert {"unknown-key", "missing-key", "unknown-campaign"} == {one["code"] for one in found}
    assert next((one["line"], one["column"]) for one in found if one["code"] == "unknown-key") == (2, 1)


def test_check_strict_refuses_warnings_too(capsys):
    """Quarters that are 3 亿元 short of the year are a warning; where the file says why they stand, they are not."""
    bad = str(ROOT / "tests" / "bad" / "parts_below_whole.yaml")
    assert cli.main(["check", bad]) == 0
    out = capsys.readouterr().out
    assert "parts-below-whole" in out
    assert "45 亿元" in out
    assert cli.main(["check", "--strict", bad]) == 1
    assert cli.main(["check", "--strict", "yanjiang_2023"]) == 0


def test_list_names_every_shipped_campaign(capsys):
    """One line a campaign, its columns one below the other in cells."""
    assert cli.main(["list"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == driver.shipped()
    place = width_of(head[: head.index("期间")])
    assert all(width_of(line[: line.index("20", len(line.split()[0]))]) == place for line in lines)


def test_schema_is_the_published_one(capsys, tmp_path):
    """What is printed is the file in schemas/, byte for byte."""
    expected = (ROOT / "schemas" / "campaign.schema.json").read_text("utf-8")
    assert cli.main(["schema"]) == 0
    assert capsys.readouterr().out == expected
    assert cli.main(["schema", "-o", str(tmp_path / "s.json")]) == 0
    assert (tmp_path / "s.json").read_text("utf-8") == expected


def test_functions_and_units_are_listed(capsys):
    """Whoever writes an expression can look up what there is."""
    assert cli.main(["functions", "--lang", "en"]) == 0
    assert "days_between(date, date)" in capsys.readouterr().out
    assert cli.main(["units"]) == 0
    assert "亿元" in capsys.readouterr().out


def test_explain_says_why(data, capsys):
    """The explanation of a target names its clause and its value."""
    pytest.importorskip("campaignrules.explain")
    words = ["explain", SAMPLE, "--data", str(data), "--as-of", "2023-05-31", "--target"]
    assert cli.main([*words, "Y-1"]) == 0
    assert "25" in capsys.readouterr().out
    assert cli.main([*words, "Q2-1", "--unit", "河东乡", "--window", "q2"]) == 0
    assert cli.main([*words, "Y-9"]) == 2


def test_a_fault_of_ours_says_so_and_shows_no_traceback(capsys, monkeypatch):
    """Code 3, an apology and what to report; the traceback only on request."""

    def broken(_args, _screen):
        raise KeyError("oops\x1b[2J")

    monkeypatch.setitem(commands.COMMANDS, "list", broken)
    assert cli.main(["list"]) == 3
    err = capsys.readouterr().err
    assert "程序自身出错" in err
    assert "oops" in err
    assert "\x1b" not in err
    assert "Traceback" not in err
    monkeypatch.setenv("CAMPAIGNRULES_DEBUG", "1")
    assert cli.main(["list", "--lang", "en"]) == 3
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "fault of ours" in err


def test_ctrl_c_ends_with_130(capsys, monkeypatch):
    """Stopping is no fault: one line says so, and the code that shells know."""

    def stopped(_args, _screen):
        raise KeyboardInterrupt

    monkeypatch.setitem(commands.COMMANDS, "list", stopped)
    assert cli.main(["list"]) == 130
    assert capsys.readouterr().err == "已停止\n"


def test_a_reader_who_leaves_early_is_no_error(data):
    """`| head -1`: nothing on standard error, and the code is the one the results deserve."""
    command = [sys.executable, "-m", "campaignrules", "evaluate", SAMPLE, "--data", str(data), "--as-of", "2023-05-31"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 0


def test_closed_standard_streams_are_no_error():
    """A service may start us without standard output; code 0 all the same."""
    command = f"{sys.executable} -m campaignrules units >&- 2>&-"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    assert subprocess.run(command, shell=True, env=environment, check=False).returncode == 0  # noqa: S602  our own words


def test_pipes_get_utf8_whatever_the_locale():
    """A JSON file made under a C or GBK locale is UTF-8 nevertheless."""
    done = run("list", "--lang", "zh", env={"LC_ALL": "C", "PYTHONIOENCODING": "gbk", "PYTHONUTF8": "0"})
    assert done.returncode == 0
    assert "资阳市雁江区" in done.stdout.decode("utf-8")


def test_the_process_ends_with_the_code_of_main():
    """`python -m campaignrules` hands the code to the shell."""
    assert run("units").returncode == 0
    assert run("check", "no-such.yaml").returncode == 1
    assert run("nothing").returncode == 2


@pytest.mark.skipif(not hasattr(signal, "SIGINT"), reason="needs signals")
def test_checking_does_not_wait_for_an_engine():
    """`check`, `list`, `functions` import neither Polars nor rich nor NumPy."""
    code = (
        "import sys; from campaignrules import cli; cli.main(['list']); cli.main(['functions']); cli.main(['schema']);"
        "print(sorted({'polars', 'rich', 'numpy', 'jsonschema'} & set(sys.modules)), file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True, text=True)
    assert done.stderr.strip() == "[]"


class Terminal(io.StringIO):
    """Standard output that a person sees."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("more", "environment", "coloured"),
    [((), {}, True), (("--no-colour",), {}, False), (("--no-color",), {}, False), ((), {"NO_COLOR": "1"}, False),
     ((), {"TERM": "dumb"}, False)],
)  # fmt: skip
def test_colours_are_for_terminals_that_want_them(evaluate, monkeypatch, more, environment, coloured):
    """A terminal gets colours unless the user or NO_COLOR says no."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    assert evaluate(*more) == 0
    assert ("\x1b[" in terminal.getvalue()) == coloured


def test_a_terminal_gives_the_width(evaluate, monkeypatch):
    """The report is as wide as the terminal at most."""
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "72")
    evaluate("--no-colour")
    assert max(map(width_of, terminal.getvalue().splitlines())) <= 72


def test_a_full_disk_behind_standard_output_is_said(capsys, monkeypatch):
    """A write that fails is a problem with a reason, not a fault of ours."""

    class Full(io.StringIO):
        name = "<stdout>"

        def write(self, _text):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", Full())
    assert cli.main(["units"]) == 1
    assert "磁盘已满" in capsys.readouterr().err


def test_columns_line_up_in_cells():
    """Chinese and Latin cells of one column take the same room."""
    assert commands.columns([("名称", "数"), ("ab", "12")], right=(1,)) == "名称  数\nab    12\n"


def test_the_language_is_found_before_anything_is_parsed():
    """Help and refusals speak the language of --lang wherever it stands."""
    assert screen.lang_of(["evaluate", "--lang", "en"]) == "en"
    assert screen.lang_of(["--lang=en", "x"]) == "en"
    assert screen.lang_of(["--lang"]) == "zh"


@pytest.mark.parametrize("given", ["0", "半", "-3", "9999999"])
def test_a_number_of_seconds_that_is_none_is_told_what_it_should_be(given, capsys):
    """Not only that it is wrong."""
    assert cli.main(["verify", "yanjiang_2023", f"--seconds={given}", "--lang", "zh"]) == 2
    assert f"“{given}”应是 1 到 999999 的整数" in capsys.readouterr().err

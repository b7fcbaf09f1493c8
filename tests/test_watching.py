"""Long work says how far it is to whoever listens, shows it on a terminal, and can be stopped at any moment."""

import contextvars
import io
import os
import select
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import campaignrules as cr
from campaignrules import watching
from campaignrules.cli import bar
from campaignrules.errors import Text
from campaignrules.watching import Step, each, tell

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "yanjiang_2023"
STAGE = Text("一步", "a step")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "CAMPAIGNRULES_DEBUG")},
    "PYTHONPATH": str(ROOT / "src"),
    "LC_ALL": "zh_CN.UTF-8",
    "PYTHONUTF8": "1",
}


# -- telling ------------------------------------------------------------------------------------------------------


def test_nobody_need_listen():
    """Without a watcher the items are handed out as they are."""
    tell(STAGE, 1, 2)
    items = (1, 2)
    assert each(STAGE, items) is items


def test_each_says_before_every_item_and_at_the_end_how_many_are_done():
    """The last step of a stage has all its parts done; that is how a watcher knows that it is over."""
    seen: list[Any] = []
    with watching.watching(seen.append):
        assert list(each(STAGE, ["a", "bcd"], size=len)) == ["a", "bcd"]
    assert seen == [Step(STAGE, 0, 4, "a"), Step(STAGE, 1, 4, "bcd"), Step(STAGE, 4, 4, "")]
    assert [step.over for step in seen] == [False, False, True]
    assert [step.share for step in seen] == [0, 0.25, 1]
    assert Step(STAGE, 3, None, "").share is None


def test_a_stage_of_nothing_is_not_mentioned():
    """No items, no step."""
    seen: list[Any] = []
    with watching.watching(seen.append):
        assert list(each(STAGE, [])) == []
    assert seen == []


def test_watchers_stand_inside_one_another_and_leave_with_their_block():
    """An inner watcher takes the place of the outer one until its block ends, even by an exception."""
    seen: list[Any] = []
    with watching.watching(lambda step: seen.append(("outer", step.done))):
        with suppress(ZeroDivisionError), watching.watching(lambda step: seen.append(("inner", step.done))):
            tell(STAGE, 1)
            raise ZeroDivisionError
        tell(STAGE, 2)
        with watching.watching(None):
            tell(STAGE, 3)
    tell(STAGE, 4)
    assert seen == [("inner", 1), ("outer", 2)]


def test_threads_do_not_hear_one_another():
    """A watcher hears the work of its own thread; a context handed to another thread takes it along."""
    seen: list[Any] = []
    with watching.watching(seen.append):
        for run in (tell, lambda stage: contextvars.copy_context().run(tell, stage)):
            thread = threading.Thread(target=run, args=(STAGE,))
            thread.start()
            thread.join()
        context = contextvars.copy_context()
    assert seen == []
    thread = threading.Thread(target=context.run, args=(tell, STAGE))
    thread.start()
    thread.join()
    assert seen == [Step(STAGE, 0, None, "")]


def test_an_evaluation_tells_its_stages_in_order_and_ends_each():
    """Files are read, tables checked, added up, targets, then scores and places computed; each stage that begins ends."""
    seen: list[Any] = []
    with watching.watching(seen.append):
        cr.load("yanjiang_2023").evaluate(EXAMPLE, as_of="2023-06-30")
    stages = list(dict.fromkeys(step.stage for step in seen))
    wanted = [watching.READING, watching.CHECKING, watching.ADDING_UP, watching.TARGETS, watching.SCORING]
    assert [stage for stage in stages if stage in wanted] == wanted
    assert {step.stage for step in seen if step.over} == set(stages)
    assert "quarterly" in {step.name for step in seen if step.stage == watching.SCORING}
    sizes = {path.name: path.stat().st_size for path in EXAMPLE.glob("*.csv")}
    first, second, *_ = (step for step in seen if step.stage == watching.READING)
    assert (first.done, second.done, first.total) == (0, sizes[first.name], sum(sizes.values()))


def test_readings_tell_which_one_is_taken():
    """Each other reading is a step of its own, with the stages of its evaluation inside."""
    seen: list[Any] = []
    with watching.watching(seen.append):
        cr.load(ROOT / "tests" / "overlays" / "campaign.yaml").compare_readings({}, as_of="2023-07-31")
    readings = [step for step in seen if step.stage == watching.READINGS]
    assert readings[0].name.count("=") == 1
    assert readings[-1].over
    inside = seen[seen.index(readings[0]) : seen.index(readings[1])]
    assert watching.TARGETS in {step.stage for step in inside}


def test_what_a_watcher_raises_ends_the_work():
    """A service stops an evaluation by raising from its watcher."""

    class GivenUpError(Exception):
        pass

    def watch(step):
        if step.stage == watching.TARGETS:
            raise GivenUpError

    with pytest.raises(GivenUpError), watching.watching(watch):
        cr.load("yanjiang_2023").evaluate(EXAMPLE, as_of="2023-06-30")


def test_the_results_are_the_same_when_somebody_watches():
    """Watching changes nothing."""
    campaign = cr.load("yanjiang_2023")
    alone = campaign.evaluate(EXAMPLE, as_of="2023-06-30").to_json()
    with watching.watching(lambda _step: None):
        assert campaign.evaluate(EXAMPLE, as_of="2023-06-30").to_json() == alone


# -- the bar ------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    """Standard error that a person sees."""

    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("words", "environment", "wanted"),
    [([], {}, True), (["--no-progress"], {}, False), ([], {"CI": "1"}, False), ([], {"TERM": "dumb"}, False)],
)
def test_a_bar_is_for_terminals_whose_user_wants_it(monkeypatch, words, environment, wanted):
    """Pipes, CI, dumb terminals and those who say so get none."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert bar.wants_bar(words, Terminal()) is wanted
    assert not bar.wants_bar(words, io.StringIO())
    assert not bar.wants_bar(words, None)


def test_a_row_for_each_stage_under_way():
    """The share, the time spent and what it is at, in the reader's language; names are clipped and made visible."""
    from rich.console import Console

    shown = bar.Bar("en", colour=False, wanted=True)
    shown.heard(Step(watching.READINGS, 1, 4, "merit=b"))
    shown.heard(Step(watching.CHECKING, 0, None, "表[bold]" * 30 + "\x1b[2J"))
    shown.heard(Step(watching.TARGETS, 0, 1, "T-1"))
    shown.heard(Step(watching.TARGETS, 1, 1, ""))
    written = io.StringIO()
    console = Console(file=written, width=120)
    console.print(shown._rows())
    first, second = written.getvalue().rstrip().split("\n")
    assert first.split()[1:] == ["25%", "0:00", "other", "readings", "merit=b"]
    assert "checking 表[bold]表[bold]" in second
    assert second.rstrip().endswith("…")
    assert "\x1b" not in second
    assert len(second) < 100


def test_work_between_stages_is_called_work():
    """Before the first stage and between two there is a row, too."""
    from rich.console import Console

    written = io.StringIO()
    console = Console(file=written, width=120)
    console.print(bar.Bar("zh", colour=False, wanted=True)._rows())
    assert written.getvalue().rstrip().endswith("计算中")


def test_the_bar_begins_after_a_while_and_leaves_nothing(monkeypatch):
    """What is drawn is taken away before anything else is written, and the cursor comes back."""
    monkeypatch.setattr(bar, "AFTER", 0.0)
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    shown = bar.Bar("zh", colour=False, wanted=True)
    with shown.shown():
        tell(watching.READING, 1, 2, "甲.csv")
        for _ in range(200):
            if "读取 甲.csv" in screen.getvalue():
                break
            time.sleep(0.05)
        assert "50%" in screen.getvalue()
        shown.close()
        drawn = screen.getvalue()
        assert drawn.count("\x1b[?25l") == drawn.count("\x1b[?25h") == 1
        assert drawn.endswith("\x1b[2K")
        tell(watching.READING, 2, 2)
    assert screen.getvalue() == drawn


def test_short_work_draws_nothing_and_waits_for_nothing(monkeypatch):
    """The bar of work that is over within the second is never begun."""
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    began = time.perf_counter()
    with bar.Bar("zh", colour=True, wanted=True).shown():
        tell(watching.READING, 0, 1, "甲.csv")
    assert time.perf_counter() - began < bar.AFTER / 2
    assert screen.getvalue() == ""


def test_an_evaluation_imports_neither_rich_nor_what_reads_other_formats():
    """From CSV to the report: nothing that draws, and no reader of another format, is loaded."""
    code = (
        "import sys; from campaignrules import cli;"
        f"cli.main(['evaluate', 'yanjiang_2023', '--data', {str(EXAMPLE)!r}, '--as-of', '2023-06-30', '-o', {os.devnull!r}]);"
        "print(sorted({'rich', 'openpyxl', 'python_calamine', 'sqlalchemy', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=ENVIRONMENT, check=True, text=True)
    assert done.stdout.strip() == "[]"


# -- stopping -----------------------------------------------------------------------------------------------------

needs_terminal = pytest.mark.skipif(os.name != "posix", reason="needs pseudo-terminals and their signals")


def started(code, *words, **environment):
    """A process on a pseudo-terminal of its own that prepares by `code` and runs the command; it and its terminal."""
    import pty

    start = f"{code}\nimport sys; from campaignrules.__main__ import command; sys.argv[0] = 'campaignrules'; sys.exit(command())"
    terminal, inner = pty.openpty()
    command = [sys.executable, "-c", start, *words]
    streams: Any = {"stdin": inner, "stdout": inner, "stderr": inner}
    process = subprocess.Popen(command, **streams, env={**ENVIRONMENT, **environment}, start_new_session=True)
    os.close(inner)
    return process, terminal


def seen_until(terminal, wanted, seconds=60):
    """What the terminal shows until it has shown `wanted` (None: until its process has left)."""
    shown, last = b"", time.monotonic() + seconds
    while time.monotonic() < last and (wanted is None or wanted.encode() not in shown):
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:  # its other end is closed
                break
    return shown.decode("utf-8", "replace")


def ended(process, terminal):
    """The exit code and the rest of what the terminal shows."""
    rest = seen_until(terminal, None)
    os.close(terminal)
    return process.wait(60), rest


QUICK = "from campaignrules.cli import bar; bar.AFTER = 0.1"
STUBBORN = """
import time
from campaignrules.cli import commands, stopping
def busy(_args, _screen):
    while True:
        try:
            print("busy", flush=True)
            time.sleep(60)
        except KeyboardInterrupt:
            print("not now", flush=True)
commands.COMMANDS["list"] = busy
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A campaign with readings and data that take seconds."""
    folder = tmp_path_factory.mktemp("large")
    readings = "".join(f"      r{i}: {{title: r, set: {{targets.T-1.at_least: {i + 1} 亿元}}}}\n" for i in range(1, 9))
    (folder / "campaign.yaml").write_text(
        "campaign: large\ntitle: t\nperiod: {from: 2023-01-01, to: 2023-12-31}\nunits: {roster: [{id: a}]}\n"
        "records:\n  project:\n    key: id\n    fields:\n      id: {type: text}\n      unit: {type: unit}\n"
        "      money: {type: quantity, unit: 亿元}\n      on: {type: date}\n      name: {type: text}\n"
        "metrics:\n  total: {sum: project.money, on: on}\n"
        "targets:\n  - {id: T-1, metric: total, in: campaign, for: campaign, at_least: 1 亿元}\n"
        "readings:\n  much:\n    chosen: r0\n    options:\n      r0: {title: r}\n" + readings,
        "utf-8",
    )
    (folder / "data").mkdir()
    lines = (f"p{i},a,{i}.5,2023-05-{i % 28 + 1:02d},企业{i}\n" for i in range(150_000))
    (folder / "data" / "project.csv").write_text("id,unit,money,on,name\n" + "".join(lines), "utf-8")
    return folder


@needs_terminal
@pytest.mark.parametrize(
    ("lang", "more", "words", "stopped"),
    [("zh", {}, "换用其他读法 much=", "已停止"), ("en", {"NO_COLOR": "1"}, "other readings much=", "stopped")],
)
def test_ctrl_c_while_the_bar_is_drawn(large, tmp_path, lang, more, words, stopped):
    """A bar with the right words; then code 130, one line, the cursor back, no traceback, and no file, not even half."""
    out = tmp_path / "out.json"
    words_of = [
        "evaluate",
        large / "campaign.yaml",
        "--data",
        large / "data",
        "--as-of",
        "2023-12-31",
        "--all-readings",
    ]
    process, terminal = started(
        QUICK, *map(str, words_of), "--lang", lang, "-o", str(out), "--format", "json", TERM="xterm-256color", **more
    )
    shown = seen_until(terminal, words)
    assert words in shown
    assert ("\x1b[38" in shown or "\x1b[36m" in shown) is not bool(more)
    process.send_signal(signal.SIGINT)
    code, rest = ended(process, terminal)
    assert code == 130
    assert rest.endswith((f"\r{stopped}\r\n", f"\x1b[2K{stopped}\r\n"))
    assert "Traceback" not in shown + rest
    assert (shown + rest).count("\x1b[?25l") == (shown + rest).count("\x1b[?25h") == 1
    assert list(tmp_path.iterdir()) == []


@needs_terminal
def test_no_bar_when_nobody_wants_it(large):
    """`--no-progress`: the terminal shows the report and nothing else."""
    words = ["evaluate", large / "campaign.yaml", "--data", large / "data", "--as-of", "2023-12-31", "--no-progress"]
    code, shown = ended(*started(QUICK, *map(str, words), TERM="xterm"))
    assert code == 0
    assert "\x1b[?25" not in shown
    assert "T-1" in shown


@needs_terminal
def test_an_engine_that_does_not_listen_is_ended():
    """Work that does not end by itself is ended after a while, with the same code and words."""
    process, terminal = started(STUBBORN + "stopping.GRACE = 0.3", "list")
    assert "busy" in seen_until(terminal, "busy")
    process.send_signal(signal.SIGINT)
    code, rest = ended(process, terminal)
    assert code == 130
    assert rest.split()[-1] == "已停止"
    assert "not now" in rest


@needs_terminal
def test_a_second_ctrl_c_ends_at_once():
    """Nobody has to wait for the grace to be over."""
    process, terminal = started(STUBBORN + "stopping.GRACE = 600", "list")
    seen_until(terminal, "busy")
    process.send_signal(signal.SIGINT)
    assert "not now" in seen_until(terminal, "not now")
    process.send_signal(signal.SIGINT)
    code, rest = ended(process, terminal)
    assert code == 130
    assert rest.split()[-1] == "已停止"


@needs_terminal
def test_sigterm_ends_with_143():
    """A service manager's word is heard, too."""
    process, terminal = started(STUBBORN.replace('print("not now", flush=True)', "raise"), "list")
    seen_until(terminal, "busy")
    process.send_signal(signal.SIGTERM)
    code, rest = ended(process, terminal)
    assert code == 143
    assert rest.split() == ["已停止"]


@needs_terminal
def test_a_stop_that_became_an_error_of_an_engine_is_a_stop():
    """What an engine makes of the interruption is not reported as a fault of the data or of ours."""
    code = """
import os, signal
from campaignrules.cli import commands
def wrapped(_args, _screen):
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt as error:
        raise ValueError("KeyboardInterrupt") from error
commands.COMMANDS["list"] = wrapped
"""
    assert ended(*started(code, "list")) == (130, "已停止\r\n")


@needs_terminal
def test_a_stop_while_modules_load_shows_no_traceback():
    """Too early to know the reader's language, so in both."""
    code = """
import os, signal, sys
class Stopper:
    def find_spec(self, name, *_):
        if name == "campaignrules.checker":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Stopper())
"""
    assert ended(*started(code, "list")) == (130, "已停止 · stopped\r\n")


def test_who_is_told_not_to_listen_does_not():
    """`nohup` and shells that run us in the background ignore signals for us; that stays so."""
    code = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
from campaignrules.__main__ import command
from campaignrules.cli import commands
commands.COMMANDS["list"] = lambda _args, _screen: os.kill(os.getpid(), signal.SIGINT) or 0
sys.argv = ["campaignrules", "list"]
sys.exit(command())
"""
    assert subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, check=False).returncode == 0

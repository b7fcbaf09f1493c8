"""argv → what to do: the options of every command, their help and the words of a refusal, in the reader's language.

Must not know: what the commands do.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NoReturn

import campaignrules
from campaignrules.cli.screen import Screen, UsageError, known
from campaignrules.errors import Text, suggest
from campaignrules.relational.sources import CHOICES
from campaignrules.reports import FORMATS, TABLES

PROG: Final = "campaignrules"
RHYTHMS: Final = ("day", "week", "month", "quarter")
FAIL_ON: Final = ("missed", "behind", "late", "missing", "not_submitted")
ABOUT: Final = Text("目标攻坚类文件：检查、计算、解释", "Target campaigns as documents: check, evaluate, explain")
EPILOG: Final = Text(
    "退出码：0 正常；1 输入有问题，或触发 --fail-on、--strict；2 用法有误；3 程序自身出错。",
    "Exit codes: 0 fine; 1 the input has problems, or --fail-on or --strict was hit; 2 wrong usage; 3 a fault of ours.",
)


def parse(words: Sequence[str], screen: Screen) -> argparse.Namespace:
    """The arguments; `command` is a name of COMMANDS. Raises UsageError, or SystemExit after --help and --version."""
    return _parser(screen).parse_args(words)


def _parser(screen: Screen) -> _Parser:
    parser = _Parser(screen, [], prog=PROG, description=ABOUT.to(screen.lang), epilog=EPILOG.to(screen.lang))
    word = screen.say("命令", "COMMAND")
    commands = parser.add_subparsers(
        title=screen.say("命令", "commands"),
        metavar=word,
        prog=PROG,
        parser_class=_Parser,
        dest="command",
        required=True,
    )
    for name, (fill, about) in COMMANDS.items():
        text = about.to(screen.lang)
        more: dict[str, Any] = {"help": text, "description": text, "epilog": EPILOG.to(screen.lang)}
        one = commands.add_parser(name, screen=screen, names=parser.names, **more)
        fill(one)
        _common(one)
    _common(parser)
    version = f"{PROG} {campaignrules.__version__}"
    parser.option("--version", action="version", version=version, zh="显示版本", en="show the version")
    return parser


class _Parser(argparse.ArgumentParser):
    """argparse that raises our error and speaks the reader's language. `names`: every option there is."""

    def __init__(self, screen: Screen, names: list[str], **more: Any) -> None:
        super().__init__(allow_abbrev=False, add_help=False, formatter_class=_formatter(screen), **more)
        self.screen, self.names = screen, names
        self.values = self.add_argument_group(screen.say("参数", "arguments"))
        self.choices = self.add_argument_group(screen.say("选项", "options"))

    def option(self, *names: str, zh: str, en: str, **more: Any) -> None:
        """An option, or an argument when it has no dashes."""
        dashed = names[0].startswith("-")
        self.names.extend(names if dashed else ())
        place = self.choices if dashed else self.values
        place.add_argument(*names, help=self.screen.say(zh, en), **more)

    def error(self, message: str) -> NoReturn:
        if wrong := re.search(r"invalid choice: '(.*?)' \(", message):  # only commands are choices of argparse's own
            known(wrong[1], list(COMMANDS), Text("命令", "command"))
        see = f"{self.prog} --help"
        near = self._nearest(message)
        zh = f"。是不是想写 {near}？" if near else "。"
        en = f"; did you mean {near}?" if near else "."
        raise UsageError(Text(f"{_chinese(message)}{zh}查看用法：{see}", f"{message}{en} See {see}"))

    def _nearest(self, message: str) -> str | None:
        wrong = re.match(r"unrecognized arguments: (-[^\s=]+)", message)
        return suggest(wrong[1], dict.fromkeys(self.names)) if wrong else None

    def _print_message(self, message: str, file: Any = None) -> None:  # noqa: ARG002  all of it is asked for
        self.screen.show(message)


def _formatter(screen: Screen) -> type[argparse.HelpFormatter]:
    """Help whose first word is in the reader's language."""

    class Localised(argparse.HelpFormatter):
        def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
            super().add_usage(usage, actions, groups, prefix or screen.say("用法：", "usage: "))

    return Localised


_MESSAGES: Final = (
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"unrecognized arguments: (.*)", r"不认识的选项或参数：\1"),
    (r"argument (\S+): expected one argument", r"\1 后面要写一个值"),
    (r"argument (\S+): ignored explicit argument (.*)", r"\1 后面不写值"),
    (r"argument (.*?): (.*)", r"\1：\2"),
)


def _chinese(message: str) -> str:
    """argparse's own message in Chinese, as far as we know it."""
    for pattern, words in _MESSAGES:
        if re.fullmatch(pattern, message, re.DOTALL):
            return re.sub(pattern, words, message, flags=re.DOTALL)
    return message


# -- values -------------------------------------------------------------------------------------------------------


def _one_of(words: Sequence[str], screen: Screen) -> Callable[[str], str]:
    """A value that is one of a few words; argparse's own refusal is worded differently by each Python."""

    def chosen(given: str) -> str:
        if given in words:
            return given
        some = screen.say("、", ", ").join(words)
        raise argparse.ArgumentTypeError(screen.say(f"没有 {given}，可写 {some}", f"no {given}; there are {some}"))

    return chosen


def _date(screen: Screen) -> Callable[[str], dt.date]:
    def date(given: str) -> dt.date:
        with contextlib.suppress(ValueError):
            if re.fullmatch(r"\d{4}-\d{2}-\d{2}", given, re.ASCII):
                return dt.date.fromisoformat(given)
        raise argparse.ArgumentTypeError(
            screen.say(f"“{given}”不是日期，写成 2023-06-30", f"{given} is not a date; write 2023-06-30")
        )

    return date


def _reading(screen: Screen) -> Callable[[str], tuple[str, str]]:
    def reading(given: str) -> tuple[str, str]:
        name, _, option = given.partition("=")
        if name and option:
            return name, option
        raise argparse.ArgumentTypeError(screen.say(f"“{given}”应写成 读法=选项", f"{given} should be reading=option"))

    return reading


# -- commands -----------------------------------------------------------------------------------------------------


def _common(parser: _Parser) -> None:
    screen = parser.screen
    parser.option("-h", "--help", action="help", zh="显示帮助", en="show this help")
    lang = {"type": _one_of(("zh", "en"), screen), "metavar": "zh|en", "default": argparse.SUPPRESS}
    parser.option("--lang", zh="语言（默认随系统）", en="language (default: the locale's)", **lang)
    colour = {"action": "store_true", "default": argparse.SUPPRESS}
    parser.option(
        "--no-colour", "--no-color", zh="不用颜色（也可设 NO_COLOR）", en="no colours (or set NO_COLOR)", **colour
    )
    quiet = {"action": "store_true", "default": argparse.SUPPRESS}
    parser.option("--no-progress", zh="不显示进度条", en="no progress bar", **quiet)


def _output(parser: _Parser) -> None:
    parser.option(
        "-o", "--output", metavar="FILE", zh="写入文件（默认屏幕）", en="write to a file (default: the screen)"
    )


def _choose(parser: _Parser, name: str, words: Sequence[str], *, zh: str, en: str, **more: Any) -> None:
    parser.option(name, type=_one_of(words, parser.screen), metavar="|".join(words), zh=zh, en=en, **more)


def _repeat(parser: _Parser, name: str, *, zh: str, en: str, **more: Any) -> None:
    more = {"metavar": "X", **more}
    parser.option(name, action="append", default=[], zh=f"{zh}，可重复", en=f"{en}; may be repeated", **more)


def _data(parser: _Parser) -> None:
    screen = parser.screen
    name = screen.say("活动", "CAMPAIGN")
    parser.option(
        "campaign", metavar=name, zh="随附活动的名称，或 YAML 文件", en="name of a shipped campaign, or a YAML file"
    )
    _submitted(parser)
    date = {"type": _date(screen), "metavar": "DATE"}
    parser.option(
        "--as-of", zh="统计截至哪一天，如 2023-06-30（必填）", en="the day to look from, as 2023-06-30 (needed)", **date
    )
    reading = {"type": _reading(screen), "metavar": "ID=OPTION"}
    _repeat(parser, "--reading", zh="换一种条款读法", en="take another reading of a clause", **reading)
    _overlay(parser)
    _output(parser)


def _submitted(parser: _Parser) -> None:
    parser.option("--data", metavar="WHERE", zh="报送数据：文件夹、文件或数据库（必填）",
                  en="the submitted data: a folder, a file or a database (needed)")  # fmt: skip
    parser.option("--encoding", metavar="X", zh="文本文件的编码（默认自动识别）",
                  en="encoding of text files (default: it is found)")  # fmt: skip
    _choose(parser, "--engine", CHOICES, default="auto", zh="由谁计算：polars 在本机，其余在数据所在处（默认按大小）",
            en="who works on the rows: polars here, the others where they are (default: by size)")  # fmt: skip


def _overlay(parser: _Parser) -> None:
    _repeat(parser, "--overlay", metavar="FILE", zh="补充文件", en="an overlay: what a later notice settles")


def _evaluate(parser: _Parser) -> None:
    _data(parser)
    parser.option(
        "--all-readings", action="store_true", zh="逐一换用其他读法并对照", en="compare with every other reading"
    )
    parser.option("--show-plan", action="store_true", zh="只显示要对数据提出的查询（SQL 及其参数）",
                  en="only show the queries that are put to the data (SQL and its parameters)")  # fmt: skip
    _choose(parser, "--format", FORMATS, default="table", zh="格式（默认 table）", en="format (default: table)")
    _choose(parser, "--table", (*TABLES, "readings"), zh="CSV 写哪张表（默认 progress）",
            en="the table that CSV holds (default: progress)")  # fmt: skip
    _choose(parser, "--history", RHYTHMS, zh="历次结果：从活动首日起逐日、周、月、季各算一次",
            en="the results at the end of every day, week, month or quarter since the first day")  # fmt: skip
    until = {"type": _date(parser.screen), "metavar": "DATE"}
    parser.option("--until", zh="历次结果到哪一天（默认随 --as-of）",
                  en="the last day of a history (default: --as-of)", **until)  # fmt: skip
    parser.option(
        "--sheet", metavar="X", zh="一个单位的得分单（编号或名称）", en="the score sheet of a unit (id or title)"
    )
    _repeat(parser, "--unit", zh="只看这个单位（编号或名称）", en="only this unit (id or title)")
    _repeat(parser, "--target", zh="只看这个目标、事项、评分表（或 表.项）、排名、表扬",
            en="only this target, duty, scorecard (or card.item), ranking or honour")  # fmt: skip
    _repeat(parser, "--window", zh="只看这个时间窗", en="only this window")
    parser.option("--all", action="store_true", zh="逐行列出，不合并", en="every row, none summed up")
    fail = {"type": _one_of(FAIL_ON, parser.screen), "metavar": "|".join(FAIL_ON)}
    _repeat(parser, "--fail-on", zh="出现这种状态时退出码为 1", en="exit with 1 when a row has this status", **fail)
    parser.option(
        "--strict", action="store_true", zh="有行不予采用时退出码为 1", en="exit with 1 when rows were set aside"
    )
    parser.option("--receipt", metavar="FILE", zh="写出凭据，供 replay 重算", en="write a receipt for `replay`")


def _check(parser: _Parser) -> None:
    name = parser.screen.say("文件", "FILE")
    parser.option(
        "files",
        nargs="*",
        metavar=name,
        zh="YAML 文件，或随附活动的名称",
        en="YAML files or names of shipped campaigns",
    )
    _overlay(parser)
    formats = ("text", "json", "github", "sarif")
    _choose(parser, "--format", formats, default="text", zh="格式（默认 text）", en="format (default: text)")
    parser.option("--explain", action="append", default=[], metavar="CODE", zh="说明一个诊断代码：避免、改成、理由",
                  en="the page of a code: avoid, prefer, why")  # fmt: skip
    parser.option("--all", action="store_true", zh="已确认的问题和相符之处也列出",
                  en="list what is acknowledged and what agrees, too")  # fmt: skip
    _output(parser)
    parser.option("--strict", action="store_true", zh="有警告时退出码也为 1", en="exit with 1 for warnings too")


def _schema(parser: _Parser) -> None:
    of = {"default": "campaign", "zh": "哪种文件（默认 campaign）", "en": "of which files (default: campaign)"}
    _choose(parser, "--of", ("campaign", "overlay", "test"), **of)
    _output(parser)


def _explain(parser: _Parser) -> None:
    _data(parser)
    parser.option(
        "--target",
        metavar="ID",
        zh="目标、事项、评分表（或 表.项）、排名、表扬的编号（必填）",
        en="id of a target, duty, scorecard (or card.item), ranking or honour (needed)",
    )
    parser.option("--unit", metavar="X", zh="单位（编号或名称）", en="unit (id or title)")
    parser.option("--window", metavar="X", zh="时间窗", en="window")


def _intake(parser: _Parser) -> None:
    name = parser.screen.say("活动", "CAMPAIGN")
    parser.option(
        "campaign", metavar=name, zh="随附活动的名称，或 YAML 文件", en="name of a shipped campaign, or a YAML file"
    )
    _submitted(parser)
    _choose(parser, "--format", ("table", "json", "csv", "xlsx"), default="table", zh="格式（默认 table）",
            en="format (default: table)")  # fmt: skip
    parser.option("--marked", metavar="DIR", zh="把有问题的表批注后写到这个文件夹（…（待改）.xlsx）",
                  en="write a marked copy of each file that has faults there")  # fmt: skip
    parser.option("--all", action="store_true", zh="逐条列出，不合并", en="every finding, none summed up")
    parser.option("--strict", action="store_true", zh="有警告时退出码也为 1", en="exit with 1 for warnings too")
    _overlay(parser)
    _output(parser)


def _template(parser: _Parser) -> None:
    name = parser.screen.say("活动", "CAMPAIGN")
    parser.option(
        "campaign", metavar=name, zh="随附活动的名称，或 YAML 文件", en="name of a shipped campaign, or a YAML file"
    )
    parser.option(
        "--data", metavar="DIR", zh="名册随数据报送时，从这里取名册", en="where to take a submitted roster from"
    )
    parser.option("--unit", metavar="X", zh="由哪个单位填报（编号或名称）", en="who fills it in (id or title)")
    _overlay(parser)
    parser.option(
        "-o", "--output", metavar="FILE", zh="写入哪个 .xlsx 文件（默认 报送表.xlsx）",
        en="the .xlsx file to write (default: template.xlsx)",
    )  # fmt: skip


def _whole(screen: Screen) -> Callable[[str], int]:
    def whole(given: str) -> int:
        if re.fullmatch(r"[1-9][0-9]{0,5}", given, re.ASCII):
            return int(given)
        raise argparse.ArgumentTypeError(
            screen.say(
                f"“{given}”应是 1 到 999999 的整数，如 60",
                f"{given} should be a whole number from 1 to 999999, e.g. 60",
            )
        )

    return whole


def _campaign_name(parser: _Parser, name: str = "campaign", **more: Any) -> None:
    more = {"metavar": parser.screen.say("活动", "CAMPAIGN"), **more}
    parser.option(name, zh="随附活动的名称，或 YAML 文件", en="name of a shipped campaign, or a YAML file", **more)


def _test(parser: _Parser) -> None:
    parser.option("paths", nargs="+", metavar=parser.screen.say("路径", "PATH"),
                  zh="测试文件（*.test.yaml）、含有它们的文件夹，或随附活动的名称",
                  en="files of tests (*.test.yaml), folders that hold some, or names of shipped campaigns")  # fmt: skip
    _repeat(parser, "--case", zh="只跑名称含这几个字的用例", en="only cases whose name holds this")
    parser.option("--coverage", action="store_true", zh="列出没有用例触及之处", en="list what no case touches")
    parser.option("--min-coverage", metavar="N", zh="覆盖率低于此（如 90，或 targets=100,items=100）时退出码为 1",
                  en="exit with 1 below this coverage (as 90, or targets=100,items=100)")  # fmt: skip
    _choose(parser, "--format", ("text", "json", "junit"), default="text", zh="格式（默认 text）",
            en="format (default: text)")  # fmt: skip
    _output(parser)


def _verify(parser: _Parser) -> None:
    _campaign_name(parser)
    parser.option("--seconds", type=_whole(parser.screen), default=60, metavar="N", zh="至多多少秒（默认 60）",
                  en="at most so many seconds (default: 60)")  # fmt: skip
    parser.option("--seed", type=_whole(parser.screen), metavar="N", zh="随机种子（默认固定，结果可重复）",
                  en="seed (default: a fixed one, so that a run can be repeated)")  # fmt: skip
    _repeat(parser, "--property", zh="只验证这条性质", en="only this property")
    _choose(parser, "--format", ("text", "json"), default="text", zh="格式（默认 text）", en="format (default: text)")
    _overlay(parser)
    _output(parser)


def _trace(parser: _Parser) -> None:
    _campaign_name(parser)
    _repeat(parser, "--document", metavar="FILE", zh="文件原文（纯文本；有几份文件时写 名字=FILE）",
            en="text of the document (plain; NAME=FILE when there are several)")  # fmt: skip
    parser.option("--digest", metavar="FILE", zh="另存摘要：只有条款号和数字，不含原文",
                  en="write a digest, too: clauses and figures without the text")  # fmt: skip
    _choose(parser, "--format", ("text", "json", "csv"), default="text", zh="格式（默认 text）",
            en="format (default: text)")  # fmt: skip
    parser.option("--all", action="store_true", zh="找到的也逐条列出", en="list what was found, too")
    _overlay(parser)
    _output(parser)


def _diff(parser: _Parser) -> None:
    _campaign_name(parser, "before", metavar=parser.screen.say("旧", "A"))
    _campaign_name(parser, "after", metavar=parser.screen.say("新", "B"))
    parser.option("--data", metavar="WHERE", zh="用这份数据比较结果", en="compare the results of these data")
    parser.option("--encoding", metavar="X", zh="文本文件的编码（默认自动识别）",
                  en="encoding of text files (default: it is found)")  # fmt: skip
    date = {"type": _date(parser.screen), "metavar": "DATE"}
    parser.option(
        "--as-of", zh="统计截至哪一天（比较结果时必填）", en="the day to look from (needed with --data)", **date
    )
    _choose(parser, "--format", ("text", "json"), default="text", zh="格式（默认 text）", en="format (default: text)")
    _output(parser)


def _replay(parser: _Parser) -> None:
    parser.option("receipt", metavar=parser.screen.say("凭据", "RECEIPT"), zh="evaluate --receipt 写出的文件",
                  en="the file that evaluate --receipt wrote")  # fmt: skip
    _campaign_name(parser, "--campaign")
    parser.option("--data", metavar="WHERE", zh="数据现在在哪里（默认凭据所记）",
                  en="where the data are now (default: as the receipt says)")  # fmt: skip
    _choose(parser, "--engine", CHOICES, zh="由谁计算（默认凭据所记）",
            en="who works on the rows (default: as the receipt says)")  # fmt: skip
    _overlay(parser)
    _choose(parser, "--format", ("text", "json"), default="text", zh="格式（默认 text）", en="format (default: text)")
    _output(parser)


def _fmt(parser: _Parser) -> None:
    parser.option("files", nargs="+", metavar=parser.screen.say("文件", "FILE"), zh="活动文件、补充文件、测试文件",
                  en="campaign files, overlays and files of tests")  # fmt: skip
    parser.option("--check", action="store_true", zh="只看是否整齐，不改；不整齐时退出码为 1",
                  en="change nothing; exit with 1 when something would change")  # fmt: skip
    parser.option("--diff", action="store_true", zh="显示会怎么改，不改", en="show what would change, change nothing")


def _nothing(_parser: _Parser) -> None:
    """No options of its own."""


COMMANDS: Final[dict[str, tuple[Callable[[_Parser], None], Text]]] = {
    "evaluate": (
        _evaluate,
        Text("按报送数据计算进度、差距、得分和排名", "progress, shortfalls, scores and places of submitted data"),
    ),
    "check": (_check, Text("检查活动文件，含各种读法", "check campaign files, with their other readings")),
    "explain": (_explain, Text("解释一个结果从何而来", "why a result is what it is")),
    "intake": (
        _intake,
        Text("核对报送数据，不计算；可批注退回", "check submitted data, and mark what is to be corrected"),
    ),
    "template": (_template, Text("写出供填报的工作簿", "the workbook to fill in")),
    "test": (_test, Text("运行测试文件，看哪些规则没有测到", "run files of tests, and say what they leave untested")),
    "verify": (
        _verify,
        Text("自动造数据，验证规则应有的性质", "generate data and try to break what must hold"),
    ),
    "trace": (
        _trace,
        Text("逐个核对文件原文与活动文件中的数字", "hold every figure of a document against its campaign file"),
    ),
    "diff": (
        _diff,
        Text("比较两个活动文件：含义和结果有何变化", "what changed between two campaigns, in meaning and results"),
    ),
    "replay": (_replay, Text("按凭据重算一遍，核对结果是否相同", "evaluate once more from a receipt and compare")),
    "fmt": (_fmt, Text("整理活动文件的次序和格式，保留注释", "one order and style for campaign files, comments kept")),
    "list": (_nothing, Text("列出随附的活动", "the campaigns that come with the library")),
    "schema": (
        _schema,
        Text("输出活动文件、补充文件、测试文件的 JSON Schema", "the JSON Schema of campaign files, overlays and tests"),
    ),
    "functions": (_nothing, Text("列出表达式函数", "the functions of expressions")),
    "units": (_nothing, Text("列出计量单位", "the units of measure")),
}

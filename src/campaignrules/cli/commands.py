"""The commands: each takes parsed arguments, shows something and says with which code to exit.

Must not know: how anything is checked or computed; each imports what it needs when it runs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from campaignrules import driver, reports
from campaignrules.cli.checking import check
from campaignrules.cli.differing import diff
from campaignrules.cli.filling import template
from campaignrules.cli.formatting import fmt
from campaignrules.cli.recounting import recount
from campaignrules.cli.replaying import replay
from campaignrules.cli.screen import FINE, PROBLEMS, WIDTH, Screen, UsageError, known
from campaignrules.cli.taking import intake
from campaignrules.cli.tracing import trace
from campaignrules.cli.trying import test
from campaignrules.cli.verifying import verify
from campaignrules.errors import CampaignError, Text, render, visible, width_of
from campaignrules.reports import Choice
from campaignrules.reports.view import View
from campaignrules.watching import SHOWING, tell

if TYPE_CHECKING:
    from campaignrules.comparison import Comparison
    from campaignrules.evaluation import Evaluation


# -- evaluate -----------------------------------------------------------------------------------------------------


def _evaluate(args: argparse.Namespace, screen: Screen) -> int:
    if args.table == "readings" and not args.all_readings:
        raise UsageError(Text("--table readings 须同 --all-readings 一起用", "--table readings needs --all-readings"))
    campaign = _campaign(args)
    how = {"as_of": args.as_of, "encoding": args.encoding, "engine": args.engine}
    if args.show_plan:
        _refuse_beside("show_plan", args, "history", "sheet", "all_readings", "receipt")
        screen.deliver(campaign.plan_of(args.data, lang=screen.lang, **how), args.output)
        return FINE
    if args.history is not None:
        return _verdict(args, *recount(args, screen, campaign, lambda last: _choice(args, last)), screen)
    evaluation = campaign.evaluate(args.data, **how)
    _write_receipt(args.receipt, evaluation, screen)
    if args.sheet is not None:
        return _sheet(args, evaluation, screen)
    comparison = _comparison(args, campaign, evaluation)
    tell(SHOWING, 0, 1)
    choice = _choice(args, evaluation)
    to_screen = args.output in (None, "-")
    text = reports.render(
        evaluation,
        args.format,
        table=args.table or "progress",
        lang=screen.lang,
        colour=to_screen and screen.colours(sys.stdout),
        width=screen.width if to_screen else WIDTH,
        choice=choice,
        comparison=comparison,
    )
    screen.deliver(text, args.output)
    return _verdict(args, evaluation, choice, screen)


def _write_receipt(path: str | None, evaluation: Evaluation, screen: Screen) -> None:
    """The receipt to the file that the user named, whole or not at all."""
    if path is None:
        return
    if path == "-":
        raise UsageError(
            Text("--receipt 要写入文件：--receipt 凭据.json", "--receipt needs a file: --receipt receipt.json")
        )
    from campaignrules.receipts import written  # noqa: PLC0415  only when asked for

    screen.deliver(written(evaluation.receipt), path)


def _sheet(args: argparse.Namespace, evaluation: Evaluation, screen: Screen) -> int:
    """The score sheet of one unit, in place of the report."""
    _refuse_beside("sheet", args, "unit", "target", "all", "all_readings")
    choice = _choice(args, evaluation)
    to_screen = args.output in (None, "-")
    text = reports.render_sheet(
        evaluation,
        _unit(args.sheet, evaluation),
        args.format,
        table=args.table or "scores",
        windows=choice.windows,
        lang=screen.lang,
        colour=to_screen and screen.colours(sys.stdout),
        width=screen.width if to_screen else WIDTH,
    )
    screen.deliver(text, args.output)
    return _verdict(args, evaluation, choice, screen)


def _refuse_beside(this: str, args: argparse.Namespace, *others: str) -> None:
    """Raises UsageError where an option stands beside one that it does not go with."""
    for option in others:
        if getattr(args, option):
            one, other = ("--" + name.replace("_", "-") for name in (this, option))
            raise UsageError(Text(f"{one} 不能同 {other} 一起用", f"{one} does not go with {other}"))


def _comparison(args: argparse.Namespace, campaign: driver.Campaign, evaluation: Evaluation) -> Comparison | None:
    if not args.all_readings:
        return None
    how = {"encoding": args.encoding, "engine": args.engine}
    return campaign.compare_readings(args.data, as_of=args.as_of, chosen=evaluation, **how)


def _campaign(args: argparse.Namespace) -> driver.Campaign:
    if until := getattr(args, "until", None):
        if args.history is None:
            raise UsageError(Text("--until 须同 --history 一起用", "--until needs --history"))
        args.as_of = args.as_of or until
    if args.as_of is None:
        raise UsageError(
            Text("请写明统计截至哪一天，如 --as-of 2023-06-30", "say which day to look from, as in --as-of 2023-06-30")
        )
    if args.data is None:
        raise UsageError(Text("请写明报送数据：--data 文件夹或文件", "say where the data are: --data FOLDER or FILE"))
    return driver.load(args.campaign, readings=dict(args.reading), overlays=_overlays(args))


def _overlays(args: argparse.Namespace) -> list[Path]:
    return [Path(name) for name in args.overlay]


def _choice(args: argparse.Namespace, evaluation: Evaluation) -> Choice:
    view = View(evaluation)
    return Choice(
        tuple(_unit(name, evaluation) for name in args.unit),
        tuple(known(name, _named(view), _TARGET) for name in args.target),
        tuple(known(name, list(view.known_windows()), _WINDOW) for name in args.window),
        args.all,
    )


def _named(view: View) -> list[str]:
    """What rows can be chosen by."""
    return [*view.targets, *view.duty_items, *view.scored_names, *view.return_items]


_TARGET: Final = Text("目标、事项、评分表、排名或表扬", "target, duty, scorecard, ranking or honour")
_WINDOW: Final = Text("时间窗", "window")
_UNIT: Final = Text("单位", "unit")


def _unit(name: str, evaluation: Evaluation) -> str:
    """The id of a unit given by id, title or alias, or of a class's total."""
    names = {unit.id: unit.id for unit in evaluation.roster.units}
    for unit in evaluation.roster.units:
        for other in (*((unit.title.zh, unit.title.en) if unit.title else ()), *unit.aliases):
            names.setdefault(other, unit.id)
    totals = {row.unit: row.unit for row in evaluation.results.progress if row.unit and row.unit.startswith("all ")}
    names = {**totals, **names}
    return names[known(name, list(names), _UNIT)]


def _verdict(args: argparse.Namespace, evaluation: Evaluation, choice: Choice, screen: Screen) -> int:
    """What the exit code says, and what the chosen format does not show."""
    failing = _failing(args.fail_on, evaluation, choice)
    for status, many in failing.items():
        screen.complain(screen.say(f"--fail-on {status}：{many} 行", f"--fail-on {status}: {many} rows"))
    aside = sum(count.set_aside for count in evaluation.counts)
    if aside and (args.strict or args.format == "csv"):
        how = "--format csv --table findings"
        screen.complain(screen.say(f"{aside} 行不予采用，见 {how}", f"rows set aside: {aside}; see {how}"))
    errors = any(finding.set_aside or finding.severity == "error" for finding in evaluation.findings)
    return PROBLEMS if failing or (args.strict and (aside or errors)) else FINE


def _failing(wanted: Iterable[str], evaluation: Evaluation, choice: Choice) -> dict[str, int]:
    """Rows chosen that have a status asked about; what is only tracked fails nobody."""
    view = View(evaluation, choice)
    found: list[str] = [row.status for row in view.progress if row.force != "tracked"]
    found += [row.status for row in view.duties if row.force != "tracked"]
    found += [row.status for row in view.returns]
    return {status: found.count(status) for status in dict.fromkeys(wanted) if status in found}


# -- the other commands -------------------------------------------------------------------------------------------


def _explain(args: argparse.Namespace, screen: Screen) -> int:
    if not args.target:
        raise UsageError(Text("请写明要解释哪个目标：--target 编号", "say what to explain: --target ID"))
    evaluation = _campaign(args).evaluate(args.data, as_of=args.as_of, encoding=args.encoding, engine=args.engine)
    view = View(evaluation)
    target = known(args.target, [*view.targets, *view.duty_items, *view.scored_names], _TARGET)
    unit = _unit(args.unit, evaluation) if args.unit else None
    from campaignrules.explain import render_explanation  # noqa: PLC0415  the other commands do without

    text = render_explanation(evaluation.explain(target, unit, args.window), screen.lang)
    screen.deliver(text if text.endswith("\n") else f"{text}\n", args.output)
    return FINE


def _list(_args: argparse.Namespace, screen: Screen) -> int:
    heads = (("名称", "Name"), ("期间", "Period"), ("目标", "Targets"), ("事项", "Duties"), ("标题", "Title"))
    rows = [tuple(screen.say(*head) for head in heads)]
    broken: list[CampaignError] = []
    for name in driver.shipped():
        try:
            rows.append(_campaign_row(name, screen.lang))
        except CampaignError as error:
            broken.append(error)
    screen.show(columns(rows, right=(2, 3)))
    for failed in broken:
        screen.complain(render(failed.diagnostics, screen.lang, screen.colours(sys.stderr)))
    return PROBLEMS if broken else FINE


def _campaign_row(name: str, lang: str) -> tuple[str, ...]:
    campaign = driver.load(name).checked.campaign
    period = f"{campaign.period.from_} – {campaign.period.to}"
    return name, period, str(len(campaign.targets)), str(len(campaign.duties)), visible(campaign.title.to(lang))


def _schema(args: argparse.Namespace, screen: Screen) -> int:
    path = driver.data_folder("schemas") / f"{args.of}.schema.json"
    screen.deliver(path.read_text("utf-8"), args.output)
    return FINE


_KINDS: Final = {
    "number": Text("数", "number"),
    "date": Text("日期", "date"),
    "text": Text("文字", "text"),
    "tags": Text("多选", "tags"),
    "whole": Text("整数", "whole number"),
    "same": Text("值", "value"),
}


def _functions(_args: argparse.Namespace, screen: Screen) -> int:
    from campaignrules.functions import FUNCTIONS, Function  # noqa: PLC0415  for this command only

    def signature(function: Function) -> str:
        kinds = [_KINDS[kind].to(screen.lang) for kind in function.takes]
        shown = [kind if i < function.fewest else f"[{kind}]" for i, kind in enumerate(kinds)]
        return f"{function.name}({', '.join(shown)}{', …' if function.most > len(kinds) else ''})"

    rows = [(signature(function), screen.say(function.zh, function.en)) for function in FUNCTIONS.values()]
    screen.show(columns([(screen.say("函数", "Function"), screen.say("含义", "Meaning")), *rows]))
    return FINE


def _units(_args: argparse.Namespace, screen: Screen) -> int:
    from campaignrules.quantities import UNITS  # noqa: PLC0415  for this command only

    kinds: dict[str, list[str]] = {}
    for unit in UNITS.values():
        kinds.setdefault(unit.dimension or "number", []).append(unit.name)
    heads = (screen.say("量", "Dimension"), screen.say("计量单位", "Units of measure"))
    screen.show(columns([heads, *((kind, " ".join(names)) for kind, names in kinds.items())]))
    return FINE


def columns(rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Rows as lines whose columns stand one below the other; Chinese takes two cells a character."""
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]

    def padded(cell: str, index: int) -> str:
        blank = " " * (widths[index] - width_of(cell))
        return blank + cell if index in right else cell + blank

    lines = ("  ".join(padded(cell, i) for i, cell in enumerate(row)).rstrip() for row in rows)
    return "".join(f"{line}\n" for line in lines)


COMMANDS: Final[dict[str, Callable[[argparse.Namespace, Screen], int]]] = {
    "evaluate": _evaluate,
    "check": check,
    "explain": _explain,
    "intake": intake,
    "template": template,
    "test": test,
    "verify": verify,
    "trace": trace,
    "diff": diff,
    "replay": replay,
    "fmt": fmt,
    "list": _list,
    "schema": _schema,
    "functions": _functions,
    "units": _units,
}

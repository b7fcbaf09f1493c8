"""How many mistakes planted in campaign files are found: `python benchmarks/mutations.py [--generated N --seed S]`.

Four commands look at a copy with one mistake: `trace`, `check --strict`, `test`, and `verify` where the others found
nothing. A mistake counts as found when a command ends with 1 and something that it says of the copy, and not of the
file as it ships, names the place: its line, or the element's id or the line of that id. What means the same (`diff`
tells) is no mistake and not counted, nor what stands in a metric that no result rests on (`check` tells). For what
every command refuses to load, the refusal must name the place.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import multiprocessing
import re
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

from attrs import frozen
from mistakes import CAMPAIGNS, NAMES, ROOT, Mistake, file_of, generated, seeded

from campaignrules import cli, differing, driver
from campaignrules.checked import Measure
from campaignrules.errors import CampaignError, to_json

DOCUMENTS: Final = ROOT / "tests" / "documents"
COMMANDS: Final = ("trace", "check", "test")
SECONDS: Final = "10"
"""What `verify` may take for one mistake."""
CPU_SECONDS: Final = 120
"""What one mistake may take altogether; one that takes longer is not found."""
LOAD: Final = "load"
SAME: Final = "same"
SHOWN: Final = "shown"
PROCESSES: Final = 2

Said = dict[str, Any]


@frozen
class Verdict:
    """What came of a mistake.

    `found_by`: commands that named the place; `load` where the copy is refused by all, `same` where it means the same,
    `shown` where it stands in a metric that no result rests on.
    `noticed_by`: those that ended with 1 without naming it; `at_rule`: named as itself, not as what a rule rests on.
    """

    mistake: Mistake
    found_by: tuple[str, ...]
    noticed_by: tuple[str, ...] = ()
    at_rule: bool = False
    seconds: float = 0

    @property
    def counted(self) -> bool:
        return self.found_by not in ((SAME,), (SHOWN,))


# -- the commands -------------------------------------------------------------------------------------------------


def words_of(command: str, path: Path) -> list[str]:
    """The command line for a campaign file that has the name of a shipped one."""
    if command == "test":
        return ["test", str(path.with_suffix(".test.yaml"))]
    if command == "check":
        return ["check", str(path), "--strict"]
    if command == "trace":
        return ["trace", str(path), "--document", str(DOCUMENTS / f"{path.stem}.txt")]
    return ["verify", str(path), "--seconds", SECONDS]


def said(command: str, path: Path) -> tuple[int, list[Said]]:
    """Exit code and the faults that a command tells: errors and warnings that are not acknowledged."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
        code = cli.main([*words_of(command, path), "--format", "json"])
    if code > 1 or not out.getvalue():
        raise RuntimeError(f"{command} {path.stem} ended with {code}:\n{err.getvalue()[:2000]}")
    return code, [one for one in _diagnostics(json.loads(out.getvalue())) if _grave(one)]


def _diagnostics(told: Any) -> Iterator[Said]:
    """Every diagnostic in the JSON output of any command."""
    if isinstance(told, dict):
        if "code" in told and "severity" in told:
            yield told
        else:
            for below in told.values():
                yield from _diagnostics(below)
    elif isinstance(told, list):
        for below in told:
            yield from _diagnostics(below)


def _grave(one: Said) -> bool:
    return one["severity"] != "note" and one["acknowledged"] is None and not one["agrees"]


def _key(one: Said) -> str:
    """A diagnostic as text, wherever the file lies."""
    place = [{**part, "file": Path(part["file"] or "").name} for part in (one, *one["related"])]
    return json.dumps(place, sort_keys=True, ensure_ascii=False)


@cache
def said_of_shipped(campaign: str, command: str) -> frozenset[str]:
    """What a command says of an unmodified copy. Raises RuntimeError where it does not pass."""
    with tempfile.TemporaryDirectory() as folder:
        path = _copy(Path(folder), campaign)
        code, told = said(command, path)
    if code:
        raise RuntimeError(f"{command} does not pass on {campaign} as it ships: mend that first")
    return frozenset(_key(one) for one in told)


def _copy(folder: Path, campaign: str) -> Path:
    """The campaign with the files that stand beside it."""
    for beside in CAMPAIGNS.iterdir():
        if beside.name.startswith(f"{campaign}."):
            (shutil.copytree if beside.is_dir() else shutil.copy)(beside, folder / beside.name)
    return folder / f"{campaign}.yaml"


# -- one mistake --------------------------------------------------------------------------------------------------


def judge(mistake: Mistake, commands: Iterable[str] = COMMANDS, *, first: bool = False, verify: bool = True) -> Verdict:
    """Plant the mistake in a copy and let the commands look. `first`: stop at the first that names the place."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        path = _copy(Path(folder), mistake.campaign)
        path.write_text(mistake.apply(file_of(mistake.campaign).text), "utf-8")
        changed = _change(mistake, path)
        if changed is not None:
            return changed
        found: list[str] = []
        noticed: list[str] = []
        at_rule = False
        for command in (*commands, *(("verify",) if verify else ())):
            if found and (first or command == "verify"):
                break
            code, told = said(command, path)
            fresh = [one for one in told if _key(one) not in said_of_shipped(mistake.campaign, command)] if code else []
            named = [one for one in fresh if names(one, mistake)]
            at_rule = at_rule or any(names({**one, "related": one["related"][:1]}, mistake) for one in named)
            if code:
                (found if named else noticed).append(command)
    return Verdict(mistake, tuple(found), tuple(noticed), at_rule, time.process_time() - began)


def _change(mistake: Mistake, path: Path) -> Verdict | None:
    """What is no mistake that the four commands must find: the same meaning, or no campaign any more."""
    try:
        copy = driver.load(path)
    except CampaignError as error:
        named = any(names(to_json(one), mistake) for one in error.diagnostics)
        return Verdict(mistake, (LOAD,), at_rule=True) if named else Verdict(mistake, (), (LOAD,))
    if differing.compare(_shipped(mistake.campaign), copy).same:
        return Verdict(mistake, (SAME,))
    return Verdict(mistake, (SHOWN,)) if mistake.element in _only_shown(mistake.campaign) else None


@cache
def _shipped(campaign: str) -> driver.Campaign:
    """The campaign as it ships."""
    return driver.load(CAMPAIGNS / f"{campaign}.yaml")


@cache
def _only_shown(campaign: str) -> frozenset[str]:
    """Metrics that no target, score, ranking or honour looks at, as `check` says, and screenings of rows for these."""
    checked = driver.check(CAMPAIGNS / f"{campaign}.yaml").checked
    shown = {one.subject for one in checked.warnings if one.code == "metric-not-judged" and one.subject}
    kernels = [one.kernel for one in checked.metrics.values() if one.id not in shown]
    counted = {one.record for one in kernels if isinstance(one, Measure)} | {duty.record for duty in checked.duties}
    screens = [one for record in checked.records.values() if record.id not in counted for one in record.screens]
    return frozenset(shown | {one.screen.id for one in screens})


def names(one: Said, mistake: Mistake) -> bool:
    """Whether somebody who reads it is led to the place: its line, the line of the element's id, or the id."""
    file = f"{mistake.campaign}.yaml"
    for place in (one, *one["related"]):
        line = place["line"] if Path(place["file"] or "").name == file else None
        if line is not None and (mistake.lines[0] <= line <= mistake.lines[1] or line == mistake.head):
            return True
    if one["subject"] == mistake.element:
        return True
    texts = [one["message"], one["hint"], one["expected"], *(part["message"] for part in one["related"])]
    return any(_mentions(text["en"], mistake.element) for text in texts if text)


def _mentions(text: str, element: str) -> bool:
    """Whether a text has the id: as a word where no ordinary word is like it, else in the place of an id."""
    if re.fullmatch("[a-z]+", element):
        return bool(re.search(rf"'{element}'|(^|· ){element}( ·|$|:)", text))
    if re.search(rf"(?<![\w-]){re.escape(element.replace('.', '.items.', 1))}(?![\w-])", text):
        return True  # the path of an item
    inner = "" if "-" in element else r"(?!\.\w)"  # a scorecard is not named by one of its items
    return bool(re.search(rf"(?<![\w-]){re.escape(element)}(?![\w-]){inner}", text))


# -- all of them --------------------------------------------------------------------------------------------------


def _work(given: tuple[Mistake, bool, bool]) -> Verdict:
    """One mistake, in a process of its own; one that takes too long is not found."""
    mistake, first, verify = given
    signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)
    try:
        return judge(mistake, first=first, verify=verify)
    except TimeoutError:
        return Verdict(mistake, (), ("too long",), seconds=CPU_SECONDS)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _too_long(*_: object) -> NoReturn:
    raise TimeoutError


def judged(mistakes: list[Mistake], *, first: bool, verify: bool) -> list[Verdict]:
    """What came of each, in its order."""
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        verdicts = []
        for verdict in pool.imap_unordered(_work, [(one, first, verify) for one in mistakes]):
            verdicts.append(verdict)
            if verdict.counted and not verdict.found_by:
                print(f"{len(verdicts)}/{len(mistakes)} {_survivor(verdict)}", file=sys.stderr, flush=True)
            elif len(verdicts) % 20 == 0:
                print(f"{len(verdicts)}/{len(mistakes)}", file=sys.stderr, flush=True)
    return sorted(verdicts, key=lambda one: (one.mistake.campaign, one.mistake.lines, one.mistake.kind))


def report(title: str, verdicts: list[Verdict]) -> None:
    """The share found, by whom and of which kind, and what was not found."""
    counted = [one for one in verdicts if one.counted]
    found = [one for one in counted if one.found_by]
    refused = sum(one.found_by == (LOAD,) for one in found)
    print(f"{title}: {_share(len(found), len(counted))}; without the {refused} that every command refuses to load: "
          f"{_share(len(found) - refused, len(counted) - refused)}")  # fmt: skip
    for word, means in ((SAME, "mean the same"), (SHOWN, "stand in metrics that no result rests on")):
        print(f"  not counted: {sum(one.found_by == (word,) for one in verdicts)} that {means}")
    print(f"  named only as what a rule rests on: {sum(not one.at_rule for one in found)}")
    for command in (*COMMANDS, "verify"):
        by = [one for one in found if command in one.found_by]
        print(f"  {command}: {len(by)}, of which alone {sum(len(one.found_by) == 1 for one in by)}")
    kinds: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for one in counted:
        kinds[one.mistake.kind][bool(one.found_by)] += 1
    print("  " + "; ".join(f"{kind} {some[True]}/{some.total()}" for kind, some in sorted(kinds.items())))
    for one in counted:
        if not one.found_by:
            print(f"  {_survivor(one)}")


def _share(found: int, of: int) -> str:
    return f"{found} of {of} found = {found / max(1, of):.1%}"


def _survivor(one: Verdict) -> str:
    mistake = one.mistake
    text = file_of(mistake.campaign).text
    old = " ".join(text[mistake.start : mistake.end].split())
    noticed = f"; noticed by {', '.join(one.noticed_by)} without the place" if one.noticed_by else ""
    where = f"campaigns/{mistake.campaign}.yaml:{mistake.lines[0]}"
    return f"{where}: {mistake.kind} ({mistake.element}): {old!r} -> {mistake.new.strip()!r}{noticed}"


def main() -> int:
    """Print both scores; 1 when a seeded mistake was not found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generated", type=int, default=0, metavar="N", help="so many generated mistakes, too")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="which of them (default: 1)")
    parser.add_argument("--campaign", choices=NAMES, action="append", help="only these")
    parser.add_argument("--first", action="store_true", help="stop at the first command that finds a mistake: quicker")
    parser.add_argument("--no-verify", action="store_true", help="leave verify out: quicker")
    parser.add_argument("--no-seeded", action="store_true", help="only the generated ones")
    args = parser.parse_args()
    chosen = args.campaign or NAMES
    how = {"first": args.first, "verify": not args.no_verify}
    verdicts = judged([one for one in seeded() if one.campaign in chosen], **how) if not args.no_seeded else []
    if verdicts:
        report("seeded", verdicts)
    if args.generated:
        some = [one for one in generated(args.generated, args.seed) if one.campaign in chosen]
        report(f"generated, seed {args.seed}", judged(some, **how))
    return int(not all(one.found_by for one in verdicts))


if __name__ == "__main__":
    sys.exit(main())

"""The whole pipeline on one screen: name, path or text → campaign → evaluation."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field

import campaignrules
from campaignrules import checker, readings, source, structure
from campaignrules import overlays as notices
from campaignrules.checked import CheckedCampaign
from campaignrules.errors import CampaignError, Text, did_you_mean, fault
from campaignrules.nodes import Mapping as MappingNode
from campaignrules.source import Document
from campaignrules.watching import READINGS, each

if TYPE_CHECKING:
    from campaignrules.comparison import Comparison
    from campaignrules.evaluation import Evaluation
    from campaignrules.history import By, History
    from campaignrules.intake import Submission
    from campaignrules.live import Session
    from campaignrules.live.sessions import Work
    from campaignrules.model import Overlay
    from campaignrules.planner import Plan
    from campaignrules.receipts import Origin


@define(eq=False, slots=False)
class Campaign:
    """A checked campaign, ready to evaluate. Made by `load`.

    `document`: the file itself; `checked`: with the readings taken and all of `overlays`. `at` gives the campaign as it
    stands on a day, without the overlays that only come into force `later`. `given`: the name or path it was loaded by.
    """

    document: Document
    checked: CheckedCampaign
    readings: Mapping[str, str] = field(factory=dict)
    overlays: tuple[Overlay, ...] = ()
    later: tuple[Overlay, ...] = ()
    given: str | None = None
    _stages: dict[tuple[str, ...], Campaign] = field(factory=dict, repr=False)

    @property
    def name(self) -> str:
        return self.checked.campaign.campaign

    @cached_property
    def plan(self) -> Plan:
        """What the engine runs; made once."""
        from campaignrules import planner  # noqa: PLC0415  checking a file must not wait for the engine

        return planner.plan(self.checked)

    def at(self, as_of: dt.date | str) -> Campaign:
        """The campaign as of a day: only overlays in force by then are applied. Made once for each set of them."""
        every = (*self.overlays, *self.later)
        applied = notices.in_force(every, _date(as_of))
        if len(applied) == len(self.overlays):
            return self
        key = tuple(overlay.id for overlay in applied)
        if key not in self._stages:
            later = tuple(overlay for overlay in every if overlay not in applied)
            made = build(self.document, self.readings, applied)
            self._stages[key] = evolve(made, later=later, given=self.given, stages=self._stages)
        return self._stages[key]

    def evaluate(
        self, data: Any = None, *, as_of: dt.date | str, encoding: str | None = None, engine: str = "auto"
    ) -> Evaluation:
        """Progress, duties and findings of `data` as known at `as_of` (a date or '2023-06-30').

        `data`: a folder, a file, a database, or a mapping of table name to any table: rows, files, Polars, pandas or
        Arrow tables, or what `campaignrules.sql` and `campaignrules.spark` give. `encoding`: of text files, when it need
        not be found; `engine`: auto, polars, duckdb, postgres or spark, see docs/engines.md. Raises CampaignError when the
        submission cannot be used at all; bad rows become findings.
        """
        day = _date(as_of)
        return _evaluated(self.at(day), data, day, encoding, engine)

    def plan_of(
        self,
        data: Any = None,
        *,
        as_of: dt.date | str,
        encoding: str | None = None,
        engine: str = "auto",
        lang: str = "zh",
    ) -> str:
        """What `evaluate` would ask of the data, to be read: SQL with its parameters, or Polars' own plan.

        Reads as much as it must to know the columns. Raises CampaignError.
        """
        from campaignrules.engine.planned import planned, shown  # noqa: PLC0415  checking must not wait for the engine

        day = _date(as_of)
        campaign = self.at(day)
        return shown(planned(campaign.plan, _taken(campaign, data, day, encoding, engine), day), lang)

    def session(self, data: Any = None, *, as_of: dt.date | str, encoding: str | None = None) -> Session:
        """A session that keeps rows and results: `apply` changes rows and tells which results are different.

        `data`: as for `evaluate`; all rows are kept in memory. Raises CampaignError.
        """
        from campaignrules.live import sessions  # noqa: PLC0415  checking a file must not wait for the engine

        day = _date(as_of)
        campaign = self.at(day)
        return sessions.begin(_work(campaign, day, _origin(campaign, data, encoding)), data, encoding)

    def resume(self, path: str | Path) -> Session:
        """The session in a file that `Session.save` wrote. Raises CampaignError; also for one of another campaign."""
        from campaignrules.live import saving, sessions  # noqa: PLC0415  checking a file must not wait for the engine

        saved = saving.load(path)
        campaign = self.at(saved.as_of)
        return sessions.resume(_work(campaign, saved.as_of, _origin(campaign, None, None)), saved)

    def history(
        self,
        data: Any = None,
        *,
        by: By = "month",
        until: dt.date | str | None = None,
        points: bool = False,
        encoding: str | None = None,
        engine: str = "auto",
    ) -> History:
        """Progress at the end of every day, week, month or quarter from the campaign's first day to `until`.

        The rows are those of `evaluate` on each of these days, from one pass over the records. `until`: the period's last
        day unless given, and itself the last of the days. `points`: scores, rankings and honours of every day, too.
        Overlays count from the day they are in force. Raises CampaignError.
        """
        from campaignrules.evaluation import Evaluation  # noqa: PLC0415  checking a file must not wait for the engine
        from campaignrules.history import History, windows_of  # noqa: PLC0415  the same

        calendar = self.checked.calendar
        made = History(by, windows_of(calendar, by, calendar.period.end if until is None else _date(until)), points)
        for campaign, some in groupby(made.days, self.at):
            days = tuple(some)
            submission = _taken(campaign, data, days[-1], encoding, engine)
            dense = made.run(campaign.plan, submission, days)
            more = campaign.meta(), _origin(campaign, data, encoding, engine)
            made.last = Evaluation(campaign.checked, submission, dense, dense.as_of, *more)
        return made

    def compare_readings(
        self,
        data: Any = None,
        *,
        as_of: dt.date | str,
        chosen: Evaluation | None = None,
        encoding: str | None = None,
        engine: str = "auto",
    ) -> Comparison:
        """Which results stand under every reading of the clauses, and how the others depend on them.

        Evaluates once more for each other option of each reading, one at a time. `chosen`: an evaluation of the same
        data by this campaign, if there is one already.
        """
        from campaignrules.comparison import Comparison  # noqa: PLC0415  checking a file must not wait for the engine

        day = _date(as_of)
        base = self.at(day)
        first = chosen or _evaluated(base, data, day, encoding, engine)
        others = {}
        for reading, option in each(READINGS, tuple(_other_readings(base)), "=".join):
            other = evolve(build(base.document, {**base.readings, reading: option}, base.overlays), given=base.given)
            others[reading, option] = _evaluated(other, data, day, encoding, engine).results
        return Comparison(first.results, others, base.checked.campaign.readings)

    def intake(
        self, data: Any = None, *, encoding: str | None = None, findings: int | None = None, engine: str = "auto"
    ) -> Submission:
        """Reads and checks `data`, evaluates nothing: `findings`, `counts`, `tables`, `received`.

        `encoding`: of text files, when it need not be found; `findings`: how many are listed at most. Raises
        CampaignError when the submission cannot be used at all; bad rows become findings.
        """
        from campaignrules import intake  # noqa: PLC0415  checking a file must not wait for the readers of data

        limits = intake.Limits() if findings is None else intake.Limits(findings=findings)
        submission = intake.take(self.checked, data, limits, encoding=encoding, engine=engine)
        return submission.looked_through(limits.findings)

    def template(self, path: str | Path, *, unit: str | None = None, lang: str = "zh", roster: Any = None) -> None:
        """Write the workbook to fill in (.xlsx): a sheet for each record type, with lists to choose from.

        `unit`: who is to fill it in. `roster`: where the campaign has none, data with the table `units`. Raises
        CampaignError.
        """
        from campaignrules.workbooks import template  # noqa: PLC0415  openpyxl is imported by those who write workbooks

        template.write(path, self.checked, unit=unit, lang=lang, roster=roster)

    def meta(self) -> dict[str, Any]:
        """Versions, the readings taken, the overlays in force and those that are not yet."""
        chosen = {name: reading.chosen for name, reading in self.checked.campaign.readings.items()}
        applied = {"in_force": self.overlays, "not_yet": self.later}
        return {
            "campaignrules": campaignrules.__version__,
            "python": ".".join(map(str, sys.version_info[:3])),
            "title": {"zh": self.checked.campaign.title.zh, "en": self.checked.campaign.title.en},
            "readings": {**chosen, **self.readings},
            "overlays": {when: [notices.told(overlay) for overlay in some] for when, some in applied.items()},
        }


def _taken(campaign: Campaign, data: Any, day: dt.date, encoding: str | None, engine: str) -> Submission:
    """The submission; of what lies elsewhere only what may count by that day."""
    from campaignrules import engine as running  # noqa: PLC0415  checking a file must not wait for the engine
    from campaignrules import intake  # noqa: PLC0415  the same

    return intake.take(
        campaign.checked, data, encoding=encoding, engine=engine, needed=lambda: running.needed(campaign.plan, day)
    )


def _evaluated(campaign: Campaign, data: Any, day: dt.date, encoding: str | None, engine: str = "auto") -> Evaluation:
    from campaignrules import engine as running  # noqa: PLC0415  checking a file must not wait for the engine
    from campaignrules.evaluation import Evaluation  # noqa: PLC0415  the same

    submission = _taken(campaign, data, day, encoding, engine)
    origin = _origin(campaign, data, encoding, engine)
    dense = running.run(campaign.plan, submission, day)
    return Evaluation(campaign.checked, submission, dense, day, campaign.meta(), origin)


def _work(campaign: Campaign, day: dt.date, origin: Origin) -> Work:
    from campaignrules.live.sessions import Work  # noqa: PLC0415  checking a file must not wait for the engine

    return Work(campaign.checked, campaign.plan, day, campaign.meta(), origin)


def _origin(campaign: Campaign, data: Any, encoding: str | None, engine: str = "auto") -> Origin:
    """Where everything came from, for the receipt."""
    from campaignrules.receipts import Origin, Paper  # noqa: PLC0415  checking a file must not wait for readers of data

    name, chosen = campaign.name, dict(campaign.readings)
    taken = {name: reading.chosen for name, reading in campaign.checked.campaign.readings.items()}
    overlays = [(one, one in campaign.overlays) for one in (*campaign.overlays, *campaign.later)]
    papers = [Paper(one.id, *_paper(one), notices.effective(one), in_force) for one, in_force in overlays]
    file = Paper(name, campaign.given, campaign.document.source.given)
    return Origin(campaignrules.__version__, file, tuple(papers), {**taken, **chosen}, chosen, data, encoding, engine)


def _paper(overlay: Overlay) -> tuple[str | None, bytes]:
    """The path of an overlay, None for a text, and its bytes."""
    at = overlay.spot().span.source
    return None if at.name.startswith("<") else at.name, at.given


def _other_readings(campaign: Campaign) -> Iterator[tuple[str, str]]:
    """Every (reading, option) that is not taken and would change something."""
    for name, reading in campaign.checked.campaign.readings.items():
        taken = campaign.readings.get(name, reading.chosen)
        for option, told in reading.options.items():
            if option != taken and (told.set or option == reading.chosen):
                yield name, option


def load(
    what: str | Path | bytes, *, readings: Mapping[str, str] | None = None, overlays: Sequence[str | Path | bytes] = ()
) -> Campaign:
    """The campaign of a shipped name, a path or YAML text. Raises CampaignError with every fault of the file.

    `readings`: reading → option, to take another reading of a clause than the file's own. `overlays`: paths or YAML
    texts of what later notices settle or amend.
    """
    choices: Any = readings or {}
    if not isinstance(choices, Mapping) or not all(isinstance(word, str) for pair in choices.items() for word in pair):
        raise CampaignError(fault("wrong-type", None, expected=Text("{读法: 选项}", "{reading: option}")))
    document = read(what)
    given = notices.read(overlays)
    campaign = build(_with_warnings(document, given), choices, given.overlays)
    return evolve(campaign, given=_name_of(what))


def _with_warnings(document: Document, given: notices.Given) -> Document:
    return evolve(document, warnings=(*document.warnings, *given.warnings))


def _name_of(what: object) -> str | None:
    """The name or path that somebody gave; None for a text."""
    return None if isinstance(what, bytes | bytearray) or _is_text(what) else str(what)


def _is_text(what: object) -> bool:
    return isinstance(what, str) and ("\n" in what or ": " in what)


def read(what: str | Path | bytes) -> Document:
    """The document of a shipped name, a path or YAML text (text has a line break or a colon)."""
    if isinstance(what, bytes | bytearray):
        return source.read(bytes(what))
    if not isinstance(what, str | Path):
        got = type(what).__name__
        raise CampaignError(
            fault("wrong-type", None, expected=Text("名称、路径或 YAML", "name, path or YAML"), got=got)
        )
    if isinstance(what, str) and _is_text(what):
        return source.read(what)
    return source.read(find(what))


def build(document: Document, choices: Mapping[str, str], overlays: tuple[Overlay, ...] = ()) -> Campaign:
    """document → readings → overlays → model → checked; warnings about the text go with whatever comes of it."""
    _refuse_another_kind(document)
    try:
        chosen = notices.apply(readings.choose(document, choices), overlays)
        partial = structure.structure_partly(chosen)
        if partial.value is None:
            raise CampaignError(partial.faults)
        checked = checker.check(partial.value, partial.faults, partial.unsure)
    except CampaignError as error:
        places = readings.told(document, choices)
        faults = [evolve(one, related=(*one.related, *places)) for one in error.diagnostics]
        raise CampaignError([*document.warnings, *faults]) from None
    checked = evolve(checked, warnings=(*document.warnings, *checked.warnings))
    return Campaign(document, checked, dict(choices), overlays)


_OTHER_KINDS: Final = {"tests_for": Text("测试文件", "a file of tests"), "overlay_for": Text("补充文件", "an overlay")}


def _refuse_another_kind(document: Document) -> None:
    """One fault, and not one for each of its keys. Raises CampaignError."""
    root = document.root
    if not isinstance(root, MappingNode) or root.get("campaign") is not None:
        return
    for key, kind in _OTHER_KINDS.items():
        if root.get(key) is not None:
            raise CampaignError(fault("another-kind-of-file", root.key(key), kind=kind))


def check(what: str | Path | bytes, *, overlays: Sequence[str | Path | bytes] = ()) -> Campaign:
    """As `load`; every alternative reading and every day an overlay begins are tried, and the published schemas.

    The warnings of the campaign it gives hold what does not add up in it, too, and what its author has acknowledged: see
    docs/trust.md.
    """
    from campaignrules import consistency, schema  # noqa: PLC0415  they take longer to import than a campaign to load

    document = read(what)
    given = notices.read(overlays)
    document = _with_warnings(document, given)
    campaign = build(document, {}, given.overlays)
    faults = [
        *schema.validate(document),
        *(each for one in given.documents for each in schema.validate(one, "overlay")),
    ]
    if faults:
        raise CampaignError(faults)
    for stage in notices.stages(given.overlays)[:-1]:
        build(document, {}, stage)
    for reading, option in readings.options(document):
        build(document, {reading: option}, given.overlays)
    found = (*campaign.checked.warnings, *consistency.examine(campaign.checked))
    known = consistency.acknowledge(found, campaign.checked.campaign, complete=not overlays)
    return evolve(campaign, checked=evolve(campaign.checked, warnings=known))


def find(name: str | Path) -> Path:
    """The file of a shipped campaign's name, or the path itself. Raises CampaignError."""
    path = Path(name)
    if path.suffix in (".yaml", ".yml") or len(path.parts) > 1 or _is_there(path):
        return path
    shipped_file = data_folder("campaigns") / f"{name}.yaml"
    known = shipped()
    if str(name) not in known:
        hint = did_you_mean(str(name), known)
        raise CampaignError(fault("unknown-campaign", None, name=str(name), expected=", ".join(known), hint=hint))
    return shipped_file


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # longer than a name can be, or no name at all
        return False


def shipped() -> list[str]:
    """Names of the campaigns that come with the library."""
    return sorted(path.stem for path in data_folder("campaigns").glob("*.yaml") if "." not in path.stem)


def data_folder(name: str) -> Path:
    """`campaigns` or `schemas`: inside the installed package, or at the root of a checkout."""
    packaged = Path(__file__).parent / "_data" / name
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / name


def _date(as_of: dt.date | str) -> dt.date:
    if isinstance(as_of, dt.datetime) and as_of == as_of:  # noqa: PLR0124  not the NaT of pandas
        return as_of.date()
    if isinstance(as_of, dt.date) and not isinstance(as_of, dt.datetime):
        return as_of
    try:
        if isinstance(as_of, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", as_of, re.ASCII):
            return dt.date.fromisoformat(as_of)
    except ValueError:
        pass
    raise CampaignError(fault("bad-date", None, got=str(as_of)))

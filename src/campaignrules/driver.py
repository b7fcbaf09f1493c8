"""The whole pipeline on one screen: name, path or text → campaign → evaluation."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import define, evolve, field

import campaignrules
from campaignrules import checker, readings, source, structure
from campaignrules.checked import CheckedCampaign
from campaignrules.errors import CampaignError, Text, did_you_mean, fault
from campaignrules.source import Document

if TYPE_CHECKING:
    from campaignrules.evaluation import Evaluation
    from campaignrules.planner import Plan


@define(eq=False, slots=False)
class Campaign:
    """A checked campaign, ready to evaluate. Made by `load`."""

    document: Document
    checked: CheckedCampaign
    readings: Mapping[str, str] = field(factory=dict)

    @property
    def name(self) -> str:
        return self.checked.campaign.campaign

    @cached_property
    def plan(self) -> Plan:
        """What the engine runs; made once."""
        from campaignrules import planner  # noqa: PLC0415  checking a file must not wait for the engine

        return planner.plan(self.checked)

    def evaluate(self, data: Any = None, *, as_of: dt.date | str) -> Evaluation:
        """Progress, duties and findings of `data` as known at `as_of` (a date or '2023-06-30').

        `data`: a folder, or a mapping of table name to rows, Polars, pandas or Arrow tables, or Parquet paths.
        Raises CampaignError when the submission cannot be used at all; bad rows become findings.
        """
        from campaignrules import engine, intake  # noqa: PLC0415  checking a file must not wait for the engine
        from campaignrules.evaluation import Evaluation  # noqa: PLC0415  the same

        day = _date(as_of)
        submission = intake.take(self.checked, data)
        return Evaluation(self.checked, submission, engine.run(self.plan, submission, day), day, self._meta())

    def _meta(self) -> dict[str, Any]:
        chosen = {name: reading.chosen for name, reading in self.checked.campaign.readings.items()}
        return {
            "campaignrules": campaignrules.__version__,
            "python": ".".join(map(str, sys.version_info[:3])),
            "title": {"zh": self.checked.campaign.title.zh, "en": self.checked.campaign.title.en},
            "readings": {**chosen, **self.readings},
        }


def load(what: str | Path | bytes, *, readings: Mapping[str, str] | None = None) -> Campaign:
    """The campaign of a shipped name, a path or YAML text. Raises CampaignError with every fault of the file.

    `readings`: reading → option, to take another reading of a clause than the file's own.
    """
    choices: Any = readings or {}
    if not isinstance(choices, Mapping) or not all(isinstance(word, str) for pair in choices.items() for word in pair):
        raise CampaignError(fault("wrong-type", None, expected=Text("{读法: 选项}", "{reading: option}")))
    return build(read(what), choices)


def read(what: str | Path | bytes) -> Document:
    """The document of a shipped name, a path or YAML text (text has a line break or a colon)."""
    if isinstance(what, bytes | bytearray):
        return source.read(bytes(what))
    if not isinstance(what, str | Path):
        got = type(what).__name__
        raise CampaignError(
            fault("wrong-type", None, expected=Text("名称、路径或 YAML", "name, path or YAML"), got=got)
        )
    if isinstance(what, str) and ("\n" in what or ": " in what):
        return source.read(what)
    return source.read(find(what))


def build(document: Document, choices: Mapping[str, str]) -> Campaign:
    """document → readings → model → checked; warnings about the text itself go with whatever comes of it."""
    chosen = readings.choose(document, choices)
    try:
        partial = structure.structure_partly(chosen)
        if partial.value is None:
            raise CampaignError(partial.faults)
        checked = checker.check(partial.value, partial.faults, partial.unsure)
    except CampaignError as error:
        raise CampaignError([*document.warnings, *error.diagnostics]) from None
    return Campaign(document, evolve(checked, warnings=(*document.warnings, *checked.warnings)), dict(choices))


def check(what: str | Path | bytes) -> Campaign:
    """As `load`, and every alternative reading is checked too, and the file against the published schema."""
    from campaignrules import schema  # noqa: PLC0415  jsonschema takes longer to import than a campaign to load

    document = read(what)
    campaign = build(document, {})
    if faults := schema.validate(document):
        raise CampaignError(faults)
    for reading, option in readings.options(document):
        build(document, {reading: option})
    return campaign


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
    return sorted(path.stem for path in data_folder("campaigns").glob("*.yaml"))


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

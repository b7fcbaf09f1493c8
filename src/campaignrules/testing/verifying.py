"""The properties of a campaign tried on generated data until the time is over → a verdict.

In: a campaign, seconds, a seed. Out: `Verdict`: for each property how often and on how much it was tried, and for each
place where it does not hold the smallest data found. Hypothesis draws; all properties share what is worked out for one
draw; a failure is made small by taking rows and cells away while it stays. Must not know: what a property says, who
prints.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import hypothesis
from attrs import define, field, frozen
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from campaignrules.consistency.acknowledged import acknowledge
from campaignrules.driver import Campaign
from campaignrules.errors import CampaignError, Diagnostic, Text, did_you_mean, fault
from campaignrules.testing.places import place_of_subject
from campaignrules.testing.properties import PROPERTIES, Breach, Property, authors
from campaignrules.testing.shrinking import smaller
from campaignrules.testing.strategies import Drawn, drawing
from campaignrules.testing.trials import Ground, Trial
from campaignrules.watching import tell

SECONDS: Final = 60
SEED: Final = 20230531
MOST_EXAMPLES: Final = 400
VERIFYING: Final = Text("验证性质", "trying properties")
_TRYING: Final = 0.6
"""The share of the time after which a run that has found something goes over to making it small."""
_BATCH: Final = 40
"""Submissions drawn in one go: Hypothesis begins each with the simplest ones, more of them the more there are to be."""
_RESERVE: Final = 0.05
"""The share that is left over, for what comes after."""


@frozen(eq=False, repr=False)
class Broken:
    """A property that does not hold, at one place: the smallest data found, what came out, and a diagnostic."""

    property: str
    subject: str
    drawn: Drawn
    breach: Breach
    trial: Trial
    diagnostic: Diagnostic


@frozen(eq=False, repr=False)
class Tried:
    """How a property fared: on how many submissions it was tried, and on how many targets, items … of the campaign."""

    property: str
    says: Text
    examples: int
    applies_to: tuple[str, ...]
    broken: tuple[Broken, ...]


@frozen(eq=False, repr=False)
class Verdict:
    """What came of it. `diagnostics`: one for each place, those the author lets stand as such, and idle entries."""

    tried: tuple[Tried, ...]
    diagnostics: tuple[Diagnostic, ...]
    examples: int
    seconds: float
    seed: int

    @property
    def broken(self) -> tuple[Broken, ...]:
        """Every place where some property does not hold."""
        return tuple(one for tried in self.tried for one in tried.broken)

    @property
    def holds(self) -> bool:
        """Whether nothing is broken but what the author lets stand."""
        return all(one.acknowledged is not None for one in self.diagnostics if one.code == "property-broken")


def verify(
    campaign: Campaign,
    seconds: float = SECONDS,
    *,
    seed: int = SEED,
    properties: Sequence[str] | None = None,
    examples: int = MOST_EXAMPLES,
) -> Verdict:
    """Tries to break the properties of a campaign for at most so many seconds, with at most so many submissions.

    `properties`: names of those to try; all by default. Raises CampaignError for a name that is none.
    """
    began = time.monotonic()
    ground = Ground(campaign)
    wanted = _wanted(ground, properties)
    run = _Run(ground, wanted, began, began + seconds * (1 - _RESERVE), examples)
    run.try_all(seed)
    tell(VERIFYING, 100, 100)
    tried = tuple(run.told(one) for one in wanted)
    found = [broken.diagnostic for one in tried for broken in one.broken]
    diagnostics = acknowledge(found, campaign.checked.campaign, "verify", complete=properties is None)
    return Verdict(tried, diagnostics, run.examples, time.monotonic() - began, seed)


def _wanted(ground: Ground, names: Sequence[str] | None) -> tuple[Property, ...]:
    every = (*PROPERTIES, *authors(ground))
    known = [one.name for one in every]
    for name in names or ():
        if name not in known:
            raise CampaignError(
                fault("unknown-property", None, name=name, hint=did_you_mean(name, known), expected=", ".join(known))
            )
    return tuple(one for one in every if names is None or one.name in names)


class _OverError(Exception):
    """The time is over."""


@define(eq=False, repr=False)
class _Run:
    """The state of one verification."""

    ground: Ground
    properties: tuple[Property, ...]
    began: float
    end: float
    most: int
    examples: int = 0
    found: dict[tuple[str, str], tuple[Drawn, Breach]] = field(factory=dict)
    counts: dict[str, int] = field(factory=dict)
    applies: dict[str, tuple[str, ...]] = field(factory=dict)
    _told: float = 0.0
    _slowest: float = 0.0

    def try_all(self, seed: int) -> None:
        """Draws and tries until the time is over, then makes what was found small."""
        self.applies = {one.name: one.applies(self.ground) for one in self.properties}
        with contextlib.suppress(_OverError):
            strategy = drawing(self.ground.campaign)
            for i in range(0, self.most, _BATCH):
                _drawn_from(strategy, seed + i, min(_BATCH, self.most - i), self._try)
        for i, key in enumerate(sorted(self.found)):
            left = self.end - time.monotonic()
            self._make_small(key, time.monotonic() + left / (len(self.found) - i))

    def _make_small(self, key: tuple[str, str], until: float) -> None:
        one = next(each for each in self.properties if each.name == key[0])
        self.found[key] = smaller(*self.found[key], lambda drawn: self._breach(one, key[1], drawn), until)

    def _try(self, drawn: Drawn) -> None:
        now = time.monotonic()
        share = _TRYING if self.found else 1.0
        if now + self._slowest > self.began + (self.end - self.began) * share:
            raise _OverError
        self._say(now)
        trial = Trial(self.ground, drawn)
        self.examples += 1
        for one in self._at_turn(self.examples):
            self.counts[one.name] = self.counts.get(one.name, 0) + 1
            self._note(one, trial)
        self._slowest = max(self._slowest, time.monotonic() - now)

    def _at_turn(self, count: int) -> Iterator[Property]:
        """Those that apply; of the costly ones another one each time."""
        some = [one for one in self.properties if self.applies[one.name]]
        costly = [one for one in some if one.costly]
        at_turn = costly[count % len(costly)] if costly else None
        return (one for one in some if not one.costly or one is at_turn)

    def _note(self, one: Property, trial: Trial) -> None:
        """Keep what breaks a property, where it is the first of its place or smaller than what is known."""
        for breach in one.broken(trial):
            key = (one.name, breach.subject)
            known = self.found.get(key)
            if known is None or trial.submitted.size < known[0].submitted.size:
                self.found[key] = (trial.drawn, breach)

    def _breach(self, one: Property, subject: str, drawn: Drawn) -> Breach | None:
        """What still breaks a property with other data, of which no row may be set aside."""
        trial = Trial(self.ground, drawn)
        if any(count.set_aside for count in trial.answer.submission.counts.values()):
            return None
        return next((breach for breach in one.broken(trial) if breach.subject == subject), None)

    def _say(self, now: float) -> None:
        """Say how far it is, by time or by examples, whichever is further; not oftener than somebody can see."""
        if now - self._told > 0.2:
            self._told = now
            share = max((now - self.began) / (self.end - self.began), self.examples / self.most)
            tell(VERIFYING, int(100 * min(share, 0.99)), 100, str(self.examples))

    def told(self, one: Property) -> Tried:
        some = [(key[1], *self.found[key]) for key in self.found if key[0] == one.name]
        broken = tuple(self._broken(one, subject, drawn, breach) for subject, drawn, breach in some)
        return Tried(one.name, one.says, self.counts.get(one.name, 0), self.applies[one.name], broken)

    def _broken(self, one: Property, subject: str, drawn: Drawn, breach: Breach) -> Broken:
        at = place_of_subject(self.ground.campaign.checked.campaign, subject)
        said = fault(
            "property-broken", at, property=one.name, says=one.says, about=subject, told=breach.told, subject=subject,
            finding=one.name,
        )  # fmt: skip
        return Broken(one.name, subject, drawn, breach, Trial(self.ground, drawn), said)


def _drawn_from(strategy: st.SearchStrategy[Drawn], seed: int, most: int, trying: Callable[[Drawn], None]) -> None:
    """Hypothesis draws, and draws near what it has drawn; nothing is stored, and what is slow is no fault."""
    settings = hypothesis.settings(
        max_examples=most, deadline=None, database=None, phases=[Phase.generate], print_blob=False,
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False, verbosity=hypothesis.Verbosity.quiet,
    )  # fmt: skip

    def one(drawn: Drawn) -> None:
        trying(drawn)

    settings(hypothesis.seed(seed)(hypothesis.given(strategy)(one)))()

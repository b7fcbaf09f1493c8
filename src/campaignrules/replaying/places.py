"""Which of the places that a receipt names may be opened.

A receipt may come from anybody, and whoever replays it must not be made to open what they never meant to. So a place
that a receipt names is opened only when it is a relative path that stays below the working folder, links followed; a
campaign or overlay besides only when it is named .yaml or .yml, or is the name of a shipped campaign. No URL, no absolute
path, no `..`, no home folder, no database server. Everything else the caller must name.

In: what a receipt states, a folder. Out: places, or `receipt-place` that says which option to use. Must not know: what is
in the files.
"""

from __future__ import annotations

from pathlib import Path, PureWindowsPath
from typing import Final, NoReturn

from attrs import frozen

from campaignrules import driver
from campaignrules.errors import CampaignError, Text, fault
from campaignrules.replaying.stated import Stated, StatedPaper

_OPTIONS: Final = {
    "campaign": (Text("活动文件", "campaign"), "--campaign"),
    "overlay": (Text("补充文件", "overlay"), "--overlay"),
    "data": (Text("数据", "data"), "--data"),
}


@frozen(eq=False, repr=False)
class Places:
    """Where the campaign, the overlays and the data of a receipt are. `folder` None: nowhere."""

    stated: Stated
    folder: Path | None

    def campaign(self) -> str | Path:
        """Raises CampaignError, as all of these do."""
        given = self.stated.campaign.given
        if given in driver.shipped() and not (self.folder and (self.folder / given).exists()):
            return given
        return self._document(self.stated.campaign, "campaign")

    def overlays(self) -> list[Path]:
        return [self._document(one, "overlay") for one in self.stated.overlays]

    def data(self) -> Path | dict[str, Path] | None:
        given = self.stated.data
        if isinstance(given, str):
            return self._below(given, "data")
        if given is None:
            if self.stated.inputs:
                _refuse("data", None)
            return None
        return {name: self._below(one, "data") for name, one in given.items()}

    def _document(self, paper: StatedPaper, what: str) -> Path:
        if paper.given is not None and not paper.given.casefold().endswith((".yaml", ".yml")):
            _refuse(what, paper.given)
        return self._below(paper.given, what)

    def _below(self, given: str | None, what: str) -> Path:
        if self.folder is None or given is None or not _is_plain(given):
            _refuse(what, given)
        path = self.folder / given
        try:
            inside = path.resolve().is_relative_to(self.folder.resolve())
        except (OSError, ValueError, RuntimeError):  # too long a name, a circle of links
            inside = False
        if not inside:
            _refuse(what, given)
        return path


def _is_plain(given: str) -> bool:
    """Whether a text is a relative path, by the rules of any system, that goes down only."""
    path = PureWindowsPath(given)  # it knows both strokes
    return bool(given) and not (
        path.drive or path.root or ".." in path.parts or given.startswith("~") or ":" in given or "\0" in given
    )


def _refuse(what: str, given: str | None) -> NoReturn:
    title, option = _OPTIONS[what]
    if given is None:
        raise CampaignError(fault("receipt-without-place", None, what=title, option=option))
    raise CampaignError(fault("receipt-place", None, what=title, path=given, option=option))

"""Evaluation → text: a table for the terminal, JSON, CSV. Reports format; they never compute.

Must not know: where the text goes (`saving.save` writes files), or how results come about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from campaignrules.reports.view import TABLES, Choice, Evaluated, Table

if TYPE_CHECKING:
    from campaignrules.comparison import Comparison

Format = Literal["table", "json", "csv"]
FORMATS: Final[tuple[Format, ...]] = ("table", "json", "csv")

__all__ = ["FORMATS", "TABLES", "Choice", "Evaluated", "Format", "Table", "render", "render_sheet"]


def render(  # noqa: PLR0913  what to show, in which form, for whom
    evaluation: Evaluated,
    format: Format = "table",  # noqa: A002 - the word users know from --format
    *,
    table: Table = "progress",
    lang: str = "zh",
    colour: bool = False,
    width: int = 100,
    choice: Choice | None = None,
    comparison: Comparison | None = None,
) -> str:
    """The report of an evaluation. `table` is for CSV; `colour` and `width` for the terminal.

    `comparison`: how the results stand under other readings, told as well (in CSV it is the table `readings`).
    """
    if format == "json":
        from campaignrules.reports import as_json  # noqa: PLC0415  a format that is not asked for is not imported

        return as_json.render(evaluation, choice, comparison)
    if format == "csv":
        from campaignrules.reports import as_csv  # noqa: PLC0415  a format that is not asked for is not imported

        return as_csv.render(evaluation, table, lang, choice, comparison)
    from campaignrules.reports import terminal  # noqa: PLC0415  a format that is not asked for is not imported

    return terminal.render(evaluation, lang, colour, width, choice, comparison)


def render_sheet(  # noqa: PLR0913  whose sheet, in which form, for whom
    evaluation: Evaluated,
    unit: str,
    format: Format = "table",  # noqa: A002 - the word users know from --format
    *,
    table: Table = "scores",
    windows: tuple[str, ...] = (),
    lang: str = "zh",
    colour: bool = False,
    width: int = 100,
) -> str:
    """The score sheet of one unit (its id), in these windows or the ones that have begun last."""
    choice = Choice(units=(unit,), windows=windows)
    if format == "json":
        from campaignrules.reports import as_json  # noqa: PLC0415  a format that is not asked for is not imported

        return as_json.render_sheet(evaluation, choice)
    if format == "csv":
        return render(evaluation, "csv", table=table, lang=lang, choice=choice)
    from campaignrules.reports import terminal  # noqa: PLC0415  a format that is not asked for is not imported

    return terminal.render_sheet(evaluation, unit, choice, lang, colour, width)

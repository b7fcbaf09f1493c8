"""The parts of an .xlsx or .xlsm → `Book`: how far the cells of each sheet reach, and how they look.

In: parts that were unpacked and counted (`archives`). Out: a `Book` whose file holds nothing else than what was looked at.
Must not know: what the cells mean; their values are read by another.
"""

from __future__ import annotations

from campaignrules.intake import archives
from campaignrules.intake.books import Book, Look
from campaignrules.intake.raw import Limits


def book(parts: dict[str, bytes], label: str, limits: Limits) -> Book:
    """The workbook of these parts. Raises CampaignError."""
    return Book(archives.packed(parts), lambda _position, _title: Look())

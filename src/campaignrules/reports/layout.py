"""Words → lines for a terminal: columns, folding, colour, all of it counted in cells.

Comes in: `Cell`s and `Grid`s, a width, whether colours are wanted. Goes out: text of at most that width. A line is
broken where readers expect it: at a blank or between Chinese characters, never before 、，。） or after （“.
Must not know: what the words mean. It stands here for speed: rich took a sixth of a cold start
(docs/decisions/0006-terminal-table.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

from campaignrules.errors import width_of

TIE: Final = "\u00a0"
"""A blank that no line is broken at; it reaches nobody (`errors.visible` takes it out of data, `lines` out of ours)."""
LEAST: Final = 4
"""No column is made narrower."""

_CODES: Final = {
    "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36",
}  # fmt: skip
_WORD: Final = re.compile(r"[^ ]+(?: [·–](?= ))* *| +")
"""Up to the next blank; `·` stays with what it follows. Kept this small: classes of Chinese take `re` 5 ms to compile."""
_WIDE: Final = "\u1100"
"""From here on a line may be broken between characters; only breaks depend on it, `width_of` counts the cells."""
_OPENS: Final = frozenset("（《〈「『【〔［｛“‘([{")
_CLOSES: Final = frozenset("、，。．；：？！）》〉」』】〕］｝”’…—％‰℃,.;:?!)]}%\u3000\u3099\u309a")


class Cell:
    """Words in colours, on one line or more. They are fit for a terminal already."""

    __slots__ = ("parts",)

    def __init__(self, text: str = "", style: str = "") -> None:
        self.parts = [(text, style)]

    def append(self, text: str | Cell, style: str = "") -> Cell:
        """Add words behind; gives the cell itself."""
        self.parts += text.parts if isinstance(text, Cell) else [(text, style)]
        return self

    @property
    def plain(self) -> str:
        """The words without their colours."""
        return "".join(text for text, _ in self.parts)

    @property
    def width(self) -> int:
        """The cells it takes when nothing is folded."""
        return max(map(width_of, self.plain.split("\n")))

    def lines(self, width: int, colour: bool) -> list[tuple[str, int]]:
        """The lines it takes when `width` cells are there, each with its own width."""
        plain = self.plain
        found = [(start, start + len(plain[start:end].rstrip())) for start, end in _breaks(plain, width)]
        write = self._painted if colour else plain.__getitem__
        return [(write(slice(start, end)), width_of(plain[start:end])) for start, end in found]

    def _painted(self, piece: slice) -> str:
        shown, at = "", 0
        for text, style in self.parts:
            part = text[max(piece.start - at, 0) : max(piece.stop - at, 0)]
            codes = ";".join(_CODES[word] for word in style.split())
            shown += f"\x1b[{codes}m{part}\x1b[0m" if part and codes else part
            at += len(text)
        return shown


class Grid:
    """Rows whose cells stand one below the other, one blank between them, no rules."""

    __slots__ = ("_folds", "_right", "_rows")

    def __init__(self) -> None:
        self._rows: list[list[Cell]] = [[]]
        self._right: list[bool] = []
        self._folds: list[bool] = []

    def column(self, head: str = "", *, right: bool = False, folds: bool = False) -> None:
        """A column that keeps its width, or one that folds where the terminal is narrow; heads may all be ''."""
        self._rows[0].append(Cell(head, "dim"))
        self._right.append(right)
        self._folds.append(folds)

    def row(self, *cells: Cell) -> None:
        """A row with one cell for each column."""
        self._rows.append(list(cells))

    def lines(self, width: int, colour: bool) -> Iterator[str]:
        """The heads, when there are any, and the rows."""
        widths = self._widths(width)
        headless = not any(head.plain for head in self._rows[0])
        for row in self._rows[headless:]:
            cells = [cell.lines(room, colour) for cell, room in zip(row, widths, strict=True)]
            for i in range(max(map(len, cells))):
                line = [lines[i] if i < len(lines) else ("", 0) for lines in cells]
                yield " ".join(map(_placed, line, widths, self._right)).rstrip()

    def _widths(self, width: int) -> list[int]:
        """What each column takes; too much is taken from the widest that folds, and only then from the others."""
        widths = [max(cell.width for cell in column) for column in zip(*self._rows, strict=True)]
        spare = width - sum(widths) - len(widths) + 1
        for able in (self._folds, [True] * len(widths)):
            columns = [i for i, folds in enumerate(able) if folds]
            while spare < 0 and columns:
                widest = max(columns, key=widths.__getitem__)
                if widths[widest] <= LEAST:
                    break
                widths[widest] -= 1
                spare += 1
        return widths


def filled_columns(heads: Sequence[tuple[str, bool]], rows: Iterable[Sequence[Cell]]) -> Grid:
    """The rows below their heads, each with whether its column folds; a column without a word is left out."""
    lines = list(rows)
    filled = [i for i in range(len(heads)) if any(line[i].plain for line in lines)]
    grid = Grid()
    for i in filled:
        grid.column(heads[i][0], folds=heads[i][1])
    for line in lines:
        grid.row(*(line[i] for i in filled))
    return grid


def _placed(line: tuple[str, int], width: int, right: bool) -> str:
    text, taken = line
    blank = " " * (width - taken)
    return blank + text if right else text + blank


def lines(parts: Iterable[Cell | Grid], width: int, colour: bool) -> str:
    """All of it, one below the other, a line feed behind each line and no blank before it."""
    found: list[str] = []
    for part in parts:
        found += (
            part.lines(width, colour) if isinstance(part, Grid) else (line for line, _ in part.lines(width, colour))
        )
    return "".join(f"{line}\n" for line in found).replace(TIE, " ")


def _breaks(text: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each line of `text` begins and ends."""
    at = 0
    for paragraph in text.split("\n"):
        if width_of(paragraph) <= width:
            yield at, at + len(paragraph)
        else:
            yield from ((at + start, at + end) for start, end in _folded(paragraph, width))
        at += len(paragraph) + 1


def _folded(text: str, width: int) -> Iterator[tuple[int, int]]:
    start, taken = 0, 0
    for at, atom in _pieces(text, width):
        if taken + width_of(atom.rstrip()) > width:
            yield start, at
            start, taken = at, 0
        taken += width_of(atom)
    yield start, len(text)


def _pieces(text: str, width: int) -> Iterator[tuple[int, str]]:
    """What stays on one line, with its place; what is wider than a line comes as its characters."""
    for word in _WORD.finditer(text):
        tied = TIE in word[0]
        ends = [at for at in range(word.start() + 1, word.end()) if _parts(text[at - 1], text[at], tied)]
        for start, end in pairwise((word.start(), *ends, word.end())):
            piece = text[start:end]
            yield from [(start, piece)] if width_of(piece.rstrip()) <= width else enumerate(piece, start)


def _parts(before: str, after: str, tied: bool) -> bool:
    """Whether a line may end between two characters of a word; one that is tied parts after its marks only."""
    if max(before, after) < _WIDE or after in _CLOSES or before in _OPENS or after == " " or not width_of(after):
        return False
    return before in _CLOSES if tied else before != " "

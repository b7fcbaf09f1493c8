"""What all example tables share: sheets, chance that is always the same, and untidiness that is still right.

In: headers, cells, seeds. Out: `Sheet`s. Must not know: any campaign, or where tables are written.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from decimal import Decimal

STEMS = "甲乙丙丁戊己庚辛壬癸"
NUMERALS = "一二三四五六七八九十"
YES, NO = "是", "否"
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")


class Sheet:
    """One table: its headers, its rows as text, and the rows that were spoiled on purpose."""

    def __init__(self, headers: str) -> None:
        self.headers = headers.split()
        self.rows: list[dict[str, str]] = []
        self.spoiled: dict[int, tuple[str, str]] = {}

    def add(self, *cells: object) -> None:
        """One row; None is an empty cell, a date is written 2023-05-15, a yes or no 是 or 否."""
        self.rows.append(dict(zip(self.headers, map(written, cells), strict=True)))

    def spoil(self, row: int, column: str, cell: str, why: str) -> None:
        """Make a row impossible by one cell. `row` counts from 0, without the header."""
        if row in self.spoiled:
            raise ValueError(f"row {row} is spoiled twice")
        self.rows[row][column] = cell
        self.spoiled[row] = (column, why)

    def repeat(self, row: int, at: int, **changed: str) -> None:
        """Say a row again further down, perhaps with other contents. Rows that are spoiled later keep their numbers."""
        self.rows.insert(at, {**self.rows[row], **changed})
        self.spoiled = {(r + 1 if r >= at else r): why for r, why in self.spoiled.items()}
        self.spoiled[at] = (self.headers[0], "编号重复，内容不同" if changed else "整行重复")


def written(cell: object) -> str:
    """A cell as text."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return YES if cell else NO
    return str(cell)


class Chance:
    """Random choices for one campaign, always the same."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def one(self, of: Sequence[str]) -> str:
        return self.random.choice(of)

    def of(self, weighted: dict[str, int]) -> str:
        """One of the keys, as often as its weight says."""
        return self.random.choices(list(weighted), list(weighted.values()))[0]

    def happens(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def amount(self, low: int, high: int) -> Decimal:
        """An amount between `low` and `high` hundredths, mostly near the lower end."""
        part = self.random.random()
        return Decimal(low + int((high - low) * part * part)) / 100

    def day(self, first: dt.date, last: dt.date) -> dt.date:
        return first + dt.timedelta(self.random.randint(0, max(0, (last - first).days)))

    def later(self, day: dt.date | None, low: int, high: int, percent: int, until: dt.date) -> dt.date | None:
        """A day `low` to `high` days after another, if it happens at all, and by `until`."""
        if day is None or not self.happens(percent):
            return None
        found = day + dt.timedelta(self.random.randint(low, high))
        return found if found <= until else None


def company(kind: str, number: int) -> str:
    """A name that nobody bears: 甲某食品有限公司-017."""
    return f"{STEMS[number % 10]}某{kind}有限公司-{number:03d}"


def project_name(kind: str, number: int) -> str:
    """A name that says that it is an example."""
    return f"示例{kind}项目{number:03d}"


# -- untidiness that is still right ---------------------------------------------------------------------------------


def restyle(chance: Chance, sheet: Sheet, dates: Iterable[str] = (), amounts: Iterable[str] = ()) -> None:
    """Write a few dates and amounts in other ways that mean the same."""
    for row in sheet.rows:
        for column in dates:
            if row[column] and chance.happens(4):
                row[column] = other_date(chance, row[column])
        for column in amounts:
            if row[column] and chance.happens(5):
                row[column] = other_amount(chance, row[column])


def other_date(chance: Chance, text: str) -> str:
    """2023-05-15 as 2023/5/15, 2023年5月15日 or 2023.05.15."""
    year, month, day = text.split("-")
    short = f"{year}/{int(month)}/{int(day)}"
    return chance.one((short, f"{year}年{int(month)}月{int(day)}日", f"{year}.{month}.{day}"))


def other_amount(chance: Chance, text: str) -> str:
    """3.5 as 3.5亿元, ３．５, or 35,000万元."""
    ten_thousands = Decimal(text) * 10000
    styles = [f"{text}亿元", text.translate(FULL_WIDTH), f" {text} "]
    if ten_thousands == ten_thousands.to_integral_value():
        styles.append(f"{int(ten_thousands):,}万元")
    return chance.one(styles)


def blank(chance: Chance, sheet: Sheet, columns: Iterable[str], percent: int = 5) -> None:
    """Leave some optional cells empty."""
    for row in sheet.rows:
        for column in columns:
            if chance.happens(percent):
                row[column] = ""


def first(sheet: Sheet, column: str, cells: Sequence[str] = (), start: int = 0) -> int:
    """The first row from `start` that is not spoiled and whose cell is filled (or one of `cells`)."""
    for row in range(start, len(sheet.rows)):
        cell = sheet.rows[row][column]
        if row not in sheet.spoiled and (cell in cells if cells else cell):
            return row
    raise ValueError(f"no row with {column}")


def months(year: int, start: int, stop: int) -> list[tuple[dt.date, dt.date]]:
    """First and last day of the months from `start` to `stop`, both included; 13 is January of the next year."""
    found = []
    for count in range(start, stop + 1):
        begin = dt.date(year + (count - 1) // 12, (count - 1) % 12 + 1, 1)
        end = dt.date(year + count // 12, count % 12 + 1, 1) - dt.timedelta(1)
        found.append((begin, end))
    return found


UNIT_HEADERS = "编号 名称 类别 上级单位"
FIGURE_HEADERS = "指标 单位 日期 数值"
ATTESTATION_HEADERS = "事项编号 单位 完成日期 应完成日期 佐证材料"

Tables = dict[str, Sheet]

"""Make the example data of the five campaigns: CSV tables as an office would hand them in. 生成示例数据。

In: nothing but fixed seeds. Out: one folder per campaign beside this file (or in the folder given), and
`set_aside.csv`, which says of every impossible row what is wrong with it. Everything is made up. Must not know: the
library; only the standard library is used, so that anybody can run it: `python examples/make_examples.py`.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from making.guangyuan import guangyuan
from making.sheets import Tables
from making.sichuan import sichuan_q3, sichuan_reply
from making.xinfeng import xinfeng
from making.yanjiang import yanjiang

CAMPAIGNS: dict[str, Callable[[], Tables]] = {
    "yanjiang_2023": yanjiang,
    "xinfeng_100days": xinfeng,
    "guangyuan_2023_2025": guangyuan,
    "sichuan_2023_q3": sichuan_q3,
    "sichuan_2024_reply_0798": sichuan_reply,
}


def write(folder: Path, headers: Sequence[str], rows: Iterable[dict[str, str]], name: str) -> None:
    """A CSV file as Excel writes it: UTF-8 with a byte order mark, lines ended by CR LF."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.csv").open("w", encoding="utf-8-sig", newline="") as out:
        lines = csv.DictWriter(out, headers, lineterminator="\r\n")
        lines.writeheader()
        lines.writerows(rows)


def main(folder: Path) -> None:
    """Write all tables, and the list of spoiled rows with the row number that Excel shows."""
    aside = []
    for campaign, make in CAMPAIGNS.items():
        for name, sheet in make().items():
            write(folder / campaign, sheet.headers, sheet.rows, name)
            aside += [
                {"活动": campaign, "表": name, "行": str(row + 2), "栏": column, "问题": why}
                for row, (column, why) in sorted(sheet.spoiled.items())
            ]
    write(folder, ("活动", "表", "行", "栏", "问题"), aside, "set_aside")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)

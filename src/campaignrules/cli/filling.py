"""The command `template`: the workbook to fill in.

Must not know: what stands in the workbook, how it is written.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from campaignrules import driver
from campaignrules.cli.screen import Screen, UsageError
from campaignrules.errors import Text, visible

DEFAULT: Final = Text("报送表.xlsx", "template.xlsx")


def template(args: argparse.Namespace, screen: Screen) -> int:
    """Write the template of a campaign; what lies there already is replaced only when it was named."""
    path = Path(args.output or DEFAULT.to(screen.lang))
    if path.suffix.casefold() != ".xlsx":
        raise UsageError(Text(f"报送表模板是 .xlsx 文件，不能写成 {path}", f"a template is an .xlsx file, not {path}"))
    if args.output is None and path.exists():
        raise UsageError(
            Text(f"已有 {path}，要换掉它请写明 -o {path}", f"there is a {path} already; to replace it say -o {path}")
        )
    campaign = driver.load(args.campaign, overlays=[Path(name) for name in args.overlay])
    roster = None if args.data is None else Path(args.data)
    campaign.template(path, unit=args.unit, lang=screen.lang, roster=roster)
    screen.complain(screen.say(f"已写入 {visible(str(path))}", f"written: {visible(str(path))}"))
    return 0

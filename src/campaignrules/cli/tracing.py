"""The command `trace`: the figures of a document against those of its campaign file.

Must not know: how any of it is done.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from campaignrules import driver
from campaignrules.cli.screen import FINE, PROBLEMS, WIDTH, Screen, UsageError, known
from campaignrules.errors import Diagnostic, Source, Text

if TYPE_CHECKING:
    from campaignrules.tracing import Trace


def trace(args: argparse.Namespace, screen: Screen) -> int:
    """Show which number stands where, and which nowhere; 1 when one is not in its clause or a figure is forgotten."""
    from campaignrules import overlays, tracing  # noqa: PLC0415  only this command reads documents
    from campaignrules.consistency.acknowledged import acknowledge  # noqa: PLC0415  the same

    if not args.document:
        raise UsageError(Text("请给出文件原文或摘要：--document FILE", "give the text or its digest: --document FILE"))
    campaign = driver.load(args.campaign).checked.campaign
    given = overlays.read([Path(name) for name in args.overlay])
    names = [*campaign.documents, *(overlay.id for overlay in given.overlays)] or [""]
    traced = tracing.trace(campaign, _documents(args.document, names), given.overlays)
    found = acknowledge(traced.diagnostics, campaign, "trace", complete=traced.complete)
    if args.digest:
        _digest(args.digest, traced, screen)
    screen.deliver(_report(args, campaign.campaign, traced, found, screen), args.output)
    return PROBLEMS if any(one.acknowledged is None and one.severity != "note" for one in found) else FINE


def _documents(given: list[str], names: list[str]) -> dict[str, Source]:
    """NAME=FILE, or one FILE for the first document."""
    from campaignrules.tracing import read_document  # noqa: PLC0415  only this command reads documents

    documents: dict[str, Source] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or name not in names:
            if equals and not Path(text).exists():
                known(
                    name,
                    names,
                    Text("文件名（documents 或补充文件的编号）", "document (of `documents`, or an overlay's id)"),
                )
            name, path = names[0], text
        if name in documents:
            raise UsageError(
                Text(
                    f"文件 {name or path} 给了两次，写 名字=FILE",
                    f"document {name or path} is given twice: say NAME=FILE",
                )
            )
        documents[name] = read_document(Path(path))
    return documents


def _digest(path: str, traced: Trace, screen: Screen) -> None:
    from campaignrules.reports.saving import save  # noqa: PLC0415  only when a digest is asked for
    from campaignrules.tracing import digests  # noqa: PLC0415  the same

    if len(traced.pages) > 1:
        raise UsageError(
            Text("--digest 一次只写一份文件的摘要", "--digest writes the digest of one document at a time")
        )
    save(path, "".join(digests.written(page) for page in traced.pages.values()))
    screen.complain(screen.say(f"已写入 {path}", f"written: {path}"))


def _report(args: argparse.Namespace, name: str, traced: Trace, found: tuple[Diagnostic, ...], screen: Screen) -> str:
    from campaignrules.tracing import reports  # noqa: PLC0415  only this command reports on documents

    if args.format == "json":
        return reports.as_json(name, traced, found)
    if args.format == "csv":
        return reports.as_csv(traced, screen.lang)
    to_screen = args.output in (None, "-")
    colour, width = (screen.colours(sys.stdout), screen.width) if to_screen else (False, WIDTH)
    return reports.as_text(traced, found, screen.lang, every=args.all, colour=colour, width=width)

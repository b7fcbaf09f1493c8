"""A campaign file → the same file in one order and style, comments kept.

In: the text of a campaign, an overlay or a file of tests, from people we do not know. Out: the text to be written. What
comes out is read once more and held against what came in: the same words under the same keys, the same comments; a
difference is a fault of ours, and nothing comes out. Must not know: what a campaign means, files, terminals.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from campaignrules.errors import Diagnostic
from campaignrules.formatting import orders
from campaignrules.formatting.gaps import Gaps, comments
from campaignrules.formatting.laying import lay
from campaignrules.formatting.taking import take
from campaignrules.source import Document, Limits, Mapping, Node, Scalar, read
from campaignrules.suites import LIMITS, SUFFIX

USUAL: Final = Limits()

__all__ = ["Formatted", "Unfaithful", "formatted", "of_file"]


@frozen(eq=False, repr=False)
class Formatted:
    """The text of a file (line ends made one sign each) and what it should be."""

    before: str
    after: str
    given: bytes

    @property
    def is_changed(self) -> bool:
        """Whether the bytes of the file are not those it should have."""
        return self.given != self.after.encode()


class Unfaithful(Exception):  # noqa: N818  said to the user as a fault of ours
    """The formatter would have changed more than order and style."""


def formatted(given: str | bytes | Path, name: str | None = None, limits: Limits = USUAL) -> str:
    """The text in one order and style. Raises CampaignError for what is no YAML of ours, Unfaithful for a fault of ours."""
    return _made(read(given, name, limits), limits)


def of_file(path: Path) -> Formatted:
    """A file, and what it should be. Raises CampaignError and Unfaithful like `formatted`."""
    limits = LIMITS if path.name.endswith(SUFFIX) else USUAL
    before = read(path, None, limits)
    return Formatted(before.source.text, _made(before, limits), before.source.given)


def _made(before: Document, limits: Limits) -> str:
    gaps = Gaps(before)
    text = lay(take(gaps))
    difference = _difference(gaps, Gaps(read(text, before.source.name, limits)))
    if difference:
        raise Unfaithful(f"{before.source.name}: {difference}")
    return text


def _difference(before: Gaps, after: Gaps) -> str | None:
    """What is not as it was; None when everything is."""
    old, new = before.document, after.document
    if not _is_same(old.root, new.root, orders.root_of(old.root)):
        return "the text read back is not the text read"
    if Counter(comments(before)) != Counter(comments(after)):
        return "a comment would be lost"
    if _codes(old.warnings) != _codes(new.warnings):
        return "the text read back draws other warnings"
    return None


def _codes(found: tuple[Diagnostic, ...]) -> Counter[str]:
    return Counter(one.code for one in found)


def _is_same(before: Node, after: Node, hint: Any) -> bool:
    """Whether two nodes say the same; keys may stand in another order where there is a customary one."""
    if type(before) is not type(after):
        return False
    if isinstance(before, Scalar) and isinstance(after, Scalar):
        return _meaning(before) == _meaning(after)
    form = orders.below(hint, before)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _are_same(before, after, form)
    inner = orders.type_under(form, "")
    pairs = zip(before.items, after.items, strict=False)  # type: ignore[union-attr]  # a sequence, like the other
    return len(before.items) == len(after.items) and all(_is_same(*pair, inner) for pair in pairs)  # type: ignore[union-attr]


def _are_same(before: Mapping, after: Mapping, form: Any) -> bool:
    old, new = [key.text for key, _ in before.pairs], [key.text for key, _ in after.pairs]
    if new not in (old, orders.ordered(form, old)):
        return False
    values = {key.text: value for key, value in after.pairs}
    return all(_is_same(value, values[key.text], orders.type_under(form, key.text)) for key, value in before.pairs)


def _meaning(node: Scalar) -> tuple[str, bool, bool | None]:
    return node.text, node.is_null, node.boolean

"""Which parameters behind a demand an overlay settled, in words.

In: a checked campaign, a demand, the metrics it rests on. Out: a `Text` for each parameter that the demand, its metrics,
or the screens and derived fields of their records mention. Must not know: values of results, or how overlays are
applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from campaignrules.checked import CheckedCampaign, Measure
from campaignrules.errors import Text
from campaignrules.model import Element, Parameter, yaml_fields

_PROSE: Final = frozenset({"id", "title", "source", "document", "covers", "note", "lead", "support"})
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_NAME: Final = re.compile(r"[^\W\d]\w*")


def settled(checked: CheckedCampaign, demand: Element, metrics: Iterable[str]) -> Iterator[Text]:
    """A line for each settled parameter that is mentioned, in the order of the file."""
    mentioned = _names(_texts(demand))
    for name in metrics:
        mentioned |= _names(_texts(checked.metrics[name].metric))
        mentioned |= _of_rows(checked, name, mentioned)
    for name, parameter in checked.parameters.items():
        if name in mentioned and parameter.settled is not None and parameter.value is not None:
            yield _told(name, parameter)


def _of_rows(checked: CheckedCampaign, metric: str, mentioned: set[str]) -> set[str]:
    """What the screens and the derived fields of a metric's record mention."""
    kernel = checked.metrics[metric].kernel
    if not isinstance(kernel, Measure):
        return set()
    record = checked.records[kernel.record]
    found = {name for screen in record.screens for name in _names(_texts(screen.screen))}
    derived = record.record.derived
    todo = [name for name in derived if name in mentioned | found]
    while todo:
        names = _names(_texts(derived[todo.pop()])) - found
        todo += [name for name in derived if name in names]
        found |= names
    return found


def _texts(given: object) -> Iterator[str]:
    """Every text of an element that may hold a name; prose is left out."""
    if isinstance(given, str):
        yield given
    elif isinstance(given, Element):
        kind: Any = type(given)
        for key, (attribute, _) in yaml_fields(kind).items():
            if key not in _PROSE:
                yield from _texts(getattr(given, attribute.name))
    elif isinstance(given, (tuple, Mapping)):
        for one in given.values() if isinstance(given, Mapping) else given:
            yield from _texts(one)


def _names(texts: Iterable[str]) -> set[str]:
    return {name for text in texts for name in _NAME.findall(_QUOTED.sub(" ", text))}


def _told(name: str, parameter: Parameter) -> Text:
    title, by = parameter.title or Text(name, name), parameter.settled
    if by is None:
        return title
    clause, day = by.source or "", by.effective
    zh = f"{title.zh}（{name}）= {parameter.value}，见《{by.document.zh}》{clause}" + (f"，{day} 起生效" if day else "")
    en = f"{title.en} ({name}) = {parameter.value}, by {by.document.en}" + (f" {clause}" if clause else "")
    return Text(zh, f"{en}, in force from {day}" if day else en)

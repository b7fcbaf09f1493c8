"""Declared and never used: words of vocabularies, metrics that nothing judges, parameters, phases, records, classes.

In: the model. A name counts as used when it stands in any formula, key or list outside its own declaration, other
readings included, so that what is told is surely so. Must not know: what the names are for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from campaignrules.checked import CheckedCampaign
from campaignrules.errors import Diagnostic, Text, fault
from campaignrules.model import NAME, Campaign, Element, Vocabulary, yaml_fields

SILENT: Final = frozenset({"title", "note", "source", "covers", "document", "says", "aliases", "acknowledged"})
"""Keys whose texts name nothing."""
WORD: Final = re.compile(NAME.pattern.removeprefix("(?!.*__)"))
QUOTED: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
Said = Mapping[str, frozenset[str]]
"""Key of the campaign → the names that stand below it."""
JUDGING: Final = ("targets", "scorecards", "rankings", "honours", "properties", "readings")
"""Where metrics are looked at."""
REST: Final = re.compile(r"其他|其余|其它|无|other|rest|none", re.IGNORECASE)


def unused(checked: CheckedCampaign) -> Iterator[Diagnostic]:
    """What is declared and not used; all the words of the file are gathered once."""
    campaign = checked.campaign
    said = {
        key: tuple(_texts(getattr(campaign, _attribute(key)))) for key in yaml_fields(Campaign) if key not in SILENT
    }
    words = {key: frozenset(word for text in texts for word in WORD.findall(text)) for key, texts in said.items()}
    yield from never_used(campaign, words)
    yield from metrics_not_judged(campaign, words)
    yield from words_not_used(campaign, frozenset(_quoted(text for texts in said.values() for text in texts)))


def never_used(campaign: Campaign, said: Said) -> Iterator[Diagnostic]:
    """Parameters with a value, phases, records, vocabularies and classes that no rule names."""
    for key, kind in _KINDS.items():
        names = _declared(campaign, key)
        words = _outside(said, "units" if key == "classes" else key) if names else frozenset()
        for name, element in names.items():
            if name not in words and not _is_used_otherwise(campaign, key, words, element):
                at = campaign.key_spot(*(("units", key) if key == "classes" else (key,)), name)
                yield fault("never-used", at, subject=name, kind=kind, name=name)


_KINDS: Final = {
    "parameters": Text("参数", "parameter"),
    "phases": Text("阶段", "phase"),
    "records": Text("报送表", "record"),
    "vocabularies": Text("词表", "vocabulary"),
    "classes": Text("单位类别", "class of units"),
}


def _declared(campaign: Campaign, key: str) -> Mapping[str, Any]:
    return campaign.units.classes if key == "classes" else getattr(campaign, key)


def _is_used_otherwise(campaign: Campaign, key: str, words: frozenset[str], element: Any) -> bool:
    """Open parameters tell what is left open; `each phase` and `each unit` name every phase and class."""
    if key == "parameters":
        return element.deferred is not None or element.settled is not None
    if key == "phases":
        return "phase" in words
    within = any(card.within == "class" for card in campaign.scorecards.values())
    return key == "classes" and ("unit" in words or within)


# -- metrics -----------------------------------------------------------------------------------------------------------


def metrics_not_judged(campaign: Campaign, said: Said) -> Iterator[Diagnostic]:
    """Metrics that no target, score, ranking, honour or property looks at, not through other metrics either."""
    reached = {word for key in JUDGING for word in said[key]} & campaign.metrics.keys()
    todo = list(reached)
    while todo:
        inner = _names_in(campaign.metrics[todo.pop()]) & campaign.metrics.keys() - reached
        reached |= inner
        todo += inner
    for name in campaign.metrics:
        if name not in reached:
            yield fault("metric-not-judged", campaign.key_spot("metrics", name), subject=name, name=name)


# -- words -------------------------------------------------------------------------------------------------------------


def words_not_used(campaign: Campaign, quoted: frozenset[str]) -> Iterator[Diagnostic]:
    """Words that no condition names, of vocabularies of which some word is named; one note for each vocabulary."""
    for name, vocabulary in campaign.vocabularies.items():
        telling = [word for word in vocabulary.words if not _is_rest(word, vocabulary)]
        idle = [word for word in telling if word not in quoted]
        if 0 < len(idle) < len(telling):
            listed = ", ".join(idle)
            yield fault(
                "words-not-used", campaign.key_spot("vocabularies", name), subject=name, words=listed, name=name
            )


def _is_rest(word: str, vocabulary: Vocabulary) -> bool:
    """Whether it stands for whatever the others are not."""
    title = vocabulary.words[word]
    return any(REST.match(text) for text in (word, title.zh, title.en))


# -- all the words of a file -------------------------------------------------------------------------------------------


def _outside(said: Said, key: str) -> frozenset[str]:
    """The names that stand anywhere but under that key of the campaign."""
    return frozenset[str]().union(*(words for name, words in said.items() if name != key))


def _attribute(key: str) -> str:
    cls: Any = Campaign
    return yaml_fields(cls)[key][0].name


def _names_in(value: Any) -> set[str]:
    return {word for text in _texts(value) for word in WORD.findall(text)}


def _quoted(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        for match in QUOTED.finditer(text):
            yield match[1] or match[2] or ""


def _texts(value: Any) -> Iterator[str]:
    """Every text that may name something: formulas, names, keys; not titles and notes."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Element):
        cls: Any = type(value)
        for key, (attribute, _) in yaml_fields(cls).items():
            if key not in SILENT:
                yield from _texts(getattr(value, attribute.name))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from (*_texts(name), *_texts(inner))
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from _texts(inner)

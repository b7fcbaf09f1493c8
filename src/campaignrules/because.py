"""One line that says why a score is what it is: the values that went in, and the formula with them.

In: a checked `ScoreFormula`, the values of its operands, its result; or the contributions to a sum. Out: a `Text` of at
most 200 characters. Both answers, the engine's and the oracle's, say it with these words. Must not know: how values
come about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final

from campaignrules.checked import HIGH, LOW, Operand, ScoreFormula
from campaignrules.errors import Text
from campaignrules.functions import GROUP_FUNCTIONS
from campaignrules.quantities import EXACT, PLAIN_UNIT, UNITS, Unit, plain_text, round_report
from campaignrules.trees import Value

LONGEST: Final = 200
POINTS: Final = UNITS["分"]
_SIGNS: Final = {"*": "×", "/": "÷"}


def because(formula: ScoreFormula, values: Mapping[str, Value], result: Value = None) -> Text:
    """`trips 1: 20 × 1 ÷ 2 = 10`: operands with their values, then the formula with these in it.

    `values`: by operand name; both ends of one that is not settled as `name↓` and `name↑`; one without ends has none.
    """
    return Text(_line(formula, values, result, "zh"), _line(formula, values, result, "en"))


Both = tuple[Decimal, Decimal] | None
"""The two ends of a number; None when it is open."""


def sum_of(parts: Sequence[tuple[Text, Both]], total: Both, then: Text | None = None) -> Text:
    """`speed 10 + volume 0–5 = 10–15; …`: what a total is the sum of, and what becomes of it."""
    return Text(_sum(parts, total, then, "zh"), _sum(parts, total, then, "en"))


def shown(value: Value, unit: Unit, lang: str) -> str:
    """A value in words: a number in its unit of measure."""
    if value is None:
        return "缺" if lang == "zh" else "missing"
    if isinstance(value, bool):
        return _TRUTHS[lang][value]
    if not isinstance(value, Decimal):
        return str(value)
    name = _POINTS.get(lang, unit.name) if unit.dimension == "points" else unit.name
    close = "" if name in ("%", "‰") or unit == PLAIN_UNIT else " "
    number = plain_text(round_report(EXACT.scaleb(value, -unit.power)))
    return f"{number}{close}{'' if unit == PLAIN_UNIT else name}"


_TRUTHS: Final = {"zh": ("否", "是"), "en": ("no", "yes")}
_POINTS: Final = {"zh": "分", "en": "points"}


def filled(formula: ScoreFormula, values: Mapping[str, Value], lang: str) -> str:
    """The formula's text with values in the place of names."""
    return replaced(written(formula.text), _tellers(formula, values, lang).get)


def _brief(formula: ScoreFormula, values: Mapping[str, Value], lang: str) -> str:
    """The same, its floor, cap and rounding in words behind it."""
    told = _tellers(formula, values, lang)
    inner, limits = within(formula.text)
    return f"{replaced(written(inner), told.get)}{replaced(written(limits.to(lang)), told.get)}"


def _tellers(formula: ScoreFormula, values: Mapping[str, Value], lang: str) -> dict[str, str]:
    """What stands for each name: the value of an operand, the title of a parameter."""
    titles = {name: title.to(lang) for name, title in formula.parameters.items()}
    return titles | {name: _told(formula, name, values, lang) for name in formula.operands}


_WITHIN: Final = re.compile(r"(clamp|min|max|round|round_even|round_down|round_up)[(](.*)[)]")


def within(text: str) -> tuple[str, Text]:
    """A formula without the floor, cap and rounding around it, and these in words."""
    match = _WITHIN.fullmatch(text)
    parts = _arguments(match[2]) if match else []
    plain = all(_PLAIN.fullmatch(part) for part in parts[1:])
    if match is None or not _balanced(match[2]) or not plain or len(parts) != (3 if match[1] == "clamp" else 2):
        return text.removeprefix("0 + "), Text("", "")
    inner, words = within(parts[0])
    if match[1] == "clamp":
        own = Text(f"，限 {parts[1]} 至 {parts[2]}", f", within {parts[1]} and {parts[2]}")
    elif match[1] in ("min", "max"):
        own = Text(*(form.format(parts[1]) for form in _LIMITS[match[1]]))
    else:
        own = Text(f"，取 {parts[1]} 位小数", f", rounded to {parts[1]} decimals")
    return inner, Text(words.zh + own.zh, words.en + own.en)


_PLAIN: Final = re.compile(r"-?[\w.]+%?( \w+)?")
_LIMITS: Final = {"min": ("，不高于 {}", ", at most {}"), "max": ("，不低于 {}", ", at least {}")}


def _arguments(text: str) -> list[str]:
    """The arguments of a call, split at the commas that are not inside brackets or quotes."""
    parts, depth, quoted = [""], 0, False
    for character in text:
        quoted ^= character == "'"
        depth += (character in "([") - (character in ")]")
        if character == "," and depth == 0 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _balanced(text: str) -> bool:
    """Whether no bracket closes that was not opened: then the outer call spans the whole formula."""
    depth = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return True


def written(text: str) -> str:
    """A formula as people write it: × and ÷, `10 分` for `10 * 分`, no brackets around a whole argument."""
    plain = re.sub(r"(?<=\d) [*] (?=(\w+))", lambda found: " " if found[1] in UNITS else found[0], text)
    signs = re.sub(r"(?<=\s)[*/](?=\s)", lambda sign: _SIGNS[sign[0]], plain)
    return re.sub(r"(?<=[(])[(]([^()]*)[)](?=[,)])|(?<=, )[(]([^()]*)[)](?=[,)])", r"\1\2", signs)


def replaced(text: str, tell: Callable[[str], str | None]) -> str:
    """The text with each name (`trips`, `points('monthly')`) as `tell` has it."""
    return _NAMES.sub(lambda name: tell(name[0]) or name[0], text)


_NAMES: Final = re.compile(
    rf"(?:{'|'.join(GROUP_FUNCTIONS)})[(](?:[^()]|[(][^()]*[)])*[)]"  # over a group: not this unit's values
    r"|\w+\('[^']*'(?:, '[^']*')?\)"
    r"|[^\W\d]\w*"
)


def _line(formula: ScoreFormula, values: Mapping[str, Value], result: Value, lang: str) -> str:
    colon, comma = ("：", "，") if lang == "zh" else (": ", ", ")
    given = comma.join(
        f"{titled(operand, name, lang)} {_told(formula, name, values, lang)}"
        for name, operand in formula.operands.items()
    )
    end = "" if result is None else f" = {shown(result, POINTS, lang)}"
    said = _brief(formula, values, lang)
    alone = said == shown(result, POINTS, lang)
    whole = f"{given}{colon if given else ''}{said}{'' if alone else end}"
    return _fitting([whole, f"{given}{end}", end.removeprefix(" = ")])


def titled(operand: Operand, name: str, lang: str) -> str:
    """What an operand is called."""
    if operand.title is None and operand.kind in _TITLES:
        return _TITLES[operand.kind].to(lang)
    return operand.title.to(lang) if operand.title else name


_TITLES: Final = {"items": Text("各项合计", "sum of the items"), "total": Text("总分", "total")}


def _told(formula: ScoreFormula, name: str, values: Mapping[str, Value], lang: str) -> str:
    """The value of an operand, or both ends of it."""
    unit = formula.operands[name].unit or usual_unit(formula.operands[name])
    if not values.keys() & {name, name + LOW}:
        return _OPEN[lang]
    low, high = (values.get(name + side, values.get(name)) for side in (LOW, HIGH))
    ends = [shown(low, unit, lang)] if low == high else [shown(low, unit, lang), shown(high, unit, lang)]
    return "–".join(ends)


def usual_unit(operand: Operand) -> Unit:
    """The unit of measure of an operand that states none."""
    return POINTS if operand.kind in ("items", "total", "points") else PLAIN_UNIT


_OPEN: Final = {"zh": "待定", "en": "open"}


def _sum(parts: Sequence[tuple[Text, Both]], total: Both, then: Text | None, lang: str) -> str:
    numbers = [_both(number, lang) for _, number in parts]
    terms = [f"{title.to(lang)} {number}" for (title, _), number in zip(parts, numbers, strict=True)]
    end = f" = {_both(total, lang)}"
    after = "" if then is None else ("；" if lang == "zh" else "; ") + then.to(lang)
    count = f"{len(parts)} 项合计" if lang == "zh" else f"{len(parts)} items"
    return _fitting([f"{' + '.join(terms)}{end}{after}", f"{' + '.join(numbers)}{end}{after}", f"{count}{end}{after}"])


def _both(ends: Both, lang: str) -> str:
    return _OPEN[lang] if ends is None else "–".join(dict.fromkeys(plain_text(one) for one in ends))


def _fitting(lines: Iterable[str]) -> str:
    """The first line that is short enough, or else the last, cut."""
    last = ""
    for last in lines:
        if last and len(last) <= LONGEST:
            return last
    return last[: LONGEST - 1] + "…" if len(last) > LONGEST else last

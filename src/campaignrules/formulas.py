"""Formulas for programs that embed the language: check a text against declared fields, evaluate it on rows.

In: text, field declarations as in a campaign file, rows as mappings of plain values in the fields' own units. Out: a
`Formula`, and one value a row (numbers as Decimal in base units, or in the unit asked for). Any input that does not fit
raises CampaignError with every fault found. Must not know: campaigns, files, how either evaluator works.
"""

from __future__ import annotations

import datetime as dt
import keyword
import numbers
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, Literal, NoReturn

import attrs
from attrs import Factory, frozen

from campaignrules import reference
from campaignrules.columns import TooManyDigits, column_of, evaluate, values_of
from campaignrules.errors import CampaignError, Diagnostic, Text, did_you_mean, fault
from campaignrules.expressions import check
from campaignrules.model import NAME, Field
from campaignrules.quantities import (
    DIVISION_PLACES,
    EXACT,
    MAX_DIGITS,
    PLAIN_UNIT,
    UNITS,
    QuantityError,
    Unit,
    decimals,
    digits_of,
    dimension_text,
    parse_number,
    parse_quantity,
    plain_text,
)
from campaignrules.trees import (
    BOOL,
    DATE,
    INTEGER_DIGITS,
    TEXT,
    Expression,
    Kind,
    Scope,
    Type,
    Value,
    field_decimals,
    field_type,
)

Evaluator = Literal["engine", "reference"]
Declaration = Field | Mapping[str, Any] | str
Titles = Mapping[str, tuple[str, ...]]
MOST_FAULTS: Final = 100
LONGEST_NAME: Final = 80
SIMPLE_TYPES: Final = ("text", "quantity", "count", "date", "bool", "unit", "tags")


@frozen(eq=False)
class Formula(Expression):
    """A checked formula that knows its fields, so that rows can be given in the fields' units."""

    fields: Mapping[str, Field] = Factory(dict)
    scope: Scope = Factory(lambda: Scope({}))


@frozen
class Outcome:
    """One value a row; `zero_divisions`: the rows, from 0, in which a taken branch divided by zero."""

    values: list[Value]
    zero_divisions: list[int]


def check_expression(
    text: str,
    fields: Mapping[str, Declaration],
    vocabularies: Mapping[str, Any] | None = None,
    units: Iterable[str] | Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    want: Kind | None = None,
) -> Formula:
    """The checked formula. Raises CampaignError.

    `fields`: name → its keys as in a campaign file ({'type': 'quantity', 'unit': '亿元', 'decimals': 4}), a `Field`, or
    the type alone ('count'). `vocabularies`: name → words, or word → title or titles. `units`: known unit ids, or id →
    other names. `parameters`: name → '10 亿元', a Decimal, int, bool, date or other text. `want`: kind of the result.
    """
    known = {_name(name): _titles(words) for name, words in _items(vocabularies or {})}
    declared = {_name(name): _field(name, one, known) for name, one in _items(fields)}
    for name in declared.keys() & (parameters or {}).keys():
        _refuse("reserved-name", name=name)
    scope = Scope(
        {name: field_type(one) for name, one in declared.items()},
        known,
        None if units is None else _titles(units),
        {_name(name): _constant(name, value) for name, value in _items(parameters or {})},
    )
    if not isinstance(text, str):
        _refuse("wrong-type", expected=Text("公式文字", "the text of a formula"), got=type(text).__name__)
    expression = check(text, scope, want)
    return Formula(text, expression.root, expression.names, fields=declared, scope=scope)


def evaluate_expression(
    expression: Formula, rows: Sequence[Mapping[str, Any]], evaluator: Evaluator = "engine", unit: str | None = None
) -> list[Value]:
    """The formula's value in each row; see `evaluate_rows`. Raises CampaignError."""
    return evaluate_rows(expression, rows, evaluator, unit).values


def evaluate_rows(
    expression: Formula, rows: Sequence[Mapping[str, Any]], evaluator: Evaluator = "engine", unit: str | None = None
) -> Outcome:
    """Values, and the rows that divided by zero. Raises CampaignError.

    A row maps field names to values in the field's own unit: Decimal, int or decimal text for numbers (a float is
    refused: it is not the number that was written), date or 'YYYY-MM-DD', bool, text, list of words; None, or no entry,
    is missing. Results are in base units (元, 个, 1), or in `unit`.
    """
    _require(expression, evaluator)
    shown = _shown_in(expression.type, unit)
    read = _read_rows(expression, rows)
    outcome = _EVALUATORS[evaluator](expression, read)
    return Outcome([shown(value) for value in outcome.values], outcome.zero_divisions)


def _require(expression: Any, evaluator: Any) -> None:
    if not isinstance(expression, Formula):
        _refuse("wrong-type", expected="check_expression(…)", got=type(expression).__name__)
    if evaluator not in ("engine", "reference"):
        _refuse("wrong-type", expected="'engine', 'reference'", got=str(evaluator))


# --- evaluating ---------------------------------------------------------------


def _by_engine(formula: Formula, rows: Sequence[Mapping[str, Value]]) -> Outcome:
    types = {name: formula.scope.names[name] for name in sorted(formula.names)}
    columns = {name: column_of([row.get(name) for row in rows], kind) for name, kind in types.items()}
    found = evaluate(formula.root, columns, len(rows))
    return Outcome(values_of(found.column, formula.type), found.zero_divisions.tolist())


def _by_reference(formula: Formula, rows: Sequence[Mapping[str, Value]]) -> Outcome:
    found = [_one_row(formula, row, index) for index, row in enumerate(rows)]
    zero = [index for index, one in enumerate(found) if one.zero_division]
    return Outcome([one.value for one in found], zero)


def _one_row(formula: Formula, row: Mapping[str, Value], index: int) -> reference.Evaluated:
    try:
        return reference.evaluate(formula, row)
    except CampaignError:
        raise TooManyDigits(index) from None


_EVALUATORS: Final[dict[str, Callable[[Formula, Sequence[Mapping[str, Value]]], Outcome]]] = {
    "engine": _by_engine,
    "reference": _by_reference,
}


def _shown_in(kind: Type, unit: str | None) -> Callable[[Value], Value]:
    """How a result is shown: exact, without trailing zeros, in `unit`."""
    if unit is None:
        return lambda value: _plain(value) if isinstance(value, Decimal) else value
    wanted = _unit(unit)
    if kind.kind != "number" or kind.dim != wanted.dim:
        got = dimension_text(kind.dim) if kind.kind == "number" else str(kind)
        _refuse("different-units", got=f"{got} / {unit}")
    return lambda value: _plain(value.scaleb(-wanted.power, EXACT)) if isinstance(value, Decimal) else value


def _plain(value: Decimal) -> Decimal:
    return Decimal(plain_text(value))


# --- rows ---------------------------------------------------------------------


class _RowFaults:
    """Collects what is wrong with rows."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []

    def add(self, code: str, row: int, field: object, **args: Any) -> None:
        if len(self.found) < MOST_FAULTS:
            where = Text(f"第 {row + 1} 行 {field}", f"row {row + 1} {field}")
            self.found.append(fault(code, None, hint=where, **args))


def _read_rows(formula: Formula, rows: Any) -> list[dict[str, Value]]:
    if isinstance(rows, (str, bytes, Mapping)) or not isinstance(rows, Iterable):
        _refuse("wrong-type", expected=Text("行的列表", "a list of rows"), got=type(rows).__name__)
    faults = _RowFaults()
    read = [_read_row(formula, row, index, faults) for index, row in enumerate(rows)]
    if faults.found:
        raise CampaignError(faults.found)
    return read


def _read_row(formula: Formula, row: Any, index: int, faults: _RowFaults) -> dict[str, Value]:
    if not isinstance(row, Mapping):
        faults.add("wrong-type", index, "", expected=Text("字段: 值", "a mapping of fields"), got=type(row).__name__)
        return {}
    read: dict[str, Value] = {}
    for name, value in row.items():
        if name not in formula.fields:
            faults.add("unknown-name", index, name, name=name)
        elif value is not None:
            _read_value(formula, name, value, index, faults, read)
    return read


def _read_value(
    formula: Formula, name: str, value: Any, index: int, faults: _RowFaults, read: dict[str, Value]
) -> None:
    try:
        read[name] = _convert(value, formula.fields[name], formula.scope)
    except _BadValue as problem:
        faults.add(problem.code, index, name, **problem.args_)


class _BadValue(ValueError):  # noqa: N818  never leaves this module
    def __init__(self, code: str, **args: Any) -> None:
        super().__init__(code)
        self.code, self.args_ = code, args


def _convert(value: Any, declared: Field, scope: Scope) -> Value:
    """The value as evaluators take it; numbers in base units."""
    if isinstance(value, float):
        raise _BadValue("binary-float", value=value)
    if declared.type in ("quantity", "count"):
        return _number(value, declared)
    simple: dict[str, Callable[[Any], Value]] = {"date": _date, "bool": _bool, "text": _text}
    if declared.type in simple:
        return simple[declared.type](value)
    if declared.type == "unit":
        return _text(value) if scope.units is None else _known(value, scope.units, "unit")
    if declared.type == "tags":
        return frozenset(_known(word, scope.vocabularies[declared.of or ""], declared.of) for word in _list(value))
    return _known(value, scope.vocabularies[declared.type], declared.type)


def _number(value: Any, declared: Field) -> Decimal:
    number = _decimal(value)
    places = field_decimals(declared)
    if decimals(number) > places:
        raise _BadValue("too-many-decimals", limit=places, got=plain_text(number))
    if number.copy_abs() >= Decimal(10) ** (INTEGER_DIGITS - places):
        raise _BadValue("too-many-digits", limit=INTEGER_DIGITS, got=plain_text(number))
    unit = UNITS[declared.unit] if declared.type == "quantity" and declared.unit else PLAIN_UNIT
    return EXACT.multiply(number, unit.factor)


def _decimal(value: Any) -> Decimal:
    """The size is looked at before the digits: text of 1e999999 takes seconds."""
    if isinstance(value, str):
        return _decimal_text(value)
    if isinstance(value, bool) or not isinstance(value, (numbers.Integral, Decimal)):
        raise _BadValue("wrong-type", expected=_NUMBER, got=type(value).__name__)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise _BadValue("wrong-type", expected=_NUMBER, got=str(value)[:40])
        if value and (abs(value.adjusted()) > MAX_DIGITS or digits_of(value) > MAX_DIGITS):
            raise _BadValue("too-many-digits", limit=MAX_DIGITS)
        return value
    if abs(int(value)) >= 10**MAX_DIGITS:
        raise _BadValue("too-many-digits", limit=MAX_DIGITS)
    return Decimal(int(value))


def _decimal_text(value: str) -> Decimal:
    try:
        return parse_number(value.strip())
    except QuantityError as problem:
        if problem.reason == "too-many-digits":
            raise _BadValue("too-many-digits", limit=MAX_DIGITS) from None
        raise _BadValue("wrong-type", expected=_NUMBER, got=value[:40]) from None


_NUMBER: Final = Text("数", "a number")
_ISO_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _date(value: Any) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    try:
        if isinstance(value, str) and _ISO_DATE.fullmatch(value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise _BadValue("bad-date", got=str(value)[:40])


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _BadValue("wrong-type", expected="True / False", got=str(value)[:40])
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _BadValue("wrong-type", expected=Text("文字", "text"), got=type(value).__name__)
    if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
        raise _BadValue("wrong-type", expected=Text("文字", "text"), got=ascii(value)[:40])
    return value


def _list(value: Any) -> Iterable[Any]:
    if isinstance(value, str):
        return [part for word in re.split("[、,;，；]", value) if (part := word.strip())]
    if not isinstance(value, (list, tuple, set, frozenset)):
        raise _BadValue("wrong-type", expected=Text("词的列表", "a list of words"), got=type(value).__name__)
    return value


def _known(value: Any, known: Titles, vocabulary: str | None) -> str:
    """The word or unit id that `value` is or titles."""
    word = _text(value)
    if word in known:
        return word
    for one, titles in known.items():
        if word in titles:
            return one
    raise _BadValue("unknown-word", word=word, vocabulary=vocabulary, expected=", ".join(list(known)[:20]))


# --- declarations -------------------------------------------------------------


def _refuse(code: str, **args: Any) -> NoReturn:
    raise CampaignError(fault(code, None, **args)) from None


def _items(given: Any) -> Iterable[tuple[Any, Any]]:
    if not isinstance(given, Mapping):
        _refuse("wrong-type", expected=Text("名字: 内容 的映射", "a mapping of names"), got=type(given).__name__)
    return given.items()


def _name(name: Any) -> str:
    if not isinstance(name, str) or keyword.iskeyword(name) or not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        _refuse("bad-name", name=name)
    if unicodedata.normalize("NFKC", name) != name:
        _refuse("bad-name", name=name, hint=unicodedata.normalize("NFKC", name))
    if name in UNITS:
        _refuse("reserved-name", name=name)
    return name


def _titles(given: Any) -> Titles:
    """word → titles, from a list of words or a mapping of words to a title, a `Text` or titles."""
    if isinstance(given, Mapping):
        return {_text_of(word): _title(said) for word, said in given.items()}
    if isinstance(given, str) or not isinstance(given, Iterable):
        _refuse("wrong-type", expected=Text("词的列表", "a list of words"), got=type(given).__name__)
    return {_text_of(word): () for word in given}


def _title(said: Any) -> tuple[str, ...]:
    if said is None:
        return ()
    if isinstance(said, Text):
        return tuple(dict.fromkeys((said.zh, said.en)))
    return (said,) if isinstance(said, str) else tuple(_titles(said))


def _text_of(word: Any) -> str:
    if not isinstance(word, str):
        _refuse("wrong-type", expected=Text("文字", "text"), got=type(word).__name__)
    return word


_KEYS: Final = tuple(one.name for one in attrs.fields(Field) if one.name != "node")


def _field(name: Any, given: Declaration, vocabularies: Mapping[str, Titles]) -> Field:
    declared = _as_field(given)
    kind: Any = declared.type
    words: Any = declared.of
    if not isinstance(kind, str) or (kind not in SIMPLE_TYPES and kind not in vocabularies):
        known = [*SIMPLE_TYPES, *vocabularies]
        _refuse("unknown-name", name=kind, expected=", ".join(known), hint=did_you_mean(str(kind), known))
    if kind == "tags" and not (isinstance(words, str) and words in vocabularies):
        _refuse("unknown-name", name=words, expected=", ".join(vocabularies))
    if kind == "quantity":
        _unit(declared.unit or "number")
    if declared.decimals is not None and not _fits(declared.decimals):
        _refuse("too-many-decimals-declared", limit=DIVISION_PLACES, got=f"{name}: {declared.decimals}")
    return declared


def _fits(places: Any) -> bool:
    return isinstance(places, int) and not isinstance(places, bool) and 0 <= places <= DIVISION_PLACES


def _as_field(given: Any) -> Field:
    if isinstance(given, Field):
        return given
    if isinstance(given, str):
        return Field(type=given)
    keys = dict(_items(given))
    for key in keys:
        if key not in _KEYS:
            _refuse("unknown-key", key=key, hint=did_you_mean(str(key), _KEYS))
    if not isinstance(keys.get("type"), str):
        _refuse("missing-key", key="type", expected=", ".join(SIMPLE_TYPES))
    return Field(**keys)


def _unit(name: Any) -> Unit:
    if not isinstance(name, str) or name not in UNITS:
        _refuse("unknown-unit", name=name, hint=did_you_mean(str(name), UNITS))
    return UNITS[name]


def _constant(name: str, value: Any) -> tuple[Value, Type]:
    if isinstance(value, bool):
        return value, BOOL
    try:
        if isinstance(value, dt.date):
            return _date(value), DATE
        return _constant_text(value) if isinstance(value, str) else _constant_number(value, PLAIN_UNIT)
    except _BadValue as problem:
        _refuse(problem.code, **problem.args_, hint=Text(f"参数 {name}", f"parameter {name}"))


def _constant_text(value: str) -> tuple[Value, Type]:
    """`10 亿元` is a number; a date and other text are what they are."""
    if _ISO_DATE.fullmatch(value):
        return _date(value), DATE
    try:
        quantity = parse_quantity(value)
    except QuantityError as problem:
        if problem.reason == "too-many-digits":
            raise _BadValue(problem.reason, limit=MAX_DIGITS) from None
        return _text(value), TEXT
    return _constant_number(quantity.number, quantity.unit)


def _constant_number(value: Any, unit: Unit) -> tuple[Value, Type]:
    if isinstance(value, float):
        raise _BadValue("binary-float", value=value)
    base = _decimal(EXACT.multiply(_decimal(value), unit.factor))
    return base, Type("number", unit.dim, decimals(base))


__all__ = ["Formula", "Outcome", "check_expression", "evaluate_expression", "evaluate_rows"]

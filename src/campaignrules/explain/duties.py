"""A duty's occurrence: when it was due, what was submitted for it, and the status in words.

In: facts, a checked duty, a scope, an occurrence. Out: a step. Must not know: which ones were asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from campaignrules import oracle
from campaignrules.calendar import Occurrence
from campaignrules.checked import CheckedDuty, Measure
from campaignrules.errors import Text
from campaignrules.explain.tree import Explanation
from campaignrules.explain.words import counted, headed, not_submitted, title_of, waiting
from campaignrules.oracle import Facts, Line
from campaignrules.roster import Scope


def explain_duty(facts: Facts, duty: CheckedDuty, scope: Scope, occurrence: Occurrence | None) -> Explanation:
    """Why a duty is done or not, for one subject and one time it falls due."""
    row = oracle.duty_row(facts, duty, scope, occurrence)
    when = _when(occurrence)
    done = Text(f"{row.done_on} 做到", f"done on {row.done_on}") if row.done_on else None
    proofs = [] if row.status in ("not_applicable", "deferred") else oracle.proofs(facts, duty, scope)
    steps = tuple(_proof(facts, duty, occurrence, [proof.line for proof in proofs])) if proofs or done else ()
    return Explanation(
        headed(title_of(duty.duty), scope, facts.roster, when),
        done,
        status=row.status,
        reason=_duty_reason(facts, duty, scope, row.status, occurrence),
        children=steps,
    )


def _when(occurrence: Occurrence | None) -> str:
    if occurrence is None:
        return "—"
    window, due = occurrence.window.id, str(occurrence.due)
    return due if window == due else f"{window} ({due})"


def _proof(facts: Facts, duty: CheckedDuty, occurrence: Occurrence | None, lines: list[Line]) -> Iterator[Explanation]:
    for condition in duty.filters:
        yield Explanation(Text("只计", "only rows with"), None, Text(condition.text, condition.text))
    if occurrence is not None:
        first = occurrence.opens if occurrence.opens > dt.date.min else None
        said = f"{first} ≤ {duty.on} ≤ {occurrence.due}" if first else f"{duty.on} ≤ {occurrence.due}"
        yield Explanation(Text("按期", "in time"), None, Text(said, said))
    measure = Measure("count", duty.record, on=duty.on)
    yield Explanation(Text("报送的佐证", "what was submitted"), rows=counted(facts, measure, lines, dated=True))


def _duty_reason(facts: Facts, duty: CheckedDuty, scope: Scope, status: str, occurrence: Occurrence | None) -> Text:
    if status == "deferred":
        return waiting(facts.checked, duty.awaits)
    if status == "missing":
        return not_submitted(facts, duty.record, scope)
    due = str(occurrence.due) if occurrence else ""
    return {
        "not_applicable": Text("该单位列为例外，不适用", "an exception: it does not apply to this unit"),
        "met": Text(f"按期做到（{due} 到期）" if due else "已经做到", f"done by the due date {due}" if due else "done"),
        "late": Text(f"{due} 到期，之后才做到", f"due on {due}, done later"),
        "missed": Text(f"{due} 到期，没有做到", f"due on {due}, not done"),
        "not_due": Text(f"{due} 才到期", f"not due before the end of {due}"),
        "open": Text("没有规定日期，还没有做到", "it has no due date and is not done yet"),
    }[status]

"""What if a threshold were another one: who enters, who leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from yingcheng.errors import UnusableInput
from yingcheng.i18n import _
from yingcheng.measures.clauses import Fault
from yingcheng.measures.columns import FactColumns
from yingcheng.measures.reach import Judged, Reach
from yingcheng.measures.reading import read_measures
from yingcheng.measures.records import Measure, Verdict

__all__ = ["Change", "what_if"]


@dataclass(frozen=True, slots=True)
class Change:
    """One measure before and after; enterprises by place.

    ``entering`` qualify only afterwards, ``leaving`` qualified only before; ``opening`` were refused and now owe facts,
    ``closing`` owed facts and are now refused.
    """

    measure: int
    before: dict[Verdict, int]
    after: dict[Verdict, int]
    entering: tuple[int, ...]
    leaving: tuple[int, ...]
    opening: tuple[int, ...]
    closing: tuple[int, ...]


def what_if(reach: Reach, measure: int, clause: int, *, value: str, operator: str = "") -> tuple[Change, ...]:
    """Change the value of one row: the measure itself, and every measure that depends on it and changes.

    Args:
        reach: what holds now.
        measure: place of the measure.
        clause: place of the row within it.
        value: the new value cell.
        operator: the new comparison cell; empty: as it is.

    Raises:
        UnusableInput: the new value cannot be read, or the row asks for no fact.
    """
    measures = list(reach.measures)
    measures[measure] = _changed(measures[measure], clause, value, operator)
    readings = read_measures(measures, as_of=reach.as_of)
    faults = readings[measure].readings[clause].faults
    if faults:
        raise _refused(faults, value)
    columns = FactColumns(list(reach.facts.values()))
    return tuple(
        _compare(reach, index, Judged(reading, columns))
        for index, reading in enumerate(readings)
        if index == measure or reading.condition != reach.judged[index].reading.condition
    )


def _changed(measure: Measure, clause: int, value: str, operator: str) -> Measure:
    row = measure.clauses[clause]
    if not row.fact:
        raise UnusableInput(
            _("这一条没有填“事实”，没有可以改的取值。"), where=row.text, remedy=_("请先在决策表中填写事实、比较和值。")
        )
    rows = list(measure.clauses)
    rows[clause] = replace(row, value=value, operator=operator or row.operator, text="")
    return replace(measure, clauses=tuple(rows))


def _refused(faults: Sequence[Fault], value: str) -> UnusableInput:
    expected = _("应为：{expected}。").format(expected=faults[0].expected)
    return UnusableInput(_("读不懂新的取值。"), where=value, remedy=f"{expected}{faults[0].remedy}")


def _compare(reach: Reach, index: int, after: Judged) -> Change:
    before = reach.judged[index]

    def moved(was: Sequence[Verdict], now: Sequence[Verdict]) -> tuple[int, ...]:
        return tuple(
            place
            for place in range(len(reach.enterprises))
            if before.verdict(place) in was and after.verdict(place) in now
        )

    others = (Verdict.NO, Verdict.UNKNOWN)
    return Change(
        index,
        before.counts,
        after.counts,
        entering=moved(others, (Verdict.YES,)),
        leaving=moved((Verdict.YES,), others),
        opening=moved((Verdict.NO,), (Verdict.UNKNOWN,)),
        closing=moved((Verdict.UNKNOWN,), (Verdict.NO,)),
    )

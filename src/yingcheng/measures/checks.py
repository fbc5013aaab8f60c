"""What is wrong with the rules themselves, at the cell where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.measures.amounts import read_standard
from yingcheng.measures.conditions import All, Any, Human, Not
from yingcheng.measures.outline import is_heading
from yingcheng.measures.reading import MeasureReading, belonging, over_all, read_measures, with_rows
from yingcheng.measures.records import Clause, Measure, Verdict

__all__ = ["check_rules"]

# Ages are counted from some day; without one given, contradictions between ages are the same on any day.
ANY_DAY = date(2000, 1, 1)

MOST_CLAUSES = 60  # of a measure whose clauses are compared with each other


def check_rules(measures: Sequence[Measure], *, as_of: date | None = None) -> tuple[Finding, ...]:
    """Findings on the decision tables; none of them stops the assessment, a bad clause is left to a person.

    Codes: ``unknown-fact``, ``unknown-operator``, ``operator-mismatch``, ``unreadable-value``, ``unit-missing``,
    ``unit-mismatch``, ``threshold-not-in-force``, ``outline-parent``, ``outline-repeated``, ``empty-group``,
    ``unknown-measure``, ``cyclic-dependence``, ``unreadable-standard`` (the cell), ``contradiction`` (no enterprise
    can ever qualify), ``unreachable-clause`` (an alternative that can never hold), ``idle-clause`` (nothing hangs on
    it), ``no-clauses``, ``always-true`` and, where ``as_of`` is given, ``deadline-passed`` and ``validity-passed``.
    """
    found: list[Finding] = []
    for reading in read_measures(measures, as_of=as_of or ANY_DAY):
        found += _cell_faults(reading)
        found += _whole_faults(reading)
        found += _amount_faults(reading.measure)
        found += _passed(reading.measure, as_of)
    return tuple(found)


def _place(measure: Measure, clause: Clause | None = None, field: str = "") -> Place:
    """The cell; for a field of the measure itself the first of its rows that has a column for it."""
    if clause is not None and clause.source is not None:
        return clause.source.place(field)
    places = [source.place(field) for source in measure.sources]
    return next((place for place in places if place.column), places[0] if places else Place(""))


def _cell_faults(reading: MeasureReading) -> Iterator[Finding]:
    for clause, clause_reading in zip(reading.clauses, reading.readings, strict=True):
        for fault in clause_reading.faults:
            yield Finding(
                Severity.WARNING,
                fault.code,
                _place(reading.measure, clause, f"clause_{fault.field}"),
                fault.found,
                fault.expected,
                fault.remedy,
            )


def _whole_faults(reading: MeasureReading) -> Iterator[Finding]:
    measure = reading.measure
    if not measure.clauses:
        yield Finding(
            Severity.NOTICE,
            "no-clauses",
            _place(measure),
            measure.name,
            _("至少一条适用条件"),
            _("未列条件的举措全部由人工认定；如有条件请补充。"),
        )
        return
    verdict = over_all(reading.condition)
    if verdict is Verdict.NO:
        core = _core(reading)
        yield Finding(
            Severity.WARNING,
            "contradiction",
            _place(measure, reading.clauses[core[-1]], "clause_text"),
            "；".join(reading.readings[position].requirement for position in core),
            _("彼此能够同时满足的条款"),
            _("“{name}”的这些条款互相矛盾，没有企业能够符合，请核对。").format(name=measure.name),
        )
    elif verdict is Verdict.YES:
        yield Finding(
            Severity.NOTICE,
            "always-true",
            _place(measure),
            "；".join(clause_reading.requirement for clause_reading in reading.readings),
            _("能够区分企业的条款"),
            _("“{name}”的条款对所有企业都成立，请核对是否写漏。").format(name=measure.name),
        )
    elif len(reading.clauses) <= MOST_CLAUSES:
        yield from _useless(reading)


def _useless(reading: MeasureReading) -> Iterator[Finding]:
    """Clauses that can never hold where the whole does, and clauses without which the whole is the same."""
    name = reading.measure.name
    for position, clause in enumerate(reading.clauses):
        own = reading.readings[position]
        if is_heading(clause) or own.faults:
            continue
        place = _place(reading.measure, clause, "clause_value" if clause.value else "clause_text")
        if over_all(All((reading.condition, own.condition))) is Verdict.NO:
            yield Finding(
                Severity.WARNING,
                "unreachable-clause",
                place,
                own.requirement,
                _("在其他条款成立时也可能成立的条款"),
                _("“{name}”的这一条与必须满足的其他条款不能同时成立，等于没有写，请核对。").format(name=name),
            )
            continue
        rest = [p for p in range(len(reading.clauses)) if p not in belonging(reading, position)]
        if not rest or isinstance(own.condition, Human):
            continue
        without = with_rows(reading, rest)
        either = Any((All((without, Not(reading.condition))), All((reading.condition, Not(without)))))
        if over_all(either) is Verdict.NO:
            yield Finding(
                Severity.NOTICE,
                "idle-clause",
                place,
                own.requirement,
                _("能够改变结论的条款"),
                _("“{name}”删去这一条结论不变，已被其他条款包含，请核对是否写错。").format(name=name),
            )


def _core(reading: MeasureReading) -> list[int]:
    """A smallest set of contradicting rows: a row with all that belongs to it is left out while it stays impossible."""
    core = list(range(len(reading.clauses)))
    for position in range(len(reading.clauses)):
        if position not in core:
            continue
        rest = [p for p in core if p not in belonging(reading, position)]
        if rest and len(rest) < len(core) and over_all(with_rows(reading, rest)) is Verdict.NO:
            core = rest
    return [position for position in core if not is_heading(reading.clauses[position])] or core


def _amount_faults(measure: Measure) -> Iterator[Finding]:
    standard = read_standard(measure)
    if measure.standard and standard.fault:
        yield Finding(
            Severity.NOTICE,
            "unreadable-standard",
            _place(measure, None, "standard"),
            measure.standard,
            _("如：一次性奖励20万元；研发投入×10%，最高200万元；营业收入<1亿元：10万元；其余：20万元"),
            _("请写成能够计算的公式；改好之前不计入资金测算。"),
        )


def _passed(measure: Measure, as_of: date | None) -> Iterator[Finding]:
    for code, field, period in (
        ("deadline-passed", "deadline", measure.deadline),
        ("validity-passed", "validity", measure.validity),
    ):
        end = period.end if period else None
        if as_of is None or end is None or end >= as_of:
            continue
        if field == "deadline":
            expected = _("不早于 {day} 的申报截止日期").format(day=as_of.isoformat())
            remedy = _("“{name}”申报已截止，对接时请说明或更新日期。").format(name=measure.name)
        else:
            expected = _("在 {day} 仍然有效的政策").format(day=as_of.isoformat())
            remedy = _("“{name}”有效期已过，请核对是否续期或废止。").format(name=measure.name)
        yield Finding(Severity.NOTICE, code, _place(measure, None, field), end.isoformat(), expected, remedy)

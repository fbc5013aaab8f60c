"""What is wrong with the rules themselves, at the cell where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from yingcheng.findings import Finding, Place, Severity
from yingcheng.i18n import _
from yingcheng.measures.clauses import join_groups
from yingcheng.measures.deciding import Decider
from yingcheng.measures.facts import domains
from yingcheng.measures.reach import MeasureReading, read_measure
from yingcheng.measures.records import Clause, Measure, Verdict

__all__ = ["check_rules"]

# Ages are counted from some day; without one given, contradictions between ages are the same on any day.
ANY_DAY = date(2000, 1, 1)


def check_rules(measures: Sequence[Measure], *, as_of: date | None = None) -> tuple[Finding, ...]:
    """Findings on the decision tables; none of them stops the assessment, a bad clause is left to a person.

    Codes: ``unknown-fact``, ``unknown-operator``, ``operator-mismatch``, ``unreadable-value``, ``unit-missing``,
    ``unit-mismatch`` (the cell), ``contradiction`` (no enterprise can ever qualify), ``no-clauses``, ``always-true``
    and, where ``as_of`` is given, ``deadline-passed``.
    """
    found: list[Finding] = []
    for measure in measures:
        reading = read_measure(measure, as_of=as_of or ANY_DAY)
        found += _cell_faults(reading)
        found += _whole_faults(reading)
        found += _deadline(measure, as_of)
    return tuple(found)


def _place(measure: Measure, clause: Clause | None = None, field: str = "") -> Place:
    source = clause.source if clause and clause.source else (measure.sources[0] if measure.sources else None)
    return source.place(field) if source else Place("")


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


def _verdict(reading: MeasureReading, positions: Sequence[int]) -> Verdict:
    condition = join_groups([reading.clauses[p] for p in positions], [reading.readings[p].condition for p in positions])
    return Decider(condition, domains()).decide({}).verdict


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
    everything = range(len(reading.clauses))
    verdict = _verdict(reading, everything)
    if verdict is Verdict.NO:
        core = _contradicting(reading)
        clause = reading.clauses[core[-1]]
        yield Finding(
            Severity.WARNING,
            "contradiction",
            _place(measure, clause, "clause_text"),
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


def _contradicting(reading: MeasureReading) -> list[int]:
    """A smallest set of contradicting clauses: whole groups are left out as long as it stays impossible."""
    core = list(range(len(reading.clauses)))
    for clause in reading.clauses:
        group = [
            p
            for p in core
            if reading.clauses[p] is clause or (clause.group and reading.clauses[p].group == clause.group)
        ]
        rest = [p for p in core if p not in group]
        if group and rest and _verdict(reading, rest) is Verdict.NO:
            core = rest
    return core


def _deadline(measure: Measure, as_of: date | None) -> Iterator[Finding]:
    end = measure.deadline.end if measure.deadline else None
    if as_of is not None and end is not None and end < as_of:
        yield Finding(
            Severity.NOTICE,
            "deadline-passed",
            measure.sources[0].place("deadline") if measure.sources else Place(""),
            end.isoformat(),
            _("不早于 {day} 的申报截止日期").format(day=as_of.isoformat()),
            _("“{name}”申报已截止，对接时请说明或更新日期。").format(name=measure.name),
        )

"""Whom each measure reaches: measures × enterprises → verdicts at once, and the trace of any pair on demand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from yingcheng.measures.columns import FactColumns
from yingcheng.measures.conditions import All, Any, Human, facts_of, leaves
from yingcheng.measures.deciding import MISSING, UNTOLD, Decider, Decision, Open, State
from yingcheng.measures.facts import domain_of, kind_of, show
from yingcheng.measures.outline import is_heading
from yingcheng.measures.reading import MeasureReading, read_measures
from yingcheng.measures.records import Application, ClauseTrace, Fact, Facts, Measure, Verdict
from yingcheng.measures.sweep import VERDICTS, sweep

__all__ = ["Judged", "Reach", "assess"]


class Reach:
    """Every measure × every enterprise.

    Attributes:
        measures: in the order given.
        enterprises: their ids, in the order given.
        as_of: the day it was decided for.
        judged: per measure, what was found; traces are made from it when asked for.
    """

    def __init__(
        self,
        measures: Sequence[Measure] = (),
        facts: Mapping[str, Facts] | None = None,
        judged: Sequence[Judged] = (),
        *,
        as_of: date = date.min,
    ) -> None:
        self.measures = tuple(measures)
        self.facts: Mapping[str, Facts] = facts or {}
        self.enterprises = tuple(self.facts)
        self.judged = tuple(judged)
        self.as_of = as_of
        self._statements: dict[str, dict[str, str]] = {}

    def verdict(self, measure: int, enterprise: int) -> Verdict:
        """The answer for one pair."""
        return self.judged[measure].verdict(enterprise)

    def count(self, measure: int, verdict: Verdict) -> int:
        """Enterprises with that answer."""
        return self.judged[measure].counts[verdict]

    def having(self, measure: int, verdict: Verdict) -> list[int]:
        """Enterprises with that answer, by place."""
        return [int(place) for place in np.flatnonzero(self.judged[measure].verdicts == VERDICTS.index(verdict))]

    def missing(self, measure: int, enterprise: int) -> tuple[str, ...]:
        """The missing facts that can change the answer."""
        return self.judged[measure].decision(enterprise)[0].missing

    def application(self, measure: int, enterprise: int) -> Application:
        """The answer for one pair, with the trace of every clause."""
        name = self.enterprises[enterprise]
        statements = self._statements.setdefault(name, {})
        return self.judged[measure].application(name, enterprise, statements)

    @property
    def applications(self) -> Iterator[Application]:
        """Every pair with its traces, measure by measure. Made one by one: of many enterprises ask for a few only."""
        for measure in range(len(self.measures)):
            for enterprise in range(len(self.enterprises)):
                yield self.application(measure, enterprise)


def assess(measures: Sequence[Measure], facts: Mapping[str, Facts], *, as_of: date) -> Reach:
    """Every measure × every enterprise, enterprises in the order of ``facts``.

    Args:
        measures: the measures; their clauses are read once.
        facts: enterprise id → what is known about it. A fact that is not known is absent.
        as_of: the day ages are counted on and dated thresholds are looked up for.
    """
    columns = FactColumns(list(facts.values()))
    judged = [Judged(reading, columns) for reading in read_measures(measures, as_of=as_of)]
    return Reach(measures, facts, judged, as_of=as_of)


class Judged:
    """One measure, decided for all enterprises.

    Attributes:
        reading: the measure as read.
        top: what must all hold, in order; more than the rows, where some of them are alternatives.
        verdicts: (enterprises,) numbers of :data:`yingcheng.measures.sweep.VERDICTS`.
        parts: the same for each of ``top``; open where that takes a closer look.
        counts: how many enterprises have each answer.
    """

    def __init__(self, reading: MeasureReading, columns: FactColumns) -> None:
        self.reading = reading
        conditions = [clause.condition for clause in reading.readings]
        asked = {fact for leaf in leaves(reading.condition) for fact in facts_of(leaf)}
        self.top = reading.condition.parts if isinstance(reading.condition, All) else (reading.condition,)
        domains = {fact: domain_of(fact) for fact in asked}
        self.decider = Decider(reading.condition, domains, (*conditions, *self.top))
        self.columns = columns
        self.verdicts, self.parts = sweep(reading.condition, self.decider, columns)
        numbers = Counter(self.verdicts.tolist())
        self.counts = {verdict: numbers[index] for index, verdict in enumerate(VERDICTS)}
        positions = {leaf: position for position, leaf in enumerate(self.decider.leaves)}
        self.positions = tuple(tuple(positions[leaf] for leaf in leaves(condition)) for condition in conditions)

    def verdict(self, enterprise: int) -> Verdict:
        """The answer for one enterprise."""
        return VERDICTS[self.verdicts[enterprise]]

    def decision(self, enterprise: int) -> tuple[Decision, tuple[Decision, ...]]:
        """The answer for the whole and for every row, with what is missing."""
        return self.decider.decide_states(self.decider.states(self.columns.facts[enterprise]))

    def parts_of(self, enterprise: int) -> tuple[Decision, ...]:
        """The answers for what must all hold (:attr:`top`), with what is missing."""
        return self.decision(enterprise)[1][len(self.reading.clauses) :]

    def requirement_of(self, part: int) -> str:
        """What one part of :attr:`top` asks for, in words."""
        asked = set(leaves(self.top[part]))
        rows = [
            reading.requirement
            for clause, reading in zip(self.reading.clauses, self.reading.readings, strict=True)
            if not is_heading(clause) and asked.issuperset(leaves(reading.condition))
        ]
        return "；或 ".join(rows) if isinstance(self.top[part], Any) else "；".join(rows)

    def application(self, name: str, enterprise: int, statements: dict[str, str]) -> Application:
        """The answer for one enterprise with a trace per row; ``statements`` keeps what is said of its facts."""
        known = self.columns.facts[enterprise]
        states = self.decider.states(known)
        whole, parts = self.decider.decide_states(states)
        traces = []
        for index, part in enumerate(parts[: len(self.reading.clauses)]):
            given = []
            if not is_heading(self.reading.clauses[index]):
                asked = dict.fromkeys(
                    fact
                    for position in self.positions[index]
                    for fact in facts_of(self.decider.leaves[position])
                    if fact in known
                )
                given = [
                    statements.get(fact) or statements.setdefault(fact, _statement(fact, known[fact])) for fact in asked
                ]
            traces.append(self._trace(index, part, whole, given, states))
        measure = self.reading.measure
        return Application(measure.id, name, whole.verdict, tuple(traces), whole.missing, whole.complete)

    def _trace(
        self, index: int, part: Decision, whole: Decision, given: Sequence[str], states: tuple[State, ...]
    ) -> ClauseTrace:
        clause, requirement = self.reading.clauses[index], self.reading.readings[index].requirement
        if part.verdict is not Verdict.UNKNOWN:
            sign = "满足" if part.verdict is Verdict.YES else "不满足"
            start = "，".join(given) + "，" if given else ""
            return ClauseTrace(clause, part.verdict, f"{start}{sign}“{requirement}”。")
        reason = self._open(index, given, states)
        if whole.verdict is not Verdict.UNKNOWN:
            reason += "（其他条款已能得出结论，此项不影响结果。）"
        elif not part.missing:
            reason += "（此项不影响结果。）"
        if not part.complete:
            reason += "（条款交叉过多，未逐一穷尽，可能已能得出结论。）"
        return ClauseTrace(clause, part.verdict, reason, part.missing)

    def _open(self, index: int, given: Sequence[str], states: tuple[State, ...]) -> str:
        """Why a row is open: facts to bring, or a judgement to ask for."""
        requirement = self.reading.readings[index].requirement
        lacking: dict[str, None] = {}
        by_person = False
        for position in self.positions[index]:
            leaf, state = self.decider.leaves[position], states[position]
            if isinstance(state, Open) or not isinstance(state, int):
                lacking.update(dict.fromkeys(state.facts))
            elif state == MISSING and not isinstance(leaf, Human):
                lacking.update(dict.fromkeys(facts_of(leaf)))
            elif state in (MISSING, UNTOLD):
                by_person = True
        sentences = ["，".join(given) + "。"] if given else []
        if lacking:
            names = "、".join(f"“{name}”" for name in lacking)
            sentences.append(f"缺少{names}，尚不能判断“{requirement}”，请补充材料。")
        if by_person:
            sentences.append(f"“{requirement}”以主管部门认定为准。")
        return "".join(sentences)


def _statement(name: str, fact: Fact) -> str:
    kind = kind_of(name)
    about = [f"来源：{fact.source}"] if fact.source else []
    about += [f"截至 {fact.day.isoformat()}"] if fact.day else []
    about += [f"可信度 {fact.grade}"] if fact.grade else []
    return f"{name}为{show(fact.value, kind.unit if kind else '')}{'（' + '，'.join(about) + '）' if about else ''}"

"""Whom each measure reaches: measures × enterprises → verdicts with a trace per clause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yingcheng.measures.clauses import ClauseReading, join_groups, read_clause
from yingcheng.measures.conditions import Condition, Human, leaves
from yingcheng.measures.deciding import MISSING, UNTOLD, Decider, Decision
from yingcheng.measures.facts import domains, fact_kinds, show
from yingcheng.measures.records import Application, Clause, ClauseTrace, Fact, Facts, Measure, Reach, Verdict
from yingcheng.measures.wording import home_region, human

__all__ = ["MeasureReading", "assess", "read_measure"]


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """A measure's clauses as read, and the tree they make together."""

    measure: Measure
    clauses: tuple[Clause, ...]
    readings: tuple[ClauseReading, ...]
    condition: Condition


def read_measure(measure: Measure, *, as_of: date) -> MeasureReading:
    """Read every clause. A measure without clauses is one question for a person: nobody is refused by it."""
    home = home_region(measure.unit) if measure.unit else None
    clauses = measure.clauses or (Clause("1", "其他", f"{measure.name}：未列明适用条件"),)
    if measure.clauses:
        readings = tuple(read_clause(clause, as_of=as_of, home=home) for clause in clauses)
    else:
        readings = (ClauseReading(human(clauses[0].text), clauses[0].text),)
    return MeasureReading(measure, clauses, readings, join_groups(clauses, [reading.condition for reading in readings]))


def assess(measures: Sequence[Measure], facts: Mapping[str, Facts], *, as_of: date) -> Reach:
    """Every measure × every enterprise, measure by measure, enterprises in the order of ``facts``.

    Args:
        measures: the measures; their clauses are read once.
        facts: enterprise id → what is known about it. A fact that is not known is absent.
        as_of: the day ages are counted on.
    """
    known: list[_Known] = [(enterprise, of_enterprise, {}) for enterprise, of_enterprise in facts.items()]
    applications: list[Application] = []
    for measure in measures:
        judge = _Judge(read_measure(measure, as_of=as_of))
        applications += [judge.application(*entry) for entry in known]
    return Reach(tuple(measures), tuple(applications))


Statements = dict[str, str]  # fact → "员工人数为80人（来源：…）", written when first needed and shared by all measures
_Known = tuple[str, Facts, Statements]


class _Judge:
    """One measure, compiled. Where nothing is known traces are shared: most enterprises lack the same facts."""

    def __init__(self, reading: MeasureReading) -> None:
        self.measure = reading.measure
        self.clauses = reading.clauses
        self.readings = reading.readings
        conditions = [clause.condition for clause in reading.readings]
        self.decider = Decider(reading.condition, domains(), conditions)
        positions = {leaf: position for position, leaf in enumerate(self.decider.leaves)}
        self.positions = tuple(tuple(positions[leaf] for leaf in leaves(condition)) for condition in conditions)
        self.facts_of = tuple(
            tuple(dict.fromkeys(leaf.fact for leaf in leaves(condition) if not isinstance(leaf, Human)))
            for condition in conditions
        )
        self.shared: list[dict[tuple[Decision, Verdict, tuple[int, ...]], ClauseTrace]] = [
            {} for _clause in reading.clauses
        ]

    def application(self, enterprise: str, known: Facts, statements: Statements) -> Application:
        """The answer for one enterprise."""
        states = self.decider.states(known)
        whole, parts = self.decider.decide_states(states)
        traces = []
        for index, part in enumerate(parts):
            given = [
                statements.get(name) or statements.setdefault(name, _statement(name, known[name]))
                for name in self.facts_of[index]
                if name in known
            ]
            if given:
                traces.append(self._trace(index, part, whole, given, states))
                continue
            key = (part, whole.verdict, tuple([states[position] for position in self.positions[index]]))
            trace = self.shared[index].get(key)
            if trace is None:
                trace = self.shared[index][key] = self._trace(index, part, whole, given, states)
            traces.append(trace)
        return Application(self.measure.id, enterprise, whole.verdict, tuple(traces), whole.missing)

    def _trace(
        self, index: int, part: Decision, whole: Decision, given: Sequence[str], states: tuple[int, ...]
    ) -> ClauseTrace:
        if part.verdict is not Verdict.UNKNOWN:
            sign = "满足" if part.verdict is Verdict.YES else "不满足"
            start = "，".join(given) + "，" if given else ""
            return ClauseTrace(
                self.clauses[index], part.verdict, f"{start}{sign}“{self.readings[index].requirement}”。"
            )
        reason = self._open(index, given, states)
        if whole.verdict is not Verdict.UNKNOWN:
            reason += "（其他条款已能得出结论，此项不影响结果。）"
        elif not part.missing:
            reason += "（此项不影响结果。）"
        return ClauseTrace(self.clauses[index], part.verdict, reason, part.missing)

    def _open(self, index: int, given: Sequence[str], states: tuple[int, ...]) -> str:
        """Why a clause is open: facts to bring, or a judgement to ask for."""
        requirement = self.readings[index].requirement
        lacking: dict[str, None] = {}
        by_person = False
        for position in self.positions[index]:
            leaf = self.decider.leaves[position]
            if states[position] == MISSING and not isinstance(leaf, Human):
                lacking[leaf.fact] = None
            elif states[position] in (MISSING, UNTOLD):
                by_person = True
        sentences = ["，".join(given) + "。"] if given else []
        if lacking:
            names = "、".join(f"“{name}”" for name in lacking)
            sentences.append(f"缺少{names}，尚不能判断“{requirement}”，请补充材料。")
        if by_person:
            sentences.append(f"“{requirement}”以主管部门认定为准。")
        return "".join(sentences)


def _statement(name: str, fact: Fact) -> str:
    kind = fact_kinds().get(name)
    source = f"（来源：{fact.source}）" if fact.source else ""
    return f"{name}为{show(fact.value, kind.unit if kind else '')}{source}"

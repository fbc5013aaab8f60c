"""Measures as read: every row's condition, the tree they make together, other measures put in their place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz import process

from yingcheng.i18n import _
from yingcheng.measures.clauses import ClauseReading, Fault, read_clause
from yingcheng.measures.conditions import (
    All,
    Any,
    AtLeast,
    Condition,
    Depends,
    Human,
    Leaf,
    Not,
    facts_of,
    leaves,
    replaced,
)
from yingcheng.measures.deciding import Decider
from yingcheng.measures.facts import domain_of
from yingcheng.measures.outline import Rule, is_heading, outline_path, tree_of
from yingcheng.measures.records import Clause, Measure, Verdict
from yingcheng.measures.wording import home_region, human
from yingcheng.standards.text import one_line

__all__ = ["MeasureReading", "belonging", "over_all", "read_measure", "read_measures", "with_rows"]


@dataclass(frozen=True, slots=True)
class MeasureReading:
    """A measure's rows as read, and the tree they make together."""

    measure: Measure
    clauses: tuple[Clause, ...]
    readings: tuple[ClauseReading, ...]
    condition: Condition


def read_measure(measure: Measure, *, as_of: date) -> MeasureReading:
    """One measure alone: what it says of other measures stays a question."""
    return read_measures([measure], as_of=as_of)[0]


def read_measures(measures: Sequence[Measure], *, as_of: date) -> tuple[MeasureReading, ...]:
    """Read every row. A measure without rows is one question for a person: nobody is refused by it.

    Where a row asks that the enterprise qualify for another of ``measures``, that one's condition stands in its place.
    """
    return _Joiner([_read(measure, as_of) for measure in measures]).joined()


def _read(measure: Measure, as_of: date) -> MeasureReading:
    home = home_region(measure.unit) if measure.unit else None
    if not measure.clauses:
        clause = Clause("1", "其他", f"{measure.name}：未列明适用条件")
        return _whole(measure, (clause,), [ClauseReading(human(clause.text), clause.text)])
    readings = [
        ClauseReading(All(()), one_line(clause.text) or one_line(clause.operator))
        if is_heading(clause)
        else read_clause(clause, as_of=as_of, home=home)
        for clause in measure.clauses
    ]
    return _whole(measure, measure.clauses, readings)


def _outline_fault(code: str, clause: Clause) -> Fault:
    found = one_line(clause.outline or clause.operator)
    if code == "outline-parent":
        expected = _("编号的上一级是“任一满足”“全部满足”“至少满足2项”等组合行")
        return Fault(code, "outline", found, expected, _("请改编号，或把上一级改为组合行；现按必须满足处理。"))
    if code == "outline-repeated":
        return Fault(code, "outline", found, _("各不相同的条件编号"), _("请改编号。"))
    return Fault(
        code, "operator", found, _("编号在其下的条款，如 2.1、2.2"), _("请补条款，或删去这一行；现由人工认定。")
    )


def _whole(measure: Measure, clauses: tuple[Clause, ...], readings: list[ClauseReading]) -> MeasureReading:
    outline = tree_of(clauses)
    for position, code in outline.faults:
        fault = _outline_fault(code, clauses[position])
        reading = readings[position]
        condition = human(reading.requirement) if code == "empty-group" else reading.condition
        readings[position] = replace(reading, condition=condition, faults=(*reading.faults, fault))
    return _Tree(clauses, readings).joined(measure)


def over_all(condition: Condition) -> Verdict:
    """The answer over all enterprises there could be: 符合 for everybody, 不符合 for anybody, or it depends."""
    decider = Decider(condition, {fact: domain_of(fact) for leaf in leaves(condition) for fact in facts_of(leaf)})
    return decider.verdict(decider.states({}))


def with_rows(reading: MeasureReading, positions: Sequence[int]) -> Condition:
    """The condition that only some of the rows make together."""
    clauses = tuple(reading.clauses[p] for p in positions)
    return _Tree(clauses, [reading.readings[p] for p in positions]).joined(reading.measure).condition


def belonging(reading: MeasureReading, position: int) -> frozenset[int]:
    """A row, the rows below it, and the headings that would join nothing without it."""
    clauses = reading.clauses
    left = {position}
    paths = [outline_path(clause.outline) for clause in clauses]
    if is_heading(clauses[position]):
        left |= {
            p for p, path in enumerate(paths) if paths[position] and path[: len(paths[position])] == paths[position]
        }
    for depth in range(len(paths[position]) - 1, 0, -1):
        above = paths[position][:depth]
        under = {p for p, path in enumerate(paths) if len(path) > depth and path[:depth] == above}
        if not under <= left:
            break
        left |= {p for p, path in enumerate(paths) if path == above}
    return frozenset(left)


class _Tree:
    """Joins the conditions of the rows as their outline says."""

    def __init__(self, clauses: tuple[Clause, ...], readings: list[ClauseReading]) -> None:
        self.clauses = clauses
        self.readings = readings

    def joined(self, measure: Measure) -> MeasureReading:
        # the tree keeps no positions: the rows carry them through it as their numbers
        marked = tuple(replace(clause, number=str(index)) for index, clause in enumerate(self.clauses))
        condition = self.condition(tree_of(marked).tree)
        return MeasureReading(measure, self.clauses, tuple(self.readings), condition)

    def condition(self, rule: Rule) -> Condition:
        if isinstance(rule, Clause):
            return self.readings[int(rule.number)].condition
        parts = tuple(map(self.condition, rule.members))
        some: Condition
        if rule.join == "all":
            some = All(parts)
        elif rule.join == "at least":
            some = AtLeast(rule.count, parts)
        else:
            some = Any(parts) if rule.join == "any" or len(parts) > 1 else parts[0]
            some = Not(some) if rule.join == "none" else some
        if rule.heading is not None:
            position = int(rule.heading.number)
            self.readings[position] = replace(self.readings[position], condition=some)
        return some


class _Joiner:
    """Puts the conditions of measures into each other."""

    def __init__(self, readings: Sequence[MeasureReading]) -> None:
        self.readings = list(readings)
        self.by_name = {one_line(reading.measure.name): index for index, reading in enumerate(readings)}
        self.done: dict[int, MeasureReading] = {}
        self.open: list[int] = []

    def joined(self) -> tuple[MeasureReading, ...]:
        return tuple(self.one(index) for index in range(len(self.readings)))

    def one(self, index: int) -> MeasureReading:
        if index in self.done:
            return self.done[index]
        reading = self.readings[index]
        if not any(isinstance(leaf, Depends) for leaf in leaves(reading.condition)):
            self.done[index] = reading
            return reading
        self.open.append(index)
        faults: dict[str, Fault] = {}
        put = {leaf: self._other(leaf, faults) for leaf in leaves(reading.condition) if isinstance(leaf, Depends)}
        self.open.pop()

        def change(leaf: Leaf) -> Condition:
            return put.get(leaf, leaf) if isinstance(leaf, Depends) else leaf

        readings = tuple(
            replace(
                one,
                condition=replaced(one.condition, change),
                faults=(
                    *one.faults,
                    *(
                        faults[leaf.measure]
                        for leaf in leaves(one.condition)
                        if isinstance(leaf, Depends) and leaf.measure in faults and not is_heading(clause)
                    ),
                ),
            )
            for clause, one in zip(reading.clauses, reading.readings, strict=True)
        )
        joined = replace(reading, readings=readings, condition=replaced(reading.condition, change))
        self.done[index] = joined
        return joined

    def _other(self, leaf: Depends, faults: dict[str, Fault]) -> Condition:
        index = self.by_name.get(one_line(leaf.measure))
        if index is None:
            close = process.extract(leaf.measure, list(self.by_name), limit=3, score_cutoff=50)
            names = "、".join(name for name, _score, _index in close)
            remedy = _("您是否要写：{names}？").format(names=names) if names else _("请写本表中另一项政策的全名。")
            faults[leaf.measure] = Fault(
                "unknown-measure", "value", leaf.measure, _("本次材料中另一项政策的名称"), remedy
            )
            return leaf
        if index in self.open:
            circle = [self.readings[i].measure.name for i in self.open[self.open.index(index) :]]
            path = " → ".join([*circle, circle[0]])
            faults[leaf.measure] = Fault(
                "cyclic-dependence", "value", path, _("不绕回自身的前置政策"), _("请去掉其中一处；改好之前由人工认定。")
            )
            return Human(f"人工认定：{leaf.fact}")
        return self.one(index).condition

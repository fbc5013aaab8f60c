"""免申即享: whether a measure can be granted without an application, and which condition stands in the way.

It can where every condition is decided by what an authority's register or published list says, and none by a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from yingcheng.measures.conditions import Belongs, Depends, Has, Human, Leaf, Within, facts_of, leaves
from yingcheng.measures.facts import kind_of
from yingcheng.measures.outline import is_heading
from yingcheng.measures.reading import MeasureReading

__all__ = ["Automatic", "Obstacle", "without_application"]


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A condition that blocks it: place of the row, its words, and why."""

    clause: int
    requirement: str
    why: str


@dataclass(frozen=True, slots=True)
class Automatic:
    """The answer for one measure: who holds the facts, or what blocks."""

    sources: tuple[str, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def possible(self) -> bool:
        """Whether nothing blocks."""
        return not self.obstacles


def without_application(reading: MeasureReading) -> Automatic:
    """Check every leaf of every row."""
    sources: dict[str, None] = {}
    obstacles: list[Obstacle] = []
    for position, (clause, own) in enumerate(zip(reading.clauses, reading.readings, strict=True)):
        if is_heading(clause) and not own.faults:
            continue
        for leaf in leaves(own.condition):
            why = _blocks(leaf)
            if why:
                obstacles.append(Obstacle(position, own.requirement, why))
            else:
                sources |= {
                    f"{fact}（{kind.authority}）": None
                    for fact in facts_of(leaf)
                    if (kind := kind_of(fact)) is not None
                }
    return Automatic(tuple(sources), tuple(dict.fromkeys(obstacles)))


def _blocks(leaf: Leaf) -> str:
    if isinstance(leaf, Human | Depends):
        return "须由人工认定"
    if isinstance(leaf, Has) and not leaf.known:
        return f"“{leaf.wanted}”不在资质词表中，没有可核对的公布名单"
    if isinstance(leaf, Within) and not leaf.path:
        return f"“{leaf.name}”没有行政区划代码，只能按地址文字比对"
    if isinstance(leaf, Belongs) and not leaf.code:
        return f"“{leaf.name}”不是国民经济行业分类中的类别"
    lacking = [fact for fact in facts_of(leaf) if (kind := kind_of(fact)) is None or not kind.authority]
    return f"“{'、'.join(lacking)}”没有权威数据来源，须企业自报" if lacking else ""

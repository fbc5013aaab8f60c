"""The set of measures as a whole: balance by tool type, measures that reach nobody, measures that run out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

import numpy as np

from yingcheng.measures.money import Stakes
from yingcheng.measures.reach import Reach
from yingcheng.measures.records import Measure, Verdict
from yingcheng.standards.datafiles import read_toml

__all__ = ["EXPIRING_WITHIN", "TOOLS", "Ending", "ToolShare", "balance", "ending", "suggest_tool", "unreached"]

TOOLS = ("供给", "环境", "需求")
EXPIRING_WITHIN = 90  # days


@dataclass(frozen=True, slots=True)
class ToolShare:
    """One tool type: its measures by place, the enterprises at least one of them reaches, and the money."""

    tool: str  # empty: not given
    measures: tuple[int, ...]
    reached: int
    least: Decimal


@dataclass(frozen=True, slots=True)
class Ending:
    """A measure that runs out, or did: ``days`` from now, negative where it is past."""

    measure: int
    what: str  # 申报截止 or 有效期
    day: date
    days: int


def tool_of(measure: Measure) -> str:
    """The tool type as given, in one of three words; empty where it is none of them."""
    return next((tool for tool in TOOLS if tool in measure.tool), "")


@cache
def _words() -> Mapping[str, Sequence[str]]:
    found: Mapping[str, Sequence[str]] = read_toml("tools.toml", room="measures")["suggestions"]
    return found


def suggest_tool(measure: Measure) -> tuple[str, tuple[str, ...]]:
    """The tool type whose words the measure uses most, with those words; empty where none or two do so equally."""
    text = f"{measure.name}{measure.support}{measure.standard}"
    found = {tool: tuple(word for word in words if word in text) for tool, words in _words().items()}
    best = max(found.values(), key=len, default=())
    tools = [tool for tool, words in found.items() if words and len(words) == len(best)]
    return (tools[0], found[tools[0]]) if len(tools) == 1 else ("", ())


def balance(reach: Reach, stakes: Stakes) -> tuple[ToolShare, ...]:
    """The three tool types, and what has none."""
    rows = []
    for tool in (*TOOLS, ""):
        places = tuple(index for index, measure in enumerate(reach.measures) if tool_of(measure) == tool)
        if not places and not tool:
            continue
        reached = np.zeros(len(reach.enterprises), dtype=bool)
        for index in places:
            reached |= reach.judged[index].verdicts == 1
        least = sum((stakes.measures[index].least for index in places), Decimal(0))
        rows.append(ToolShare(tool, places, int(reached.sum()), least))
    return tuple(rows)


def unreached(reach: Reach) -> tuple[int, ...]:
    """Measures that nobody at hand qualifies for, or can once facts are added."""
    if not reach.enterprises:
        return ()
    return tuple(
        index
        for index in range(len(reach.measures))
        if not reach.count(index, Verdict.YES) and not reach.count(index, Verdict.UNKNOWN)
    )


def ending(measures: Sequence[Measure], *, as_of: date, within: int = EXPIRING_WITHIN) -> tuple[Ending, ...]:
    """Deadlines and validities that are past or end within so many days, the earliest first."""
    found = [
        Ending(index, what, period.end, (period.end - as_of).days)
        for index, measure in enumerate(measures)
        for what, period in (("申报截止", measure.deadline), ("有效期", measure.validity))
        if period is not None and period.end is not None and period.end <= as_of + timedelta(days=within)
    ]
    return tuple(sorted(found, key=lambda end: (end.day, end.measure, end.what)))

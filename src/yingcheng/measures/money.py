"""The money at stake: what the enterprises that qualify can get, and what those may get who still owe a fact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from yingcheng.measures.amounts import Amount, read_standard
from yingcheng.measures.reach import Reach
from yingcheng.measures.records import Measure, Verdict

__all__ = ["Stake", "Stakes", "at_stake"]


@dataclass(frozen=True, slots=True)
class Stake:
    """One measure, in yuan.

    Attributes:
        least: of the enterprises that qualify, together; what is missing counts as nothing.
        most: of the enterprises that qualify, together; ``None`` where nothing limits it.
        possible: of those that still owe a fact, at most; ``None`` where nothing limits it.
        short: by how much ``least`` is above the measure's budget.
        fault: why it is not counted; empty where it is.
    """

    measure: int
    least: Decimal
    most: Decimal | None
    possible: Decimal | None
    short: Decimal
    fault: str


@dataclass(frozen=True, slots=True)
class Stakes:
    """Every measure, and all together once nobody gets more than the best of a group that excludes each other."""

    measures: tuple[Stake, ...]
    least: Decimal
    most: Decimal | None
    saved: Decimal  # of ``least``: what the groups of 不重复享受 take off


def at_stake(reach: Reach) -> Stakes:
    """What the measures come to, each within its caps, and together within the groups of 不重复享受."""
    amounts = [_amounts(reach, index) for index in range(len(reach.measures))]
    stakes = tuple(_stake(reach, index, found) for index, found in enumerate(amounts))
    least = sum((_limited(stake.least, reach.measures[stake.measure]) for stake in stakes), Decimal(0))
    mosts = [_limited(s.most, reach.measures[s.measure]) for s in stakes if s.most is not None]
    saved = _saved(reach.measures, amounts)
    most = None if len(mosts) < len(stakes) else sum(mosts, Decimal(0))
    return Stakes(stakes, least - saved, most, saved)


def _limited(total: Decimal, measure: Measure) -> Decimal:
    budget = measure.budget.high if measure.budget and measure.budget.currency == "CNY" else None
    return total if budget is None else min(total, budget)


def _amounts(reach: Reach, index: int) -> Mapping[Verdict, Mapping[int, Amount]] | None:
    """Per answer, enterprise → amount; ``None`` where the formula is not known."""
    standard = read_standard(reach.measures[index])
    if standard.fault:
        return None
    same = standard.amount({}) if standard.constant else None
    found: dict[Verdict, dict[int, Amount]] = {}
    for verdict in (Verdict.YES, Verdict.UNKNOWN):
        of_verdict = found[verdict] = {}
        for enterprise in reach.having(index, verdict):
            amount = same or standard.amount(reach.facts[reach.enterprises[enterprise]])
            if amount is not None:
                of_verdict[enterprise] = amount
    return found


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _stake(reach: Reach, index: int, found: Mapping[Verdict, Mapping[int, Amount]] | None) -> Stake:
    if found is None:
        return Stake(index, Decimal(0), Decimal(0), Decimal(0), Decimal(0), read_standard(reach.measures[index]).fault)
    certain, open_ones = list(found[Verdict.YES].values()), list(found[Verdict.UNKNOWN].values())
    least = sum((amount.low for amount in certain), Decimal(0))
    short = least - _limited(least, reach.measures[index])
    return Stake(index, least, _sum([a.high for a in certain]), _sum([a.high for a in open_ones]), short, "")


def _saved(measures: Sequence[Measure], amounts: Sequence[Mapping[Verdict, Mapping[int, Amount]] | None]) -> Decimal:
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for index, measure in enumerate(measures):
        if measure.exclusive:
            groups[measure.exclusive].append(index)
    saved = Decimal(0)
    for group in groups.values():
        together: defaultdict[int, list[Decimal]] = defaultdict(list)
        for index in group:
            found = amounts[index]
            for enterprise, amount in found[Verdict.YES].items() if found is not None else ():
                together[enterprise].append(amount.low)
        saved += sum((sum(lows, Decimal(0)) - max(lows) for lows in together.values()), Decimal(0))
    return saved

"""Two 基准包 beside each other: what differs in them, and what that does to the cities both hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from yingcheng.plan.diagnosis import Standing
from yingcheng.plan.panel import make_ensemble, make_panel
from yingcheng.plan.records import CityPoint
from yingcheng.plan.reference import SUBSYSTEMS, Definition, Pack

__all__ = ["Change", "Comparison", "Moved", "compare_packs", "diff_packs"]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two packs; ``before`` or ``after`` is empty where only one has it."""

    kind: str  # 城市 / 指标 / 量程 / 权重 / 数字 / 方法
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Moved:
    """One city under both packs. ``apart``: the 5–95 % intervals of its rank, as shares of the pack, do not overlap."""

    before: CityPoint
    after: CityPoint
    apart: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """The cities both packs hold; ``agreement`` is Spearman's rank correlation of their degrees."""

    cities: tuple[Moved, ...]  # largest change of degree first
    agreement: float
    sizes: tuple[int, int]


def _number(value: float) -> str:
    return "—" if np.isnan(value) else f"{value:.6g}"


def diff_packs(before: Pack, after: Pack) -> tuple[Change, ...]:
    """Everything in which two packs differ, in the order method, cities, indicators, ends, weights, figures."""
    return tuple(_changes(before, after))


def _changes(before: Pack, after: Pack) -> Iterator[Change]:
    for what, was, now in (
        ("名称", before.title, after.title),
        ("年份", before.years, after.years),
        ("赋权", before.weighting, after.weighting),
    ):
        if was != now:
            yield Change("方法", what, was, now)
    for name, one, other in zip(SUBSYSTEMS, before.subsystem_weights, after.subsystem_weights, strict=True):
        if one / sum(before.subsystem_weights) != other / sum(after.subsystem_weights):
            yield Change("权重", f"子系统 {name}", _number(one), _number(other))
    held, holds = dict(zip(before.codes, before.cities, strict=True)), dict(zip(after.codes, after.cities, strict=True))
    yield from (Change("城市", city, code, "") for code, city in held.items() if code not in holds)
    yield from (Change("城市", city, "", code) for code, city in holds.items() if code not in held)
    old = {definition.indicator.name: definition for definition in before.definitions}
    new = {definition.indicator.name: definition for definition in after.definitions}
    yield from (Change("指标", name, _how(one), "") for name, one in old.items() if name not in new)
    yield from (Change("指标", name, "", _how(one)) for name, one in new.items() if name not in old)
    for name in (name for name in old if name in new):
        yield from _definition_changes(name, old[name], new[name], before, after)
    yield from _figure_changes(before, after)


def _how(definition: Definition) -> str:
    sign = "正向" if definition.indicator.direction > 0 else "负向"
    scale = "，取对数" if definition.log else ""
    return f"{definition.indicator.subsystem}，{sign}{scale}，{'核心' if definition.core else '参考'}"


def _share(definition: Definition, pack: Pack) -> float:
    within = [d for d in pack.definitions if d.core and d.indicator.subsystem == definition.indicator.subsystem]
    return definition.weight / sum(d.weight for d in within)


def _definition_changes(name: str, one: Definition, other: Definition, before: Pack, after: Pack) -> Iterator[Change]:
    if _how(one) != _how(other) or (one.columns, one.over, one.times) != (other.columns, other.over, other.times):
        yield Change("指标", name, f"{_how(one)}；{one.how}", f"{_how(other)}；{other.how}")
    if (one.low, one.high) != (other.low, other.high):
        yield Change(
            "量程", name, f"{_number(one.low)}—{_number(one.high)}", f"{_number(other.low)}—{_number(other.high)}"
        )
    if one.core and other.core and abs(_share(one, before) - _share(other, after)) > 1e-9:
        yield Change("权重", name, f"{_share(one, before):.4f}", f"{_share(other, after):.4f}")


def _figure_changes(before: Pack, after: Pack) -> Iterator[Change]:
    columns = [(q.name, before.columns.index(q.column), after.columns.index(q.column)) for q in before.catalogue
               if q.column in after.columns]  # fmt: skip
    for code in (code for code in before.codes if code in after.codes):
        i, j = before.codes.index(code), after.codes.index(code)
        for name, one, other in columns:
            old, new = float(before.quantities[i, one]), float(after.quantities[j, other])
            if old != new and not (np.isnan(old) and np.isnan(new)):
                yield Change("数字", f"{before.cities[i]} {name}", _number(old), _number(new))


def _points(pack: Pack, seed: int) -> dict[str, CityPoint]:
    panel = make_panel(pack)
    return {point.code: point for point in Standing(panel, make_ensemble(panel, seed=seed)).points}


def compare_packs(before: Pack, after: Pack, *, seed: int = 0) -> Comparison:
    """Score the cities both packs hold by each of them."""
    old, new = _points(before, seed), _points(after, seed)
    moved = []
    for code in (code for code in old if code in new):
        one, other = old[code], new[code]
        below = one.rank_high / len(old) < other.rank_low / len(new)
        above = other.rank_high / len(new) < one.rank_low / len(old)
        moved.append(Moved(one, other, below or above))
    moved.sort(key=lambda city: (-abs(city.after.degree - city.before.degree), city.before.code))
    agreement = float("nan")
    if len(moved) > 2:
        result = spearmanr([city.before.degree for city in moved], [city.after.degree for city in moved])
        agreement = float(result.statistic)
    return Comparison(tuple(moved), agreement, (len(old), len(new)))

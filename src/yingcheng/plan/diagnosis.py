"""Diagnosis of a city against a pack: levels, coupling, honest ranks, obstacles, peers, gaps, industries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from yingcheng.plan.formulas import Array, corrected_coupling, grade_of, obstacle_degree
from yingcheng.plan.industries import BaseRule, find_industries, shipped_base_rule
from yingcheng.plan.panel import Panel
from yingcheng.plan.peers import find_gaps, nearest
from yingcheng.plan.records import CityPoint, Diagnosis, Jackknife, LagShare, Level, Obstacle, Peer
from yingcheng.plan.reference import SUBSYSTEMS, grades
from yingcheng.plan.robustness import Ensemble, Ranks, interval, rank_interval
from yingcheng.plan.stage import StageRule, shipped_stage_rule, stage_sentence

__all__ = ["Standing", "diagnose"]


@dataclass(frozen=True, eq=False)
class Standing:
    """All cities of a panel with their intervals, worked out once for every city that is diagnosed."""

    panel: Panel
    ensemble: Ensemble

    @cached_property
    def ranks(self) -> tuple[Ranks, Ranks]:
        """Lowest and highest rank of every city, 5 % and 95 %: two (n,)."""
        return rank_interval(self.ensemble.ranks)

    @cached_property
    def points(self) -> tuple[CityPoint, ...]:
        """Every city of the panel, in its order."""
        panel, pack = self.panel, self.panel.pack
        low, high = self.ranks
        return tuple(
            CityPoint(
                pack.codes[i],
                pack.provinces[i],
                pack.cities[i],
                float(panel.developments[i]),
                float(panel.couplings[i]),
                float(panel.degrees[i]),
                grade_of(float(panel.degrees[i]), grades()),
                int(panel.ranks[i]),
                int(low[i]),
                int(high[i]),
            )
            for i in range(len(pack.codes))
        )


def _weights(panel: Panel) -> Array:
    """(m',) weights over all core indicators, adding up to 1: within the subsystem × of the subsystem."""
    pack = panel.pack
    weights = pack.weights.copy()
    above = np.asarray(pack.subsystem_weights)
    for share, group in zip(above / above.sum(), pack.groups, strict=True):
        weights[list(group)] *= share / weights[list(group)].sum()
    return weights


def _obstacles(standing: Standing, row: int) -> tuple[Obstacle, ...]:
    """Obstacle degrees, largest first, with their intervals over the same weightings as everything else."""
    panel, ensemble = standing.panel, standing.ensemble
    core = panel.core[row : row + 1]
    shares = obstacle_degree(core, _weights(panel))[0]
    drawn = ensemble.weights.copy()
    for place, group in enumerate(panel.pack.groups):
        drawn[:, list(group)] *= ensemble.above[:, place : place + 1]
    parts = drawn * (1.0 - core)
    total = parts.sum(axis=1, keepdims=True)
    low, high = interval(parts / np.where(total > 0, total, 1.0), axis=0)
    indicators = [panel.pack.definitions[column].indicator for column in panel.pack.core]
    return tuple(
        Obstacle(indicators[i].name, indicators[i].subsystem, float(shares[i]), float(low[i]), float(high[i]))
        for i in sorted(range(len(indicators)), key=lambda i: (-shares[i], i))
    )


def _peer(standing: Standing, row: int, distance: float) -> Peer:
    panel, (low, high) = standing.panel, standing.ranks
    return Peer(
        panel.pack.codes[row],
        panel.pack.cities[row],
        tuple(float(level) for level in panel.levels[row]),
        float(panel.degrees[row]),
        int(panel.ranks[row]),
        int(low[row]),
        int(high[row]),
        distance,
    )


def _clipped(panel: Panel, row: int) -> tuple[str, ...]:
    definitions = [panel.pack.definitions[column] for column in panel.pack.core]
    own = panel.values[row, panel.pack.core]
    return tuple(d.indicator.name for d, x in zip(definitions, own, strict=True) if not d.low <= x <= d.high)


def _figure(panel: Panel, row: int, name: str) -> float:
    names = [definition.indicator.name for definition in panel.pack.definitions]
    return float(panel.values[row, names.index(name)]) if name in names else float("nan")


def _reference(panel: Panel) -> str:
    identity = panel.identity
    return f"{identity.title}，基准包 {identity.id} {identity.version}"


def diagnose(
    standing: Standing,
    code: str,
    *,
    sources: Mapping[str, str] | None = None,
    rule: StageRule | None = None,
    base_rule: BaseRule | None = None,
) -> Diagnosis:
    """Diagnose one city of the panel.

    Args:
        standing: the scored cities with their intervals.
        code: six digits of the city.
        sources: indicator name → where a figure of the city's own came from.
        rule: that tells the stage; the programme's own where left out.
        base_rule: that tells strong and gaining industries; the shipped one where left out.

    Raises:
        ValueError: the city is not in the panel.
    """
    panel, ensemble = standing.panel, standing.ensemble
    rule = rule or shipped_stage_rule()
    row = panel.row(code)
    level_low, level_high = interval(ensemble.levels[:, row, :], axis=1)
    low, high = interval(ensemble.degrees[row])
    ranks_low, ranks_high = standing.ranks
    lagging = int(panel.levels[row].argmin())
    lowest = ensemble.levels[:, row, :].argmin(axis=0)
    lag_shares = tuple(LagShare(name, float((lowest == k).mean())) for k, name in enumerate(SUBSYSTEMS))
    near = nearest(panel, row)
    corrected = float(corrected_coupling(panel.levels[row]))
    names = [panel.pack.definitions[column].indicator.name for column in panel.pack.core]
    urban = _figure(panel, row, shipped_stage_rule().indicator)
    return Diagnosis(
        code=code,
        city=panel.pack.cities[row],
        reference=_reference(panel),
        size=len(panel.pack.codes),
        levels=tuple(
            Level(name, float(panel.levels[row, k]), float(level_low[k]), float(level_high[k]))
            for k, name in enumerate(SUBSYSTEMS)
        ),
        coupling=float(panel.couplings[row]),
        development=float(panel.developments[row]),
        degree=float(panel.degrees[row]),
        degree_low=float(low),
        degree_high=float(high),
        grade=grade_of(float(panel.degrees[row]), grades()),
        rank=int(panel.ranks[row]),
        rank_low=int(ranks_low[row]),
        rank_high=int(ranks_high[row]),
        lagging=SUBSYSTEMS[lagging],
        lagging_share=lag_shares[lagging].share,
        obstacles=_obstacles(standing, row),
        gaps=find_gaps(panel, row, [i for i, _distance in near], sources or {}),
        peers=tuple(_peer(standing, i, distance) for i, distance in near),
        urbanisation=urban / 100.0,
        stage_rule=stage_sentence(rule, _figure(panel, row, rule.indicator)),
        cities=standing.points,
        pack=panel.identity,
        lag_shares=lag_shares,
        corrected_coupling=corrected,
        corrected_degree=float(np.sqrt(corrected * panel.developments[row])),
        jackknife=tuple(
            Jackknife(name, int(rank)) for name, rank in zip(names, ensemble.jackknife[:, row], strict=True)
        ),
        clipped=_clipped(panel, row),
        industries=find_industries(panel, row, base_rule or shipped_base_rule()),
    )

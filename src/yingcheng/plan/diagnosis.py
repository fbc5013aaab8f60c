"""Diagnosis of cities against the reference pack: levels, coupling, honest ranks, peers, gaps, obstacles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from yingcheng.plan.formulas import (
    Array,
    coupling,
    coupling_degree,
    development,
    grade_of,
    obstacle_degree,
    subsystem_levels,
)
from yingcheng.plan.records import CityPoint, Diagnosis, Gap, LagShare, Level, Obstacle, Peer
from yingcheng.plan.reference import SUBSYSTEMS, Reference, grades, stage_rule

__all__ = ["Ensemble", "Panel", "diagnose", "make_ensemble", "make_panel", "nearest"]

DRAWS = 1000
PEERS = 10
_FEWEST = 3  # a quartile of one or two cities says nothing
_NEGLIGIBLE = 0.005  # relative difference that the rounding of published figures can cause


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """The cities that are compared: the pack, with the rows of single cities replaced by their own figures.

    ``standardised`` is (n, m), ``levels`` (n, 3), ``degrees`` (n,); the rest as in :class:`Reference`.
    """

    reference: Reference
    quantities: Array
    values: Array
    standardised: Array
    levels: Array
    degrees: Array

    def row(self, code: str) -> int:
        """Row of a city.

        Raises:
            ValueError: the city is not in the pack.
        """
        return self.reference.codes.index(code)

    @property
    def ranks(self) -> npt.NDArray[np.intp]:
        """Rank of every city by its degree, 1 = highest; equal degrees share the better rank."""
        return np.asarray(1 + (self.degrees[None, :] > self.degrees[:, None]).sum(axis=1), dtype=np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Ensemble:
    """Random weightings: levels (3, n, draws), degrees (n, draws)."""

    levels: Array
    degrees: Array

    @property
    def ranks(self) -> npt.NDArray[np.intp]:
        """Rank of every city in every draw: (n, draws), 1 = highest."""
        order = np.argsort(-self.degrees, axis=0, kind="stable")
        ranks = np.empty_like(order)
        np.put_along_axis(ranks, order, np.arange(1, len(order) + 1)[:, None], axis=0)
        return ranks


def make_panel(reference: Reference, quantities: Array, values: Array) -> Panel:
    """Score every city on the frozen scales, indicators equal within a subsystem and subsystems equal."""
    standardised = reference.standardise(values)
    core = standardised[:, reference.core]
    levels = subsystem_levels(core, np.ones(len(reference.core)), reference.groups)
    return Panel(reference, quantities, values, standardised, levels, coupling_degree(levels))


def make_ensemble(panel: Panel, *, seed: int, draws: int = DRAWS) -> Ensemble:
    """Score every city under ``draws`` weightings drawn evenly from all possible ones (flat Dirichlet).

    Both the weights of the indicators within a subsystem and those of the three subsystems are drawn, so that an
    interval shows what a different, equally arguable choice of weights would have said (Saisana et al. 2005).
    """
    generator = np.random.default_rng(seed)
    core = panel.standardised[:, panel.reference.core]
    levels = np.stack(
        [
            core[:, np.asarray(group)] @ generator.dirichlet(np.ones(len(group)), draws).T
            for group in panel.reference.groups
        ]
    )
    weights = generator.dirichlet(np.ones(len(SUBSYSTEMS)), draws)
    degrees = np.sqrt(coupling(np.moveaxis(levels, 0, -1)) * np.einsum("knd,dk->nd", levels, weights))
    return Ensemble(levels, degrees)


def _features(panel: Panel) -> Array:
    """What makes cities structurally alike: (n, 6), standardised, NaN where unknown.

    ln population, ln GDP per head, employment shares of the three sectors, ln density.
    """
    names = panel.reference.columns
    known = {name: panel.quantities[:, i] for i, name in enumerate(names)}
    industry = sum(known[section] for section in "BCDE")
    employed = sum(known[section] for section in "ABCDEFGHIJKLMNOPQRS")
    features = np.stack(
        [
            np.log(known["population"]),
            np.log(known["gdp"]) - np.log(known["population"]),
            known["A"] / employed,
            industry / employed,
            (employed - industry - known["A"]) / employed,
            np.log(known["population"]) - np.log(known["area"]),  # the quotient may overflow
        ],
        axis=1,
    )
    return np.asarray((features - np.nanmean(features, axis=0)) / np.nanstd(features, axis=0), dtype=np.float64)


def nearest(panel: Panel, row: int, *, count: int = PEERS) -> list[int]:
    """Rows of the structurally nearest cities, nearest first, ties by code.

    Mean squared distance over standardised features. Where one of the two cities lacks a feature, the distance
    expected between two cities drawn at random (twice the variance, 2) stands in: not knowing is no likeness.
    """
    features = _features(panel)
    squared = (features - features[row]) ** 2
    distance = np.where(np.isnan(squared), 2.0, squared).mean(axis=1)
    distance[row] = np.inf
    codes = panel.reference.codes
    return sorted(range(len(codes)), key=lambda i: (distance[i], codes[i]))[:count]


def _gaps(panel: Panel, row: int, peers: Sequence[int], sources: Mapping[str, str]) -> tuple[Gap, ...]:
    """Every indicator beside the better quartile of the peers, the largest lag on the common scale first."""
    gaps = []
    for column, definition in enumerate(panel.reference.definitions):
        indicator = definition.indicator
        value = panel.values[row, column]
        known = [i for i in peers if not np.isnan(panel.values[i, column])]
        if np.isnan(value) or len(known) < _FEWEST:
            continue
        good = float(np.quantile(panel.values[known, column], 0.75 if indicator.direction > 0 else 0.25))
        behind = (value - good) * indicator.direction < -_NEGLIGIBLE * abs(good)
        lag = np.quantile(panel.standardised[known, column], 0.75) - panel.standardised[row, column]
        source = sources.get(indicator.name, indicator.source)
        if definition.over:  # a quotient: both parts are named, they may be of different years
            source = f"{source}（{definition.how}）"
        gap = Gap(indicator.name, float(value), good, indicator.unit, bool(behind), source)
        gaps.append((not behind, -float(lag), column, gap))
    return tuple(gap for *_order, gap in sorted(gaps, key=lambda entry: entry[:3]))


def _stage(urban_percent: float) -> str:
    rule = stage_rule()
    over = urban_percent >= rule["threshold"]
    logic = rule["after"] if over else rule["before"]
    comparison = "达到" if over else "未达到"
    return (
        f"{rule['indicator']} {urban_percent:.2f}%，{comparison} {rule['threshold']:g}% 门槛，"
        f"按“{logic}”的逻辑谋划（{rule['name']}；来源：{rule['source']}；规则可改，不是统计拐点）"
    )


def diagnose(panel: Panel, ensemble: Ensemble, code: str, *, sources: Mapping[str, str] | None = None) -> Diagnosis:
    """Diagnose one city of the panel.

    Args:
        panel: the scored cities.
        ensemble: the same cities under random weightings.
        code: six digits of the city.
        sources: indicator name → where a figure of the city's own came from.

    Raises:
        ValueError: the city is not in the panel.
    """
    reference = panel.reference
    row = panel.row(code)
    ranks = panel.ranks
    core = panel.standardised[:, reference.core]
    weights = np.ones(len(reference.core))
    for group in reference.groups:
        weights[list(group)] /= len(group) * len(reference.groups)
    couplings, developments = coupling(panel.levels), development(panel.levels)
    spread = np.quantile(ensemble.levels[:, row, :], [0.05, 0.95], axis=1)
    low, high = np.quantile(ensemble.degrees[row], [0.05, 0.95])
    ranks_low, ranks_high = np.quantile(ensemble.ranks, [0.05, 0.95], axis=1, method="nearest")
    lagging = int(panel.levels[row].argmin())
    agree = float((ensemble.levels[:, row, :].argmin(axis=0) == lagging).mean())
    shares = obstacle_degree(core[row : row + 1], weights)[0]
    indicators = [reference.definitions[column].indicator for column in reference.core]
    peers = nearest(panel, row)
    urban = [d.indicator.name for d in reference.definitions].index(str(stage_rule()["indicator"]))
    percent = float(panel.values[row, urban])
    return Diagnosis(
        code=code,
        city=reference.cities[row],
        reference=reference.name,
        size=len(reference.codes),
        levels=tuple(
            Level(name, float(panel.levels[row, k]), float(spread[0, k]), float(spread[1, k]))
            for k, name in enumerate(SUBSYSTEMS)
        ),
        coupling=float(couplings[row]),
        development=float(developments[row]),
        degree=float(panel.degrees[row]),
        degree_low=float(low),
        degree_high=float(high),
        grade=grade_of(float(panel.degrees[row]), grades()),
        rank=int(ranks[row]),
        rank_low=int(ranks_low[row]),
        rank_high=int(ranks_high[row]),
        lagging=SUBSYSTEMS[lagging],
        lagging_share=agree,
        obstacles=tuple(
            Obstacle(indicators[i].name, indicators[i].subsystem, float(shares[i]))
            for i in sorted(range(len(indicators)), key=lambda i: (-shares[i], i))
        ),
        gaps=_gaps(panel, row, peers, sources or {}),
        peers=tuple(
            Peer(
                reference.codes[i],
                reference.cities[i],
                tuple(float(level) for level in panel.levels[i]),
                float(panel.degrees[i]),
                int(ranks[i]),
                int(ranks_low[i]),
                int(ranks_high[i]),
            )
            for i in peers
        ),
        urbanisation=percent / 100.0,
        stage_rule=_stage(percent),
        cities=tuple(
            CityPoint(
                reference.codes[i],
                reference.provinces[i],
                reference.cities[i],
                float(developments[i]),
                float(couplings[i]),
                float(panel.degrees[i]),
                grade_of(float(panel.degrees[i]), grades()),
                int(ranks[i]),
                int(ranks_low[i]),
                int(ranks_high[i]),
            )
            for i in range(len(reference.codes))
        ),
        lag_shares=tuple(
            LagShare(name, float((ensemble.levels[:, row, :].argmin(axis=0) == k).mean()))
            for k, name in enumerate(SUBSYSTEMS)
        ),
    )

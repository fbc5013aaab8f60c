"""Structural peers: the cities most alike in size, wealth, trades and density, and how far they are ahead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from yingcheng.plan.formulas import Array
from yingcheng.plan.panel import Panel
from yingcheng.plan.records import Gap
from yingcheng.plan.reference import INDUSTRIES

__all__ = ["PEERS", "find_gaps", "nearest"]

PEERS = 10
_FEWEST = 3  # a quartile of one or two cities says nothing
_NEGLIGIBLE = 0.005  # relative difference that the rounding of published figures can cause
_UNKNOWN = 2.0  # expected squared distance of two cities drawn at random on a standardised feature

# Feature → the columns it needs and how it is made of them; a pack that lacks the columns goes without the feature.
_FEATURES: tuple[tuple[tuple[str, ...], Callable[[Mapping[str, Array]], Array]], ...] = (
    (("population",), lambda known: np.log(known["population"])),
    (("gdp", "population"), lambda known: np.log(known["gdp"]) - np.log(known["population"])),
    (INDUSTRIES, lambda known: known["A"] / _employed(known)),
    (INDUSTRIES, lambda known: _secondary(known) / _employed(known)),
    (INDUSTRIES, lambda known: (_employed(known) - _secondary(known) - known["A"]) / _employed(known)),
    # A difference of logarithms: the quotient may overflow.
    (("population", "area"), lambda known: np.log(known["population"]) - np.log(known["area"])),
)


def _employed(known: Mapping[str, Array]) -> Array:
    return np.asarray(np.sum([known[section] for section in INDUSTRIES], axis=0))


def _secondary(known: Mapping[str, Array]) -> Array:
    return np.asarray(np.sum([known[section] for section in INDUSTRIES[1:5]], axis=0))


def _features(panel: Panel) -> Array:
    """What makes cities structurally alike: (n, up to 6), standardised, NaN where unknown.

    ln population, ln GDP per head, employment shares of the three sectors, ln density.
    """
    columns = panel.pack.columns
    known = {name: panel.quantities[:, i] for i, name in enumerate(columns)}
    made = [make(known) for needed, make in _FEATURES if set(needed) <= known.keys()]
    if not made:
        return np.empty((len(panel.values), 0))
    features = np.stack(made, axis=1)
    spread = np.nanstd(features, axis=0)
    return np.asarray((features - np.nanmean(features, axis=0)) / np.where(spread > 0, spread, 1.0))


def nearest(panel: Panel, row: int, *, count: int = PEERS) -> list[tuple[int, float]]:
    """Rows and distances of the structurally nearest cities, nearest first, ties by code.

    Mean squared distance over standardised features. Where one of the two cities lacks a feature, the distance
    expected between two cities drawn at random stands in: not knowing is no likeness. A pack without any of the
    features has no peers.
    """
    features = _features(panel)
    if not features.shape[1]:
        return []
    squared = (features - features[row]) ** 2
    distance = np.where(np.isnan(squared), _UNKNOWN, squared).mean(axis=1)
    codes = panel.pack.codes
    others = [i for i in range(len(codes)) if i != row]
    return [(i, float(distance[i])) for i in sorted(others, key=lambda i: (distance[i], codes[i]))[:count]]


def find_gaps(panel: Panel, row: int, peers: Sequence[int], sources: Mapping[str, str]) -> tuple[Gap, ...]:
    """Every indicator beside the better quartile of the peers, the largest lag on the common scale first.

    Args:
        panel: the scored cities.
        row: of the city.
        peers: rows of its peers.
        sources: indicator → where a figure of the city's own came from.
    """
    gaps = []
    for column, definition in enumerate(panel.pack.definitions):
        indicator = definition.indicator
        value = panel.values[row, column]
        known = [i for i in peers if not np.isnan(panel.values[i, column])]
        if np.isnan(value) or len(known) < _FEWEST:
            continue
        good = float(np.quantile(panel.values[known, column], 0.75 if indicator.direction > 0 else 0.25))
        behind = (value - good) * indicator.direction < -_NEGLIGIBLE * abs(good)
        lag = float(np.quantile(panel.standardised[known, column], 0.75) - panel.standardised[row, column])
        source = sources.get(indicator.name, indicator.source)
        if definition.over:  # a quotient: both parts are named, they may be of different years
            source = f"{source}（{definition.how}）"
        gap = Gap(
            indicator.name,
            float(value),
            good,
            indicator.unit,
            bool(behind),
            source,
            subsystem=indicator.subsystem,
            lag=lag,
            peers_known=len(known),
        )
        gaps.append((not behind, -lag, column, gap))
    return tuple(gap for *_order, gap in sorted(gaps, key=lambda entry: entry[:3]))

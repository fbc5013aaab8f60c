"""The cities that are compared: a pack, with the rows of single cities replaced by their own figures."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from yingcheng.plan.formulas import Array, coupling, coupling_degree, development, subsystem_levels
from yingcheng.plan.records import PackIdentity
from yingcheng.plan.reference import Pack
from yingcheng.plan.robustness import DRAWS, Ensemble, Ranks, draw_ensemble, ranks_of

__all__ = ["Panel", "admitted", "make_ensemble", "make_panel"]


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Scored cities. ``standardised`` is (n, m), ``levels`` (n, 3), the others (n,); the rest as in :class:`Pack`.

    ``identity`` is that of the pack as it was made, also where a city from outside was let in to be scored.
    """

    pack: Pack
    identity: PackIdentity
    quantities: Array
    values: Array
    standardised: Array
    levels: Array
    couplings: Array
    developments: Array
    degrees: Array
    ranks: Ranks

    def row(self, code: str) -> int:
        """Row of a city.

        Raises:
            ValueError: the city is not in the panel.
        """
        return self.pack.codes.index(code)

    @property
    def core(self) -> Array:
        """(n, m') standardised core indicators."""
        return np.asarray(self.standardised[:, self.pack.core])


def make_panel(
    pack: Pack,
    quantities: Array | None = None,
    values: Array | None = None,
    *,
    identity: PackIdentity | None = None,
) -> Panel:
    """Score every city on the pack's frozen scales, with the pack's weights.

    Args:
        pack: the pack.
        quantities: (n, q) and ``values`` (n, m) with cities' own figures; the pack's own where left out.
        values: see ``quantities``.
        identity: of the pack before a city was admitted.
    """
    quantities = pack.quantities if quantities is None else quantities
    values = pack.values if values is None else values
    standardised = pack.standardise(values)
    levels = subsystem_levels(standardised[:, pack.core], pack.weights, pack.groups)
    above = np.asarray(pack.subsystem_weights)
    degrees = coupling_degree(levels, above)
    return Panel(
        pack,
        identity or pack.identity,
        quantities,
        values,
        standardised,
        levels,
        coupling(levels),
        development(levels, above),
        degrees,
        ranks_of(degrees),
    )


def make_ensemble(panel: Panel, *, seed: int, draws: int = DRAWS) -> Ensemble:
    """The panel under random weightings."""
    pack = panel.pack
    return draw_ensemble(
        panel.core, pack.weights, pack.groups, np.asarray(pack.subsystem_weights), seed=seed, draws=draws
    )


def admitted(pack: Pack, code: str, province: str, city: str, quantities: Array, values: Array) -> Pack:
    """The pack with one more row, of a city from outside that is scored against it: ends and weights stay.

    Args:
        pack: the pack.
        code: of the city.
        province: of the city.
        city: its name.
        quantities: (q,) and ``values`` (m,).
        values: see ``quantities``.
    """
    earlier = pack.industries
    if earlier is not None:
        unknown = np.full((1, earlier.start.shape[1]), np.nan)
        earlier = replace(earlier, start=np.vstack([earlier.start, unknown]))
    return replace(
        pack,
        codes=(*pack.codes, code),
        provinces=(*pack.provinces, province),
        cities=(*pack.cities, city),
        quantities=np.vstack([pack.quantities, quantities]),
        values=np.vstack([pack.values, values]),
        industries=earlier,
    )

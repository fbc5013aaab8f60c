"""The reference pack: cities, indicators, their values and the frozen ends of their scales.

A city is scored against the pack. Figures of its own replace the row of the city, never the ends of the scale, so
that a new figure for one city moves no other city.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from yingcheng.plan.formulas import Array, min_max, winsor_bounds
from yingcheng.plan.records import Indicator
from yingcheng.standards.datafiles import read_rows, read_toml

__all__ = [
    "DERIVED",
    "INDUSTRIES",
    "SUBSYSTEMS",
    "Definition",
    "Quantity",
    "Reference",
    "derive",
    "grades",
    "load_reference",
    "plan_data",
    "stage_rule",
]

SUBSYSTEMS = ("人", "城", "产")
INDUSTRIES = tuple("ABCDEFGHIJKLMNOPQRS")  # the 19 sections of GB/T 4754-2017 that employ people in a census
# Quantities that are computed from columns of the table, and the columns they rest on.
DERIVED: Mapping[str, tuple[str, ...]] = {
    "employed": INDUSTRIES,
    "nonfarm": INDUSTRIES[1:],
    "industry": INDUSTRIES[1:5],
    "working_age": ("population", "age_15_64"),
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """A column of the reference table, and what people call it."""

    column: str
    name: str
    unit: str
    year: str
    source: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    """An indicator and how it is computed from the quantities. ``core`` ones make up the levels."""

    indicator: Indicator
    core: bool
    log: bool
    how: str
    columns: tuple[str, ...]  # added up
    over: str  # divided by; empty: not divided
    times: float
    diversity: bool
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A frozen set of cities with n rows, q quantities and m indicators; ``core`` selects the m' of the levels."""

    name: str
    codes: tuple[str, ...]
    provinces: tuple[str, ...]
    cities: tuple[str, ...]
    columns: tuple[str, ...]  # q
    quantities: Array  # (n, q), NaN where unknown
    definitions: tuple[Definition, ...]  # m
    values: Array  # (n, m), NaN where unknown
    core: npt.NDArray[np.intp]  # (m',) columns of ``values``
    low: Array  # (m,) lower end of each scale
    high: Array  # (m,) upper end
    catalogue: tuple[Quantity, ...]
    units: Mapping[str, tuple[float, str]]

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Positions within ``core`` of each subsystem's indicators, in the order of ``SUBSYSTEMS``."""
        subsystems = [self.definitions[column].indicator.subsystem for column in self.core]
        return tuple(tuple(i for i, name in enumerate(subsystems) if name == wanted) for wanted in SUBSYSTEMS)

    def standardise(self, values: Array) -> Array:
        """All indicators on the frozen scales: (n, m) → (n, m) in 0 … 1, NaN where unknown."""
        directions = np.asarray([d.indicator.direction for d in self.definitions], dtype=np.float64)
        log = np.asarray([d.log for d in self.definitions])
        return min_max(values, directions, low=self.low, high=self.high, log=log)


@cache
def plan_data(name: str) -> Mapping[str, Any]:
    """A data file of this room; read once, not to be changed by the caller."""
    return read_toml(name, room="plan")


def derive(columns: tuple[str, ...], quantities: Array, definitions: tuple[Definition, ...]) -> Array:
    """Compute indicators from quantities: (n, q) → (n, m); unknown wherever a part is unknown."""
    known = {name: quantities[:, i] for i, name in enumerate(columns)}
    for name in ("employed", "nonfarm", "industry"):
        known[name] = np.sum([known[section] for section in DERIVED[name]], axis=0)
    employed = np.stack([known[section] for section in INDUSTRIES], axis=1)
    known["working_age"] = known["population"] * known["age_15_64"] / 100.0
    results = []
    for definition in definitions:
        if definition.diversity:
            share = employed / known["employed"][:, None]
            logs = np.log(share, out=np.zeros_like(share), where=share > 0)
            results.append(-(share * logs).sum(axis=1))
            continue
        value = np.sum([known[name] for name in definition.columns], axis=0)
        if definition.over:
            below = known[definition.over]
            value = value / np.where(below > 0, below, np.nan)
        results.append(value * definition.times)
    return np.stack(results, axis=1)


def _definition(entry: Mapping[str, Any]) -> Definition:
    return Definition(
        Indicator(entry["name"], entry["subsystem"], entry["direction"], entry["unit"], entry["source"]),
        core=entry["core"],
        log=entry["log"],
        how=entry["how"],
        columns=tuple(entry.get("sum", ())),
        over=entry.get("over", ""),
        times=float(entry.get("times", 1.0)),
        diversity=entry.get("diversity", False),
        also=tuple(entry["also"]),
    )


def _rows() -> list[dict[str, str]]:
    return list(read_rows("prefectures.csv", room="plan"))


@cache
def load_reference() -> Reference:
    """The pack that comes with the project: every prefecture whose core indicators are all known.

    The scales end at the 5th and the 95th percentile: on raw ends a single extreme city would take most of the
    obstacle degree of all others.
    """
    settings = plan_data("indicators.toml")
    definitions = tuple(_definition(entry) for entry in settings["indicator"])
    catalogue = tuple(
        Quantity(e["column"], e["name"], e["unit"], e["year"], e["source"], tuple(e["also"]))
        for e in settings["quantity"]
    )
    columns = tuple(quantity.column for quantity in catalogue)
    rows = _rows()
    quantities = np.asarray([[float(row[c]) if row[c] else np.nan for c in columns] for row in rows])
    values = derive(columns, quantities, definitions)
    core = np.asarray([i for i, d in enumerate(definitions) if d.core], dtype=np.intp)
    complete = np.flatnonzero(~np.isnan(values[:, core]).any(axis=1))
    kept = [rows[int(i)] for i in complete]
    low, high = winsor_bounds(values[complete])
    return Reference(
        name=settings["reference"]["name"],
        codes=tuple(row["code"] for row in kept),
        provinces=tuple(row["province"] for row in kept),
        cities=tuple(row["city"] for row in kept),
        columns=columns,
        quantities=quantities[complete],
        definitions=definitions,
        values=values[complete],
        core=core,
        low=low,
        high=high,
        catalogue=catalogue,
        units={unit: (float(factor), base) for unit, (factor, base) in settings["units"].items()},
    )


@cache
def grades(name: str = "ten") -> tuple[tuple[float, str], ...]:
    """A named table of grades of coupling coordination: (upper end, name), rising."""
    return tuple((float(upper), title) for upper, title in plan_data("grades.toml")[name]["grades"])


@cache
def stage_rule() -> Mapping[str, Any]:
    """The named, editable rule that tells the stage of a city by its urbanisation."""
    return plan_data("stage_rule.toml")
